"""Rows of a data frame as the arrays of a training step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.augmentation import REFERENCE_SIZE
from sigforensics.corpus import Row
from sigforensics.errors import TableInvalid
from sigforensics.gan.varying import vary_row
from sigforensics.images import ByteImage, bytes_to_unit, unit_to_signed
from sigforensics.png import read_png
from sigforensics.settings import Preprocessing, Training

__all__ = ["Batch", "epoch_order", "load_row", "step_batches"]

Batch = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]]
"""Edges, mask, target: float32 (n, size, size, 1) in [-1, 1]; seeds of dropout: int32 (n, 2)."""

HOLES = 1913
"""Keeps the draws of holes apart from those of the order."""
VARIATIONS = 2113
"""Likewise those of variations."""
SEEDS = 2**31
"""Seeds are kept below: TensorFlow takes int32."""


def epoch_order(rows: int, *, seed: int, epoch: int) -> NDArray[np.int64]:
    """The order of the rows in an epoch: it depends on seed and epoch alone, so a resumed run goes on in it."""
    return np.random.default_rng([seed, epoch]).permutation(rows)


def load_row(folder: Path, row: Row, *, size: int) -> tuple[ByteImage, ByteImage, ByteImage]:
    """Edges, mask and target of a row, uint8 (size, size) each.

    Raises
    ------
    FileUnreadable
        If a picture cannot be read.
    TableInvalid
        If a picture does not have the network's size.
    """
    images = read_png(folder / row.input), read_png(folder / row.mask), read_png(folder / row.target)
    for name, image in zip((row.input, row.mask, row.target), images, strict=True):
        if image.shape != (size, size):
            raise TableInvalid(
                folder / name,
                f"has {image.shape[1]} x {image.shape[0]} pixels, and the network {size} x {size}",
                "prepare the corpus with the --size of the network",
            )
    return images


def erase_stroke(edges: ByteImage, *, settings: Training, rng: np.random.Generator) -> ByteImage:
    """Edges with, in the share of draws that the settings state, a square around one of their pixels set to zero.

    Parameters
    ----------
    edges : ndarray of uint8, shape (size, size)
    settings : Training
    rng : numpy.random.Generator
    """
    drawn = np.flatnonzero(edges)
    if rng.random() >= settings.holes or not drawn.size:
        return edges
    least, greatest = (side * len(edges) // REFERENCE_SIZE for side in settings.hole)
    side = int(rng.integers(least, greatest, endpoint=True))
    row, column = divmod(int(rng.choice(drawn)), edges.shape[1])
    top, left = max(row - side // 2, 0), max(column - side // 2, 0)
    erased = edges.copy()
    erased[top : row - side // 2 + side, left : column - side // 2 + side] = 0
    return erased


def step_batches(
    folder: Path,
    rows: Sequence[Row],
    *,
    size: int,
    training: Training,
    preprocessing: Preprocessing,
    epoch: int,
    start: int,
) -> Iterator[Batch]:
    """The batches of an epoch from step ``start`` on, read one ahead in the background.

    The seeds of dropout differ between the rows and the epochs, and so do variations and the holes in the edges.

    Raises
    ------
    FileUnreadable, TableInvalid
        As :func:`load_row`, when the batch with that row is asked for.
    """
    seed, batch = training.seed, training.batch
    order = epoch_order(len(rows), seed=seed, epoch=epoch)

    def varied(place: int) -> tuple[ByteImage, ByteImage, ByteImage]:
        rng = np.random.default_rng([VARIATIONS, seed, epoch, place])
        images = load_row(folder, rows[place], size=size)
        return vary_row(*images, settings=training, preprocessing=preprocessing, rng=rng)

    def read(first: int) -> Batch:
        places = order[first : first + batch]
        edges, mask, target = zip(*(varied(place) for place in places), strict=True)
        holed = [
            erase_stroke(image, settings=training, rng=np.random.default_rng([HOLES, seed, epoch, place]))
            for image, place in zip(edges, places, strict=True)
        ]
        seeds = np.array([[(seed + epoch) % SEEDS, place] for place in places], np.int32)
        return _to_tensor(holed), _to_tensor(mask), _to_tensor(target), seeds

    with ThreadPoolExecutor(max_workers=1) as reader:
        ahead: Future[Any] | None = None
        for first in range(start * batch, len(order), batch):
            current, ahead = ahead, reader.submit(read, first)
            if current is not None:
                yield current.result()
        if ahead is not None:
            yield ahead.result()


def _to_tensor(images: Sequence[ByteImage]) -> NDArray[np.float32]:
    return unit_to_signed(bytes_to_unit(np.stack(images)[..., None]))
