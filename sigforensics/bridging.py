"""Strokes carried on across holes in edges, by good continuation: the two edges of a stroke that is cut off go on to another's.

The outline of a whole stroke is closed. Where a hole cuts it, two lines of edges end beside each other: the end of a stroke.
Ends that face each other across blank paper are joined in pairs, those first that need the shortest and least bent strokes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.morphology import skeletonize

from sigforensics.augmentation import REFERENCE_SIZE
from sigforensics.images import ByteImage
from sigforensics.settings import Bridging

__all__ = ["StrokeEnd", "bridge_strokes", "stroke_ends"]

Point = NDArray[np.float64]
EDGE = 255
STEPS = 64
"""Points of a drawn curve."""
NEAR = 6
"""Pixels around the end of an edge, within which a curve may touch others."""


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


def bridge_strokes(edges: ByteImage, *, settings: Bridging | None = None) -> ByteImage:
    """Edges with the outlines of cut strokes joined across gaps.

    Parameters
    ----------
    edges : ndarray of uint8, shape (size, size)
    settings : Bridging, optional
        Lengths are stated for 512 pixels and scale with the size.

    Returns
    -------
    ndarray of uint8, shape (size, size)
        The edges, and lines of 255 where strokes are carried on. Ends that no other end suits are left open.
    """
    settings = settings or Bridging()
    bridged = edges.copy()
    ends = stroke_ends(edges, settings=settings)
    costs = sorted(
        (cost, one, other)
        for one, other in combinations(range(len(ends)), 2)
        if (cost := _cost(ends[one], ends[other], len(edges), settings)) <= settings.most_cost
    )
    free = set(range(len(ends)))
    for _, one, other in costs:
        if one in free and other in free:
            curves = _outline(ends[one], ends[other], settings)
            if _crosses_nothing(curves, ends[one], ends[other], edges):
                cv2.polylines(bridged, [np.round(curve).astype(np.int32) for curve in curves], False, EDGE)
                free -= {one, other}
    return bridged


def stroke_ends(edges: ByteImage, *, settings: Bridging) -> list[StrokeEnd]:
    """The ends of cut strokes: pairs of ends of edge lines side by side that point the same way, the nearest pairs first."""
    scale = len(edges) / REFERENCE_SIZE
    lines = _line_ends(edges, settings)
    pairs = []
    for (place, (one, along_one)), (other_place, (other, along_other)) in combinations(enumerate(lines), 2):
        apart = float(np.linalg.norm(one - other))
        if min(abs(one - other)) > settings.cut:
            continue
        direction = along_one + along_other
        length = float(np.linalg.norm(direction))
        if (
            apart > settings.widest_stroke * scale
            or along_one @ along_other < settings.least_parallel
            or not length
        ):
            continue
        direction = direction / length
        if abs((other - one) @ direction) > settings.most_oblique * apart:
            continue
        pairs.append((apart, place, other_place, direction))
    free, found = set(range(len(lines))), []
    for _, place, other_place, direction in sorted(pairs, key=lambda pair: pair[:3]):
        if place in free and other_place in free:
            free -= {place, other_place}
            one, other = lines[place][0], lines[other_place][0]
            found.append(
                StrokeEnd(one, other, direction)
                if _turn(direction, one - other) < 0
                else StrokeEnd(other, one, direction)
            )
    return found


def _line_ends(edges: ByteImage, settings: Bridging) -> list[tuple[Point, Point]]:
    """Ends of lines of edges, and the direction in which each would go on."""
    thin = np.pad(skeletonize(edges >= settings.least_edge), 1)
    neighbours = cv2.filter2D(
        thin.astype(np.uint8), -1, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT
    )
    found = []
    for row, column in zip(*np.nonzero(thin & (neighbours == 2)), strict=True):
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


def _cost(one: StrokeEnd, other: StrokeEnd, size: int, settings: Bridging) -> float:
    """How much a stroke between two ends would have to be long and bent; infinite where it cannot be."""
    gap = other.centre - one.centre
    length = float(np.linalg.norm(gap))
    longest = settings.longest * size / REFERENCE_SIZE
    thinner, thicker = sorted((one.width, other.width))
    if length < 1 or max(abs(gap)) > longest or thicker > settings.most_uneven * thinner:
        return float("inf")
    bends = [np.arccos(np.clip(way @ gap / length, -1, 1)) for way in (one.direction, -other.direction)]
    limit = np.radians(settings.most_bent)
    if max(bends) > limit:
        return float("inf")
    return float(length / longest + sum((bend / limit) ** 2 for bend in bends))


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


def _crosses_nothing(
    curves: tuple[NDArray[np.float64], NDArray[np.float64]],
    one: StrokeEnd,
    other: StrokeEnd,
    edges: ByteImage,
) -> bool:
    """Whether the curves run within the image and, but for the surroundings of both ends, over blank paper."""
    points = np.concatenate(curves)
    corners = np.array([one.left, one.right, other.left, other.right])
    away = np.linalg.norm(points[:, None] - corners, axis=2).min(axis=1) > NEAR
    places = np.round(points).astype(int)
    if (places < 0).any() or (places >= len(edges)).any():
        return False
    return not edges[places[away, 1], places[away, 0]].any()


def _turn(one: Point, other: Point) -> float:
    """Above zero where the second points to the right of the first, the row axis pointing down."""
    return float(one[0] * other[1] - one[1] * other[0])
