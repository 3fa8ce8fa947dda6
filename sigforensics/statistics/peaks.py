"""Whether spectra rise above their neighbourhood at the places where up-sampling leaves peaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sigforensics.settings import Comparing
from sigforensics.spectra import nats_to_db
from sigforensics.statistics.bootstrap import difference_intervals
from sigforensics.statistics.levels import level_of
from sigforensics.statistics.permutation import permutation_test
from sigforensics.statistics.units import FloatArray, IndependentUnits, Unit, independent_units

__all__ = ["Peak", "PeakTest", "peaks_between", "peaks_of_set"]


@dataclass(frozen=True)
class Peak:
    """One place, and what rises there."""

    vertical: float
    """Cycles per pixel."""
    horizontal: float
    """Cycles per pixel."""
    excess_nats: float
    """Mean over the units of the excess over the neighbourhood, or of its difference between two sets."""
    standard_error: float
    """Nats."""
    ci_low: float
    """Nats: lower end of the confidence interval of this place by itself."""
    ci_high: float
    excess_db: float
    """dB of amplitude."""
    p: float
    """Two-sided permutation p-value of this place by itself."""
    p_corrected: float
    """The same against the largest statistic over all places."""


@dataclass(frozen=True)
class PeakTest:
    """All places of one set, or of the difference of two."""

    unit: Unit
    """What counts as independent."""
    n_units: int
    """Units behind the test: those of one set, or of both where they do not belong together."""
    n_images: int
    """Images behind them."""
    confidence: float
    """Coverage of the intervals."""
    interval: str
    """How they were made."""
    n_permutations: int
    exhaustive: bool
    """Whether these are all that exist."""
    smallest_p: float
    """No p could have come out below it."""
    peaks: tuple[Peak, ...]

    @property
    def level(self) -> float:
        """A p of it, or below it, is found: one less the confidence."""
        return level_of(self.confidence)

    @property
    def found(self) -> tuple[Peak, ...]:
        """The places with a corrected p of at most ``level``: excess or lack."""
        return tuple(peak for peak in self.peaks if peak.p_corrected <= self.level)

    @property
    def can_find(self) -> bool:
        """Whether a p of at most ``level`` could have come out: with very few units none can."""
        return self.smallest_p <= self.level

    @property
    def risen(self) -> tuple[Peak, ...]:
        """Those of them with an excess above 0."""
        return tuple(peak for peak in self.found if peak.excess_nats > 0)


def peaks_of_set(
    excess: FloatArray,
    *,
    places: FloatArray,
    writers: Sequence[str] | None = None,
    settings: Comparing | None = None,
    rng: np.random.Generator,
) -> PeakTest:
    """Test whether the excess of a set is other than 0.

    p-values come from flipping the signs of the units' excesses at random, all places of a unit together, and
    are corrected for all places by the largest studentised statistic (Westfall & Young 1993). This is exact
    where the excess of a unit without a peak is as likely above 0 as below; for noise, whose logarithms are
    skewed, the rate of false finds is stated in the method.

    Parameters
    ----------
    excess : float64, shape (n, places)
        Nats, a row an image; see :mod:`sigforensics.spectra.peaks`.
    places : float64, shape (places, 2)
        (vertical, horizontal) cycles per pixel.
    writers : sequence of str, optional
        The writer of each image: then writers are the units, else images.
    settings : Comparing, optional
        Permutations, intervals, confidence.
    rng : numpy.random.Generator

    Raises
    ------
    TooFewImages
        If there are fewer than two units.
    """
    nothing = np.zeros_like(excess)
    units = independent_units(nothing, excess, paired=True, units_true=writers, units_fake=writers)
    unit: Unit = "image" if writers is None else "writer"
    return _test(units, unit, len(excess), places, settings or Comparing(), rng)


def peaks_between(
    one: FloatArray,
    other: FloatArray,
    *,
    places: FloatArray,
    paired: bool = False,
    writers: tuple[Sequence[str], Sequence[str]] | None = None,
    settings: Comparing | None = None,
    rng: np.random.Generator,
) -> PeakTest:
    """Test whether the excess of a set is another than that of the first: other less one.

    What belongs together is compared with itself, as in :func:`sigforensics.statistics.compare_sets`.

    Parameters
    ----------
    one, other : float64, shape (n, places)
    places : float64, shape (places, 2)
    paired : bool
        Whether row i of one belongs to row i of the other.
    writers : pair of sequences of str, optional
        Of the images of both.
    settings : Comparing, optional
    rng : numpy.random.Generator

    Raises
    ------
    TooFewImages
        If a set has fewer than two units.
    """
    first, second = writers or (None, None)
    units = independent_units(one, other, paired=paired, units_true=first, units_fake=second)
    return _test(units, units.unit, units.n_true + units.n_fake, places, settings or Comparing(), rng)


def _test(
    units: IndependentUnits,
    unit: Unit,
    n_images: int,
    places: FloatArray,
    settings: Comparing,
    rng: np.random.Generator,
) -> PeakTest:
    intervals = difference_intervals(units, settings=settings, rng=rng)
    test = permutation_test(units, permutations=settings.permutations, rng=rng)
    columns = {
        "vertical": places[:, 0],
        "horizontal": places[:, 1],
        "excess_nats": units.difference,
        "standard_error": np.sqrt(sum(units.squared_errors)),
        "ci_low": intervals.low,
        "ci_high": intervals.high,
        "excess_db": nats_to_db(1.0) * units.difference,
        "p": test.p,
        "p_corrected": test.p_corrected,
    }
    rows = np.stack(list(columns.values()), axis=1).tolist()
    return PeakTest(
        unit=unit,
        n_units=units.n_units,
        n_images=n_images,
        confidence=settings.confidence,
        interval=intervals.method,
        n_permutations=test.n_permutations,
        exhaustive=test.exhaustive,
        smallest_p=test.smallest_p,
        peaks=tuple(Peak(**dict(zip(columns, row, strict=True))) for row in rows),
    )
