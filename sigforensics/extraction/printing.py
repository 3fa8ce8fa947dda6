"""Print: pieces of ink that stand in rows, with one height and one baseline."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from sigforensics.extraction.components import Components
from sigforensics.settings import Extraction

__all__ = ["character_height", "connected_groups", "printed", "rows_of_print"]

BoolArray = NDArray[np.bool_]


def character_height(pieces: Components, *, per_mm: float, settings: Extraction) -> float:
    """Median height in pixels of pieces of the size of print, ``settings.print_height`` if there are few."""
    low, high = settings.character_heights
    sized = (pieces.height >= low * per_mm) & (pieces.height <= high * per_mm) & (pieces.width <= 8 * per_mm)
    if sized.sum() < settings.least_characters:
        return settings.print_height * per_mm
    return float(np.median(pieces.height[sized]))


def printed(pieces: Components, *, per_mm: float, settings: Extraction) -> BoolArray:
    """Which pieces are print: running text, then rows of larger characters, level or upright."""
    return rows_of_print(pieces, per_mm=per_mm, settings=settings) > 0


def rows_of_print(pieces: Components, *, per_mm: float, settings: Extraction) -> NDArray[np.int64]:
    """How many pieces stand in the row of print to which each belongs; 0 where it is no print.

    The more there are, the surer it is: three letters of a hand may stand on one baseline, too.
    """
    height = character_height(pieces, per_mm=per_mm, settings=settings)
    found = _running_text(pieces, height, settings)
    rest = np.flatnonzero(found == 0)
    left, top, width, tall = (side[rest] for side in (pieces.left, pieces.top, pieces.width, pieces.height))
    level = _alike_in_a_row(np.stack([left, top, width, tall]), height, settings)
    upright = _alike_in_a_row(np.stack([top, left, tall, width]), height, settings)
    found[rest] = np.maximum(level, upright)
    return found


def _running_text(pieces: Components, height: float, settings: Extraction) -> NDArray[np.int64]:
    """Sizes of the rows of small pieces on one baseline.

    The middle of each piece is drawn as a bar, long enough to reach the next word; connected bars are a row.
    """
    small = (pieces.height <= settings.tallest_character * height) & (pieces.height >= 0.3 * height)
    small &= pieces.width <= settings.widest_word * height
    canvas = np.zeros(pieces.labels.shape, np.uint8)
    centre, ends = pieces.top + pieces.height // 2, pieces.right
    reach, half = round(settings.word_gap * height), max(round(0.2 * height), 1)
    for index in np.flatnonzero(small):
        left, right, row = int(pieces.left[index]), int(ends[index]), int(centre[index])
        cv2.rectangle(canvas, (left, row - half), (right + reach, row + half), 1, cv2.FILLED)
    _, rows = cv2.connectedComponents(canvas, connectivity=8, ltype=cv2.CV_32S)
    found = np.zeros(len(pieces), np.int64)
    chosen = np.flatnonzero(small)
    row_of = rows[centre[chosen], pieces.left[chosen]]
    order = np.argsort(row_of, kind="stable")
    for members in np.split(chosen[order], np.flatnonzero(np.diff(row_of[order])) + 1):
        if len(members) and _is_row_of_print(pieces, members, height, settings):
            found[members] = len(members)
    return found


def _is_row_of_print(
    pieces: Components, members: NDArray[np.intp], height: float, settings: Extraction
) -> bool:
    """Whether most of a row's pieces end on one slowly drifting baseline and have contours along the axes."""
    members = members[np.argsort(pieces.left[members], kind="stable")]
    sized = members[pieces.height[members] >= 0.5 * height]
    if len(sized) < settings.shortest_row:
        return False
    bottom = pieces.bottom[sized].astype(float)
    level = np.array([np.median(bottom[max(place - 4, 0) : place + 5]) for place in range(len(sized))])
    aligned = np.mean(np.abs(bottom - level) <= settings.baseline_tolerance * height)
    axial = np.average(pieces.axial[members], weights=pieces.contour[members] + 1e-9)
    return bool(aligned + settings.axial_weight * (axial - settings.axial_print) >= settings.row_score)


def _alike_in_a_row(boxes: NDArray[np.int64], character: float, settings: Extraction) -> NDArray[np.int64]:
    """Sizes of rows of pieces of nearly the same height that share top and bottom: headings and stamped numbers.

    ``boxes`` has shape (4, n): left, top, width, height; with the axes exchanged, upright rows are found.
    """
    _, _, width, height = boxes
    sized = (height >= settings.least_heading * character) & (height <= settings.tallest_heading * character)
    chosen = np.flatnonzero(sized & (width <= 4 * height))
    found = np.zeros(boxes.shape[1], np.int64)
    if len(chosen) < settings.shortest_heading:
        return found
    x, y, w, h = boxes[:, chosen]
    tall = np.maximum.outer(h, h)
    alike = np.abs(np.subtract.outer(h, h)) <= settings.heading_tolerance * tall
    alike &= np.abs(np.subtract.outer(y, y)) <= settings.heading_tolerance * tall
    gap = np.maximum.outer(x, x) - np.minimum.outer(x + w, x + w)
    alike &= gap <= settings.heading_gap * tall
    group = connected_groups(alike)
    size = np.bincount(group)[group]
    found[chosen] = np.where(size >= settings.shortest_heading, size, 0)
    return found


def connected_groups(adjacent: BoolArray) -> NDArray[np.int32]:
    """Number the connected parts of a graph given as a symmetric matrix, shape (n, n); returns shape (n,)."""
    _, group = connected_components(csr_array(adjacent.astype(np.int8)), directed=False)
    return np.asarray(group, np.int32)
