"""The direction of rows, against rows of a known slope."""

from __future__ import annotations

import numpy as np
import pytest

from sigforensics.extraction.skew import row_direction
from sigforensics.settings import Levelling

SETTINGS = Levelling()


def feet(slope: float, rows: int = 20, each: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Feet of characters on rows 60 pixels apart that fall by so many degrees, uneven by a pixel."""
    rng = np.random.default_rng(2)
    x = rng.uniform(0, 1200, rows * each)
    y = np.repeat(np.arange(rows) * 60.0, each) + rng.normal(0, 1, rows * each)
    turn = np.radians(slope)
    return x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)


@pytest.mark.parametrize("slope", [-8.3, -2.0, 0.0, 0.4, 6.75])
def test_the_slope_of_rows_is_found_to_a_tenth_of_a_degree(slope: float) -> None:
    found = row_direction(*feet(slope), bin_size=2.0, settings=SETTINGS)
    assert abs(found.angle - slope) <= 0.1
    assert found.sharpness > SETTINGS.least_sharpness


def test_feet_without_rows_are_not_sharp() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0, 1200, (2, 800))
    assert row_direction(x, y, bin_size=2.0, settings=SETTINGS).sharpness < 1.5


def test_rows_seen_from_the_side_are_not_sharp() -> None:
    x, y = feet(0.0)
    assert row_direction(-y, x, bin_size=2.0, settings=SETTINGS).sharpness < 1.5


def test_a_single_piece_is_level() -> None:
    assert row_direction(np.array([5.0]), np.array([9.0]), bin_size=2.0, settings=SETTINGS).sharpness == 1
