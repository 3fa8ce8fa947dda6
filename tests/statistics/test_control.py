from __future__ import annotations

import itertools

import numpy as np
import pytest

from sigforensics.errors import TooFewImages
from sigforensics.settings import Comparing
from sigforensics.statistics import control_true_against_true, independent_units

EDGES = np.array([0.0, 0.1, 0.2, 0.3, 0.4])


def control(true, fake, *, paired=False, n_splits=200, seed=0, **writers):
    units = independent_units(true, fake, paired=paired, **writers)
    settings = Comparing(control_splits=n_splits)
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
        control(draw(40, 4, seed=i), draw(n_fake, 4, seed=100 + i), n_splits=100).percentile
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
    assert found.unit == "image"
    assert found.n_splits == 200


def test_the_control_has_the_noise_of_its_size():
    found = control(draw(400, 4), draw(400, 4, seed=1), n_splits=2000)
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
