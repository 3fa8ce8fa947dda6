from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from sigforensics.settings import Comparing
from sigforensics.statistics import independent_units, permutation_test
from sigforensics.statistics.detectable import detectable_differences


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def examine(true, fake, *, paired, permutations=999):
    units = independent_units(true, fake, paired=paired)
    return units, permutation_test(units, permutations=permutations, rng=np.random.default_rng(0))


@pytest.mark.parametrize("paired", [False, True])
def test_a_band_exceeds_the_critical_value_exactly_where_its_corrected_p_is_small(paired):
    for seed in range(30):
        shift = np.linspace(0, 1.2, 12)
        true, fake = draw(14, 12, seed=seed), draw(14, 12, seed=100 + seed) + shift
        _, test = examine(true, fake, paired=paired, permutations=199)
        if paired:
            d = fake - true
            statistic = np.abs(d.mean(axis=0)) / np.sqrt((d**2).mean(axis=0))
        else:
            statistic = np.abs(scipy.stats.ttest_ind(true, fake, equal_var=False).statistic)
        exceeds = statistic * (1 - 1e-6) > test.critical(0.05)
        np.testing.assert_array_equal(exceeds, test.p_corrected <= 0.05 + 1e-12)


@pytest.mark.parametrize("paired", [False, True])
def test_a_difference_of_the_size_that_is_stated_is_found_with_the_power_that_is_stated(paired):
    settings = Comparing(permutations=199)
    stated = []
    for seed in range(20):
        units, test = examine(
            draw(20, 6, seed=seed), draw(20, 6, seed=500 + seed), paired=paired, permutations=199
        )
        stated.append(detectable_differences(units, test, settings=settings)[0])
    found = 0
    for seed in range(200):
        fake = draw(20, 6, seed=5000 + seed)
        fake[:, 0] += np.mean(stated)
        _, test = examine(draw(20, 6, seed=4000 + seed), fake, paired=paired, permutations=199)
        found += test.p_corrected[0] <= 0.05
    assert 0.7 < found / 200 < 0.88


def test_four_times_the_units_find_half_as_much():
    one, other = (
        detectable_differences(*examine(draw(n, 6), draw(n, 6, seed=1), paired=True), settings=Comparing())
        for n in (30, 120)
    )
    assert (one / other).mean() == pytest.approx(2, rel=0.2)


def test_where_no_p_can_be_small_nothing_would_be_found():
    for paired, n in ((True, 5), (False, 3)):
        units, test = examine(draw(n, 6), draw(n, 6, seed=1), paired=paired)
        assert np.isinf(detectable_differences(units, test, settings=Comparing())).all()
