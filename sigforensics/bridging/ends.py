"""Where holes cut strokes: place, width, direction and curvature of the ink that runs into a hole."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.augmentation import REFERENCE_SIZE, Square
from sigforensics.images import ByteImage
from sigforensics.settings import Bridging

__all__ = ["StrokeEnd", "stroke_ends", "turn"]

Point = NDArray[np.float64]
Bools = NDArray[np.bool_]
NEIGHBOURS = np.ones((3, 3), np.uint8)
BROADER = 2
"""Pixels by which a layer that shows a fork is larger than usual, at least: of thin strokes one pixel more is half of it."""


@dataclass(frozen=True, eq=False)
class StrokeEnd:
    """Where a stroke is cut off. Points are column and row."""

    left: Point
    """End of the edge on the left of who looks along ``direction``, the row axis pointing down."""
    right: Point
    direction: Point
    """Length 1: the way the stroke would go on."""
    curvature: float = 0.0
    """Radians a pixel by which it turns, above zero to the right."""
    ink: int = 255
    """Largest ink, 0 to 255, where it is cut."""
    place: int = 0
    """Which of the hole's ends it is: 0, 1, ... clockwise from the upper left corner."""
    followed: float = float("inf")
    """Pixels over which it was followed away from the hole. Less than its width where it only grazes the hole."""

    @property
    def centre(self) -> Point:
        """Between the two edges."""
        return (self.left + self.right) / 2

    @property
    def width(self) -> float:
        """Across the direction; at least a pixel."""
        return max(abs(turn(self.direction, self.right - self.left)), 1.0)


def turn(one: Point, other: Point) -> float:
    """Above zero where the second points to the right of the first, the row axis pointing down."""
    return float(one[0] * other[1] - one[1] * other[0])


def stroke_ends(
    ink: ByteImage, edges: ByteImage, hole: Square, *, settings: Bridging, scale: float | None = None
) -> list[StrokeEnd]:
    """The strokes that a hole cuts off, clockwise from its upper left corner.

    Each is a run of ink along the border of the hole. From there it is followed away from the hole, a layer of pixels at a time,
    as long as they do not fall apart; the middles of those before a fork broadens them tell its direction and curvature.

    Parameters
    ----------
    ink : ndarray of uint8, shape (size, size)
        Paper 0; what is within the hole is not looked at.
    edges : ndarray of uint8, shape (size, size)
        To whose lines, where they come near, the borders of the strokes are moved.
    hole : (rows, columns)
    settings : Bridging
    scale : float, optional
        Size over 512 of the picture that this is a piece of; otherwise that of this one.
    """
    dark = ink >= settings.least_ink
    dark[hole] = False
    scale = scale or len(ink) / REFERENCE_SIZE
    lines = np.argwhere(edges >= settings.least_edge)[:, ::-1].astype(float)
    found: list[StrokeEnd] = []
    for run in _runs(dark, hole):
        if not settings.least_run <= len(run) <= settings.widest_stroke * scale:
            continue
        middles, before_fork = _followed(
            dark, run, max(round(settings.trace * scale), settings.least_trace), settings
        )
        if len(middles) < settings.least_trace:
            continue
        direction, curvature = _course(middles[:before_fork], settings)
        followed = float(np.linalg.norm(middles[0] - middles[-1]))
        own = [run[end, ::-1].astype(float) for end in (0, -1)]
        one, other = (_nearest(lines, place, settings.snap) for place in own)
        own_width, width = (abs(turn(direction, last - first)) for first, last in (own, (one, other)))
        if width < own_width / 2:  # a line that runs between both borders is the border of neither
            one, other = own
        left, right = (one, other) if turn(direction, other - one) > 0 else (other, one)
        darkest = int(ink[run[:, 0], run[:, 1]].max())
        found.append(StrokeEnd(left, right, direction, curvature, darkest, len(found), followed))
    return found


def _runs(dark: Bools, hole: Square) -> list[NDArray[np.int64]]:
    """Ink along the pixels just outside a hole: rows and columns, shape (n, 2) each, clockwise."""
    rows, columns = (np.arange(place.start, place.stop) for place in hole)
    height, width = dark.shape
    above, below, before, after = rows[0] - 1, rows[-1] + 1, columns[0] - 1, columns[-1] + 1
    sides = [
        (np.full_like(columns, above), columns, above >= 0),
        (rows, np.full_like(rows, after), after < width),
        (np.full_like(columns, below), columns[::-1], below < height),
        (rows[::-1], np.full_like(rows, before), before >= 0),
    ]
    ring = np.concatenate(
        [np.zeros((0, 2), np.int64), *(np.stack([y, x], axis=1) for y, x, there in sides if there)]
    )
    here = ring[dark[ring[:, 0], ring[:, 1]]]
    if not len(here):
        return []
    apart = np.abs(np.diff(here, axis=0)).max(axis=1) > 1
    runs = np.split(here, np.flatnonzero(apart) + 1)
    if len(runs) > 1 and np.abs(runs[-1][-1] - runs[0][0]).max() <= 1:
        runs[0] = np.concatenate([runs.pop(), runs[0]])
    return runs


def _followed(
    dark: Bools, run: NDArray[np.int64], steps: int, settings: Bridging
) -> tuple[NDArray[np.float64], int]:
    """Middles of the layers of ink from a run on, up to so many or where they fall apart: columns and rows, shape (n, 2).

    And how many of them come before a fork begins to broaden the layers.
    """
    low = np.maximum(run.min(axis=0) - steps - 2, 0)
    high = run.max(axis=0) + steps + 3
    part = dark[low[0] : high[0], low[1] : high[1]]
    front = np.zeros(part.shape, np.uint8)
    front[tuple((run - low).T)] = 1
    left, middles, sizes = part & (front == 0), [run.mean(axis=0)], [len(run)]
    fork = None
    for _ in range(steps):
        layer = (cv2.dilate(front, NEIGHBOURS) > 0) & left
        front, size = layer.astype(np.uint8), int(layer.sum())
        if not size:
            break
        if fork is None and len(sizes) >= settings.least_trace:
            usual = float(np.median(sizes))
            if size > max(settings.broadened * usual, usual + BROADER):
                fork = len(sizes)
        if not _whole(front):
            fork = fork or len(sizes)
            break
        left &= ~layer
        middles.append(np.argwhere(layer).mean(axis=0) + low)
        sizes.append(size)
    return np.array(middles)[:, ::-1], _before(sizes, fork, settings)


def _before(sizes: list[int], fork: int | None, settings: Bridging) -> int:
    """How many layers come before those that broaden to a fork; all if there is none."""
    if fork is None:
        return len(sizes)
    usual = np.median(sizes[: max(fork // 2, settings.least_trace)])
    while fork > settings.least_trace and sizes[fork - 1] > settings.broadening * usual:
        fork -= 1
    return fork


def _whole(layer: NDArray[np.uint8]) -> bool:
    """Whether it is one connected piece."""
    return cv2.connectedComponents(layer, connectivity=8)[0] == 2


def _course(middles: NDArray[np.float64], settings: Bridging) -> tuple[Point, float]:
    """Direction at the first point, towards it, and curvature beyond it: the best parabola along the longest extent."""
    along = np.linalg.svd(middles - middles.mean(axis=0))[2][0]
    along = -along if (middles[0] - middles[-1]) @ along < 0 else along
    across = np.array([-along[1], along[0]])
    x, y = (middles - middles[0]) @ along, (middles - middles[0]) @ across
    if len(middles) < settings.least_curved or np.ptp(x) < 2:
        return along, 0.0
    bend, slope, _ = np.polyfit(x, y, 2)
    direction = along + slope * across
    return direction / np.linalg.norm(direction), float(2 * bend)


def _nearest(points: NDArray[np.float64], place: Point, within: float) -> Point:
    """The nearest of these points, or the place itself where none is so near."""
    if not len(points):
        return place
    apart = np.linalg.norm(points - place, axis=1)
    return points[apart.argmin()] if apart.min() <= within else place
