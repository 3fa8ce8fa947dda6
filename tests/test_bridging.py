"""Strokes go on across holes as they came, and what is not cut stays as it is."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from sigforensics.bridging import bridge_strokes, stroke_ends
from sigforensics.preprocessing import target_to_edges
from sigforensics.settings import Bridging, Preprocessing

SIZE = 512


def outlines(*strokes: np.ndarray, width: int = 7, size: int = SIZE) -> np.ndarray:
    """Edges of strokes along points, as the generator is given them."""
    ink = np.zeros((size, size), np.uint8)
    for points in strokes:
        cv2.polylines(ink, [np.round(points).astype(np.int32)], False, 200, width)
    return target_to_edges(ink, settings=Preprocessing(size=size))


def line(start: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    return np.linspace(start, end, 200)


def holed(edges: np.ndarray, left: int, top: int, side: int) -> np.ndarray:
    made = edges.copy()
    made[top : top + side, left : left + side] = 0
    return made


def distance_to(edges: np.ndarray) -> np.ndarray:
    return cv2.distanceTransform((edges == 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)


def assert_restored(bridged: np.ndarray, whole: np.ndarray, within: float) -> None:
    """Both outlines lie within so many pixels of each other."""
    assert distance_to(whole)[bridged > 0].max() <= within
    assert distance_to(bridged)[whole > 0].max() <= within


@pytest.mark.parametrize("side", [24, 64, 128])
@pytest.mark.parametrize("end", [(480, 256), (480, 200), (420, 420), (180, 500)])
def test_a_straight_stroke_goes_straight_on(side: int, end: tuple[int, int]) -> None:
    whole = outlines(line((40, 250), end))
    middle = (40 + end[0]) // 2, (250 + end[1]) // 2
    cut = holed(whole, middle[0] - side // 2, middle[1] - side // 2, side)
    assert distance_to(cut)[whole > 0].max() > 8
    assert_restored(bridge_strokes(cut), whole, within=3)


def test_a_bent_stroke_goes_on_bending() -> None:
    angles = np.linspace(0.2, np.pi - 0.2, 300)
    arc = np.stack([256 + 180 * np.cos(angles), 360 - 180 * np.sin(angles)], axis=1)
    whole = outlines(arc)
    assert_restored(bridge_strokes(holed(whole, 206, 150, 100)), whole, within=6)


def test_strokes_side_by_side_are_not_mixed_up() -> None:
    whole = outlines(*(line((40, row), (470, row)) for row in (200, 240, 290)))
    assert_restored(bridge_strokes(holed(whole, 200, 180, 128)), whole, within=2)


def test_strokes_that_cross_in_the_hole_cross() -> None:
    whole = outlines(line((100, 256), (400, 256)), line((250, 100), (250, 420)))
    bridged = bridge_strokes(holed(whole, 200, 206, 100))
    assert distance_to(bridged)[whole > 0].max() <= 2


def test_strokes_that_leave_a_hole_by_one_side_are_joined_by_an_arc() -> None:
    whole = outlines(line((230, 300), (230, 450)), line((270, 300), (270, 450)))
    bridged = bridge_strokes(holed(whole, 200, 200, 128))
    added = (bridged > 0) & (whole == 0)
    rows, columns = np.nonzero(added)
    assert 300 < rows.min() < 328
    assert columns.min() >= 224
    assert columns.max() <= 276


def test_a_stroke_that_ends_in_the_hole_is_left_open() -> None:
    cut = holed(outlines(line((40, 250), (250, 250))), 200, 200, 100)
    np.testing.assert_array_equal(bridge_strokes(cut), cut)


def test_gaps_wider_than_a_hole_and_strokes_unlike_in_width_stay() -> None:
    far = holed(outlines(line((40, 250), (470, 250))), 150, 200, 200)
    np.testing.assert_array_equal(bridge_strokes(far), far)
    unlike = np.maximum(
        outlines(line((40, 250), (250, 250)), width=4), outlines(line((260, 250), (470, 250)), width=18)
    )
    unlike = holed(unlike, 220, 200, 80)
    np.testing.assert_array_equal(bridge_strokes(unlike), unlike)


def test_whole_outlines_have_no_ends_and_stay_as_they_are() -> None:
    whole = outlines(line((40, 250), (470, 200)), line((100, 300), (400, 400)))
    assert stroke_ends(whole, settings=Bridging()) == []
    np.testing.assert_array_equal(bridge_strokes(whole), whole)


def test_a_stroke_in_the_way_is_not_crossed() -> None:
    cut = holed(outlines(line((40, 250), (470, 250))), 200, 200, 100)
    blocked = np.maximum(cut, outlines(line((250, 210), (250, 290))))
    np.testing.assert_array_equal(bridge_strokes(blocked), blocked)


def test_lengths_scale_with_the_size() -> None:
    whole = outlines(line((20, 125), (235, 125)), width=4, size=256)
    near, far = holed(whole, 90, 100, 60), holed(whole, 80, 80, 90)
    assert_restored(bridge_strokes(near), whole, within=2)
    np.testing.assert_array_equal(bridge_strokes(far), far)


def test_ends_say_where_and_which_way() -> None:
    cut = holed(outlines(line((40, 250), (470, 250))), 200, 200, 100)
    west, east = sorted(stroke_ends(cut, settings=Bridging()), key=lambda end: end.centre[0])
    for end, column, way in ((west, 199, 1), (east, 300, -1)):
        assert end.centre == pytest.approx([column, 250], abs=2)
        assert end.direction == pytest.approx([way, 0], abs=0.1)
        assert end.width == pytest.approx(8, abs=2)
    assert west.left[1] < west.right[1]
    assert east.left[1] > east.right[1]


def test_blank_edges_stay_blank_and_nothing_is_written_to() -> None:
    blank = np.zeros((64, 64), np.uint8)
    assert not bridge_strokes(blank).any()
    cut = holed(outlines(line((40, 250), (470, 250))), 200, 200, 100)
    before = cut.copy()
    one, other = bridge_strokes(cut), bridge_strokes(cut)
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(cut, before)
    strict = replace(Bridging(), most_cost=0.0)
    np.testing.assert_array_equal(bridge_strokes(cut, settings=strict), cut)
