from __future__ import annotations

import numpy as np
import pytest

from sigforensics.spectra import DIRECTIONS, line_bands, line_edges


def slow_means(spectrum, bands, half_width, nyquist, limits):
    """Every band by itself, from the definition."""
    height, width = spectrum.shape
    means = np.full((3, bands), np.nan)
    sums = np.zeros((3, bands, 2))
    for u in range(height):
        for v in range(width):
            y, x = u * nyquist[0] / height / limits[0], v * nyquist[1] / width / limits[1]
            if (u, v) == (0, 0) or y >= 1 - 1e-9 or x >= 1 - 1e-9:
                continue
            radius = np.hypot(y * limits[0], x * limits[1]) / np.hypot(*limits)
            for line, (near, along) in enumerate(((y, x), (x, y), (abs(y - x), radius))):
                if near <= half_width:
                    sums[line, int(along * bands + 1e-9)] += spectrum[u, v], 1
    filled = sums[..., 1] > 0
    means[filled] = sums[filled, 0] / sums[filled, 1]
    return means


@pytest.mark.parametrize(
    ("shape", "nyquist", "limits"),
    [
        ((48, 48), (0.5, 0.5), (0.5, 0.5)),
        ((40, 57), (0.5, 0.5), (0.5, 0.5)),
        ((40, 57), (3.0, 4.0), (2.0, 4.0)),
    ],
)
def test_means_are_those_of_a_slow_count(shape, nyquist, limits):
    spectrum = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    lines = line_bands(*shape, 8, half_width=1 / 16, nyquist=nyquist, limits=limits)
    expected = slow_means(spectrum.astype(np.float64), 8, 1 / 16, nyquist, limits)
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(lines.means(spectrum), expected, atol=1e-6)


def test_bands_without_a_coefficient_have_no_mean():
    lines = line_bands(16, 16, 20, half_width=1 / 32)
    means = lines.means(np.ones((16, 16), np.float32))
    assert np.isnan(means).any()
    assert np.array_equal(np.isnan(means), lines.counts == 0)
    assert set(means[~np.isnan(means)]) == {1.0}


@pytest.mark.parametrize("direction", range(3))
def test_a_ridge_shows_in_its_own_direction_alone(direction):
    spectrum = np.zeros((64, 64), np.float32)
    places = (0, slice(32, 48)), (slice(32, 48), 0), (range(32, 48), range(32, 48))
    spectrum[places[direction]] = 1.0
    means = line_bands(64, 64, 8, half_width=1 / 32).means(spectrum)
    assert DIRECTIONS[direction] == ("horizontal", "vertical", "diagonal")[direction]
    assert [bool((row > 0).any()) for row in means] == [line == direction for line in range(3)]
    assert set(np.flatnonzero(means[direction])) == {4, 5}


def test_lines_end_at_their_axis_and_the_diagonal_at_the_corner():
    np.testing.assert_allclose(line_edges(4, (2.0, 3.0))[:, -1], [3.0, 2.0, np.hypot(2, 3)])
    np.testing.assert_allclose(line_edges(4)[0], [0, 0.125, 0.25, 0.375, 0.5])
