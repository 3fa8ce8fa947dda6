"""Where the specimens of a writer look most like what surrounds a hole: by distances of ink, over shifts, sizes and turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.augmentation import REFERENCE_SIZE, Square
from sigforensics.images import ByteImage
from sigforensics.settings import Grafting

__all__ = ["Affine", "Place", "distances", "places_alike"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]
Affine = NDArray[np.float64]
"""Shape (2, 3)."""


class Place(NamedTuple):
    """Where a specimen may stand in for a hole."""

    apart: float
    """Mean distance between the ink of both around the hole, there and back, pixels of the compared size."""
    specimen: int
    """Its number."""
    to_specimen: Affine
    """Takes columns and rows of the picture with the hole to those of the specimen."""


def places_alike(
    ink: ByteImage, hole: Square, specimens: Sequence[ByteImage], *, settings: Grafting, least_ink: int
) -> list[Place]:
    """Places in specimens by how well their ink fits that around a hole, the best first.

    Ink is compared as chamfer matching does it (Barrow et al. 1977): the mean distance from each pixel of ink to the nearest of
    the other picture, both ways, distances cut off at ``far``; pixels near the hole weigh more. Correlations give all shifts.

    Parameters
    ----------
    ink : ndarray of uint8, shape (size, size)
        Paper 0; what is within the hole is not looked at.
    hole : (rows, columns)
    specimens : sequence of ndarray of uint8, shape (size, size)
    settings : Grafting
    least_ink : int
        Grey level of 255 from which a pixel bears ink.
    """
    side = settings.compared
    scale, unit = side / len(ink), side / REFERENCE_SIZE
    rows, columns = (slice(int(place.start * scale), int(np.ceil(place.stop * scale))) for place in hole)
    margin = round(settings.around * unit)
    high, wide = (
        slice(max(place.start - margin, 0), min(place.stop + margin, side)) for place in (rows, columns)
    )
    window = high, wide
    outside = np.ones((side, side), bool)
    outside[rows, columns] = False
    dark = (_shrunk(ink, side) >= least_ink * settings.fainter) & outside
    near = np.clip(1 - (1 - settings.farthest) * distances(~outside) / margin, settings.farthest, 1)
    weight = np.where(outside, near, 0).astype(np.float32)[window]
    own = weight * dark[window]
    if not own.any():
        return []
    far = settings.far * unit
    distant = weight * np.minimum(distances(dark)[window], far)
    corner = (scale - 1) / 2  # where the middle of the picture's first pixel lies when it is shrunk
    found = []
    for number, specimen in enumerate(_shrunk(one, side) for one in specimens):
        for width, height, degrees in product(settings.widths, settings.heights, settings.turns):
            linear = _linear(width, height, degrees)
            seen, start = _seen(specimen, linear, window, round(settings.shift * unit))
            there = seen >= least_ink * settings.fainter
            if not there.any():
                continue
            forth = cv2.matchTemplate(np.minimum(distances(there), far), own, cv2.TM_CCORR) / own.sum()
            inked = there.astype(np.float32)
            amount = cv2.matchTemplate(inked, weight, cv2.TM_CCORR)
            back = cv2.matchTemplate(inked, distant, cv2.TM_CCORR) / np.maximum(
                amount, settings.least_amount * own.sum()
            )
            for apart, shift in _least(forth + back, settings.shifts, round(settings.shifts_apart * unit)):
                moved = (start + linear @ (shift + corner) - corner) / scale
                found.append(Place(apart, number, np.column_stack([linear, moved])))
    return sorted(found, key=lambda place: place.apart)


def distances(dark: Bools) -> Floats:
    """Pixels of each from the nearest dark one, large where there is none; of the same shape."""
    return np.asarray(cv2.distanceTransform((~dark).astype(np.uint8), cv2.DIST_L2, 3), np.float32)


def _linear(width: float, height: float, degrees: float) -> NDArray[np.float64]:
    """What takes steps in the picture to steps in a specimen that is to become so much wider, higher and turned."""
    angle = np.deg2rad(degrees)
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(turned @ np.diag([1 / width, 1 / height]))


def _shrunk(image: ByteImage, side: int) -> ByteImage:
    return np.asarray(cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _seen(
    specimen: ByteImage, linear: NDArray[np.float64], window: Square, reach: int
) -> tuple[ByteImage, NDArray[np.float64]]:
    """A specimen, stretched and turned about the middle of a window, as it is seen there and ``reach`` pixels beyond.

    And the place in the specimen that column and row 0 have at the first shift.
    """
    rows, columns = window
    first = np.array([columns.start, rows.start])
    shape = np.array([columns.stop, rows.stop]) - first + 2 * reach
    middle = first + (shape - 1) / 2 - reach
    to_specimen = np.column_stack([linear, middle - linear @ (shape - 1) / 2])
    width, height = (int(side) for side in shape)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(specimen, to_specimen, (width, height), flags=flags)
    return np.asarray(seen, np.uint8), to_specimen[:, 2] - linear @ first


def _least(values: Floats, count: int, apart: int) -> Iterator[tuple[float, NDArray[np.int64]]]:
    """So many of the least values that are not near each other: value, column and row."""
    values = values.copy()
    for _ in range(count):
        row, column = np.unravel_index(values.argmin(), values.shape)
        if not np.isfinite(values[row, column]):
            return
        yield float(values[row, column]), np.array([column, row])
        values[max(row - apart, 0) : row + apart + 1, max(column - apart, 0) : column + apart + 1] = np.inf
