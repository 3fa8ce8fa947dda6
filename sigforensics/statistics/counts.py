"""As many images a unit on either side: what makes units exchangeable that have different numbers of images."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sigforensics.statistics.units import FloatArray, IndependentUnits, IntArray, means_by_row

__all__ = ["fewer_images", "with_equal_counts", "with_equal_weights"]


def with_equal_counts(units: IndependentUnits, *, rng: np.random.Generator) -> IndependentUnits:
    """The units themselves if both sets have equally many images a unit; else random ones of their images.

    A writer with 24 images is known better than one with 2. Where the sets differ in that, exchanging writers gives sets
    that do not scatter as the observed ones do, though nothing differs but the numbers. So a writer who is in both sets
    keeps as many images on either side as the side with fewer has. Others are put in the order of their counts, and each
    keeps no more than the one at the same place (share of the set) of the other set has: both sets then have the same
    distribution of counts, and one writer with a single image costs the others little.
    """
    true, fake = (np.bincount(rows) for rows in (units.true_rows, units.fake_rows))
    most = (np.minimum(true, fake),) * 2 if units.aligned else _shared_counts(true, fake)
    if (most[0] == true).all() and (most[1] == fake).all():
        return units
    (true_images, true_rows), (fake_images, fake_rows) = (
        fewer_images(images, rows, counts, rng)
        for images, rows, counts in (
            (units.true_images, units.true_rows, most[0]),
            (units.fake_images, units.fake_rows, most[1]),
        )
    )
    return replace(
        units,
        true=means_by_row(true_images, true_rows),
        fake=means_by_row(fake_images, fake_rows),
        n_true=len(true_images),
        n_fake=len(fake_images),
        true_images=true_images,
        fake_images=fake_images,
        true_rows=true_rows,
        fake_rows=fake_rows,
    )


def with_equal_weights(units: IndependentUnits) -> IndependentUnits:
    """Aligned units with the images of the side that has fewer repeated in turn, so that both sides weigh the same.

    Else an exchange would turn a writer's many images into fakes and another's few, and what writers differ by would drown
    what the sets differ by; of as many images as both sides have the AUC would find less. Tables and counts stay.
    """
    if not units.aligned:
        raise ValueError("only units with images of both sets have two sides")
    true, fake = (np.bincount(rows) for rows in (units.true_rows, units.fake_rows))
    if (true == fake).all():
        return units
    most = np.maximum(true, fake)
    one, other = (_repeated(rows, most) for rows in (units.true_rows, units.fake_rows))
    return replace(
        units,
        true_images=units.true_images[one],
        true_rows=units.true_rows[one],
        fake_images=units.fake_images[other],
        fake_rows=units.fake_rows[other],
    )


def _repeated(rows: IntArray, most: IntArray) -> IntArray:
    """Places of the images of each row, from the first again until there are as many as ``most`` says."""
    return np.concatenate([np.resize(np.flatnonzero(rows == row), size) for row, size in enumerate(most)])


def _shared_counts(true: NDArray[np.intp], fake: NDArray[np.intp]) -> tuple[IntArray, IntArray]:
    """The most images that each unit keeps: its own count, or the one of the other set at the same quantile."""
    most = []
    for own, others in ((true, fake), (fake, true)):
        order = np.argsort(own, kind="stable")
        places = (np.arange(own.size) * others.size) // own.size
        shared = np.empty_like(own)
        shared[order] = np.minimum(own[order], np.sort(others)[places])
        most.append(shared)
    return most[0], most[1]


def fewer_images(
    images: FloatArray, rows: IntArray, most: IntArray, rng: np.random.Generator
) -> tuple[FloatArray, IntArray]:
    """Random images, in their order, at most so many of each row as ``most`` says, shape (rows,); and their rows."""
    order = rng.permutation(len(rows))
    order = order[np.argsort(rows[order], kind="stable")]
    starts = np.searchsorted(rows[order], rows[order])
    kept = np.sort(order[np.arange(len(rows)) - starts < most[rows[order]]])
    return images[kept], rows[kept]
