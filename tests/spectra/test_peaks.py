from __future__ import annotations

import numpy as np
import pytest

from sigforensics.settings import Peaks
from sigforensics.spectra import dct_magnitude_log, peak_excess, peak_places

PLACES = [tuple(place) for place in peak_places(Peaks().periods)]


def excess(images: np.ndarray) -> np.ndarray:
    logs = dct_magnitude_log(images.astype(np.float32), floor=1e-3)
    return np.stack([peak_excess(*images.shape[1:], Peaks()).of(log) for log in logs])


def noise(n: int, shape: tuple[int, int] = (96, 96), seed: int = 0) -> np.ndarray:
    return np.clip(np.random.default_rng(seed).normal(0.5, 0.05, (n, *shape)), 0, 1)


def test_places_are_the_harmonics_of_the_periods_and_their_crossings():
    assert len(PLACES) == 24
    assert {value for place in PLACES for value in place} == {0, 1 / 8, 1 / 4, 3 / 8, 1 / 2}
    assert (0, 0) not in PLACES
    assert [tuple(place) for place in peak_places([3])] == [(0, 1 / 3), (1 / 3, 0), (1 / 3, 1 / 3)]


def slow_excess(log, place):
    """From the definition, coefficient by coefficient."""
    height, width = log.shape
    sides = []
    for size, frequency in ((height, place[0]), (width, place[1])):
        off = [abs(u - 2 * size * frequency) for u in range(size)]
        inside = [u for u in range(size) if off[u] <= 1.5]
        around = [u for u in range(size) if 3 <= off[u] <= min(16, size // 16)]
        sides.append((inside, around))

    def mean(rows, columns):
        return np.mean([log[u, v] for u in rows for v in columns])

    (down, beside), (across, along) = sides
    if place[0] == 0:
        return mean(down, across) - mean(down, along)
    if place[1] == 0:
        return mean(down, across) - mean(beside, across)
    return mean(down, across) - mean(beside, across) - mean(down, along) + mean(beside, along)


@pytest.mark.parametrize("shape", [(64, 75), (101, 75), (300, 70)])
def test_the_excess_is_that_of_its_definition(shape):
    log = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    found = peak_excess(*shape, Peaks()).of(log)
    expected = [slow_excess(log.astype(np.float64), place) for place in PLACES]
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("shape", [(96, 96), (101, 75)])
@pytest.mark.parametrize(
    ("vertical", "horizontal"),
    [(0, 1 / 2), (1 / 4, 0), (1 / 8, 0), (1 / 2, 1 / 2), (1 / 4, 1 / 8), (0, 3 / 8)],
)
def test_a_planted_pattern_is_found_at_its_place_and_nowhere_else(shape, vertical, horizontal):
    rows, columns = np.arange(shape[0])[:, np.newaxis], np.arange(shape[1])
    pattern = np.cos(2 * np.pi * vertical * rows + 0.6) * np.cos(2 * np.pi * horizontal * columns + 0.6)
    images = noise(60, shape) + 0.02 * pattern
    values = excess(images)
    t = values.mean(axis=0) / (values.std(axis=0, ddof=1) / np.sqrt(len(values)))
    risen = [place for place, value in zip(PLACES, t, strict=True) if value > 4]
    assert risen == [(vertical, horizontal)]
    assert np.abs(np.delete(t, PLACES.index((vertical, horizontal)))).max() < 4


def test_noise_has_the_stated_mean_and_spread():
    values = excess(noise(400))
    t = values.mean(axis=0) / (values.std(axis=0, ddof=1) / np.sqrt(len(values)))
    assert np.abs(t).max() < 4
    weights = peak_excess(96, 96, Peaks())
    down, across = np.linalg.norm(weights.row_weights, axis=1), np.linalg.norm(weights.column_weights, axis=1)
    expected = np.pi / np.sqrt(8) * np.outer(down, across).ravel()[1:]
    np.testing.assert_allclose(values.std(axis=0, ddof=1), expected, rtol=0.15)


def test_a_slope_is_no_peak_and_a_ridge_counts_for_nothing_at_a_crossing():
    rows, columns = np.arange(128)[:, np.newaxis], np.arange(128)
    slope = (0.02 * rows + 0.05 * columns + np.zeros((128, 128))).astype(np.float32)
    inner = [max(place) < 0.5 for place in PLACES]  # at 1/2 there is one side only
    assert np.abs(peak_excess(128, 128, Peaks()).of(slope)[inner]).max() < 1e-5
    ridge = np.zeros((128, 128), np.float32)
    ridge[64] = 2.0  # the row of vertical frequency 1/4
    values = dict(zip(PLACES, peak_excess(128, 128, Peaks()).of(ridge), strict=True))
    assert values[1 / 4, 0] == pytest.approx(2 / 3)
    assert max(abs(value) for place, value in values.items() if place != (1 / 4, 0)) < 1e-6


def test_images_too_small_for_a_neighbourhood_have_no_excess():
    assert peak_excess(63, 200, Peaks()) is None
    for size in range(64, 100):
        assert np.isfinite(peak_excess(size, size, Peaks()).row_weights).all()
