"""The difference at every single frequency, with p-values that allow for looking at all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from sigforensics.statistics.exchanges import TIE, Exchange, deviation_flips, exchange_of, labellings
from sigforensics.statistics.units import FloatArray, IndependentUnits, independent_units

__all__ = ["FrequencyTest", "frequency_test"]

CHUNK = 2**21
"""Statistics held at once: 16 MB."""
FINEST = 0.02
"""Width of the classes in which the statistics of exchanges are counted, over which the p of a normal value changes by 2 %."""
CLASSES = 20_000


@dataclass(frozen=True, eq=False)
class FrequencyTest:
    """Fake less true at each of many frequencies."""

    difference: FloatArray
    """Nats, shape (frequencies,)."""
    p_corrected: FloatArray
    """Shape (frequencies,): against the largest statistic over all frequencies."""
    p_fdr: FloatArray
    """Shape (frequencies,): the false discovery rate at which the frequency is found (Benjamini & Hochberg 1995)."""


def frequency_test(
    true: NDArray[np.float32],
    fake: NDArray[np.float32],
    *,
    paired: bool,
    permutations: int,
    rng: np.random.Generator,
) -> FrequencyTest:
    """Test each frequency, as :func:`sigforensics.statistics.permutation_test` tests each band.

    The corrected p is from the largest studentised statistic over all frequencies after each exchange. A false discovery
    rate over 262144 frequencies needs p-values far below 1 / permutations: that of a frequency is how often any frequency
    reaches its statistic after any exchange, which takes studentised statistics to have one distribution at all of
    them. Frequencies are taken in chunks, of which memory holds one; the tables are the largest thing in it.

    Parameters
    ----------
    true, fake : float32, shape (units, frequencies)
        Mean of ln(|DCT| + floor) of each unit, without DC.
    paired : bool
        Whether row i of both belongs to one pair or writer.
    permutations : int
        The most to make.
    rng : numpy.random.Generator

    Raises
    ------
    TooFewImages, ValueError
        As :func:`sigforensics.statistics.independent_units`.
    """
    tables = _Tables(true, fake, paired)
    tests = [_test(tables, exchange_of, permutations, rng)]
    if not paired:
        tests.append(_test(tables, lambda units: deviation_flips(units.true, units.fake), permutations, rng))
    p, p_corrected = np.max(tests, axis=0)
    return FrequencyTest(
        difference=fake.mean(axis=0, dtype=np.float64) - true.mean(axis=0, dtype=np.float64),
        p_corrected=p_corrected,
        p_fdr=np.asarray(scipy.stats.false_discovery_control(p, method="bh")),
    )


@dataclass(frozen=True, eq=False)
class _Tables:
    true: NDArray[np.float32]
    fake: NDArray[np.float32]
    paired: bool

    @property
    def n_units(self) -> int:
        return len(self.true) if self.paired else len(self.true) + len(self.fake)

    def units(self, part: slice) -> IndependentUnits:
        """Some of the frequencies, in float64."""
        tables = (table[:, part].astype(np.float64) for table in (self.true, self.fake))
        return independent_units(*tables, paired=self.paired)


def _test(
    tables: _Tables,
    make: Callable[[IndependentUnits], Exchange],
    permutations: int,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """The p-value of each frequency by itself, and corrected for all."""
    any_one = make(tables.units(slice(1)))
    labels = np.concatenate(list(labellings(any_one, permutations, rng)))
    observed, largest, counts = np.empty(tables.true.shape[1]), np.zeros(len(labels)), np.zeros(CLASSES)
    step = max(1, CHUNK // len(labels))
    for start in range(0, observed.size, step):
        part = slice(start, start + step)
        units = tables.units(part)
        as_it_is, exchange = exchange_of(units), make(units)
        observed[part] = as_it_is.statistic(as_it_is.observed[np.newaxis], as_it_is.values)[0]
        permuted = exchange.statistic(labels, exchange.values)
        np.maximum(largest, permuted.max(axis=1), out=largest)
        counts += np.bincount(_classes(permuted, tables).ravel(), minlength=CLASSES)
    # where all exchanges were made the observed one is among them; flips of deviations hold it nowhere
    more = 0 if make is exchange_of and any_one.exhausted(permutations) else 1
    reached = len(labels) - np.searchsorted(np.sort(largest), observed * (1 - TIE))
    in_class_or_above = np.cumsum(counts[::-1])[::-1][_classes(observed, tables)]
    return (
        np.minimum((in_class_or_above + 1) / (len(labels) * observed.size + 1), 1.0),
        (reached + more) / (len(labels) + more),
    )


def _classes(statistic: FloatArray, tables: _Tables) -> NDArray[np.intp]:
    """The class of each statistic; of normal values, p falls by about as much from one class to the next."""
    n = tables.n_units
    with np.errstate(divide="ignore"):
        squares = (
            -np.log1p(-(np.minimum(statistic, 1.0) ** 2)) if tables.paired else np.log1p(statistic**2 / n)
        )
    return np.asarray(np.minimum(squares * n / 2 / FINEST, CLASSES - 1), np.intp)
