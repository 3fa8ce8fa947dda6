"""Independent implementations of what is computed here: mne's permutation test, statsmodels' corrections and intervals."""

from __future__ import annotations

import numpy as np
import pytest
from mne.stats import permutation_t_test
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from sigforensics.settings import Comparing
from sigforensics.statistics import compare_sets, difference_intervals, independent_units, permutation_test

EDGES = np.linspace(0, 0.7, 7)


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def test_corrected_p_values_of_pairs_are_mnes():
    true, fake = draw(9, 6), draw(9, 6, seed=1) + np.linspace(0, 1.5, 6)
    _, expected, _ = permutation_t_test(fake - true, n_permutations="all", tail=0, verbose="error")
    units = independent_units(true, fake, paired=True)
    found = permutation_test(units, permutations=2000, rng=np.random.default_rng(0))
    assert found.exhaustive
    np.testing.assert_allclose(
        found.p_corrected, expected, atol=1 / 255
    )  # mne leaves one of 256 exchanges out


def test_random_exchanges_of_many_pairs_agree_with_mnes():
    true, fake = draw(40, 6), draw(40, 6, seed=1) + np.linspace(0, 0.6, 6)
    _, expected, _ = permutation_t_test(fake - true, n_permutations=9999, tail=0, seed=0, verbose="error")
    units = independent_units(true, fake, paired=True)
    found = permutation_test(units, permutations=9999, rng=np.random.default_rng(0))
    np.testing.assert_allclose(found.p_corrected, expected, atol=0.02)


def test_false_discovery_rates_are_statsmodels():
    true, fake = draw(20, 6), draw(20, 6, seed=1) + np.linspace(0, 1, 6)
    found = compare_sets(
        true,
        fake,
        edges=EDGES,
        paired=False,
        settings=Comparing(control_splits=2),
        rng=np.random.default_rng(0),
    )
    _, expected, _, _ = multipletests([band.p for band in found.bands], method="fdr_bh")
    np.testing.assert_allclose([band.p_fdr for band in found.bands], expected)


@pytest.mark.parametrize("sizes", [(6, 9), (5, 5)])
def test_intervals_of_few_units_are_statsmodels_welch_intervals(sizes):
    true, fake = draw(sizes[0], 6), 2 * draw(sizes[1], 6, seed=1)
    units = independent_units(true, fake, paired=False)
    found = difference_intervals(units, settings=Comparing(), rng=np.random.default_rng(0))
    expected = CompareMeans(DescrStatsW(fake), DescrStatsW(true)).tconfint_diff(usevar="unequal")
    np.testing.assert_allclose([found.low, found.high], expected)
