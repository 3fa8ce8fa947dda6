"""The control: true against true, at the sizes at which the fakes are compared too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sigforensics.errors import TooFewImages
from sigforensics.settings import Comparing
from sigforensics.statistics.counts import with_equal_counts
from sigforensics.statistics.discriminant import classifiers, partitions, separations
from sigforensics.statistics.energy import unit_distances
from sigforensics.statistics.exchanges import TIE
from sigforensics.statistics.labelled import images_of, images_of_parts, thinned
from sigforensics.statistics.results import Control, ControlBand, ControlFigure
from sigforensics.statistics.units import FloatArray, IndependentUnits, IntArray

__all__ = ["control_true_against_true", "different_splits"]


@dataclass(frozen=True, eq=False)
class _Split:
    """Rows of the tables: two parts of the true units, and as many fakes as the second has."""

    part: IntArray
    other: IntArray
    fakes: IntArray


def control_true_against_true(
    units: IndependentUnits,
    *,
    edges: FloatArray,
    settings: Comparing | None = None,
    rng: np.random.Generator,
) -> Control:
    """Compare random parts of the true set with each other, and with as many fakes.

    A difference between true and fake says something about the fakes only where true images do not differ as
    much among themselves. Each split draws two parts A and B of the true units without overlap, of min(true
    // 2, fake) units each, and takes B - A; and as many fake units F, and takes F - A. Where units are
    aligned, F are the fakes of B: then neither difference sets an image against its own fake, and both carry
    the same noise; where the sets have different numbers of images a writer, as many of them are taken as both have. The
    AUC and the energy distance are taken likewise, of B against A and of F against A.

    Parameters
    ----------
    units : IndependentUnits
        The two sets.
    edges : float64, shape (bands + 1,)
        Cycles per pixel.
    settings : Comparing, optional
        Number of splits, and how the classifier is trained.
    rng : numpy.random.Generator
        Source of the splits.

    Raises
    ------
    TooFewImages
        If there are fewer than four true units.
    """
    settings = settings or Comparing()
    if len(units.true) < 4:
        what = f"{len(units.true)} {units.unit}s cannot be split into two parts that vary"
        raise TooFewImages("the true set", what, f"give at least four {units.unit}s")
    for_images, for_wholes, for_counts = rng.spawn(3)
    units = with_equal_counts(units, rng=for_counts)
    splits = _splits(units, settings.control_splits, rng)
    few = thinned(units, images=settings.whole_images, rng=for_images)
    of_wholes = splits if few is units else _splits(few, settings.control_splits, for_wholes)
    control, observed = (
        np.array([np.abs(one.mean(axis=0) - units.true[split.part].mean(axis=0)) for split, one in pairs])
        for pairs in (
            [(split, units.true[split.other]) for split in splits],
            [(split, units.fake[split.fakes]) for split in splits],
        )
    )
    largest = _figure(control.max(axis=1), observed.max(axis=1))
    sizes = np.sqrt((control**2).mean(axis=0))
    sizes = np.where(sizes > 0, sizes, 1.0)
    return Control(
        n_splits=len(splits),
        n_different=different_splits(len(units.true), len(splits[0].part)),
        size_a_side=len(splits[0].part),
        unit=units.unit,
        max_abs_difference_median=largest.median,
        max_abs_difference_q95=largest.q95,
        observed_max_abs_difference=largest.observed,
        percentile=largest.percentile,
        auc=_separation_figure(few, of_wholes, settings, for_wholes),
        energy=_energy_figure(few, of_wholes),
        standardised=_figure((control / sizes).max(axis=1), (observed / sizes).max(axis=1)),
        bands=_control_bands(control, np.median(observed, axis=0), edges),
    )


def _splits(units: IndependentUnits, n_splits: int, rng: np.random.Generator) -> list[_Split]:
    n_true, n_fake = len(units.true), len(units.fake)
    size = min(n_true // 2, n_fake)
    splits = []
    for _ in range(n_splits):
        order = rng.permutation(n_true)
        part, other = order[:size], order[size : 2 * size]
        splits.append(_Split(part, other, other if units.aligned else rng.permutation(n_fake)[:size]))
    return splits


def different_splits(n: int, size: int) -> int:
    """Ways to draw two parts of so many of n units, without an order of the two."""
    return math.comb(n, size) * math.comb(n - size, size) // 2


def _figure(control: FloatArray, observed: FloatArray) -> ControlFigure:
    middle = float(np.median(observed))
    return ControlFigure(
        median=float(np.median(control)),
        q95=float(np.quantile(control, 0.95)),
        observed=middle,
        percentile=float(100 * (control < middle * (1 - TIE)).mean()),
    )


def _energy_figure(units: IndependentUnits, splits: Sequence[_Split]) -> ControlFigure:
    """Distances are standardised over both sets, the same for all splits."""
    everything = replace(units, aligned=False)
    distances = unit_distances(images_of(everything))
    control, observed = (np.empty(len(splits)) for _ in range(2))
    for place, split in enumerate(splits):
        for values, other in (
            (control, split.other),
            (observed, split.fakes + len(units.true)),
        ):
            rows = np.concatenate([split.part, other])
            weights = np.repeat([-1.0, 1.0], len(other)) / len(other)
            values[place] = -weights @ distances[np.ix_(rows, rows)] @ weights
    return _figure(control, observed)


def _separation_figure(
    units: IndependentUnits, splits: Sequence[_Split], settings: Comparing, rng: np.random.Generator
) -> ControlFigure | None:
    size = len(splits[0].part)
    fewer = replace(settings, partitions=settings.control_partitions)
    folds = partitions(size, size, aligned=False, settings=fewer, rng=rng)
    if folds is None:
        return None
    control, observed = (np.empty(len(splits)) for _ in range(2))
    for place, split in enumerate(splits):
        true = units.true_images, units.true_rows
        for values, other in (
            (control, (*true, split.other)),
            (observed, (units.fake_images, units.fake_rows, split.fakes)),
        ):
            images = images_of_parts((*true, split.part), other)
            values[place] = separations(classifiers(images, folds), images.side[np.newaxis])[0]
    return _figure(control, observed)


def _control_bands(control: FloatArray, observed: FloatArray, edges: FloatArray) -> tuple[ControlBand, ...]:
    q95 = np.quantile(control, 0.95, axis=0)
    percentile = 100 * (control < observed).mean(axis=0)
    return tuple(
        ControlBand(
            low=float(edges[band]),
            high=float(edges[band + 1]),
            q95=float(q95[band]),
            observed=float(observed[band]),
            percentile=float(percentile[band]),
        )
        for band in range(len(observed))
    )
