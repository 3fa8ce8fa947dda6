"""The paper under ink that is taken away: shade, grain and printed lines of what is around it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.images import FloatImage
from sigforensics.scans.grey import LUMA
from sigforensics.settings import Placing

__all__ = ["Ground", "restore_paper", "to_luma"]

BoolImage = NDArray[np.bool_]

MAD_TO_DEVIATION = 1.4826
"""Standard deviation over the median absolute deviation of a normal distribution."""
LEAST_NOISE = 2 / 255
"""Brightness: least deviation of paper that is assumed; pages of two levels have none."""
DARK = 25 / 255
"""Brightness below the paper from which a pixel is print, at least."""


@dataclass(frozen=True, eq=False)
class Ground:
    """A page, or a part of one, without some ink."""

    brightness: FloatImage
    """Shape (height, width, channels): as the page was, but for the hole."""
    shade: FloatImage
    """Likewise: that of the bare paper without its grain."""


def to_luma(brightness: FloatImage) -> FloatImage:
    """Shape (..., channels) to (...): ITU-R BT.601 luma of three channels, the value of one."""
    if brightness.shape[-1] == 1:
        return brightness[..., 0]
    luma: FloatImage = brightness @ LUMA
    return luma


def restore_paper(
    brightness: FloatImage,
    hole: BoolImage,
    *,
    per_mm: float,
    rng: np.random.Generator,
    settings: Placing | None = None,
) -> Ground:
    """Paper in the hole; outside of it nothing changes.

    Its shade is the mean of the bare paper around, weighted by nearness (Gaussian). Its grain is that of bare paper nearby: what
    deviates from the shade is copied from one place for as many pixels of the hole as possible, then from another, in random
    order. Copies are moved by multiples of ``settings.block`` pixels, so that they keep the grid of JPEG compression. A ruled
    line that runs up to the hole on both sides is continued through it, straight. Other print under the hole is lost: nothing
    shows what it was.

    Parameters
    ----------
    brightness : ndarray of float32, shape (height, width, channels)
        Paper bright, in [0, 1]; 1 or 3 channels.
    hole : ndarray of bool, shape (height, width)
        Where ink is to be taken away.
    per_mm : float
        Pixels a millimetre.
    rng : numpy.random.Generator
    settings : Placing, optional
    """
    settings = settings or Placing()
    bare, dark = _tell_paper(to_luma(brightness), hole, settings)
    shade = _shade(brightness, bare, settings.shade * per_mm)
    filled = brightness.copy()
    filled[hole] = np.clip(shade + _grain(brightness - shade, bare, hole, per_mm, rng, settings), 0, 1)[hole]
    _continue_lines(filled, dark, hole, per_mm, settings)
    _continue_lines(filled.swapaxes(0, 1), dark.T, hole.T, per_mm, settings)
    return Ground(filled, shade)


def _tell_paper(luma: FloatImage, hole: BoolImage, settings: Placing) -> tuple[BoolImage, BoolImage]:
    """Which pixels beside the hole are bare paper, and which are darker."""
    seen = luma[~hole] if not hole.all() else luma
    level = float(np.median(seen))
    noise = max(MAD_TO_DEVIATION * float(np.median(np.abs(seen - level))), LEAST_NOISE)
    bare = ~hole & (np.abs(luma - level) <= settings.deviations * noise)
    dark = ~hole & (luma < level - max(settings.deviations * noise, DARK))
    return bare if bare.any() else np.ones_like(bare), dark


def _shade(brightness: FloatImage, bare: BoolImage, sigma: float) -> FloatImage:
    """The mean of bare paper around each pixel; far from any, that of all of it."""
    weight = bare.astype(np.float32)
    total = cv2.GaussianBlur(weight, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)
    shade = np.empty_like(brightness)
    for channel in range(brightness.shape[2]):
        values = brightness[..., channel]
        mean = np.float32(values[bare].mean())
        blurred = cv2.GaussianBlur((values - mean) * weight, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)
        shade[..., channel] = mean + blurred / np.maximum(total, np.float32(1e-3))
    return np.clip(shade, 0, 1)


def _grain(
    grain: FloatImage,
    bare: BoolImage,
    hole: BoolImage,
    per_mm: float,
    rng: np.random.Generator,
    settings: Placing,
) -> FloatImage:
    """Deviations from the shade in the hole, copied from bare paper; 0 where none is within reach."""
    copied = np.zeros_like(grain)
    rows, columns = np.nonzero(hole)
    for down, across in _shifts(settings.reach * per_mm, rng, settings):
        if not len(rows):
            break
        row, column = rows + down, columns + across
        inside = (row >= 0) & (row < hole.shape[0]) & (column >= 0) & (column < hole.shape[1])
        found = inside.copy()
        found[inside] = bare[row[inside], column[inside]]
        copied[rows[found], columns[found]] = grain[row[found], column[found]]
        rows, columns = rows[~found], columns[~found]
    return copied


def _shifts(reach: float, rng: np.random.Generator, settings: Placing) -> NDArray[np.int64]:
    """Moves down and across, in random order, by multiples of the block; shape (n, 2)."""
    steps = max(int(reach / settings.block), 1)
    grid = np.stack(np.meshgrid(*[np.arange(-steps, steps + 1)] * 2, indexing="ij"), axis=-1).reshape(-1, 2)
    moves = grid[np.any(grid != 0, axis=1)]
    return np.asarray(rng.permutation(moves) * settings.block, np.int64)


def _continue_lines(
    filled: FloatImage, dark: BoolImage, hole: BoolImage, per_mm: float, settings: Placing
) -> None:
    """Draw level lines on through the hole, where they end at both of its sides within one row; changes ``filled``.

    A line is a level run of dark pixels of at least ``settings.line`` mm. Its values are interpolated across the hole.
    """
    run = np.ones((1, 2 * max(round(settings.line * per_mm / 2), 1) + 1), np.uint8)  # odd, or opening shifts
    lines = cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_OPEN, run) > 0
    width = hole.shape[1]
    columns = np.arange(width)
    before = np.maximum.accumulate(np.where(hole, -1, columns), axis=1)
    after = np.minimum.accumulate(np.where(hole, width, columns)[:, ::-1], axis=1)[:, ::-1]
    rows, at = np.nonzero(hole & (before >= 0) & (after < width) & (after - before <= settings.gap * per_mm))
    left, right = before[rows, at], after[rows, at]
    both = lines[rows, left] & lines[rows, right]
    rows, at, left, right = rows[both], at[both], left[both], right[both]
    share = ((at - left) / (right - left)).astype(np.float32)[:, None]
    filled[rows, at] = (1 - share) * filled[rows, left] + share * filled[rows, right]
