from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from sigforensics.errors import TooFewImages
from sigforensics.settings import Comparing
from sigforensics.statistics import control_true_against_true, independent_units

NEVER = 10**6
"""Units without which there is no AUC: where it is not looked at, it takes the most time."""
EDGES = np.array([0.0, 0.1, 0.2, 0.3, 0.4])


def control(true, fake, *, paired=False, n_splits=200, seed=0, min_separated=4, **writers):
    units = independent_units(true, fake, paired=paired, **writers)
    settings = Comparing(control_splits=n_splits, min_separated=min_separated)
    return control_true_against_true(units, edges=EDGES, settings=settings, rng=np.random.default_rng(seed))


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def test_fakes_of_another_kind_stand_out_from_the_true_images():
    fake = draw(40, 4, seed=1)
    fake[:, 2] += 3
    found = control(draw(40, 4), fake)
    assert found.percentile == 100
    assert found.observed_max_abs_difference > found.max_abs_difference_q95 > found.max_abs_difference_median
    assert [band.percentile == 100 for band in found.bands] == [False, False, True, False]
    assert found.bands[2].observed == pytest.approx(3, abs=0.6)


@pytest.mark.parametrize("n_fake", [40, 400])
def test_fakes_of_the_same_kind_lie_in_the_middle_of_the_true_images(n_fake):
    found = [
        control(
            draw(40, 4, seed=i), draw(n_fake, 4, seed=100 + i), n_splits=100, min_separated=NEVER
        ).percentile
        for i in range(80)
    ]
    assert np.mean(found) == pytest.approx(
        50, abs=4 * 18 / np.sqrt(80)
    )  # their standard deviation is 18 or less
    assert np.std(found) < 25
    assert np.mean(np.array(found) >= 95) <= 0.05


@pytest.mark.parametrize(
    ("n_true", "n_fake", "size"), [(40, 40, 20), (41, 90, 20), (40, 7, 7), (4, 2, 2), (5, 9, 2)]
)
def test_parts_are_as_large_as_both_sets_allow_and_the_result_says_so(n_true, n_fake, size):
    found = control(draw(n_true, 4), draw(n_fake, 4, seed=1))
    assert found.size_a_side == size
    if n_true <= 5:  # counted one by one
        parts = list(itertools.combinations(range(n_true), size))
        apart = [(one, other) for one, other in itertools.combinations(parts, 2) if not {*one} & {*other}]
        assert found.n_different == len(apart)
        assert found.repeats == f", of which {len(apart)} different ones exist"
    else:
        assert found.n_different > 200
        assert not found.repeats
    assert found.unit == "image"
    assert found.n_splits == 200


def test_the_control_has_the_noise_of_its_size():
    found = control(draw(400, 4), draw(400, 4, seed=1), n_splits=2000, min_separated=NEVER)
    # halves without overlap of a finite set: standard deviation sqrt(2 / 200), 95 % of its absolute value
    # below 1.96 of them
    for band in found.bands:
        assert band.q95 == pytest.approx(1.96 * np.sqrt(2 / 200), rel=0.12)


def test_a_fake_never_meets_its_own_original():
    true = 10 * draw(20, 4)
    exact_copies = control(true, true.copy(), paired=True)
    assert exact_copies.observed_max_abs_difference == pytest.approx(exact_copies.max_abs_difference_median)
    assert exact_copies.percentile == pytest.approx(50, abs=1)


def test_whole_writers_are_split():
    true = np.repeat(10 * draw(6, 4), 5, axis=0) + 0.1 * draw(30, 4, seed=1)
    writers = [f"writer {i // 5}" for i in range(30)]
    found = control(true, true + 0.1, units_true=writers, units_fake=writers)
    assert (found.unit, found.size_a_side) == ("writer", 3)
    assert found.max_abs_difference_median > 5  # writers differ far more than the images of one


def test_bands_carry_their_edges():
    found = control(draw(8, 4), draw(8, 4, seed=1))
    assert [(band.low, band.high) for band in found.bands] == list(itertools.pairwise(EDGES))


def test_three_true_images_are_too_few():
    with pytest.raises(TooFewImages, match="3 images cannot be split"):
        control(draw(3, 4), draw(30, 4, seed=1))


def test_the_auc_and_the_energy_distance_have_a_control_of_the_same_size():
    fake = draw(60, 4, seed=1)
    fake[:, 2] += 3
    found = control(draw(60, 4), fake, n_splits=60)
    for figure in (found.auc, found.energy):
        assert figure.percentile == 100
        assert figure.observed > figure.q95 > figure.median
    assert found.auc.median == pytest.approx(0.5, abs=0.08)
    alike = control(draw(60, 4), draw(60, 4, seed=1), n_splits=60)
    for figure in (alike.auc, alike.energy):
        assert figure.percentile < 95


def test_the_energy_distance_of_the_control_is_that_of_the_parts():
    true, fake = draw(4, 3), draw(4, 3, seed=1)
    found = control(true, fake, n_splits=400)
    scaled = np.concatenate([true, fake])
    x = true / scaled.std(axis=0)

    def energy(a, b):
        return 2 * cdist(a, b).mean() - cdist(a, a).mean() - cdist(b, b).mean()

    halves = [
        (list(half), [i for i in range(4) if i not in half]) for half in itertools.combinations(range(4), 2)
    ]
    every = [energy(x[one], x[other]) for one, other in halves]
    assert found.energy.median == pytest.approx(sorted(every)[2], rel=1e-9)
    assert found.energy.q95 == pytest.approx(max(every), rel=1e-9)


@pytest.mark.parametrize(("n", "has"), [(7, False), (8, True)])
def test_parts_of_three_units_have_no_auc(n, has):
    assert (control(draw(n, 4), draw(n, 4, seed=1), n_splits=3).auc is not None) == has


def test_of_many_images_the_control_of_the_wholes_takes_some():
    units = independent_units(draw(60, 4), draw(60, 4, seed=1), paired=False)
    settings = Comparing(control_splits=20, whole_images=40)
    found = control_true_against_true(units, edges=EDGES, settings=settings, rng=np.random.default_rng(0))
    assert found.size_a_side == 30
    assert found.energy.median > control(draw(60, 4), draw(60, 4, seed=1), n_splits=20).energy.median
