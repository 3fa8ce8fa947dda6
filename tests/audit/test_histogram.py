"""Measures of the histogram."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigforensics.audit.histogram import measure_histogram
from sigforensics.images import ByteImage

from .conftest import Signatures
from .steps import STEPS, gamma


def with_paper(paper: int, *, noise: float = 2.7) -> ByteImage:
    """Noisy paper, and ink of all darker greys alike."""
    rng = np.random.default_rng(paper)
    image = rng.normal(paper, noise, (200, 200)).round().clip(0, 255)
    image[:50] = rng.integers(10, paper, (50, 200))
    return image.astype(np.uint8)


@pytest.mark.parametrize("paper", [180, 220, 239])
def test_the_background_is_the_level_of_the_paper(paper: int) -> None:
    assert measure_histogram(with_paper(paper)).background == pytest.approx(paper, abs=1.5)


@pytest.mark.parametrize("level", [25, 40])
def test_a_threshold_leaves_a_gap_of_its_width(level: int) -> None:
    image = with_paper(239)
    cleared = np.where(255 - image.astype(int) < level, 255, image).astype(np.uint8)
    assert measure_histogram(cleared).gap == level - 1
    assert measure_histogram(image).gap == 0


def test_shares_of_saturated_pixels_are_those_at_the_ends() -> None:
    image = np.full((10, 10), 200, np.uint8)
    image[0, :3], image[1, :5] = 255, 0
    found = measure_histogram(image)
    assert (found.saturated_paper, found.saturated_ink) == (0.03, 0.05)


def test_a_stretched_contrast_leaves_as_many_missing_levels_as_it_adds() -> None:
    image = np.random.default_rng(0).integers(60, 180, (300, 300)).astype(np.uint8)
    assert measure_histogram(image).missing == 0
    stretched = np.rint((image - 60.0) * 1.5 + 40).astype(np.uint8)  # 120 levels over 179
    expected = 179 - 120
    assert measure_histogram(stretched).missing == pytest.approx(expected, abs=3)


def test_levels_that_are_rare_all_around_are_not_missing() -> None:
    image = np.full((100, 100), 240, np.uint8)
    image[0, :20] = np.arange(20, 220, 10)
    assert measure_histogram(image).missing == 0


@pytest.mark.parametrize("exponent", [0.8, 1.2])
def test_gamma_makes_a_comb_and_the_scanner_does_not(exponent: float, signatures: Signatures) -> None:
    for image in signatures.values():
        before = measure_histogram(image)
        after = measure_histogram(gamma(exponent)(image))
        assert after.comb > before.comb + 0.1


def test_the_comb_is_the_sum_over_levels_one_by_one() -> None:
    image = with_paper(230)
    counts = [int((image == level).sum()) for level in range(256)]
    paper = max(range(120, 256), key=counts.__getitem__)
    left_out = {0, paper, 255}
    rough = smooth = 0.0
    for level in range(1, 255):
        if left_out & {level - 1, level, level + 1}:
            continue
        mean = (counts[level - 1] + counts[level + 1]) / 2
        rough, smooth = rough + abs(counts[level] - mean), smooth + mean
    assert measure_histogram(image).comb == pytest.approx(rough / smooth)


def test_a_palette_leaves_as_many_levels_as_it_has(signatures: Signatures) -> None:
    assert measure_histogram(STEPS["palette of 16"](signatures[0, 0])).levels == 16


@given(st.integers(0, 255))
def test_an_image_of_one_value_is_all_background(value: int) -> None:
    found = measure_histogram(np.full((16, 16), value, np.uint8))
    assert (found.background, found.gap, found.missing, found.comb, found.levels) == (value, 0, 0, 0.0, 1)


def test_places_do_not_matter() -> None:
    image = with_paper(239)
    shuffled = np.random.default_rng(0).permutation(image.ravel()).reshape(image.shape)
    assert measure_histogram(shuffled) == measure_histogram(image)
