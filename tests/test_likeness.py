from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sigforensics.images import bytes_to_unit
from sigforensics.likeness import band_profile, ink_similarity, ink_zone, spectral_difference
from sigforensics.settings import Spectrum, Validation
from sigforensics.spectra import SpectrumAccumulator


def stroke(seed: int = 0, *, side: int = 64, low: int = 20, high: int = 44) -> np.ndarray:
    """A random line of ink, well within the square."""
    rng = np.random.default_rng(seed)
    points = rng.integers(low, high, (6, 1, 2))
    line = cv2.polylines(np.zeros((side, side), np.uint8), [points], isClosed=False, color=220, thickness=2)
    return np.where(line > 0, line - rng.integers(0, 40, line.shape, dtype=np.uint8), 0).astype(np.uint8)


def similarity_map(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Wang et al. 2004 by the formula, over the whole image, in float64."""
    x, y = one / 255, other / 255

    def mean(values):
        return gaussian_filter(values, 1.5, truncate=3.5)

    mx, my = mean(x), mean(y)
    vx, vy, cov = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    c1, c2 = 0.01**2, 0.03**2
    return (2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))


def test_the_zone_is_all_that_is_near_ink_of_either_image():
    fake, target = np.zeros((2, 9, 12), np.uint8)
    fake[0, 1] = target[6, 9] = 1
    zone = ink_zone(fake, target, reach=2)
    rows, columns = np.indices(zone.shape)
    near = [(abs(rows - y) <= 2) & (abs(columns - x) <= 2) for y, x in ((0, 1), (6, 9))]
    np.testing.assert_array_equal(zone, near[0] | near[1])


@pytest.mark.parametrize("place", ["middle", "corner"])
@pytest.mark.parametrize("reach", [0, 5])
def test_similarity_is_the_papers_over_the_zone_of_the_ink(place, reach):
    low, high = (20, 44) if place == "middle" else (0, 12)
    target, fake = stroke(1, low=low, high=high), stroke(2, low=low, high=high)
    zone = ink_zone(fake, target, reach=reach)
    expected = similarity_map(fake, target)[zone].mean()
    found = ink_similarity(fake, target, settings=replace(Validation(), ink_reach=reach))
    assert found == pytest.approx(expected, abs=1e-4)
    assert found < 0.9


def test_paper_around_the_ink_changes_nothing():
    target, fake = stroke(1), stroke(2)
    wide = [np.pad(image, 40) for image in (fake, target)]
    assert ink_similarity(*wide) == pytest.approx(ink_similarity(fake, target), abs=1e-6)
    assert similarity_map(*wide).mean() > similarity_map(fake, target).mean() + 0.1


def test_equal_images_are_alike_and_worse_ones_less():
    target = stroke()
    shifted = [np.roll(target, shift, axis=1) for shift in (0, 1, 3)]
    found = [ink_similarity(fake, target) for fake in shifted]
    assert found[0] == pytest.approx(1)
    assert found[0] > found[1] + 0.1 > found[2] + 0.2
    assert ink_similarity(np.zeros_like(target), target) < 0.5


def test_two_blank_images_are_alike():
    blank = np.zeros((32, 32), np.uint8)
    assert ink_similarity(blank, blank) == 1.0


def test_a_profile_is_that_of_the_spectra():
    image = stroke()
    accumulator = SpectrumAccumulator(settings=Spectrum())
    accumulator.update(bytes_to_unit(image)[None])
    np.testing.assert_allclose(band_profile(image), accumulator.result().band_features[0], rtol=1e-6)


@pytest.mark.parametrize(("side", "bands"), [(16, 8), (32, 16), (64, 32), (128, 32)])
def test_small_images_have_fewer_bands(side, bands):
    image = stroke(side=side, low=2, high=14)
    assert band_profile(image).shape == (bands,)
    assert np.isfinite(band_profile(image)).all()


def test_the_spectral_difference_is_the_mean_over_bands_of_that_between_means_over_images():
    targets = np.random.default_rng(0).normal(size=(7, 4))
    planted = np.array([0.0, 0.5, -0.3, 0.0])
    noise = np.random.default_rng(1).normal(size=(7, 4))
    fakes = targets + planted + (noise - noise.mean(axis=0))
    assert spectral_difference(fakes, targets) == pytest.approx(0.2)
    assert spectral_difference(targets[::-1], targets) == pytest.approx(0)


def test_a_blur_shows_in_the_spectral_difference():
    targets = [stroke(seed) for seed in range(5)]
    blurred = [cv2.GaussianBlur(target, (0, 0), 0.7) for target in targets]
    profiles = [np.stack([band_profile(image) for image in images]) for images in (blurred, targets)]
    assert spectral_difference(*profiles) > 0.3
