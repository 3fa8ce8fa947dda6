from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigforensics.extraction import Box
from sigforensics.extraction.evaluating import JudgedPage, Share, average_precision, evaluate, match, wilson


@dataclass(frozen=True)
class Stub:
    box: Box
    confidence: float
    kind: str = "signature"


HERE, THERE, AWAY = Box(0, 0, 100, 50), Box(300, 0, 100, 50), Box(0, 500, 100, 50)
HALF = Box(0, 0, 50, 50)
LESS = Box(0, 0, 49, 50)


def page(truths: list[tuple[str, Box]], *found: Stub, seconds: float = 1.0) -> JudgedPage:
    return JudgedPage("page", tuple(truths), found, seconds)


def test_a_find_that_covers_half_of_the_box_meets_it_and_one_that_covers_less_does_not() -> None:
    assert match([Stub(HALF, 0.9)], [HERE], overlap=0.5) == [0]
    assert match([Stub(LESS, 0.9)], [HERE], overlap=0.5) == [None]


def test_the_more_confident_find_takes_the_box_and_the_other_is_false() -> None:
    assert match([Stub(HERE, 0.4), Stub(HALF, 0.9)], [HERE], overlap=0.5) == [None, 0]


def test_hits_misses_and_false_finds_are_counted() -> None:
    pages = [
        page([("signature", HERE), ("signature", THERE)], Stub(HERE, 0.9), Stub(AWAY, 0.8), Stub(THERE, 0.3)),
        page([("initials", AWAY)], Stub(AWAY, 0.7, "initials"), seconds=3.0),
    ]
    found = evaluate(pages, threshold=0.5)
    assert found.kinds["signature"].recall == Share(1, 2)
    assert found.kinds["signature"].precision == Share(1, 2)
    assert found.kinds["initials"].recall == found.kinds["initials"].precision == Share(1, 1)
    assert found.either.recall == Share(2, 3)
    assert found.either.precision == Share(2, 3)
    assert (found.pages, found.median_seconds, found.worst_seconds) == (2, 2.0, 3.0)
    assert found.false_pages.value is None


def test_initials_found_as_a_signature_are_missed_and_said_to_be_confused() -> None:
    found = evaluate([page([("initials", HERE)], Stub(HERE, 0.9))], threshold=0.5)
    assert found.kinds["initials"].recall == Share(0, 1)
    assert found.kinds["initials"].as_other == 1
    assert found.kinds["signature"].precision == Share(0, 1)
    assert found.either.recall == Share(1, 1)


def test_pages_without_count_as_false_by_an_accepted_find_alone() -> None:
    pages = [page([], Stub(HERE, 0.9)), page([], Stub(HERE, 0.4)), page([]), page([("signature", HERE)])]
    assert evaluate(pages, threshold=0.5).false_pages == Share(1, 3)


def test_calibration_compares_what_was_said_with_what_is_right() -> None:
    truths = [("signature", HERE)]
    pages = [page(truths, Stub(HERE, 0.95)), page(truths, Stub(AWAY, 0.91)), page([], Stub(AWAY, 0.12))]
    found = evaluate(pages, threshold=0.5)
    low, high = found.calibration
    assert (low.low, low.high, low.right) == (0.1, 0.2, Share(0, 1))
    assert high.said == pytest.approx(0.93)
    assert high.right == Share(1, 2)
    assert found.calibration_error == pytest.approx((2 * 0.43 + 0.12) / 3)


def test_a_confidence_of_one_lies_in_the_last_bin() -> None:
    found = evaluate([page([], Stub(HERE, 1.0))], threshold=0.5)
    assert [one.low for one in found.calibration] == [0.9]


def test_pages_without_candidates_have_no_calibration() -> None:
    found = evaluate([page([("signature", HERE)])], threshold=0.5)
    assert found.calibration == ()
    assert found.calibration_error is None
    assert found.kinds["signature"].average_precision == 0


def test_average_precision_of_a_hand_made_ranking() -> None:
    right = np.array([True, False, True, False])
    confidence = np.array([0.9, 0.8, 0.7, 0.6])
    # precision 1 up to recall 1/3, then 2/3 up to 2/3, and the third truth is never met
    assert average_precision(confidence, right, 3) == pytest.approx((1 + 2 / 3) / 3)
    assert average_precision(confidence, right, 0) is None


@given(st.lists(st.booleans(), min_size=1, max_size=6))
def test_no_order_of_the_same_finds_beats_the_one_with_the_right_ones_first(right: list[bool]) -> None:
    truths = max(sum(right), 1)
    falling = np.linspace(0.9, 0.1, len(right))
    best = average_precision(falling, np.array(sorted(right, reverse=True)), truths)
    for order in set(permutations(right)):
        value = average_precision(falling, np.array(order), truths)
        assert value is not None
        assert best is not None
        assert 0 <= value <= best <= 1


@given(st.integers(1, 200).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_wilsons_interval_holds_the_share(counts: tuple[int, int]) -> None:
    part, whole = counts
    low, high = wilson(part, whole)
    assert 0 <= low <= part / whole <= high <= 1
    assert high > low


def test_nothing_to_evaluate_is_refused() -> None:
    with pytest.raises(ValueError, match="no page"):
        evaluate([], threshold=0.5)
