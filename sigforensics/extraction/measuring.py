"""What can be measured on a group of pieces, mostly in millimetres."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.extraction.components import Components
from sigforensics.extraction.grouping import bounds_of
from sigforensics.extraction.sheet import MM_PER_INCH
from sigforensics.images import FloatImage
from sigforensics.settings import Extraction

__all__ = ["Measures", "measure"]


DIRECTIONS = 18
"""Bins of 10 degrees: a contour and its opposite are one direction."""


@dataclass(frozen=True)
class Measures:
    """What is measured on a group."""

    width: float
    """Millimetres."""
    height: float
    """Millimetres."""
    fill: float
    """Ink over the area of the bounding box."""
    stroke: float
    """Mean width of the strokes in millimetres."""
    variation: float
    """Coefficient of variation of the stroke width."""
    path: float
    """Length of all strokes over the diagonal of the bounding box."""
    axial: float
    """Share of the contours that run along the page's axes."""
    directions: float
    """Effective number, 1 to 18, of directions of the contours, in bins of 10 degrees: the exponential of
    their entropy. A straight line has 1 or 2, a circle 18."""
    dominance: float
    """Height of the tallest piece over the height of a printed character."""
    place: float
    """Height of its centre on the page: 0 head, 1 foot."""
    main: float
    """Share of the ink in pieces taller than a printed character."""
    pieces: float
    """How many there are."""
    largest: float
    """Share of the ink in the largest piece."""


def measure(
    pieces: Components, members: NDArray[np.intp], grey: FloatImage, *, character: float, settings: Extraction
) -> Measures:
    """Measure one group; ``grey`` is the sheet, ``character`` the height of print on it in pixels."""
    per_mm = settings.dpi / MM_PER_INCH
    left, top, right, bottom = bounds_of(pieces, members)
    chosen = np.zeros(len(pieces) + 1, bool)
    chosen[members + 1] = True
    mask = np.pad(chosen[pieces.labels[top:bottom, left:right]].astype(np.uint8), 1)
    distance = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    ridge = (mask > 0) & (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8)))
    widths = 2 * distance[ridge] - 1
    area = float(mask.sum())
    stroke = float(widths.mean())
    diagonal = float(np.hypot(right - left, bottom - top))
    heights = pieces.height[members]
    tall = heights > 1.5 * character
    weights = pieces.contour[members] + 1e-9
    return Measures(
        width=(right - left) / per_mm,
        height=(bottom - top) / per_mm,
        fill=area / ((right - left) * (bottom - top)),
        stroke=stroke / per_mm,
        variation=float(widths.std() / stroke),
        path=area / stroke / diagonal,
        axial=float(np.average(pieces.axial[members], weights=weights)),
        directions=_directions(grey[top:bottom, left:right], mask[1:-1, 1:-1], settings),
        dominance=float(heights.max() / character),
        place=(top + bottom) / 2 / pieces.labels.shape[0],
        main=float(pieces.area[members][tall].sum() / area),
        pieces=float(len(members)),
        largest=float(pieces.area[members].max() / area),
    )


def _directions(grey: FloatImage, mask: NDArray[np.uint8], settings: Extraction) -> float:
    """Effective number of contour directions under a mask."""
    smooth = cv2.GaussianBlur(grey, (0, 0), settings.contour_sigma)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    on = mask > 0
    angle = np.mod(np.arctan2(down[on], across[on]), np.pi) / np.pi * DIRECTIONS
    weights = np.bincount(
        np.minimum(angle.astype(int), DIRECTIONS - 1), np.hypot(across[on], down[on]), DIRECTIONS
    )
    share = weights[weights > 0] / max(weights.sum(), 1e-9)
    return float(np.exp(-np.sum(share * np.log(share))))
