"""The smallest differences that would have been found."""

from __future__ import annotations

import numpy as np
import scipy.stats

from sigforensics.settings import Comparing
from sigforensics.statistics.levels import level_of
from sigforensics.statistics.permutation import PermutationTest
from sigforensics.statistics.units import FloatArray, IndependentUnits

__all__ = ["detectable_differences"]


def detectable_differences(
    units: IndependentUnits, test: PermutationTest, *, settings: Comparing
) -> FloatArray:
    """The mean difference in one band, either way, that would have given it a small corrected p with ``settings.power``.

    The band's t must exceed c, which the exchanges give: their largest statistic over all bands lies above it in no more than
    1 - ``confidence`` of them. A difference of d standard errors makes t noncentral, and t exceeds c with the
    probability power for d = c (1 - 1 / 4f) + z sqrt(1 + c^2 / 2f), with f degrees of freedom and z the normal quantile
    of the power (Johnson & Welch 1940, Biometrika 31). The standard errors are those of these units, and as uncertain.

    Returns
    -------
    float64, shape (bands,)
        Nats; infinite where no difference would do, because there are too few units.
    """
    critical = test.critical(level_of(settings.confidence))
    freedom = np.maximum(units.degrees_of_freedom, 1.0)
    if units.aligned:  # the statistic is |mean| / root mean square, which t is a function of
        n = len(units.true)
        critical = np.sqrt((n - 1) / (1 - critical**2)) * critical if critical < 1 else np.inf
    if not np.isfinite(critical):
        return np.full(units.true.shape[1], np.inf)
    quantile = scipy.stats.norm.ppf(settings.power)
    errors = critical * (1 - 1 / (4 * freedom)) + quantile * np.sqrt(1 + critical**2 / (2 * freedom))
    return np.asarray(errors * np.sqrt(sum(units.squared_errors)), np.float64)
