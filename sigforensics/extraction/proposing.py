"""Hypotheses: which pieces of ink may be one signature. They overlap; the decision about each comes later."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.extraction.components import Components
from sigforensics.extraction.grouping import Members, beside, bounds_of, touching
from sigforensics.settings import Extraction

__all__ = ["proposals"]

BoolArray = NDArray[np.bool_]
COARSE = 2
"""Sheet pixels a side that become one before pieces are widened."""


def proposals(
    pieces: Components, chosen: BoolArray, doubtful: BoolArray, *, per_mm: float, settings: Extraction
) -> list[Members]:
    """Sets of pieces that may be one signature, each set once.

    How far apart two strokes of one hand may be nobody knows before it is known what they are. So pieces are
    joined over several distances (``settings.distances`` times ``settings.reach``), each time with and without
    joining what stands side by side like the words of a name; every large piece is a set by itself, too. All
    this is done once more with the pieces that may be print as well, and sets that hold one of those and most
    of whose ink is of the others are added.

    Parameters
    ----------
    pieces : Components
    chosen : bool, shape (n,)
        Pieces that may belong to a signature.
    doubtful : bool, shape (n,)
        The same, and those that may be print as well as handwriting.
    per_mm : float
        Sheet pixels a millimetre.

    Returns
    -------
    list of int arrays
        Sorted indices into ``pieces``; in the order of first pieces, then of sizes.
    """
    found = _joined(pieces, chosen, per_mm, settings)
    if (doubtful & ~chosen).any():
        found |= {
            members
            for members in _joined(pieces, doubtful, per_mm, settings)
            if _mostly(pieces, members, chosen)
        }
    extent = np.maximum(pieces.width, pieces.height)
    found |= {(int(index),) for index in np.flatnonzero(chosen & (extent >= settings.alone * per_mm))}
    ordered = sorted(found, key=lambda members: (members[0], len(members), members))
    return [np.array(members, np.intp) for members in ordered if _sized(pieces, members, per_mm, settings)]


def _joined(
    pieces: Components, chosen: BoolArray, per_mm: float, settings: Extraction
) -> set[tuple[int, ...]]:
    """The pieces joined over each distance, with and without those side by side."""
    found: set[tuple[int, ...]] = set()
    labels = _coarse_labels(pieces, chosen)
    for factor in settings.distances:
        scaled = _scaled(settings, factor)
        near = _near(pieces, labels, per_mm, scaled)
        bounds = np.array([bounds_of(pieces, members) for members in near]).reshape(-1, 4)
        found |= {tuple(members.tolist()) for members in near}
        joined = beside(bounds, per_mm, scaled)
        for name in range(joined.max(initial=-1) + 1):
            parts = [near[index] for index in np.flatnonzero(joined == name)]
            found.add(tuple(np.sort(np.concatenate(parts)).tolist()))
    return found


def _mostly(pieces: Components, members: tuple[int, ...], chosen: BoolArray) -> bool:
    """Whether at least half of the ink is of chosen pieces."""
    area = pieces.area[list(members)]
    return bool(2 * area[chosen[list(members)]].sum() >= area.sum())


def _scaled(settings: Extraction, factor: float) -> Extraction:
    """The settings with all distances between pieces multiplied."""
    across, down = settings.reach
    small_across, small_down = settings.small_reach
    return replace(
        settings,
        reach=(across * factor, down * factor),
        small_reach=(small_across * factor, small_down * factor),
        name_gap=settings.name_gap * factor,
        widest_gap=settings.widest_gap * factor,
    )


def _sized(pieces: Components, members: tuple[int, ...], per_mm: float, settings: Extraction) -> bool:
    left, top, right, bottom = bounds_of(pieces, np.array(members))
    sides = right - left, bottom - top
    return min(sides) >= settings.smallest * per_mm and max(sides) <= settings.largest * per_mm


def _coarse_labels(pieces: Components, chosen: BoolArray) -> NDArray[np.int32]:
    """Labels of the chosen pieces, 0 elsewhere, each 2 x 2 pixels one: the greatest label among them."""
    table = np.where(np.concatenate([[False], chosen]), np.arange(len(pieces) + 1), 0).astype(np.int32)
    height, width = pieces.labels.shape
    labels = np.pad(table[pieces.labels], ((0, height % COARSE), (0, width % COARSE)))
    rows = np.maximum(labels[::COARSE], labels[1::COARSE])
    return np.maximum(rows[:, ::COARSE], rows[:, 1::COARSE])


def _near(
    pieces: Components, labels: NDArray[np.int32], per_mm: float, settings: Extraction
) -> list[Members]:
    """Pieces that meet when each is widened by half the reach; large ones reach further."""
    large = np.maximum(pieces.width, pieces.height) >= settings.large_piece * per_mm
    is_large = np.concatenate([[False], large])[labels]
    small = (labels > 0) & ~is_large
    canvas = _widened(is_large, settings.reach, per_mm) | _widened(small, settings.small_reach, per_mm)
    return touching(labels, canvas, len(pieces))


def _widened(mask: BoolArray, reach: tuple[float, float], per_mm: float) -> NDArray[np.uint8]:
    across, down = (round(length * per_mm / COARSE) for length in reach)
    kernel = np.ones((down + 1, across + 1), np.uint8)
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel), np.uint8)
