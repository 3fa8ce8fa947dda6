"""How drawn pages stand, whichever way they are turned."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sigforensics.extraction.turning import Stand, stand_of
from sigforensics.settings import Levelling

PER_MM = 150 / 25.4
SETTINGS = Levelling()
TEXT = "Any change of this agreement needs the written form; if one clause is void, the others hold."


@cache
def printed(text: str, rows: int = 14) -> NDArray[np.bool_]:
    """Ink of an upright page at 150 dpi."""
    page = Image.new("L", (900, 1200), 255)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(size=22)
    for row in range(rows):
        draw.text((80, 100 + 34 * row), text[row % 3 :], font=font, fill=0)
    return np.asarray(page) < 128


def told(ink: NDArray[np.bool_]) -> Stand:
    return stand_of(ink, per_mm=PER_MM, settings=SETTINGS)


def askew(ink: NDArray[np.bool_], degrees: float) -> NDArray[np.bool_]:
    """Rows fall by so many degrees."""
    height, width = ink.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    return cv2.warpAffine(ink.astype(np.float32), turn, (width, height)) > 0.5


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("degrees", [0.0, -4.0])
def test_a_turned_and_skewed_page_is_told_as_such(quarters: int, degrees: float) -> None:
    stand = told(np.rot90(askew(printed(TEXT), degrees), quarters))
    assert (stand.quarters, stand.axis_told, stand.way_up_told) == (quarters, True, True)
    assert abs(stand.skew - degrees) <= 0.15


def test_capitals_tell_the_axis_and_not_the_way_up() -> None:
    capitals = "NO PART OF THE WORK MAY BE HANDED ON WITHOUT LEAVE"
    stand = told(np.rot90(printed(capitals), 1))
    assert (stand.quarters % 2, stand.axis_told, stand.way_up_told) == (1, True, False)
    assert told(np.rot90(printed(capitals), 2)).quarters == 0


@pytest.mark.parametrize("quarters", [0, 1])
def test_too_little_print_tells_nothing(quarters: int) -> None:
    few = np.rot90(printed("Signed at", 2), quarters)
    assert told(few) == Stand(0, 0.0, axis_told=False, way_up_told=False)
    assert not told(np.zeros((400, 300), bool)).axis_told


def test_specks_tell_nothing() -> None:
    rng = np.random.default_rng(1)
    noise = cv2.resize((rng.random((200, 150)) < 0.1).astype(np.uint8), (900, 1200)) > 0
    assert not told(noise).axis_told


def test_a_signature_alone_is_never_turned(draw_page: Callable[..., Any]) -> None:
    page = draw_page(rows=0)
    assert told(page.stroke) == Stand(0, 0.0, axis_told=False, way_up_told=False)
