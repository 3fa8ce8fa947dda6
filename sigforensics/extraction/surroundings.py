"""What is around a hypothesis: other handwriting, print, ruled lines; as measures and as a small picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.extraction.box import Box
from sigforensics.extraction.components import Components
from sigforensics.extraction.grouping import Members, bounds_of

__all__ = ["PICTURE", "Layers", "Surroundings", "layers_of", "look_around", "picture"]

BoolImage = NDArray[np.bool_]
ByteImage = NDArray[np.uint8]
PICTURE = (48, 96)
"""Height and width in pixels of the picture that the network sees."""
LEAST_HEIGHT = 20.0
"""Millimetres of the page that a picture shows at least from top to bottom."""


@dataclass(frozen=True)
class Layers:
    """A sheet's ink by what it was taken for; each uint8, 0 or 255, shape (height, width)."""

    hand: ByteImage
    """Pieces that may belong to a signature."""
    print_: ByteImage
    """All other pieces."""
    ruled: ByteImage
    sums: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]
    """Integral images of the three: number of pixels above and left of each corner, shape (height + 1, width + 1)."""
    chosen: BoolImage
    """Shape (n,): which pieces are in ``hand``."""


@dataclass(frozen=True)
class Surroundings:
    """What stands around a group; shares of areas unless said otherwise."""

    across: float
    """Middle of the group on the page: 0 left, 1 right."""
    page: float
    """Height of the page in millimetres."""
    hand_inside: float
    """Other handwriting in the group's box, over the group's ink."""
    print_inside: float
    """Print in the group's box, over the group's ink."""
    hand_close: float
    """Other handwriting within 4 mm of the box, over the group's ink."""
    hand_near: float
    """Other handwriting within 15 mm, over the group's ink."""
    hand_row: float
    """Other handwriting on the same rows, 40 mm to both sides: share of that area."""
    print_above: float
    """Print in the 8 mm above the box: share of that area."""
    print_below: float
    """Print in the 8 mm below."""
    print_left: float
    """Print on the same rows in the 30 mm left of it."""
    print_right: float
    """Print on the same rows in the 30 mm right of it."""
    ruled_under: float
    """Ruled line between the middle of the box and 4 mm below it: its pixels over the pixels of a row."""
    page_hand: float
    """All handwriting on the page over the group's ink."""
    page_print: float
    """Share of the page covered by print."""


def layers_of(pieces: Components, chosen: BoolImage, ruled: BoolImage) -> Layers:
    """A sheet's ink in three layers; ``chosen`` says which pieces may belong to a signature."""
    kinds = np.concatenate([[0], np.where(chosen, 1, 2)]).astype(np.uint8)
    kind = kinds[pieces.labels]
    images = [(mask * np.uint8(255)).astype(np.uint8) for mask in (kind == 1, kind == 2, ruled)]
    first, second, third = (np.asarray(cv2.integral(image // 255), np.int32) for image in images)
    return Layers(images[0], images[1], images[2], (first, second, third), chosen)


def look_around(pieces: Components, members: Members, layers: Layers, *, per_mm: float) -> Surroundings:
    """Measure what stands around a group."""
    box = Box.spanning(*bounds_of(pieces, members))
    height, width = layers.hand.shape
    own = float(pieces.area[members].sum())
    own_hand = float(pieces.area[members][layers.chosen[members]].sum())
    hand, print_, ruled = layers.sums

    def ink(of: NDArray[np.int32], left: float, top: float, right: float, bottom: float) -> float:
        return _count(of, box, (left * per_mm, top * per_mm, right * per_mm, bottom * per_mm))

    def others(grown: float) -> float:
        return (ink(hand, grown, grown, grown, grown) - own_hand) / own

    tall, wide = box.height / per_mm, box.width / per_mm
    area = per_mm**2
    row = ink(hand, 40, 0, 40, 0) - ink(hand, 0, 0, 0, 0)
    return Surroundings(
        across=(box.left + box.right) / 2 / width,
        page=height / per_mm,
        hand_inside=others(0),
        print_inside=(ink(print_, 0, 0, 0, 0) - (own - own_hand)) / own,
        hand_close=others(4),
        hand_near=others(15),
        hand_row=row / (80 * tall * area),
        print_above=ink(print_, 0, 8, 0, -tall) / (8 * wide * area),
        print_below=ink(print_, 0, -tall, 0, 8) / (8 * wide * area),
        print_left=ink(print_, 30, 0, -wide, 0) / (30 * tall * area),
        print_right=ink(print_, -wide, 0, 30, 0) / (30 * tall * area),
        ruled_under=ink(ruled, 0, -tall / 2, 0, 4) / box.width,
        page_hand=float(hand[-1, -1]) / own,
        page_print=float(print_[-1, -1]) / (height * width),
    )


def _count(sums: NDArray[np.int32], box: Box, grown: tuple[float, float, float, float]) -> float:
    """Pixels in a box whose sides are moved outwards: left, top, right, bottom."""
    height, width = sums.shape[0] - 1, sums.shape[1] - 1
    left, right = (int(np.clip(round(x), 0, width)) for x in (box.left - grown[0], box.right + grown[2]))
    top, bottom = (int(np.clip(round(y), 0, height)) for y in (box.top - grown[1], box.bottom + grown[3]))
    return float(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left])


def picture(pieces: Components, members: Members, layers: Layers, *, per_mm: float) -> ByteImage:
    """The group and what is around it, small.

    Returns
    -------
    uint8, shape (48, 96, 3)
        Share of ink in each cell, 0 to 255: of the group, of other handwriting, of print and ruled lines.
    """
    box = Box.spanning(*bounds_of(pieces, members))
    high = max(1.5 * box.height, 0.75 * box.width, LEAST_HEIGHT * per_mm)
    window = round(high), round(2 * high)
    top = round((box.top + box.bottom - window[0]) / 2)
    left = round((box.left + box.right - window[1]) / 2)
    chosen = np.zeros(len(pieces) + 1, bool)
    chosen[members + 1] = True
    own = np.zeros(window, np.uint8)
    row, column = box.top - top, box.left - left
    mask = chosen[pieces.labels[box.slices]]
    own[row : row + box.height, column : column + box.width] = mask * np.uint8(255)
    hand = cv2.subtract(_window(layers.hand, left, top, window), own)
    rest = cv2.max(_window(layers.print_, left, top, window), _window(layers.ruled, left, top, window))
    rest = cv2.subtract(rest, own)
    size = PICTURE[::-1]
    small = [cv2.resize(np.asarray(one), size, interpolation=cv2.INTER_AREA) for one in (own, hand, rest)]
    return np.asarray(np.stack(small, axis=2), np.uint8)


def _window(image: ByteImage, left: int, top: int, shape: tuple[int, int]) -> ByteImage:
    """A part of an image that may reach beyond it; there is nothing beyond."""
    found = np.zeros(shape, np.uint8)
    height, width = image.shape
    rows = slice(max(top, 0), min(top + shape[0], height))
    columns = slice(max(left, 0), min(left + shape[1], width))
    found[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = image[
        rows, columns
    ]
    return found
