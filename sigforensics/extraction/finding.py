"""From a page to the places that may bear a signature, each with a confidence and its ink."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.extraction.box import Box
from sigforensics.extraction.choosing import choose
from sigforensics.extraction.components import Components, find_components
from sigforensics.extraction.grouping import bounds_of, eligible, stamps
from sigforensics.extraction.lone import free_pieces, lone_strokes
from sigforensics.extraction.measuring import Measures, measure
from sigforensics.extraction.network import bundled_finder, probabilities
from sigforensics.extraction.passing import passages
from sigforensics.extraction.printing import character_height, rows_of_print
from sigforensics.extraction.proposing import proposals
from sigforensics.extraction.ruling import ruled_lines, without_touched_line
from sigforensics.extraction.separating import Told, printed_among
from sigforensics.extraction.sheet import Sheet, to_sheet
from sigforensics.extraction.surroundings import PICTURE, Surroundings, layers_of, look_around, picture
from sigforensics.scans import Scan
from sigforensics.settings import Extraction

__all__ = [
    "MEASURES",
    "Candidate",
    "Hypotheses",
    "Kind",
    "Parsed",
    "closed_lines",
    "find_signatures",
    "foreign_pixels",
    "hypotheses_of",
    "log_odds",
    "page_ink",
    "parse_page",
    "print_in",
    "upsampled",
]

Kind = Literal["signature", "initials"]
MEASURES = tuple(field.name for kind in (Measures, Surroundings) for field in fields(kind))
"""Names of the measures of a hypothesis, in their order."""


@dataclass(frozen=True)
class Candidate:
    """A place that may bear a signature."""

    box: Box
    confidence: float
    """0 to 1, calibrated on composed pages: of the candidates said 0.9, nine in ten are signatures or initials."""
    kind: Kind
    mask: NDArray[np.bool_]
    """The ink that belongs to it, separated from print and ruled lines; shape (box.height, box.width)."""
    foreign: NDArray[np.bool_]
    """Where print and ruled lines are, none of which is kept even beside the ink; shape of the mask."""
    printed: NDArray[np.bool_]
    """What of that was left out of the candidate's own pieces as print that its strokes cross; shape of the mask."""
    by_colour: bool = False
    """Whether the colour of the ink helped to tell that print."""


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
    rows: NDArray[np.int64]
    """How many pieces stand in the row of print of each; 0 where it is none."""


@dataclass(frozen=True)
class Hypotheses:
    """What may be a signature on a page; n of them, and they overlap."""

    members: list[NDArray[np.intp]]
    """Indices of the pieces of each."""
    bounds: NDArray[np.int64]
    """Shape (n, 4): left, top, right, bottom in sheet pixels."""
    measures: NDArray[np.float32]
    """Shape (n, 27), named by ``MEASURES``."""
    pictures: NDArray[np.uint8]
    """Shape (n, 48, 96, 3); see :func:`sigforensics.extraction.surroundings.picture`."""


def parse_page(scan: Scan, *, settings: Extraction) -> Parsed:
    """Tell a page's ink from its paper, and ruled lines and print from the rest of the ink."""
    sheet = to_sheet(scan, settings=settings)
    ruled = ruled_lines(sheet.ink, per_mm=sheet.per_mm, settings=settings)
    pieces = find_components(sheet.ink & ~ruled, sheet.grey, per_mm=sheet.per_mm, settings=settings)
    rows = rows_of_print(pieces, per_mm=sheet.per_mm, settings=settings)
    return Parsed(sheet, ruled, pieces, rows > 0, rows)


def find_signatures(scan: Scan, *, settings: Extraction | None = None) -> list[Candidate]:
    """Candidates on a page, best first; the same page always gives the same list.

    The page is resampled to one resolution and binarised; long straight lines are taken away where no stroke
    crosses them; print is known by its rows; what is left is joined into overlapping hypotheses. A network
    says of each how likely it is a signature, initials, or neither, and of those that share ink the set
    stays that is least likely to be wrong in all. Another network tells the strokes of candidates of at least
    ``settings.min_confidence`` from print that they cross, and finds strokes among them that were not joined. Candidates below
    are listed as well, with the ink that was joined, down to ``settings.least_listed``.

    Notes
    -----
    Known limits: a word by hand that stands alone where a signature might stand looks like one; two signatures that
    touch are one candidate; the confidence is calibrated on composed pages, and other kinds of pages have other
    shares of signatures.
    """
    settings = settings or Extraction()
    parsed = parse_page(scan, settings=settings)
    found = hypotheses_of(parsed, settings=settings)
    model = bundled_finder()
    classes = probabilities(model, found.measures, found.pictures)
    confidence = model.calibration(log_odds(classes))
    candidates = []
    stays = choose(confidence, found.members, least=settings.least_listed)
    taken = [found.members[index] for index in stays]
    free = free_pieces(parsed.pieces, parsed.print_, taken, per_mm=parsed.sheet.per_mm, settings=settings)
    for index in stays:
        accepted = bool(confidence[index] >= settings.min_confidence)
        place = _on_page(scan, parsed, found.members[index], free, settings, separated=accepted)
        kind: Kind = "signature" if classes[index, 0] >= classes[index, 1] else "initials"
        candidates.append(
            Candidate(
                place.box,
                float(confidence[index]),
                kind,
                place.mask,
                place.foreign,
                place.printed,
                place.by_colour,
            )
        )
    return sorted(candidates, key=lambda one: (-one.confidence, one.box.top, one.box.left))


def hypotheses_of(parsed: Parsed, *, settings: Extraction) -> Hypotheses:
    """Sets of pieces that may be one signature, measured; they overlap."""
    pieces, per_mm = parsed.pieces, parsed.sheet.per_mm
    chosen = eligible(pieces, parsed.print_, per_mm=per_mm, settings=settings)
    stamped = stamps(pieces, chosen, per_mm=per_mm, settings=settings)
    chosen &= ~stamped
    sure = parsed.rows >= settings.sure_row
    doubtful = eligible(pieces, sure, per_mm=per_mm, settings=settings) & ~stamped
    members = proposals(pieces, chosen, doubtful, per_mm=per_mm, settings=settings)
    character = character_height(pieces, per_mm=per_mm, settings=settings)
    layers = layers_of(pieces, chosen, parsed.ruled)
    rows, pictures = [], []
    for one in members:
        own = measure(pieces, one, parsed.sheet.grey, character=character, settings=settings)
        around = look_around(pieces, one, layers, per_mm=per_mm)
        rows.append([*vars(own).values(), *vars(around).values()])
        pictures.append(picture(pieces, one, layers, per_mm=per_mm))
    return Hypotheses(
        members,
        np.array([bounds_of(pieces, one) for one in members], np.int64).reshape(-1, 4),
        np.array(rows, np.float32).reshape(-1, len(MEASURES)),
        np.array(pictures, np.uint8).reshape(-1, *PICTURE, 3),
    )


def log_odds(classes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of the odds, shape (n,), that a hypothesis is a signature or initials, from class probabilities (n, 3)."""
    wanted, other = classes[:, :2].sum(axis=1), classes[:, 2]
    return np.asarray(np.log(wanted + 1e-12) - np.log(other + 1e-12), np.float64)


class _Place(NamedTuple):
    """See :class:`Candidate`."""

    box: Box
    mask: NDArray[np.bool_]
    foreign: NDArray[np.bool_]
    printed: NDArray[np.bool_]
    by_colour: bool


def _on_page(
    scan: Scan,
    parsed: Parsed,
    members: NDArray[np.intp],
    free: NDArray[np.bool_],
    settings: Extraction,
    *,
    separated: bool,
) -> _Place:
    """The group's box, ink, and what is foreign, in pixels of the page as read, at the page's own resolution.

    Of the pieces that are ``free``, those that join are so no more: each comes out once.
    """
    pieces = parsed.pieces
    chosen = np.zeros(len(pieces), bool)
    chosen[members] = True
    around = Box.spanning(*bounds_of(pieces, members)).grown(2, 2, parsed.sheet.ink.shape)
    printed, by_colour = np.zeros(parsed.sheet.ink.shape, bool), False
    lone = np.zeros(len(pieces), bool)
    if separated:
        printed, by_colour, likely = print_in(parsed, chosen, around, settings=settings)
        lone = lone_strokes(pieces, likely, around, per_mm=parsed.sheet.per_mm, settings=settings)
        lone &= free
        free &= ~lone
    wanted, joined = (
        np.concatenate([[False], some])[pieces.labels[around.slices]] & ~printed[around.slices]
        for some in (chosen, lone)
    )
    box = parsed.sheet.to_page(around, scan.pixels.shape)
    chosen |= lone
    ink = page_ink(scan, parsed.sheet, around, box) & ~foreign_pixels(parsed, chosen, printed, around, box)
    own = ink & upsampled(wanted, parsed.sheet, around, box, grow=True)
    if not own.any():  # strokes thinner than a sheet pixel: fall back on the sheet's own ink
        own = upsampled(wanted, parsed.sheet, around, box, grow=False)
    mask = own | (ink & upsampled(joined, parsed.sheet, around, box, grow=True))
    lines = _closed_lines(parsed, around, box, settings)
    rest = _without_touched_lines(mask, lines, parsed.sheet, settings)
    mask = rest if (rest & own).any() else mask  # what lies on lines whole is no stroke that touches one
    print_ = np.concatenate([[False], parsed.print_ & ~chosen])[pieces.labels] | printed
    ink = page_ink(scan, parsed.sheet, around, box) & ~upsampled(
        print_[around.slices], parsed.sheet, around, box, grow=True
    )
    mask |= _along_lines(mask, lines, ink, parsed.sheet, settings)
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
    wider = parsed.sheet.from_page(outer).grown(2, 2, parsed.sheet.ink.shape)
    gaps = np.logical_or(*_closed_lines(parsed, wider, outer, settings))  # no halo there: it is the line's
    foreign = (foreign_pixels(parsed, chosen, printed, wider, outer) | gaps) & ~placed
    left_out = upsampled(printed[wider.slices], parsed.sheet, wider, outer, grow=True) & foreign
    return _Place(outer, placed, foreign, left_out, by_colour)


def print_in(parsed: Parsed, own: NDArray[np.bool_], around: Box, *, settings: Extraction) -> Told:
    """Which ink of some pieces is print that strokes cross or that stands among them, in a part of the sheet; shape of the sheet.

    Where less than ``settings.least_by_hand`` of the ink would be left, none is, and nothing is likely by hand: what took it for
    a signature saw it whole, and the network errs there.
    """
    printed = np.zeros(parsed.sheet.ink.shape, bool)
    ink = np.concatenate([[False], own])[parsed.pieces.labels[around.slices]]
    told = printed_among(parsed.sheet, around, ink, settings=settings)
    if (ink & ~told.print_).sum() < settings.least_by_hand * ink.sum():
        return Told(printed, False, np.zeros_like(told.likely))
    printed[around.slices] = told.print_
    return Told(printed, told.by_colour, told.likely)


def foreign_pixels(
    parsed: Parsed, own: NDArray[np.bool_], printed: NDArray[np.bool_], around: Box, box: Box
) -> NDArray[np.bool_]:
    """Pixels of the box on print or ruled lines or beside them, and not on what is by hand of the pieces that are ``own``.

    Parameters
    ----------
    parsed : Parsed
    own : bool, shape (n,)
        Which pieces are not foreign, whatever they were taken for ...
    printed : bool, shape of the sheet
        ... but for this ink of theirs (:func:`print_in`).
    around : Box
        On the sheet, around ``box``.
    box : Box
        On the page.
    """
    pieces = parsed.pieces.labels[around.slices]
    print_, mine = (np.concatenate([[False], one])[pieces] for one in (parsed.print_ & ~own, own))
    among = printed[around.slices]
    print_, mine = print_ | among, mine & ~among
    beside = upsampled(print_ | parsed.ruled[around.slices], parsed.sheet, around, box, grow=True)
    return beside & ~upsampled(mine, parsed.sheet, around, box, grow=False)


def closed_lines(ruled: NDArray[np.bool_], *, per_mm: float, settings: Extraction) -> list[NDArray[np.bool_]]:
    """Level and upright ruled lines on a sheet, their gaps where strokes cross closed; shape of ``ruled``.

    Pieces of at least ``settings.line_piece`` along a direction, gaps of up to ``settings.crossing`` in them closed, are lines of
    it, and so are gaps between them then: level lines that stand a few millimetres apart are no upright one.
    """
    lengths = settings.crossing, settings.line_piece, settings.line_break
    sides = [2 * round(length / 2 * per_mm) + 1 for length in lengths]
    image, found = ruled.astype(np.uint8), []
    for along in (np.array([0, 1]), np.array([1, 0])):
        near, piece, gap = (np.ones(1 + along * (side - 1), np.uint8) for side in sides)
        closed = cv2.morphologyEx(image, cv2.MORPH_CLOSE, near)
        pieces = cv2.morphologyEx(closed, cv2.MORPH_OPEN, piece)
        found.append(cv2.morphologyEx(pieces, cv2.MORPH_CLOSE, gap) > 0)
    return found


def _closed_lines(parsed: Parsed, around: Box, box: Box, settings: Extraction) -> list[NDArray[np.bool_]]:
    """The same on the page within the box, a pixel wider."""
    sheet = parsed.sheet
    reach = round((settings.line_break + settings.line_piece) * sheet.per_mm) + 1
    wider = around.grown(reach, reach, sheet.ink.shape)  # a gap at the border is closed, too
    inner = Box(around.left - wider.left, around.top - wider.top, around.width, around.height).slices
    lines = closed_lines(parsed.ruled[wider.slices], per_mm=sheet.per_mm, settings=settings)
    return [upsampled(one[inner], sheet, around, box, grow=True) for one in lines]


def _without_touched_lines(
    mask: NDArray[np.bool_], lines: Sequence[NDArray[np.bool_]], sheet: Sheet, settings: Extraction
) -> NDArray[np.bool_]:
    """The mask without ink of level and upright lines that its strokes only touch."""
    across, down = (settings.crossing * sheet.per_mm * scale for scale in sheet.scale)
    level, upright = lines
    mask = without_touched_line(mask, level, reach=round(across))
    return without_touched_line(mask.T, upright.T, reach=round(down)).T


def _along_lines(
    mask: NDArray[np.bool_],
    lines: Sequence[NDArray[np.bool_]],
    ink: NDArray[np.bool_],
    sheet: Sheet,
    settings: Extraction,
) -> NDArray[np.bool_]:
    """Ink of level and upright lines along which strokes of the mask pass."""
    across, down = (sheet.per_mm * scale for scale in sheet.scale)
    level, upright = lines
    found = passages(mask, level, ink, per_mm=across, settings=settings)
    return found | passages(mask.T, upright.T, ink.T, per_mm=down, settings=settings).T


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
