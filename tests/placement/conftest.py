"""A drawn page with its signature, and the same in other kinds of file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sigforensics.extraction import Signature, extract, find_signatures
from sigforensics.placement.paper import to_luma
from sigforensics.samples import draw_page, invent_writer
from sigforensics.scans import PageValues, Scan, Source

DPI = 150.0


@dataclass(frozen=True)
class Case:
    values: NDArray
    page: PageValues
    signature: Signature
    per_mm: float


@pytest.fixture(scope="session")
def drawn_page() -> NDArray[np.float32]:
    """The signed part of a drawn page, brightness."""
    page = draw_page([invent_writer(1, seed=3)], rng=np.random.default_rng(1), dpi=DPI)
    ((_, top, _, height),) = page.boxes
    return page.pixels[top + height + 60 - 600 : top + height + 60]


def as_colour(grey: NDArray[np.float32], ink: tuple[float, float, float]) -> NDArray[np.uint8]:
    """Ink of that colour on yellowish paper: absorbance in each channel in proportion to that of grey."""
    paper = 0.94
    through = np.clip(grey / paper, 0.01, None)[..., None]
    return np.rint(np.clip(255 * np.array([0.97, 0.93, 0.82]) * through ** np.array(ink), 0, 255)).astype(
        np.uint8
    )


@pytest.fixture(scope="session")
def make_case(drawn_page: NDArray[np.float32]) -> Callable[..., Case]:
    """The page as another kind of values, with its signature as it would be taken from it."""

    def make(kind: str = "grey", *, bright: bool = False) -> Case:
        values = {
            "grey": lambda: np.rint(drawn_page * 255).astype(np.uint8),
            "16-bit": lambda: np.rint(drawn_page * 65_535).astype(np.uint16),
            "two levels": lambda: drawn_page > 0.6,
            "blue": lambda: as_colour(drawn_page, (1.3, 1.0, 0.45)),
        }[kind]()
        if bright:
            values = ~values if values.dtype == np.bool_ else np.iinfo(values.dtype).max - values
        page = PageValues(values, bright=bright)
        pixels = np.clip(to_luma(page.brightness()), 0, 1)
        scan = Scan(pixels, Source(Path("page.png"), ""), 1, 1, (DPI, DPI), "PNG", "L", 8)
        return Case(values, page, extract(scan, find_signatures(scan)[0]), DPI / 25.4)

    return make
