from __future__ import annotations

import cv2
import numpy as np
import pytest

from sigforensics.extraction.ruling import ruled_lines, without_touched_line
from sigforensics.settings import Extraction

PER_MM = 200 / 25.4


def lines_of(ink: np.ndarray) -> np.ndarray:
    return ruled_lines(ink, per_mm=PER_MM, settings=Extraction())


def drawn(start: tuple[int, int], stop: tuple[int, int], thickness: int = 3) -> np.ndarray:
    page = np.zeros((900, 900), np.uint8)
    cv2.line(page, start, stop, 1, thickness)
    return page > 0


@pytest.mark.parametrize("upright", [False, True])
def test_a_ruled_line_goes_wholly(*, upright: bool) -> None:
    page = drawn((100, 400), (800, 403))
    page = page.T if upright else page
    assert np.array_equal(lines_of(page), page)


def test_only_the_line_goes_where_a_stroke_crosses_it() -> None:
    line, stroke = drawn((100, 400), (800, 400)), drawn((400, 300), (440, 500), 5)
    removed = lines_of(line | stroke)
    assert removed.sum() > 0.95 * (line & ~stroke).sum()
    assert (removed & stroke).sum() < 0.1 * (line & stroke).sum()


def test_a_short_stroke_stays() -> None:
    assert not lines_of(drawn((300, 400), (300 + round(15 * PER_MM), 400))).any()


def test_a_slanted_stroke_stays_where_the_ruled_lines_are_level() -> None:
    line, stroke = drawn((100, 200), (800, 200)), drawn((200, 400), (600, 406))
    assert not (lines_of(line | stroke) & stroke).any()


def test_all_lines_of_a_skewed_page_go() -> None:
    page = np.zeros((900, 900), bool)
    for row in (200, 400, 600):
        page |= drawn((100, row), (800, row + 10))
    assert lines_of(page).sum() > 0.98 * page.sum()


def test_a_broken_line_goes_as_one() -> None:
    page = drawn((100, 400), (800, 400))
    page[:, 300:303] = page[:, 555:558] = False
    assert lines_of(page).sum() == page.sum()


def test_a_line_goes_although_a_flourish_follows_it_closely() -> None:
    line, flourish = drawn((100, 400), (800, 400)), drawn((200, 404), (700, 420), 2)
    removed = lines_of(line | flourish)
    apart = ~cv2.dilate(flourish.astype(np.uint8), np.ones((15, 3), np.uint8)).astype(bool)
    assert removed[line & apart].all()
    assert not removed[flourish & ~line][200:].any()


def test_a_level_stretch_of_a_flourish_stays() -> None:
    flourish = drawn((300, 400), (600, 400)) | drawn((300, 400), (220, 360)) | drawn((600, 400), (680, 440))
    assert not lines_of(flourish).any()


def test_a_line_that_only_one_end_of_runs_on_goes() -> None:
    line, stroke = drawn((300, 400), (600, 400)), drawn((600, 400), (680, 440))
    assert lines_of(line | stroke)[line & ~stroke].mean() > 0.9


def ink_of(*drawn: str) -> np.ndarray:
    return np.array([[letter == "#" for letter in row] for row in drawn])


def test_what_is_on_a_line_stays_where_a_stroke_comes_out_on_both_sides() -> None:
    """A stroke that crosses, one that ends on the line, one that leans on it, a loose bit, and one that crosses askew."""
    mask = ink_of(
        "..#...#...........#..",
        "..#...#..###......#..",
        "..#...#.#####.##...#.",
        "..#...#.#####.##...#.",
        "..#.................#",
    )
    lines = np.zeros(mask.shape, bool)
    lines[2:4] = True
    kept = ink_of(
        "..#...#...........#..",
        "..#...#..###......#..",
        "..#................#.",
        "..#................#.",
        "..#.................#",
    )
    np.testing.assert_array_equal(without_touched_line(mask, lines, reach=2), kept)
    np.testing.assert_array_equal(without_touched_line(mask, np.zeros_like(lines), reach=2), mask)


def test_a_line_between_two_strokes_that_touch_it_from_either_side_is_not_kept() -> None:
    mask, lines = np.zeros((12, 40), bool), np.zeros((12, 40), bool)
    mask[5:8, 5:36] = lines[5:8] = True
    mask[:5, 5:7] = mask[8:, 34:36] = True
    kept = without_touched_line(mask, lines, reach=6)
    assert not kept[5:8].any()
    mask[8:, 8:10] = True  # within reach of the first: one stroke, askew
    kept = without_touched_line(mask, lines, reach=6)
    askew = ink_of("###....", "#####..", "..####.")  # a pixel wider on both sides, where there is ink
    np.testing.assert_array_equal(kept[5:8, 5:12], askew)
    assert not kept[5:8, 12:].any()


def test_between_two_strokes_that_run_into_one_bow_less_of_a_line_is_kept() -> None:
    """A letter u whose bow comes out below the line, and the same on its head."""
    mask, lines = np.zeros((9, 40), bool), np.zeros((9, 40), bool)
    lines[2:7] = mask[2:7, 5:35] = True
    mask[:2, 5:8] = mask[:2, 32:35] = mask[7:, 8:32] = True
    for turned in (slice(None), slice(None, None, -1)):
        found = without_touched_line(mask[turned], lines[turned], reach=24)[turned]
        gap = (~found[2:7, 8:32]).sum(axis=1)
        np.testing.assert_array_equal(found[[0, 1, 7, 8]], mask[[0, 1, 7, 8]])
        assert (np.diff(gap) <= 0).all()  # a notch between the legs, narrower towards the bow
        assert gap[0] > 16
        assert found[6, 8:32].all()
        assert found[2:7, 5:8].any(axis=1).all()
        assert found[2:7, 32:35].any(axis=1).all()


def test_two_strokes_that_cross_within_a_line_are_whole() -> None:
    strokes = ink_of(
        ".###.....###.",
        "..###...###..",
        "...###.###...",
        "....#####....",
        "...###.###...",
        "..###...###..",
        ".###.....###.",
    )
    lines = np.zeros(strokes.shape, bool)
    lines[1:6] = True
    np.testing.assert_array_equal(without_touched_line(strokes, lines, reach=12), strokes)


def test_only_strokes_within_reach_of_each_other_are_joined_on_a_line() -> None:
    mask, lines = np.zeros((9, 60), bool), np.zeros((9, 60), bool)
    mask[3:6] = lines[3:6] = True
    mask[:3, 10:12] = mask[6:, 17:19] = True  # six columns from one to the other
    assert not without_touched_line(mask, lines, reach=5)[3:6].any()
    found = without_touched_line(mask, lines, reach=6)[3:6]
    assert found.any(axis=1).all()
    assert not found[:, [*range(9), *range(20, 60)]].any()
    mask[:3], mask[6:] = False, False
    mask[:3, 5:30], mask[6:, 31:55] = (
        True,
        True,
    )  # along the line, one on each side: only near the end of each
    found = without_touched_line(mask, lines, reach=5)[3:6]
    assert found.any()
    assert not found[:, [*range(25), *range(37, 60)]].any()


def test_strokes_that_cross_a_slanting_line_are_whole() -> None:
    lines, stroke = drawn((0, 20), (160, 26), 4)[:60, :160], drawn((70, 0), (90, 60), 6)[:60, :160]
    kept = without_touched_line(lines | stroke, lines, reach=12)
    assert kept[stroke].mean() > 0.98
    assert kept[lines & ~stroke].mean() < 0.04
    tall = without_touched_line(
        (lines | stroke).T, lines.T, reach=12
    )  # no upright line: the level ones alone count
    assert tall[stroke.T & ~lines.T].all()


@pytest.mark.parametrize("width", [1, 2, 3])
def test_masks_of_few_columns_are_taken(width: int) -> None:
    mask, lines = np.ones((9, width), bool), np.zeros((9, width), bool)
    lines[3:6] = True
    assert without_touched_line(mask, lines, reach=2).all()
    mask[6:] = False
    assert not without_touched_line(mask, lines, reach=2)[3:].any()
