"""Ink on paper as light sees it: what it lets through, in which colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigforensics.images import FloatImage
from sigforensics.placement.paper import Ground, to_luma
from sigforensics.scans.grey import LUMA

__all__ = ["colour_of_ink", "lay_ink"]

DARKEST = 1 / 255
"""Brightness: anything darker is taken for this, so that its absorbance is finite."""
CORE = 0.5
"""Of the absorbance that one stroke pixel in ten exceeds: from there on a pixel counts for the colour."""
STEPS = 257
"""Of the table that brings transmittance to luma."""


def colour_of_ink(brightness: FloatImage, ground: Ground, strokes: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Absorbance of the ink in each channel over that of its luma: black ink has 1 in all of them.

    Absorbance is -ln(brightness over that of the bare paper), and that of a channel is proportional to the amount of ink
    (Beer-Lambert); the ratio is taken of sums over the dark cores of the strokes, where noise and borders count least.

    Parameters
    ----------
    brightness : ndarray of float32, shape (height, width, channels)
        The page with its ink.
    ground : Ground
        The same without.
    strokes : ndarray of bool, shape (height, width)
        Where the ink is.

    Returns
    -------
    ndarray of float32, shape (channels,)
    """
    channels = brightness.shape[2]
    if channels == 1 or not strokes.any():
        return np.ones(channels, np.float32)
    inked, paper = brightness[strokes], ground.shade[strokes]
    luma = _absorbance(to_luma(inked), to_luma(paper))
    core = luma >= CORE * np.quantile(luma, 0.9)
    total = float(luma[core].sum())
    if total <= 0:
        return np.ones(channels, np.float32)
    colour = _absorbance(inked, paper)[core].sum(axis=0) / total
    return np.asarray(np.maximum(colour, 0), np.float32)


def lay_ink(ground: Ground, ink: FloatImage, *, colour: NDArray[np.float32]) -> FloatImage:
    """Ink on the paper: its brightness is multiplied by what the ink lets through.

    An ink value x says that luma is 1 - x there; so the ink lets through t = (1 - x) over the luma of the bare paper, at most
    all of it. A channel gets t' to the power of its ``colour``, with t' such that the luma becomes t times that of the paper.

    Parameters
    ----------
    ground : Ground
    ink : ndarray of float32, shape (height, width)
        Ink image: ink 1, no ink 0.
    colour : ndarray of float32, shape (channels,)
        As :func:`colour_of_ink` gives it.

    Returns
    -------
    ndarray of float32, shape (height, width, channels)
        In [0, 1]; equal to the ground, to the bit, where the ink lets all light through.
    """
    through = np.clip((1 - ink) / np.maximum(to_luma(ground.shade), DARKEST), 0, 1)
    if len(colour) == 1:
        return np.asarray(ground.brightness * through[..., None], np.float32)
    weights = LUMA * ground.shade.mean(axis=(0, 1))
    steps = np.linspace(0, 1, STEPS, dtype=np.float32)
    luma = (steps[:, None] ** colour) @ (weights / weights.sum())
    amount = np.interp(through, luma / luma[-1], steps).astype(np.float32)
    laid = np.where(
        (through < 1)[..., None], ground.brightness * amount[..., None] ** colour, ground.brightness
    )
    return np.asarray(laid, np.float32)


def _absorbance(inked: FloatImage, paper: FloatImage) -> FloatImage:
    return np.log(np.maximum(paper, DARKEST) / np.maximum(inked, DARKEST))
