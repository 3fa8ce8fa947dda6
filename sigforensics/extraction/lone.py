"""Lone strokes: pieces in a candidate's box that were not joined to it, and are surely by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sigforensics.extraction.box import Box
from sigforensics.extraction.components import Components
from sigforensics.extraction.grouping import Members, eligible, stamps
from sigforensics.settings import Extraction

__all__ = ["free_pieces", "lone_strokes"]

Bools = NDArray[np.bool_]


def free_pieces(
    pieces: Components, print_: Bools, taken: Sequence[Members], *, per_mm: float, settings: Extraction
) -> Bools:
    """Which pieces may yet join a candidate: of none, of any size, and no print, stamp, solid area or margin of the scan.

    Parameters
    ----------
    pieces : Components
        n of them.
    print_ : bool, shape (n,)
        Which are print.
    taken : sequence of int arrays
        The pieces of each candidate.
    per_mm : float
        Sheet pixels a millimetre.

    Returns
    -------
    bool, shape (n,)
    """
    free = eligible(pieces, print_, per_mm=per_mm, settings=replace(settings, speck=0.0))
    chosen = eligible(pieces, print_, per_mm=per_mm, settings=settings)
    free &= ~stamps(pieces, chosen, per_mm=per_mm, settings=settings)
    for members in taken:
        free[members] = False
    return free


def lone_strokes(
    pieces: Components, likely: NDArray[np.float32], around: Box, *, per_mm: float, settings: Extraction
) -> Bools:
    """Which pieces lie whole in a part of the sheet and are surely by hand: dots, accents and strokes that were not joined.

    Parameters
    ----------
    pieces : Components
        n of them.
    likely : float32, shape (around.height, around.width)
        How likely each pixel is by hand (:class:`sigforensics.extraction.separating.Told`).
    around : Box
        On the sheet.
    per_mm : float
        Sheet pixels a millimetre.

    Returns
    -------
    bool, shape (n,)
        True where the mean likelihood is at least ``settings.sure_lone``, and the piece at least ``settings.least_lone`` large.
    """
    labels = pieces.labels[around.slices].ravel()
    inside = np.bincount(labels, minlength=len(pieces) + 1)[1:]
    mean = np.bincount(labels, likely.ravel(), len(pieces) + 1)[1:] / np.maximum(pieces.area, 1)
    whole = (inside == pieces.area) & (pieces.area >= settings.least_lone * per_mm**2)
    return np.asarray(whole & (mean >= settings.sure_lone), np.bool_)
