"""Radial bands of the spectrum: which coefficient lies in which, and means over them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sigforensics.errors import ImageTooSmall
from sigforensics.spectra.grid import NYQUIST, ROUNDING, FrequencyUnit

__all__ = ["MAX_FREQUENCY", "RadialBands", "band_edges", "radial_bands"]

MAX_FREQUENCY = float(np.sqrt(0.5))
"""Cycles per pixel: the corner of the spectrum, where both axes reach 1/2."""
EDGE_TOLERANCE = 1e-9
"""Bands; far above the rounding of a radius, far below the distance between two radii."""


def band_edges(bands: int, limits: tuple[float, float] = NYQUIST) -> NDArray[np.float64]:
    """Edges of bands of equal width in radial frequency, 0 to the corner: sqrt(1/2) cycles per pixel, or that of ``limits``."""
    return np.linspace(0.0, float(np.hypot(*limits)), bands + 1)


@dataclass(frozen=True, eq=False)
class RadialBands:
    """The coefficients of one image size, sorted into bands by radial frequency.

    Coefficient (u, v) has the radial frequency hypot(u / (2 height), v / (2 width)) cycles per pixel and
    belongs to the band with low <= frequency < high. DC, the mean brightness, belongs to none, and neither do
    frequencies beyond a limit that was set.
    """

    edges: NDArray[np.float64]
    """Cycles per pixel or per millimetre, shape (bands + 1,)."""
    counts: NDArray[np.int64]
    """Coefficients in each band, shape (bands,), at least 1."""
    run_starts: NDArray[np.intp]
    """Where, in the flattened spectrum, a run of coefficients of one band begins."""
    run_bands: NDArray[np.intp]
    """The band of each run; that of DC is ``len(counts)``."""

    def means(self, spectrum: NDArray[np.float32]) -> NDArray[np.float64]:
        """Mean of the values of a spectrum, shape (height, width), over each band, shape (bands,)."""
        # Runs lie within one row, so that each float32 sum is short; the runs are summed in float64.
        sums = np.add.reduceat(spectrum.ravel(), self.run_starts)
        return np.bincount(self.run_bands, sums)[:-1] / self.counts


@lru_cache(maxsize=16)
def radial_bands(
    height: int,
    width: int,
    bands: int,
    *,
    nyquist: tuple[float, float] = NYQUIST,
    limits: tuple[float, float] = NYQUIST,
    unit: FrequencyUnit = "cycles per pixel",
) -> RadialBands:
    """The bands of a spectrum of ``height`` x ``width`` coefficients.

    Parameters
    ----------
    height, width : int
        Of the image, in pixels.
    bands : int
    nyquist : pair of float
        The image's vertical and horizontal Nyquist frequency.
    limits : pair of float
        Vertical and horizontal frequency beyond which coefficients belong to no band: the lowest Nyquist
        frequencies of all images that are averaged.
    unit : str
        Of both; for the error.

    Raises
    ------
    ImageTooSmall
        If a band holds no coefficient.
    """
    edges = band_edges(bands, limits)
    down, across = (np.arange(size) * top / size for size, top in zip((height, width), nyquist, strict=True))
    radius = np.hypot(down[:, np.newaxis], across)
    # Coefficients on the diagonal can lie on an edge: they belong above it, whatever the rounding.
    band = np.floor(radius / edges[-1] * bands + EDGE_TOLERANCE).astype(np.intp)
    if nyquist != limits:
        below = 1 - ROUNDING
        beyond = (down >= below * limits[0])[:, np.newaxis] | (across >= below * limits[1])
        band[beyond] = bands
    band[0, 0] = bands
    counts = np.bincount(band.ravel(), minlength=bands + 1)[:bands]
    if not counts.all():
        low, high = edges[int(np.argmin(counts))], edges[int(np.argmin(counts)) + 1]
        raise ImageTooSmall(
            f"spectrum of {width} x {height} pixels",
            f"has no coefficient between {low:.4g} and {high:.4g} {unit}",
            "use fewer bands or larger images",
        )
    starts = np.ones_like(band, dtype=bool)
    starts[:, 1:] = band[:, 1:] != band[:, :-1]
    return RadialBands(edges, counts, np.flatnonzero(starts), band[starts])
