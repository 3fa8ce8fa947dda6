from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigforensics.extraction import Box
from sigforensics.extraction.sheet import local_threshold, resolution, to_sheet
from sigforensics.settings import Extraction

from .conftest import Drawn, make_scan

SETTINGS = Extraction()
Draw = Callable[..., Drawn]


def test_a_stated_resolution_is_taken(draw_page: Draw) -> None:
    assert resolution(draw_page().scan, settings=SETTINGS) == (200.0, 200.0)


@pytest.mark.parametrize("stated", [None, (72.0, 72.0)])
def test_an_a4_page_tells_its_resolution_by_its_size(
    draw_page: Draw, stated: tuple[float, float] | None
) -> None:
    across, down = resolution(draw_page(stated=stated).scan, settings=SETTINGS)
    assert across == down == pytest.approx(200, rel=0.01)


def test_a_part_of_a_page_tells_its_resolution_by_its_print(draw_page: Draw) -> None:
    part = draw_page(rows=20).scan.pixels[150:900, 100:1500]
    across, _ = resolution(make_scan(part, None), settings=SETTINGS)
    assert across == pytest.approx(200, rel=0.3)


def test_a_blank_page_of_no_known_size_has_a_resolution_all_the_same() -> None:
    across, down = resolution(make_scan(np.ones((700, 900)), None), settings=SETTINGS)
    assert across == down > 0


def test_both_directions_get_the_same_resolution() -> None:
    sheet = to_sheet(make_scan(np.ones((1000, 3000)), (300.0, 100.0)), settings=SETTINGS)
    assert sheet.ink.shape == (2000, 2000)
    assert sheet.scale == (1.5, 0.5)


@given(st.integers(0, 250), st.integers(0, 90), st.integers(1, 50), st.integers(1, 10))
def test_a_box_taken_to_the_sheet_and_back_holds_the_box(
    left: int, top: int, width: int, height: int
) -> None:
    sheet = to_sheet(make_scan(np.ones((100, 300)), (300.0, 100.0)), settings=SETTINGS)
    box = Box(left, top, width, height)
    assert sheet.to_page(sheet.from_page(box), (100, 300)).intersection(box) == box


def test_the_threshold_follows_the_shade_of_the_paper() -> None:
    paper = np.tile(np.linspace(0.5, 1.0, 400, dtype=np.float32), (200, 1))
    page = paper.copy()
    page[100:103, 20:380] *= 0.5
    ink = page < local_threshold(page, window=40, settings=SETTINGS)
    assert ink[100:103, 20:380].all()
    assert ink.sum() == 3 * 360


def test_the_threshold_is_sauvolas_formula() -> None:
    page = np.random.default_rng(2).random((30, 40)).astype(np.float32)
    window = page[10:17, 20:27].astype(float)
    expected = window.mean() * (1 + SETTINGS.threshold_k * (window.std() / 0.5 - 1))
    assert local_threshold(page, window=7, settings=SETTINGS)[13, 23] == pytest.approx(expected, rel=1e-4)


def test_large_black_areas_are_ink_within_as_well() -> None:
    page = np.ones((300, 300), np.float32)
    page[50:250, 50:250] = 0.02
    assert (page < local_threshold(page, window=30, settings=SETTINGS))[50:250, 50:250].all()
