from __future__ import annotations

import numpy as np
import pytest

from sigforensics.settings import Comparing
from sigforensics.statistics import control_true_against_true, independent_units, whole_test
from sigforensics.statistics.counts import with_equal_counts, with_equal_weights

NEVER = 10**6
"""Units without which there is no AUC."""


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def names(counts, tag):
    return [f"{tag}{place:02}" for place, count in enumerate(counts) for _ in range(count)]


def units_of(true, fake, *, seed=0, same=False):
    """Two sets with so many images of each writer."""
    return independent_units(
        draw(sum(true), 3, seed=seed),
        draw(sum(fake), 3, seed=seed + 1000),
        paired=False,
        units_true=names(true, "w"),
        units_fake=names(fake, "w" if same else "v"),
    )


def counts(units):
    return np.bincount(units.true_rows).tolist(), np.bincount(units.fake_rows).tolist()


@pytest.mark.parametrize(("same", "true"), [(False, [3] * 5), (True, [3, 2, 5]), (False, [3, 2, 5])])
def test_sets_with_equally_many_images_a_writer_stay_as_they_are(same, true):
    units = units_of(true, true, same=same)
    assert with_equal_counts(units, rng=np.random.default_rng(0)) is units


def test_a_writer_in_both_sets_keeps_as_many_images_on_either_side():
    few = with_equal_counts(units_of([5, 1, 4], [2, 6, 4], same=True), rng=np.random.default_rng(0))
    assert counts(few) == ([2, 1, 4], [2, 1, 4])
    assert (few.n_true, few.n_fake) == (7, 7)


def test_sets_of_different_writers_get_the_same_distribution_of_counts():
    few = with_equal_counts(units_of([9] * 12, [2, 3, 2]), rng=np.random.default_rng(0))
    assert counts(few) == ([2] * 8 + [3] * 4, [2, 3, 2])


def test_the_side_with_fewer_images_is_repeated_until_both_weigh_the_same():
    units = units_of([5, 1, 4], [2, 6, 4], same=True)
    even = with_equal_weights(units)
    assert counts(even) == ([5, 6, 4], [5, 6, 4])
    own = units.fake_images[units.fake_rows == 0]
    np.testing.assert_array_equal(even.fake_images[even.fake_rows == 0], own[[0, 1, 0, 1, 0]])
    alike = units_of([3, 2], [3, 2], same=True)
    assert with_equal_weights(alike) is alike


def test_one_writer_with_one_image_does_not_cost_all_others_theirs():
    few = with_equal_counts(units_of([9] * 8, [1, 9, 9, 9]), rng=np.random.default_rng(0))
    assert counts(few) == ([1, 1] + [9] * 6, [1, 9, 9, 9])


def test_what_stays_are_images_of_the_same_writer_and_the_tables_are_their_means():
    units = units_of([4] * 3, [2] * 3)
    few = with_equal_counts(units, rng=np.random.default_rng(0))
    of_writer = {tuple(image): row for image, row in zip(units.true_images, units.true_rows, strict=True)}
    assert [of_writer[tuple(image)] for image in few.true_images] == few.true_rows.tolist()
    expected = [few.true_images[few.true_rows == row].mean(axis=0) for row in range(3)]
    np.testing.assert_allclose(few.true, expected)
    np.testing.assert_array_equal(few.fake, units.fake)


def test_many_writers_with_many_images_against_few_with_few_are_found_to_differ_as_often_as_the_level_says():
    settings = Comparing(permutations=99, partitions=1)
    p = []
    for seed in range(80):
        units = units_of([24] * 24, [2] * 8, seed=seed)
        found = whole_test(units, settings=settings, rng=np.random.default_rng(seed))
        p.append((found.p_energy, found.p_auc, found.p))
    rejected = (np.array(p) <= 0.05).mean(axis=0)
    assert (
        rejected <= 0.15
    ).all()  # of all images 0.61, 0.33 and 0.45; an exact test has more in one of 3000 cases


def test_the_auc_of_writers_in_both_sets_tells_them_though_one_side_has_few_images():
    true, fake = names([12] * 12, "w"), names([2] * 12, "w")
    hands = dict(zip(sorted(set(true)), 3 * draw(12, 3, seed=5), strict=True))
    units = independent_units(
        np.array([hands[name] for name in true]) + draw(len(true), 3),
        np.array([hands[name] for name in fake]) + draw(len(fake), 3, seed=1) + 2,
        paired=False,
        units_true=true,
        units_fake=fake,
    )
    found = whole_test(units, settings=Comparing(permutations=199), rng=np.random.default_rng(0))
    assert found.p_auc <= 0.01
    assert found.n_images == 12 * 14


def test_fakes_with_fewer_images_a_writer_lie_in_the_middle_of_the_control():
    percentiles = []
    settings = Comparing(control_splits=40, min_separated=NEVER)
    for seed in range(20):
        found = control_true_against_true(
            units_of([24] * 16, [2] * 16, seed=seed),
            edges=np.arange(4.0),
            settings=settings,
            rng=np.random.default_rng(seed),
        )
        percentiles.append((found.percentile, found.energy.percentile))
    assert np.mean(percentiles, axis=0) == pytest.approx([50, 50], abs=20)  # of all images 97 and 100
