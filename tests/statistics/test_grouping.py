from __future__ import annotations

import numpy as np
import pytest

from sigforensics.settings import Comparing
from sigforensics.statistics import group_units, independent_units


def group(n_true, n_fake, *, paired=False, writers=None, most=8, least=4, seed=0):
    units = {} if writers is None else {"units_true": writers[0], "units_fake": writers[1]}
    settings = Comparing(map_units=most, map_least_units=least)
    rng = np.random.default_rng(seed)
    return group_units(n_true, n_fake, paired=paired, **units, settings=settings, rng=rng)


def means(members, table):
    """Slow and obvious."""
    return np.array(
        [
            sum(
                weight * table[image]
                for image, weight, at in zip(members.images, members.weights, members.rows, strict=True)
                if at == row
            )
            for row in range(members.n_rows)
        ]
    )


@pytest.mark.parametrize(
    ("paired", "writers"),
    [
        (False, None),
        (True, None),
        (False, (list("aabbbcd"), list("dbbacxx"))),
        (False, (list("aabbbcd"), list("xyyyzww"))),
    ],
    ids=["images", "pairs", "writers in both", "other writers"],
)
def test_as_long_as_there_are_few_the_rows_are_the_independent_units(paired, writers):
    true, fake = np.random.default_rng(0).normal(size=(2, 7, 3))
    names = {} if writers is None else {"units_true": writers[0], "units_fake": writers[1]}
    expected = independent_units(true, fake, paired=paired, **names)
    found = group(7, 7, paired=paired, writers=writers)
    np.testing.assert_allclose(means(found.true, true), expected.true)
    np.testing.assert_allclose(means(found.fake, fake), expected.fake)
    assert (found.unit, found.aligned, found.group) == (expected.unit, expected.aligned, 1)
    assert found.left_out == 0


def test_pairs_stay_pairs_and_none_is_left_out():
    found = group(30, 30, paired=True)
    assert found.true.n_rows == found.fake.n_rows == 8
    np.testing.assert_array_equal(found.true.images, found.fake.images)
    np.testing.assert_array_equal(found.true.rows, found.fake.rows)
    assert sorted(found.true.images) == list(range(30))
    assert (found.group, found.left_out) == (4, 0)
    assert found.true.images.tolist() != sorted(found.true.images)


def test_writers_stay_whole_and_weigh_the_same():
    writers = [f"w{number % 20}" for number in range(50)], [f"w{number % 20}" for number in range(40)]
    found = group(50, 40, writers=writers)
    for members, names in zip((found.true, found.fake), writers, strict=True):
        rows, shares = {}, {}
        for image, row, weight in zip(members.images, members.rows, members.weights, strict=True):
            rows.setdefault(names[image], set()).add(row)
            shares[names[image]] = shares.get(names[image], 0) + weight
        assert {len(at) for at in rows.values()} == {1}
        assert len(rows) == 20
        assert {round(share, 9) for share in shares.values()} == {round(1 / 2, 9), round(1 / 3, 9)}
    of_true = {writers[0][image]: row for image, row in zip(found.true.images, found.true.rows, strict=True)}
    of_fake = {writers[1][image]: row for image, row in zip(found.fake.images, found.fake.rows, strict=True)}
    assert of_true == of_fake


@pytest.mark.parametrize(
    ("n_true", "n_fake", "rows", "size", "left_out"),
    [
        (20, 20, (6, 6), 3, 4),  # groups of 3, as 8 rows cannot hold pairs
        (16, 16, (8, 8), 2, 0),
        (40, 9, (8, 4), 2, 25),  # the smaller set keeps 4 rows; 8 of the 20 of the larger
        (100, 3, (8, 3), 1, 92),
    ],
)
def test_groups_of_unpaired_sets_are_equally_large(n_true, n_fake, rows, size, left_out):
    found = group(n_true, n_fake)
    assert (found.true.n_rows, found.fake.n_rows) == rows
    for members in (found.true, found.fake):
        assert set(np.bincount(members.rows)) == {size}
        assert len(set(members.images)) == members.images.size
        np.testing.assert_allclose(members.weights, 1 / size)
    assert (found.group, found.left_out) == (size, left_out)


def test_a_seed_gives_the_same_groups_and_another_others():
    first, again, other = (group(40, 40, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.true.images, again.true.images)
    assert first.true.images.tolist() != other.true.images.tolist()
