"""What may be exchanged between two sets, and the statistic of each band after an exchange."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.statistics.units import FloatArray, IndependentUnits

__all__ = ["TIE", "Exchange", "RealArray", "deviation_flips", "exchange_of", "labellings"]

RealArray = NDArray[np.floating[Any]]
"""Statistics have the precision of what they are made from."""
BLOCK_ELEMENTS = 2**21
"""Numbers held at once: 16 MB."""
DRAWN = 4
"""Numbers held for each label: the block before, and what it is drawn from."""
TIE = 1e-6
"""Relative; statistics that are equal but for rounding are equal, as those of a labelling and its mirror image
are."""
ZERO = 1e-9
"""In units of the mean square of the band's scaled values; what is below may be rounding, and counts as no
variance."""
ZERO_32 = 1e-5
"""The same where the arithmetic is float32's."""


@dataclass(frozen=True, eq=False)
class Exchange:
    """What may be exchanged, and how."""

    values: FloatArray
    """Shape (units, bands), scaled."""
    observed: FloatArray
    """Shape (units,): the labels as they are."""
    statistic: Callable[[RealArray, RealArray], RealArray]
    """Labels of shape (permutations, units) and values to shape (permutations, bands)."""
    total: int
    """Different labellings."""
    mirrored: bool
    """Whether each labelling has a mirror image with the same statistic."""
    every: Callable[[], Iterator[FloatArray]]
    """All labellings, each of shape (units,)."""
    draw: Callable[[int, np.random.Generator], FloatArray]
    """So many random ones."""

    def exhausted(self, permutations: int) -> bool:
        """Whether so many make all that exist."""
        return self.total <= permutations

    def smallest_p(self, permutations: int) -> float:
        """A bound below which no p-value can come out.

        That of the clearest difference where all labellings are made, 1 / (1 + permutations) for random ones, whatever
        they repeat.
        """
        if self.exhausted(permutations):
            return (2 if self.mirrored else 1) / self.total
        return 1 / (1 + permutations)


def exchange_of(units: IndependentUnits) -> Exchange:
    """True and fake within each unit where units are aligned, which flips the sign of its difference; else the labels."""
    return _sign_flips(units.differences) if units.aligned else _label_swaps(units.true, units.fake)


def labellings(
    exchange: Exchange, permutations: int, rng: np.random.Generator, *, held: int | None = None
) -> Iterator[FloatArray]:
    """All labellings if there are at most ``permutations`` different ones, else so many random ones.

    In blocks of shape (some, units), so large that ``held`` values a labelling (what its labels take, if None) are 16 MB.
    """
    rows = max(1, BLOCK_ELEMENTS // (held or DRAWN * exchange.observed.size))
    if not exchange.exhausted(permutations):
        for start in range(0, permutations, rows):
            yield exchange.draw(min(rows, permutations - start), rng)
        return
    every = exchange.every()
    while block := list(itertools.islice(every, rows)):
        yield np.array(block)


def _sign_flips(differences: FloatArray) -> Exchange:
    return _all_signs(_scale(differences), _one_sample_statistic)


def deviation_flips(true: FloatArray, fake: FloatArray) -> Exchange:
    """Signs for the deviations of each set from its own mean."""
    n_true = len(true)
    values = _scale(np.concatenate([true - true.mean(axis=0), fake - fake.mean(axis=0)]))

    def statistic(signs: RealArray, values: RealArray) -> RealArray:
        moments = (
            _mean_and_squared_error(signs[:, part] @ values[part], (values[part] ** 2).sum(axis=0), size)
            for part, size in ((slice(n_true), n_true), (slice(n_true, None), len(fake)))
        )
        return _welch(*moments)

    return _all_signs(values, statistic)


def _all_signs(values: FloatArray, statistic: Callable[[RealArray, RealArray], RealArray]) -> Exchange:
    n = len(values)
    return Exchange(
        values=values,
        observed=np.ones(n),
        statistic=statistic,
        total=2**n,
        mirrored=True,
        every=lambda: (np.array(signs) for signs in itertools.product((1.0, -1.0), repeat=n)),
        draw=lambda size, rng: rng.choice([1.0, -1.0], (size, n)),
    )


def _label_swaps(true: FloatArray, fake: FloatArray) -> Exchange:
    values = np.concatenate([true, fake])
    observed = np.concatenate([np.zeros(len(true)), np.ones(len(fake))])
    total = math.comb(len(values), len(fake))

    def every() -> Iterator[FloatArray]:
        for chosen in itertools.combinations(range(len(values)), len(fake)):
            labels = np.zeros(len(values))
            labels[list(chosen)] = 1.0
            yield labels

    return Exchange(
        values=_scale(values - values.mean(axis=0)),
        observed=observed,
        statistic=_two_sample_statistic,
        total=total,
        mirrored=len(true) == len(fake),
        every=every,
        draw=lambda size, rng: rng.permuted(np.tile(observed, (size, 1)), axis=1),
    )


def _scale(values: FloatArray) -> FloatArray:
    """Each band to a root mean square of 1: no statistic changes, and rounding has a known size."""
    size = np.sqrt((values**2).mean(axis=0))
    return np.asarray(values / np.where(size > 0, size, 1.0))


def _one_sample_statistic(signs: RealArray, differences: RealArray) -> RealArray:
    """|mean| / root mean square: a growing function of |t|, the same for all bands, and never above 1.

    signs, shape (permutations, units): 1 or -1. The mean square is 1 whatever the signs.
    """
    return np.abs(signs @ differences) / len(differences)


def _two_sample_statistic(is_fake: RealArray, values: RealArray) -> RealArray:
    """|Welch's t| of labels, 1 or 0, shape (permutations, units). values: centred over all units."""
    n_fake = int(is_fake[0].sum())
    fake_sum, fake_squares = is_fake @ values, is_fake @ values**2
    true_sum, true_squares = values.sum(axis=0) - fake_sum, (values**2).sum(axis=0) - fake_squares
    return _welch(
        _mean_and_squared_error(true_sum, true_squares, len(values) - n_fake),
        _mean_and_squared_error(fake_sum, fake_squares, n_fake),
    )


def _mean_and_squared_error(total: RealArray, squares: RealArray, n: int) -> tuple[RealArray, RealArray]:
    """Mean of n values, and its squared standard error, from their sum and the sum of their squares."""
    return total / n, (squares - total**2 / n) / (n - 1) / n


def _welch(true: tuple[RealArray, RealArray], fake: tuple[RealArray, RealArray]) -> RealArray:
    """|Welch's t| from mean and squared error of each set; infinite where they differ and nothing varies."""
    difference, squared_error = np.abs(fake[0] - true[0]), true[1] + fake[1]
    zero = ZERO if squared_error.dtype == np.float64 else ZERO_32
    differs, varies = difference > zero, squared_error > zero
    t = difference / np.sqrt(np.where(varies, squared_error, 1.0))
    return np.where(varies, t, np.where(differs, np.inf, 0.0))
