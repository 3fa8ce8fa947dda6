from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import scipy.stats

from sigforensics.statistics import (
    frequency_test,
    independent_units,
    permutation_test,
    smallest_frequency_p,
)


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def run(true, fake, *, paired=False, permutations=199, seed=0):
    rng = np.random.default_rng(seed)
    return frequency_test(true, fake, paired=paired, permutations=permutations, rng=rng)


@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize("n", [5, 14])
def test_corrected_p_values_are_those_of_the_bands_test_whatever_the_chunks(paired, n, monkeypatch):
    true, fake = draw(n, 50), draw(n, 50, seed=1) + np.linspace(0, 2, 50, dtype=np.float32)
    units = independent_units(true.astype(float), fake.astype(float), paired=paired)
    expected = permutation_test(units, permutations=199, rng=np.random.default_rng(0)).p_corrected
    for chunk in (2**21, 199 * 7):
        monkeypatch.setattr("sigforensics.statistics.frequencies.CHUNK", chunk)
        found = run(true, fake, paired=paired).p_corrected
        np.testing.assert_allclose(
            found, expected, atol=1.01 / 200
        )  # float32: one exchange may be as near as a tie


@pytest.mark.parametrize("paired", [False, True])
def test_a_planted_frequency_is_found_with_its_size_and_no_other(paired):
    true, fake = draw(24, 5000), draw(24, 5000, seed=1)
    fake[:, 1234] -= 3
    found = run(true, fake, paired=paired)
    assert np.flatnonzero(found.p_corrected < 0.05).tolist() == [1234]
    assert 1234 in np.flatnonzero(found.p_fdr < 0.05)
    assert (found.p_fdr < 0.05).sum() <= 3
    assert found.difference[1234] == pytest.approx(-3, abs=1)


def test_false_discovery_rates_are_near_those_of_student_for_normal_values():
    true, fake = draw(30, 4000), draw(30, 4000, seed=1)
    fake[:, :200] += 1.5
    found = run(true, fake, paired=True)
    p = scipy.stats.ttest_rel(fake, true, axis=0).pvalue
    expected = scipy.stats.false_discovery_control(p)
    assert abs(int((found.p_fdr < 0.05).sum()) - int((expected < 0.05).sum())) <= 12
    assert (found.p_fdr[200:] < 0.05).sum() <= 0.05 * 1.6 * 200


@pytest.mark.parametrize("paired", [False, True])
def test_where_nothing_differs_anything_at_all_is_found_in_one_case_of_twenty(paired):
    found = sum(
        run(
            draw(12, 60, seed=i), draw(12, 60, seed=500 + i), paired=paired, permutations=99
        ).p_corrected.min()
        <= 0.05
        for i in range(150)
    )
    assert found <= scipy.stats.binom.ppf(0.999, 150, 0.05)


def test_what_never_varies_is_not_found():
    assert (run(np.ones((8, 5), np.float32), np.ones((8, 5), np.float32)).p_corrected == 1).all()


def test_memory_does_not_grow_with_the_permutations_times_the_frequencies():
    true, fake = draw(10, 60_000), draw(10, 60_000, seed=1)
    tracemalloc.start()
    run(true, fake, paired=True)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 120e6  # all statistics at once would be 96 MB, with several copies in the making


@pytest.mark.parametrize("paired", [False, True])
def test_standard_errors_are_those_of_the_difference(paired):
    true, fake = draw(9, 40), draw(9, 40, seed=1)
    found = run(true, fake, paired=paired)
    difference = fake.astype(float) - true
    expected = (
        difference.std(axis=0, ddof=1) / 3
        if paired
        else np.sqrt((true.astype(float).var(axis=0, ddof=1) + fake.astype(float).var(axis=0, ddof=1)) / 9)
    )
    np.testing.assert_allclose(found.standard_error, expected)
    np.testing.assert_allclose(found.difference, difference.mean(axis=0))


@pytest.mark.parametrize("paired", [False, True])
def test_threads_change_nothing(paired, monkeypatch):
    monkeypatch.setattr("sigforensics.statistics.frequencies.CHUNK", 199 * 7)
    true, fake = draw(10, 60), draw(10, 60, seed=1)
    one, three = (
        frequency_test(
            true, fake, paired=paired, permutations=199, rng=np.random.default_rng(0), workers=workers
        )
        for workers in (1, 3)
    )
    np.testing.assert_array_equal(one.p_corrected, three.p_corrected)
    np.testing.assert_array_equal(one.p_fdr, three.p_fdr)


@pytest.mark.parametrize(("n_true", "n_fake", "paired"), [(4, 4, True), (9, 9, True), (3, 4, False)])
def test_the_smallest_p_is_known_before_and_is_that_of_the_clearest_difference(n_true, n_fake, paired):
    clear = draw(n_true, 1) * 0.01, draw(n_fake, 1, seed=1) * 0.01 + np.float32(5)
    known = smallest_frequency_p(n_true, n_fake, paired=paired, permutations=600)
    found = run(*clear, paired=paired, permutations=600)
    assert found.smallest_p == known
    assert found.p_corrected[0] == pytest.approx(known) if paired else found.p_corrected[0] >= known
