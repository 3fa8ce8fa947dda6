"""Strokes carried on across holes in edges, by good continuation: the two edges of a stroke that is cut off go on to another's.

Where a hole cuts a stroke, two lines of edges end beside each other on its border: the end of a stroke. Such ends are joined in
pairs within the hole, those first that need the shortest and least bent strokes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.morphology import skeletonize

from sigforensics.augmentation import REFERENCE_SIZE, Square
from sigforensics.images import ByteImage
from sigforensics.settings import Bridging

__all__ = ["CarriedOn", "StrokeEnd", "bridge_strokes", "joined_ends", "stroke_ends"]

Point = NDArray[np.float64]
EDGE = 255
STEPS = 64
"""Points of a drawn curve."""


@dataclass(frozen=True, eq=False)
class StrokeEnd:
    """Where a stroke is cut off. Points are column and row."""

    left: Point
    """End of the edge on the left of who looks along ``direction``, the row axis pointing down."""
    right: Point
    direction: Point
    """Length 1: the way the stroke would go on."""

    @property
    def centre(self) -> Point:
        """Between the two edges."""
        return (self.left + self.right) / 2

    @property
    def width(self) -> float:
        """Across the direction; at least a pixel."""
        return max(abs(_turn(self.direction, self.right - self.left)), 1.0)


class CarriedOn(NamedTuple):
    """Edges in which strokes go on across holes."""

    edges: ByteImage
    """Shape (size, size)."""
    joins: int
    """How many strokes go on."""


def bridge_strokes(
    edges: ByteImage, holes: Sequence[Square], *, settings: Bridging | None = None
) -> CarriedOn:
    """Edges with the outlines of cut strokes joined across holes, and nothing else.

    Parameters
    ----------
    edges : ndarray of uint8, shape (size, size)
    holes : sequence of (rows, columns)
        Squares in which the edges were erased.
    settings : Bridging, optional
        The width of strokes is stated for 512 pixels and scales with the size; other lengths do not.

    Returns
    -------
    CarriedOn
        The edges, with lines of 255 where strokes are carried on. Ends that no other end suits are left open.
    """
    settings = settings or Bridging()
    bridged, joins = edges.copy(), 0
    for hole in holes:
        if any(place.stop <= place.start for place in hole):
            continue
        for one, other in joined_ends(stroke_ends(edges, hole, settings=settings), hole, settings=settings):
            curves = [np.round(curve).astype(np.int32) for curve in _outline(one, other, settings)]
            cv2.polylines(bridged, curves, False, EDGE)
            joins += 1
    return CarriedOn(bridged, joins)


def joined_ends(
    ends: Sequence[StrokeEnd], hole: Square, *, settings: Bridging
) -> list[tuple[StrokeEnd, StrokeEnd]]:
    """Which ends of a hole are joined, by strokes that stay within it: each once at most, the cheapest pairs first."""
    side = max(place.stop - place.start for place in hole)
    costs = sorted(
        (cost, one, other)
        for one, other in combinations(range(len(ends)), 2)
        if (cost := _cost(ends[one], ends[other], side, settings)) <= settings.most_cost
    )
    free, found = set(range(len(ends))), []
    for _, one, other in costs:
        if {one, other} <= free and _stays_within(_outline(ends[one], ends[other], settings), hole):
            free -= {one, other}
            found.append((ends[one], ends[other]))
    return found


def stroke_ends(edges: ByteImage, hole: Square, *, settings: Bridging) -> list[StrokeEnd]:
    """The strokes that a hole cuts off: pairs of lines of edges that end side by side on its border, the nearest pairs first."""
    widest = settings.widest_stroke * len(edges) / REFERENCE_SIZE
    lines = _line_ends(edges, hole, settings)
    pairs = []
    for (place, (one, along_one)), (other_place, (other, along_other)) in combinations(enumerate(lines), 2):
        apart = float(np.linalg.norm(one - other))
        if apart > widest or along_one @ along_other < settings.least_parallel:
            continue
        direction = along_one + along_other
        direction = direction / np.linalg.norm(direction)
        if abs((other - one) @ direction) <= settings.most_oblique * apart:
            pairs.append((apart, place, other_place, direction))
    free, found = set(range(len(lines))), []
    for _, place, other_place, direction in sorted(pairs, key=lambda pair: pair[:3]):
        if place in free and other_place in free:
            free -= {place, other_place}
            one, other = lines[place][0], lines[other_place][0]
            left_first = _turn(direction, one - other) < 0
            found.append(StrokeEnd(*((one, other) if left_first else (other, one)), direction))
    return found


def _line_ends(edges: ByteImage, hole: Square, settings: Bridging) -> list[tuple[Point, Point]]:
    """Ends of lines of edges on the border of a hole, and the direction in which each would go on."""
    thin = np.pad(skeletonize(edges >= settings.least_edge), 1)
    neighbours = cv2.filter2D(
        thin.astype(np.uint8), -1, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT
    )
    ends = (thin & (neighbours == 2))[1:-1, 1:-1]
    rows, columns = (
        slice(max(place.start - settings.border, 0), place.stop + settings.border) for place in hole
    )
    found = []
    for row, column in np.argwhere(ends[rows, columns]) + (rows.start + 1, columns.start + 1):
        trace = _trace(thin, (int(row), int(column)), settings.trace)
        if len(trace) >= settings.least_trace:
            way = trace[0] - trace[-1]
            found.append((trace[0] - 1.0, way / np.linalg.norm(way)))
    return found


def _trace(thin: NDArray[np.bool_], start: tuple[int, int], steps: int) -> NDArray[np.float64]:
    """The line from one of its ends on, up to so many pixels or a fork; columns and rows, shape (n, 2)."""
    seen, place = [start], start
    while len(seen) < steps:
        row, column = place
        around = [
            (row + down, column + across)
            for down in (-1, 0, 1)
            for across in (-1, 0, 1)
            if (down, across) != (0, 0) and thin[row + down, column + across]
        ]
        ahead = [other for other in around if other not in seen]
        if len(ahead) != 1:
            break
        place = ahead[0]
        seen.append(place)
    return np.array(seen, np.float64)[:, ::-1]


def _cost(one: StrokeEnd, other: StrokeEnd, side: int, settings: Bridging) -> float:
    """How much a stroke between two ends would have to be long and bent; infinite where it cannot be."""
    gap = other.centre - one.centre
    length = float(np.linalg.norm(gap))
    thinner, thicker = sorted((one.width, other.width))
    if length < 1 or thicker > settings.most_uneven * thinner:
        return float("inf")
    bends = [np.arccos(np.clip(way @ gap / length, -1, 1)) for way in (one.direction, -other.direction)]
    limit = np.radians(settings.most_bent)
    if max(bends) > limit:
        return float("inf")
    return float(length / side + sum((bend / limit) ** 2 for bend in bends))


def _outline(
    one: StrokeEnd, other: StrokeEnd, settings: Bridging
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The two edges of a stroke from one end to the other: cubic curves along both directions, shape (n, 2) each."""
    reach = settings.stiffness * float(np.linalg.norm(other.centre - one.centre))
    t = np.linspace(0, 1, STEPS)[:, None]
    start, end = 2 * t**3 - 3 * t**2 + 1, 3 * t**2 - 2 * t**3
    leave, arrive = t**3 - 2 * t**2 + t, t**3 - t**2
    left, right = (
        start * begin + leave * reach * one.direction + end * finish - arrive * reach * other.direction
        for begin, finish in ((one.left, other.right), (one.right, other.left))
    )
    return left, right


def _stays_within(curves: tuple[NDArray[np.float64], NDArray[np.float64]], hole: Square) -> bool:
    """Whether the curves leave the hole by no more than the rows and columns that their ends stand in."""
    rows, columns = hole
    low, high = np.array([columns.start, rows.start]), np.array([columns.stop, rows.stop]) - 1
    points = np.concatenate(curves)
    ends = np.concatenate([curve[[0, -1]] for curve in curves])
    least, most = np.minimum(ends.min(axis=0), low), np.maximum(ends.max(axis=0), high)
    return bool(((points >= least - 0.5) & (points <= most + 0.5)).all())


def _turn(one: Point, other: Point) -> float:
    """Above zero where the second points to the right of the first, the row axis pointing down."""
    return float(one[0] * other[1] - one[1] * other[0])
