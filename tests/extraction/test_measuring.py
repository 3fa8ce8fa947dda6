from __future__ import annotations

import numpy as np
import pytest

from sigforensics.extraction.components import find_components
from sigforensics.extraction.measuring import Measures, measure
from sigforensics.settings import Extraction

SETTINGS = Extraction()
PER_MM = 200 / 25.4


def measures_of(ink: np.ndarray) -> Measures:
    grey = np.where(ink, 0.1, 1.0).astype(np.float32)
    pieces = find_components(ink, grey, per_mm=PER_MM, settings=SETTINGS)
    return measure(pieces, np.arange(len(pieces)), grey, character=16.0, settings=SETTINGS)


def test_a_bar_measures_what_it_is() -> None:
    ink = np.zeros((400, 600), bool)
    ink[190:196, 100:420] = True
    found = measures_of(ink)
    assert found.width == pytest.approx(320 / PER_MM)
    assert found.height == pytest.approx(6 / PER_MM)
    assert found.fill == pytest.approx(1.0)
    assert found.stroke == pytest.approx(6 / PER_MM, rel=0.2)
    assert found.path == pytest.approx(1.0, rel=0.2)
    assert found.place == pytest.approx(193 / 400)
    assert found.axial > 0.9
    assert found.directions < 2


def test_a_ring_has_contours_in_all_directions() -> None:
    y, x = np.mgrid[:400, :400]
    radius = np.hypot(y - 200, x - 200)
    found = measures_of((radius > 120) & (radius < 126))
    assert found.directions > 17
    assert found.axial == pytest.approx(0.22, abs=0.05)
    assert found.path == pytest.approx(2 * np.pi * 123 / np.hypot(252, 252), rel=0.2)


def test_the_ink_of_the_largest_piece_is_a_share_of_all() -> None:
    ink = np.zeros((400, 600), bool)
    ink[190:196, 100:400] = True
    ink[190:196, 410:510] = True
    found = measures_of(ink)
    assert found.pieces == 2
    assert found.largest == pytest.approx(0.75)
