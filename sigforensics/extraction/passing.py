"""Strokes that run into a ruled line at a flat angle and come out of it again: what of the line is theirs, too."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.settings import Extraction

__all__ = ["passages"]

Bools = NDArray[np.bool_]
Vector = NDArray[np.float64]
STEPS = 32
"""Points of a curve."""
LEAST_PIXELS = 6
"""Smaller pieces beside a line have no direction."""


class Contact(NamedTuple):
    """Where a stroke meets a line; pixels, columns before rows."""

    above: bool
    place: Vector
    into: Vector
    """Unit vector from the stroke into the line."""
    width: float
    """Of the stroke."""


def passages(mask: Bools, lines: Bools, ink: Bools, *, per_mm: float, settings: Extraction) -> Bools:
    """Ink on level lines along which a stroke of the mask passes, from where it meets the line to where it leaves it.

    Two contacts belong to one stroke if they are on both sides of the line, near, and face each other, and a smooth curve from
    one to the other stays on the line. The nearest are joined first, each contact once. Contacts on one side may be two letters
    that stand on the line: what is between them stays the line's.

    Parameters
    ----------
    mask : bool, shape (height, width)
        Ink of a signature.
    lines : bool, shape (height, width)
        Where level lines are, closed where strokes cross them.
    ink : bool, shape (height, width)
        All ink, with that of the lines.
    per_mm : float
        Pixels a millimetre.
    """
    found = np.zeros(mask.shape, np.uint8)
    beside, served = mask & ~lines, cv2.dilate((mask & lines).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    count, labels = cv2.connectedComponents(lines.astype(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    for number in range(1, count):
        line = labels == number
        contacts = _contacts(beside, line, served, per_mm, settings)
        gaps = {
            (one, other): float(np.linalg.norm(contacts[one].place - contacts[other].place))
            for one, other in combinations(range(len(contacts)), 2)
            if contacts[one].above != contacts[other].above
        }
        free = set(range(len(contacts)))
        for (one, other), gap in sorted(gaps.items(), key=lambda item: (item[1], item[0])):
            if gap > settings.passage * per_mm or not {one, other} <= free:
                continue
            curve = _passing(contacts[one], contacts[other], settings)
            if curve is not None and _stays_on(curve, line):
                free -= {one, other}
                width = max(round((contacts[one].width + contacts[other].width) / 2), 1)
                cv2.polylines(found, [np.round(curve).astype(np.int32)], False, 1, width)
    return np.asarray((found > 0) & lines & ink, np.bool_)


def _contacts(
    beside: Bools, line: Bools, served: Bools, per_mm: float, settings: Extraction
) -> list[Contact]:
    """Where strokes beside a line touch it from above or below, and no ink of the line is kept yet."""
    reach = max(round(settings.passage_seen * per_mm), 3)
    found = []
    for above in (True, False):
        touching = beside & _moved(line, -1 if above else 1)
        count, labels = cv2.connectedComponents(
            cv2.dilate(touching.astype(np.uint8), np.ones((3, 3), np.uint8)), connectivity=8, ltype=cv2.CV_32S
        )
        for number in range(1, count):
            own = touching & (labels == number)
            if (own & served).any():
                continue
            rows, columns = np.nonzero(own)
            place = np.array([columns.mean(), rows.mean()])
            seen = _direction(beside, place, (rows, columns), reach)
            if seen is not None:
                found.append(Contact(above, place, *seen))
    return found


def _moved(line: Bools, way: int) -> Bools:
    """The line a row up (-1) or down (1)."""
    moved = np.zeros_like(line)
    if way < 0:
        moved[:-1] = line[1:]
    else:
        moved[1:] = line[:-1]
    return moved


def _direction(
    beside: Bools, place: Vector, touching: tuple[NDArray[np.intp], NDArray[np.intp]], reach: int
) -> tuple[Vector, float] | None:
    """The direction and width of the piece of ink that touches a line there, as far as it lies within reach."""
    column, row = (int(at) for at in np.round(place))
    top, left = max(row - reach, 0), max(column - reach, 0)
    window = beside[top : row + reach + 1, left : column + reach + 1]
    _, labels = cv2.connectedComponents(window.astype(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    inside = (np.abs(touching[0] - row) <= reach) & (np.abs(touching[1] - column) <= reach)
    own = np.unique(labels[touching[0][inside] - top, touching[1][inside] - left])
    rows, columns = np.nonzero(np.isin(labels, own[own > 0]))
    if len(rows) < LEAST_PIXELS:
        return None
    points = np.stack([columns + left, rows + top], axis=1) - place
    middle = points.mean(axis=0)
    spread, axes = np.linalg.eigh(np.cov(points.T))
    along = axes[:, 1] * np.sign(axes[:, 1] @ middle or 1.0)
    length = float(np.ptp(points @ along)) + 1
    return -along, min(len(rows) / length, 2 * float(np.sqrt(3 * spread[0])) + 1)


def _passing(one: Contact, other: Contact, settings: Extraction) -> Vector | None:
    """The curve from one contact to the other (Hermite's), shape (n, 2); None if a stroke would turn too much at either."""
    gap = other.place - one.place
    length = float(np.linalg.norm(gap))
    if length < 1:
        return None
    gap /= length
    least = np.cos(np.deg2rad(settings.passage_turn))
    if one.into @ gap < least or -(other.into @ gap) < least:
        return None
    t = np.linspace(0, 1, STEPS)[:, None]
    start, end = 2 * t**3 - 3 * t**2 + 1, 3 * t**2 - 2 * t**3
    leave, arrive = t**3 - 2 * t**2 + t, t**3 - t**2
    return np.asarray(
        start * one.place + end * other.place + length * (leave * one.into - arrive * other.into), np.float64
    )


def _stays_on(curve: Vector, line: Bools) -> bool:
    """Whether a curve leaves the line by no more than two pixels."""
    wider = cv2.dilate(line.astype(np.uint8), np.ones((5, 3), np.uint8))
    columns, rows = np.round(curve).astype(int).T
    height, width = line.shape
    if (rows < 0).any() or (rows >= height).any() or (columns < 0).any() or (columns >= width).any():
        return False
    return bool(wider[rows, columns].all())
