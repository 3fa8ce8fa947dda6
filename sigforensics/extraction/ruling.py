"""Ruled lines: found by their straightness, removed without cutting the strokes that cross them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.settings import Extraction

__all__ = ["ruled_lines", "without_touched_line"]

BoolImage = NDArray[np.bool_]
ByteMask = NDArray[np.uint8]


@dataclass(frozen=True)
class Line:
    """A long level piece of ink; lengths in pixels."""

    rows: slice
    columns: slice
    mask: BoolImage
    """Its pixels within those rows and columns."""
    slope: float
    """Rows a column, of the straight line fitted to it."""
    deviation: float
    """Root mean square distance of its middle from that line."""
    thickness: float
    """Median over its columns."""

    @property
    def length(self) -> int:
        """Columns that it spans."""
        return int(self.mask.shape[1])


def ruled_lines(ink: BoolImage, *, per_mm: float, settings: Extraction) -> BoolImage:
    """The pixels of ruled lines, level and upright, without those where a stroke crosses.

    What tells a ruled line from the flourish of a pen: it deviates from a straight line by hardly more than a pixel, and
    all lines of a page have the page's skew.

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
    turned = np.ascontiguousarray(image.T)
    across = _level_lines(image, per_mm, settings)
    down = _level_lines(turned, per_mm, settings)
    skew = _skew(across, down, ink.shape, per_mm, settings)
    removed = _pixels(image, across, skew, per_mm, settings)
    return removed | _pixels(turned, down, -skew, per_mm, settings).T


def _level_lines(ink: ByteMask, per_mm: float, settings: Extraction) -> list[Line]:
    """Long thin straight pieces of nearly level runs.

    First those whose runs are as long as a line must be: so a flourish that follows a line closely is not taken together
    with it; and a level stretch of a flourish is none of them, because the pen runs on at both of its ends. Then, in what
    is left, the slanted ones: staircases of shorter runs, a pixel apart.
    """
    gap = 2 * round(settings.line_gap * per_mm / 2) + 1
    closed = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8)), np.uint8)
    level = _straight_runs(closed, settings.line_length, 1, gap, per_mm, settings)
    found = [line for line in level if not _runs_on(ink, line, per_mm, settings)]
    for line in level:
        closed[line.rows, line.columns][line.mask] = 0
    return found + _straight_runs(closed, settings.line_run, 3, gap, per_mm, settings)


def _straight_runs(
    closed: ByteMask, least: float, step: int, gap: int, per_mm: float, settings: Extraction
) -> list[Line]:
    """Lines made of level runs of at least ``least`` mm, which may be ``step`` rows and ``gap`` columns apart."""
    run = round(least * per_mm)
    runs = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    joined = cv2.dilate(runs, np.ones((step, gap), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8, ltype=cv2.CV_32S)
    found = []
    for label in range(1, count):
        left, top, width, height = (int(value) for value in stats[label, :4])
        if width < settings.line_length * per_mm or height > settings.line_slope * width + 2 * per_mm:
            continue
        rows, columns = slice(max(top - 1, 0), top + height + 1), slice(left, left + width)
        line = _line(rows, columns, (labels[rows, columns] == label) & (runs[rows, columns] > 0))
        thin = line.thickness <= settings.line_thickness * per_mm
        if thin and line.deviation <= settings.line_straightness * per_mm:
            found.append(line)
    return found


def _runs_on(ink: ByteMask, line: Line, per_mm: float, settings: Extraction) -> bool:
    """Whether ink that is joined to the line goes on beyond both of its ends."""
    beyond, height = round(settings.line_end * per_mm), ink.shape[0]
    rows = slice(max(line.rows.start - beyond, 0), min(line.rows.stop + beyond, height))
    at = np.flatnonzero(line.mask.any(axis=0)) + line.columns.start
    right = ink[rows, max(at[-1] - beyond, 0) : at[-1] + 2 * beyond]
    left = ink[rows, max(at[0] - 2 * beyond, 0) : at[0] + beyond][:, ::-1]
    return _continues(left, beyond) and _continues(right, beyond)


def _continues(end: ByteMask, beyond: int) -> bool:
    """Whether one piece of ink reaches from before the column ``beyond``, where a line ends, to beyond twice that column."""
    if end.shape[1] <= 2 * beyond:
        return False
    _, labels = cv2.connectedComponents(np.ascontiguousarray(end), connectivity=8)
    return bool(np.intersect1d(labels[:, :beyond], labels[:, 2 * beyond]).any())


def _line(rows: slice, columns: slice, mask: BoolImage) -> Line:
    """Fit a straight line to the middles of a mask's columns."""
    thickness = mask.sum(axis=0)
    at = np.flatnonzero(thickness)
    middle = (np.arange(len(mask)) @ mask)[at] / thickness[at]
    slope, offset = np.polyfit(at, middle, 1)
    deviation = float(np.sqrt(np.mean((middle - slope * at - offset) ** 2)))
    return Line(rows, columns, mask, float(slope), deviation, float(np.median(thickness[at])))


def _skew(
    across: list[Line], down: list[Line], shape: tuple[int, ...], per_mm: float, settings: Extraction
) -> float:
    """Median slope of the lines, weighted by length; a level one counts as well, for pages with hardly any.

    The edges of the sheet of paper are left out: print may stand askew on it.
    """
    edge = settings.line_edge * per_mm
    inner = [line for line in across if edge <= line.rows.start and line.rows.stop <= shape[0] - edge]
    upright = [line for line in down if edge <= line.rows.start and line.rows.stop <= shape[1] - edge]
    slopes = np.array([0.0, *(line.slope for line in inner), *(-line.slope for line in upright)])
    lengths = np.array([settings.line_prior * per_mm, *(line.length for line in (*inner, *upright))])
    order = np.argsort(slopes, kind="stable")
    below = np.cumsum(lengths[order])
    return float(slopes[order][np.searchsorted(below, below[-1] / 2)])


def _pixels(ink: ByteMask, lines: list[Line], skew: float, per_mm: float, settings: Extraction) -> BoolImage:
    """The ink of the lines that share the page's skew, ragged edges included, except where a stroke crosses."""
    removed = np.zeros(ink.shape, bool)
    for line in lines:
        if abs(line.slope - skew) > settings.line_skew:
            continue
        reach = round(line.thickness) + max(round(settings.line_crossing * per_mm), 2)
        ragged = cv2.dilate(line.mask.astype(np.uint8), np.ones((3, 1), np.uint8)) > 0
        own = ragged & (ink[line.rows, line.columns] > 0)
        removed[line.rows, line.columns] |= own & ~_crossing(ink, line.rows, line.columns, reach)
    return removed


def _crossing(ink: ByteMask, rows: slice, columns: slice, reach: int) -> BoolImage:
    """Where within some rows and columns the ink runs down over at least ``reach`` pixels."""
    top = max(rows.start - reach, 0)
    around = ink[top : rows.stop + reach, columns]
    runs = cv2.morphologyEx(around, cv2.MORPH_OPEN, np.ones((reach, 1), np.uint8))
    height = ink[rows, columns].shape[0]
    return np.asarray(runs[rows.start - top : rows.start - top + height] > 0, np.bool_)


def without_touched_line(mask: BoolImage, lines: BoolImage, *, reach: int) -> BoolImage:
    """The mask without its ink on level lines, but where strokes come out of the line above and below.

    What lies straight between any two such places within reach is theirs. Where a stroke ends on a line or runs along it, what is
    there is the line's ink.

    Parameters
    ----------
    mask : bool, shape (height, width)
        Ink of a signature.
    lines : bool, shape (height, width)
        Where level lines are, closed where strokes cross them.
    reach : int
        Columns by which a stroke may come out farther to the left or right than it went in.
    """
    on_line, beside = mask & lines, np.pad((mask & ~lines).astype(np.uint8), ((1, 1), (0, 0)))
    above, below = beside[:-2] > 0, beside[2:] > 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        on_line.astype(np.uint8), connectivity=8, ltype=cv2.CV_32S
    )
    kept = np.zeros_like(mask)
    for piece in range(1, count):
        left, top, width, height = (int(one) for one in stats[piece, :4])
        place = slice(top, top + height), slice(max(left - 1, 0), left + width + 1)
        own = labels[place] == piece
        enters, leaves = (_runs(_touched(own, near[place])) for near in (above, below))
        kept[place] |= own & _between(own, enters, leaves, reach)
    return np.asarray((mask & ~lines) | kept, np.bool_)


def _touched(own: BoolImage, near: BoolImage) -> NDArray[np.bool_]:
    """Columns where ink of a line touches what is above or below it; cornerwise only where nothing else of it does."""
    straight, wider = np.asarray((own & near).any(axis=0), np.bool_), np.ones((1, 3), np.uint8)
    cornerwise = (own & (cv2.dilate(near.astype(np.uint8), wider) > 0)).any(axis=0)
    around = straight.copy()
    around[1:] |= straight[:-1]
    around[:-1] |= straight[1:]
    return np.asarray(straight | (cornerwise & ~around), np.bool_)


Run = tuple[int, int]
"""First and last of neighbouring columns."""


def _runs(columns: NDArray[np.bool_]) -> list[Run]:
    """The runs of columns that are set."""
    steps = np.diff(np.concatenate([[0], columns.astype(np.int8), [0]]))
    return list(
        zip(np.flatnonzero(steps > 0).tolist(), (np.flatnonzero(steps < 0) - 1).tolist(), strict=True)
    )


def _between(own: BoolImage, above: list[Run], below: list[Run], reach: int) -> BoolImage:
    """What lies straight between runs above a piece of a line and runs below it, as far as these are within reach of each other.

    A column more to the left and right, since strokes are bent. All pairs: two strokes may cross within the line.
    """
    drawn = np.zeros(own.shape, np.uint8)
    for upper, lower in product(above, below):
        (a, b), (c, d) = _within(upper, lower, reach), _within(lower, upper, reach)
        if a > b or c > d:
            continue
        top = int(np.argmax(own[:, a : b + 1].any(axis=1)))
        bottom = len(own) - 1 - int(np.argmax(own[::-1, c : d + 1].any(axis=1)))
        cv2.fillPoly(drawn, [np.array([(a, top), (b, top), (d, bottom), (c, bottom)], np.int32)], 1)
    return cv2.dilate(drawn, np.ones((1, 3), np.uint8)) > 0


def _within(run: Run, other: Run, reach: int) -> Run:
    """The part of a run that is within reach of another; its end is before its start if there is none."""
    return max(run[0], other[0] - reach), min(run[1], other[1] + reach)
