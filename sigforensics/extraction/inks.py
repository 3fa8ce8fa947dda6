"""Strokes told from print by the colour of their ink, where the two are of different colours."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from sigforensics.images import FloatImage
from sigforensics.settings import Extraction

__all__ = ["chromaticity", "weighed_by_colour"]

Bools = NDArray[np.bool_]
DARK = 0.02
"""Added to brightness before its logarithm is taken: black has a finite density."""
NOISE = 0.02
"""Chromaticity: least standard deviation of an ink's, so that a small sample without scatter is not taken for certain."""


def weighed_by_colour(
    likely: FloatImage, colours: FloatImage, ink: Bools, own: Bools, *, per_mm: float, settings: Extraction
) -> FloatImage | None:
    """Likelihoods of being by hand with what the colour of the ink says; None where the two inks are too much alike.

    What is known without colour is the sample: own ink that is by hand with ``settings.sure_hand`` or more, and ink that is print
    (below ``settings.sure_print``). Along the direction of Fisher's linear discriminant (Fisher 1936) each gets a normal
    distribution, and the odds of every pixel are multiplied by the ratio of both densities, by ``settings.colour_odds`` at most:
    what is surer than that keeps its kind, whatever its colour.

    Parameters
    ----------
    likely : float32, shape (height, width)
        Of being by hand, 0 to 1, without colour.
    colours : float32, shape (height, width, 3)
        Red, green and blue, 0 to 1, paper bright.
    ink : bool, shape (height, width)
        All ink.
    own : bool, shape (height, width)
        That of a candidate.
    per_mm : float
    settings : Extraction

    Returns
    -------
    float32, shape (height, width), or None
        None if either sample has fewer than ``settings.colour_pixels``, or their mean chromaticities are less than
        ``settings.colour_apart`` apart, or a pixel of one is not on its side of one of the other with a probability of
        ``settings.colour_auc``.
    """
    hand, print_ = ink & own & (likely >= settings.sure_hand), ink & (likely < settings.sure_print)
    if min(hand.sum(), print_.sum()) < settings.colour_pixels or ink.all():
        return None
    found = chromaticity(colours, ink, window=round(settings.colour_window * per_mm))
    ours, theirs = found[hand].astype(np.float64), found[print_].astype(np.float64)
    apart = ours.mean(axis=0) - theirs.mean(axis=0)
    if np.linalg.norm(apart) < settings.colour_apart:
        return None
    scatter = (np.cov(ours.T) + np.cov(theirs.T)) / 2 + NOISE**2 * np.eye(2)
    way = np.linalg.solve(scatter, apart)
    way /= np.linalg.norm(way)
    along, ours, theirs = found @ way, ours @ way, theirs @ way
    if mannwhitneyu(ours, theirs).statistic < settings.colour_auc * len(ours) * len(theirs):
        return None
    middles = np.median(theirs), np.median(ours)
    between = np.clip(along, *middles)  # beyond a middle is no surer than at it
    logs = [
        -(((between - middle) / spread) ** 2) / 2 - np.log(spread)
        for middle, spread in zip(middles, (_spread(theirs), _spread(ours)), strict=True)
    ]
    most = np.log(settings.colour_odds)
    odds = np.log(np.clip(likely, 1e-6, 1 - 1e-6)) - np.log1p(-np.clip(likely, 1e-6, 1 - 1e-6))
    return np.asarray(1 / (1 + np.exp(-(odds + np.clip(logs[1] - logs[0], -most, most)))), np.float32)


def chromaticity(colours: FloatImage, ink: Bools, *, window: int) -> FloatImage:
    """How much more red and blue light ink takes than light of all three kinds, as a share of that: whatever its darkness.

    Densities are logarithms of the paper's brightness over the ink's (Beer and Lambert). JPEG stores colours coarsely, so they
    are averaged over the ink within a square of ``window`` pixels a side.

    Parameters
    ----------
    colours : float32, shape (height, width, 3)
    ink : bool, shape (height, width)
        The rest is paper, and there is some.
    window : int

    Returns
    -------
    float32, shape (height, width, 2)
        0 for grey ink on white paper, and where no ink is near; less where light of the kind is let through.
    """
    paper = np.median(colours[~ink], axis=0)
    density = np.maximum(np.log((paper + DARK) / (colours + DARK)), 0) * ink[..., None]
    side = max(window, 1)
    near = cv2.blur(density, (side, side), borderType=cv2.BORDER_CONSTANT)
    mean = near.mean(axis=2, keepdims=True)
    return np.asarray(((near - mean) / np.maximum(mean, 1e-3))[..., [0, 2]], np.float32)


def _spread(values: NDArray[np.float64]) -> float:
    return max(float(values.std()), NOISE)
