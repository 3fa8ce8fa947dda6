"""Mean and sum of squared deviations of arrays, in parts that merge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Moments"]

STRIP_ROWS = 16
"""Rows taken to float64 together: with a batch of eight images of 512 pixels they stay in the cache."""


class Moments:
    """Running mean and sum of squared deviations of equally shaped arrays, element by element, in float64.

    Parts that were filled separately merge by the pairwise update of Chan, Golub & LeVeque (1983, The
    American Statistician 37), which never subtracts large sums from each other:

        delta = mean_b - mean_a
        mean = mean_a + delta n_b / n
        M2 = M2_a + M2_b + delta^2 n_a n_b / n
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.n = 0
        self.mean = np.zeros(shape)
        self.m2 = np.zeros(shape)

    def add_batch(self, values: NDArray[np.float32]) -> None:
        """Add several arrays, shape (n, height, width)."""
        if len(values) == 0:
            return
        batch = Moments(self.mean.shape)
        batch.n = len(values)
        for row in range(0, values.shape[1], STRIP_ROWS):
            strip = values[:, row : row + STRIP_ROWS].astype(np.float64)
            mean = strip.mean(axis=0)
            strip -= mean
            batch.mean[row : row + STRIP_ROWS] = mean
            batch.m2[row : row + STRIP_ROWS] = np.einsum("nij,nij->ij", strip, strip)
        self.merge(batch)

    def merge(self, other: Moments) -> None:
        """Add all that another has seen; the other is left as it is."""
        if other.n == 0:
            return
        n = self.n + other.n
        delta = other.mean - self.mean
        self.mean += delta * (other.n / n)
        delta *= delta
        delta *= self.n * other.n / n
        self.m2 += delta
        self.m2 += other.m2
        self.n = n
