"""From a page to the places that may bear a signature, each with a confidence and its ink."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.extraction.box import Box
from sigforensics.extraction.components import Components, find_components
from sigforensics.extraction.grouping import bounds_of, eligible, groups, stamps
from sigforensics.extraction.printing import character_height, printed
from sigforensics.extraction.ruling import ruled_lines
from sigforensics.extraction.scoring import Kind, confidence, kind, measure, solitude
from sigforensics.extraction.sheet import Sheet, to_sheet
from sigforensics.scans import Scan
from sigforensics.settings import Extraction

__all__ = ["Candidate", "Parsed", "find_signatures", "page_ink", "parse_page", "upsampled"]


@dataclass(frozen=True)
class Candidate:
    """A place that may bear a signature."""

    box: Box
    confidence: float
    """0 to 1; hand-set, not calibrated: use it to rank, not as a probability."""
    kind: Kind
    mask: NDArray[np.bool_]
    """The ink that belongs to it, separated from print and ruled lines; shape (box.height, box.width)."""


@dataclass(frozen=True)
class Parsed:
    """A page taken apart."""

    sheet: Sheet
    ruled: NDArray[np.bool_]
    """Pixels of ruled lines, shape of the sheet."""
    pieces: Components
    """The rest of the ink."""
    print_: NDArray[np.bool_]
    """Which pieces are print."""


def parse_page(scan: Scan, *, settings: Extraction) -> Parsed:
    """Tell a page's ink from its paper, and ruled lines and print from the rest of the ink."""
    sheet = to_sheet(scan, settings=settings)
    ruled = ruled_lines(sheet.ink, per_mm=sheet.per_mm, settings=settings)
    pieces = find_components(sheet.ink & ~ruled, sheet.grey, per_mm=sheet.per_mm, settings=settings)
    return Parsed(sheet, ruled, pieces, printed(pieces, per_mm=sheet.per_mm, settings=settings))


def find_signatures(scan: Scan, *, settings: Extraction | None = None) -> list[Candidate]:
    """Candidates on a page, best first; the same page always gives the same list.

    The page is resampled to one resolution and binarised; long straight lines are taken away where no stroke
    crosses them; print is known by its rows; what is left is grouped by nearness, and every group is scored
    by its size, its strokes, their directions and its place on the page. Candidates below
    ``settings.min_confidence`` are listed as well, those of confidence 0 are not.

    Notes
    -----
    Known limits: other handwriting of the size of a signature (notes, dates, filled-in forms) and letterheads
    in script score like one; print that a stroke touches stays in the mask; two signatures that touch are one
    candidate; the confidence is hand-set and not calibrated.
    """
    settings = settings or Extraction()
    parsed = parse_page(scan, settings=settings)
    pieces = parsed.pieces
    character = character_height(pieces, per_mm=parsed.sheet.per_mm, settings=settings)
    sets = candidate_groups(parsed, settings=settings)
    measures = [
        measure(pieces, members, parsed.sheet.grey, character=character, settings=settings)
        for members in sets
    ]
    alone = np.array([confidence(one, settings=settings) for one in measures])
    bounds = np.array([bounds_of(pieces, members) for members in sets]).reshape(-1, 4)
    scores = alone * solitude(bounds, alone, per_mm=parsed.sheet.per_mm, settings=settings)
    found = []
    for index in np.flatnonzero(scores > 0):
        box, mask = _on_page(scan, parsed, sets[index], settings)
        found.append(Candidate(box, float(scores[index]), kind(measures[index], settings=settings), mask))
    return sorted(found, key=lambda one: (-one.confidence, one.box.top, one.box.left))


def candidate_groups(parsed: Parsed, *, settings: Extraction) -> list[NDArray[np.intp]]:
    """Groups of pieces that are worth measuring."""
    pieces, per_mm = parsed.pieces, parsed.sheet.per_mm
    chosen = eligible(pieces, parsed.print_, per_mm=per_mm, settings=settings)
    chosen &= ~stamps(pieces, chosen, per_mm=per_mm, settings=settings)
    found = []
    for members in groups(pieces, chosen, per_mm=per_mm, settings=settings):
        left, top, right, bottom = bounds_of(pieces, members)
        if min(right - left, bottom - top) >= settings.smallest * per_mm:
            found.append(members)
    return found


def _on_page(
    scan: Scan, parsed: Parsed, members: NDArray[np.intp], settings: Extraction
) -> tuple[Box, NDArray[np.bool_]]:
    """The group's box and ink in pixels of the page as read, at the page's own resolution."""
    pieces = parsed.pieces
    chosen = np.zeros(len(pieces), bool)
    chosen[members] = True
    around = Box.spanning(*bounds_of(pieces, members)).grown(2, 2, parsed.sheet.ink.shape)
    wanted = np.concatenate([[False], chosen])[pieces.labels[around.slices]]
    box = parsed.sheet.to_page(around, scan.pixels.shape)
    mask = page_ink(scan, parsed.sheet, around, box) & upsampled(wanted, parsed.sheet, around, box, grow=True)
    if not mask.any():  # strokes thinner than a sheet pixel: fall back on the sheet's own ink
        mask = upsampled(wanted, parsed.sheet, around, box, grow=False)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    tight = Box.spanning(
        box.left + int(columns[0]),
        box.top + int(rows[0]),
        box.left + int(columns[-1]) + 1,
        box.top + int(rows[-1]) + 1,
    )
    across, down = (round(settings.margin * parsed.sheet.per_mm * scale) for scale in parsed.sheet.scale)
    outer = tight.grown(across, down, scan.pixels.shape)
    placed = np.zeros((outer.height, outer.width), bool)
    row, column = tight.top - outer.top, tight.left - outer.left
    placed[row : row + tight.height, column : column + tight.width] = mask[
        rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1
    ]
    return outer, placed


def page_ink(scan: Scan, sheet: Sheet, around: Box, box: Box) -> NDArray[np.bool_]:
    """Ink at the page's own resolution within ``box``, by the threshold of the sheet within ``around``."""
    threshold = _remap(sheet.threshold[around.slices], sheet, around, box, cv2.INTER_LINEAR)
    return np.asarray(scan.pixels[box.slices] < threshold, np.bool_)


def upsampled(
    mask: NDArray[np.bool_], sheet: Sheet, around: Box, box: Box, *, grow: bool
) -> NDArray[np.bool_]:
    """A mask of the sheet within ``around`` in page pixels within ``box``; a pixel wider if ``grow``."""
    image = mask.astype(np.uint8)
    if grow:
        image = np.asarray(cv2.dilate(image, np.ones((3, 3), np.uint8)), np.uint8)
    on_page = _remap(image, sheet, around, box, cv2.INTER_NEAREST)
    return np.asarray(on_page, np.bool_)


def _remap(part: NDArray[Any], sheet: Sheet, around: Box, box: Box, method: int) -> NDArray[Any]:
    """A part of the sheet, that within ``around``, at the centres of the page pixels in ``box``."""
    across, down = sheet.scale
    columns = (np.arange(box.left, box.right) + 0.5) / across - 0.5 - around.left
    rows = (np.arange(box.top, box.bottom) + 0.5) / down - 0.5 - around.top
    x, y = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
    return cv2.remap(part, x, y, method, borderMode=cv2.BORDER_REPLICATE)
