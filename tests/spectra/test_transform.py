from __future__ import annotations

import numpy as np
import pytest
import scipy.fft
from hypothesis import given, settings
from hypothesis import strategies as st

from sigforensics.images import bytes_to_unit
from sigforensics.preprocessing import ink_to_target
from sigforensics.samples import draw_signature, invent_writer
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra import (
    DB_PER_NAT,
    dct_coefficients,
    dct_frequencies,
    dct_magnitude_log,
    nats_to_db,
    radial_bands,
)

SHAPES = [(64, 64), (128, 32), (33, 47), (50, 20), (1, 8)]


def random_images(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


@pytest.mark.parametrize("shape", SHAPES)
def test_coefficients_are_those_of_scipy_in_double_precision_at_any_size(shape):
    images = random_images((3, *shape))
    expected = scipy.fft.dctn(255 * images.astype(np.float64), axes=(1, 2), norm="ortho")
    assert np.abs(dct_coefficients(images) - expected).max() < 2e-7 * np.abs(expected).max() + 2e-4


@pytest.mark.parametrize("shape", [(16, 16), (15, 21)])
def test_coefficients_are_the_sums_of_the_definition(shape):
    image = random_images(shape)
    bases = []
    for size in shape:
        x, u = np.arange(size), np.arange(size)[:, np.newaxis]
        basis = np.sqrt(2 / size) * np.cos(np.pi * u * (2 * x + 1) / (2 * size))
        basis[0] = np.sqrt(1 / size)
        bases.append(basis)
    expected = bases[0] @ (255.0 * image) @ bases[1].T
    np.testing.assert_allclose(dct_coefficients(image[np.newaxis])[0], expected, atol=1e-3)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_batch_equals_its_images_one_by_one_bit_for_bit(shape):
    images = random_images((5, *shape))
    one_by_one = np.concatenate([dct_magnitude_log(images[i : i + 1], floor=1e-3) for i in range(5)])
    np.testing.assert_array_equal(dct_magnitude_log(images, floor=1e-3), one_by_one)


@pytest.mark.parametrize("shape", [(64, 64), (63, 65)])
@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_a_blank_image_counts_as_the_floor_everywhere_but_at_dc(shape, value):
    images = np.full((1, *shape), value, np.float32)
    log = dct_magnitude_log(images, floor=1e-3)[0]
    dc = np.log(255 * float(np.float32(value)) * np.sqrt(shape[0] * shape[1]) + 1e-3)
    assert log[0, 0] == pytest.approx(dc, abs=1e-5)
    np.testing.assert_allclose(log.ravel()[1:], np.log(1e-3), atol=0.05)


def test_a_cosine_shows_at_its_own_frequency_alone():
    x = (np.arange(64) + 0.5) / 64
    image = (0.5 + 0.4 * np.cos(np.pi * 20 * x)).astype(np.float32)  # 20 half periods over 64 pixels
    log = dct_magnitude_log(np.broadcast_to(image, (1, 64, 64)).copy(), floor=1e-3)[0]
    log[0, 0] = -np.inf
    assert np.unravel_index(log.argmax(), log.shape) == (0, 20)
    assert dct_frequencies(64)[20] == 20 / 128
    assert np.sort(log.ravel())[-2] < np.log(0.1)


def test_log_magnitudes_of_white_noise_follow_the_noise_law():
    sigma = 0.05
    rng = np.random.default_rng(1)
    images = np.clip(rng.normal(0.5, sigma, (4, 128, 128)), 0, 1).astype(np.float32)
    log = dct_magnitude_log(images, floor=1e-3).reshape(4, -1)[:, 1:].astype(np.float64)
    standard_error = np.sqrt(np.pi**2 / 8 / log.size)
    assert log.mean() == pytest.approx(np.log(255 * sigma) - 0.6352, abs=4 * standard_error + 2e-3)
    assert log.var() == pytest.approx(np.pi**2 / 8, rel=0.05)


@settings(deadline=None, max_examples=25)
@given(st.integers(2, 40), st.integers(2, 40), st.integers(0, 999))
def test_the_transform_keeps_energy_and_turns_with_the_image(height, width, seed):
    images = random_images((1, height, width), seed)
    coefficients = dct_coefficients(images)[0].astype(np.float64)
    assert (coefficients**2).sum() == pytest.approx(((255.0 * images) ** 2).sum(), rel=1e-5)
    turned = dct_coefficients(np.ascontiguousarray(images.swapaxes(1, 2)))[0]
    np.testing.assert_allclose(turned.T, coefficients, atol=2e-3)


def test_the_input_is_left_as_it_was():
    images = random_images((2, 32, 32))
    before = images.copy()
    dct_magnitude_log(images, floor=1e-3)
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((4, 4), np.float32),
        np.zeros((1, 4, 4), np.float64),
        np.zeros((1, 4, 0), np.float32),
        np.full((1, 4, 4), 255, np.float32),
        np.full((1, 4, 4), -0.1, np.float32),
        np.full((1, 4, 4), np.nan, np.float32),
    ],
    ids=["no batch", "double", "no width", "8-bit range", "below 0", "not a number"],
)
def test_what_is_no_batch_of_images_is_refused(images):
    with pytest.raises(ValueError, match="expected"):
        dct_coefficients(images)


@pytest.mark.parametrize("floor", [0.0, -1.0, np.nan])
def test_a_floor_must_be_above_zero(floor):
    with pytest.raises(ValueError, match="floor"):
        dct_magnitude_log(random_images((1, 4, 4)), floor=floor)


@given(st.floats(1e-3, 1e3))
def test_decibels_are_twenty_common_logarithms(ratio):
    assert nats_to_db(np.log(ratio)) == pytest.approx(20 * np.log10(ratio), abs=1e-9)
    assert pytest.approx(8.6859, abs=1e-4) == DB_PER_NAT


def test_no_band_of_a_thresholded_target_depends_on_the_arithmetic():
    """Targets are zero off the strokes, and have many coefficients that are nearly zero."""
    targets = []
    for number in range(1, 5):
        writer = invent_writer(number, seed=3)
        ink = 1 - draw_signature(writer, rng=np.random.default_rng(number), dpi=150)
        targets.append(bytes_to_unit(ink_to_target(ink)))
    images = np.stack(targets)
    assert (images == 0).mean() > 0.7
    floor = SpectrumSettings().floor
    found = dct_magnitude_log(images, floor=floor)
    exact = np.log(np.abs(scipy.fft.dctn(255 * images.astype(np.float64), axes=(1, 2), norm="ortho")) + floor)
    bands = radial_bands(512, 512, 32)
    for log, expected in zip(found, exact, strict=True):
        np.testing.assert_allclose(bands.means(log), bands.means(expected), atol=1e-5)
    assert np.abs(found - exact).max() < 0.03
