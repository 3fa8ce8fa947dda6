"""Radial bands of the spectrum: which coefficient lies in which, and means over them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sigforensics.errors import ImageTooSmall
from sigforensics.spectra.transform import dct_frequencies

__all__ = ["MAX_FREQUENCY", "RadialBands", "band_edges", "radial_bands"]

MAX_FREQUENCY = float(np.sqrt(0.5))
"""Cycles per pixel: the corner of the spectrum, where both axes reach 1/2."""
EDGE_TOLERANCE = 1e-9
"""Bands; far above the rounding of a radius, far below the distance between two radii."""


def band_edges(bands: int) -> NDArray[np.float64]:
    """Edges of bands of equal width in radial frequency, 0 to sqrt(1/2) cycles per pixel."""
    return np.linspace(0.0, MAX_FREQUENCY, bands + 1)


@dataclass(frozen=True, eq=False)
class RadialBands:
    """The coefficients of one image size, sorted into bands by radial frequency.

    Coefficient (u, v) has the radial frequency hypot(u / (2 height), v / (2 width)) cycles per pixel and
    belongs to the band with low <= frequency < high. DC, the mean brightness, belongs to none.
    """

    edges: NDArray[np.float64]
    """Cycles per pixel, shape (bands + 1,)."""
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
def radial_bands(height: int, width: int, bands: int) -> RadialBands:
    """The bands of a spectrum of ``height`` x ``width`` coefficients.

    Raises
    ------
    ImageTooSmall
        If a band holds no coefficient.
    """
    edges = band_edges(bands)
    radius = np.hypot(dct_frequencies(height)[:, np.newaxis], dct_frequencies(width))
    # Coefficients on the diagonal can lie on an edge: they belong above it, whatever the rounding.
    band = np.floor(radius / MAX_FREQUENCY * bands + EDGE_TOLERANCE).astype(np.intp)
    band[0, 0] = bands
    counts = np.bincount(band.ravel(), minlength=bands + 1)[:bands]
    if not counts.all():
        low, high = edges[int(np.argmin(counts))], edges[int(np.argmin(counts)) + 1]
        raise ImageTooSmall(
            f"spectrum of {width} x {height} pixels",
            f"has no coefficient between {low:.3f} and {high:.3f} cycles per pixel",
            "use fewer bands or larger images",
        )
    starts = np.ones_like(band, dtype=bool)
    starts[:, 1:] = band[:, 1:] != band[:, :-1]
    return RadialBands(edges, counts, np.flatnonzero(starts), band[starts])
