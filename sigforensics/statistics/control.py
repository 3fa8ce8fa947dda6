"""The control: true against true, at the sizes at which the fakes are compared too."""

from __future__ import annotations

import numpy as np

from sigforensics.errors import TooFewImages
from sigforensics.statistics.results import Control, ControlBand
from sigforensics.statistics.units import FloatArray, IndependentUnits

__all__ = ["control_true_against_true"]


def control_true_against_true(
    units: IndependentUnits, *, edges: FloatArray, n_splits: int, rng: np.random.Generator
) -> Control:
    """Compare random parts of the true set with each other, and with as many fakes.

    A difference between true and fake says something about the fakes only where true images do not differ as
    much among themselves. Each split draws two parts A and B of the true units without overlap, of min(true
    // 2, fake) units each, and takes B - A; and as many fake units F, and takes F - A. Where units are
    aligned, F are the fakes of B: then neither difference sets an image against its own fake, and both carry
    the same noise.

    Parameters
    ----------
    units : IndependentUnits
        The two sets.
    edges : float64, shape (bands + 1,)
        Cycles per pixel.
    n_splits : int
        Random splits, at least 1.
    rng : numpy.random.Generator
        Source of the splits.

    Raises
    ------
    TooFewImages
        If there are fewer than four true units.
    """
    n_true, n_fake = len(units.true), len(units.fake)
    if n_true < 4:
        what = f"{n_true} {units.unit}s cannot be split into two parts that vary"
        raise TooFewImages("the true set", what, f"give at least four {units.unit}s")
    size = min(n_true // 2, n_fake)
    control = np.empty((n_splits, units.true.shape[1]))
    observed = np.empty_like(control)
    for split in range(n_splits):
        order = rng.permutation(n_true)
        part, other = order[:size], order[size : 2 * size]
        fakes = other if units.aligned else rng.permutation(n_fake)[:size]
        mean = units.true[part].mean(axis=0)
        control[split] = np.abs(units.true[other].mean(axis=0) - mean)
        observed[split] = np.abs(units.fake[fakes].mean(axis=0) - mean)
    largest, largest_observed = control.max(axis=1), float(np.median(observed.max(axis=1)))
    return Control(
        n_splits=n_splits,
        size_a_side=size,
        unit=units.unit,
        max_abs_difference_median=float(np.median(largest)),
        max_abs_difference_q95=float(np.quantile(largest, 0.95)),
        observed_max_abs_difference=largest_observed,
        percentile=float(100 * (largest < largest_observed).mean()),
        bands=_control_bands(control, np.median(observed, axis=0), edges),
    )


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
