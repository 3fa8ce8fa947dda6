from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigforensics.errors import ImageTooSmall
from sigforensics.spectra import MAX_FREQUENCY, band_edges, radial_bands


def slow_means(spectrum: np.ndarray, bands: int) -> list[float]:
    height, width = spectrum.shape
    members: list[list[float]] = [[] for _ in range(bands)]
    for u in range(height):
        for v in range(width):
            if (u, v) != (0, 0):
                # floor(bands * radius / maximum) in whole numbers
                square = (u**2 * width**2 + v**2 * height**2) * bands**2 // (2 * height**2 * width**2)
                members[math.isqrt(square)].append(float(spectrum[u, v]))
    return [float(np.mean(values)) for values in members]


@settings(deadline=None, max_examples=15)
@given(st.integers(24, 50), st.integers(24, 50), st.integers(1, 9), st.integers(0, 99))
def test_band_means_are_those_of_the_plain_loop(height, width, bands, seed):
    spectrum = np.random.default_rng(seed).normal(size=(height, width)).astype(np.float32)
    np.testing.assert_allclose(
        radial_bands(height, width, bands).means(spectrum), slow_means(spectrum, bands), atol=1e-5
    )


def test_every_coefficient_but_dc_lies_in_exactly_one_band():
    bands = radial_bands(64, 48, 16)
    assert bands.counts.sum() == 64 * 48 - 1
    spectrum = np.zeros((64, 48), np.float32)
    spectrum[0, 0] = 1e6
    assert not bands.means(spectrum).any()


def test_edges_are_equally_wide_and_end_at_the_corner_of_the_spectrum():
    edges = band_edges(32)
    assert edges[0] == 0
    assert edges[-1] == pytest.approx(np.sqrt(0.5))
    np.testing.assert_allclose(np.diff(edges), np.sqrt(0.5) / 32)


def test_a_planted_coefficient_is_seen_in_its_band_alone():
    bands = radial_bands(64, 64, 8)
    spectrum = np.zeros((64, 64), np.float32)
    spectrum[40, 30] = 1.0
    expected = int(np.hypot(40 / 128, 30 / 128) / MAX_FREQUENCY * 8)
    assert np.flatnonzero(bands.means(spectrum)).tolist() == [expected]


@pytest.mark.parametrize(("height", "width"), [(16, 16), (512, 2)])
def test_an_image_too_small_for_its_bands_is_refused(height, width):
    with pytest.raises(ImageTooSmall, match="fewer bands"):
        radial_bands(height, width, 32)
