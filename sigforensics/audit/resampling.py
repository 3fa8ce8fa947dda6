"""Traces of resampling and interpolation: pixels that are computed from their neighbours at regular distances.

An interpolated pixel between two samples lies nearer to the mean of its neighbours than a sample does. So second derivatives
are smaller at a period that the factor of the resampling determines (Gallagher 2005; Mahdian & Saic 2008).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from sigforensics.images import ByteImage
from sigforensics.settings import Auditing

__all__ = ["Resampling", "find_resampling"]

PERIODS = (2, 3, 4, 8)
"""Pixels: those of enlarging by whole numbers, and of the up-sampling steps of generators."""
LEAST_SIDE = 64
"""Pixels: with less, too few frequencies surround a peak."""
RELIEF = 5.0
"""Pixels of slope added to each line's count, so that lines with hardly any do not count as much as others."""


@dataclass(frozen=True)
class Resampling:
    """The strongest period of the second derivatives, along the rows or along the columns."""

    peak: float
    """Its power over the median of the frequencies around it; 1 where the image is too small or too even to tell."""
    frequency: float
    """Cycles per pixel; 0 where there is none."""
    period: str
    """Pixels: ``2``, ``3``, ``4``, ``8`` or ``other``; ``none`` where the peak is no trace."""


def find_resampling(
    image: ByteImage, *, jpeg_grid: bool = False, settings: Auditing | None = None
) -> Resampling:
    """Look for a period.

    For three pixels in a line, |f(x - 1) - 2 f(x) + f(x + 1)| / (|f(x) - f(x - 1)| + |f(x + 1) - f(x)|) is 0 on a straight
    slope and 1 at a corner, whatever the contrast. Its mean down each column, or along each row, is a line of which the
    power spectrum is taken.

    Doubling about the middles of pixels, as most software does it, leaves no period: each new pixel is as far from its
    sample as any other. Nor does one that is slower than ``settings.lowest_frequency``. Both show in the sharpness.

    Parameters
    ----------
    image : uint8, shape (height, width)
    jpeg_grid : bool
        Whether the image shows the blocks of JPEG, which have a period of 8 pixels: its frequencies are then left out.
    settings : Auditing, optional
    """
    settings = settings or Auditing()
    pixels = image.astype(np.float32)
    peak, frequency, width = max(
        (*_strongest(_corner_line(pixels, axis), jpeg_grid, settings), pixels.shape[axis]) for axis in (0, 1)
    )
    period = _name_period(frequency, width) if peak >= settings.resampling_peak else "none"
    return Resampling(peak, frequency, period)


def _corner_line(pixels: NDArray[np.float32], axis: int) -> NDArray[np.float64]:
    """How cornered the image is at each place along an axis, in standard errors: 0 on average, not smooth."""
    slopes = np.diff(pixels, axis=axis)
    corners = np.abs(np.diff(slopes, axis=axis))
    steep = np.abs(slopes)
    first, second = (steep[:-1], steep[1:]) if axis == 0 else (steep[:, :-1], steep[:, 1:])
    sums = first + second
    sloping = sums > 0
    ratios = np.divide(corners, sums, out=np.zeros_like(corners), where=sloping)
    counts = sloping.sum(axis=1 - axis)
    totals = ratios.sum(axis=1 - axis, dtype=np.float64)
    mean = totals.sum() / max(int(counts.sum()), 1)
    return np.asarray((totals - mean * counts) / np.sqrt(counts + RELIEF))


def _strongest(line: NDArray[np.float64], jpeg_grid: bool, settings: Auditing) -> tuple[float, float]:
    """Peak over its surroundings, and its frequency."""
    if len(line) < LEAST_SIDE or not line.any():
        return 1.0, 0.0
    power = np.abs(np.fft.rfft(line * np.hanning(len(line)))) ** 2
    frequencies = np.asarray(np.fft.rfftfreq(len(line)), np.float64)
    chosen = frequencies >= settings.lowest_frequency
    power, frequencies = power[chosen], frequencies[chosen]
    around = scipy.ndimage.median_filter(power, size=2 * settings.neighbours + 1, mode="mirror")
    peaks = power / np.maximum(around, np.finfo(float).tiny)
    if jpeg_grid:
        peaks[_near(frequencies, 1 / 8, len(line))] = 1.0
    strongest = int(peaks.argmax())
    return float(peaks[strongest]), float(frequencies[strongest])


def _near(frequencies: NDArray[np.float64], base: float, length: int) -> NDArray[np.bool_]:
    """Whether frequencies are multiples of a base, to within two steps of the spectrum of a line."""
    return np.abs(frequencies - base * np.rint(frequencies / base)) <= 2 / length


def _name_period(frequency: float, length: int) -> str:
    near = (period for period in PERIODS if abs(frequency - 1 / period) <= 2 / length)
    return str(next(near, "other"))
