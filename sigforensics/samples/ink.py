"""A ball pen's line: from the path of the pen to the ink that it leaves on each pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sigforensics.images import FloatImage
from sigforensics.samples.kinematics import Trajectory
from sigforensics.samples.writer import Writer
from sigforensics.settings import Sampling

__all__ = ["Line", "deposit_ink", "trajectory_to_line"]

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """Places at which the moving pen leaves ink, evenly along its path, in pixels with y downwards."""

    points: Reals
    """Shape (n, 2)."""
    radius: Reals
    """Shape (n,), pixels."""
    flow: Reals
    """Shape (n,): ink for each place; a line of flow f has the absorbance f at its middle."""
    step: float
    """Pixels between two places."""

    @property
    def reach(self) -> int:
        """Pixels around a place that its ink may touch."""
        return int(np.ceil(self.radius.max() + 1))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels from the origin to the end of the ink."""
        width, height = np.floor(self.points.max(0)).astype(int) + self.reach + 1
        return int(width), int(height)

    def moved(self, x: float, y: float) -> Line:
        """The same line, further right and down."""
        return replace(self, points=self.points + np.array([x, y]))


def trajectory_to_line(
    path: Trajectory, writer: Writer, *, rng: np.random.Generator, dpi: float, settings: Sampling
) -> Line:
    """Where a pen on this path leaves how much ink, the upper left corner of its ink at the origin.

    A fast pen leaves a thinner and lighter line than a slow one, a down stroke a darker one than an up
    stroke, and a pen that is landing or leaving tapers off. The ball does not carry ink evenly: its flow
    drifts.
    """
    scale = dpi / 25.4
    pixels = path.points * [scale, -scale]
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(pixels, axis=0).T))])
    even = np.arange(0.0, along[-1], settings.sampling_step)

    def sample(values: Reals) -> Reals:
        return np.asarray(np.interp(even, along, values), np.float64)

    x, y = sample(pixels[:, 0]), sample(pixels[:, 1])
    touch = np.clip((2 * sample(path.contact) - 1) / settings.landing, 0, 1)
    haste = sample(path.speed) / np.median(path.speed[path.contact > 0.5])
    slowed = 1 / (1 + settings.haste * haste)
    downward = np.gradient(y) / settings.sampling_step
    pressure = slowed / slowed.mean() * (1 + writer.pressing * downward)
    widening = 1 + settings.widening * (pressure - 1)
    radius = writer.pen_width / 2 * scale * widening * (settings.tip + (1 - settings.tip) * touch)
    flow = writer.darkness * pressure * touch * _drift(even / scale, rng, settings)
    on = touch > 0
    points = np.stack([x, y], axis=1)[on]
    line = Line(points - points.min(0), radius[on], flow[on], settings.sampling_step)
    return line.moved(line.reach, line.reach)


def deposit_ink(
    line: Line, shape: tuple[int, int], *, rng: np.random.Generator, settings: Sampling
) -> FloatImage:
    """Lay the ink of a line on paper.

    Every place leaves a round spot with soft edges; spots add up, so that crossings and narrow turns are
    darker, up to what the paper takes. The ball misses the paper's valleys: multiplicative noise.

    Returns
    -------
    ndarray, shape `shape`, float32
        Absorbance: 0 on clean paper.
    """
    height, width = shape
    offsets = np.arange(-line.reach, line.reach + 1)
    column, row = np.floor(line.points).astype(np.intp).T
    dx = column[:, None] + offsets - line.points[:, :1]
    dy = row[:, None] + offsets - line.points[:, 1:]
    distance = np.sqrt(dy[:, :, None] ** 2 + dx[:, None, :] ** 2)
    cover = np.clip(line.radius[:, None, None] + 0.5 - distance, 0, 1)
    cover *= (line.flow * line.step / (2 * line.radius))[:, None, None]
    place = (row[:, None] + offsets)[:, :, None] * width + (column[:, None] + offsets)[:, None, :]
    ink = np.bincount(place.ravel(), cover.ravel(), minlength=height * width).reshape(shape)
    grain = rng.gamma(1 / settings.ink_grain**2, settings.ink_grain**2, shape)
    return (settings.saturation * -np.expm1(-ink * grain / settings.saturation)).astype(np.float32)


def _drift(along: Reals, rng: np.random.Generator, settings: Sampling) -> Reals:
    """Factors of the flow about 1 at these mm along the path, correlated over ``flow_length``."""
    knots = rng.normal(0, settings.flow_drift, int(along[-1] / settings.flow_length) + 2)
    return np.exp(np.interp(along / settings.flow_length, np.arange(len(knots)), knots))
