from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from scipy.spatial.distance import cdist

from sigforensics.statistics import independent_units
from sigforensics.statistics.energy import ROWS, energies, unit_distances
from sigforensics.statistics.exchanges import exchange_of
from sigforensics.statistics.labelled import images_of


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def energy(true, fake, labels=None, **options):
    units = independent_units(true, fake, **{"paired": False} | options)
    images = images_of(units)
    labels = exchange_of(units).observed if labels is None else np.asarray(labels, float)
    return energies(images, unit_distances(images), np.atleast_2d(labels))


def plain(true, fake):
    """By its definition, on bands scaled over both sets."""
    spread = np.concatenate([true, fake]).std(axis=0)
    x, y = true / spread, fake / spread
    return 2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean()


def test_in_one_band_it_is_the_square_of_scipys():
    true, fake = draw(15, 1), draw(22, 1, seed=1) + 0.5
    spread = np.concatenate([true, fake]).std()
    expected = scipy.stats.energy_distance(true[:, 0] / spread, fake[:, 0] / spread) ** 2
    assert energy(true, fake)[0] == pytest.approx(expected)


@pytest.mark.parametrize("paired", [False, True])
def test_in_many_bands_it_is_that_of_the_definition(paired):
    true, fake = 3 * draw(12, 6) + 5, 4 * draw(12, 6, seed=1)
    assert energy(true, fake, paired=paired)[0] == pytest.approx(plain(true, fake))


def test_images_in_several_blocks_are_all_counted():
    true, fake = draw(ROWS + 3, 2), draw(40, 2, seed=1)
    assert energy(true, fake)[0] == pytest.approx(plain(true, fake))


def test_exchanged_pairs_and_labels_give_what_exchanged_images_give():
    true, fake = draw(5, 3), draw(5, 3, seed=1)
    signs = np.array([1, -1, 1, 1, -1])
    turned = signs[:, np.newaxis] < 0
    expected = plain(np.where(turned, fake, true), np.where(turned, true, fake))
    assert energy(true, fake, signs, paired=True)[0] == pytest.approx(expected)
    everything, labels = np.concatenate([true, fake]), np.array([0, 1, 1, 0, 1, 0, 1, 0, 0, 0])
    expected = plain(everything[labels == 0], everything[labels == 1])
    assert energy(true, fake, labels)[0] == pytest.approx(expected)


def test_writers_weigh_the_same_however_many_images_they_have():
    true, fake = draw(5, 3), draw(4, 3, seed=1)
    repeats = [3, 1, 2, 1, 4]
    many = np.repeat(true, repeats, axis=0)
    writers_true = np.repeat([f"t{i}" for i in range(5)], repeats)
    writers_fake = [f"f{i}" for i in range(4)]
    found = energy(many, fake, units_true=writers_true, units_fake=writers_fake)[0]
    spread = np.concatenate([many, fake]).std(axis=0)
    x, y = true / spread, fake / spread
    assert found == pytest.approx(2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean())


def test_a_difference_of_spread_alone_is_seen():
    same = energy(draw(200, 3), draw(200, 3, seed=1))[0]
    assert energy(draw(200, 3), 2 * draw(200, 3, seed=1))[0] > 5 * same


def test_sets_of_the_same_images_are_at_no_distance():
    assert energy(draw(9, 4), draw(9, 4))[0] == pytest.approx(0, abs=1e-12)


def test_a_band_that_does_not_vary_counts_for_nothing():
    true, fake = draw(9, 2), draw(9, 2, seed=1)
    extended = [np.column_stack([values, np.full(9, 7.0)]) for values in (true, fake)]
    assert energy(*extended)[0] == pytest.approx(energy(true, fake)[0])
