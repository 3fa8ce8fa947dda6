from __future__ import annotations

import numpy as np
import pytest

from sigforensics.statistics import independent_units
from sigforensics.statistics.exchanges import exchange_of
from sigforensics.statistics.labelled import images_of, images_of_parts, thinned


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def units_of(true, fake, **options):
    return independent_units(true, fake, **{"paired": False} | options)


@pytest.mark.parametrize("paired", [False, True])
def test_the_labels_as_they_are_give_the_sides_as_they_are(paired):
    units = units_of(draw(4, 2), draw(4, 2, seed=1), paired=paired)
    images = images_of(units)
    sides = images.sides(exchange_of(units).observed[np.newaxis])
    assert sides.tolist() == [[-1] * 4 + [1] * 4]
    np.testing.assert_array_equal(images.features, np.concatenate([units.true, units.fake]))


def test_writers_exchange_all_their_images():
    units = units_of(
        draw(4, 2), draw(3, 2, seed=1), units_true=["a", "a", "b", "b"], units_fake=["b", "a", "b"]
    )
    images = images_of(units)
    assert images.unit.tolist() == [0, 0, 1, 1, 1, 0, 1]
    assert images.sides(np.array([[1.0, -1.0]])).tolist() == [[-1, -1, 1, 1, -1, 1, -1]]


def test_writers_of_one_set_only_have_no_images_here():
    units = units_of(draw(5, 2), draw(4, 2, seed=1), units_true=list("abcab"), units_fake=list("abab"))
    assert len(images_of(units).side) == 8


def test_parts_have_the_images_of_their_rows_and_units_of_their_own():
    units = units_of(
        np.arange(12.0).reshape(6, 2), draw(6, 2), units_true=list("aabbcc"), units_fake=list("abcabc")
    )
    true = units.true_images, units.true_rows
    images = images_of_parts((*true, np.array([2])), (*true, np.array([0])))
    assert images.features[:, 0].tolist() == [8, 10, 0, 2]
    assert (images.side.tolist(), images.unit.tolist()) == ([-1, -1, 1, 1], [0, 0, 1, 1])


def test_few_images_stay_as_they_are():
    units = units_of(draw(4, 2), draw(4, 2, seed=1))
    assert thinned(units, images=8, rng=np.random.default_rng(0)) is units


@pytest.mark.parametrize(
    ("n_true", "n_fake", "expected"), [(50, 50, (10, 10)), (50, 4, (16, 4)), (4, 50, (4, 16))]
)
def test_of_many_images_random_ones_stay_and_the_smaller_set_is_kept(n_true, n_fake, expected):
    few = thinned(units_of(draw(n_true, 2), draw(n_fake, 2)), images=20, rng=np.random.default_rng(0))
    assert (len(few.true), len(few.fake), few.n_true, few.n_fake) == expected * 2


def test_pairs_stay_pairs():
    true = draw(50, 2)
    few = thinned(units_of(true, true + 1, paired=True), images=20, rng=np.random.default_rng(0))
    assert (len(few.true), few.aligned) == (10, True)
    np.testing.assert_allclose(few.fake_images, few.true_images + 1)
    np.testing.assert_array_equal(few.true_rows, few.fake_rows)


def test_writers_keep_an_equal_share_of_their_images_and_their_means():
    writers = ["a"] * 30 + ["b"] * 3
    units = units_of(draw(33, 2), draw(33, 2, seed=1), units_true=writers, units_fake=writers)
    few = thinned(units, images=20, rng=np.random.default_rng(0))
    assert np.bincount(few.true_rows).tolist() == [5, 3]
    np.testing.assert_array_equal(few.true, units.true)
    assert {tuple(row) for row in few.true_images} <= {tuple(row) for row in units.true_images}
