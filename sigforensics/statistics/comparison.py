"""Two sets of band features to a comparison."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.stats

from sigforensics.errors import TooFewImages
from sigforensics.settings import Comparing
from sigforensics.spectra import nats_to_db
from sigforensics.statistics.bootstrap import Intervals, difference_intervals
from sigforensics.statistics.conclusions import conclude
from sigforensics.statistics.control import control_true_against_true
from sigforensics.statistics.detectable import detectable_differences
from sigforensics.statistics.levels import level_of
from sigforensics.statistics.permutation import PermutationTest, permutation_test
from sigforensics.statistics.results import BandDifference, Comparison, Whole
from sigforensics.statistics.units import FloatArray, IndependentUnits, independent_units
from sigforensics.statistics.whole import whole_test

__all__ = ["compare_sets"]


def compare_sets(
    true_features: FloatArray,
    fake_features: FloatArray,
    *,
    edges: FloatArray,
    paired: bool,
    units_true: Sequence[str] | None = None,
    units_fake: Sequence[str] | None = None,
    settings: Comparing | None = None,
    acquisition_differs: bool = False,
    known_writers: int = 0,
    traces: Sequence[str] = (),
    names: tuple[str, str] = ("true", "fake"),
    rng: np.random.Generator,
) -> Comparison:
    """Compare the log-spectra of two sets of images, band by band.

    Parameters
    ----------
    true_features, fake_features : float64, shape (n, bands)
        Nats: band features of each image (``Spectrum.band_features``). Both sets must have gone through the
        same chain of processing, or the chain is what differs.
    edges : float64, shape (bands + 1,)
        Cycles per pixel.
    paired : bool
        Whether fake i was made from true i.
    units_true, units_fake : sequence of str, optional
        The writer of each image: writers, not images, are then the independent units.
    settings : Comparing, optional
        Confidence, resamples, permutations and splits.
    acquisition_differs : bool
        Whether the sets are known to differ in how they were acquired; only the conclusion depends on it.
    known_writers : int
        How many writers are known to have made the images, where these or pairs of them are the units all the same: the
        conclusion and a note say so. 0 where none are known.
    traces : sequence of str
        Properties in which the audit tells sets of one chain apart, for the conclusion.
    names : pair of str
        What the sets are called in words and figures.
    rng : numpy.random.Generator
        Source of all randomness; intervals, permutations, control and the test of the wholes draw from streams of their own.

    Returns
    -------
    Comparison

    Raises
    ------
    TooFewImages
        If a set has fewer than two independent units.
    ValueError
        If shapes or writers do not fit each other, or a value is not finite.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> true, fake = rng.normal(size=(20, 3)), rng.normal(size=(20, 3)) + [0, 0, 2]
    >>> found = compare_sets(true, fake, edges=np.array([0, 0.2, 0.4, 0.6]), paired=False, rng=rng)
    >>> [band.p_corrected < 0.05 for band in found.bands]
    [False, False, True]
    """
    settings = settings or Comparing()
    if len(edges) != true_features.shape[-1] + 1:
        raise ValueError(f"{len(edges)} edges do not fit {true_features.shape[-1]} bands")
    units = independent_units(
        true_features, fake_features, paired=paired, units_true=units_true, units_fake=units_fake
    )
    for_intervals, for_permutations, for_control, for_wholes = rng.spawn(4)
    intervals = difference_intervals(units, settings=settings, rng=for_intervals)
    test = permutation_test(units, permutations=settings.permutations, rng=for_permutations)
    control, control_unavailable = None, None
    try:
        control = control_true_against_true(units, edges=edges, settings=settings, rng=for_control)
    except TooFewImages as error:
        control_unavailable = error.what
    whole = whole_test(units, settings=settings, rng=for_wholes)
    bands = _band_differences(units, intervals, test, edges, settings)
    conclusion = conclude(
        units,
        bands,
        whole,
        control,
        confidence=settings.confidence,
        power=settings.power,
        acquisition_differs=acquisition_differs,
        known_writers=known_writers,
        traces=traces,
        names=names,
        control_splits=settings.control_splits,
    )
    return Comparison(
        names=names,
        n_true=units.n_true,
        n_fake=units.n_fake,
        unit=units.unit,
        n_units=units.n_units,
        paired=paired,
        bands=bands,
        confidence=settings.confidence,
        interval=intervals.method,
        n_permutations=test.n_permutations,
        exhaustive=test.exhaustive,
        smallest_p=test.smallest_p,
        whole=whole,
        control=control,
        control_unavailable=control_unavailable,
        conclusion=conclusion,
        notes=_notes(units, intervals, test, whole, settings, known_writers),
    )


def _band_differences(
    units: IndependentUnits,
    intervals: Intervals,
    test: PermutationTest,
    edges: FloatArray,
    settings: Comparing,
) -> tuple[BandDifference, ...]:
    columns = {
        "low": edges[:-1],
        "high": edges[1:],
        "mean_true": units.true.mean(axis=0),
        "mean_fake": units.fake.mean(axis=0),
        "difference_nats": units.difference,
        "ci_low": intervals.low,
        "ci_high": intervals.high,
        "difference_db": nats_to_db(1.0) * units.difference,
        "standard_error": np.sqrt(sum(units.squared_errors)),
        "p": test.p,
        "p_corrected": test.p_corrected,
        "p_fdr": np.asarray(scipy.stats.false_discovery_control(test.p, method="bh")),
    }
    effects = _effect_sizes(units)
    detectable = detectable_differences(units, test, settings=settings)
    return tuple(
        BandDifference(
            **{name: float(column[band]) for name, column in columns.items()},
            effect_size=effects[band],
            detectable_nats=float(detectable[band]) if np.isfinite(detectable[band]) else None,
        )
        for band in range(len(edges) - 1)
    )


def _effect_sizes(units: IndependentUnits) -> list[float | None]:
    """Hedges' g, with his correction 1 - 3 / (4 degrees of freedom - 1)."""
    deviation = np.sqrt(np.mean(units.variances, axis=0))
    freedom = len(units.true) - 1 if units.aligned else len(units.true) + len(units.fake) - 2
    correction = 1 - 3 / (4 * freedom - 1)
    return [
        float(correction * difference / spread) if spread > 0 else None
        for difference, spread in zip(units.difference, deviation, strict=True)
    ]


def _notes(
    units: IndependentUnits,
    intervals: Intervals,
    test: PermutationTest,
    whole: Whole,
    settings: Comparing,
    known_writers: int,
) -> tuple[str, ...]:
    notes = list(units.notes)
    if known_writers:
        counted = f"{units.n_units} {units.unit}s were counted as independent"
        means = f"p-values, intervals and the control take each {units.unit} for one of another writer"
        notes = [f"{known_writers} writers are known, but {counted}: {means}"]
    true, fake = len(units.true), len(units.fake)
    sizes = f"{true} {units.unit}s" if units.aligned else f"{true} and {fake} {units.unit}s"
    if not units.aligned and true == fake:
        sizes = f"{true} {units.unit}s a side"
    if test.smallest_p > level_of(settings.confidence):
        drawn = "" if test.exhaustive else f" and {test.n_permutations} random permutations"
        notes.append(f"with {sizes}{drawn} the smallest p that could come out is {test.smallest_p:.2g}")
    if not units.aligned and units.smallest_side < settings.min_deviations:
        notes.append(
            f"with {sizes} the p-values hold only if the sets vary alike; else they can be too small"
        )
    if whole.n_images < units.n_true + units.n_fake:
        why = f"more than {settings.whole_images}"
        if units.n_true + units.n_fake <= settings.whole_images:
            why = f"the sets have different numbers of them a {units.unit}"
        drawn = f"{whole.n_images} of the images, drawn at random ({why})"
        notes.append(f"the AUC, the energy distance, the p of the whole and the control are of {drawn}")
    elif units.aligned and (np.bincount(units.true_rows) != np.bincount(units.fake_rows)).any():
        why = f"{units.unit}s have different numbers of images in the two sets"
        notes.append(f"{why}: both weigh the same, and the control takes as many of either at random")
    if whole.auc and whole.auc.high < 0.5:
        notes.append(
            "an AUC below 0.5 comes about by chance: what was learnt of some units misled about others"
        )
    if intervals.method == "Student's t":
        notes.append(f"with {sizes} the intervals are Student's: there is too little to resample")
    return tuple(notes)
