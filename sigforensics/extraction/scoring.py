"""How much a group of pieces looks like a signature: measures, mostly in millimetres, and one confidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.extraction.components import Components
from sigforensics.extraction.grouping import bounds_of
from sigforensics.extraction.sheet import MM_PER_INCH
from sigforensics.images import FloatImage
from sigforensics.settings import Extraction, Trapezoid

Kind = Literal["signature", "initials"]

__all__ = ["Kind", "Measures", "confidence", "kind", "measure", "membership", "solitude"]


DIRECTIONS = 18
"""Bins of 10 degrees: a contour and its opposite are one direction."""


@dataclass(frozen=True)
class Measures:
    """What is measured on a group; the fields bear the names of the memberships in :class:`Extraction`."""

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


def membership(value: float, trapezoid: Trapezoid) -> float:
    """0 outside the trapezoid's feet, 1 between its shoulders, linear between.

    >>> membership(1.5, (1, 2, 5, 10)), membership(3, (1, 2, 5, 10)), membership(11, (1, 2, 5, 10))
    (0.5, 1.0, 0.0)
    """
    low_foot, low_shoulder, high_shoulder, high_foot = trapezoid
    return float(np.interp(value, (low_foot, low_shoulder, high_shoulder, high_foot), (0, 1, 1, 0)))


def kind(measures: Measures, *, settings: Extraction) -> Kind:
    """``signature`` or ``initials``, by size alone."""
    return "signature" if measures.width > settings.widest_initials else "initials"


def confidence(measures: Measures, *, settings: Extraction) -> float:
    """Product of the memberships, each to the power of its weight: 0 as soon as one measure is impossible.

    The figures are set by hand from what pens and signatures are like; they are fitted to no data, and the
    confidence is not calibrated: 0.8 does not mean that four in five such candidates are signatures.
    """
    looks = settings.signature if kind(measures, settings=settings) == "signature" else settings.initials
    product = 1.0
    for name, trapezoid in looks.items():
        product *= membership(getattr(measures, name), trapezoid)
    return product


def solitude(
    bounds: NDArray[np.int64], scores: NDArray[np.float64], *, per_mm: float, settings: Extraction
) -> NDArray[np.float64]:
    """Factor, 0 to 1, by which groups with many similar ones around them lose confidence: they are handwritten text.

    Parameters
    ----------
    bounds : int, shape (n, 4)
        Left, top, right, bottom of each group in pixels.
    scores : float, shape (n,)
        Confidence of each group by itself.
    per_mm : float
        Pixels a millimetre.
    """
    left, top, right, bottom = bounds.T
    across = np.maximum.outer(left, left) - np.minimum.outer(right, right)
    down = np.maximum.outer(top, top) - np.minimum.outer(bottom, bottom)
    near = (np.maximum(across, down) <= settings.neighbourhood * per_mm) & (scores >= settings.neighbour)
    neighbours = near.sum(axis=1) - (scores >= settings.neighbour)
    return np.array([membership(float(count), settings.neighbours) for count in neighbours])
