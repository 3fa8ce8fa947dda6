"""Mean and sum of squared deviations of arrays, in parts that merge."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["BatchedMoments", "Moments", "PowerSums"]

STRIP_ROWS = 32
"""Rows merged together: what is needed of them stays in the cache, at 512 columns 128 kB an array."""


class PowerSums:
    """Sums and sums of squares of a few float32 arrays, element by element, in float64.

    A float32 has 24 bits and its square 48, so that the float64 sums of some hundred are exact but for the last
    bits, and nothing is lost by subtracting them from each other later. OpenCV's accumulators are three times
    as fast as NumPy's ufuncs here.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.n = 0
        self.total = np.zeros(shape)
        self.squares = np.zeros(shape)

    def add(self, values: NDArray[np.float32]) -> None:
        """Add one array, shape (height, width)."""
        self.n += 1
        cv2.accumulate(values, self.total)
        cv2.accumulateSquare(values, self.squares)

    def merge(self, other: PowerSums) -> None:
        """Add the sums of others, which are left as they are."""
        self.n += other.n
        self.total += other.total
        self.squares += other.squares

    def clear(self) -> None:
        """Forget all, and keep the memory."""
        self.n = 0
        self.total.fill(0.0)
        self.squares.fill(0.0)


class Moments:
    """Running mean and sum of squared deviations of equally shaped arrays, element by element, in float64.

    Parts merge by the pairwise update of Chan, Golub & LeVeque (1983, The American Statistician 37), which
    never subtracts large sums from each other, however many arrays there are:

        delta = mean_b - mean_a
        mean = mean_a + delta n_b / n
        M2 = M2_a + M2_b + delta^2 n_a n_b / n
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.n = 0
        self.mean = np.zeros(shape)
        self.m2 = np.zeros(shape)

    @property
    def variance(self) -> NDArray[np.float64]:
        """Unbiased variance, element by element; NaN of a single array."""
        return self.m2 / (self.n - 1) if self.n > 1 else np.full_like(self.m2, np.nan)

    def add(self, batch: PowerSums) -> None:
        """Add a batch of arrays, few enough that its sums are exact; it is left as it is."""
        if batch.n == 0:
            return
        for rows in self._strips():
            mean = batch.total[rows] / batch.n
            self._merge_strip(
                rows, mean, np.maximum(batch.squares[rows] - batch.total[rows] * mean, 0.0), batch.n
            )
        self.n += batch.n

    def merge(self, other: Moments) -> None:
        """Add all that another has seen; the other is left as it is."""
        if other.n == 0:
            return
        for rows in self._strips():
            self._merge_strip(rows, other.mean[rows], other.m2[rows], other.n)
        self.n += other.n

    def _strips(self) -> list[slice]:
        return [slice(row, row + STRIP_ROWS) for row in range(0, len(self.mean), STRIP_ROWS)]

    def _merge_strip(self, rows: slice, mean: NDArray[np.float64], m2: NDArray[np.float64], n: int) -> None:
        delta = mean - self.mean[rows]
        self.mean[rows] += delta * (n / (self.n + n))
        self.m2[rows] += m2 + delta * delta * (self.n * n / (self.n + n))


class BatchedMoments:
    """Moments whose last few arrays stand apart until there is a batch of them.

    Two arrays of float64 as long as there is no more than a batch, or nothing stands apart; four else.
    """

    def __init__(self, shape: tuple[int, int], *, batch: int) -> None:
        self._shape, self._size = shape, batch
        self._moments: Moments | None = None
        self._batch: PowerSums | None = None

    def add(self, values: NDArray[np.float32]) -> None:
        """Add one array."""
        self._batch_for(1).add(values)

    def settle(self) -> Moments:
        """All moments, those of the last few arrays merged in."""
        if self._moments is None:
            self._moments = Moments(self._shape)
        if self._batch is not None:
            self._moments.add(self._batch)
            self._batch = None
        return self._moments

    def begin(self, n: int, mean: NDArray[np.float64], m2: NDArray[np.float64]) -> None:
        """Take over the moments of ``n`` arrays, instead of any so far."""
        self.clear()
        self._moments = moments = Moments(self._shape)
        moments.n, moments.mean, moments.m2 = n, mean, m2

    def merge(self, other: BatchedMoments) -> None:
        """Add all that another has seen, and what stands apart there stands apart here; the other is left as it is."""
        if other._moments is not None:
            self.settle().merge(other._moments)
        if other._batch is not None:
            self._batch_for(other._batch.n).merge(other._batch)

    def clear(self) -> None:
        """Forget all, and keep the memory of a batch."""
        self._moments = None
        if self._batch is not None:
            self._batch.clear()

    def _batch_for(self, n: int) -> PowerSums:
        """The batch, with room for ``n`` more arrays."""
        if self._batch is not None and self._batch.n + n > self._size:
            self.settle()
        self._batch = self._batch or PowerSums(self._shape)
        return self._batch
