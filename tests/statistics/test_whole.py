from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.stats

from sigforensics.settings import Comparing
from sigforensics.statistics import independent_units, whole_test
from sigforensics.statistics.discriminant import classifiers, partitions, separations
from sigforensics.statistics.energy import energies, unit_distances
from sigforensics.statistics.labelled import images_of
from sigforensics.statistics.whole import _p_values

QUICK = Comparing(permutations=99, partitions=2)


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def run(true, fake, *, seed=0, settings=QUICK, **options):
    units = independent_units(true, fake, **{"paired": False} | options)
    return whole_test(units, settings=settings, rng=np.random.default_rng(seed))


def test_p_values_of_pairs_are_those_of_the_plain_loop_over_all_exchanges():
    true, fake = draw(7, 4), draw(7, 4, seed=1) + 0.5
    found = run(true, fake, paired=True, settings=Comparing(partitions=2))
    assert (found.exhaustive, found.n_permutations) == (True, 128)
    units = independent_units(true, fake, paired=True)
    images = images_of(units)
    rng = np.random.default_rng(0).spawn(4)[1]
    folds = partitions(7, 7, aligned=True, settings=Comparing(partitions=2), rng=rng)
    rows = []
    for signs in itertools.product([1.0, -1.0], repeat=7):
        labels = np.array([signs])
        differences = np.array(signs)[:, None] * (fake - true)
        t = np.abs(scipy.stats.ttest_1samp(differences, 0).statistic)
        energy = energies(images, unit_distances(images), labels)[0]
        auc = separations(classifiers(images, folds), images.sides(labels))[0]
        rows.append([t.max(), energy, auc])
    rows = np.array(rows)
    each = np.array([[np.sum(rows[:, j] >= row[j] - 1e-9) / 128 for j in range(3)] for row in rows])
    assert (found.p_energy, found.p_auc) == pytest.approx(tuple(each[0, 1:]))
    assert found.p == pytest.approx((each.min(axis=1) <= each[0].min()).mean())


def test_the_smallest_p_is_corrected_for_being_the_smallest():
    made = np.random.default_rng(0).random((1000, 3))
    made[0] = [0.99, 0.5, 0.5]
    each, p = _p_values(made[0], made)
    assert each[0] == pytest.approx(0.01, abs=0.012)
    assert p == pytest.approx(1 - (1 - each[0]) ** 3, abs=0.01)  # the three are independent here


def test_statistics_that_say_the_same_cost_nothing():
    one = np.random.default_rng(0).random(1000)
    each, p = _p_values(np.full(3, one[0]), np.stack([one, one, one], axis=1))
    np.testing.assert_allclose(each, p)


@pytest.mark.parametrize(
    ("sizes", "options"),
    [((12, 12), {}), ((10, 30), {}), ((14, 14), {"paired": True}), ((24, 24), {"writers": 8})],
)
def test_where_nothing_differs_p_is_uniform(sizes, options):
    writers = options.pop("writers", None)
    if writers:
        names = np.repeat([f"w{i}" for i in range(writers)], sizes[0] // writers)
        options = {"units_true": names, "units_fake": names}
    p = []
    for seed in range(150):
        common = np.repeat(draw(writers, 5, seed=seed), sizes[0] // writers, axis=0) if writers else 0
        true, fake = draw(sizes[0], 5, seed=1000 + seed), draw(sizes[1], 5, seed=2000 + seed)
        found = run(true + common, fake + common, seed=seed, **options)
        p.append((found.p, found.p_auc, found.p_energy))
    for values in np.array(p).T:
        assert scipy.stats.binomtest(int((values <= 0.05).sum()), 150, 0.05).pvalue > 0.001
        assert scipy.stats.kstest(values + 0.005, "uniform").pvalue > 0.001


def test_where_nothing_differs_the_interval_holds_one_half():
    """Nominally in 0.95 of cases; by the spread over the units alone it would in 0.8 of these."""
    held = 0
    for seed in range(150):
        found = run(draw(40, 3, seed=seed), draw(40, 3, seed=1000 + seed), seed=seed)
        held += found.auc.low <= 0.5 <= found.auc.high
    assert held >= 132  # of 0.95, less in 1 of 1000


def test_a_difference_in_many_bands_together_is_seen_by_the_classifier_first():
    rng = np.random.default_rng(0)
    common = 5 * rng.normal(size=(120, 1))
    values = common + rng.normal(size=(120, 16))
    alternating = 0.8 * (-1.0) ** np.arange(16)  # what no band shows, beside what all have in common
    found = run(values[:60], values[60:] + alternating, settings=Comparing(permutations=999, partitions=2))
    assert found.auc.low > 0.9
    assert (found.p_auc, found.p) == pytest.approx((0.001, 0.001), abs=0.002)
    assert found.p_energy > 0.05


def test_a_difference_of_spread_is_seen_by_the_energy_distance():
    found = run(draw(60, 4), 3 * draw(60, 4, seed=1), settings=Comparing(permutations=999, partitions=2))
    assert found.p_energy == 0.001
    assert found.p <= 0.003


def test_few_units_have_an_energy_distance_but_no_auc():
    found = run(draw(3, 4), draw(3, 4, seed=1))
    assert (found.auc, found.p_auc) == (None, None)
    assert found.smallest_p == pytest.approx(2 / 20)
    assert found.p >= found.smallest_p


def test_many_images_are_thinned_and_the_number_is_told():
    settings = Comparing(permutations=19, partitions=1, whole_images=40)
    assert run(draw(70, 3), draw(50, 3, seed=1), settings=settings).n_images == 40
    assert run(draw(12, 3), draw(13, 3, seed=1), settings=settings).n_images == 25


def test_equal_seeds_give_equal_figures():
    assert run(draw(15, 3), draw(12, 3, seed=1), seed=4) == run(draw(15, 3), draw(12, 3, seed=1), seed=4)
