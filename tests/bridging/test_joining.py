"""Strokes go on across holes as they came or end in a point, and what is not cut stays as it is."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import cv2
import numpy as np
import pytest

from sigforensics.augmentation import Square, deform, draw_distortion, erase_squares
from sigforensics.bridging import bridge_strokes, bundled_likelihood, joined_ends, stroke_ends
from sigforensics.bridging.joining import joins_of
from sigforensics.settings import Bridging

from .drawing import SIZE, Drawn, line, square, strokes

LINES = strokes(*(line((30, row), (480, row + 60)) for row in range(60, 440, 40)))


def carried_on(whole: Drawn, hole: Square, **changes: object) -> tuple[np.ndarray, np.ndarray]:
    """Edges with the hole, and what they become; nothing is drawn outside the hole and the pixels of its border."""
    cut, bridged = whole.cut(hole), whole.carried_on(hole, **changes).edges
    new, reach = np.argwhere(bridged != cut), round(Bridging().snap) + 1
    low, high = (np.array([getattr(place, end) for place in hole]) for end in ("start", "stop"))
    assert ((new >= low - reach) & (new < high + reach)).all()
    return cut, bridged


def distance_to(edges: np.ndarray) -> np.ndarray:
    return cv2.distanceTransform((edges == 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)


def assert_restored(bridged: np.ndarray, whole: Drawn, within: float) -> None:
    """Both outlines lie within so many pixels of each other."""
    assert distance_to(whole.edges)[bridged > 0].max() <= within
    assert distance_to(bridged)[whole.edges > 0].max() <= within


@pytest.mark.parametrize(
    ("end", "side"),
    [
        *product([(480, 256), (480, 200), (420, 420), (180, 500)], [24, 64, 128]),
        ((300, 500), 24),  # cut by two corners of the hole
        ((300, 500), 128),
    ],
)
def test_a_straight_stroke_goes_straight_on(side: int, end: tuple[int, int]) -> None:
    whole = strokes(line((40, 250), end))
    middle = (40 + end[0]) // 2, (250 + end[1]) // 2
    cut, bridged = carried_on(whole, square(middle[0] - side // 2, middle[1] - side // 2, side))
    assert distance_to(cut)[whole.edges > 0].max() > 8
    assert_restored(bridged, whole, within=3)


def test_a_bent_stroke_goes_on_bending() -> None:
    angles = np.linspace(0.2, np.pi - 0.2, 300)
    whole = strokes(np.stack([256 + 180 * np.cos(angles), 360 - 180 * np.sin(angles)], axis=1))
    assert_restored(carried_on(whole, square(206, 150, 100))[1], whole, within=6)


def test_strokes_side_by_side_are_not_mixed_up() -> None:
    whole = strokes(*(line((40, row), (470, row)) for row in (200, 240, 290)))
    assert_restored(carried_on(whole, square(200, 180, 128))[1], whole, within=2)


def test_strokes_that_cross_in_the_hole_cross() -> None:
    whole = strokes(line((100, 256), (400, 256)), line((250, 100), (250, 420)))
    bridged = carried_on(whole, square(200, 206, 100))[1]
    assert distance_to(bridged)[whole.edges > 0].max() <= 2


def test_a_stroke_that_ends_in_the_hole_ends_in_a_point() -> None:
    whole = strokes(line((40, 250), (250, 250)))
    cut, bridged = carried_on(whole, square(200, 200, 100))
    rows, columns = np.nonzero(bridged != cut)
    length = Bridging().pointed * 8
    assert columns.max() == pytest.approx(199 + length, abs=4)
    tip = columns.max()
    assert np.ptp(rows[columns > tip - 3]) < np.ptp(rows[columns < 204])
    made = whole.carried_on(square(200, 200, 100))
    assert (made.joins, made.points) == (0, 1)


def test_a_point_is_as_long_as_the_stroke_is_wide_within_limits_and_bends_as_the_stroke_did() -> None:
    whole, hole = strokes(line((40, 250), (250, 250))), square(200, 200, 100)
    shortest, longest = Bridging().point
    for pointed, length in ((0.5, shortest), (Bridging().pointed, Bridging().pointed * 8), (9.0, longest)):
        cut, bridged = carried_on(whole, hole, pointed=pointed)
        assert np.nonzero(bridged != cut)[1].max() == pytest.approx(199 + length, abs=3)
    angles = np.linspace(-np.pi / 2, 0.0, 200)  # to the right, then ever more down
    bent = strokes(np.stack([190 + 60 * np.cos(angles), 270 + 60 * np.sin(angles)], axis=1))
    cut, bridged = carried_on(bent, square(215, 180, 100), pointed=5.0)
    (end,) = bent.ends(square(215, 180, 100))
    rows, columns = np.nonzero(bridged != cut)
    tip = np.array([columns[columns.argmax()], rows[columns.argmax()]])
    straight = end.centre + (columns.max() - end.centre[0]) / end.direction[0] * end.direction
    assert tip[1] > straight[1] + 1


def test_strokes_unlike_in_width_are_not_joined() -> None:
    thin, thick = (
        strokes(line((40, 250), (250, 250)), width=3),
        strokes(line((260, 250), (470, 250)), width=30),
    )
    unlike = Drawn(np.maximum(thin.ink, thick.ink), np.maximum(thin.edges, thick.edges))
    assert unlike.carried_on(square(220, 200, 80)).joins == 0
    assert unlike.carried_on(square(220, 200, 80), most_uneven=9.0, least_likely=0.0).joins == 1


def test_what_is_drawn_in_one_hole_does_not_move_ends_at_another() -> None:
    """Five pixels apart, with no edges between them; the border of the second is within reach of what is drawn in the first."""
    whole = strokes(line((40, 250), (470, 262)), line((40, 290), (470, 270)))
    holes = [square(180, 230, 70), square(255, 230, 70)]
    edges = whole.cut(*holes)
    edges[:, 250:255] = 0
    made = [bridge_strokes(edges, order, ink=whole.ink) for order in (holes, holes[::-1])]
    assert made[0].joins + made[0].points > 3
    np.testing.assert_array_equal(made[0].edges, made[1].edges)


def test_what_ends_elsewhere_than_on_the_border_of_a_hole_is_left() -> None:
    """A gap that is no hole of ours, as deforming makes them in edges."""
    whole = strokes(line((40, 250), (470, 250)))
    gap = whole.cut(square(200, 200, 100))
    np.testing.assert_array_equal(bridge_strokes(gap, [], ink=whole.ink).edges, gap)
    elsewhere = square(330, 100, 64)
    np.testing.assert_array_equal(bridge_strokes(gap, [elsewhere], ink=whole.ink).edges, gap)


def test_two_holes_are_bridged_each_by_itself() -> None:
    whole = strokes(line((40, 250), (470, 250)))
    made = whole.carried_on(square(120, 220, 60), square(300, 220, 60))
    assert made.joins == 2
    assert_restored(made.edges, whole, within=2)


def test_the_ink_of_another_hole_is_not_known() -> None:
    """A stroke that passes from one hole straight into the next has no ends between them."""
    whole = strokes(line((40, 250), (470, 250)))
    apart = whole.carried_on(square(120, 220, 60), square(200, 220, 60))
    assert apart.joins == 2
    touching = whole.carried_on(square(120, 220, 60), square(180, 220, 60))
    assert touching.joins == 0
    assert touching.points == 2


@pytest.mark.parametrize("seed", range(8))
def test_deformed_edges_are_changed_within_their_holes_alone(seed: int) -> None:
    distortion = draw_distortion(SIZE, rng=np.random.default_rng(seed))
    edges, ink = distortion.apply(LINES.edges), deform(LINES.ink, distortion.displacements)
    made = bridge_strokes(edges, distortion.holes, ink=ink)
    (hole,) = distortion.holes
    reach = round(Bridging().snap) + 1
    inside = np.zeros(edges.shape, bool)
    inside[tuple(slice(max(place.start - reach, 0), place.stop + reach) for place in hole)] = True
    assert not (made.edges != edges)[~inside].any()
    assert (made.edges != edges).any() == (made.joins + made.points > 0)


def test_deformed_strokes_are_carried_on() -> None:
    """Of many, in the middle of which holes are made."""
    hole = square(192, 192, 128)
    for seed in range(8):
        field = draw_distortion(SIZE, rng=np.random.default_rng(seed)).displacements
        bent = Drawn(deform(LINES.ink, field), deform(LINES.edges, field))
        made = bent.carried_on(hole)
        assert made.joins >= 1
        assert 2 * made.joins + made.points >= 5


def test_lengths_scale_with_the_size() -> None:
    whole = strokes(line((20, 125), (235, 125)), width=4, size=256)
    assert_restored(carried_on(whole, square(90, 100, 60))[1], whole, within=2)
    wide = strokes(line((20, 125), (235, 125)), width=23, size=256)
    cut, bridged = carried_on(wide, square(90, 100, 60))
    np.testing.assert_array_equal(bridged, cut)  # 23 of 256 is 46 of 512: no stroke
    same = strokes(line((40, 250), (470, 250)), width=23)
    assert_restored(carried_on(same, square(180, 200, 120))[1], same, within=2)


def test_blank_edges_stay_blank_and_nothing_is_written_to() -> None:
    blank = np.zeros((64, 64), np.uint8)
    assert not bridge_strokes(blank, [square(10, 10, 16)], ink=blank).edges.any()
    hole = square(200, 200, 100)
    whole = strokes(line((40, 250), (470, 250)))
    cut = whole.cut(hole)
    before = cut.copy(), whole.ink.copy()
    one, other = (bridge_strokes(cut, [hole], ink=whole.ink).edges for _ in range(2))
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(cut, before[0])
    np.testing.assert_array_equal(whole.ink, before[1])


def test_what_true_ink_there_is_in_the_hole_does_not_matter() -> None:
    hole = square(200, 200, 100)
    whole = strokes(line((40, 250), (470, 250)), line((250, 100), (250, 420)))
    cut = whole.cut(hole)
    known, unknown = (
        bridge_strokes(cut, [hole], ink=ink).edges for ink in (whole.ink, erase_squares(whole.ink, [hole]))
    )
    np.testing.assert_array_equal(known, unknown)


def test_a_hole_at_the_border_of_the_image_is_bridged_within_it() -> None:
    whole = strokes(line((20, 10), (490, 40)))
    cut, bridged = carried_on(whole, square(200, 0, 64))
    assert (bridged != cut).any()
    assert_restored(bridged, whole, within=3)


def test_a_hole_without_a_side_cuts_nothing() -> None:
    whole = strokes(line((40, 250), (480, 256)))
    made = bridge_strokes(whole.edges, [square(250, 250, 0)], ink=whole.ink)
    np.testing.assert_array_equal(made.edges, whole.edges)
    assert (made.joins, made.points) == (0, 0)


def test_the_likeliest_joins_come_first_and_unlikely_ones_not_at_all() -> None:
    """Against the rule written out: all joins of all pairs, sorted, each end once."""
    hole = square(192, 192, 128)
    for seed in range(4):
        field = draw_distortion(SIZE, rng=np.random.default_rng(seed)).displacements
        ends = stroke_ends(deform(LINES.ink, field), deform(LINES.edges, field), hole, settings=Bridging())
        joins = joins_of(ends, hole, settings=Bridging())
        scored = [(float(bundled_likelihood()(np.array([join.features]))[0]), join) for join in joins]
        used: set[int] = set()
        expected = []
        for likely, join in sorted(scored, key=lambda one: -one[0]):
            if likely >= Bridging().least_likely and not used & {join.one, join.other}:
                used |= {join.one, join.other}
                expected.append((join.one, join.other, join.features[-1]))
        found = joined_ends(ends, hole, settings=Bridging())
        assert [(join.one, join.other, join.features[-1]) for join in found] == expected
        assert not joined_ends(ends, hole, settings=replace(Bridging(), least_likely=1.0))


def test_joins_stay_within_the_hole() -> None:
    """Two ends side by side whose strokes lean apart: the longer the tangents, the wider the loop between them."""
    hole = square(200, 200, 100)
    ends = strokes(line((245, 120), (225, 215)), line((255, 120), (275, 215))).ends(hole)
    joins = joins_of(ends, hole, settings=Bridging(stiffnesses=(1.0, 40.0)))
    assert [join.features[-1] for join in joins] == [1.0]
    for curve in joins[0].outline:
        assert curve.min() >= 195
        assert curve.max() <= 304


@pytest.mark.parametrize("dips", [0, 4])
def test_a_loop_that_grazes_the_hole_gets_no_point(dips: int) -> None:
    """Its bottom touches the border of the hole or dips into it: it goes on along the border, not into the hole."""
    angles = np.linspace(0, 2 * np.pi, 400)
    loop = np.stack([264 + 30 * np.cos(angles), 200 + dips - 34 + 30 * np.sin(angles)], axis=1)
    whole = strokes(loop)
    cut, bridged = carried_on(whole, square(200, 200, 128))
    assert not (bridged != cut)[210:].any()


def test_nothing_is_drawn_beyond_the_border_of_a_hole() -> None:
    """Whatever the strokes and however small the hole."""
    rng = np.random.default_rng(3)
    for _ in range(30):
        courses = [np.cumsum(rng.normal(0, 30, (8, 2)), axis=0) + 256 for _ in range(4)]
        whole = strokes(*courses)
        side, left, top = (int(one) for one in rng.integers([12, 150, 150], [130, 300, 300]))
        carried_on(whole, square(left, top, side))


def test_a_point_lies_in_the_hole_and_is_as_long_as_there_is_room() -> None:
    """A stroke that runs into the corner of a hole, slantwise."""
    whole = strokes(line((150, 150), (204, 204)))
    hole = square(200, 200, 9)
    cut, bridged = carried_on(whole, hole)
    new = np.argwhere(bridged != cut)
    assert len(new)
    assert new.max() < 209
    assert whole.carried_on(hole, point=(100.0, 100.0)).points == 0


def test_points_scale_with_the_size() -> None:
    large, small = (
        strokes(line((f * 40, f * 250), (f * 250, f * 250)), width=width, size=round(f * SIZE))
        for f, width in ((1, 3), (0.5, 3))
    )
    for drawn, corner, length in ((large, 200, 16), (small, 100, 8)):
        hole = square(corner, corner, corner // 2)
        cut, bridged = carried_on(drawn, hole, pointed=1.0, point=(16.0, 16.0))
        assert np.nonzero(bridged != cut)[1].max() == pytest.approx(corner - 1 + length, abs=2)


def test_strokes_arrive_the_way_the_other_end_goes() -> None:
    """An S: the curve between two parallel ends one above the other leaves and arrives level."""
    whole = strokes(line((40, 230), (210, 230)), line((290, 270), (470, 270)))
    hole = square(200, 190, 100)
    ends = whole.ends(hole)
    join, *_ = joins_of(ends, hole, settings=Bridging())
    for curve in join.outline:
        for step in (curve[2] - curve[0], curve[-1] - curve[-3]):
            assert abs(step[1]) < 0.2 * abs(step[0])


def test_holes_do_not_see_what_was_drawn_in_others() -> None:
    whole = strokes(line((40, 250), (470, 250)), line((100, 230), (400, 270)))
    holes = [square(150, 220, 60), square(214, 220, 60)]
    edges = whole.cut(*holes)
    one, other = (bridge_strokes(edges, order, ink=whole.ink).edges for order in (holes, holes[::-1]))
    np.testing.assert_array_equal(one, other)
