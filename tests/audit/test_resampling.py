"""Traces of resampling."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from sigforensics.audit.resampling import find_resampling
from sigforensics.images import ByteImage

from .conftest import Signatures
from .steps import STEPS, jpeg


def enlarged(image: ByteImage, factor: float, interpolation: int = cv2.INTER_LINEAR) -> ByteImage:
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=interpolation), np.uint8)


@pytest.fixture
def noise() -> ByteImage:
    return np.random.default_rng(0).normal(128, 20, (240, 300)).round().clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("factor", [3, 4, 8])
@pytest.mark.parametrize("interpolation", [cv2.INTER_LINEAR, cv2.INTER_CUBIC])
def test_enlarging_by_whole_numbers_shows_its_period(
    factor: int, interpolation: int, noise: ByteImage
) -> None:
    found = find_resampling(enlarged(noise, factor, interpolation)[:400, :400])
    assert found.period != "none"
    assert found.frequency * factor == pytest.approx(round(found.frequency * factor), abs=0.05)


def test_doubling_about_the_middles_of_pixels_has_no_period(noise: ByteImage) -> None:
    """Every new pixel then lies as near to its sample as any other: a limit that the docstring states."""
    assert find_resampling(enlarged(noise, 2)).period == "none"


@pytest.mark.parametrize("factor", [1.1, 1.3, 1.6])
def test_enlarging_by_other_factors_shows_a_peak_at_a_multiple_of_the_sampling_rate(
    factor: float, noise: ByteImage
) -> None:
    """One sample every ``factor`` pixels: frequency 1 / factor, as it is seen at whole pixels."""
    found = find_resampling(enlarged(noise, factor))
    seen = [abs(k / factor - round(k / factor)) for k in range(1, 6)]
    assert min(abs(found.frequency - one) for one in seen) < 0.01
    assert found.period != "none"


def test_one_axis_is_enough(noise: ByteImage) -> None:
    wide = np.asarray(cv2.resize(noise, None, fx=1.3, fy=1, interpolation=cv2.INTER_LINEAR), np.uint8)
    along, across = find_resampling(wide), find_resampling(np.ascontiguousarray(wide.T))
    assert along.peak == pytest.approx(across.peak)
    assert (along.frequency, along.period) == (across.frequency, across.period)
    assert along.period != "none"


def test_images_that_were_not_resampled_hardly_ever_show_a_period(signatures: Signatures) -> None:
    periods = [find_resampling(image).period for image in signatures.values()]
    assert periods.count("none") >= len(periods) - 1
    rng = np.random.default_rng(1)
    noises = rng.normal(240, 2.7, (50, 200, 256)).round().clip(0, 255).astype(np.uint8)
    assert [find_resampling(image).period for image in noises].count("none") >= 49


def test_contrast_and_brightness_do_not_matter(noise: ByteImage) -> None:
    image = enlarged(noise // 2, 1.3)
    assert find_resampling(2 * image).peak == pytest.approx(find_resampling(image).peak)
    assert find_resampling(image + 3).peak == pytest.approx(find_resampling(image).peak)


def test_the_period_of_a_jpeg_grid_is_no_resampling(signatures: Signatures) -> None:
    compressed = jpeg(75)(signatures[0, 0])
    assert find_resampling(compressed).period != "none"
    assert find_resampling(compressed, jpeg_grid=True).period == "none"
    round_trip = STEPS["enlarged and shrunk"](signatures[0, 0])
    assert find_resampling(round_trip, jpeg_grid=True).period != "none"


@pytest.mark.parametrize("shape", [(16, 16), (40, 50), (300, 300)])
def test_small_and_even_images_show_nothing(shape: tuple[int, int]) -> None:
    found = find_resampling(np.full(shape, 200, np.uint8))
    assert (found.peak, found.period) == (1.0, "none")


def test_a_drawn_pattern_of_period_two_is_named() -> None:
    image = np.random.default_rng(2).normal(128, 5, (128, 128))
    image[:, 1::2] = (image[:, 0::2] + np.roll(image[:, 0::2], -1, axis=1)) / 2
    assert find_resampling(image.round().astype(np.uint8)).period == "2"
