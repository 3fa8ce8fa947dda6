"""Ruled lines: found by their straightness, removed without cutting the strokes that cross them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.settings import Extraction

__all__ = ["ruled_lines"]

BoolImage = NDArray[np.bool_]


def ruled_lines(ink: BoolImage, *, per_mm: float, settings: Extraction) -> BoolImage:
    """The pixels of long straight horizontal and vertical lines, without those where a stroke crosses.

    Parameters
    ----------
    ink : bool, shape (height, width)
    per_mm : float
        Pixels a millimetre.

    Returns
    -------
    bool, shape (height, width)
        What to take away from ``ink``.
    """
    image = ink.astype(np.uint8)
    across = _horizontal(image, per_mm, settings)
    down = _horizontal(np.ascontiguousarray(image.T), per_mm, settings).T
    return across | down


def _horizontal(ink: NDArray[np.uint8], per_mm: float, settings: Extraction) -> BoolImage:
    gap = 2 * round(settings.line_gap * per_mm / 2) + 1
    run = round(settings.line_run * per_mm)
    closed = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    runs = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    # a slanted line is a staircase of runs: join the steps before judging its length
    joined = cv2.dilate(runs, np.ones((3, gap), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8, ltype=cv2.CV_32S)
    removed = np.zeros(ink.shape, bool)
    for label in range(1, count):
        left, top, width, height = (int(value) for value in stats[label, :4])
        if width < settings.line_length * per_mm or height > settings.line_slope * width + 2 * per_mm:
            continue
        rows, columns = slice(max(top - 1, 0), top + height + 1), slice(left, left + width)
        line = (labels[rows, columns] == label) & (runs[rows, columns] > 0)
        thickness = float(np.median(line.sum(axis=0)[line.any(axis=0)]))
        if thickness <= settings.line_thickness * per_mm:
            reach = round(thickness) + max(round(settings.line_crossing * per_mm), 2)
            ragged = cv2.dilate(line.astype(np.uint8), np.ones((3, 1), np.uint8)) > 0
            ragged &= ink[rows, columns] > 0
            removed[rows, columns] |= ragged & ~_crossing(ink, rows, columns, reach)
    return removed


def _crossing(ink: NDArray[np.uint8], rows: slice, columns: slice, reach: int) -> BoolImage:
    """Where within some rows and columns the ink runs down over at least ``reach`` pixels."""
    top = max(rows.start - reach, 0)
    around = ink[top : rows.stop + reach, columns]
    runs = cv2.morphologyEx(around, cv2.MORPH_OPEN, np.ones((reach, 1), np.uint8))
    height = ink[rows, columns].shape[0]
    return np.asarray(runs[rows.start - top : rows.start - top + height] > 0, np.bool_)
