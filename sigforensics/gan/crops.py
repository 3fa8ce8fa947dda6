"""Crops of drawings and true images at their own resolution: what a grain head learns from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.corpus import Row
from sigforensics.gan.rows import load_row
from sigforensics.images import ByteImage, FloatImage, bytes_to_unit, unit_to_signed
from sigforensics.preprocessing import paper_map
from sigforensics.settings import Graining

__all__ = ["Crops", "Drawing", "choose_rows", "draw_crops", "load_drawings"]

Crops = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Conditions (n, side, side, 4): drawing, edges and mask in [-1, 1], paper in [0, 1]; true images (n, side, side, 1),
0 to 255."""
EDGE_REACH = 2
"""Pixels around an edge in which a crop's anchor may lie."""


@dataclass(frozen=True)
class Drawing:
    """A row with what the generator without grain makes of it; half precision, since many are kept."""

    drawing: NDArray[np.float16]
    edges: ByteImage
    mask: ByteImage
    paper: NDArray[np.float16]
    target: ByteImage
    near: NDArray[np.int64]
    """Indices of the pixels at edges, in the order of all pixels."""
    sheet: tuple[int, int, int, int]
    """Top, bottom, left, right of the mask's ink, ends included: where there is paper."""


def choose_rows(rows: Sequence[Row], *, settings: Graining) -> list[Row]:
    """At most ``settings.rows`` of the rows, drawn with the seed, in their order."""
    if len(rows) <= settings.rows:
        return list(rows)
    chosen = np.random.default_rng([settings.seed, len(rows)]).choice(len(rows), settings.rows, replace=False)
    return [rows[place] for place in np.sort(chosen)]


def load_drawings(
    data: Path,
    rows: Sequence[Row],
    *,
    size: int,
    draw: Callable[[ByteImage, ByteImage], FloatImage],
    done: Callable[[], None] = lambda: None,
) -> list[Drawing]:
    """Read rows and draw each.

    Parameters
    ----------
    data : Path
    rows : sequence of Row
        Plain ones: the edges are the target's own.
    size : int
    draw : callable
        Edges and mask, uint8 (size, size), to the drawing: float32 (size, size) in [0, 1].
    done : callable
        Is called after every row.
    """
    drawings = []
    for row in rows:
        edges, mask, target = load_row(data, row, size=size)
        drawings.append(_drawing(unit_to_signed(draw(edges, mask)), edges, mask, target))
        done()
    return drawings


def _drawing(drawing: FloatImage, edges: ByteImage, mask: ByteImage, target: ByteImage) -> Drawing:
    side = 2 * EDGE_REACH + 1
    near = np.flatnonzero(cv2.dilate(edges, np.ones((side, side), np.uint8)))
    paper = paper_map(target, edges)
    return Drawing(
        drawing.astype(np.float16), edges, mask, paper.astype(np.float16), target, near, _sheet(mask)
    )


def _sheet(mask: ByteImage) -> tuple[int, int, int, int]:
    rows, columns = (np.flatnonzero((mask > 0).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return 0, mask.shape[0] - 1, 0, mask.shape[1] - 1
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def draw_crops(drawings: Sequence[Drawing], *, settings: Graining, step: int) -> Crops:
    """The crops of a step: they depend on seed and step alone, so that a resumed run goes on with the same."""
    rng = np.random.default_rng([settings.seed, step])
    crops = [_crop(drawings[int(rng.integers(len(drawings)))], settings, rng) for _ in range(settings.crops)]
    conditions, targets = zip(*crops, strict=True)
    return np.stack(conditions), np.stack(targets)


def _crop(
    one: Drawing, settings: Graining, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    size, side = one.edges.shape[0], settings.side
    if len(one.near) and rng.random() < settings.stroke_share:
        y, x = divmod(int(one.near[rng.integers(len(one.near))]), size)
    else:
        top, bottom, left, right = one.sheet
        y, x = int(rng.integers(top, bottom + 1)), int(rng.integers(left, right + 1))
    top, left = (int(np.clip(place - rng.integers(side), 0, size - side)) for place in (y, x))
    part = (slice(top, top + side), slice(left, left + side))
    signed = [unit_to_signed(bytes_to_unit(image[part])) for image in (one.edges, one.mask)]
    conditions = [one.drawing[part].astype(np.float32), *signed, one.paper[part].astype(np.float32)]
    return np.stack(conditions, axis=-1), one.target[part].astype(np.float32)[..., None]
