"""From one row an image to one row an independent unit: image, pair or writer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sigforensics.errors import TooFewImages

__all__ = ["IndependentUnits", "Unit", "independent_units", "means_by_row"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
Unit = Literal["image", "pair", "writer"]
ROUNDING = 1e-12
"""Share of a band's largest value: a smaller standard deviation may be rounding, and counts as none. Means of 1000
numbers are off by less than a tenth of it."""


@dataclass(frozen=True, eq=False)
class IndependentUnits:
    """Two tables whose rows are independent of each other within a table."""

    true: FloatArray
    """Shape (units, bands)."""
    fake: FloatArray
    """Shape (units, bands)."""
    aligned: bool
    """Whether row i of both tables belongs to the same pair or writer."""
    unit: Unit
    n_true: int
    """True images behind the table."""
    n_fake: int
    true_images: FloatArray
    """Shape (images, bands): what the table has the means of."""
    fake_images: FloatArray
    true_rows: IntArray
    """Shape (images,): the row of the table that each image belongs to."""
    fake_rows: IntArray
    notes: tuple[str, ...] = ()

    @property
    def n_units(self) -> int:
        """Units that are exchanged: rows of one table where aligned, else of both."""
        return len(self.true) if self.aligned else len(self.true) + len(self.fake)

    @property
    def differences(self) -> FloatArray:
        """Fake minus true of each unit, shape (units, bands); only where aligned."""
        if not self.aligned:
            raise ValueError("units of different images or writers have no differences")
        return self.fake - self.true

    @property
    def difference(self) -> FloatArray:
        """Mean of the fake units less mean of the true ones, shape (bands,)."""
        difference: FloatArray = self.fake.mean(axis=0) - self.true.mean(axis=0)
        return difference

    @property
    def variances(self) -> tuple[FloatArray, ...]:
        """Variance of the differences, or of each set where not aligned, each of shape (bands,).

        0 where the values are equal but for rounding.
        """
        tables = (self.differences,) if self.aligned else (self.true, self.fake)
        largest = np.maximum(np.abs(self.true).max(axis=0), np.abs(self.fake).max(axis=0))
        variances = (table.var(axis=0, ddof=1) for table in tables)
        return tuple(np.where(one > (ROUNDING * largest) ** 2, one, 0.0) for one in variances)

    @property
    def squared_errors(self) -> tuple[FloatArray, ...]:
        """Squared standard errors of the means that the difference is made of, each of shape (bands,)."""
        sizes = (len(self.true), len(self.fake))  # equal where aligned, and the second is then not needed
        return tuple(variance / size for variance, size in zip(self.variances, sizes, strict=False))

    @property
    def degrees_of_freedom(self) -> FloatArray:
        """Of the difference's standard error: n - 1, or Welch-Satterthwaite's, shape (bands,)."""
        tables = (self.true,) if self.aligned else (self.true, self.fake)
        total = sum(self.squared_errors)
        weights = sum(
            part**2 / (len(table) - 1) for part, table in zip(self.squared_errors, tables, strict=True)
        )
        freedom: FloatArray = np.where(weights > 0, total, 1.0) ** 2 / np.where(weights > 0, weights, 1.0)
        return freedom

    @property
    def smallest_side(self) -> int:
        """Units in the smaller table."""
        return min(len(self.true), len(self.fake))


def independent_units(
    true_features: FloatArray,
    fake_features: FloatArray,
    *,
    paired: bool,
    units_true: Sequence[str] | None = None,
    units_fake: Sequence[str] | None = None,
) -> IndependentUnits:
    """Average whatever is not independent.

    Signatures of one writer resemble each other, and a fake resembles the image that it was made from. So
    writers, where they are told, are the units, each with the mean of its images (all writers weigh the
    same); else pairs, where sets are paired; else images. Writers in both sets are compared each with itself,
    and writers in only one are then left out; where no writer is in both, the two sets of writers are
    compared.

    Parameters
    ----------
    true_features, fake_features : float64, shape (n, bands)
        One row an image.
    paired : bool
        Whether row i of one belongs to row i of the other.
    units_true, units_fake : sequence of str, optional
        The writer of each row.

    Raises
    ------
    TooFewImages
        If a set has fewer than two units.
    ValueError
        If shapes or writers do not fit each other, or a value is not finite.
    """
    _check_features(true_features, fake_features, paired, units_true, units_fake)
    counts = {"n_true": len(true_features), "n_fake": len(fake_features)}
    if units_true is not None and units_fake is not None:
        return _by_writer(true_features, fake_features, np.asarray(units_true), np.asarray(units_fake))
    unit: Unit = "pair" if paired else "image"
    for name, table in (("true", true_features), ("fake", fake_features)):
        _require_two(name, len(table), unit)
    note = (
        f"each {unit} was taken as independent: if several are by one writer, intervals are too short and p-values too small; "
        "'compare --writers-from TABLE' names the writers"
    )
    return IndependentUnits(
        true_features,
        fake_features,
        paired,
        unit,
        **counts,
        true_images=true_features,
        fake_images=fake_features,
        true_rows=np.arange(len(true_features)),
        fake_rows=np.arange(len(fake_features)),
        notes=(note,),
    )


def _by_writer(
    true_features: FloatArray,
    fake_features: FloatArray,
    units_true: NDArray[np.str_],
    units_fake: NDArray[np.str_],
) -> IndependentUnits:
    common = np.intersect1d(units_true, units_fake)
    if common.size == 0:
        names = np.unique(units_true), np.unique(units_fake)
        notes: tuple[str, ...] = ("no writer is in both sets: the difference may be one between writers",)
    else:
        names = common, common
        left_out = np.union1d(units_true, units_fake).size - common.size
        notes = (f"{left_out} writers that are in one set only were left out",) if left_out else ()
    _require_two("true", names[0].size, "writer")
    _require_two("fake", names[1].size, "writer")
    true_rows, true_images = _rows_of(true_features, units_true, names[0])
    fake_rows, fake_images = _rows_of(fake_features, units_fake, names[1])
    return IndependentUnits(
        true=means_by_row(true_images, true_rows),
        fake=means_by_row(fake_images, fake_rows),
        aligned=common.size > 0,
        unit="writer",
        n_true=len(true_images),
        n_fake=len(fake_images),
        true_images=true_images,
        fake_images=fake_images,
        true_rows=true_rows,
        fake_rows=fake_rows,
        notes=notes,
    )


def _rows_of(
    features: FloatArray, units: NDArray[np.str_], names: NDArray[np.str_]
) -> tuple[IntArray, FloatArray]:
    """The place among the names of each image whose unit is among them, and the images."""
    kept = np.isin(units, names)
    return np.searchsorted(names, units[kept]), features[kept]


def means_by_row(features: FloatArray, rows: IntArray) -> FloatArray:
    """The mean of the images of each row, shape (rows, bands). rows, shape (images,): 0 and up, none left out."""
    return np.array([features[rows == row].mean(axis=0) for row in range(int(rows.max()) + 1)])


def _require_two(name: str, count: int, unit: Unit) -> None:
    if count < 2:
        have = f"only {count} {unit}" if count else f"no {unit}"
        raise TooFewImages(f"the {name} set", f"{have} to compare", f"give at least two {unit}s a set")


def _check_features(
    true_features: FloatArray,
    fake_features: FloatArray,
    paired: bool,
    units_true: Sequence[str] | None,
    units_fake: Sequence[str] | None,
) -> None:
    if true_features.ndim != 2 or true_features.shape[1:] != fake_features.shape[1:]:
        raise ValueError(f"features of shapes {true_features.shape} and {fake_features.shape} do not fit")
    if not (np.isfinite(true_features).all() and np.isfinite(fake_features).all()):
        raise ValueError("features must be finite")
    if paired and len(true_features) != len(fake_features):
        raise ValueError(f"{len(true_features)} true and {len(fake_features)} fake rows are no pairs")
    if (units_true is None) != (units_fake is None):
        raise ValueError("name the writers of both sets or of none")
    if units_true is not None and units_fake is not None:
        if (len(units_true), len(units_fake)) != (len(true_features), len(fake_features)):
            raise ValueError("one writer a row expected")
        if paired and list(units_true) != list(units_fake):
            raise ValueError("the two images of a pair must have one writer")
