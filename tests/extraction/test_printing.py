from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from sigforensics.extraction.components import Components, find_components
from sigforensics.extraction.printing import character_height, printed
from sigforensics.settings import Extraction

from .conftest import Drawn

SETTINGS = Extraction()
PER_MM = 200 / 25.4
Draw = Callable[..., Drawn]


def pieces_of(grey: np.ndarray) -> Components:
    grey = np.asarray(grey, np.float32)
    return find_components(grey < 0.6, grey, per_mm=PER_MM, settings=SETTINGS)


def heading(size: int) -> np.ndarray:
    page = Image.new("L", (1400, 300), 255)
    ImageDraw.Draw(page).text((60, 60), "HMENTURING COMPANY", font=ImageFont.load_default(size=size), fill=0)
    return np.asarray(page, np.float32) / 255


def share_of_print(grey: np.ndarray) -> float:
    pieces = pieces_of(grey)
    found = printed(pieces, per_mm=PER_MM, settings=SETTINGS)
    return float(pieces.area[found].sum() / pieces.area.sum())


def test_running_text_is_print(draw_page: Draw) -> None:
    assert share_of_print(draw_page(centre=None, rows=30).scan.pixels) > 0.97


def test_a_signature_is_no_print(draw_page: Draw) -> None:
    drawn = draw_page(rows=5)
    pieces = pieces_of(drawn.scan.pixels)
    mask = pieces.mask(printed(pieces, per_mm=PER_MM, settings=SETTINGS))
    assert not mask[drawn.stroke].any()


@pytest.mark.parametrize("turned", [False, True])
def test_a_heading_is_print_level_or_upright(*, turned: bool) -> None:
    page = heading(80)
    assert share_of_print(np.rot90(page) if turned else page) > 0.9


def test_the_height_of_characters_is_their_median_height() -> None:
    page = np.ones((600, 900), np.float32)
    for row in range(5):
        for column in range(12):
            page[40 + 90 * row : 58 + 90 * row, 40 + 60 * column : 52 + 60 * column] = 0
    assert character_height(pieces_of(page), per_mm=PER_MM, settings=SETTINGS) == 18


def test_without_print_the_usual_height_is_assumed() -> None:
    page = np.ones((300, 300), np.float32)
    page[100:200, 100:104] = 0
    height = character_height(pieces_of(page), per_mm=PER_MM, settings=SETTINGS)
    assert height == pytest.approx(SETTINGS.print_height * PER_MM)
