"""Permutation p-values, corrected for all bands by the largest statistic."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from sigforensics.statistics.units import FloatArray, IndependentUnits

__all__ = ["PermutationTest", "permutation_test"]

BLOCK_ELEMENTS = 2**21
"""Labels held at once: 16 MB."""
TIE = 1e-6
"""Relative; statistics that are equal but for rounding are equal, as those of a permutation and its mirror
image are."""
ZERO = 1e-9
"""In units of the mean square of the band's scaled values; what is below may be rounding, and counts as no
variance."""


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
    """No p-value could have come out below it: that of the clearest difference where all permutations are made,
    1 / (1 + permutations) for random ones, whatever they repeat."""


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
    exchange = _sign_flips(units.differences) if units.aligned else _label_swaps(units.true, units.fake)
    observed = exchange.statistic(exchange.observed[np.newaxis], exchange.values)[0] * (1 - TIE)
    count, count_of_largest, n = _exceedances(exchange, observed, permutations, rng)
    exhaustive = exchange.total <= permutations
    extra = 0 if exhaustive else 1
    p, p_corrected = (count + extra) / (n + extra), (count_of_largest + extra) / (n + extra)
    if not units.aligned:
        flips = _deviation_flips(units.true, units.fake)
        count, count_of_largest, made = _exceedances(flips, observed, permutations, rng)
        # what was observed has a difference, and is none of these: it counts as one more of them
        p = np.maximum(p, (count + 1) / (made + 1))
        p_corrected = np.maximum(p_corrected, (count_of_largest + 1) / (made + 1))
    smallest = (2 if exchange.mirrored else 1) / exchange.total
    return PermutationTest(
        p=p,
        p_corrected=p_corrected,
        n_permutations=n,
        exhaustive=exhaustive,
        smallest_p=smallest if exhaustive else 1 / (1 + permutations),
    )


@dataclass(frozen=True, eq=False)
class _Exchange:
    """What may be exchanged, and how."""

    values: FloatArray
    """Shape (units, bands), scaled."""
    observed: FloatArray
    """Shape (units,): the labels as they are."""
    statistic: Callable[[FloatArray, FloatArray], FloatArray]
    """Labels of shape (permutations, units) and values to shape (permutations, bands)."""
    total: int
    """Different labellings."""
    mirrored: bool
    """Whether each labelling has a mirror image with the same statistic."""
    every: Callable[[], Iterator[FloatArray]]
    """All labellings, each of shape (units,)."""
    draw: Callable[[int, np.random.Generator], FloatArray]
    """So many random ones."""


def _exceedances(
    exchange: _Exchange, observed: FloatArray, permutations: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, int]:
    """How often each band, and the largest of all, reaches what was observed, and in how many permutations."""
    exhaustive = exchange.total <= permutations
    n = exchange.total if exhaustive else permutations
    count, count_of_largest = np.zeros(observed.size), np.zeros(observed.size)
    for labels in _all_blocks(exchange) if exhaustive else _random_blocks(exchange, n, rng):
        permuted = exchange.statistic(labels, exchange.values)
        count += (permuted >= observed).sum(axis=0)
        largest = np.sort(permuted.max(axis=1))
        count_of_largest += largest.size - np.searchsorted(largest, observed)
    return count, count_of_largest, n


def _sign_flips(differences: FloatArray) -> _Exchange:
    return _all_signs(_scale(differences), _one_sample_statistic)


def _deviation_flips(true: FloatArray, fake: FloatArray) -> _Exchange:
    """Signs for the deviations of each set from its own mean."""
    n_true = len(true)
    values = _scale(np.concatenate([true - true.mean(axis=0), fake - fake.mean(axis=0)]))

    def statistic(signs: FloatArray, values: FloatArray) -> FloatArray:
        moments = (
            _mean_and_squared_error(signs[:, part] @ values[part], (values[part] ** 2).sum(axis=0), size)
            for part, size in ((slice(n_true), n_true), (slice(n_true, None), len(fake)))
        )
        return _welch(*moments)

    return _all_signs(values, statistic)


def _all_signs(values: FloatArray, statistic: Callable[[FloatArray, FloatArray], FloatArray]) -> _Exchange:
    n = len(values)
    return _Exchange(
        values=values,
        observed=np.ones(n),
        statistic=statistic,
        total=2**n,
        mirrored=True,
        every=lambda: (np.array(signs) for signs in itertools.product((1.0, -1.0), repeat=n)),
        draw=lambda size, rng: rng.choice([1.0, -1.0], (size, n)),
    )


def _label_swaps(true: FloatArray, fake: FloatArray) -> _Exchange:
    values = np.concatenate([true, fake])
    observed = np.concatenate([np.zeros(len(true)), np.ones(len(fake))])
    total = math.comb(len(values), len(fake))

    def every() -> Iterator[FloatArray]:
        for chosen in itertools.combinations(range(len(values)), len(fake)):
            labels = np.zeros(len(values))
            labels[list(chosen)] = 1.0
            yield labels

    return _Exchange(
        values=_scale(values - values.mean(axis=0)),
        observed=observed,
        statistic=_two_sample_statistic,
        total=total,
        mirrored=len(true) == len(fake),
        every=every,
        draw=lambda size, rng: rng.permuted(np.tile(observed, (size, 1)), axis=1),
    )


def _all_blocks(exchange: _Exchange) -> Iterator[FloatArray]:
    rows = max(1, BLOCK_ELEMENTS // exchange.observed.size)
    labellings = exchange.every()
    while block := list(itertools.islice(labellings, rows)):
        yield np.array(block)


def _random_blocks(exchange: _Exchange, n: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    rows = max(1, BLOCK_ELEMENTS // exchange.observed.size)
    for start in range(0, n, rows):
        yield exchange.draw(min(rows, n - start), rng)


def _scale(values: FloatArray) -> FloatArray:
    """Each band to a root mean square of 1: no statistic changes, and rounding has a known size."""
    size = np.sqrt((values**2).mean(axis=0))
    return np.asarray(values / np.where(size > 0, size, 1.0))


def _one_sample_statistic(signs: FloatArray, differences: FloatArray) -> FloatArray:
    """|mean| / root mean square: a growing function of |t|, the same for all bands, and never above 1.

    signs, shape (permutations, units): 1 or -1. The mean square is 1 whatever the signs.
    """
    return np.abs(signs @ differences) / len(differences)


def _two_sample_statistic(is_fake: FloatArray, values: FloatArray) -> FloatArray:
    """|Welch's t| of labels, 1 or 0, shape (permutations, units). values: centred over all units."""
    n_fake = int(is_fake[0].sum())
    fake_sum, fake_squares = is_fake @ values, is_fake @ values**2
    true_sum, true_squares = values.sum(axis=0) - fake_sum, (values**2).sum(axis=0) - fake_squares
    return _welch(
        _mean_and_squared_error(true_sum, true_squares, len(values) - n_fake),
        _mean_and_squared_error(fake_sum, fake_squares, n_fake),
    )


def _mean_and_squared_error(total: FloatArray, squares: FloatArray, n: int) -> tuple[FloatArray, FloatArray]:
    """Mean of n values, and its squared standard error, from their sum and the sum of their squares."""
    return total / n, (squares - total**2 / n) / (n - 1) / n


def _welch(true: tuple[FloatArray, FloatArray], fake: tuple[FloatArray, FloatArray]) -> FloatArray:
    """|Welch's t| from mean and squared error of each set; infinite where they differ and nothing varies."""
    difference, squared_error = np.abs(fake[0] - true[0]), true[1] + fake[1]
    differs, varies = difference > ZERO, squared_error > ZERO
    t = difference / np.sqrt(np.where(varies, squared_error, 1.0))
    return np.where(varies, t, np.where(differs, np.inf, 0.0))
