"""Strokes that are carried on into a hole and across it are counted, others are not."""

from __future__ import annotations

import numpy as np
import pytest

import holes


def ink(*strokes: tuple[slice | int, slice | int]) -> np.ndarray:
    made = np.zeros((64, 64), bool)
    for stroke in strokes:
        made[stroke] = True
    return made


ACROSS, DOWN = (slice(20, 23), slice(0, 64)), (slice(0, 64), slice(40, 42))
TRUE = ink(ACROSS)


def test_the_true_stroke_is_its_own_bridge() -> None:
    assert holes.judge(TRUE, TRUE) == holes.Bridged(2, 2, 1, 1, 1, 0, 192, 192)


@pytest.mark.parametrize(
    ("fake", "continued", "bridged"),
    [
        (ink(), 0, 0),
        (ink((slice(20, 23), slice(0, 20))), 1, 0),
        (ink((slice(20, 23), slice(0, 20)), (slice(20, 23), slice(40, 64))), 2, 0),
        (ink((slice(20, 23), slice(0, 4))), 0, 0),  # not deep
        (ink((slice(20, 23), slice(20, 40))), 0, 0),  # not at the places where the stroke enters
        (ink((slice(25, 28), slice(0, 64))), 2, 1),  # within reach
        (ink((slice(33, 36), slice(0, 64))), 0, 0),  # too far away
    ],
)
def test_a_stroke_counts_where_it_is_carried_on(fake: np.ndarray, continued: int, bridged: int) -> None:
    found = holes.judge(fake, TRUE)
    assert (found.entries, found.continued, found.spans, found.bridged) == (2, continued, 1, bridged)


def test_strokes_that_cross_are_one_piece_and_enter_at_four_places() -> None:
    found = holes.judge(ink(DOWN), ink(ACROSS, DOWN))
    assert (found.entries, found.continued, found.spans, found.bridged) == (4, 2, 1, 1)


def test_a_join_of_strokes_that_the_true_signature_does_not_join_is_mistaken() -> None:
    other = (slice(44, 47), slice(0, 64))
    two = ink(ACROSS, other)
    mixed = ink((slice(20, 23), slice(0, 30)), (slice(20, 47), slice(28, 31)), (slice(44, 47), slice(28, 64)))
    found = holes.judge(mixed, two)
    assert (found.bridged, found.joins, found.mistaken) == (0, 1, 1)
    found = holes.judge(two, two)
    assert (found.bridged, found.joins, found.mistaken) == (2, 2, 0)
    found = holes.judge(np.ones((64, 64), bool), two)
    assert (found.bridged, found.joins, found.mistaken) == (2, 1, 0)
    assert found.ink > 10 * found.true_ink


def test_a_stroke_that_ends_in_the_hole_spans_nothing() -> None:
    found = holes.judge(TRUE, ink((slice(20, 23), slice(0, 30))))
    assert (found.entries, found.spans, found.bridged) == (1, 0, 0)


def test_the_hole_is_whole_and_around_an_edge() -> None:
    edges = np.zeros((512, 512), np.uint8)
    edges[3, 500] = 255
    rows, columns = holes.draw_hole(edges, 64, np.random.default_rng(0))
    assert (rows, columns) == (slice(0, 64), slice(448, 512))


def test_shares_are_of_all_holes_and_their_intervals_of_writers() -> None:
    full, none = holes.Bridged(2, 2, 1, 1, 1, 0, 10, 10), holes.Bridged(2, 0, 1, 0, 0, 0, 0, 10)
    shares = holes.summary([full, none, full, none], ["a", "a", "b", "b"], np.random.default_rng(0))
    assert shares["continued"] == "0.50, 0.50 to 0.50 of 8"
    assert shares["bridged"] == "0.50, 0.50 to 0.50 of 4"
    apart = holes.summary([full, none], ["a", "b"], np.random.default_rng(0))
    assert apart["ink"] == "0.50, 0.00 to 1.00"
