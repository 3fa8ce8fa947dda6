"""What the histogram of an image tells: background, saturation, thresholds, gamma and contrast, number of levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigforensics.images import ByteImage
from sigforensics.settings import Auditing

__all__ = ["Histogram", "measure_histogram"]

LEVELS = 256
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Histogram:
    """Measures of the grey levels of one image, paper bright."""

    background: float
    """Grey level: median of the pixels above the middle between the darkest and the brightest."""
    saturated_paper: float
    """Share of pixels at 255."""
    saturated_ink: float
    """Share of pixels at 0."""
    gap: int
    """Empty grey levels next below the commonest bright one, which a threshold leaves; 0 where everything is as bright."""
    missing: int
    """Empty grey levels that should have pixels by those around them: a stretched contrast leaves them."""
    comb: float
    """How far neighbouring levels are from a smooth course: sum of |n(k) - (n(k-1) + n(k+1)) / 2| over that of n(k)."""
    levels: int
    """Different grey levels."""


def measure_histogram(image: ByteImage, *, settings: Auditing | None = None) -> Histogram:
    """Measure the histogram of an image.

    Where a step maps 256 levels to 256 others and is not the identity, some results get no level and others get two: the
    histogram has holes and peaks that no scanner leaves (Stamm & Liu 2010). The commonest bright level and both ends of
    the scale are left out of this: clean-up and clipping collect pixels there.

    Parameters
    ----------
    image : uint8, shape (height, width)
    settings : Auditing, optional
    """
    settings = settings or Auditing()
    counts = np.bincount(image.ravel(), minlength=LEVELS).astype(np.float64)
    darkest, brightest = (int(level) for level in np.nonzero(counts)[0][[0, -1]])
    middle = (darkest + brightest + 1) // 2
    paper = middle + int(counts[middle:].argmax())
    gap = _gap_below(counts, paper)
    counted = np.ones(LEVELS, bool)
    counted[[0, paper, LEVELS - 1]] = False
    return Histogram(
        background=float(middle + np.searchsorted(counts[middle:].cumsum(), counts[middle:].sum() / 2)),
        saturated_paper=float(counts[-1] / image.size),
        saturated_ink=float(counts[0] / image.size),
        gap=gap,
        missing=_count_missing(counts, counted, gap=range(paper - gap, paper), settings=settings),
        comb=_comb(counts, counted),
        levels=int((counts > 0).sum()),
    )


def _gap_below(counts: FloatArray, paper: int) -> int:
    below = np.nonzero(counts[:paper])[0]
    return paper - 1 - int(below[-1]) if below.size else 0


def _count_missing(counts: FloatArray, counted: NDArray[np.bool_], *, gap: range, settings: Auditing) -> int:
    """Empty levels, not in the gap nor at the ends, for which the mean of those around them is large enough."""
    around = np.ones(2 * settings.level_reach + 1)
    present = np.convolve(counts * counted, around, mode="same")
    expected = present / np.maximum(np.convolve(counted.astype(float), around, mode="same"), 1)
    present_levels = np.nonzero(counts)[0]
    within = np.zeros(LEVELS, bool)
    within[present_levels[0] : present_levels[-1]] = True
    within[gap] = False
    return int(((counts == 0) & counted & within & (expected >= settings.expected_pixels)).sum())


def _comb(counts: FloatArray, counted: NDArray[np.bool_]) -> float:
    smooth = (counts[:-2] + counts[2:]) / 2
    inner = counted[:-2] & counted[1:-1] & counted[2:]
    total = smooth[inner].sum()
    return float(np.abs(counts[1:-1] - smooth)[inner].sum() / total) if total else 0.0
