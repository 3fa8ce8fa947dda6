from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from sigforensics.settings import Comparing
from sigforensics.statistics import difference_intervals, independent_units


def intervals(true, fake, *, paired=False, seed=0, **options):
    units = independent_units(true, fake, paired=paired)
    return difference_intervals(units, settings=Comparing(**options), rng=np.random.default_rng(seed))


def percentile_interval(true, fake, *, paired, rng):
    """The plain bootstrap: quantiles of the resampled differences of one band."""

    def means(table):
        return table[rng.integers(len(table), size=(400, len(table)))].mean(axis=1)

    differences = means(fake - true) if paired else means(fake) - means(true)
    return np.quantile(differences, [0.025, 0.975])


@pytest.mark.parametrize(("n_true", "n_fake", "paired"), [(10, 12, False), (12, 12, True)])
def test_intervals_cover_the_difference_as_often_as_they_say_and_percentiles_do_not(n_true, n_fake, paired):
    rng = np.random.default_rng(n_true)
    trials, covered, covered_by_percentiles, only_one = 1000, 0, 0, 0
    for _ in range(trials):
        true, fake = rng.normal(size=(n_true, 1)), 0.5 * rng.normal(size=(n_fake, 1)) + 1
        found = intervals(true, fake, paired=paired, resamples=400, seed=int(rng.integers(2**31)))
        low, high = percentile_interval(true[:, 0], fake[:, 0], paired=paired, rng=rng)
        held, held_by_percentiles = found.low[0] <= 1 <= found.high[0], low <= 1 <= high
        covered += held
        covered_by_percentiles += held_by_percentiles
        only_one += held != held_by_percentiles
    assert abs(covered / trials - 0.95) < 0.02
    # where only one of the two holds the difference, chance would make it either with equal frequency
    assert covered - covered_by_percentiles > 4 * np.sqrt(only_one)


@pytest.mark.parametrize(("n", "paired"), [(3, False), (3, True)])
def test_students_intervals_of_three_units_cover_as_often_as_they_say(n, paired):
    rng = np.random.default_rng(n)
    covered = 0
    for _ in range(1000):
        found = intervals(rng.normal(size=(n, 1)), rng.normal(size=(n, 1)) + 1, paired=paired)
        covered += found.low[0] <= 1 <= found.high[0]
    assert scipy.stats.binom.ppf(0.0005, 1000, 0.95) <= covered <= scipy.stats.binom.ppf(0.9995, 1000, 0.97)


def test_many_normal_values_give_welchs_interval():
    rng = np.random.default_rng(1)
    true, fake = rng.normal(size=(300, 4)), 2 * rng.normal(size=(200, 4)) + 1
    found = intervals(true, fake, resamples=4000)
    expected = scipy.stats.ttest_ind(fake, true, equal_var=False).confidence_interval()
    assert found.method == "studentised bootstrap"
    np.testing.assert_allclose(found.low, expected.low, atol=0.04)
    np.testing.assert_allclose(found.high, expected.high, atol=0.04)


@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize("n", [2, 9])
def test_few_units_give_students_interval_exactly(n, paired):
    rng = np.random.default_rng(2)
    true, fake = rng.normal(size=(n, 3)), 3 * rng.normal(size=(n, 3))
    found = intervals(true, fake, paired=paired)
    test = scipy.stats.ttest_rel(fake, true) if paired else scipy.stats.ttest_ind(fake, true, equal_var=False)
    expected = test.confidence_interval()
    assert found.method == "Student's t"
    np.testing.assert_allclose(found.low, expected.low)
    np.testing.assert_allclose(found.high, expected.high)


def test_a_skewed_sample_gets_a_skewed_interval():
    rng = np.random.default_rng(3)
    true, fake = np.zeros((15, 1)), rng.exponential(size=(15, 1)) ** 2
    found = intervals(true, fake, paired=True)
    middle = fake.mean()
    assert found.high[0] - middle > 1.3 * (middle - found.low[0])


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), st.booleans(), st.sampled_from([5, 12]))
def test_intervals_hold_the_difference_and_mirror_when_the_sets_swap(seed, paired, n):
    """Of a skewed sample, so that an interval turned the wrong way round is not taken for the right one."""
    rng = np.random.default_rng(seed)
    true, fake = rng.normal(size=(n, 3)), rng.exponential(size=(n, 3)) ** 2 + 1
    found = intervals(true, fake, paired=paired)
    difference = fake.mean(axis=0) - true.mean(axis=0)
    assert (found.low < difference).all()
    assert (difference < found.high).all()
    # pairs and Student's: the same resamples; else both sets are resampled in another order
    exact = paired or n < 10
    swapped = intervals(fake, true, paired=paired, resamples=2000 if exact else 20_000)
    if not exact:
        found = intervals(true, fake, resamples=20_000)
    width = found.high - found.low
    assert (np.abs(swapped.low + found.high) < (1e-9 if exact else 0.1) * width).all()
    assert (np.abs(swapped.high + found.low) < (1e-9 if exact else 0.1) * width).all()


def test_more_confidence_gives_wider_intervals():
    rng = np.random.default_rng(4)
    true, fake = rng.normal(size=(15, 3)), rng.normal(size=(15, 3))
    narrow, wide = intervals(true, fake, confidence=0.8), intervals(true, fake, confidence=0.99)
    assert (wide.low < narrow.low).all()
    assert (wide.high > narrow.high).all()


@pytest.mark.parametrize("n", [3, 12])
@pytest.mark.parametrize("paired", [False, True])
def test_what_never_varies_has_an_interval_of_no_width(n, paired):
    found = intervals(np.zeros((n, 1)), np.full((n, 1), 0.25), paired=paired)
    assert found.low[0] == found.high[0] == 0.25
