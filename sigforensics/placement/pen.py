"""Ink on paper as light sees it: what it lets through, in which colour, and how dark a pen is."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.images import ByteImage, FloatImage
from sigforensics.placement.paper import Ground, to_luma
from sigforensics.scans.grey import LUMA

__all__ = ["colour_of_ink", "darkness_of_pen", "lay_ink"]

DARKEST = 1 / 255
"""Brightness: anything darker is taken for this, so that its absorbance is finite."""
CORE = 0.3
"""Of the absorbance that one stroke pixel in ten exceeds: from there on a pixel counts for the colour."""
FAINTEST = 0.05
"""Absorbance in a channel over that of luma, at least: no ink is invisible to one of three."""
FAR = 1e-3
"""Weight of the mean colour of all strokes beside that of those nearby."""
NEWTON_STEPS = 30
"""They converge from one side; 12 suffice for black."""


def colour_of_ink(
    brightness: FloatImage, ground: Ground, strokes: NDArray[np.bool_], *, reach: float
) -> FloatImage:
    """Absorbance of the ink in each channel over that of its luma, place by place: black ink has 1 in all of them.

    Absorbance is -ln(brightness over that of the bare paper), and that of a channel is proportional to the amount of ink
    (Beer-Lambert). The ratio is taken of sums over the dark pixels of the strokes, where noise counts least, weighted by
    nearness (Gaussian): a page may bear several inks. Far from all strokes it is that of all of them.

    Parameters
    ----------
    brightness : ndarray of float32, shape (height, width, channels)
        The page with its ink.
    ground : Ground
        The same without.
    strokes : ndarray of bool, shape (height, width)
        Where the ink is.
    reach : float
        Pixels: standard deviation of the Gaussian.

    Returns
    -------
    ndarray of float32, shape (height, width, channels)
    """
    neutral = np.ones_like(brightness)
    if brightness.shape[2] == 1 or not strokes.any():
        return neutral
    luma = _absorbance(to_luma(brightness), to_luma(ground.shade))
    core = strokes & (luma > max(CORE * float(np.quantile(luma[strokes], 0.9)), 0))
    if not core.any():
        return neutral
    amounts = np.where(core[..., None], _absorbance(brightness, ground.shade), 0).astype(np.float32)
    total = np.where(core, luma, 0).astype(np.float32)
    mean = amounts.sum(axis=(0, 1)) / total.sum()
    near = cv2.GaussianBlur(amounts, (0, 0), reach, borderType=cv2.BORDER_CONSTANT)
    weight = cv2.GaussianBlur(total, (0, 0), reach, borderType=cv2.BORDER_CONSTANT)[..., None]
    return np.asarray(np.maximum((near + FAR * mean) / (weight + FAR), FAINTEST), np.float32)


def darkness_of_pen(image: ByteImage, *, share: float) -> float:
    """Mean ink value of the darkest ink pixels of a prepared signature; 0 where there is none.

    The others are borders of strokes, which say more of the width of a pen than of its ink.

    Parameters
    ----------
    image : ndarray of uint8, shape (size, size)
        Ink bright on paper 0.
    share : float
        Of the ink pixels, the darkest ones over which the mean is taken; at least one pixel.
    """
    ink = np.sort(image[image > 0])[::-1]
    darkest = ink[: max(round(share * len(ink)), 1)]
    return float(darkest.mean() / 255) if len(darkest) else 0.0


def lay_ink(ground: Ground, ink: FloatImage, *, colour: FloatImage) -> FloatImage:
    """Ink on the paper: its brightness is multiplied by what the ink lets through.

    An ink value x says that luma is 1 - x there; so the ink lets through t = (1 - x) over the luma of the bare paper, at most
    all of it. A channel of the relative absorbance k gets exp(-a k), with the amount of ink a at which luma becomes t times that
    of the paper.

    Parameters
    ----------
    ground : Ground
    ink : ndarray of float32, shape (height, width)
        Ink image: ink 1, no ink 0.
    colour : ndarray of float32, shape (height, width, channels)
        As :func:`colour_of_ink` gives it.

    Returns
    -------
    ndarray of float32, shape (height, width, channels)
        In [0, 1]; equal to the ground, to the bit, where the ink lets all light through.
    """
    through = (1 - ink) / np.maximum(to_luma(ground.shade), DARKEST)
    inked = through < 1
    laid = ground.brightness.copy()
    amount = _amount(np.maximum(through[inked], 0), ground.shade[inked], colour[inked])
    laid[inked] *= np.exp(-amount[:, None] * colour[inked])
    return laid


def _amount(
    through: NDArray[np.float32], paper: NDArray[np.float32], colour: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The amount of ink a at which luma is ``through`` times that of the paper, by Newton's method; shapes (n,), (n, channels).

    Luma falls with the amount and is convex, so that the steps from 0 never go too far.
    """
    weights = paper * (LUMA if paper.shape[1] == 3 else np.float32(1))
    weights = weights / np.maximum(weights.sum(axis=1, keepdims=True), DARKEST)
    wanted = np.maximum(through, DARKEST)
    amount = np.zeros_like(wanted)
    for _ in range(NEWTON_STEPS):
        parts = weights * np.exp(-amount[:, None] * colour)
        amount += (parts.sum(axis=1) - wanted) / np.maximum((parts * colour).sum(axis=1), 1e-6)
    return np.asarray(np.maximum(amount, 0), np.float32)


def _absorbance(inked: FloatImage, paper: FloatImage) -> FloatImage:
    return np.log(np.maximum(paper, DARKEST) / np.maximum(inked, DARKEST))
