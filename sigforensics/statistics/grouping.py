"""Which images make up which row of the map of single frequencies, where there are too many units for a row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigforensics.settings import Comparing
from sigforensics.statistics.units import FloatArray, IntArray, Unit

__all__ = ["GroupedUnits", "Members", "group_units"]


@dataclass(frozen=True, eq=False)
class Members:
    """The images of one set in the order of their rows."""

    images: IntArray
    """Places of the images, shape (images,); those that are left out are not among them."""
    rows: IntArray
    """Shape (images,), ascending: the row that each belongs to."""
    weights: FloatArray
    """Shape (images,): its share of the row, 1 in all of a row together."""

    @property
    def n_rows(self) -> int:
        """Rows of the table."""
        return int(self.rows[-1]) + 1


@dataclass(frozen=True, eq=False)
class GroupedUnits:
    """What the rows of two tables are made of."""

    true: Members
    fake: Members
    aligned: bool
    """Whether row i of both has the same pairs or writers."""
    unit: Unit
    """What was put together."""
    group: int
    """How many of them a row has at most; 1 where each has a row of its own."""
    left_out: int
    """Units that are in no row, of both sets."""


def group_units(
    n_true: int,
    n_fake: int,
    *,
    paired: bool,
    units_true: Sequence[str] | None = None,
    units_fake: Sequence[str] | None = None,
    settings: Comparing,
    rng: np.random.Generator,
) -> GroupedUnits:
    """Put independent units together at random until there are at most ``settings.map_units`` a side.

    Groups of units that may be exchanged may be exchanged as wholes: pairs stay pairs, the images of a writer stay
    together, and who belongs together is drawn without looking at any image. Of aligned units none is left out. Of others all
    groups of both sets have the same number, without which the means of the one would vary more than those of the other;
    what is left is left out, and so is what goes beyond the most where the smaller set has too few for larger groups.

    Parameters
    ----------
    n_true, n_fake : int
        Images.
    paired, units_true, units_fake
        As for :func:`sigforensics.statistics.independent_units`, whose units these are.
    settings : Comparing
        ``map_units`` and ``map_least_units``.
    rng : numpy.random.Generator
    """
    if units_true is not None and units_fake is not None:
        unit: Unit = "writer"
        names = np.unique(units_true), np.unique(units_fake)
        common = np.intersect1d(*names)
        aligned = common.size > 0
        names = (common, common) if aligned else names
        owners = [_owners(units, known) for units, known in zip((units_true, units_fake), names, strict=True)]
    else:
        unit, aligned = ("pair" if paired else "image"), paired
        owners = [np.arange(n_true), np.arange(n_fake)]
    counts = [int(one.max()) + 1 for one in owners]
    groups = _aligned_groups(counts[0], settings, rng) if aligned else _equal_groups(counts, settings, rng)
    true, fake = (_members(one, rows) for one, rows in zip(owners, groups, strict=True))
    used = sum(len(group) for side in groups for group in side)
    return GroupedUnits(true, fake, aligned, unit, max(map(len, groups[0])), sum(counts) - used)


def _owners(units: Sequence[str], names: NDArray[np.str_]) -> IntArray:
    """The place among the names of each image's unit, -1 where it is not among them."""
    return np.where(np.isin(units, names), np.searchsorted(names, units), -1)


def _aligned_groups(
    count: int, settings: Comparing, rng: np.random.Generator
) -> tuple[list[IntArray], list[IntArray]]:
    rows = min(count, settings.map_units)
    order = np.arange(count) if rows == count else rng.permutation(count)
    groups = np.array_split(order, rows)
    return groups, groups


def _equal_groups(
    counts: Sequence[int], settings: Comparing, rng: np.random.Generator
) -> tuple[list[IntArray], list[IntArray]]:
    wanted = -(-max(counts) // settings.map_units)
    size = max(1, min(wanted, min(counts) // settings.map_least_units))
    sides = []
    for count in counts:
        rows = min(count // size, settings.map_units)
        order = np.arange(count) if rows == count else rng.permutation(count)
        sides.append(list(order[: rows * size].reshape(rows, size)))
    return sides[0], sides[1]


def _members(owners: IntArray, groups: Sequence[IntArray]) -> Members:
    """owners, shape (images,): the unit of each image. groups: the units of each row."""
    row_of = np.full(int(owners.max()) + 1, -1)
    sizes = np.ones(len(groups))
    for row, group in enumerate(groups):
        row_of[group], sizes[row] = row, len(group)
    rows = np.where(owners < 0, -1, row_of[owners])
    images = np.flatnonzero(rows >= 0)
    images = images[np.argsort(rows[images], kind="stable")]
    own = np.bincount(owners[images])[owners[images]]
    return Members(images, rows[images], 1 / (own * sizes[rows[images]]))
