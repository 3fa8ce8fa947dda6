"""In which direction print runs: the slope at which the feet of its pieces fall into the fewest lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigforensics.settings import Levelling

__all__ = ["Direction", "row_direction"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Direction:
    """The direction of rows of print."""

    angle: float
    """Degrees; positive where rows fall to the right."""
    sharpness: float
    """How much better the rows show at this angle than at the median one: about 1 where there are none."""


def row_direction(x: Floats, y: Floats, *, bin_size: float, settings: Levelling) -> Direction:
    """The slope of rows, within ``settings.steepest`` of level.

    The points are projected along each slope and counted into bins; the sum of the squared counts is largest where most points
    share few bins.

    Parameters
    ----------
    x, y : float, shape (n,)
        Pixels: the feet of the pieces, in the middle of each; y runs down. At least one.
    bin_size : float
        Pixels.

    References
    ----------
    H. S. Baird: The skew angle of printed documents, Proc. SPSE 40th Symposium on Hybrid Imaging Systems (1987) 21-24.
    """
    reach = settings.steepest
    coarse = np.arange(-reach, reach + settings.coarse_step / 2, settings.coarse_step)
    scores = _concentration(x, y, coarse, bin_size)
    best = coarse[scores.argmax()]
    around = settings.coarse_step
    fine = np.arange(best - around, best + around + settings.fine_step / 2, settings.fine_step)
    finer = _concentration(x, y, fine, bin_size)
    level = np.flatnonzero(finer == finer.max())  # the middle of a plateau
    angle = float(np.clip(fine[level].mean(), -reach, reach))
    return Direction(round(angle, 6) + 0.0, float(finer.max() / np.median(scores)))


def _concentration(x: Floats, y: Floats, angles: Floats, bin_size: float) -> Floats:
    """Sum of the squared counts of the bins, for each of some angles in degrees."""
    sums = []
    for angle in np.radians(angles):
        height = (y * np.cos(angle) - x * np.sin(angle)) / bin_size
        counts = np.bincount((height - height.min()).astype(np.int64)).astype(np.float64)
        sums.append(np.sum(counts * counts))
    return np.array(sums)
