from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from sigforensics.extraction.passing import passages
from sigforensics.settings import Extraction

PER_MM = 200 / 25.4
ROW = 100


def drawn(*points: tuple[int, int], thickness: int = 3) -> np.ndarray:
    image = np.zeros((200, 400), np.uint8)
    cv2.polylines(image, [np.array(points, np.int32)], False, 1, thickness)
    return image > 0


LINE = drawn((0, ROW), (399, ROW))
"""Three pixels thick, and so is every stroke."""
LINES = cv2.dilate(LINE.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0


def passed(stroke: np.ndarray, settings: Extraction | None = None) -> np.ndarray:
    """What is given back to a stroke of which all that lies on the line was taken."""
    return passages(stroke & ~LINES, LINES, LINE | stroke, per_mm=PER_MM, settings=settings or Extraction())


@pytest.mark.parametrize("rise", [14, 20, 40])
@pytest.mark.parametrize("down", [False, True])
def test_a_stroke_that_crosses_a_line_at_a_flat_angle_is_whole(rise: int, *, down: bool) -> None:
    stroke = drawn((100, ROW - rise), (300, ROW + rise))
    stroke = stroke if down else stroke[::-1]
    line = LINE if down else LINE[::-1]
    lines = cv2.dilate(line.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    rest = stroke & ~lines
    found = passages(rest, lines, line | stroke, per_mm=PER_MM, settings=Extraction())
    columns = (rest | found).any(axis=0)
    assert columns[105:295].all()
    assert not (rest.any(axis=0)[105:295]).all()
    near = cv2.dilate(stroke.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert (found & near).sum() >= 0.95 * found.sum()


@pytest.mark.parametrize(
    "points",
    [
        [(100, 60), (150, ROW), (190, ROW), (240, 60)],  # both ends on one side
        [(100, 60), (150, ROW - 2)],  # ends on the line
        [(100, ROW - 4), (180, ROW - 4)],  # runs beside it
    ],
)
def test_a_line_keeps_its_ink_where_no_stroke_comes_out_on_the_other_side(
    points: list[tuple[int, int]],
) -> None:
    assert not passed(drawn(*points)).any()


def test_two_strokes_that_face_away_from_each_other_are_not_joined() -> None:
    apart = drawn((100, ROW), (160, ROW - 20)) | drawn((150, ROW), (90, ROW + 20))
    assert not passed(apart).any()


def test_far_ends_are_not_joined() -> None:
    reach = round(Extraction().passage * PER_MM)
    one, other = drawn((50, 80), (100, ROW)), drawn((120 + reach, ROW), (170 + reach, 120))
    assert not passed(one | other).any()
    nearer = np.roll(other, -reach + 10, axis=1)
    assert passed(one | nearer).any()


def test_what_is_no_ink_is_not_given_back() -> None:
    """Of the line, the left half is ink."""
    stroke = drawn((100, ROW - 16), (300, ROW + 16))
    half = LINE | stroke
    half[:, 200:] = False
    found = passages(stroke & ~LINES, LINES, half, per_mm=PER_MM, settings=Extraction())
    np.testing.assert_array_equal(found, passed(stroke) & half)
    assert found.any()


def test_there_may_be_no_line() -> None:
    stroke = drawn((100, ROW - 16), (300, ROW + 16))
    assert not passages(stroke, np.zeros_like(stroke), stroke, per_mm=PER_MM, settings=Extraction()).any()


def test_a_crossing_that_is_kept_already_is_not_joined_to_another() -> None:
    """One stroke was kept on the line; its ends beside it are no ends of others."""
    stroke = drawn((100, ROW - 20), (200, ROW + 20))
    assert passed(stroke).any()
    assert not passages(stroke, LINES, LINE | stroke, per_mm=PER_MM, settings=Extraction()).any()


def test_a_stroke_that_would_turn_sharply_is_none() -> None:
    steep = drawn((100, ROW - 45), (124, ROW)) | drawn((170, ROW), (194, ROW + 45))
    for turn, joined in ((60.0, True), (30.0, False)):
        assert passed(steep, replace(Extraction(), passage_turn=turn)).any() == joined


def test_a_thick_stroke_gets_a_thick_way() -> None:
    line = drawn((0, ROW), (399, ROW), thickness=9)
    lines = cv2.dilate(line.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    found = []
    for thickness in (3, 9):
        stroke = drawn((100, ROW - 40), (300, ROW + 40), thickness=thickness)
        found.append(
            passages(stroke & ~lines, lines, line | stroke, per_mm=PER_MM, settings=Extraction()).sum()
        )
    assert found[1] > 1.3 * found[0] > 0
