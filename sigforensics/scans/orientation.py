"""How a page that is read stands to the pixels that its file holds: EXIF's eight orientations, and boxes in both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.scans.page import Scan

__all__ = ["QUARTERS", "TRANSPOSED", "to_stored", "to_upright", "turn_scan", "turned", "turned_further"]

QUARTERS = (1, 6, 3, 8)
"""EXIF's orientations that turn stored pixels to the right by 0, 1, 2 and 3 quarters."""
TRANSPOSED = frozenset({5, 6, 7, 8})
"""Rows and columns change places first."""
ROWS_REVERSED = frozenset({3, 4, 7, 8})
"""Then the rows come in reverse order."""
COLUMNS_REVERSED = frozenset({2, 3, 6, 7})
"""Likewise the columns."""

Sides = tuple[int, int, int, int]
"""Left, top, width, height in pixels."""


def turned(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Stored pixels, shape (height, width, ...), turned and mirrored as EXIF's orientation 1 to 8 says; a view.

    >>> turned(np.array([[1, 2]]), 6).tolist()
    [[1], [2]]
    """
    upright = pixels.swapaxes(0, 1) if orientation in TRANSPOSED else pixels
    rows = slice(None, None, -1 if orientation in ROWS_REVERSED else 1)
    columns = slice(None, None, -1 if orientation in COLUMNS_REVERSED else 1)
    return upright[rows, columns]


def turned_further(orientation: int, quarters: int) -> int:
    """The orientation that turns stored pixels as ``orientation`` does, and then to the right by so many quarters.

    >>> turned_further(6, 1), turned_further(8, 1), turned_further(2, 2)
    (3, 1, 4)
    """
    corners = np.arange(4).reshape(2, 2)
    wanted = np.rot90(turned(corners, orientation), -quarters)
    return next(code for code in range(1, 9) if np.array_equal(turned(corners, code), wanted))


def turn_scan(scan: Scan, quarters: int, note: str) -> Scan:
    """A page turned to the right by so many quarters: no value is changed. ``note`` says why."""
    if quarters % 4 == 0:
        return scan
    dpi = scan.dpi[::-1] if scan.dpi and quarters % 2 else scan.dpi
    pixels = np.ascontiguousarray(np.rot90(scan.pixels, -quarters))
    tint = None if scan.tint is None else np.ascontiguousarray(np.rot90(scan.tint, -quarters))
    orientation, notes = turned_further(scan.orientation, quarters), (*scan.notes, note)
    return replace(scan, pixels=pixels, tint=tint, dpi=dpi, orientation=orientation, notes=notes)


def to_stored(sides: Sides, orientation: int, shape: tuple[int, int]) -> Sides:
    """A box of the upright page, as left, top, width, height, in pixels of the stored one.

    Parameters
    ----------
    sides : tuple of int
    orientation : int
        EXIF's, 1 to 8, that made the stored page upright.
    shape : tuple of int
        Height and width of the upright page.

    Examples
    --------
    >>> to_stored((0, 1, 1, 3), 6, (10, 5))
    (1, 4, 3, 1)
    """
    left, top, width, height = _reversed(sides, orientation, shape)
    return (top, left, height, width) if orientation in TRANSPOSED else (left, top, width, height)


def to_upright(sides: Sides, orientation: int, shape: tuple[int, int]) -> Sides:
    """The inverse of :func:`to_stored`; ``shape`` is still that of the upright page.

    A box that reaches beyond the page may get negative sides.

    >>> to_upright((1, 4, 3, 1), 6, (10, 5))
    (0, 1, 1, 3)
    """
    left, top, width, height = sides
    transposed = (top, left, height, width) if orientation in TRANSPOSED else sides
    return _reversed(transposed, orientation, shape)


def _reversed(sides: Sides, orientation: int, shape: tuple[int, int]) -> Sides:
    left, top, width, height = sides
    left = shape[1] - left - width if orientation in COLUMNS_REVERSED else left
    top = shape[0] - top - height if orientation in ROWS_REVERSED else top
    return left, top, width, height
