"""Ink as light sees it."""

from __future__ import annotations

import numpy as np
import pytest

from sigforensics.placement import Ground, colour_of_ink, lay_ink
from sigforensics.placement.paper import to_luma


def ground(*paper, shape=(30, 50), noise=0.0):
    shade = np.full((*shape, len(paper)), paper, np.float32)
    grain = np.random.default_rng(0).normal(0, noise, shade.shape).astype(np.float32)
    return Ground(np.clip(shade + grain, 0, 1), shade)


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
    found = colour_of_ink(page, paper, amounts > 0)
    np.testing.assert_allclose(found / found[1], np.array(colour) / colour[1], rtol=0.03)


def test_grey_pages_and_places_without_ink_have_neutral_ink(amounts):
    assert colour_of_ink(ground(0.9).brightness, ground(0.9), amounts > 0).tolist() == [1.0]
    paper = ground(0.9, 0.9, 0.9)
    assert colour_of_ink(paper.brightness, paper, np.zeros((30, 50), bool)).tolist() == [1.0] * 3
    assert colour_of_ink(paper.brightness, paper, amounts > 0).tolist() == [1.0] * 3


@pytest.mark.parametrize("colour", [(1.0,), (1.0, 1.0, 1.0), (1.7, 1.1, 0.3)])
def test_luma_becomes_what_the_ink_says(colour):
    paper = ground(*[0.95, 0.9, 0.8][: len(colour)])
    luma = float(to_luma(paper.shade)[0, 0])
    ink = np.tile(np.linspace(0, 0.97, 50), (30, 1)).astype(np.float32)
    laid = lay_ink(paper, ink, colour=np.array(colour, np.float32))
    np.testing.assert_allclose(to_luma(laid), np.minimum(1 - ink, luma), atol=0.005)


def test_where_there_is_no_ink_nothing_changes_by_a_single_bit():
    for paper in (ground(0.9, noise=0.02), ground(0.9, 0.8, 0.7, noise=0.02)):
        ink = np.zeros((30, 50), np.float32)
        ink[5:8] = 0.5
        ink[20:22] = 0.02  # lighter than the paper
        laid = lay_ink(paper, ink, colour=np.full(paper.shade.shape[2], 1.1, np.float32))
        np.testing.assert_array_equal(laid[8:], paper.brightness[8:])
        assert np.all(laid[5:8] < paper.brightness[5:8])


def test_blue_ink_is_blue_and_the_grain_of_the_paper_shows_through():
    paper = ground(0.9, 0.9, 0.9, noise=0.02)
    laid = lay_ink(paper, np.full((30, 50), 0.6, np.float32), colour=np.array([1.5, 1.1, 0.3], np.float32))
    red, green, blue = laid.mean(axis=(0, 1))
    assert red < green < blue
    assert np.corrcoef(laid[..., 2].ravel(), paper.brightness[..., 2].ravel())[0, 1] > 0.99
    assert laid[..., 0].std() < 0.5 * paper.brightness[..., 0].std()  # dark ink hides it
