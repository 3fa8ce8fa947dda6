from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigforensics.augmentation import (
    augment,
    deform,
    draw_displacements,
    draw_distortion,
    draw_squares,
    erase_squares,
    image_rng,
)
from sigforensics.settings import Augmentation

EDGES = (np.random.default_rng(2).random((64, 64)) < 0.1).astype(np.uint8) * 255
SETTINGS = Augmentation()


def test_displacements_go_both_ways_and_up_to_the_limit():
    drawn = draw_displacements(5, 50.0, rng=np.random.default_rng(0))
    assert drawn.shape == (2, 5, 5)
    many = np.array([draw_displacements(5, 50.0, rng=np.random.default_rng(seed)) for seed in range(200)])
    assert -50 <= many.min() < -49
    assert 49 < many.max() <= 50
    assert np.abs(many.mean(axis=0)).max() < 10  # six standard errors of a uniform draw


def test_no_displacement_changes_nothing():
    assert np.array_equal(deform(EDGES, np.zeros((2, 5, 5))), EDGES)


@pytest.mark.parametrize(("down", "across"), [(3, 0), (0, -7), (5, 4), (-64, 0)])
def test_a_constant_displacement_shifts_and_leaves_zero_behind(down, across):
    field = np.ones((2, 5, 5)) * np.array([down, across])[:, None, None]
    shifted = np.zeros_like(EDGES)
    for y in range(64):
        for x in range(64):
            if 0 <= y + down < 64 and 0 <= x + across < 64:
                shifted[y, x] = EDGES[y + down, x + across]
    assert np.array_equal(deform(EDGES, field), shifted)


def test_the_field_passes_through_its_control_points():
    image = np.tile(np.arange(65, dtype=np.uint8) * 3, (65, 1))  # value tells the column
    field = np.zeros((2, 5, 5))
    field[1] = np.random.default_rng(1).uniform(-8, 8, (5, 5))
    moved = deform(image, field)
    for i in range(1, 4):
        for j in range(1, 4):  # the control points stand every 16 pixels
            assert moved[16 * i, 16 * j] / 3 == pytest.approx(16 * j + field[1, i, j], abs=0.4)


def test_the_field_is_smooth():
    field = draw_displacements(5, 4.0, rng=np.random.default_rng(3))
    ramp = np.tile(np.arange(128, dtype=np.uint8), (128, 1))
    moved = deform(ramp, field)[20:-20, 20:-20].astype(float)
    assert np.abs(np.diff(moved, axis=0)).max() <= 2
    assert np.abs(np.diff(moved, axis=1) - 1).max() <= 2


@settings(deadline=None, max_examples=60)
@given(side=st.integers(0, 20), count=st.integers(0, 3), seed=st.integers(0, 2**32))
def test_erased_squares_lie_within_and_are_zero(side, count, seed):
    image = np.full((16, 18), 255, np.uint8)
    squares = draw_squares(image.shape, side=side, count=count, rng=np.random.default_rng(seed))
    erased = erase_squares(image, squares)
    assert len(squares) == count
    rows, columns = np.nonzero(erased == 0)
    if count == 1:
        assert len(rows) == min(side, 16) * min(side, 18)
        assert len(rows) == 0 or np.ptp(rows) + 1 == min(side, 16)
        assert len(rows) == 0 or np.ptp(columns) + 1 == min(side, 18)
    assert len(rows) <= count * min(side, 16) * min(side, 18)
    assert (image == 255).all()


def test_every_pixel_can_be_erased_the_last_row_and_column_too():
    rng = np.random.default_rng(0)
    hit = np.zeros((6, 7), int)
    for _ in range(600):
        hit += erase_squares(np.ones((6, 7), np.uint8), draw_squares((6, 7), side=3, count=1, rng=rng)) == 0
    assert hit.min() > 0
    # 4 x 5 equally likely places: a corner is in 1 of 20, the middle in all rows and 3 of 5 columns
    assert hit[[0, 0, -1, -1], [0, -1, 0, -1]] / 600 == pytest.approx([0.05] * 4, abs=0.03)


def test_augmenting_bends_and_erases():
    field = draw_displacements(SETTINGS.grid, SETTINGS.max_displacement / 8, rng=np.random.default_rng(4))
    rng = np.random.default_rng(4)
    augmented = augment(EDGES, rng=rng, settings=SETTINGS)
    bent = deform(EDGES, field)
    changed = np.nonzero(augmented != bent)
    assert np.ptp(changed[0]) < 16  # 128 of 512 pixels, at 64
    assert np.ptp(changed[1]) < 16
    assert (augmented[changed] == 0).all()
    assert not np.array_equal(bent, EDGES)
    assert augmented.dtype == np.uint8


def test_augmenting_is_a_distortion_that_says_where_its_holes_are():
    full = np.full((64, 64), 255, np.uint8)
    still = replace(SETTINGS, max_displacement=0.0, holes=2)
    distortion = draw_distortion(64, rng=np.random.default_rng(1), settings=still)
    augmented = augment(full, rng=np.random.default_rng(1), settings=still)
    assert np.array_equal(distortion.apply(full), augmented)
    expected = full.copy()
    for rows, columns in distortion.holes:
        expected[rows, columns] = 0
    assert len(distortion.holes) == 2
    assert np.array_equal(augmented, expected)


def test_displacements_and_holes_scale_with_the_size():
    full = np.full((256, 256), 255, np.uint8)
    still = replace(SETTINGS, max_displacement=0.0)
    erased = augment(full, rng=np.random.default_rng(0), settings=still) == 0
    assert erased.sum() == 64 * 64
    # at a displacement of 512 pixels and no hole, half of the picture comes from outside, whatever the size
    far = Augmentation(max_displacement=512.0, hole=0)
    shares = [
        np.mean(
            [
                augment(np.full((n, n), 255, np.uint8), rng=np.random.default_rng(s), settings=far).mean()
                for s in range(5)
            ]
        )
        for n in (64, 256)
    ]
    assert shares[0] == pytest.approx(shares[1], rel=0.05)


def test_the_reference_size_has_the_reference_figures():
    full = np.full((512, 512), 255, np.uint8)
    erased = augment(full, rng=np.random.default_rng(0), settings=Augmentation(max_displacement=0.0)) == 0
    assert erased.sum() == 128 * 128


def test_edges_are_left_alone():
    before = EDGES.copy()
    augment(EDGES, rng=np.random.default_rng(0))
    assert np.array_equal(EDGES, before)


def test_randomness_depends_on_seed_and_names_alone():
    one = image_rng(0, "writer", "sample").random(4)
    image_rng(5, "somebody", "else").random(4)
    assert np.array_equal(image_rng(0, "writer", "sample").random(4), one)


NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), NAMES, NAMES), min_size=2, max_size=8, unique=True))
def test_other_seeds_and_names_draw_other_numbers(draws):
    assert len({image_rng(seed, *names).random() for seed, *names in draws}) == len(draws)


def test_names_of_any_length_do_not_run_into_each_other():
    assert image_rng(0, "abcdefgh", "ijkl").random() != image_rng(0, "abcd", "efghijkl").random()
    assert image_rng(0, "a", "").random() != image_rng(0, "a").random()


def test_names_that_are_no_unicode_draw_as_well():
    assert 0 <= image_rng(0, "caf\udce9").random() < 1
