"""The frequencies at which spectra of images of different sizes are averaged, and how a spectrum gets there."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeVar

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

__all__ = [
    "MM_PER_INCH",
    "NYQUIST",
    "ROUNDING",
    "FrequencyGrid",
    "FrequencyUnit",
    "cell_weights",
    "common_grid",
    "nyquist_per_mm",
    "onto_grid",
    "sampling_density",
]

FrequencyUnit = Literal["cycles per pixel", "cycles per millimetre"]
Pair = tuple[float, float]
Float = TypeVar("Float", np.float32, np.float64)

NYQUIST: Pair = (0.5, 0.5)
"""Cycles per pixel: the finest alternation that rows and columns of pixels can show."""
MM_PER_INCH = 25.4
ROUNDING = 1e-9
"""Relative; sizes of cells that are equal but for rounding are equal."""


@dataclass(frozen=True)
class FrequencyGrid:
    """Cells of equal size over the frequencies from 0 to a limit, as the coefficients of one image have them.

    Cell (u, v) has the frequencies u limit / height and v limit / width in its middle, and reaches half way to
    its neighbours; those of row and column 0 begin at frequency 0. With the limits of :data:`NYQUIST` these are
    the coefficients of an image of ``shape`` pixels.
    """

    shape: tuple[int, int]
    """Cells: (height, width)."""
    limits: Pair = NYQUIST
    """Vertical and horizontal frequency that the grid stays below, in ``unit``."""
    unit: FrequencyUnit = "cycles per pixel"

    @property
    def row_frequencies(self) -> NDArray[np.float64]:
        """Vertical frequency in the middle of each row, shape (height,)."""
        return np.arange(self.shape[0]) * self.limits[0] / self.shape[0]

    @property
    def column_frequencies(self) -> NDArray[np.float64]:
        """Horizontal frequency in the middle of each column, shape (width,)."""
        return np.arange(self.shape[1]) * self.limits[1] / self.shape[1]

    def takes(self, shape: tuple[int, int], nyquist: Pair) -> bool:
        """Whether the spectrum of an image can be brought here by averaging: it is as fine, and reaches as far."""
        return all(
            limit / cells >= (1 - ROUNDING) * highest / size and limit <= highest * (1 + ROUNDING)
            for cells, limit, size, highest in zip(self.shape, self.limits, shape, nyquist, strict=True)
        )


def nyquist_per_mm(dpi: Pair) -> Pair:
    """Vertical and horizontal Nyquist frequency in cycles per millimetre of (horizontal, vertical) dots per inch.

    >>> nyquist_per_mm((254.0, 508.0))
    (10.0, 5.0)
    """
    across, down = dpi
    return down / (2 * MM_PER_INCH), across / (2 * MM_PER_INCH)


def sampling_density(nyquist: Pair) -> float:
    """Samples a unit of length, the geometric mean of both directions: 1 a pixel, or dots a millimetre.

    The orthonormal coefficients of one picture grow with the density at which it is sampled, in proportion: over
    ``n`` samples the transform sums, and its scale has only the root of ``n``. Divided by the density they are those of
    the picture itself, and their squares its power spectral density: grey levels squared per (cycle per unit) squared.

    Parameters
    ----------
    nyquist : pair of float
        Vertical and horizontal Nyquist frequency.

    Examples
    --------
    >>> sampling_density(NYQUIST), sampling_density(nyquist_per_mm((254.0, 254.0)))
    (1.0, 10.0)
    """
    return 2.0 * math.sqrt(nyquist[0] * nyquist[1])


def common_grid(
    images: Iterable[tuple[tuple[int, int], Pair]], *, unit: FrequencyUnit = "cycles per pixel"
) -> FrequencyGrid:
    """The finest grid onto which the spectra of all images can be brought by averaging alone.

    Its limit is the lowest Nyquist frequency of all images, and its cells are as large as those of the image
    with the largest: no frequency is extrapolated, and none is interpolated between coefficients. (An image
    without a single coefficient below the limit does not fit the one cell that is left then.)

    Parameters
    ----------
    images : iterable of (shape, nyquist)
        (height, width) in pixels, and the vertical and horizontal Nyquist frequency in ``unit``.
    unit : str

    Raises
    ------
    ValueError
        If there is no image.

    Examples
    --------
    >>> common_grid([((400, 300), NYQUIST), ((200, 500), NYQUIST)]).shape
    (200, 300)
    """
    measured = set(images)
    if not measured:
        raise ValueError("no image to take the frequencies of")
    limits, cells = [], []
    for axis in (0, 1):
        limit = min(nyquist[axis] for _, nyquist in measured)
        limits.append(limit)
        fewest = min(shape[axis] * (limit / nyquist[axis]) for shape, nyquist in measured)
        cells.append(max(1, int(fewest * (1 + ROUNDING))))  # rounding must not cost one of them
    return FrequencyGrid((cells[0], cells[1]), (limits[0], limits[1]), unit)


@lru_cache(maxsize=64)
def cell_weights(size: int, nyquist: float, cells: int, limit: float) -> scipy.sparse.csr_array:
    """The shares of an axis' coefficients in the cells of a grid, by length: sparse, shape (cells, size), rows of sum 1.

    Coefficient u stands for the frequencies from (u - 1/2) to (u + 1/2) times nyquist / size, and no negative
    ones. The grid must take an image of this size.
    """
    source = _edges(size, nyquist)
    target = np.minimum(_edges(cells, limit), source[-1])
    breaks = np.unique(np.concatenate([source, target]))
    breaks = breaks[breaks <= target[-1]]
    middles, lengths = (breaks[1:] + breaks[:-1]) / 2, np.diff(breaks)
    rows = np.searchsorted(target, middles) - 1
    columns = np.searchsorted(source, middles) - 1
    weights = lengths / np.diff(target)[rows]
    return scipy.sparse.csr_array((weights, (rows, columns)), shape=(cells, size))


def _edges(cells: int, limit: float) -> NDArray[np.float64]:
    """Where cells begin and end: the first is half a cell."""
    return np.concatenate([[0.0], (np.arange(cells) + 0.5) * (limit / cells)])


def onto_grid(log: NDArray[Float], nyquist: Pair, grid: FrequencyGrid) -> NDArray[Float]:
    """A log-spectrum on a grid: the mean of ln(|C| + floor) over each cell, weighted by area.

    Logarithms are averaged, not amplitudes, so that the mean of ln|C| of noise stays what it is, whatever the
    size of the image. Its variance does not: a cell that averages k whole coefficients of noise scatters by
    1.11 / sqrt(k) nats (1.11 is the root of pi^2 / 8), in general by 1.11 times the root of the sum of the
    squared weights. DC stays what it is, and is in no other cell. A spectrum that is on the grid already is
    returned as it is.

    Parameters
    ----------
    log : float32 or float64, shape (height, width)
        As :func:`sigforensics.spectra.dct_magnitude_log` gives one.
    nyquist : pair of float
        Vertical and horizontal Nyquist frequency of the image, in the grid's unit.
    grid : FrequencyGrid

    Returns
    -------
    of the same type, shape ``grid.shape``

    Raises
    ------
    ValueError
        If the image's frequencies are coarser than the grid's, or end before them.
    """
    height, width = log.shape
    if ((height, width), nyquist) == (grid.shape, grid.limits):
        return log
    if not grid.takes((height, width), nyquist):
        raise ValueError(f"{log.shape} coefficients up to {nyquist} cannot fill {grid}")
    down, across = (
        cell_weights(log.shape[axis], nyquist[axis], grid.shape[axis], grid.limits[axis]) for axis in (0, 1)
    )
    averaged = np.ascontiguousarray((across @ (down @ log).T).T, log.dtype)
    averaged[0, 0] = log[0, 0]
    return averaged
