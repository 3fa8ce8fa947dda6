"""The difference at every single frequency, with p-values that allow for looking at all of them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from sigforensics.statistics.exchanges import Exchange, RealArray, deviation_flips, exchange_of, labellings
from sigforensics.statistics.units import FloatArray, IndependentUnits, independent_units

__all__ = ["FrequencyTest", "frequency_test", "smallest_frequency_p"]

CHUNK = 2**19
"""Statistics that a thread holds at once: 2 MB, which the caches of processors take."""
TIE = 2e-5
"""Relative; statistics of exchanges are in float32, and nearer ones may be equal."""
CLASS_BITS = 14
"""Of the 23 that a float32 has for its digits, those that do not tell classes apart: statistics of exchanges are counted in
classes 0.2 % wide, over which the p of a normal value of 5 changes by 5 %."""
CLASSES = (0x7F800000 >> CLASS_BITS) + 1
"""Up to that of infinity."""

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class FrequencyTest:
    """Fake less true at each of many frequencies."""

    difference: FloatArray
    """Nats, shape (frequencies,)."""
    standard_error: FloatArray
    """Nats, shape (frequencies,): of the difference, from the spread over the units."""
    p_corrected: FloatArray
    """Shape (frequencies,): against the largest statistic over all frequencies."""
    p_fdr: FloatArray
    """Shape (frequencies,): the false discovery rate at which the frequency is found (Benjamini & Hochberg 1995)."""
    n_permutations: int
    exhaustive: bool
    """Whether these are all that exist."""
    smallest_p: float
    """No corrected p could have come out below it."""


def frequency_test(
    true: Float32Array,
    fake: Float32Array,
    *,
    paired: bool,
    permutations: int,
    rng: np.random.Generator,
    workers: int = 1,
) -> FrequencyTest:
    """Test each frequency, as :func:`sigforensics.statistics.permutation_test` tests each band.

    The corrected p is from the largest studentised statistic over all frequencies after each exchange. A false discovery
    rate over 262144 frequencies needs p-values far below 1 / permutations: that of a frequency is how often any frequency
    reaches its statistic after any exchange, which takes studentised statistics to have one distribution at all of
    them. Frequencies are taken in chunks; the tables are the largest thing in memory. Statistics of exchanges are in float32,
    what was observed in float64.

    Parameters
    ----------
    true, fake : float32, shape (units, frequencies)
        Mean of ln(|DCT| + floor) of each unit, without DC.
    paired : bool
        Whether row i of both belongs to one pair or writer.
    permutations : int
        The most to make.
    rng : numpy.random.Generator
    workers : int
        Threads. They have no influence on the result.

    Raises
    ------
    TooFewImages, ValueError
        As :func:`sigforensics.statistics.independent_units`.
    """
    tables = _Tables(true, fake, paired)
    exchange = exchange_of(tables.units(slice(1)))
    tests = [_test(tables, exchange_of, permutations, rng, workers)]
    if not paired:
        flips = _test(
            tables, lambda units: deviation_flips(units.true, units.fake), permutations, rng, workers
        )
        tests.append(flips)
    p, p_corrected = np.max(tests, axis=0)
    difference, standard_error = tables.differences()
    return FrequencyTest(
        difference=difference,
        standard_error=standard_error,
        p_corrected=p_corrected,
        p_fdr=np.asarray(scipy.stats.false_discovery_control(p, method="bh")),
        n_permutations=exchange.total if exchange.exhausted(permutations) else permutations,
        exhaustive=exchange.exhausted(permutations),
        smallest_p=exchange.smallest_p(permutations),
    )


def smallest_frequency_p(n_true: int, n_fake: int, *, paired: bool, permutations: int) -> float:
    """The bound below which no corrected p can come out of so many units, whatever they show.

    >>> smallest_frequency_p(5, 5, paired=True, permutations=1000)
    0.0625
    """
    nothing = [np.zeros((n, 1)) for n in (n_true, n_fake)]
    return exchange_of(independent_units(*nothing, paired=paired)).smallest_p(permutations)


@dataclass(frozen=True, eq=False)
class _Tables:
    true: Float32Array
    fake: Float32Array
    paired: bool

    @property
    def size(self) -> int:
        """Frequencies."""
        return int(self.true.shape[1])

    def units(self, part: slice) -> IndependentUnits:
        """Some of the frequencies, in float64."""
        tables = (table[:, part].astype(np.float64) for table in (self.true, self.fake))
        return independent_units(*tables, paired=self.paired)

    def parts(self, rows: int) -> list[slice]:
        """All frequencies, in chunks for so many labellings."""
        step = max(1, CHUNK // rows)
        return [slice(start, min(start + step, self.size)) for start in range(0, self.size, step)]

    def differences(self) -> tuple[FloatArray, FloatArray]:
        """Difference and standard error of each frequency."""
        difference, error = np.empty(self.size), np.empty(self.size)
        for part in self.parts(len(self.true)):
            units = self.units(part)
            difference[part], error[part] = units.difference, np.sqrt(sum(units.squared_errors))
        return difference, error


@dataclass(frozen=True, eq=False)
class _Part:
    """What the exchanges did to some of the frequencies."""

    observed: FloatArray
    largest: Float32Array
    """After each exchange."""
    counts: NDArray[np.intp]
    """Statistics in each class."""


def _test(
    tables: _Tables,
    make: Callable[[IndependentUnits], Exchange],
    permutations: int,
    rng: np.random.Generator,
    workers: int,
) -> tuple[FloatArray, FloatArray]:
    """The p-value of each frequency by itself, and corrected for all."""
    any_one = make(tables.units(slice(1)))
    labels = np.concatenate(list(labellings(any_one, permutations, rng))).astype(np.float32)

    def work(part: slice) -> _Part:
        units = tables.units(part)
        as_it_is, exchange = exchange_of(units), make(units)
        observed = as_it_is.statistic(as_it_is.observed[np.newaxis], as_it_is.values)[0]
        # labels and values of float32 give statistics of float32
        permuted = exchange.statistic(labels, exchange.values.astype(np.float32))
        classes = _classes(permuted, paired=tables.paired)
        return _Part(observed, permuted.max(axis=1), np.bincount(classes.ravel(), minlength=CLASSES))

    observed, largest, counts = np.empty(tables.size), np.zeros(len(labels)), np.zeros(CLASSES, np.intp)
    parts = tables.parts(len(labels))
    with ThreadPoolExecutor(workers) as pool:
        for part, one in zip(parts, pool.map(work, parts), strict=True):
            observed[part] = one.observed
            np.maximum(largest, one.largest, out=largest)
            counts += one.counts
    # where all exchanges were made the observed one is among them; flips of deviations hold it nowhere
    more = 0 if make is exchange_of and any_one.exhausted(permutations) else 1
    reached = len(labels) - np.searchsorted(np.sort(largest), observed * (1 - TIE))
    in_class_or_above = np.cumsum(counts[::-1])[::-1][_classes(observed, paired=tables.paired)]
    return (
        np.minimum((in_class_or_above + 1) / (len(labels) * observed.size + 1), 1.0),
        (reached + more) / (len(labels) + more),
    )


def _classes(statistic: RealArray, *, paired: bool) -> NDArray[np.int32]:
    """The class of each statistic: the first digits of |t|, or of its square where pairs have |mean| / root mean square."""
    with np.errstate(divide="ignore"):
        strength = statistic**2 / np.maximum(1 - statistic**2, 0) if paired else statistic
    return np.asarray(strength, np.float32).view(np.int32) >> CLASS_BITS
