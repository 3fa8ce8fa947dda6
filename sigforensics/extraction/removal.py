"""What became of every pixel around a signature: kept, or removed, and why."""

from __future__ import annotations

from enum import IntEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.extraction.box import Box
from sigforensics.extraction.finding import Parsed, closed_lines, parse_page
from sigforensics.extraction.grouping import eligible, stamps
from sigforensics.extraction.levelling import Levelled
from sigforensics.images import ByteImage
from sigforensics.settings import Extraction

__all__ = ["Fate", "Removal"]


class Fate(IntEnum):
    """Why a pixel was removed, or that it was kept; the values are grey values of pictures."""

    KEPT = 0
    """Ink of the signature, with the soft borders of its strokes."""
    NEIGHBOUR = 51
    """Other ink: another signature, handwriting, specks."""
    STAMP = 102
    PRINT = 153
    RULED_LINE = 204
    PAPER = 255


class Removal:
    """A page taken apart, to say what became of its pixels.

    Parameters
    ----------
    page : Levelled
    settings : Extraction
    """

    def __init__(self, page: Levelled, *, settings: Extraction) -> None:
        self._page = page
        self._parsed = parse_page(page.working, settings=settings)
        self._fates = _fates_of_ink(self._parsed, settings)
        self._beside = _fates_beside(self._parsed, settings)

    def fates(self, box: Box, kept: NDArray[np.bool_], printed: NDArray[np.bool_] | None = None) -> ByteImage:
        """The :class:`Fate` of every pixel in a box.

        Ink that is not kept is of the kind of the ink on the sheet at its place or beside it; strokes that are cut off where they
        run on a ruled line, or a pixel beside one or beside print, count as that.

        Parameters
        ----------
        box : Box
            In pixels of ``page.scan``.
        kept : bool, shape (box.height, box.width)
        printed : bool, shape of ``kept``, optional
            Print that was told from strokes pixel by pixel (:attr:`Candidate.printed`).

        Returns
        -------
        uint8, shape (box.height, box.width)
        """
        x, y = self._places(box)
        sheet = self._parsed.sheet
        threshold = cv2.remap(sheet.threshold, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        ink = self._page.evened.pixels[box.slices] < threshold
        kind, beside = (
            cv2.remap(one, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
            for one in (self._fates, self._beside)
        )
        kind = np.where(kind == Fate.PAPER, np.uint8(Fate.NEIGHBOUR), kind)
        kind = np.where(kind == Fate.NEIGHBOUR, beside, kind)
        if printed is not None:
            kind = np.where(printed & (kind == Fate.NEIGHBOUR), np.uint8(Fate.PRINT), kind)
        removed = np.where(ink, kind, np.uint8(Fate.PAPER))
        return np.where(kept, np.uint8(Fate.KEPT), removed).astype(np.uint8)

    def _places(self, box: Box) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Where on the sheet the centres of the pixels of a box lie, columns and rows."""
        columns, rows = np.meshgrid(
            np.arange(box.left, box.right, dtype=float), np.arange(box.top, box.bottom, dtype=float)
        )
        if self._page.forward is not None:
            points = np.stack([columns, rows, np.ones_like(rows)])
            columns, rows = np.tensordot(self._page.forward, points, axes=1)
        across, down = self._parsed.sheet.scale
        x, y = (columns + 0.5) / across - 0.5, (rows + 0.5) / down - 0.5
        return x.astype(np.float32), y.astype(np.float32)


def _fates_of_ink(parsed: Parsed, settings: Extraction) -> ByteImage:
    """The fates of the sheet's ink, all of it taken for removed, a pixel wider than it is; the rest is paper."""
    pieces, per_mm = parsed.pieces, parsed.sheet.per_mm
    chosen = eligible(pieces, parsed.print_, per_mm=per_mm, settings=settings)
    kinds = np.full(len(pieces) + 1, Fate.NEIGHBOUR, np.uint8)
    kinds[0] = Fate.PAPER
    kinds[1:][parsed.print_] = Fate.PRINT
    kinds[1:][stamps(pieces, chosen, per_mm=per_mm, settings=settings)] = Fate.STAMP
    fates = kinds[pieces.labels]
    fates[parsed.ruled] = Fate.RULED_LINE
    wider = cv2.erode(fates, np.ones((3, 3), np.uint8))  # the least value is the paper's last
    return np.where(fates == Fate.PAPER, wider, fates).astype(np.uint8)


def _fates_beside(parsed: Parsed, settings: Extraction) -> ByteImage:
    """What other ink counts as on lines, their gaps closed, and on print, or a pixel beside either; elsewhere neighbour."""
    lines = np.logical_or(*closed_lines(parsed.ruled, per_mm=parsed.sheet.per_mm, settings=settings))
    print_ = np.concatenate([[False], parsed.print_])[parsed.pieces.labels]
    wider = np.ones((3, 3), np.uint8)
    near_print, near_line = (cv2.dilate(one.astype(np.uint8), wider) > 0 for one in (print_, lines))
    beside = np.where(near_print, np.uint8(Fate.PRINT), np.uint8(Fate.NEIGHBOUR))
    return np.where(near_line, np.uint8(Fate.RULED_LINE), beside).astype(np.uint8)
