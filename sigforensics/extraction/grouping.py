"""Which pieces of ink may belong to a signature, and which of them stand together."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.extraction.components import Components
from sigforensics.extraction.printing import connected_groups
from sigforensics.settings import Extraction

__all__ = ["Members", "beside", "bounds_of", "eligible", "stamps", "touching"]

BoolArray = NDArray[np.bool_]
Members = NDArray[np.intp]


def eligible(pieces: Components, print_: BoolArray, *, per_mm: float, settings: Extraction) -> BoolArray:
    """Pieces that may belong to a signature: no print, solid area, dark margin of the scan or speck."""
    height, width = pieces.labels.shape
    edge = round(settings.border * per_mm)
    at_edge = (pieces.left <= edge) | (pieces.right >= width - edge)
    at_edge |= (pieces.top <= edge) | (pieces.bottom >= height - edge)
    margin = at_edge & (_contact(pieces, edge) > settings.border_contact * per_mm)
    sized = np.maximum(pieces.width, pieces.height)
    wanted = (sized >= settings.speck * per_mm) & (sized <= settings.largest * per_mm)
    return np.asarray(wanted & ~print_ & ~margin & (pieces.solid <= settings.most_solid), np.bool_)


def _contact(pieces: Components, edge: int) -> NDArray[np.float64]:
    """Ink pixels of each piece in the outermost rows and columns, over the thickness of that rim."""
    rim = np.ones(pieces.labels.shape, bool)
    thick = edge + 1
    rim[thick:-thick, thick:-thick] = False
    return np.bincount(pieces.labels[rim], minlength=len(pieces) + 1)[1:] / thick


def bounds_of(pieces: Components, members: Members) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of some pieces together, in sheet pixels."""
    return (
        int(pieces.left[members].min()),
        int(pieces.top[members].min()),
        int(pieces.right[members].max()),
        int(pieces.bottom[members].max()),
    )


def touching(labels: NDArray[np.int32], canvas: NDArray[np.uint8], count: int) -> list[Members]:
    """The pieces that share a connected part of the canvas.

    Parameters
    ----------
    labels : int32, shape (height, width)
        Piece i is i + 1; 0 is nothing.
    canvas : uint8, shape (height, width)
        Not 0 at least where there are labels.
    count : int
        How many pieces there are.

    Returns
    -------
    list of int arrays
        Indices of pieces, sorted within each.
    """
    _, parts = cv2.connectedComponents(canvas, connectivity=8, ltype=cv2.CV_32S)
    on = labels > 0
    part = np.zeros(count + 1, np.int64)
    part[labels[on]] = parts[on]
    indices = np.flatnonzero(part[1:])
    indices = indices[np.argsort(part[1:][indices], kind="stable")]
    edges = np.flatnonzero(np.diff(part[1:][indices])) + 1
    return [members for members in np.split(indices, edges) if len(members)]


def beside(bounds: NDArray[np.int64], per_mm: float, settings: Extraction) -> NDArray[np.int32]:
    """Number the groups so that those that stand side by side like the words of a name bear one number.

    Such groups are on one height, with a gap small for their size.

    Parameters
    ----------
    bounds : int, shape (n, 4)
        Left, top, right, bottom of each group in pixels.
    """
    left, top, right, bottom = bounds.T
    height = bottom - top
    lower = np.minimum.outer(height, height)
    wider = np.maximum.outer(right - left, right - left)
    gap = np.maximum.outer(left, left) - np.minimum.outer(right, right)
    overlap = np.minimum.outer(bottom, bottom) - np.maximum.outer(top, top)
    tall = height >= settings.smallest * per_mm
    adjacent = np.logical_and.outer(tall, tall) & (overlap >= settings.name_overlap * lower)
    adjacent &= gap <= np.minimum(settings.name_gap * lower, settings.widest_gap * per_mm)
    return connected_groups(adjacent & (gap <= settings.name_gap_by_width * wider))


def stamps(pieces: Components, chosen: BoolArray, *, per_mm: float, settings: Extraction) -> BoolArray:
    """Pieces of round stamps: groups whose ink follows the whole ellipse in their bounding box.

    Around the centre, ``settings.stamp_sectors`` sectors are looked at; in a stamp nearly every one has ink
    between ``settings.stamp_ring`` and 1 of the way to the ellipse.
    """
    found = np.zeros(len(pieces), bool)
    low, high = (side * per_mm for side in settings.stamp_sides)
    own = np.where(pieces.mask(chosen), pieces.labels, 0)
    side = round(settings.stamp_reach * per_mm) + 1
    canvas = cv2.dilate((own > 0).astype(np.uint8), np.ones((side, side), np.uint8))
    for members in touching(own, np.asarray(canvas, np.uint8), len(pieces)):
        left, top, right, bottom = bounds_of(pieces, members)
        width, height = right - left, bottom - top
        if not (low <= min(width, height) and max(width, height) <= min(high, 1.3 * min(width, height))):
            continue
        table = np.zeros(len(pieces) + 1, bool)
        table[members + 1] = True
        rows, columns = np.nonzero(table[pieces.labels[top:bottom, left:right]])
        x, y = (2 * columns + 1) / width - 1, (2 * rows + 1) / height - 1
        ring = np.hypot(x, y) >= settings.stamp_ring
        sector = ((np.arctan2(y, x)[ring] / (2 * np.pi) + 0.5) * settings.stamp_sectors).astype(int)
        inside = np.hypot(x, y)[ring] <= 1.05
        covered = len(np.unique(sector[inside])) / settings.stamp_sectors
        if covered >= settings.stamp_cover and inside.sum() >= 0.9 * ring.sum():
            found[members] = True
    return found
