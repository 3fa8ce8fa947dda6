"""The places where up-sampling leaves peaks, and how far an image's spectrum rises there above its neighbourhood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sigforensics.settings import Peaks

__all__ = ["PeakExcess", "peak_excess", "peak_places"]


@dataclass(frozen=True, eq=False)
class PeakExcess:
    """For one image size: what is taken from what, at every place."""

    rows: NDArray[np.intp]
    """The rows that count."""
    row_weights: NDArray[np.float64]
    """Shape (frequencies, rows)."""
    columns: NDArray[np.intp]
    column_weights: NDArray[np.float64]
    """Shape (frequencies, columns)."""

    def of(self, log: NDArray[np.float32]) -> NDArray[np.float64]:
        """The excess of a log-spectrum, shape (height, width), at each of :func:`peak_places`, in nats."""
        block = log.ravel().take(self.rows[:, np.newaxis] * log.shape[1] + self.columns, mode="clip")
        excess: NDArray[np.float64] = self.row_weights @ block @ self.column_weights.T
        return excess.ravel()[1:]


def peak_places(periods: Sequence[int]) -> NDArray[np.float64]:
    """Where patterns of these periods have their frequencies: (vertical, horizontal) cycles per pixel, shape (places, 2).

    A pattern that repeats every P pixels along an axis has the frequencies k / P, k = 1 to P / 2; patterns in both directions
    have them at the crossings.

    >>> peak_places([2]).tolist()
    [[0.0, 0.5], [0.5, 0.0], [0.5, 0.5]]
    """
    axis = _axis_frequencies(periods)
    return np.array([(down, across) for down in axis for across in axis][1:])


def _axis_frequencies(periods: Sequence[int]) -> list[float]:
    return sorted({0.0} | {k / period for period in periods for k in range(1, period // 2 + 1)})


@lru_cache(maxsize=16)
def peak_excess(height: int, width: int, settings: Peaks) -> PeakExcess | None:
    """How to take the excess from spectra of ``height`` x ``width`` coefficients; None if they are too small for it.

    Along an axis, near the coefficient u0 = 2 n f of the frequency f, the *contrast* of a line of
    coefficients is its mean over abs(u - u0) <= ``half_width`` less its mean over ``gap`` <= abs(u - u0) <=
    ``reach``. At a place on an axis the excess is the contrast along the axis, of the mean of the two lines
    next to it. At a crossing it is the contrast, down, of the contrasts across: what rises above what its row
    and its column have anyway, so that a ridge along a row or column counts for nothing at a crossing.

    For noise, whose log-spectrum is level, the excess of an image has the mean 0 and the standard deviation
    1.11 |a| |b|, with the weights a down and b across: at 512 pixels 0.41 nats at a crossing and 0.48 on an
    axis; with one frequency of 1/2, where there are coefficients on one side only, 0.70 and 0.81, with two 1.19.
    """
    frequencies = _axis_frequencies(settings.periods)
    sides = []
    for size in (height, width):
        reach = min(settings.reach, size // 16)
        if reach <= settings.gap:  # half a coefficient off, nothing would lie between them
            return None
        weights = np.stack([_contrast(size, frequency, reach, settings) for frequency in frequencies])
        used = np.flatnonzero(weights.any(axis=0))
        sides.append((used, weights[:, used]))
    (rows, row_weights), (columns, column_weights) = sides
    return PeakExcess(rows, row_weights, columns, column_weights)


def _contrast(size: int, frequency: float, reach: int, settings: Peaks) -> NDArray[np.float64]:
    """Weights of the coefficients of an axis; for frequency 0, which has no contrast, the mean of the lines next to the axis."""
    distance = np.abs(np.arange(size) - 2 * size * frequency)
    inside = _mean_over(distance <= settings.half_width)
    if frequency == 0:
        return inside
    return inside - _mean_over((settings.gap <= distance) & (distance <= reach))


def _mean_over(chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    weights: NDArray[np.float64] = chosen / chosen.sum()
    return weights
