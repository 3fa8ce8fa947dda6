"""Paper under ink that was taken away: shade, grain, printed lines."""

from __future__ import annotations

import numpy as np
import pytest

from sigforensics.placement import restore_paper
from sigforensics.settings import Placing

PER_MM = 8.0


def sheet(channels=1, *, noise=0.01, slope=0.05):
    rng = np.random.default_rng(0)
    ramp = 0.9 - slope * np.linspace(0, 1, 240)[None, :, None]
    grain = rng.normal(0, noise, (160, 240, channels))
    return np.clip(ramp * np.linspace(1, 0.9, channels) + grain, 0, 1).astype(np.float32)


def stroke():
    """A slanted stroke, 8 pixels wide."""
    rows, columns = np.indices((160, 240))
    return (np.abs(columns - 40 - rows) < 4) & (rows > 20) & (rows < 140)


def inked(page, hole):
    return np.where(hole[..., None], np.float32(0.2), page)


def restored(page, hole, seed=0, **settings):
    rng = np.random.default_rng(seed)
    return restore_paper(page, hole, per_mm=PER_MM, rng=rng, settings=Placing(**settings))


@pytest.mark.parametrize("channels", [1, 3])
def test_nothing_but_the_hole_changes_by_a_single_bit(channels):
    page, hole = inked(sheet(channels), stroke()), stroke()
    given = page.copy()
    ground = restored(page, hole)
    np.testing.assert_array_equal(ground.brightness[~hole], page[~hole])
    np.testing.assert_array_equal(page, given)
    assert np.all(ground.brightness[hole] > 0.6)


@pytest.mark.parametrize("channels", [1, 3])
def test_shade_and_grain_are_those_of_the_paper_around(channels):
    clean, hole = sheet(channels), stroke()
    found = restored(inked(clean, hole), hole).brightness[hole]
    expected = sheet(channels, noise=0)[hole]
    np.testing.assert_allclose((found - expected).mean(axis=0), 0, atol=0.001)
    np.testing.assert_allclose((found - expected).std(axis=0), 0.01, rtol=0.1)


def test_a_trend_of_the_paper_goes_on_under_the_ink():
    clean, hole = sheet(noise=0, slope=0.2), stroke()
    found = restored(inked(clean, hole), hole).brightness
    np.testing.assert_allclose(found[hole], clean[hole], atol=0.01)


def test_the_grain_of_several_channels_stays_together():
    clean, hole = sheet(3), stroke()
    clean[..., 1:] += 0.9 * (clean[..., :1] - sheet(3, noise=0)[..., :1])
    found = restored(inked(clean, hole), hole).brightness[hole] - sheet(3, noise=0)[hole]
    assert np.corrcoef(found[:, 0], found[:, 1])[0, 1] == pytest.approx(
        np.corrcoef(*(clean - sheet(3, noise=0))[..., :2].reshape(-1, 2).T)[0, 1], abs=0.1
    )


def test_grain_is_copied_by_whole_blocks_and_comes_again_with_its_seed():
    clean, hole = sheet(slope=0.0), stroke()
    clean[::8, ::8] = 0.88  # a mark on the grid of JPEG
    clean = np.round(clean, 3)
    found = [restored(inked(clean, hole), hole, seed=seed).brightness for seed in (1, 1, 2)]
    np.testing.assert_array_equal(found[0], found[1])
    assert np.any(found[0] != found[2])
    grid = np.zeros(hole.shape, bool)
    grid[::8, ::8] = True
    assert found[0][hole & grid].std() < 0.003
    assert found[0][hole & ~grid].std() > 0.006


@pytest.mark.parametrize("upright", [False, True])
def test_a_ruled_line_is_drawn_on_through_a_stroke_that_crosses_it(upright):
    clean, hole = sheet(slope=0.0), stroke()
    clean[78:82] = 0.3
    if upright:
        clean, hole = clean.swapaxes(0, 1), hole.T
    found = restored(inked(clean, hole), hole).brightness
    line = (clean < 0.4)[..., 0]
    np.testing.assert_allclose(found[line & hole], 0.3, atol=0.01)
    assert np.all(found[hole & ~line] > 0.8)
    unlimited = restored(inked(clean, hole), hole, gap=0.5).brightness
    assert np.all(unlimited[line & hole] > 0.8)  # 8 pixels are 1 mm


def test_characters_on_both_sides_are_not_joined():
    clean, hole = sheet(slope=0.0), stroke()
    clean[76:92, 118:124] = clean[76:92, 136:142] = 0.2  # upright strokes of print beside the hole
    hole[76:92, 118:142] &= ~(clean[76:92, 118:142, 0] < 0.3)
    found = restored(inked(clean, hole), hole).brightness
    assert np.all(found[hole] > 0.8)


def test_paper_of_one_value_is_restored_to_that_value():
    page = np.ones((60, 60, 1), np.float32)
    hole = np.zeros((60, 60), bool)
    hole[20:40, 28:33] = True
    np.testing.assert_array_equal(restored(inked(page, hole), hole).brightness, page)


def test_a_hole_as_wide_as_the_page_does_not_fail():
    page = sheet()
    ground = restored(page, np.ones(page.shape[:2], bool))
    assert np.all(np.isfinite(ground.brightness))
