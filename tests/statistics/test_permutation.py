from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from sigforensics.statistics import independent_units, permutation_test


def run(true, fake, *, paired=False, permutations=2000, seed=0):
    units = independent_units(true, fake, paired=paired)
    return permutation_test(units, permutations=permutations, rng=np.random.default_rng(seed))


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def welch(true, fake, axis=0):
    return np.abs(scipy.stats.ttest_ind(fake, true, axis=axis, equal_var=False).statistic)


def flipped(true, fake):
    """|Welch's t| after all changes of sign of the deviations: shape (flips, bands)."""
    one, other = true - true.mean(axis=0), fake - fake.mean(axis=0)
    signs = np.array(list(itertools.product([1, -1], repeat=len(true) + len(fake))))[:, :, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = signs[:, : len(true)] * one, signs[:, len(true) :] * other
        error = first.var(axis=1, ddof=1) / len(true) + second.var(axis=1, ddof=1) / len(fake)
        return np.abs(first.mean(axis=1) - second.mean(axis=1)) / np.sqrt(error)


@pytest.mark.parametrize(("n_true", "n_fake"), [(4, 4), (3, 5), (6, 3)])
def test_exhaustive_p_of_two_samples_is_the_larger_of_scipys_and_that_of_flipped_deviations(n_true, n_fake):
    true, fake = draw(n_true, 3), draw(n_fake, 3, seed=1) + 0.8
    found = run(true, fake)
    assert found.exhaustive
    assert found.n_permutations == math.comb(n_true + n_fake, n_fake)
    for band in range(3):
        expected = scipy.stats.permutation_test(
            (true[:, band], fake[:, band]), welch, alternative="greater", n_resamples=np.inf, vectorized=True
        )
        reached = flipped(true, fake)[:, band] >= welch(true, fake)[band] * (1 - 1e-9)
        of_flips = (reached.sum() + 1) / (reached.size + 1)
        assert found.p[band] == pytest.approx(max(expected.pvalue, of_flips))


def test_exhaustive_p_of_pairs_is_scipys():
    true, fake = draw(7, 3), draw(7, 3, seed=1) + 0.5
    found = run(true, fake, paired=True)
    assert found.exhaustive
    assert found.n_permutations == 128
    for band in range(3):
        expected = scipy.stats.permutation_test(
            (fake[:, band] - true[:, band],),
            lambda d, axis: np.abs(scipy.stats.ttest_1samp(d, 0, axis=axis).statistic),
            permutation_type="samples",
            alternative="greater",
            n_resamples=np.inf,
        )
        assert found.p[band] == pytest.approx(expected.pvalue)


def test_corrected_p_is_that_of_the_plain_loop_over_the_largest_statistic():
    true, fake = draw(4, 5), draw(4, 5, seed=1) + np.array([0, 0, 1.5, 0, 0])
    everything, labels = np.concatenate([true, fake]), range(8)
    observed = welch(true, fake)
    largest = []
    for chosen in itertools.combinations(labels, 4):
        rest = [i for i in labels if i not in chosen]
        largest.append(welch(everything[rest], everything[list(chosen)]).max())
    of_labels = [(np.array(largest) >= value * (1 - 1e-9)).mean() for value in observed]
    largest = flipped(true, fake).max(axis=1)
    of_flips = [((largest >= value * (1 - 1e-9)).sum() + 1) / 257 for value in observed]
    np.testing.assert_allclose(run(true, fake).p_corrected, np.maximum(of_labels, of_flips))


@pytest.mark.parametrize("paired", [False, True])
def test_random_permutations_come_near_the_exhaustive_p(paired):
    true, fake = draw(9, 4), draw(9, 4, seed=1) + 0.6
    exact = run(true, fake, paired=paired, permutations=50_000)
    random = run(true, fake, paired=paired, permutations=500 if paired else 4000)
    assert exact.exhaustive
    assert not random.exhaustive
    for name in ("p", "p_corrected"):
        p = getattr(exact, name)
        error = np.sqrt(p * (1 - p) / random.n_permutations)
        assert (np.abs(getattr(random, name) - p) < 4 * error + 0.003).all()


@pytest.mark.parametrize("paired", [False, True])
def test_p_is_uniform_where_nothing_differs(paired):
    trials, hits, corrected_hits = 400, 0, 0
    rng = np.random.default_rng(11)
    for trial in range(trials):
        shared = rng.normal(size=(12, 1))  # bands correlate, as those of one image do
        true, fake = shared + rng.normal(size=(12, 6)), shared + rng.normal(size=(12, 6))
        found = run(true, fake, paired=paired, permutations=199, seed=trial)
        hits += found.p[0] <= 0.1
        corrected_hits += found.p_corrected.min() <= 0.1
    low, high = scipy.stats.binom.interval(0.999, trials, 0.1)
    assert low <= hits <= high or (
        not paired and hits < low
    )  # unpaired ignores what pairs share: conservative
    assert corrected_hits <= high
    if paired:
        assert corrected_hits >= low


def test_unpaired_p_is_uniform_with_different_sizes_and_spreads():
    trials, hits = 400, 0
    rng = np.random.default_rng(12)
    for trial in range(trials):
        found = run(rng.normal(size=(12, 3)), 2 * rng.normal(size=(24, 3)), permutations=199, seed=trial)
        hits += found.p_corrected.min() <= 0.1
    low, high = scipy.stats.binom.interval(0.999, trials, 0.1)
    assert low <= hits <= high


@pytest.mark.parametrize(
    ("n_true", "n_fake", "spread", "bands", "correlation"),
    [(8, 8, 3, 32, 0.0), (40, 10, 4, 8, 0.0), (10, 40, 0.25, 32, 0.7)],
)
def test_a_small_and_wilder_set_is_not_taken_for_a_different_one(n_true, n_fake, spread, bands, correlation):
    """Exchanging labels alone finds a difference in 14 to 19 % of these cases."""
    trials, hits = 300, 0
    rng = np.random.default_rng(13)

    def sample(n):
        return np.sqrt(correlation) * rng.normal(size=(n, 1)) + np.sqrt(1 - correlation) * rng.normal(
            size=(n, bands)
        )

    for trial in range(trials):
        found = run(sample(n_true), spread * sample(n_fake), permutations=199, seed=trial)
        hits += found.p_corrected.min() <= 0.05
    assert hits <= scipy.stats.binom.ppf(0.999, trials, 0.05), hits / trials


def test_a_planted_effect_is_found_in_its_band_alone():
    true, fake = draw(30, 16), draw(30, 16, seed=1)
    fake[:, 11] += 2.0
    found = run(true, fake)
    assert np.flatnonzero(found.p_corrected < 0.05).tolist() == [11]
    assert found.p_corrected[11] == 1 / 2001


def test_pairs_that_correlate_show_what_two_samples_do_not():
    shared = 3 * draw(20, 4)
    true, fake = shared + 0.3 * draw(20, 4, seed=1), shared + 0.3 * draw(20, 4, seed=2) + 0.4
    assert run(true, fake, paired=True).p_corrected.max() < 0.05
    assert run(true, fake, paired=False).p_corrected.min() > 0.05


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), st.booleans(), st.floats(0.01, 100))
def test_p_is_the_same_for_swapped_sets_and_other_units_of_measurement(seed, paired, scale):
    true, fake = draw(5, 3, seed=seed), draw(5, 3, seed=seed + 1) + 0.5
    found = run(true, fake, paired=paired)
    for other in (run(fake, true, paired=paired), run(scale * true + 7, scale * fake + 7, paired=paired)):
        np.testing.assert_allclose(other.p, found.p)
        np.testing.assert_allclose(other.p_corrected, found.p_corrected)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), st.booleans())
def test_corrected_p_is_never_below_the_uncorrected(seed, paired):
    found = run(draw(6, 5, seed=seed), draw(6, 5, seed=seed + 1), paired=paired)
    assert (found.p_corrected >= found.p).all()
    assert (found.p >= found.smallest_p).all()
    assert (found.p_corrected <= 1).all()


@pytest.mark.parametrize(
    ("n_true", "n_fake", "paired", "permutations", "smallest"),
    [
        (3, 3, False, 2000, 0.1),
        (2, 3, False, 2000, 0.1),
        (2, 2, False, 2000, 1 / 3),
        (4, 4, True, 2000, 1 / 8),
        (30, 30, False, 999, 0.001),
        (11, 11, True, 2000, 1 / 2001),  # 2 of 2048, but chance need not draw either
    ],
)
def test_the_smallest_p_that_could_come_out_is_told_and_reached(
    n_true, n_fake, paired, permutations, smallest
):
    true = 1e-3 * draw(n_true, 1)
    fake = 1e-3 * draw(n_fake, 1, seed=1) + 5
    found = run(true, fake, paired=paired, permutations=permutations)
    assert found.smallest_p == pytest.approx(smallest)
    assert (found.p >= found.smallest_p * (1 - 1e-12)).all()
    if found.exhaustive:
        assert found.p[0] == pytest.approx(smallest)
    else:
        assert found.p[0] <= 8 / permutations  # chance repeats the observed labels


@pytest.mark.parametrize("n", [10, 11])
@pytest.mark.parametrize("paired", [False, True])
def test_no_p_is_below_the_smallest(n, paired):
    true = draw(n, 4)
    fake = true + 5 + 0.1 * draw(n, 4, seed=1)
    for seed in range(20):
        found = run(true, fake, paired=paired, seed=seed)
        assert found.p.min() >= found.smallest_p * (1 - 1e-12)
        assert found.p_corrected.min() >= found.smallest_p * (1 - 1e-12)


@pytest.mark.parametrize("paired", [False, True])
def test_what_never_varies_differs_as_far_as_labels_can_tell(paired):
    true, fake = np.zeros((4, 2)), np.array([[0.0, 1.0]] * 4)
    found = run(true, fake, paired=paired)
    assert found.p[0] == 1
    assert found.p[1] == pytest.approx(found.smallest_p)


def test_equal_seeds_give_equal_results():
    true, fake = draw(20, 4), draw(25, 4, seed=1)
    np.testing.assert_array_equal(run(true, fake, seed=5).p, run(true, fake, seed=5).p)
