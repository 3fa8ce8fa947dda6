"""Rows of a data frame as the arrays of a training step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.corpus import Row
from sigforensics.errors import TableInvalid
from sigforensics.gan.backend import tf
from sigforensics.images import ByteImage, bytes_to_unit, unit_to_signed
from sigforensics.png import read_png

__all__ = ["epoch_order", "load_row", "step_batches"]


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


def step_batches(
    folder: Path, rows: Sequence[Row], *, size: int, batch: int, seed: int, epoch: int, start: int
) -> Iterator[tuple[Any, Any, Any, Any]]:
    """The batches of an epoch from step ``start`` on, read ahead in the background.

    Yields
    ------
    tuple of tf.Tensor
        Edges, mask, target: float32 (n, size, size, 1) in [-1, 1]; seeds: int32 (n, 2), one a row and epoch.
    """
    order = epoch_order(len(rows), seed=seed, epoch=epoch)

    def generate() -> Iterator[tuple[Any, ...]]:
        for first in range(start * batch, len(order), batch):
            places = order[first : first + batch]
            stacks = zip(*(load_row(folder, rows[place], size=size) for place in places), strict=True)
            seeds = np.array([[seed + epoch, place] for place in places], np.int32)
            yield (*(unit_to_signed(bytes_to_unit(np.stack(stack)[..., None])) for stack in stacks), seeds)

    image = tf.TensorSpec((None, size, size, 1), tf.float32)
    signature = (image, image, image, tf.TensorSpec((None, 2), tf.int32))
    yield from tf.data.Dataset.from_generator(generate, output_signature=signature).prefetch(2)
