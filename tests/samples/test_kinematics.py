from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import lognorm

from sigforensics.samples.kinematics import Plan, move_pen


def plan_of(targets, roundness=1.0, down=None):
    targets = np.asarray(targets, float)
    down = np.ones(len(targets) - 1, bool) if down is None else np.array(down)
    return Plan(targets, np.full(len(targets), roundness), down)


def write(plan, **changed):
    options = {"deviation": 0.3, "fluency": 2.5, "pause": 1.0, "care": 0.0, "isochrony": 0.25, "samples": 400}
    return move_pen(plan, timing=np.ones(len(plan.down)), **{**options, **changed})


def test_a_single_stroke_is_straight_and_has_a_lognormal_speed():
    path = write(plan_of([(0, 0), (3, 4)]), samples=2000)
    assert np.allclose(path.points @ [4, -3], 0, atol=1e-9)
    assert np.allclose(path.points[[0, -1]], [(0, 0), (3, 4)], atol=0.01)
    peak = 5 * lognorm(0.3).pdf(np.exp(-(0.3**2)))  # the mode of a lognormal variable of median 1
    assert path.speed.max() == pytest.approx(peak, rel=1e-3)


def test_strokes_that_do_not_overlap_pass_every_target():
    targets = [(0, 0), (2, 1), (1, 3), (4, 2)]
    path = write(plan_of(targets), fluency=9.0)
    for target in targets:
        assert np.hypot(*(path.points - target).T).min() < 0.02


def test_round_targets_on_a_circle_give_circular_arcs():
    angles = np.deg2rad(np.arange(0, 271, 45))
    path = write(plan_of(np.stack([np.cos(angles), np.sin(angles)], axis=1)), fluency=9.0)
    angle = np.arctan2(path.points[:, 1], path.points[:, 0]) % (2 * np.pi)
    inner = (angle > angles[1]) & (angle < angles[-2])  # the first and the last arc turn by half only
    assert np.allclose(np.hypot(*path.points[inner].T), 1, atol=0.005)


def test_corners_are_joined_by_straight_strokes():
    path = write(plan_of([(0, 0), (1, 0), (1, 1)], roundness=0.0), fluency=9.0)
    assert np.minimum(np.abs(path.points[:, 1]), np.abs(path.points[:, 0] - 1)).max() < 0.005


def test_overlap_rounds_corners_and_care_reaches_them():
    plan = plan_of([(0, 0), (0, 1), (0.2, 0), (0.2, 1)], roundness=0.0)
    height = {care: write(plan, care=care).points[:, 1] for care in (0.0, 1.0)}
    half = len(height[0.0]) // 2
    assert height[0.0][:half].max() < 0.85
    assert height[1.0][:half].max() > 0.9


def test_contact_tells_strokes_on_paper_from_those_in_the_air():
    path = write(plan_of([(0, 0), (1, 0), (2, 0), (3, 0)], down=[True, False, True]), fluency=6.0)
    x = path.points[:, 0]
    assert path.contact.min() >= 0
    assert path.contact.max() <= 1 + 1e-9
    assert (path.contact[(x > 0.2) & (x < 0.8)] > 0.9).all()
    assert (path.contact[(x > 1.2) & (x < 1.8)] < 0.1).all()


def test_a_plan_is_not_changed_by_writing_it():
    plan = plan_of([(0, 0), (1, 1), (2, 0)])
    before = plan.targets.copy()
    write(plan, care=1.0)
    assert np.array_equal(plan.targets, before)


@given(
    targets=st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=4, max_size=8, unique=True),
    angle=st.floats(0.1, 6),
    factor=st.floats(0.2, 5),
)
@settings(max_examples=25, deadline=None)
def test_turning_moving_and_enlarging_the_plan_does_the_same_to_the_path(targets, angle, factor):
    plan = plan_of(targets, roundness=0.5)
    turn = factor * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = replace(plan, targets=plan.targets @ turn.T + [3.0, -7.0])
    ends = np.diff(plan.targets, axis=0)
    cross = ends[:-1, 0] * ends[1:, 1] - ends[:-1, 1] * ends[1:, 0]
    if (cross == 0).any():  # an exact reversal may turn either way
        plan, moved = (
            replace(plan, roundness=0 * plan.roundness),
            replace(moved, roundness=0 * plan.roundness),
        )
    expected = write(plan, samples=20).points @ turn.T + [3.0, -7.0]
    assert np.allclose(write(moved, samples=20).points, expected, atol=1e-6)
