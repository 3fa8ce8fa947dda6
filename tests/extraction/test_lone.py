"""Which pieces that were not joined to a signature belong to it."""

from __future__ import annotations

import numpy as np
import pytest

from sigforensics.extraction import Box
from sigforensics.extraction.components import find_components
from sigforensics.extraction.lone import lone_strokes
from sigforensics.settings import Extraction

from .test_finding import bars


@pytest.mark.parametrize(
    ("piece", "likelihood", "joined"),
    [
        ((40, 40, 4, 4), 0.96, True),
        ((40, 40, 4, 4), 0.94, False),
        ((40, 40, 3, 2), 0.99, False),  # 0.097 square millimetres
        ((96, 40, 4, 4), 0.99, True),  # ends where the part ends
        ((97, 40, 4, 4), 0.99, False),  # reaches out of it
    ],
)
def test_a_lone_stroke_lies_whole_in_the_part_is_surely_by_hand_and_no_speck(
    piece: tuple[int, int, int, int], likelihood: float, *, joined: bool
) -> None:
    grey = bars(piece).astype(np.float32)
    settings, per_mm = Extraction(), 200 / 25.4
    pieces = find_components(grey < 0.5, grey, per_mm=per_mm, settings=settings)
    around = Box(0, 20, 100, 60)
    likely = np.full((60, 100), likelihood, np.float32)
    assert lone_strokes(pieces, likely, around, per_mm=per_mm, settings=settings).tolist() == [joined]


def test_the_mean_over_a_piece_decides_whether_it_is_a_lone_stroke() -> None:
    grey = bars((40, 40, 8, 4), (60, 40, 8, 4)).astype(np.float32)
    settings, per_mm = Extraction(), 200 / 25.4
    pieces = find_components(grey < 0.5, grey, per_mm=per_mm, settings=settings)
    likely = np.ones((160, 300), np.float32)
    likely[40:44, 40:48] = np.linspace(0.91, 0.998, 8)  # 0.954 in the mean
    likely[40:44, 60:68] = np.linspace(0.89, 0.998, 8)  # 0.944
    whole = Box(0, 0, 300, 160)
    assert lone_strokes(pieces, likely, whole, per_mm=per_mm, settings=settings).tolist() == [True, False]
