"""Strokes go on across holes as they came, and what is not cut stays as it is."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import cv2
import numpy as np
import pytest

from sigforensics.augmentation import Square, deform, draw_distortion, erase_squares
from sigforensics.bridging import StrokeEnd, bridge_strokes, joined_ends, stroke_ends
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


def square(left: int, top: int, side: int) -> Square:
    return slice(top, top + side), slice(left, left + side)


def carried_on(whole: np.ndarray, hole: Square, **changes: float) -> tuple[np.ndarray, np.ndarray]:
    """Edges with the hole, and what they become."""
    cut = erase_squares(whole, [hole])
    bridged = bridge_strokes(cut, [hole], settings=replace(Bridging(), **changes)).edges
    new = np.argwhere(bridged != cut)
    low, high = (np.array([getattr(place, end) for place in hole]) for end in ("start", "stop"))
    assert ((new >= low - Bridging().border - 1) & (new <= high + Bridging().border)).all()
    return cut, bridged


def distance_to(edges: np.ndarray) -> np.ndarray:
    return cv2.distanceTransform((edges == 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)


def assert_restored(bridged: np.ndarray, whole: np.ndarray, within: float) -> None:
    """Both outlines lie within so many pixels of each other."""
    assert distance_to(whole)[bridged > 0].max() <= within
    assert distance_to(bridged)[whole > 0].max() <= within


@pytest.mark.parametrize(
    ("end", "side"),
    [
        *product([(480, 256), (480, 200), (420, 420), (180, 500)], [24, 64, 128]),
        ((300, 500), 24),  # cut by two corners of the hole
        ((300, 500), 128),
    ],
)
def test_a_straight_stroke_goes_straight_on(side: int, end: tuple[int, int]) -> None:
    whole = outlines(line((40, 250), end))
    middle = (40 + end[0]) // 2, (250 + end[1]) // 2
    cut, bridged = carried_on(whole, square(middle[0] - side // 2, middle[1] - side // 2, side))
    assert distance_to(cut)[whole > 0].max() > 8
    assert_restored(bridged, whole, within=3)


def test_a_bent_stroke_goes_on_bending() -> None:
    angles = np.linspace(0.2, np.pi - 0.2, 300)
    arc = np.stack([256 + 180 * np.cos(angles), 360 - 180 * np.sin(angles)], axis=1)
    whole = outlines(arc)
    assert_restored(carried_on(whole, square(206, 150, 100))[1], whole, within=6)


def test_strokes_side_by_side_are_not_mixed_up() -> None:
    whole = outlines(*(line((40, row), (470, row)) for row in (200, 240, 290)))
    assert_restored(carried_on(whole, square(200, 180, 128))[1], whole, within=2)


def test_strokes_that_cross_in_the_hole_cross() -> None:
    whole = outlines(line((100, 256), (400, 256)), line((250, 100), (250, 420)))
    bridged = carried_on(whole, square(200, 206, 100))[1]
    assert distance_to(bridged)[whole > 0].max() <= 2


def test_strokes_that_leave_a_hole_by_one_side_are_joined_by_an_arc() -> None:
    whole = outlines(line((240, 300), (225, 450)), line((260, 300), (275, 450)))
    cut, bridged = carried_on(whole, square(200, 200, 128))
    rows, columns = np.nonzero(bridged != cut)
    assert 300 < rows.min() < 328
    assert columns.min() >= 224
    assert columns.max() <= 276


def test_a_stroke_that_ends_in_the_hole_is_left_open() -> None:
    cut, bridged = carried_on(outlines(line((40, 250), (250, 250))), square(200, 200, 100))
    np.testing.assert_array_equal(bridged, cut)


def test_strokes_unlike_in_width_are_not_joined() -> None:
    unlike = np.maximum(
        outlines(line((40, 250), (250, 250)), width=4), outlines(line((260, 250), (470, 250)), width=18)
    )
    cut, bridged = carried_on(unlike, square(220, 200, 80))
    np.testing.assert_array_equal(bridged, cut)
    assert (carried_on(unlike, square(220, 200, 80), most_uneven=9)[1] != cut).any()


def test_what_ends_elsewhere_than_on_the_border_of_a_hole_is_left() -> None:
    """A gap that is no hole of ours, as deforming and thinning make them."""
    gap = erase_squares(outlines(line((40, 250), (470, 250))), [square(200, 200, 100)])
    np.testing.assert_array_equal(bridge_strokes(gap, []).edges, gap)
    elsewhere = square(330, 180, 64)
    away = outlines(line((40, 250), (300, 250)))
    away = erase_squares(away, [square(150, 200, 60), elsewhere])
    np.testing.assert_array_equal(bridge_strokes(away, [elsewhere]).edges, away)


def test_two_holes_are_bridged_each_by_itself() -> None:
    whole = outlines(line((40, 250), (470, 250)))
    holes = [square(120, 220, 60), square(300, 220, 60)]
    assert_restored(bridge_strokes(erase_squares(whole, holes), holes).edges, whole, within=2)


@pytest.mark.parametrize("seed", range(8))
def test_deformed_edges_are_changed_within_their_holes_alone(seed: int) -> None:
    whole = outlines(*(line((30, row), (480, row + 60)) for row in range(60, 440, 40)))
    distortion = draw_distortion(SIZE, rng=np.random.default_rng(seed))
    edges = distortion.apply(whole)
    bridged = bridge_strokes(edges, distortion.holes).edges
    (hole,) = distortion.holes
    reach = Bridging().border + 1
    inside = np.zeros(edges.shape, bool)
    inside[tuple(slice(max(place.start - reach, 0), place.stop + reach) for place in hole)] = True
    assert not (bridged != edges)[~inside].any()
    np.testing.assert_array_equal(bridge_strokes(edges, []).edges, edges)
    joined = len(joined_ends(stroke_ends(edges, hole, settings=Bridging()), hole, settings=Bridging()))
    assert (bridged != edges).any() == (joined > 0)


def test_deformed_strokes_are_carried_on() -> None:
    """Of many, in the middle of which holes are made."""
    whole = outlines(*(line((30, row), (480, row + 60)) for row in range(60, 440, 40)))
    hole = square(192, 192, 128)
    for seed in range(8):
        bent = deform(whole, draw_distortion(SIZE, rng=np.random.default_rng(seed)).displacements)
        ends = stroke_ends(erase_squares(bent, [hole]), hole, settings=Bridging())
        assert len(joined_ends(ends, hole, settings=Bridging())) >= 2


def test_lengths_scale_with_the_size() -> None:
    whole = outlines(line((20, 125), (235, 125)), width=4, size=256)
    assert_restored(carried_on(whole, square(90, 100, 60))[1], whole, within=2)
    wide = outlines(line((20, 125), (235, 125)), width=17, size=256)
    cut, bridged = carried_on(wide, square(90, 100, 60))
    np.testing.assert_array_equal(bridged, cut)  # 17 of 256 is 34 of 512: no stroke
    assert_restored(carried_on(outlines(line((40, 250), (470, 250)), width=17), square(180, 200, 120))[1],
                    outlines(line((40, 250), (470, 250)), width=17), within=2)  # fmt: skip


def test_ends_say_where_and_which_way() -> None:
    hole = square(200, 200, 100)
    cut = erase_squares(outlines(line((40, 250), (470, 250))), [hole])
    west, east = sorted(stroke_ends(cut, hole, settings=Bridging()), key=lambda end: end.centre[0])
    for end, column, way in ((west, 199, 1), (east, 300, -1)):
        assert end.centre == pytest.approx([column, 250], abs=2)
        assert end.direction == pytest.approx([way, 0], abs=0.1)
        assert end.width == pytest.approx(8, abs=2)
    assert west.left[1] < west.right[1]
    assert east.left[1] > east.right[1]


def test_blank_edges_stay_blank_and_nothing_is_written_to() -> None:
    blank = np.zeros((64, 64), np.uint8)
    assert not bridge_strokes(blank, [square(10, 10, 16)]).edges.any()
    hole = square(200, 200, 100)
    cut = erase_squares(outlines(line((40, 250), (470, 250))), [hole])
    before = cut.copy()
    one, other = bridge_strokes(cut, [hole]).edges, bridge_strokes(cut, [hole]).edges
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(cut, before)
    np.testing.assert_array_equal(bridge_strokes(cut, [hole], settings=Bridging(most_cost=0.0)).edges, cut)


def test_a_hole_at_the_border_of_the_image_is_bridged_within_it() -> None:
    whole = outlines(line((20, 10), (490, 40)))
    cut, bridged = carried_on(whole, square(200, 0, 64))
    assert (bridged != cut).any()
    assert_restored(bridged, whole, within=3)


def test_a_hole_without_a_side_cuts_nothing() -> None:
    whole = outlines(line((40, 250), (480, 256)))
    left = bridge_strokes(whole, [square(250, 250, 0)])
    np.testing.assert_array_equal(left.edges, whole)
    assert left.joins == 0


def test_joins_are_counted() -> None:
    hole = square(240, 220, 64)
    cut = erase_squares(outlines(line((40, 250), (480, 256))), [hole])
    assert bridge_strokes(cut, [hole]).joins == 1
    assert bridge_strokes(cut, []).joins == 0


def ends_of(edges: np.ndarray, hole: Square, **changes: float) -> int:
    return len(stroke_ends(edges, hole, settings=replace(Bridging(), **changes)))


def test_what_is_fainter_than_an_edge_ends_nothing() -> None:
    hole = square(240, 220, 64)
    cut = erase_squares(outlines(line((40, 250), (480, 256))), [hole])
    faint = np.where(cut > 0, Bridging().least_edge - 1, 0).astype(np.uint8)
    assert (ends_of(cut, hole), ends_of(faint, hole), ends_of(faint + (faint > 0), hole)) == (2, 0, 2)


def test_a_stub_ends_nothing() -> None:
    """Two lines side by side, of four pixels each, up to the border of a hole; and of five."""
    hole = square(240, 220, 64)
    for length, count in ((Bridging().least_trace - 1, 0), (Bridging().least_trace, 1)):
        edges = np.zeros((SIZE, SIZE), np.uint8)
        for row in (246, 254):
            edges[row, 240 - length : 240] = 255
        assert ends_of(edges, hole) == count, length


def test_a_cut_along_the_stroke_is_no_end_of_one() -> None:
    """One edge passes the corner of a hole and ends far behind the other."""
    hole = square(240, 220, 64)
    edges = np.zeros((SIZE, SIZE), np.uint8)
    edges[224, 200:240] = 255
    edges[218, 200:261] = 255
    assert (ends_of(edges, hole), ends_of(edges, hole, most_oblique=1.0)) == (0, 1)
    edges[218, 245:] = 0
    assert ends_of(edges, hole) == 1


def test_ends_that_would_have_to_turn_back_are_not_joined() -> None:
    """A stroke comes in from the left, the other leaves for the right behind it: each would turn by more than a right angle."""
    hole = square(200, 200, 120)
    one, other = (
        StrokeEnd(np.array(left, float), np.array(right, float), np.array(way, float))
        for left, right, way in (
            ((300, 236), (300, 244), (1, 0)),
            ((240, 284), (240, 276), (-1, 0)),
        )
    )
    loose = {"most_cost": 1e9}
    joined = [
        joined_ends([one, other], hole, settings=replace(Bridging(), most_bent=bent, **loose))
        for bent in (110.0, 179.0)
    ]
    assert [len(pairs) for pairs in joined] == [0, 1]


def test_of_three_edges_the_two_that_are_nearest_are_a_stroke() -> None:
    hole = square(240, 220, 64)
    edges = np.zeros((SIZE, SIZE), np.uint8)
    for row in (236, 254, 262):  # the first and the second would be one, too
        edges[row, 200:240] = 255
    (end,) = stroke_ends(edges, hole, settings=Bridging())
    assert sorted((end.left[1], end.right[1])) == [254, 262]
