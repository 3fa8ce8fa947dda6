"""Uneven light is evened out and dots are smoothed for looking; other pages are left alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from sigforensics.extraction.light import even_light, paper_shade, without_dots
from sigforensics.images import FloatImage
from sigforensics.settings import Levelling

SETTINGS = Levelling()


def page(light: np.ndarray) -> FloatImage:
    """Paper of brightness 0.9 with dark strokes, under a light."""
    grey = np.full((600, 400), 0.9)
    grey[40:560:20, 40:360] = 0.1
    return (grey * light).astype(np.float32)


def falling(least: float) -> np.ndarray:
    """Light that falls from 1 at the left to less at the right."""
    return np.broadcast_to(np.linspace(1, least, 400), (600, 400))


@pytest.mark.parametrize("least", [0.35, 0.6])
def test_paper_becomes_even_and_ink_stays_dark(least: float) -> None:
    evened = even_light(page(falling(least)), settings=SETTINGS)
    assert evened is not None
    rest = evened[45:555, 30:370]
    paper, ink = rest[rest > 0.6], rest[rest <= 0.6]
    assert paper.min() > 0.85
    assert ink.max() < 0.3
    assert evened.max() <= 1


@pytest.mark.parametrize("least", [0.95, 1.0])
def test_a_page_in_even_light_stays_as_it_is(least: float) -> None:
    assert even_light(page(falling(least)), settings=SETTINGS) is None


def test_dark_prints_and_margins_are_no_shadow() -> None:
    grey = page(np.ones((600, 400)))
    grey[:, :15] = 0.05
    grey[300:400, 100:200] = 0.1
    evened = even_light(grey, settings=SETTINGS)
    if evened is not None:  # evened or not, black areas stay dark
        assert evened[330:370, 130:170].max() < 0.45
    shade = paper_shade(grey, settings=SETTINGS)
    assert shade.min() >= np.float32(SETTINGS.darkest_paper * 0.89)


def test_a_page_of_two_levels_has_no_shade() -> None:
    grey = np.ones((600, 400), np.float32)
    grey[:, 250:] = 0
    assert even_light(grey, settings=SETTINGS) is None


def test_the_page_itself_is_not_written_to() -> None:
    grey = page(falling(0.4))
    before = grey.copy()
    even_light(grey, settings=SETTINGS)
    np.testing.assert_array_equal(grey, before)


def dithered(grey: FloatImage) -> FloatImage:
    """The page in dots, as Floyd and Steinberg's method sets them."""
    return np.asarray(Image.fromarray((255 * grey).astype(np.uint8)).convert("1"), np.float32)


def test_dots_become_the_shades_that_they_stand_for() -> None:
    grey = page(np.ones((600, 400)))
    grey[200:230] = 0.4
    dots = dithered(grey)
    smooth = without_dots(dots, settings=SETTINGS)
    assert smooth is not None
    paper, ink, shade = (slice(28, 33), slice(60, 340)), (slice(60, 61), slice(60, 340)), (slice(210, 220),)
    assert smooth[paper].mean() == pytest.approx(0.9, abs=0.05)
    assert smooth[shade].mean() == pytest.approx(0.4, abs=0.05)
    assert smooth[paper].std() < 0.5 * dots[paper].std()
    assert smooth[ink].max() < smooth[paper].min()


def test_a_page_of_two_levels_with_some_specks_is_not_taken_for_dithered() -> None:
    grey = np.round(page(np.ones((600, 400))))
    specks = np.random.default_rng(0).random(grey.shape) < 0.002
    assert without_dots(np.where(specks, 0, grey).astype(np.float32), settings=SETTINGS) is None


@pytest.mark.parametrize("shade", [0.94, 0.8, 0.6, 0.5, 0.35])
@pytest.mark.parametrize("stored", ["two levels", "JPEG"])
def test_paper_of_any_shade_is_told_by_its_dots(shade: float, stored: str) -> None:
    dots = dithered(np.full((300, 200), shade, np.float32))
    if stored == "JPEG":
        _, coded = cv2.imencode(".jpg", (255 * dots).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 90])
        dots = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.float32) / 255
    smooth = without_dots(dots, settings=SETTINGS)
    assert smooth is not None
    assert smooth[10:-10, 10:-10].mean() == pytest.approx(shade, abs=0.03)


def test_ordered_dots_are_dots() -> None:
    steps = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 16
    dots = (np.tile(steps, (75, 50)) < 0.7).astype(np.float32)
    assert without_dots(dots, settings=SETTINGS) is not None


def test_a_grainy_page_of_shades_has_no_dots() -> None:
    grain = np.random.default_rng(0).normal(0, 0.05, (600, 400))
    assert without_dots((page(np.ones((600, 400))) + grain).astype(np.float32), settings=SETTINGS) is None


def test_smoothing_does_not_write_to_the_page() -> None:
    dots = dithered(page(np.ones((600, 400))))
    before = dots.copy()
    assert without_dots(dots, settings=SETTINGS) is not None
    np.testing.assert_array_equal(dots, before)


@pytest.mark.parametrize("deviation", [1, 4, 12])
def test_the_grain_of_blank_paper_is_no_dots(deviation: float) -> None:
    grain = np.random.default_rng(0).normal(240, deviation, (400, 300))
    assert without_dots((np.clip(np.rint(grain), 0, 255) / 255).astype(np.float32), settings=SETTINGS) is None
