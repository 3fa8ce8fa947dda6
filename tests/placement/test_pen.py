"""Ink as light sees it."""

from __future__ import annotations

import numpy as np
import pytest

from sigforensics.placement import Ground, colour_of_ink, darkness_of_pen, lay_ink
from sigforensics.placement.paper import to_luma


def ground(*paper, shape=(30, 50), noise=0.0):
    shade = np.full((*shape, len(paper)), paper, np.float32)
    grain = np.random.default_rng(0).normal(0, noise, shade.shape).astype(np.float32)
    return Ground(np.clip(shade + grain, 0, 1), shade)


def everywhere(*colour):
    return np.full((30, 50, len(colour)), colour, np.float32)


@pytest.fixture
def amounts():
    """Ink from none to much, and where there is some."""
    ink = np.zeros((30, 50))
    ink[10:20] = np.linspace(0, 2.5, 50)
    return ink


@pytest.mark.parametrize("colour", [(1.0, 1.0, 1.0), (1.6, 1.1, 0.3), (0.2, 1.3, 1.5)])
def test_the_colour_of_planted_ink_is_found(amounts, colour):
    paper = ground(0.95, 0.9, 0.8, noise=0.005)
    page = (paper.brightness * np.exp(-amounts[..., None] * colour)).astype(np.float32)
    found = colour_of_ink(page, paper, amounts > 0, reach=3.0)
    expected = np.broadcast_to(np.array(colour) / colour[1], found.shape)
    np.testing.assert_allclose(found / found[..., 1:2], expected, rtol=0.1)


def test_two_inks_side_by_side_keep_their_colours():
    paper = ground(0.95, 0.95, 0.95)
    page = paper.brightness.copy()
    page[10:20, :20] *= np.exp(-np.array([1.5, 1.0, 0.4], np.float32))
    page[10:20, 30:] *= np.exp(-np.array([2.0, 2.0, 2.0], np.float32))
    strokes = page[..., 0] < 0.9
    found = colour_of_ink(page, paper, strokes, reach=2.0)
    np.testing.assert_allclose(found[15, 10] / found[15, 10, 1], [1.5, 1.0, 0.4], rtol=0.02)
    np.testing.assert_allclose(found[15, 40], 1.0, rtol=0.02)


def test_grey_pages_and_places_without_ink_have_neutral_ink(amounts):
    nowhere = np.zeros((30, 50), bool)
    for paper, strokes in (
        (ground(0.9), amounts > 0),
        (ground(0.9, 0.9, 0.9), nowhere),
        (ground(0.9, 0.9, 0.9), amounts > 0),
    ):
        assert np.all(colour_of_ink(paper.brightness, paper, strokes, reach=2.0) == 1)


@pytest.mark.parametrize("colour", [(1.0,), (1.0, 1.0, 1.0), (1.7, 1.1, 0.3)])
def test_luma_becomes_what_the_ink_says(colour):
    paper = ground(*[0.95, 0.9, 0.8][: len(colour)])
    luma = float(to_luma(paper.shade)[0, 0])
    ink = np.tile(np.linspace(0, 0.97, 50), (30, 1)).astype(np.float32)
    laid = lay_ink(paper, ink, colour=everywhere(*colour))
    np.testing.assert_allclose(to_luma(laid), np.minimum(1 - ink, luma), atol=1e-4)


def test_where_there_is_no_ink_nothing_changes_by_a_single_bit():
    for paper in (ground(0.9, noise=0.02), ground(0.9, 0.8, 0.7, noise=0.02)):
        ink = np.zeros((30, 50), np.float32)
        ink[5:8] = 0.5
        ink[20:22] = 0.02  # lighter than the paper
        laid = lay_ink(paper, ink, colour=everywhere(*[1.1] * paper.shade.shape[2]))
        np.testing.assert_array_equal(laid[8:], paper.brightness[8:])
        assert np.all(laid[5:8] < paper.brightness[5:8])


def test_blue_ink_is_blue_and_the_grain_of_the_paper_shows_through():
    paper = ground(0.9, 0.9, 0.9, noise=0.02)
    laid = lay_ink(paper, np.full((30, 50), 0.6, np.float32), colour=everywhere(1.5, 1.1, 0.3))
    red, green, blue = laid.mean(axis=(0, 1))
    assert red < green < blue
    assert np.corrcoef(laid[..., 2].ravel(), paper.brightness[..., 2].ravel())[0, 1] > 0.99
    assert laid[..., 0].std() < 0.5 * paper.brightness[..., 0].std()  # dark ink hides it


def test_the_darkness_of_a_pen_is_the_mean_of_its_darkest_pixels_and_paper_does_not_count():
    image = np.zeros((40, 40), np.uint8)
    image[0, :10], image[1, :10], image[2, :20] = 200, 160, 30
    assert darkness_of_pen(image, share=0.25) == pytest.approx(200 / 255)
    assert darkness_of_pen(image, share=0.5) == pytest.approx(180 / 255)
    assert darkness_of_pen(image, share=1e-9) == pytest.approx(200 / 255)
    assert darkness_of_pen(np.zeros_like(image), share=0.5) == 0
