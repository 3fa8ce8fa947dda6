"""Two sets of measured images to entries: in which properties they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from sigforensics.audit.entries import AuditEntry
from sigforensics.audit.measuring import Acquisition
from sigforensics.audit.properties import Property, properties
from sigforensics.settings import Auditing
from sigforensics.statistics import IndependentUnits, PermutationTest, independent_units, permutation_test

__all__ = ["audit_sets"]

FloatArray = NDArray[np.float64]
SHOWN = 4
"""Kinds that are named; rarer ones are counted together."""


@dataclass(frozen=True, eq=False)
class _Columns:
    """A property as numbers: one column of values, or one column of zeros and ones for each kind."""

    property: Property
    kinds: tuple[str, ...]
    """Of each column; none where the values are numbers."""
    true: FloatArray
    """Shape (images, columns)."""
    fake: FloatArray


def audit_sets(
    true: Sequence[Acquisition],
    fake: Sequence[Acquisition],
    *,
    paired: bool = False,
    units_true: Sequence[str] | None = None,
    units_fake: Sequence[str] | None = None,
    one_chain: bool = False,
    settings: Auditing | None = None,
    rng: np.random.Generator,
) -> tuple[AuditEntry, ...]:
    """Decide in which properties two sets differ.

    They differ in a property if (1) no value of one set is in the other - for kinds that the file states, and for numbers
    that are the same in all images of a set - and the difference is at least the least that counts; or (2) the difference
    of the sets' means counts and the permutation test of the ranks, over independent units and corrected for all
    properties, has a p of at most ``settings.alpha``. Where units are so few that no p can be as small, it is the
    smallest that can come out, if that is at most ``settings.alpha_few``. The correction is by the largest statistic, step
    down: properties that are found no longer count among those that are looked at (Romano & Wolf 2005).

    Parameters
    ----------
    true, fake : sequence of Acquisition
    paired, units_true, units_fake
        See :func:`sigforensics.statistics.independent_units`.
    one_chain : bool
        Whether both sets are known to have gone through one chain. What pixels show, and files do not state, then comes
        from the generator: it is the very difference that is looked for, and explains nothing away.
    settings : Auditing, optional
    rng : numpy.random.Generator
        Source of random permutations.

    Returns
    -------
    tuple of AuditEntry
        One for each property, in their order.

    Raises
    ------
    TooFewImages
        If a set has fewer than two independent units.
    """
    settings = settings or Auditing()
    columns = [_to_columns(one, true, fake) for one in properties(settings)]
    values = [
        np.concatenate(tables, axis=1)
        for tables in zip(*((one.true, one.fake) for one in columns), strict=True)
    ]
    ranks = np.asarray(scipy.stats.rankdata(np.concatenate(values), axis=0))
    means, ranked = (
        independent_units(one, other, paired=paired, units_true=units_true, units_fake=units_fake)
        for one, other in (values, (ranks[: len(true)], ranks[len(true) :]))
    )
    owners = np.repeat(np.arange(len(columns)), [one.true.shape[1] for one in columns])
    p, alpha = _step_down(ranked, owners, settings, rng)
    return tuple(
        _entry(
            one,
            means.true.mean(axis=0)[owners == place],
            means.fake.mean(axis=0)[owners == place],
            p=float(p[place]),
            alpha=alpha,
            one_chain=one_chain,
            units=means,
        )
        for place, one in enumerate(columns)
    )


def _to_columns(one: Property, true: Sequence[Acquisition], fake: Sequence[Acquisition]) -> _Columns:
    values = [[getattr(image, one.name) for image in images] for images in (true, fake)]
    kinds = tuple(sorted({*values[0], *values[1]})) if one.is_kind else ()
    tables = (
        np.array([[float(value == kind) for kind in kinds] if kinds else [value] for value in side])
        for side in values
    )
    return _Columns(one, kinds, *tables)


def _step_down(
    units: IndependentUnits, owners: NDArray[np.int64], settings: Auditing, rng: np.random.Generator
) -> tuple[FloatArray, float | None]:
    """The corrected p of each property, shape (properties,), and the p up to which it is small.

    owners, shape (columns,): the property of each column. The p of a property is the smallest of its columns.
    """
    p = np.zeros(owners.max() + 1)
    left, largest = owners, 0.0
    while True:
        chosen = np.isin(owners, left)
        part = replace(units, true=units.true[:, chosen], fake=units.fake[:, chosen])
        test = permutation_test(part, permutations=settings.permutations, rng=rng)
        alpha = _reachable_alpha(test, settings)
        for place in np.unique(left):
            p[place] = max(largest, test.p_corrected[left == place].min())
        found = alpha is not None and p[left] <= alpha
        if not np.any(found) or np.all(found):
            return p, alpha
        largest = p[left][found].max()
        left = left[~found]


def _reachable_alpha(test: PermutationTest, settings: Auditing) -> float | None:
    alpha = max(settings.alpha, test.smallest_p)
    return alpha if alpha <= settings.alpha_few else None


def _entry(
    columns: _Columns,
    true: FloatArray,
    fake: FloatArray,
    *,
    p: float,
    alpha: float | None,
    one_chain: bool,
    units: IndependentUnits,
) -> AuditEntry:
    """From the means of the units, each of shape (columns,)."""
    one = columns.property
    difference = float(np.abs(fake - true).sum() / 2 if one.is_kind else (fake - true)[0])
    counts = abs(difference) >= one.least
    tested = alpha is not None and p <= alpha
    differs = counts and (tested or _certain(columns))
    return AuditEntry(
        property=one.name,
        true=_in_words(columns.kinds, true) if one.is_kind else float(true[0]),
        fake=_in_words(columns.kinds, fake) if one.is_kind else float(fake[0]),
        explains=differs and not (one_chain and one.basis == "pixels"),
        differs=differs,
        unit=one.unit,
        basis=one.basis,
        difference=difference,
        least=one.least,
        p=p,
        alpha=alpha,
        n_true=units.n_true,
        n_fake=units.n_fake,
        independent_unit=units.unit,
        n_units=units.n_units,
    )


def _certain(columns: _Columns) -> bool:
    """Whether no test is needed: no kind is in both sets, or each set has one number of its own."""
    if columns.kinds:
        apart = not np.any(columns.true.any(axis=0) & columns.fake.any(axis=0))
        return columns.property.basis == "file" and bool(apart)
    return bool(np.ptp(columns.true) == 0 and np.ptp(columns.fake) == 0)


def _in_words(kinds: Sequence[str], shares: FloatArray) -> str:
    """``PNG``, or ``PNG 75 %, JPEG 25 %``, the commonest first."""
    order = [int(place) for place in np.argsort(-shares, kind="stable") if shares[place] > 0]
    if len(order) == 1:
        return str(kinds[order[0]])
    named = [f"{kinds[place]} {100 * shares[place]:.3g} %" for place in order[:SHOWN]]
    rest = [f"others {100 * shares[order[SHOWN:]].sum():.3g} %"] if len(order) > SHOWN else []
    return ", ".join([*named, *rest])
