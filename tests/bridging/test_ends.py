"""A stroke that runs into a hole ends there: where it is, how wide, which way it goes, and how it bends."""

from __future__ import annotations

from itertools import product

import cv2
import numpy as np
import pytest

from sigforensics.augmentation import erase_squares
from sigforensics.bridging import stroke_ends
from sigforensics.bridging.ends import turn
from sigforensics.settings import Bridging

from .drawing import SIZE, line, square, strokes

HOLE = square(200, 200, 100)
ACROSS = strokes(line((40, 250), (470, 250)))


def test_ends_say_where_and_which_way() -> None:
    west, east = sorted(ACROSS.ends(HOLE), key=lambda end: end.centre[0])
    for end, column, way in ((west, 199, 1), (east, 300, -1)):
        assert end.centre == pytest.approx([column, 250], abs=1)
        assert end.direction == pytest.approx([way, 0], abs=0.05)
        assert end.width == pytest.approx(7, abs=2)
        assert end.curvature == pytest.approx(0, abs=0.005)
        assert end.ink == 200
    assert west.left[1] < west.right[1]
    assert east.left[1] > east.right[1]


@pytest.mark.parametrize("degrees", [20, 45, 70, 110, 135, 160])
def test_a_slanting_stroke_has_the_width_and_the_way_that_it_has(degrees: int) -> None:
    way = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    ends = strokes(line(tuple(250 - 180 * way), tuple(250 + 180 * way))).ends(HOLE)
    assert len(ends) == 2
    for end in ends:
        inwards = way if (np.array([250, 250]) - end.centre) @ way > 0 else -way
        assert end.direction == pytest.approx(inwards, abs=0.1)
        assert end.width == pytest.approx(7, abs=2.5)
        assert turn(end.direction, end.right - end.left) > 0


@pytest.mark.parametrize("radius", [60, 120])
def test_the_curvature_of_a_circle_is_about_one_over_its_radius(radius: int) -> None:
    angles = np.linspace(0, 2 * np.pi, 400)
    circle = np.stack([250 + radius * np.cos(angles), 200 - radius + radius * np.sin(angles)], axis=1)
    ends = strokes(circle).ends(square(200, 200 - radius // 2, 100))
    assert len(ends) == 2
    for end in ends:
        assert 0.6 / radius < abs(end.curvature) < 1.7 / radius
        to_the_middle = np.array([250, 200 - radius]) - end.centre
        assert abs(to_the_middle @ end.direction) < np.sin(np.radians(6)) * np.linalg.norm(to_the_middle)
        assert np.sign(end.curvature) == np.sign(turn(end.direction, to_the_middle))


def test_they_are_numbered_clockwise_from_the_upper_left_corner() -> None:
    star = strokes(line((250, 60), (250, 440)), line((60, 250), (440, 250)))
    ends = star.ends(HOLE)
    assert [end.place for end in ends] == [0, 1, 2, 3]
    ways = [[0, 1], [-1, 0], [0, -1], [1, 0]]  # from above, the right, below, the left
    for end, way in zip(ends, ways, strict=True):
        assert end.direction == pytest.approx(way, abs=0.05)


def test_a_stroke_through_a_corner_is_one_end() -> None:
    through = strokes(line((100, 100), (250, 250)))
    (end,) = through.ends(HOLE)
    assert end.direction == pytest.approx([0.707, 0.707], abs=0.05)
    (end,) = strokes(line((400, 100), (250, 250))).ends(HOLE)
    assert end.direction == pytest.approx([-0.707, 0.707], abs=0.05)


def test_what_is_in_the_hole_is_not_looked_at() -> None:
    emptied = erase_squares(ACROSS.ink, [HOLE])
    known, unknown = (
        stroke_ends(ink, ACROSS.cut(HOLE), HOLE, settings=Bridging()) for ink in (ACROSS.ink, emptied)
    )
    assert [end.centre.tolist() for end in known] == [end.centre.tolist() for end in unknown]


def test_borders_lie_on_the_edges_where_they_are_near() -> None:
    edges = np.argwhere(ACROSS.cut(HOLE))[:, ::-1].tolist()
    for end in ACROSS.ends(HOLE):
        assert end.left.tolist() in edges
        assert end.right.tolist() in edges
    assert not all(end.left.tolist() in edges for end in ACROSS.ends(HOLE, snap=0.0))


def test_fainter_ink_narrower_and_wider_strokes_and_stubs_end_nothing() -> None:
    course = line((40, 250), (470, 250))
    assert not strokes(course, ink=Bridging().least_ink - 1).ends(HOLE)
    assert len(strokes(course, ink=Bridging().least_ink).ends(HOLE)) == 2
    assert not strokes(course, width=1).ends(HOLE)
    assert len(strokes(course, width=36).ends(HOLE)) == 2
    assert not strokes(course, width=44).ends(HOLE)
    blank = np.zeros((SIZE, SIZE), np.uint8)
    for length, count in ((Bridging().least_trace - 1, 0), (Bridging().least_trace, 1)):
        stub = blank.copy()
        stub[247:253, 200 - length : 200] = 200
        assert len(stroke_ends(stub, blank, HOLE, settings=Bridging())) == count, length


def test_a_stroke_is_followed_until_its_layers_fall_apart() -> None:
    """Some pixels from the hole it has two branches, alike on both sides; one without is followed over the whole trace."""
    whole = strokes(line((90, 250), (300, 250)), width=3)
    arms = line((194, 250), (120, 176)), line((194, 250), (120, 324))
    forked = strokes(line((194, 250), (300, 250)), *arms, width=3)
    for drawn, low, high in ((whole, 15, 17), (forked, 4, 13)):
        (end,) = [end for end in drawn.ends(HOLE) if end.centre[0] < 250]
        assert low <= end.followed <= high


def test_branches_near_the_hole_turn_the_stroke_less_where_what_broadens_is_left_out() -> None:
    """Strokes run level into the hole; some pixels before it another leaves them aslant."""
    turned: dict[float, list[float]] = {Bridging().broadened: [], 99.0: []}
    for before, slope in product((8, 10, 12), (-1.2, -0.8, 0.8, 1.2)):
        branch = line((200 - before, 250), (120, 250 + slope * (80 - before)))
        forked = strokes(line((90, 250), (300, 250)), branch, width=5)
        for broadened, angles in turned.items():
            changes = {"broadened": broadened, "broadening": 99.0 if broadened > 9 else 1.2}
            (end,) = [end for end in forked.ends(HOLE, **changes) if end.centre[0] < 250]
            angles.append(abs(np.degrees(np.arctan2(end.direction[1], end.direction[0]))))
    now, before_ = (np.mean(angles) for angles in turned.values())
    assert now < 5
    assert before_ > 1.3 * now


@pytest.mark.parametrize("fall", [0, 30, 80])
def test_borders_stay_apart_where_one_line_runs_between_them(fall: int) -> None:
    course = line((40, 250 - fall), (470, 250 + fall))
    whole, middle = strokes(course, width=4), np.zeros((SIZE, SIZE), np.uint8)
    cv2.polylines(middle, [np.round(course).astype(np.int32)], False, 255)
    middle[HOLE] = 0
    ends = stroke_ends(whole.ink, middle, HOLE, settings=Bridging())
    assert len(ends) == 2
    for end in ends:
        assert end.width > 3


@pytest.mark.parametrize("degrees", [0, 15, 30, 45])
def test_a_thin_straight_stroke_forks_nowhere(degrees: int) -> None:
    way = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    for end in strokes(line(tuple(250 - 180 * way), tuple(250 + 180 * way)), width=2).ends(HOLE):
        assert end.followed > 15
        assert abs(abs(end.direction @ way) - 1) < 0.01


def test_a_broad_stroke_that_forks_near_the_hole_does_not_count_as_grazing_it() -> None:
    forked = strokes(line((90, 250), (300, 250)), line((192, 250), (120, 320)), width=12)
    (end,) = [end for end in forked.ends(HOLE) if end.centre[0] < 250]
    assert end.followed > end.width


def test_a_stroke_is_followed_half_as_far_at_half_the_size() -> None:
    half = strokes(line((20, 125), (235, 125)), width=4, size=256)
    for end in half.ends(square(100, 100, 50)):
        assert end.followed == pytest.approx(Bridging().trace / 2, abs=1)


@pytest.mark.parametrize(("left", "top"), [(0, 200), (SIZE - 100, 200), (200, 0), (200, SIZE - 100)])
def test_a_hole_at_the_border_of_the_image_has_ends_on_its_other_sides(left: int, top: int) -> None:
    """A cross whose middle is in the hole: three arms run out of it, the fourth out of the image."""
    x, y = left + 50, top + 50
    cross = strokes(line((x, -50), (x, 600)), line((-50, y), (600, y)))
    assert len(cross.ends(square(left, top, 100))) == 3
