"""Darkness, grain, specks, lattices and spots are what they are called."""

from __future__ import annotations

import numpy as np
import pytest

import ink_and_paper


def sheet() -> np.ndarray:
    """A dark bar on paper."""
    image = np.zeros((256, 256), np.uint8)
    image[100:110, 50:200] = 150
    return image


def test_even_ink_has_no_second_differences_and_stripes_have() -> None:
    image = sheet()
    assert ink_and_paper.ink(image) == (150, 0)
    image[100:110, 50:200:2] = 170
    assert ink_and_paper.ink(image) == (160, 40)


def test_blank_paper_has_no_ink() -> None:
    assert np.isnan(ink_and_paper.ink(np.zeros((64, 64), np.uint8))).all()
    assert ink_and_paper.specks([np.zeros((64, 64), np.uint8)])[1] == 0


def test_specks_count_by_their_distance_from_dark_ink() -> None:
    image = sheet()
    image[95, 60] = image[115, 60] = 30  # beside the bar
    assert ink_and_paper.specks([image]) == (0, 0)
    image[125, 60:70] = 30
    near, far = ink_and_paper.specks([image])
    assert near > 0 == far
    image[200, 60:70] = 30
    assert ink_and_paper.specks([image])[1] == pytest.approx(10 / (ink_and_paper.distance(image) >= 25).sum())


def test_a_lattice_is_told_from_as_many_specks_elsewhere() -> None:
    image, scattered = sheet(), sheet()
    image[5::32, 7::32] = 30
    scattered.flat[np.random.default_rng(0).choice(image.size, 64, replace=False)] = 30
    assert ink_and_paper.lattice([image]) == 1
    assert ink_and_paper.lattice([scattered]) < 0.5


def test_a_spot_is_the_share_of_images_that_have_it() -> None:
    marked = sheet()
    marked[230, 10] = 40
    found = ink_and_paper.spots([marked, sheet()])
    assert found[7, 0] == 0.5
    assert found.sum() == 0.5
