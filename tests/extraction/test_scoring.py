from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigforensics.extraction.components import find_components
from sigforensics.extraction.scoring import Measures, confidence, kind, measure, membership, solitude
from sigforensics.settings import Extraction

SETTINGS = Extraction()
PER_MM = 200 / 25.4
figures = st.floats(-10, 10)


@given(st.lists(figures, min_size=4, max_size=4, unique=True), figures)
def test_a_membership_lies_between_0_and_1_and_is_1_between_the_shoulders(
    corners: list[float], at: float
) -> None:
    low, left, right, high = sorted(corners)
    value = membership(at, (low, left, right, high))
    assert 0 <= value <= 1
    assert value == 1 or not left <= at <= right
    assert value == 0 or low <= at <= high


def measures_of(ink: np.ndarray) -> Measures:
    grey = np.where(ink, 0.1, 1.0).astype(np.float32)
    pieces = find_components(ink, grey, per_mm=PER_MM, settings=SETTINGS)
    return measure(pieces, np.arange(len(pieces)), grey, character=16.0, settings=SETTINGS)


def test_a_bar_measures_what_it_is() -> None:
    ink = np.zeros((400, 600), bool)
    ink[190:196, 100:420] = True
    found = measures_of(ink)
    assert found.width == pytest.approx(320 / PER_MM)
    assert found.height == pytest.approx(6 / PER_MM)
    assert found.fill == pytest.approx(1.0)
    assert found.stroke == pytest.approx(6 / PER_MM, rel=0.2)
    assert found.path == pytest.approx(1.0, rel=0.2)
    assert found.place == pytest.approx(193 / 400)
    assert found.axial > 0.9
    assert found.directions < 2


def test_a_ring_has_contours_in_all_directions() -> None:
    y, x = np.mgrid[:400, :400]
    radius = np.hypot(y - 200, x - 200)
    found = measures_of((radius > 120) & (radius < 126))
    assert found.directions > 17
    assert found.axial == pytest.approx(0.22, abs=0.05)
    assert found.path == pytest.approx(2 * np.pi * 123 / np.hypot(252, 252), rel=0.2)


def test_a_single_impossible_measure_makes_the_confidence_0() -> None:
    ink = np.zeros((400, 600), bool)
    ink[150:250, 100:420] = True
    assert confidence(measures_of(ink), settings=SETTINGS) == 0


def test_the_kind_goes_by_width() -> None:
    ink = np.zeros((400, 600), bool)
    ink[200, 100 : 100 + round(30 * PER_MM)] = True
    assert kind(measures_of(ink), settings=SETTINGS) == "signature"
    ink[200, 100 + round(12 * PER_MM) :] = False
    assert kind(measures_of(ink), settings=SETTINGS) == "initials"


def test_words_of_a_handwritten_text_lose_and_a_lone_signature_does_not() -> None:
    word = np.array([0, 0, 200, 60])
    text = [word + np.array([x, y, x, y]) for y in (0, 90, 180) for x in (0, 230, 460)]
    bounds = np.array([*text, word + 3000])
    factors = solitude(bounds, np.ones(10), per_mm=PER_MM, settings=SETTINGS)
    assert factors[-1] == 1
    assert factors[4] == 0


def test_neighbours_that_look_like_nothing_do_not_count() -> None:
    bounds = np.array([[0, 0, 90, 90]] * 8)
    scores = np.array([1.0] + [0.0] * 7)
    assert solitude(bounds, scores, per_mm=PER_MM, settings=SETTINGS)[0] == 1
