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
Vectors = NDArray[np.float64]
STEPS = 32
"""Points on the curve between two contacts."""
LEVEL = 0.2
"""Sine of 11 degrees: a stroke that meets a line points into it, or is as level as that, since pixels tell it no better."""


class Contact(NamedTuple):
    """Where a stroke meets a line; pixels, columns before rows."""

    above: bool
    place: Vectors
    into: Vectors
    """Unit vector from the stroke into the line."""
    width: float
    """Of the stroke."""


def passages(mask: Bools, lines: Bools, ink: Bools, *, per_mm: float, settings: Extraction) -> Bools:
    """Ink on level lines along which a stroke of the mask passes, from where it meets the line to where it leaves it.

    Two contacts belong to one stroke if they are on both sides of the line, near, and face each other. The nearest are joined
    first, each contact once; what of the line lies under a smooth curve from one to the other is the stroke's. Contacts on one
    side may be two letters that stand on the line: what is between them stays the line's.

    Parameters
    ----------
    mask : bool, shape (height, width)
        Ink of a signature.
    lines : bool, shape (height, width)
        Where level lines are, closed where strokes cross them.
    ink : bool, shape (height, width)
        All ink that may be given back, with that of the lines.
    per_mm : float
        Pixels a millimetre, along the lines.

    Returns
    -------
    bool, shape of ``mask``
        Within ``lines`` and ``ink``.
    """
    found = np.zeros(mask.shape, bool)
    reach = max(round(settings.passage_seen * per_mm), 3)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        lines.astype(np.uint8), connectivity=8, ltype=cv2.CV_32S
    )
    for number in range(1, count):
        left, top, width, height = (int(one) for one in stats[number, :4])
        part = (
            slice(max(top - reach - 1, 0), top + height + reach + 1),
            slice(max(left - reach - 1, 0), left + width + reach + 1),
        )
        line = labels[part] == number
        contacts = _contacts(mask[part] & ~lines[part], line, mask[part] & lines[part], reach, settings)
        found[part] |= _joined(contacts, line, per_mm, settings)
    return found & lines & ink


def _joined(contacts: list[Contact], line: Bools, per_mm: float, settings: Extraction) -> Bools:
    """What lies under the curves between contacts that belong together; shape of the line."""
    drawn = np.zeros(line.shape, np.uint8)
    gaps = {
        (one, other): float(np.linalg.norm(contacts[one].place - contacts[other].place))
        for one, other in combinations(range(len(contacts)), 2)
        if contacts[one].above != contacts[other].above
    }
    free = set(range(len(contacts)))
    for (one, other), gap in sorted(gaps.items(), key=lambda item: (item[1], item[0])):
        if gap > settings.passage * per_mm or not {one, other} <= free:
            continue
        curve = _curve(contacts[one], contacts[other], settings)
        if curve is not None:
            free -= {one, other}
            width = max(round((contacts[one].width + contacts[other].width) / 2), 1)
            cv2.polylines(drawn, [np.round(curve).astype(np.int32)], False, 1, width)
    return drawn > 0


def _contacts(beside: Bools, line: Bools, kept: Bools, reach: int, settings: Extraction) -> list[Contact]:
    """Where strokes beside a line touch it from above or below, and no ink of the line is kept yet."""
    square = np.ones((3, 3), np.uint8)
    served = cv2.dilate(kept.astype(np.uint8), square) > 0
    found = []
    for above in (True, False):
        touching = beside & _moved(line, -1 if above else 1)
        _, labels = cv2.connectedComponents(
            cv2.dilate(touching.astype(np.uint8), square), connectivity=8, ltype=cv2.CV_32S
        )
        rows, columns = np.nonzero(touching)
        group = labels[rows, columns]
        for number in np.unique(group):
            own = rows[group == number], columns[group == number]
            if served[own].any():
                continue
            place = np.array([own[1].mean(), own[0].mean()])
            seen = _direction(beside, place, own, reach, settings)
            if seen is not None and (seen[0][1] if above else -seen[0][1]) >= -LEVEL:
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
    beside: Bools,
    place: Vectors,
    touching: tuple[NDArray[np.intp], NDArray[np.intp]],
    reach: int,
    settings: Extraction,
) -> tuple[Vectors, float] | None:
    """The direction and width of the piece of ink that touches a line there, as far as it lies within reach."""
    column, row = (int(at) for at in np.round(place))
    top, left = max(row - reach, 0), max(column - reach, 0)
    window = beside[top : row + reach + 1, left : column + reach + 1]
    _, labels = cv2.connectedComponents(window.astype(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    inside = (np.abs(touching[0] - row) <= reach) & (np.abs(touching[1] - column) <= reach)
    own = np.unique(labels[touching[0][inside] - top, touching[1][inside] - left])
    rows, columns = np.nonzero(np.isin(labels, own[own > 0]))
    if len(rows) < max(settings.passage_least, 2):
        return None
    points = np.stack([columns + left, rows + top], axis=1) - place
    spread, axes = np.linalg.eigh(np.cov(points.T))
    along = axes[:, 1] * np.sign(axes[:, 1] @ points.mean(axis=0) or 1.0)
    length = float(np.ptp(points @ along)) + 1
    return -along, min(len(rows) / length, 2 * float(np.sqrt(3 * max(spread[0], 0.0))) + 1)


def _curve(one: Contact, other: Contact, settings: Extraction) -> Vectors | None:
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
