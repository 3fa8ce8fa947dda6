from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from sigforensics.gan.varying import vary_row
from sigforensics.preprocessing import target_to_edges
from sigforensics.settings import Preprocessing, Training

SIZE = 128
STILL = Training(varied=1, bent=0, enlarged=(1, 1), darkened=(1, 1))
"""Varied by nothing."""


def strokes() -> np.ndarray:
    """A target: a cross of two strokes, of 200, on cleared paper."""
    target = np.zeros((SIZE, SIZE), np.uint8)
    target[60:64, 20:110] = target[30:100, 50:54] = 200
    return target


def vary(target, mask=None, *, settings=STILL, seed=0):
    mask = target if mask is None else mask
    edges = target_to_edges(target)
    rng = np.random.default_rng(seed)
    return vary_row(edges, mask, target, settings=settings, preprocessing=Preprocessing(), rng=rng)


def places(settings: Training, *, seed: int) -> np.ndarray:
    """Where each pixel comes from, read off two ramps given as masks: shape (2, size, size), in pixels."""
    ramp = np.broadcast_to(np.arange(SIZE, dtype=np.uint8) + 64, (SIZE, SIZE))
    return np.stack(
        [vary(strokes(), mask, settings=settings, seed=seed)[1] - 64.0 for mask in (ramp.T, ramp)]
    )


def test_a_row_varied_by_nothing_stays_and_another_share_is_left_alone():
    for one, same in zip(vary(strokes()), (target_to_edges(strokes()), strokes(), strokes()), strict=True):
        np.testing.assert_array_equal(one, same)
    settings = Training(varied=0.3)
    changed = sum((vary(strokes(), settings=settings, seed=k)[2] != strokes()).any() for k in range(200))
    assert changed == pytest.approx(60, abs=5 * math.sqrt(200 * 0.3 * 0.7))
    assert not any(it.any() for it in vary(np.zeros((SIZE, SIZE), np.uint8)))


@pytest.mark.parametrize("seed", range(8))
def test_a_window_around_ink_is_enlarged_by_the_factor(seed):
    settings = replace(STILL, enlarged=(2.5, 2.5), enlarged_share=seed % 2)
    rows, columns = places(settings, seed=seed)
    steps = np.diff(rows[8:-8, 64]), np.diff(columns[64, 8:-8])
    factor = 1 / np.mean(steps)
    assert abs(factor - (2.5 if seed % 2 else 1)) < 0.05
    if seed % 2:  # the window lies within the image, and holds ink
        side = SIZE / 2.5
        top, left = rows[8, 64] - 8.5 / 2.5 + 0.5, columns[64, 8] - 8.5 / 2.5 + 0.5
        assert -1 < top < SIZE - side + 1
        assert -1 < left < SIZE - side + 1
        window = strokes()[int(max(top, 0)) : int(top + side) + 1, int(max(left, 0)) : int(left + side) + 1]
        assert window.any()


def test_about_half_are_enlarged_and_by_every_factor():
    settings = replace(STILL, enlarged=(1.5, 4))
    factors = [1 / np.diff(places(settings, seed=k)[0][8:-8, 64]).mean() for k in range(120)]
    large = np.array([it for it in factors if it > 1.2])
    assert len(large) == pytest.approx(60, abs=5 * math.sqrt(30))
    assert 1.4 < large.min() < 1.8
    assert 3.3 < large.max() < 4.2
    assert np.median(large) == pytest.approx(math.sqrt(1.5 * 4), rel=0.2)  # uniform in its logarithm


def test_bending_moves_every_place_smoothly_and_differently():
    settings = replace(STILL, bent=60.0)
    rows, columns = places(settings, seed=1)
    middle = (slice(24, -24), slice(24, -24))
    down, across = rows - np.arange(SIZE)[:, None], columns - np.arange(SIZE)
    for displacement in (down[middle], across[middle]):
        assert displacement.std() > 1
        assert np.abs(np.diff(displacement, axis=0)).max() <= 3
        assert np.abs(displacement).max() < 1.4 * 60 * SIZE / 512


def test_target_and_mask_are_moved_and_darkened_alike_and_edges_are_the_targets():
    settings = Training(varied=1)
    for seed in range(6):
        edges, mask, target = vary(strokes(), settings=settings, seed=seed)
        np.testing.assert_array_equal(np.where(mask < 25, 0, mask), target)
        np.testing.assert_array_equal(edges, target_to_edges(target))
        assert edges.any()


def test_ink_gets_darker_or_fainter_within_the_limits_and_paper_is_cleared():
    inner = [
        vary(strokes(), settings=replace(STILL, darkened=(0.5, 1.2)), seed=k)[2][62, 40] for k in range(60)
    ]
    assert 100 <= min(inner) < 115
    assert 225 < max(inner) <= 240
    faint = strokes() // 5  # 40, of which half is below the threshold
    varied = [vary(faint, settings=replace(STILL, darkened=(0.5, 0.5)), seed=k)[2] for k in range(3)]
    assert not any(it.any() for it in varied)


def test_the_draw_decides():
    one, same, other = (vary(strokes(), settings=Training(varied=1), seed=k)[2] for k in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
