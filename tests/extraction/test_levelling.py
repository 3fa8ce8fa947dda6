"""A signature is found in its place however its page was scanned, and no value of the page changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from sigforensics.errors import PolarityWrong
from sigforensics.extraction import Box
from sigforensics.extraction.levelling import find_on_page, level_page, undithered
from sigforensics.scans import Scan, check_exposure
from sigforensics.scans.orientation import turn_scan

Drawn = Any


@pytest.fixture(scope="module")
def drawn(draw_page: Callable[..., Drawn]) -> Drawn:
    return draw_page(dpi=150, stated=(150.0, 150.0))


def skewed(scan: Scan, degrees: float, squeeze: float = 1.0) -> tuple[Scan, np.ndarray]:
    """The page with rows that fall by so many degrees, scanned with fewer lines an inch; and the map of its pixels."""
    height, width = scan.pixels.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    turn[1] *= squeeze
    size = width, round(height * squeeze)
    pixels = cv2.warpAffine(scan.pixels, turn, size, flags=cv2.INTER_AREA, borderValue=(0.97,))
    return replace(scan, pixels=pixels, dpi=(150.0, 150.0 * squeeze)), turn


def place(mask: np.ndarray, turn: np.ndarray, shape: tuple[int, int]) -> Box:
    moved = cv2.warpAffine(mask.astype(np.float32), turn, shape[::-1]) > 0.5
    rows, columns = np.flatnonzero(moved.any(axis=1)), np.flatnonzero(moved.any(axis=0))
    return Box.spanning(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def test_a_level_page_in_even_light_is_looked_at_as_it_is(drawn: Drawn) -> None:
    page = level_page(drawn.scan)
    assert page.scan is page.evened is page.working is drawn.scan
    assert page.notes == ()


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_on_its_side_or_head_gives_the_same_candidates(drawn: Drawn, quarters: int) -> None:
    expected = find_on_page(drawn.scan)[1][0]
    page, found = find_on_page(turn_scan(drawn.scan, quarters, "as it lay"))
    np.testing.assert_array_equal(page.scan.pixels, drawn.scan.pixels)
    assert page.scan.orientation == drawn.scan.orientation
    assert found[0].box == expected.box
    np.testing.assert_array_equal(found[0].mask, expected.mask)
    assert "turned to the right" in page.scan.notes[-1]


@pytest.mark.parametrize(("degrees", "squeeze"), [(4.0, 1.0), (-3.0, 0.6)])
def test_on_a_skewed_page_the_box_and_the_ink_are_those_of_the_page(
    drawn: Drawn, degrees: float, squeeze: float
) -> None:
    scan, turn = skewed(drawn.scan, degrees, squeeze)
    page, found = find_on_page(scan)
    assert page.scan is scan
    assert abs(page.stand.skew - degrees) < 0.2
    truth = place(drawn.stroke, turn, scan.pixels.shape)
    assert truth.grown(18, round(18 * squeeze), scan.pixels.shape).intersection_over_union(found[0].box) > 0.8
    stroke = cv2.warpAffine(drawn.stroke.astype(np.float32), turn, scan.pixels.shape[::-1]) > 0.5
    inside = stroke[found[0].box.slices]
    assert (found[0].mask & inside).sum() / inside.sum() > 0.9
    assert (found[0].mask & inside).sum() / found[0].mask.sum() > 0.6


def test_a_signature_on_a_dithered_page_is_found_and_the_page_keeps_its_dots(drawn: Drawn) -> None:
    shaded = drawn.scan.pixels * np.float32(0.94)
    dots = np.asarray(Image.fromarray((255 * shaded).astype(np.uint8)).convert("1"), np.float32)
    scan = replace(drawn.scan, pixels=dots)
    page, found = find_on_page(scan)
    assert page.scan is scan
    assert any("dithered" in note for note in page.notes)
    expected = find_on_page(drawn.scan)[1][0]
    assert found[0].box.intersection_over_union(expected.box) > 0.8
    assert found[0].confidence > 0.5
    plain = replace(drawn.scan, pixels=np.round(drawn.scan.pixels))
    assert not any("dithered" in note for note in find_on_page(plain)[0].notes)


def test_a_dithered_page_in_a_shadow_is_neither_a_negative_nor_left_in_the_dark(drawn: Drawn) -> None:
    """Its dots are dark on light in the light, and light on dark in the shadow."""
    light = np.linspace(0.7, 0.2, drawn.scan.pixels.shape[0], dtype=np.float32)[:, None]
    dots = np.asarray(
        Image.fromarray((255 * light * drawn.scan.pixels).astype(np.uint8)).convert("1"), np.float32
    )
    scan = replace(drawn.scan, pixels=dots)
    with pytest.raises(PolarityWrong):
        check_exposure(scan)
    check_exposure(undithered(scan))
    page, found = find_on_page(scan)
    assert (page.dithered, page.uneven) == (True, True)
    expected = find_on_page(drawn.scan)[1][0]
    assert found[0].box.intersection_over_union(expected.box) > 0.8
    assert undithered(drawn.scan) is drawn.scan


def test_a_signature_in_a_shadow_is_found_and_the_page_keeps_its_values(drawn: Drawn) -> None:
    height, width = drawn.scan.pixels.shape
    light = np.linspace(1, 0.25, height, dtype=np.float32)[:, None] * np.ones(width, np.float32)
    scan = replace(drawn.scan, pixels=drawn.scan.pixels * light)
    page, found = find_on_page(scan)
    assert page.scan is scan
    assert "unevenly lit" in page.notes[-1]
    expected = find_on_page(drawn.scan)[1][0]
    assert found[0].box.intersection_over_union(expected.box) > 0.85


def test_a_page_without_print_is_taken_as_it_is_and_that_is_said(draw_page: Callable[..., Drawn]) -> None:
    page = level_page(draw_page(rows=0).scan)
    assert page.notes == ("too little print to tell which way the page stands: taken as it is",)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_the_resolution_is_estimated_of_the_page_as_it_stands(drawn: Drawn, quarters: int) -> None:
    """The sizes of sheets are those of upright ones."""
    turned = turn_scan(replace(drawn.scan, dpi=None), quarters, "")
    page = level_page(turned)
    assert page.stand.quarters == (4 - quarters) % 4
    assert page.dpi == pytest.approx((150, 150), rel=0.01)
    assert page.working.dpi == page.dpi
