from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from sigforensics.augmentation import displacement_field, draw_displacements
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


@pytest.mark.parametrize("seed", range(4))
def test_the_window_has_the_pixel_of_ink_in_its_middle_where_the_image_lets_it(seed):
    """One blot off the diagonal: the window's middle, between pixels 63 and 64 of the result, is where it begins."""
    target = np.zeros((SIZE, SIZE), np.uint8)
    target[40, 80] = 200
    ramp = np.broadcast_to(np.arange(SIZE, dtype=np.uint8) + 64, (SIZE, SIZE))
    settings = replace(STILL, enlarged=(3.0, 3.0), enlarged_share=1)
    for mask, place in ((ramp.T, 40), (ramp, 80)):
        middle = vary(target, mask, settings=settings, seed=seed)[1][62:66, 62:66].mean() - 64
        assert middle == pytest.approx(place - 0.5, abs=0.3)


def test_about_half_are_enlarged_and_by_every_factor():
    settings = replace(STILL, enlarged=(1, 8))
    factors = [1 / np.diff(places(settings, seed=k)[0][8:-8, 64]).mean() for k in range(160)]
    large = np.array([it for it in factors if it > 1.1])
    expected = 80 * (1 - math.log(1.1) / math.log(8))
    assert len(large) == pytest.approx(expected, abs=5 * math.sqrt(40))
    assert large.min() < 1.5
    assert 6 < large.max() < 9
    assert np.median(large) == pytest.approx(math.sqrt(8), rel=0.3)  # uniform in itself it would be 4.5


def test_bending_moves_every_place_by_the_spline_of_the_drawn_displacements():
    settings = replace(STILL, bent=60.0)
    rng = np.random.default_rng(1)
    rng.random()  # whether to vary
    down, across = displacement_field(draw_displacements(5, 60 * SIZE / 512, rng=rng), (SIZE, SIZE))
    rows, columns = places(settings, seed=1)
    middle = (slice(24, -24), slice(24, -24))
    np.testing.assert_allclose((rows - np.arange(SIZE)[:, None])[middle], down[middle], atol=0.6)
    np.testing.assert_allclose((columns - np.arange(SIZE))[middle], across[middle], atol=0.6)
    assert np.abs(down - across)[middle].max() > 3


def cubic(values: np.ndarray, place: float) -> float:
    """Keys' kernel with OpenCV's -0.75 at a place between pixels, by its formula; beyond the border there is paper."""
    total = 0.0
    for pixel in range(math.floor(place) - 1, math.floor(place) + 3):
        x = abs(place - pixel)
        near = 1.25 * x**3 - 2.25 * x**2 + 1
        far = -0.75 * x**3 + 3.75 * x**2 - 6 * x + 3
        value = float(values[pixel]) if 0 <= pixel < len(values) else 0.0
        total += value * (near if x <= 1 else far if x < 2 else 0)
    return total


def test_enlarging_is_bicubic_with_paper_beyond_the_border():
    """Stripes down the image, and ink in its first and last rows; values along a row against the kernel's formula."""
    target = np.zeros((SIZE, SIZE), np.uint8)
    target[:, 10:118:6] = 120
    settings = replace(STILL, enlarged=(2.0, 2.0), enlarged_share=1)
    _, mask, _ = vary(target, settings=settings, seed=3)
    rng = np.random.default_rng(3)
    rng.random()
    draw_displacements(5, 0.0, rng=rng)
    rng.random(), rng.uniform(0, 1)
    column = int(rng.choice(np.flatnonzero(target))) % SIZE
    start = min(max(column - SIZE / 4, 0), SIZE / 2)
    expected = [cubic(target[64], (k + 0.5) / 2 - 0.5 + start) for k in range(SIZE)]
    np.testing.assert_allclose(mask[64], np.clip(expected, 0, 255), atol=1)
    full = np.full((SIZE, SIZE), 100, np.uint8)
    corner = vary(full, settings=replace(STILL, enlarged=(2, 2), enlarged_share=1, bent=200.0), seed=0)[2]
    assert (corner == 0).any()  # from beyond the border


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
    black = vary(strokes(), settings=replace(STILL, darkened=(1.7, 1.7)))[2]
    assert black[62, 40] == 255  # not beyond
    two = strokes()
    two[10:14, 20:110] = 40
    faint = vary(two, settings=replace(STILL, darkened=(0.5, 0.5)))[2]
    assert faint[62, 40] == 100
    assert not faint[:20].any()


def test_faint_ink_can_vanish():
    faint = strokes() // 5  # 40, of which half is below the threshold
    edges, mask, target = vary(faint, settings=replace(STILL, darkened=(0.5, 0.5)))
    assert not edges.any()
    assert not target.any()
    assert mask[62, 40] == 20


def test_threshold_and_edges_are_the_corpus_own():
    ours = Preprocessing(threshold=90, canny_low=500, canny_high=550)
    target = strokes()
    target[10:14, 20:110] = 80
    target[20:24, 20:110] = 100
    found = vary_row(
        target_to_edges(target),
        target,
        target,
        settings=STILL,
        preprocessing=ours,
        rng=np.random.default_rng(0),
    )
    assert not found[2][:17].any()
    assert found[2][22, 60] == 100
    np.testing.assert_array_equal(found[0], target_to_edges(found[2], settings=ours))
    assert (found[0] != target_to_edges(found[2])).any()


def test_the_draw_decides():
    one, same, other = (vary(strokes(), settings=Training(varied=1), seed=k)[2] for k in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
