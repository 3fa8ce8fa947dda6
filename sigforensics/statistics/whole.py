"""One question for the whole: whether the two sets differ in anything at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sigforensics.settings import Comparing
from sigforensics.statistics.counts import with_equal_counts, with_equal_weights
from sigforensics.statistics.discriminant import (
    Separation,
    classifiers,
    partitions,
    separation,
    separations,
)
from sigforensics.statistics.energy import energies, unit_distances
from sigforensics.statistics.exchanges import TIE, exchange_of, labellings
from sigforensics.statistics.labelled import images_of, thinned
from sigforensics.statistics.levels import level_of
from sigforensics.statistics.results import Whole
from sigforensics.statistics.units import FloatArray, IndependentUnits

__all__ = ["whole_test"]


def whole_test(units: IndependentUnits, *, settings: Comparing, rng: np.random.Generator) -> Whole:
    """Test whether the sets differ in anything, by exchanging true and fake within units, or labels between them.

    Three statistics look for different things: the largest studentised difference of a band for one in few bands, the
    energy distance for any in the distribution, the AUC of a linear classifier for small ones in many bands together.
    Each has a p of its own from the same exchanges. ``p`` is that of the smallest of the three: how often an exchange
    gives as small a smallest one (Tippett 1931, by permutation), so that nothing is lost to Bonferroni where
    the three agree. All are two-sided by nature but the AUC, for which only telling right counts.

    Where units are not aligned, the labels are exchanged, and p is exact for sets of one distribution: it also finds a
    difference of spread, which the p of a single band leaves out. That takes units that are known equally well: where the
    sets have different numbers of images a writer, all three are of as many as both have, at random
    (:func:`sigforensics.statistics.counts.with_equal_counts`). Where units are aligned, both sides of each weigh the same in
    the AUC instead (:func:`sigforensics.statistics.counts.with_equal_weights`).
    """
    for_images, for_folds, for_exchanges, for_counts = rng.spawn(4)
    if not units.aligned:
        units = with_equal_counts(units, rng=for_counts)
    units = thinned(units, images=settings.whole_images, rng=for_images)
    images, exchange = images_of(units), exchange_of(units)
    weighed = images_of(with_equal_weights(units)) if units.aligned else images
    folds = partitions(
        len(units.true), len(units.fake), aligned=units.aligned, settings=settings, rng=for_folds
    )
    trained = None if folds is None else classifiers(weighed, folds)
    distances = unit_distances(images)

    def statistics(labels: FloatArray) -> FloatArray:
        largest = exchange.statistic(labels, exchange.values).max(axis=1)
        columns = [largest, energies(images, distances, labels)]
        if trained is not None:
            columns.append(separations(trained, weighed.sides(labels)))
        return np.stack(columns, axis=1)

    found = statistics(exchange.observed[np.newaxis])
    held = max(exchange.observed.size, 2 * len(weighed.side))
    blocks = labellings(exchange, settings.permutations, for_exchanges, held=held)
    made = np.concatenate([statistics(block) for block in blocks])
    n_permutations = len(made)
    if not exchange.exhausted(settings.permutations):
        made = np.concatenate([found, made])
    each, p = _p_values(found[0], made)
    told = None
    if trained is not None:
        told = separation(weighed, trained, confidence=settings.confidence)
        told = _with_chance(told, found[0, 2], made[:, 2], level=level_of(settings.confidence))
    return Whole(
        p_bands=float(each[0]),
        auc=told,
        p_auc=None if told is None else float(each[2]),
        energy=float(found[0, 1]),
        p_energy=float(each[1]),
        p=p,
        smallest_p=exchange.smallest_p(settings.permutations),
        n_permutations=n_permutations,
        exhaustive=exchange.exhausted(settings.permutations),
        n_images=len(images.side),
    )


def _with_chance(told: Separation, found: float, made: FloatArray, *, level: float) -> Separation:
    """The interval, extended to 0.5 where exchanges give an AUC as far from it, either way, more often than ``level``.

    Where there is nothing to learn, the classifiers of all folds learn the same accident, of which the spread over the units
    knows nothing: by itself the interval then holds 0.5 in as little as 0.8 of cases.
    """
    above, below = (made >= found - TIE).mean(), (made <= found + TIE).mean()
    if 2 * min(above, below) <= level:
        return told
    return replace(told, low=min(told.low, 0.5), high=max(told.high, 0.5))


def _p_values(found: FloatArray, made: FloatArray) -> tuple[FloatArray, float]:
    """Of each statistic, and of the smallest of these. made, shape (labellings, statistics), holds the observed labelling."""
    n = len(made)
    ordered = np.sort(made, axis=0)
    smallest = np.full(n, np.inf)
    each = np.empty(found.size)
    for column, values in enumerate(ordered.T):
        slack = TIE * np.where(np.isfinite(values), np.abs(values), 0).max()
        smallest = np.minimum(smallest, n - np.searchsorted(values, made[:, column] - slack))
        each[column] = (n - np.searchsorted(values, found[column] - slack)) / n
    return each, float((smallest <= each.min() * n + 0.5).mean())
