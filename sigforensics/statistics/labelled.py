"""Images with their set and their unit: what the tests of whole sets look at."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sigforensics.statistics.counts import fewer_images
from sigforensics.statistics.units import FloatArray, IndependentUnits, IntArray

__all__ = ["LabelledImages", "images_of", "images_of_parts", "thinned"]


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """The images of two sets, one after the other."""

    features: FloatArray
    """Shape (images, bands)."""
    side: FloatArray
    """Shape (images,): -1 of the first set (true), 1 of the second (fake)."""
    unit: IntArray
    """Shape (images,): 0 and up. Where units are not aligned, those of the second set count on after the first's."""
    aligned: bool
    """Whether a unit has images of both sides."""

    @property
    def n_units(self) -> int:
        """Units that are exchanged."""
        return int(self.unit.max()) + 1

    def sides(self, labels: FloatArray) -> FloatArray:
        """The sides after exchanges, shape (exchanges, images).

        labels, shape (exchanges, units): 1 or -1 where aligned, -1 exchanging the two sides of a unit; else 1 for units
        of the second set and 0 for those of the first.
        """
        signs = labels if self.aligned else 2 * labels - 1
        return signs[:, self.unit] * (self.side if self.aligned else 1.0)


def images_of(units: IndependentUnits) -> LabelledImages:
    """The images of both sets."""
    after = 0 if units.aligned else len(units.true)
    return _joined(
        (units.true_images, units.true_rows),
        (units.fake_images, units.fake_rows + after),
        aligned=units.aligned,
    )


def images_of_parts(
    first: tuple[FloatArray, IntArray, IntArray], second: tuple[FloatArray, IntArray, IntArray]
) -> LabelledImages:
    """The images of some units of one table and of some of another (or the same), each part a set.

    Each is (images, the row of each, the rows that are taken).
    """
    one, other = (_taken(*part) for part in (first, second))
    return _joined(one, (other[0], other[1] + len(first[2])), aligned=False)


def _taken(images: FloatArray, rows: IntArray, taken: IntArray) -> tuple[FloatArray, IntArray]:
    places = np.full(int(rows.max()) + 1, -1)
    places[taken] = np.arange(len(taken))
    kept = places[rows] >= 0
    return images[kept], places[rows[kept]]


def _joined(
    one: tuple[FloatArray, IntArray], other: tuple[FloatArray, IntArray], *, aligned: bool
) -> LabelledImages:
    return LabelledImages(
        features=np.concatenate([one[0], other[0]]),
        side=np.repeat([-1.0, 1.0], [len(one[0]), len(other[0])]),
        unit=np.concatenate([one[1], other[1]]),
        aligned=aligned,
    )


def thinned(units: IndependentUnits, *, images: int, rng: np.random.Generator) -> IndependentUnits:
    """The units themselves if they have at most so many images; else random ones of them, and random images of each.

    Units go where there are more than images may stay, from the larger set first; those that stay keep an equal share of the
    images. The tables of units stay means over all images of each.
    """
    if units.n_true + units.n_fake <= images:
        return units
    sizes = np.array([len(units.true), len(units.fake)])
    fewer = np.minimum(sizes, images // 2)
    if not units.aligned:
        fewer = np.minimum(sizes, images - fewer[::-1])
    one = np.sort(rng.permutation(sizes[0])[: fewer[0]])
    other = one if units.aligned else np.sort(rng.permutation(sizes[1])[: fewer[1]])
    share = max(1, images // int(fewer.sum()))
    parts = [
        _taken(*fewer_images(table, rows, np.full(int(rows.max()) + 1, share), rng), kept)
        for table, rows, kept in (
            (units.true_images, units.true_rows, one),
            (units.fake_images, units.fake_rows, other),
        )
    ]
    return replace(
        units,
        true=units.true[one],
        fake=units.fake[other],
        true_images=parts[0][0],
        true_rows=parts[0][1],
        fake_images=parts[1][0],
        fake_rows=parts[1][1],
        n_true=len(parts[0][0]),
        n_fake=len(parts[1][0]),
    )
