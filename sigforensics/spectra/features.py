"""The few numbers that are kept of every image: its bands, its lines, its peaks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra.bands import RadialBands, radial_bands
from sigforensics.spectra.grid import FrequencyGrid
from sigforensics.spectra.lines import LineBands, line_bands
from sigforensics.spectra.peaks import PeakExcess, peak_excess, peak_places

__all__ = ["Features", "image_features"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Features:
    """How the numbers are taken from spectra of images of one size: always from their own coefficients, on no other grid."""

    bands: RadialBands
    lines: LineBands
    peaks: PeakExcess | None
    places: int
    """Peaks."""

    def row(self, log: NDArray[np.float32]) -> FloatArray:
        """The bands and then the peaks of a log-spectrum, shape (height, width); peaks are NaN where the image is too small."""
        peaks = np.full(self.places, np.nan) if self.peaks is None else self.peaks.of(log)
        return np.concatenate([self.bands.means(log), peaks])


@lru_cache(maxsize=16)
def image_features(
    shape: tuple[int, int], nyquist: tuple[float, float], grid: FrequencyGrid, settings: SpectrumSettings
) -> Features:
    """The features of images of ``shape`` pixels, within the limits of a grid.

    Raises
    ------
    ImageTooSmall
        If a radial band holds no coefficient at this size.
    """
    limits = {"nyquist": nyquist, "limits": grid.limits}
    return Features(
        bands=radial_bands(*shape, settings.bands, unit=grid.unit, **limits),
        lines=line_bands(*shape, settings.bands, half_width=settings.line_half_width, **limits),
        peaks=peak_excess(*shape, settings.peaks),
        places=len(peak_places(settings.peaks.periods)),
    )
