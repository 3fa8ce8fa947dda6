from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigforensics.samples import draw_signature, invent_writer


def shape_of(image):
    """The ink's box as 48 x 24 darkness, normalised: what a coarse look retains."""
    ink = np.where(image < 0.75, 1 - image, 0)
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    small = cv2.GaussianBlur(cv2.resize(cut, (48, 24), interpolation=cv2.INTER_AREA), (0, 0), 1.0)
    return small / np.linalg.norm(small)


def test_the_same_seed_gives_the_same_pixels():
    one, other = (draw_signature(invent_writer(1), rng=np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one, other)


def test_two_signatures_of_a_writer_differ():
    rng = np.random.default_rng(5)
    one, other = (shape_of(draw_signature(invent_writer(1), rng=rng)) for _ in range(2))
    assert np.linalg.norm(one - other) > 0.1


def test_signatures_of_a_writer_are_nearer_to_each_other_than_to_those_of_others():
    rng = np.random.default_rng(0)
    shapes = [[shape_of(draw_signature(invent_writer(k), rng=rng)) for _ in range(4)] for k in range(6)]
    within = [np.linalg.norm(a - b) for own in shapes for a, b in combinations(own, 2)]
    between = [np.linalg.norm(a - b) for own, others in combinations(shapes, 2) for a in own for b in others]
    assert np.mean(within) < 0.75 * np.mean(between)
    assert np.max(within) < np.median(between)


@given(number=st.integers(0, 200), seed=st.integers(0, 20))
@settings(max_examples=15, deadline=None)
def test_any_signature_looks_like_a_cropped_scan(number, seed):
    image = draw_signature(invent_writer(number, seed=seed), rng=np.random.default_rng(number))
    height, width = image.shape
    assert image.dtype == np.float32
    assert image.min() >= 0
    assert image.max() <= 1
    assert 250 < width < 1000
    assert 150 < height < 600
    assert 0.01 < (image < 0.7).mean() < 0.1  # CEDAR: 0.02 to 0.05 below 180 of 255
    assert np.median(image) == pytest.approx(0.94, abs=0.01)
    rim = np.concatenate(
        [image[:20].ravel(), image[-20:].ravel(), image[:, :20].ravel(), image[:, -20:].ravel()]
    )
    assert rim.min() > 0.8


def test_another_resolution_draws_the_same_size_on_paper():
    heights = {
        dpi: np.ptp(
            np.flatnonzero(
                (draw_signature(invent_writer(4), rng=np.random.default_rng(1), dpi=dpi) < 0.7).any(1)
            )
        )
        for dpi in (200.0, 400.0)
    }
    assert heights[400.0] / heights[200.0] == pytest.approx(2, abs=0.06)


def test_lines_are_as_wide_as_a_ball_pens():
    image = draw_signature(invent_writer(3), rng=np.random.default_rng(1))
    inside = cv2.distanceTransform((image < 0.68).astype(np.uint8), cv2.DIST_L2, 5)
    ridge = (inside >= cv2.dilate(inside, np.ones((3, 3)))) & (inside > 1)
    assert 3 <= 2 * np.median(inside[ridge]) <= 6.5
