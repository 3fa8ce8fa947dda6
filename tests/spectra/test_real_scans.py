from __future__ import annotations

import numpy as np
import pytest
import scipy.fft

from sigforensics.scans import read_scan
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra import dct_magnitude_log, radial_bands, stream_spectrum
from sigforensics.statistics import compare_sets

SIZE = 256


@pytest.fixture(scope="module")
def writers(data_folder):
    """Writers 1 to 6, eight signatures each: the middles of their scans, paper 1."""
    paths = {
        (writer, sample): data_folder / "cedar" / "full_org" / f"original_{writer}_{sample}.png"
        for writer in range(1, 7)
        for sample in range(1, 9)
    }
    return {key: middle(read_scan(path).pixels) for key, path in paths.items()}


def middle(page):
    square = np.ones((SIZE, SIZE), np.float32)
    height, width = min(SIZE, page.shape[0]), min(SIZE, page.shape[1])
    top, left = (page.shape[0] - height) // 2, (page.shape[1] - width) // 2
    square[:height, :width] = page[top : top + height, left : left + width]
    return square


def test_no_band_of_a_real_scan_depends_on_the_arithmetic(writers):
    images = np.stack(list(writers.values()))
    floor = SpectrumSettings().floor
    logs = dct_magnitude_log(images, floor=floor)
    exact = np.log(np.abs(scipy.fft.dctn(255 * images.astype(np.float64), axes=(1, 2), norm="ortho")) + floor)
    assert np.abs(logs.mean(axis=0) - exact.mean(axis=0)).max() < 3e-4
    bands = radial_bands(SIZE, SIZE, 32)
    for log, expected in zip(logs, exact, strict=True):
        np.testing.assert_allclose(bands.means(log), bands.means(expected.astype(np.float32)), atol=2e-5)


def test_signatures_of_the_same_writers_do_not_differ_and_blurred_ones_do(writers):
    import cv2

    settings = SpectrumSettings(bands=16)
    first = [key for key in writers if key[1] <= 4]
    second = [key for key in writers if key[1] > 4]
    blur = {key: np.clip(cv2.GaussianBlur(writers[key], (0, 0), 0.5), 0, 1) for key in second}
    one, other, blurred = (
        stream_spectrum(keys, images.__getitem__, settings=settings).spectrum
        for keys, images in ((first, writers), (second, writers), (second, blur))
    )

    def compare(fake):
        return compare_sets(
            one.band_features,
            fake.band_features,
            edges=one.band_edges,
            paired=False,
            units_true=[str(writer) for writer, _ in first],
            units_fake=[str(writer) for writer, _ in second],
            rng=np.random.default_rng(0),
        )

    same, softened = compare(other), compare(blurred)
    assert (same.unit, same.n_units, same.exhaustive) == ("writer", 6, True)
    assert min(band.p_corrected for band in same.bands) > 0.05
    assert softened.bands[-1].p_corrected < 0.05
    assert softened.bands[-1].ci_high < -0.5
    assert softened.bands[0].ci_low < 0 < softened.bands[0].ci_high
