"""Pages drawn for the tests: print, ruled lines, and a signature whose place and ink are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sigforensics.extraction import Box
from sigforensics.scans import Scan
from sigforensics.scans.page import Source

TEXT = """
The parties agree that the work shall be delivered on the day named above and that payment falls due thirty
days later. Any change of this agreement needs the written form. Should one clause be void, the others remain
in force, and the parties replace it by one that comes nearest to what they intended.
"""
WORDS = TEXT.split()


@dataclass(frozen=True)
class Drawn:
    """A drawn page and what is known of it."""

    scan: Scan
    stroke: NDArray[np.bool_]
    """Where the signature has ink, shape of the page."""
    line: NDArray[np.bool_]
    """Where the ruled line has ink, shape of the page."""

    @property
    def truth(self) -> Box:
        """The bounding box of the signature."""
        rows, columns = np.flatnonzero(self.stroke.any(axis=1)), np.flatnonzero(self.stroke.any(axis=0))
        return Box.spanning(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def make_scan(grey: NDArray[np.float64], dpi: tuple[float, float] | None) -> Scan:
    """A page of grey values that nobody can write to."""
    pixels = np.clip(grey, 0, 1).astype(np.float32)
    pixels.flags.writeable = False
    return Scan(pixels, Source(Path("page.png"), "0" * 64), 1, 1, dpi, "PNG", "L", 8)


def print_page(dpi: int, rows: int, texture: float) -> NDArray[np.float64]:
    """An A4 page with rows of print, faint noise, and a wavy printed texture of the given depth."""
    width, height = round(210 / 25.4 * dpi), round(297 / 25.4 * dpi)
    page = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=dpi / 6)  # 12 points
    for row in range(rows):
        words = [WORDS[(7 * row + k) % len(WORDS)] for k in range(11)]
        draw.text((dpi, round(dpi * (1 + row * 0.22))), " ".join(words), font=font, fill=20)
    y, x = np.mgrid[:height, :width] / dpi
    waves = texture * (0.5 + 0.5 * np.sin(60 * x + 6 * np.sin(9 * y)))
    noise = np.random.default_rng(1).normal(0, 0.01, (height, width))
    return np.asarray(page, float) / 255 * 0.97 - waves + noise


def signature_ink(shape: tuple[int, int], dpi: int, centre: tuple[float, float]) -> NDArray[np.float64]:
    """Absorption, 0 to 1, of a looped stroke of varying width, 55 mm across, around a centre in mm."""
    per_mm, finer = dpi / 25.4, 4
    t = np.linspace(0, 1, 6000)
    x = centre[0] + 55 * (t - 0.5) + 5 * np.cos(2 * np.pi * 6.3 * t)
    y = centre[1] + (9 - 5 * t) * np.sin(2 * np.pi * 6.3 * t + 0.5) - 6 * (t - 0.5)
    pen = 0.25 + 0.12 * np.sin(2 * np.pi * 11 * t)  # mm, radius
    left, top = round((centre[0] - 45) * per_mm), round((centre[1] - 25) * per_mm)
    patch = np.zeros((round(50 * per_mm) * finer, round(90 * per_mm) * finer), np.uint8)
    for a, b, radius in zip((x * per_mm - left) * finer, (y * per_mm - top) * finer, pen, strict=True):
        cv2.circle(patch, (round(a), round(b)), round(radius * per_mm * finer), 255, cv2.FILLED)
    small = cv2.resize(patch, None, fx=1 / finer, fy=1 / finer, interpolation=cv2.INTER_AREA) / 255
    ink = np.zeros(shape)
    ink[top : top + small.shape[0], left : left + small.shape[1]] = small
    return ink


@pytest.fixture(scope="session")
def draw_page() -> Callable[..., Drawn]:
    """Draws a page, once for the same wishes: the signature's centre in mm or none, a ruled line through it, texture."""

    @cache
    def draw(
        *,
        dpi: int = 200,
        rows: int = 18,
        centre: tuple[float, float] | None = (120.0, 220.0),
        ruled: bool = False,
        texture: float = 0.0,
        stated: tuple[float, float] | None = (200.0, 200.0),
    ) -> Drawn:
        page = print_page(dpi, rows, texture)
        ink = signature_ink(page.shape, dpi, centre) if centre else np.zeros(page.shape)
        line = np.zeros(page.shape, bool)
        if ruled and centre:
            row = round((centre[1] + 1.5) / 25.4 * dpi)
            line[row : row + round(0.4 / 25.4 * dpi), dpi : round(7.3 * dpi)] = True
        grey = np.where(line, 0.1, page) * (1 - 0.85 * ink)
        return Drawn(make_scan(grey, stated), ink > 0.5, line)

    return draw
