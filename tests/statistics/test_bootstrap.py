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


@pytest.mark.parametrize(
    ("n_true", "n_fake", "paired"), [(10, 20, False), (12, 12, True), (3, 4, False), (3, 3, True)]
)
def test_intervals_cover_the_difference_as_often_as_they_say(n_true, n_fake, paired):
    rng = np.random.default_rng(n_true)
    difference = np.array([0.0, 1.0])
    trials, covered = 600, np.zeros(2)
    for _ in range(trials):
        true, fake = rng.normal(size=(n_true, 2)), 0.5 * rng.normal(size=(n_fake, 2)) + difference
        found = intervals(true, fake, paired=paired, resamples=400, seed=int(rng.integers(2**31)))
        covered += (found.low <= difference) & (difference <= found.high)
    # 1.5 % either way for the error of the method itself at these sizes, then chance
    low = scipy.stats.binom.ppf(0.0005, trials, 0.935)
    high = scipy.stats.binom.ppf(0.9995, trials, 0.965)
    assert ((low <= covered) & (covered <= high)).all(), covered / trials


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
@given(st.integers(0, 1000), st.booleans())
def test_intervals_hold_the_difference_and_mirror_when_the_sets_swap(seed, paired):
    rng = np.random.default_rng(seed)
    true, fake = rng.normal(size=(12, 3)), rng.normal(size=(12, 3)) + 1
    found = intervals(true, fake, paired=paired)
    difference = fake.mean(axis=0) - true.mean(axis=0)
    assert (found.low < difference).all()
    assert (difference < found.high).all()
    swapped = intervals(fake, true, paired=paired)
    np.testing.assert_allclose(swapped.low, -found.high, atol=0.35 * (found.high - found.low).max())


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
