"""Permutation p-values, corrected for all bands by the largest statistic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sigforensics.statistics.exchanges import TIE, Exchange, deviation_flips, exchange_of, labellings
from sigforensics.statistics.units import FloatArray, IndependentUnits

__all__ = ["PermutationTest", "permutation_test"]

EXACT = 1e-9
"""Added where a share of a count should be whole: 0.05 of 40 is 2."""


@dataclass(frozen=True, eq=False)
class PermutationTest:
    """p-values of each band, two-sided."""

    p: FloatArray
    """Shape (bands,): each band by itself."""
    p_corrected: FloatArray
    """Shape (bands,): against the largest statistic over all bands."""
    n_permutations: int
    exhaustive: bool
    """Whether all that exist were made, the observed one among them."""
    smallest_p: float
    """No p-value could have come out below it."""
    largest: tuple[FloatArray, ...]
    """The largest statistic over all bands after each exchange, in growing order; and where units are not aligned after
    each flip of deviations."""

    def critical(self, level: float) -> float:
        """The statistic that a band must exceed for a corrected p of at most ``level``; infinite where none is enough."""
        if self.smallest_p > level:
            return np.inf
        limits = []
        for largest, more in zip(self.largest, (0 if self.exhaustive else 1, 1), strict=False):
            allowed = int(level * (largest.size + more) + EXACT) - more
            limits.append(float(largest[largest.size - 1 - allowed]) if allowed >= 0 else np.inf)
        return max(limits)


def permutation_test(
    units: IndependentUnits, *, permutations: int, rng: np.random.Generator
) -> PermutationTest:
    """Test whether the means of the sets differ, by exchanging true and fake.

    Aligned units (pairs, or writers who are in both sets) exchange their two members: the sign of their
    difference flips. This is exact where true and fake are exchangeable within a unit.

    Others exchange their labels, which is exact where the sets do not differ in anything. Where they differ in
    spread it is not, even with Welch's t as the statistic (Janssen 1997, Statistics & Probability Letters 36,
    proves it for large sets): the largest of 32 bands lies far out in the tails, and if the smaller set, or
    one of two small ones, varies more, p comes out too small. So the deviations of each set from its own mean
    are given random signs as well (the wild bootstrap; Wu 1986, Annals of Statistics 14), which keeps the
    spreads apart, and the larger p of the two is returned. With 40 against 10 normal values of fourfold spread
    and 32 uncorrelated bands, labels alone give a corrected p of 0.05 or less in 0.24 of null cases, the larger
    p in 0.06. What remains (``benchmarks/permutation_level.py``): fewer than
    ``settings.Comparing.min_deviations`` units of much larger spread (0.4 at 3 against 12), and a small, wild
    and strongly skewed set (0.5 at 10 exponential values of fourfold spread against 40).

    The statistic of a band is studentised - the one-sample t, or Welch's - so that all bands weigh the same in
    the largest one, which corrects for all of them and their correlation (Westfall & Young 1993).

    If no more than ``permutations`` different ones exist, all are made and p = count / all. Otherwise
    p = (1 + count) / (1 + permutations) for random ones (Phipson & Smyth 2010), which is never 0.

    Parameters
    ----------
    units : IndependentUnits
        At least two a side.
    permutations : int
        The most to make.
    rng : numpy.random.Generator
        Source of the random ones.

    Returns
    -------
    PermutationTest
    """
    exchange = exchange_of(units)
    observed = exchange.statistic(exchange.observed[np.newaxis], exchange.values)[0] * (1 - TIE)
    count, largest = _exceedances(exchange, observed, permutations, rng)
    exhaustive, n = exchange.exhausted(permutations), largest.size
    extra = 0 if exhaustive else 1
    p, p_corrected = (count + extra) / (n + extra), (_reaching(largest, observed) + extra) / (n + extra)
    every_largest = [largest]
    if not units.aligned:
        flips = deviation_flips(units.true, units.fake)
        count, largest = _exceedances(flips, observed, permutations, rng)
        # what was observed has a difference, and is none of these: it counts as one more of them
        p = np.maximum(p, (count + 1) / (largest.size + 1))
        p_corrected = np.maximum(p_corrected, (_reaching(largest, observed) + 1) / (largest.size + 1))
        every_largest.append(largest)
    return PermutationTest(
        p=p,
        p_corrected=p_corrected,
        n_permutations=n,
        exhaustive=exhaustive,
        smallest_p=exchange.smallest_p(permutations),
        largest=tuple(every_largest),
    )


def _exceedances(
    exchange: Exchange, observed: FloatArray, permutations: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """How often each band reaches what was observed, and the largest of all bands each time, in growing order."""
    count, largest = np.zeros(observed.size), []
    for labels in labellings(exchange, permutations, rng):
        permuted = exchange.statistic(labels, exchange.values)
        count += (permuted >= observed).sum(axis=0)
        largest.append(permuted.max(axis=1))
    return count, np.sort(np.concatenate(largest))


def _reaching(largest: FloatArray, observed: FloatArray) -> FloatArray:
    return np.asarray(largest.size - np.searchsorted(largest, observed), np.float64)
