from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.covariance import ledoit_wolf_shrinkage
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from sigforensics.settings import Comparing
from sigforensics.statistics import independent_units
from sigforensics.statistics.discriminant import (
    classifiers,
    partitions,
    separation,
    separations,
    shrinkage,
)
from sigforensics.statistics.labelled import images_of


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def prepared(true, fake, *, seed=0, chosen=None, **options):
    options = {"paired": False} | options
    units = independent_units(true, fake, **options)
    images = images_of(units)
    folds = partitions(
        len(units.true),
        len(units.fake),
        aligned=units.aligned,
        settings=chosen or Comparing(),
        rng=np.random.default_rng(seed),
    )
    return images, folds


def auc_of(true, fake, **options):
    images, folds = prepared(true, fake, **options)
    return separation(images, classifiers(images, folds), confidence=0.95)


def slow_scores(images, fold, side):
    """With scikit-learn's scaling and shrinkage, one fold after the other."""
    scores = np.empty(len(side))
    for one in np.unique(fold):
        known = fold != one
        scaler = StandardScaler().fit(images.features[known])
        values = scaler.transform(images.features[known])
        share = ledoit_wolf_shrinkage(values, assume_centered=True)
        covariance = (1 - share) * np.cov(values.T, bias=True) + share * np.eye(values.shape[1])
        means = [values[side[known] == sign].mean(axis=0) for sign in (-1, 1)]
        weights = np.linalg.solve(covariance, means[1] - means[0])
        scores[~known] = scaler.transform(images.features[~known]) @ weights
    return scores


def slow_auc(images, folds, side):
    won = compared = 0
    for partition in folds:
        fold = partition[images.unit]
        scores = slow_scores(images, fold, side)
        for one in np.unique(fold):
            fakes, true = (scores[(fold == one) & (side == sign)] for sign in (1, -1))
            won += sum((a > b) + (a == b) / 2 for a in fakes for b in true)
            compared += fakes.size * true.size
    return won / compared


def mixed(n, bands=5, seed=0):
    """Correlated bands of different spreads."""
    return draw(n, bands, seed=seed) @ np.triu(np.ones((bands, bands))) * np.arange(1, bands + 1) + 3


@pytest.mark.parametrize("paired", [False, True])
def test_the_auc_is_that_of_the_plain_loop_with_scikit_learns_scaling_and_shrinkage(paired):
    images, folds = prepared(mixed(20), mixed(20, seed=1) + 1, paired=paired, chosen=Comparing(partitions=3))
    found = separations(classifiers(images, folds), images.side[np.newaxis])[0]
    assert found == pytest.approx(slow_auc(images, folds, images.side))
    assert separation(images, classifiers(images, folds), confidence=0.95).value == pytest.approx(found)


def test_each_labelling_gets_the_auc_that_it_would_get_alone():
    images, folds = prepared(mixed(11), mixed(14, seed=1), chosen=Comparing(partitions=2))
    sides = np.where(np.random.default_rng(3).random((6, 25)) < 0.5, 1.0, -1.0)
    found = separations(classifiers(images, folds), sides)
    np.testing.assert_allclose(found, [slow_auc(images, folds, side) for side in sides])


def test_with_one_fold_the_auc_is_scikit_learns():
    images, folds = prepared(mixed(200), mixed(200, seed=1) + 0.5)
    fold = folds[0][images.unit]
    scores = slow_scores(images, fold, images.side)
    inside = fold == 0
    expected = roc_auc_score(images.side[inside] > 0, scores[inside])
    one = classifiers(images, folds[:1])
    first = type(one)(one.features, one.parts[:1], one.means[:1], one.precisions[:1])
    assert separations(first, images.side[np.newaxis])[0] == pytest.approx(expected)


@given(st.integers(2, 60), st.integers(2, 8), st.integers(0, 1000))
def test_the_shrinkage_is_scikit_learns(n, bands, seed):
    values = mixed(n, bands, seed=seed)
    values -= values.mean(axis=0)
    assert shrinkage(values) == pytest.approx(ledoit_wolf_shrinkage(values, assume_centered=True))


def test_above_one_half_means_that_fakes_can_be_told_whichever_way_they_differ():
    for shift in (-2, 2):
        assert auc_of(draw(40, 4), draw(40, 4, seed=1) + shift).value > 0.95


def test_images_that_are_equal_tie_and_ties_count_a_half():
    true = draw(24, 4)
    assert auc_of(true, true.copy(), paired=True).value == 0.5
    constant = auc_of(np.ones((12, 4)), np.ones((12, 4)))
    assert (constant.value, constant.low <= 0.5 <= constant.high) == (0.5, True)


def test_a_band_that_does_not_vary_changes_nothing():
    true, fake = draw(30, 4), draw(30, 4, seed=1) + 0.5
    extended = [np.column_stack([values, np.full(30, 7.3)]) for values in (true, fake)]
    kept = auc_of(true, fake)
    assert auc_of(*extended).value == pytest.approx(kept.value, abs=0.02)  # the shrinkage sees one band more


@pytest.mark.parametrize("seed", range(6))
def test_scales_and_offsets_of_the_bands_are_of_no_influence(seed):
    rng = np.random.default_rng(seed)
    scale, offset = np.exp(3 * rng.normal(size=4)), 5 * rng.normal(size=4)
    true, fake = draw(16, 4, seed=seed), draw(16, 4, seed=seed + 1)
    assert auc_of(true * scale + offset, fake * scale + offset).value == pytest.approx(
        auc_of(true, fake).value, abs=1 / 256
    )


def test_no_image_of_a_unit_that_is_tried_is_in_the_training():
    """Writers whose fakes are marked each in a way of its own cannot be told by marks that other writers have not."""
    rng = np.random.default_rng(0)
    writers = np.repeat([f"w{i}" for i in range(12)], 8)
    own = np.repeat(np.eye(12) * 20, 8, axis=0)
    true, fake = rng.normal(size=(96, 12)), rng.normal(size=(96, 12)) + own
    by_image = auc_of(true, fake)
    by_writer = auc_of(true, fake, units_true=writers, units_fake=writers)
    assert by_image.value > 0.95
    assert by_writer.value < 0.75


def test_where_all_are_told_the_interval_says_what_so_few_units_allow():
    found = auc_of(draw(12, 3), draw(20, 3, seed=1) + 40)
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.025 ** (1 / 12))


def test_more_units_make_the_interval_narrower():
    few, many = (auc_of(draw(n, 4), draw(n, 4, seed=1) + 0.7) for n in (20, 320))
    assert many.high - many.low < (few.high - few.low) / 2.5


def test_partitions_give_every_fold_units_and_do_not_know_the_sets():
    settings = Comparing(partitions=5, folds=10)
    for sizes, aligned, folds in (
        ((8, 8), True, 4),
        ((4, 4), True, 2),
        ((4, 4), False, 2),
        ((60, 50), False, 10),
    ):
        found = partitions(*sizes, aligned=aligned, settings=settings, rng=np.random.default_rng(0))
        assert found.shape == (5, sizes[0] if aligned else sum(sizes))
        assert all(np.unique(one).tolist() == list(range(folds)) for one in found)
        assert min(np.bincount(one).min() for one in found) >= (2 if aligned else 4)


def test_three_units_a_side_are_too_few_to_train_and_to_try():
    for aligned in (True, False):
        assert partitions(3, 3, aligned=aligned, settings=Comparing(), rng=np.random.default_rng(0)) is None
