from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sigforensics.errors import ImageBlack, ImageBlank, PolarityWrong
from sigforensics.scans import Scan, check_exposure
from sigforensics.scans.page import Source
from sigforensics.settings import Scanning


def scan(pixels):
    return Scan(np.asarray(pixels, np.float32), Source(Path("deed.pdf"), ""), 2, 3, None, "PDF", "L", 8)


def page(paper, ink, share=0.05):
    pixels = np.full((40, 40), paper)
    pixels.flat[: round(share * pixels.size)] = ink
    return scan(pixels)


def test_a_page_with_ink_is_let_through():
    check_exposure(page(0.94, 0.2))
    check_exposure(page(0.5, 0.4))  # a pale copy


@pytest.mark.parametrize("paper", [1.0, 0.94, 0.3])
def test_a_blank_page_is_refused(paper):
    noise = np.random.default_rng(0).uniform(-2 / 255, 0, (40, 40))
    with pytest.raises(ImageBlank, match=r"deed\.pdf page 2: no ink on it \(values \d+ to \d+ of 255\)"):
        check_exposure(scan(paper + noise))


@pytest.mark.parametrize("brightest", [0.0, 0.2])
def test_a_black_page_is_refused(brightest):
    with pytest.raises(ImageBlack, match=f"no value above {255 * brightest:.0f} of 255"):
        check_exposure(page(0.0, brightest))


def test_light_ink_on_a_dark_ground_is_refused():
    with pytest.raises(PolarityWrong, match="light ink on a dark ground") as caught:
        check_exposure(page(0.05, 0.95))
    assert "--ink bright" in caught.value.advice


def test_the_bounds_are_settings():
    faint = page(0.94, 0.93)
    with pytest.raises(ImageBlank):
        check_exposure(faint)
    check_exposure(faint, settings=Scanning(blank_range=0.005))


@pytest.fixture
def printed():
    """Rows of print on an A4-like page."""
    pixels = np.full((600, 400), 0.9)
    pixels[20:580:10, 30:370] = 0.1
    return pixels


def test_paper_in_a_shadow_or_on_a_dark_table_is_no_negative(printed):
    shadow = printed * np.where(np.arange(400) < 280, 0.35, 1.0)
    table = np.full((600, 400), 0.05)
    table[150:450, 100:300] = printed[150:450, 100:300]
    for pixels in (shadow, table):
        assert np.median(pixels) < (pixels.min() + pixels.max()) / 2
        check_exposure(scan(pixels))


def test_a_negative_page_of_print_is_refused_in_a_shadow_too(printed):
    for light in (1.0, np.where(np.arange(400) < 280, 0.35, 1.0)):
        with pytest.raises(PolarityWrong):
            check_exposure(scan((1 - printed) * light))
