"""Sharpness of strokes and noise of paper."""

from __future__ import annotations

import numpy as np
import pytest

from sigforensics.audit.texture import measure_paper_noise, measure_sharpness
from sigforensics.images import ByteImage

from .conftest import Signatures
from .steps import STEPS


def bar(*, dark: int = 0, bright: int = 255) -> ByteImage:
    image = np.full((40, 40), bright, np.uint8)
    image[10:30, 10:30] = dark
    return image


def test_a_step_has_sharpness_1_and_a_straight_slope_0() -> None:
    assert measure_sharpness(bar()) == 1.0
    slope = np.tile(np.arange(0, 240, 20, dtype=np.uint8), (16, 1))
    assert measure_sharpness(slope) == 0.0


def test_contrast_and_brightness_of_the_strokes_do_not_matter() -> None:
    assert measure_sharpness(bar(dark=100, bright=180)) == measure_sharpness(bar())


def test_turning_an_image_does_not_change_its_sharpness(signatures: Signatures) -> None:
    image = signatures[0, 0]
    assert measure_sharpness(np.ascontiguousarray(image.T)) == pytest.approx(measure_sharpness(image))


def test_a_blur_of_half_a_pixel_shows_in_every_image(signatures: Signatures) -> None:
    for image in signatures.values():
        assert measure_sharpness(STEPS["blur 0.5"](image)) < measure_sharpness(image) - 0.05


def test_noise_of_the_paper_is_no_stroke() -> None:
    noise = np.random.default_rng(0).normal(239, 3, (200, 200)).round().clip(0, 255).astype(np.uint8)
    assert measure_sharpness(noise) == 0.0


@pytest.mark.parametrize("sd", [1.0, 2.7, 5.0])
def test_white_noise_has_its_standard_deviation(sd: float) -> None:
    noise = np.random.default_rng(1).normal(220, sd, (300, 300)).round().clip(0, 255).astype(np.uint8)
    expected = np.sqrt(sd**2 + 1 / 12)  # rounding adds that of one level
    assert measure_paper_noise(noise, 220.0) == pytest.approx(expected, rel=0.08)


def test_ink_and_shading_are_no_noise() -> None:
    rng = np.random.default_rng(2)
    shade = np.linspace(0, 12, 300)
    image = (rng.normal(228, 2, (300, 300)) + shade).round().clip(0, 255).astype(np.uint8)
    inked = image.copy()
    inked[100:120] = rng.integers(0, 120, (20, 300))
    before = measure_paper_noise(image, 234.0)
    assert before == pytest.approx(2, rel=0.1)
    assert measure_paper_noise(inked, 234.0) == pytest.approx(before, rel=0.03)


def test_cleared_paper_and_no_paper_have_no_noise() -> None:
    assert measure_paper_noise(bar(), 255.0) == 0.0
    checkered = (np.indices((20, 20)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert measure_paper_noise(checkered, 255.0) == 0.0
