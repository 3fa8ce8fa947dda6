"""How a page stands, told from its print: upright, on its side, on its head; and how far off level."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from sigforensics.extraction.skew import Direction, row_direction
from sigforensics.settings import Levelling

__all__ = ["Stand", "stand_of"]

BoolImage = NDArray[np.bool_]
Pieces = NDArray[np.int64]
"""Shape (n, 4): left, top, width and height of pieces of ink."""


@dataclass(frozen=True)
class Stand:
    """How a page stands."""

    quarters: int
    """Quarter turns to the right, 0 to 3, that make it upright; 0 where nothing speaks for another."""
    skew: float
    """Degrees by which rows of print fall to the right once it is so turned; 0 where no rows show."""
    axis_told: bool
    """Whether rows of print show along one axis of the page and not along the other."""
    way_up_told: bool
    """Whether ascenders and descenders tell head from foot."""


def stand_of(ink: BoolImage, *, per_mm: float, settings: Levelling) -> Stand:
    """Tell how a page stands from its print.

    Rows of print are sharper than columns, and in a row the next character is nearer than in the row below: that tells the axis.
    Of the ink beyond the height of an x there is more above than below in Latin, Greek and Cyrillic print: that tells the
    way up. A page is turned only where both tests of the axis, or the one of the way up, speak clearly for it.

    Parameters
    ----------
    ink : bool, shape (height, width)
    per_mm : float
        Pixels a millimetre.

    Notes
    -----
    Known limits: print in capitals or digits alone does not tell the way up; nor does handwriting, or other scripts.
    """
    pieces, labels = _pieces(ink)
    on_side = _clockwise(pieces, ink.shape[0])
    level, upright = _rows(pieces, per_mm, settings), _rows(on_side, per_mm, settings)
    across, down = _neighbours(pieces, per_mm, settings)
    if level and _clearly(level, upright, across, down, settings):
        quarters, direction = 0, level
    elif upright and _clearly(upright, level, down, across, settings):
        quarters, direction, pieces = 1, upright, on_side
    else:
        return Stand(0, 0.0, axis_told=False, way_up_told=False)
    chosen = np.concatenate([[False], _print_like(pieces, 2 * settings.widest, per_mm, settings)])
    text = np.rot90(chosen[labels], -quarters)
    vote = _ascenders_over_descenders(_levelled(text, direction.angle), per_mm, settings)
    quarters += 2 if vote <= -settings.least_vote else 0
    return Stand(
        quarters, direction.angle, axis_told=True, way_up_told=bool(abs(vote) >= settings.least_vote)
    )


def _pieces(ink: BoolImage) -> tuple[Pieces, NDArray[np.int32]]:
    """Connected pieces of ink, and their numbers from 1 in the image."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        ink.astype(np.uint8), connectivity=8, ltype=cv2.CV_32S
    )
    return stats[1:, :4].astype(np.int64), np.asarray(labels, np.int32)


def _clockwise(pieces: Pieces, height: int) -> Pieces:
    """The pieces on the page, ``height`` pixels high, after a quarter turn to the right."""
    left, top, width, tall = pieces.T
    return np.stack([height - top - tall, left, tall, width], axis=1)


def _print_like(pieces: Pieces, widest: float, per_mm: float, settings: Levelling) -> NDArray[np.bool_]:
    """Which pieces have the size of characters, or of words of joined ones, in rows that are level."""
    low, high = settings.characters
    width, height = pieces[:, 2], pieces[:, 3]
    return (height >= low * per_mm) & (height <= high * per_mm) & (width <= widest * per_mm)


def _rows(pieces: Pieces, per_mm: float, settings: Levelling) -> Direction | None:
    """The direction of level rows; None where there are too few pieces.

    It is taken from the feet of the pieces or from their heads, whichever line up better: on a page that stands on its head they
    have changed places.
    """
    left, top, width, height = pieces[_print_like(pieces, settings.widest, per_mm, settings)].T.astype(float)
    if len(left) < settings.least_pieces:
        return None
    lines = [
        row_direction(left + width / 2, edge, bin_size=settings.bin * per_mm, settings=settings)
        for edge in (top + height, top)
    ]
    return max(lines, key=lambda line: line.sharpness)


def _neighbours(pieces: Pieces, per_mm: float, settings: Levelling) -> tuple[int, int]:
    """How many characters have their nearest neighbour beside them, and above or below."""
    low, high = settings.characters
    longer = pieces[:, 2:].max(axis=1)
    left, top, width, height = pieces[(longer >= low * per_mm) & (longer <= high * per_mm)].T
    if len(left) < 2:
        return 0, 0
    centres = np.stack([left + width / 2, top + height / 2], axis=1)
    nearest = np.asarray(KDTree(centres).query(centres, k=2)[1])[:, 1]
    across, down = np.abs(centres[nearest] - centres).T
    return int(np.sum(across > 2 * down)), int(np.sum(down > 2 * across))


def _clearly(rows: Direction, others: Direction | None, along: int, beside: int, settings: Levelling) -> bool:
    """Whether rows of one axis are print, and those of the other are not."""
    rivals = others.sharpness if others else 1.0
    return (
        rows.sharpness >= max(settings.least_sharpness, settings.axis_ratio * rivals)
        and along >= settings.neighbour_ratio * beside
    )


def _levelled(text: BoolImage, angle: float) -> NDArray[np.uint8]:
    """The image turned until rows that fall by ``angle`` degrees are level."""
    image = np.ascontiguousarray(text, np.uint8)
    height, width = image.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    return np.asarray(cv2.warpAffine(image, turn, (width, height), flags=cv2.INTER_NEAREST), np.uint8)


def _ascenders_over_descenders(text: NDArray[np.uint8], per_mm: float, settings: Levelling) -> float:
    """By how many standard deviations of chance there is more above the cores of rows than below."""
    bridge = np.ones((1, max(round(settings.word_gap * per_mm), 1)), np.uint8)
    joined = cv2.morphologyEx(text, cv2.MORPH_CLOSE, bridge)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=4, ltype=cv2.CV_32S)
    least, most = (height * per_mm for height in settings.row_heights)
    above = below = 0
    for row in range(1, len(stats)):
        left, top, width, height = (int(side) for side in stats[row, :4])
        if width < settings.row_width * per_mm or not least <= height <= most:
            continue
        part = slice(top, top + height), slice(left, left + width)
        counted = _beyond_core((text[part] > 0) & (labels[part] == row), per_mm, settings)
        above, below = above + counted[0], below + counted[1]
    return float((above - below) / np.sqrt(max(above + below, 1)))


def _beyond_core(row: BoolImage, per_mm: float, settings: Levelling) -> tuple[int, int]:
    """How many pieces of a row of print reach above its core, and how many below."""
    lines = row.sum(axis=1)
    core = np.flatnonzero(lines >= settings.core_share * np.quantile(lines, 0.9))
    top, bottom = int(core[0]), int(core[-1]) + 1
    tall = bottom - top
    if not settings.core_heights[0] * per_mm <= tall <= settings.core_heights[1] * per_mm:
        return 0, 0
    gap, reach = max(round(settings.zone_gap * tall), 1), max(round(settings.zone_height * tall), 1)
    over = row[max(top - gap - reach, 0) : max(top - gap, 0)]
    under = row[bottom + gap : bottom + gap + reach]
    return _runs(over), _runs(under)


def _runs(zone: BoolImage) -> int:
    """Runs of columns that have ink."""
    inked = np.asarray(zone.any(axis=0))
    return int(inked[:1].sum()) + int(np.sum(inked[1:] & ~inked[:-1]))
