"""The map of single frequencies of two sets, and the little of it that fits into a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.spectra import FrequencyGrid, nats_to_db
from sigforensics.statistics.frequencies import FrequencyTest
from sigforensics.statistics.grouping import GroupedUnits
from sigforensics.statistics.levels import level_of
from sigforensics.statistics.units import FloatArray, Unit

__all__ = ["FrequencyMap", "frequency_map"]

STRONGEST = 5
"""Frequencies that a summary names."""


@dataclass(frozen=True, eq=False, kw_only=True)
class FrequencyMap:
    """Fake less true at every frequency of a grid. DC, at (0, 0), is not tested: NaN."""

    grid: FrequencyGrid
    difference: FloatArray
    """Nats, shape ``grid.shape``."""
    standard_error: FloatArray
    """Nats, likewise."""
    p_corrected: FloatArray
    """Likewise, against the largest statistic over all frequencies."""
    p_fdr: FloatArray
    """Likewise: false discovery rate."""
    confidence: float
    """Frequencies with a corrected p of at most one less this are found."""
    unit: Unit
    group: int
    """Units in a row of the tables at most: where it is above 1, what was exchanged are means of random groups of units."""
    paired: bool
    """Whether true and fake were exchanged within pairs or writers."""
    rows_true: int
    """Rows of the tables: units, or groups of them."""
    rows_fake: int
    n_true: int
    """Images."""
    n_fake: int
    n_permutations: int
    exhaustive: bool
    smallest_p: float

    @property
    def level(self) -> float:
        """A p of it, or below it, is found: one less the confidence."""
        return level_of(self.confidence)

    @property
    def found(self) -> NDArray[np.bool_]:
        """Where the corrected p is at most ``level``, shape ``grid.shape``."""
        return self.p_corrected <= self.level

    @property
    def found_fdr(self) -> NDArray[np.bool_]:
        """Where the false discovery rate is."""
        return self.p_fdr <= self.level

    @property
    def n_frequencies(self) -> int:
        """Frequencies that were tested."""
        return self.difference.size - 1

    def summary(self) -> dict[str, Any]:
        """What a JSON document says of the map; described in ``docs/compare-json.md``."""
        names = (
            "unit", "group", "paired", "rows_true", "rows_fake", "n_true", "n_fake", "n_frequencies", "n_permutations",
            "exhaustive", "smallest_p",
        )  # fmt: skip
        return {
            "height": self.grid.shape[0],
            "width": self.grid.shape[1],
            **{name: getattr(self, name) for name in names},
            "found": int(self.found.sum()),
            "found_fdr": int(self.found_fdr.sum()),
            "strongest": [self._at(place) for place in self._strongest()],
        }

    def _strongest(self) -> NDArray[np.intp]:
        """Places of the smallest corrected p, and among equal ones of the largest differences in standard errors."""
        with np.errstate(divide="ignore", invalid="ignore"):
            strength = np.nan_to_num(np.abs(self.difference / self.standard_error).ravel(), nan=-1.0)
        return np.lexsort((-strength, self.p_corrected.ravel()))[:STRONGEST]

    def _at(self, place: np.intp) -> dict[str, float]:
        row, column = np.unravel_index(place, self.grid.shape)
        difference = float(self.difference[row, column])
        return {
            "vertical": float(self.grid.row_frequencies[row]),
            "horizontal": float(self.grid.column_frequencies[column]),
            "difference_nats": difference,
            "difference_db": nats_to_db(difference),
            "standard_error": float(self.standard_error[row, column]),
            "p_corrected": float(self.p_corrected[row, column]),
            "p_fdr": float(self.p_fdr[row, column]),
        }


def frequency_map(
    test: FrequencyTest, units: GroupedUnits, grid: FrequencyGrid, *, confidence: float
) -> FrequencyMap:
    """A test of all frequencies of a grid but DC, on the grid."""
    columns = ("difference", "standard_error", "p_corrected", "p_fdr")
    return FrequencyMap(
        grid=grid,
        **{name: np.concatenate([[np.nan], getattr(test, name)]).reshape(grid.shape) for name in columns},
        confidence=confidence,
        unit=units.unit,
        group=units.group,
        paired=units.aligned,
        rows_true=units.true.n_rows,
        rows_fake=units.fake.n_rows,
        n_true=units.true.images.size,
        n_fake=units.fake.images.size,
        n_permutations=test.n_permutations,
        exhaustive=test.exhaustive,
        smallest_p=test.smallest_p,
    )
