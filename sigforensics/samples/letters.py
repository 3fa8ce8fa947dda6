"""Skeletons of cursive letters: the points that the pen aims at, one after the other.

Coordinates are in x-heights: x to the right from where the letter begins, y upwards from the base line. A
point may have a third figure, its *roundness*: 1 (if not given) is passed in a smooth turn, 0 is a corner at
which the pen reverses. A lower-case letter begins where the letter before it ended.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["CAPITALS", "LOWER_CASE", "Letter", "Points", "letter_of", "points_of"]

Points = NDArray[np.float64]
"""Shape (n, 3): x, y and roundness of the points aimed at."""


@dataclass(frozen=True)
class Letter:
    """One letter as strokes of the pen."""

    body: Points
    """The stroke that joins the neighbours."""
    width: float
    """x-heights from the beginning of this letter to that of the next."""
    before: tuple[Points, ...] = ()
    """Strokes of their own that are written before the body: the stem of an H."""
    after: tuple[Points, ...] = ()
    """Strokes that are written when the word is finished: dots and bars."""
    joins: bool = True
    """Whether the next letter follows without lifting the pen."""


def points_of(text: str) -> Points:
    """Points from their notation: ``x y`` or ``x y roundness``, separated by commas."""
    rows = [[float(number) for number in point.split()] for point in text.split(",")]
    return np.array([[*row, 1.0][:3] for row in rows])


def _letter(body: str, width: float, *, before: str = "", after: str = "", joins: bool = True) -> Letter:
    first, last = ((points_of(text),) if text else () for text in (before, after))
    return Letter(points_of(body), width, first, last, joins)


LOWER_CASE = {
    "a": _letter(".62 .88 .3, .34 1, .08 .5, .3 0, .66 .88 .1, .68 .15, .95 .1", 0.95),
    "b": _letter(".4 1.3, .3 2.05, .14 1.2, .15 .15, .42 0, .6 .5, .42 .85, .9 .85", 0.9),
    "c": _letter(".58 .85 .2, .34 1, .08 .5, .35 0, .75 .15", 0.75),
    "d": _letter(".62 .85 .3, .34 1, .08 .5, .3 0, .68 .9, .8 2.05 .1, .72 .25, 1 .1", 1.0),
    "e": _letter(".48 .5, .36 1, .1 .5, .34 0, .72 .15", 0.72),
    "f": _letter(".4 1.3, .34 2.05, .2 1.2, .1 -.5, .22 -1.05, .36 -.4, .2 .05 .2, .7 .15", 0.7),
    "g": _letter(".62 .88 .3, .34 1, .08 .5, .3 .02, .66 .88 .1, .6 -.5, .32 -1.15, .15 -.75, .95 .1", 0.95),
    "h": _letter(".4 1.3, .3 2.05, .14 1.2, .1 0 0, .44 1, .6 .6, .6 .15, .9 .1", 0.9),
    "i": _letter(".3 1 .1, .3 .15, .6 .1", 0.6, after=".4 1.5, .46 1.44"),
    "k": _letter(".4 1.3, .3 2.05, .14 1.2, .1 0 0, .42 1, .5 .68, .2 .48 .1, .55 .05, .85 .1", 0.85),
    "l": _letter(".4 1.3, .3 2.05, .13 1.2, .18 .15, .6 .1", 0.6),
    "m": _letter(".14 .95 .5, .14 0 0, .42 1, .54 .5, .5 0 0, .8 1, .92 .5, .92 .12, 1.2 .1", 1.2),
    "n": _letter(".14 .95 .5, .14 0 0, .44 1, .58 .5, .58 .12, .88 .1", 0.88),
    "o": _letter(".42 .98 .5, .08 .5, .34 0, .62 .5, .42 .95, .55 .82, .9 .88", 0.9),
    "p": _letter(".25 1 .1, .1 -1 0, .2 .6, .45 1, .65 .5, .42 0, .24 .12 .2, .8 .1", 0.8),
    "r": _letter(".2 1.08 .3, .3 .9 .6, .54 .9 .5, .5 .15, .8 .1", 0.8),
    "s": _letter(".36 1.08 .1, .5 .4, .3 0, .1 .12 .1, .72 .1", 0.72),
    "t": _letter(".32 1.65 .1, .28 .15, .6 .1", 0.6, after=".02 1.12, .66 1.2"),
    "u": _letter(".14 1 .1, .15 .2, .4 0, .62 1 .1, .62 .14, .92 .1", 0.92),
    "v": _letter(".15 .95 .6, .34 0 .5, .6 .9 .6, .92 .86", 0.92),
    "w": _letter(".12 1 .1, .18 .12, .46 .88 .1, .54 .1, .84 .9 .5, 1.12 .86", 1.12),
    "y": _letter(".14 1 .1, .18 .25, .4 .1, .62 1 .1, .54 -.5, .3 -1.15, .12 -.75, .9 .1", 0.9),
}

CAPITALS = {
    "A": _letter("0 .3, .2 .02, .8 2.1 .1, 1.2 .15, 1.55 .1", 1.55, after=".32 .8, 1.3 .85"),
    "B": _letter(
        ".34 1.9, .15 0 0, .2 1.7, .6 2.1, .9 1.6, .42 1.1 .1, 1 .6, .5 -.05, .12 .3", 1.25, joins=False
    ),
    "C": _letter(".95 1.55, 1.05 1.95, .7 2.1, .12 1, .6 0, 1.3 .25", 1.3),
    "D": _letter(".42 1.95, .2 .04 0, .8 .12, 1.25 1.1, .65 2.1, .02 1.75", 1.35, joins=False),
    "E": _letter(".95 1.75, .6 2.1, .25 1.6, .6 1.15 .1, .1 .5, .5 0, 1.15 .25", 1.15),
    "G": _letter(".95 1.6, .65 2.1, .1 1.1, .5 .3, 1 1.05 .1, .98 -.2, .55 -.75, .3 -.35, 1.3 .2", 1.3),
    "H": _letter("1.1 2.1, .9 .2, 1.3 .1", 1.3, before=".1 1.8, .32 2.02 .3, .18 0", after="0 .95, 1.2 1.08"),
    "J": _letter(".1 1.5, .7 2.1, .72 1.2, .5 -.7, .2 -1.1, .05 -.7, 1.05 .25", 1.05),
    "K": _letter(
        "1.1 2.05, .3 1 .3, .36 1.12 .3, .95 .05 .6, 1.3 .15", 1.3, before=".12 1.8, .36 2.02 .3, .18 0"
    ),
    "L": _letter(".2 1.35, .7 1.6, .66 2.1, .4 1.6, .32 .3, .1 0, .12 .22, .6 .02, 1.25 .12", 1.25),
    "M": _letter("0 .1, .28 2.05 .1, .52 .4 .1, 1 2.05 .1, 1.05 .15, 1.4 .1", 1.4),
    "N": _letter("0 .05, .25 2.05 .2, .68 .05 .2, 1.1 2.1, 1.3 2.1", 1.25, joins=False),
    "P": _letter(".32 1.85, .14 0 0, .22 1.7, .6 2.12, .95 1.55, .3 .95", 1.1, joins=False),
    "R": _letter(".32 1.85, .14 0 0, .22 1.7, .6 2.12, .92 1.55, .4 1.02 .2, .9 .08, 1.3 .15", 1.3),
    "S": _letter("0 .15, .72 1.8, .55 2.12, .36 1.6, .8 .7, .42 0, .05 .32 .3, 1.15 .15", 1.15),
    "T": _letter(".55 1.95, .42 .25, .1 .1, .8 .12", 0.9, before="-.1 1.8, .5 2.05, 1.15 2.02"),
    "W": _letter(".02 1.9, .25 .05 .4, .62 1.5 .2, .85 .05 .4, 1.25 2.1", 1.35, joins=False),
}


def letter_of(character: str) -> Letter:
    """The skeleton of a character.

    Raises
    ------
    KeyError
        If we have no skeleton of it.
    """
    return CAPITALS[character] if character.isupper() else LOWER_CASE[character]
