"""What became of the pixels around a signature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from sigforensics.extraction import Box, level_page
from sigforensics.extraction.removal import Fate, Removal
from sigforensics.settings import Extraction

SETTINGS = Extraction()
PER_MM = 150 / 25.4


@pytest.fixture(scope="module")
def drawn(draw_page: Callable[..., Any]) -> Any:
    return draw_page(dpi=150, stated=(150.0, 150.0), ruled=True)


@pytest.fixture(scope="module")
def stamped(drawn: Any) -> Any:
    """The page with a round stamp on its left."""
    pixels = drawn.scan.pixels.copy()
    cv2.circle(pixels, (round(45 * PER_MM), round(220 * PER_MM)), round(12 * PER_MM), (0.2,), 4)
    return replace(drawn.scan, pixels=pixels)


def fates(scan: Any, box: Box, kept: np.ndarray | None = None) -> np.ndarray:
    none = np.zeros((box.height, box.width), bool)
    return Removal(level_page(scan), settings=SETTINGS).fates(box, none if kept is None else kept)


def most_common(values: np.ndarray) -> int:
    return int(np.bincount(values).argmax())


def test_ruled_line_print_stamp_and_paper_are_told(drawn: Any, stamped: Any) -> None:
    height, width = stamped.pixels.shape
    found = fates(stamped, Box(0, 0, width, height))
    line = drawn.line & ~cv2.dilate(drawn.stroke.astype(np.uint8), np.ones((9, 9))).astype(bool)
    assert most_common(found[line]) == Fate.RULED_LINE
    print_ = (stamped.pixels < 0.3) & (np.arange(height) < 150 * 5)[:, None]
    assert most_common(found[print_]) == Fate.PRINT
    ring = (np.arange(width) < 60 * PER_MM) & (stamped.pixels < 0.3) & (np.arange(height) > 150 * 7)[:, None]
    assert most_common(found[ring & ~drawn.line]) == Fate.STAMP
    assert most_common(found[drawn.stroke & ~drawn.line]) == Fate.NEIGHBOUR
    assert np.all(found[stamped.pixels > 0.9] == Fate.PAPER)
    assert set(np.unique(found)) <= set(Fate)


def test_what_is_kept_is_kept(drawn: Any) -> None:
    box = drawn.truth
    kept = drawn.stroke[box.slices]
    found = fates(drawn.scan, box, kept)
    np.testing.assert_array_equal(found == Fate.KEPT, kept)


def test_on_a_skewed_page_the_line_is_told_where_it_runs(drawn: Any) -> None:
    height, width = drawn.scan.pixels.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -3, 1)
    pixels = cv2.warpAffine(drawn.scan.pixels, turn, (width, height), borderValue=(0.97,))
    line = cv2.warpAffine((drawn.line & ~drawn.stroke).astype(np.float32), turn, (width, height)) > 0.9
    found = fates(replace(drawn.scan, pixels=pixels), Box(0, 0, width, height))
    assert np.mean(found[line] == Fate.RULED_LINE) > 0.6


def test_a_stroke_that_is_cut_off_on_a_ruled_line_counts_as_the_line(drawn: Any) -> None:
    height, width = drawn.scan.pixels.shape
    found = fates(drawn.scan, Box(0, 0, width, height))
    crossing = drawn.line & drawn.stroke
    assert np.count_nonzero(crossing) > 20
    assert np.mean(found[crossing] == Fate.RULED_LINE) > 0.85
    far = drawn.stroke & ~cv2.dilate(drawn.line.astype(np.uint8), np.ones((9, 9))).astype(bool)
    assert np.mean(found[far] == Fate.NEIGHBOUR) > 0.95
