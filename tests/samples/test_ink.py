from __future__ import annotations

import numpy as np
import pytest

from sigforensics.samples import invent_writer
from sigforensics.samples.ink import Line, deposit_ink, trajectory_to_line
from sigforensics.samples.kinematics import Trajectory
from sigforensics.settings import Sampling

EVEN = Sampling(ink_grain=1e-4, saturation=1e6, flow_drift=0.0)


def straight(angle=0.0, flow=0.5, radius=2.0, step=0.5):
    along = np.arange(-20, 20, step)
    points = 30 + along[:, None] * [np.cos(angle), np.sin(angle)]
    return Line(points, np.full(len(along), radius), np.full(len(along), flow), step)


def test_ink_equals_the_sum_of_round_spots_laid_one_by_one():
    line = straight(0.4)
    slow = np.zeros((60, 60))
    rows, columns = np.mgrid[:60, :60]
    for (x, y), radius, flow in zip(line.points, line.radius, line.flow, strict=True):
        distance = np.hypot(columns - x, rows - y)
        slow += np.clip(radius + 0.5 - distance, 0, 1) * flow * line.step / (2 * radius)
    fast = deposit_ink(line, (60, 60), rng=np.random.default_rng(0), settings=EVEN)
    assert np.allclose(fast, slow, rtol=1e-3, atol=1e-6)


def test_the_middle_of_a_line_has_the_absorbance_of_its_flow():
    ink = deposit_ink(straight(flow=0.7), (60, 60), rng=np.random.default_rng(0), settings=EVEN)
    assert ink[30, 25:35] == pytest.approx(0.7, rel=0.02)
    assert ink[:27].max() == 0


def test_a_crossing_is_darker_than_its_lines_up_to_saturation():
    draw = np.random.default_rng
    cross = Line(
        *(np.concatenate([getattr(straight(a), n) for a in (0, 1.5)]) for n in ("points", "radius", "flow")),
        0.5,
    )
    single = deposit_ink(straight(), (60, 60), rng=draw(0), settings=EVEN)
    crossed = deposit_ink(cross, (60, 60), rng=draw(0), settings=EVEN)
    assert crossed[30, 30] > 1.8 * single[30, 30]
    heavy = deposit_ink(straight(flow=50), (60, 60), rng=draw(0), settings=Sampling())
    assert heavy.max() <= np.float32(Sampling().saturation)


def test_grain_is_what_the_settings_say():
    settings = Sampling(saturation=1e6)
    ink = deposit_ink(straight(flow=1.0), (60, 60), rng=np.random.default_rng(1), settings=settings)
    plain = deposit_ink(straight(flow=1.0), (60, 60), rng=np.random.default_rng(1), settings=EVEN)
    ratio = ink[plain > 0.1] / plain[plain > 0.1]
    assert ratio.mean() == pytest.approx(1, abs=0.1)
    assert ratio.std() == pytest.approx(settings.ink_grain, abs=0.1)


def path_down(speed=1.0, contact=1.0, sign=-1):
    y = sign * np.linspace(0, 10, 200)
    return Trajectory(np.stack([0 * y, y], axis=1), np.full(200, speed), np.full(200, contact))


def line_of(path):
    return trajectory_to_line(path, invent_writer(0), rng=np.random.default_rng(0), dpi=300, settings=EVEN)


def test_down_strokes_are_darker_and_wider_than_up_strokes():
    down, up = line_of(path_down()), line_of(path_down(sign=1))
    assert down.flow.mean() > up.flow.mean()
    assert down.radius.mean() > up.radius.mean()


def test_a_slow_pen_leaves_more_ink_than_a_fast_one():
    path = path_down()
    speed = np.where(np.arange(200) < 100, 0.3, 3.0)
    line = line_of(Trajectory(path.points, speed, path.contact))
    half = len(line.flow) // 2
    assert line.flow[:half].mean() > 1.5 * line.flow[half:].mean()


def test_a_lifted_pen_leaves_nothing():
    path = path_down()
    contact = np.where(np.arange(200) < 100, 1.0, 0.0)
    line = line_of(Trajectory(path.points, path.speed, contact))
    assert np.ptp(line.points[:, 1]) == pytest.approx(5 / 25.4 * 300, rel=0.02)


def test_a_line_begins_at_the_origin_and_its_size_holds_its_ink():
    line = line_of(path_down())
    width, height = line.size
    ink = deposit_ink(line, (height, width), rng=np.random.default_rng(0), settings=EVEN)
    assert height == pytest.approx(10 / 25.4 * 300, abs=10)
    larger = deposit_ink(
        line.moved(5, 5), (height + 10, width + 10), rng=np.random.default_rng(0), settings=EVEN
    )
    assert larger.sum() == pytest.approx(ink.sum(), rel=1e-3)
