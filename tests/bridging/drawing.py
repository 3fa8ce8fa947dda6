"""Strokes of known course, their ink and edges, and holes in them."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from sigforensics.augmentation import Square, erase_squares
from sigforensics.bridging import CarriedOn, StrokeEnd, bridge_strokes, stroke_ends
from sigforensics.preprocessing import target_to_edges
from sigforensics.settings import Bridging, Preprocessing

SIZE = 512


class Drawn(NamedTuple):
    """Strokes as they are."""

    ink: np.ndarray
    edges: np.ndarray

    def cut(self, *holes: Square) -> np.ndarray:
        """The edges that are left."""
        return erase_squares(self.edges, holes)

    def carried_on(self, *holes: Square, **changes: object) -> CarriedOn:
        """What becomes of the edges that are left."""
        return bridge_strokes(self.cut(*holes), holes, ink=self.ink, settings=Bridging(**changes))

    def ends(self, hole: Square, **changes: object) -> list[StrokeEnd]:
        """The ends that a hole makes."""
        return stroke_ends(self.ink, self.cut(hole), hole, settings=Bridging(**changes))


def strokes(*courses: np.ndarray, width: int = 7, ink: int = 200, size: int = SIZE) -> Drawn:
    """Strokes along points, columns and rows, with the edges that the generator is given."""
    drawn = np.zeros((size, size), np.uint8)
    for points in courses:
        cv2.polylines(drawn, [np.round(points).astype(np.int32)], False, ink, width)
    return Drawn(drawn, target_to_edges(drawn, settings=Preprocessing(size=size)))


def line(start: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    """Points from one place to another."""
    return np.linspace(start, end, 200)


def square(left: int, top: int, side: int) -> Square:
    """A hole."""
    return slice(top, top + side), slice(left, left + side)
