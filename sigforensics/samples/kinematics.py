"""From the points that the pen aims at to its path: the sigma-lognormal model of rapid movement.

A *stroke* is a circular arc from one point to the next, covered with a speed that follows a lognormal curve
in time. Each stroke begins before the one before it has ended, and the pen does the sum of them all. That
rounds the joints and gives the speed of real handwriting: fast where the path is straight, slow where it
turns. See Plamondon (1995), "A kinematic theory of rapid human movements", Biological Cybernetics 72, and,
for arcs, Plamondon & Djioua (2006), Human Movement Science 25.

As the lognormal speed is the derivative of a lognormal distribution P(t), each stroke has covered the share
P(t) of its arc at time t, and the path needs no integration.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

__all__ = ["Plan", "Trajectory", "move_pen"]

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """What the writer means to write."""

    targets: Reals
    """Shape (n + 1, 2), mm: the points aimed at, x to the right and y upwards."""
    roundness: Reals
    """Shape (n + 1,): how far each is passed in a smooth turn (1) or a corner (0)."""
    down: NDArray[np.bool_]
    """Shape (n,): whether the pen is on the paper during the stroke to the next target."""


@dataclass(frozen=True)
class Trajectory:
    """The path of the pen, sampled evenly in time."""

    points: Reals
    """Shape (m, 2), mm."""
    speed: Reals
    """Shape (m,), mm per unit of time."""
    contact: Reals
    """Shape (m,), 0 to 1: the share of the strokes being made that are made on the paper."""


@dataclass(frozen=True)
class _Clock:
    """When each stroke is made: its share covered is lognormal in time."""

    middle: Reals
    """Time by which half of the stroke is covered."""
    duration: Reals
    """Time from the command to that middle."""
    deviation: float
    """sigma of the lognormal distributions."""

    @property
    def passing(self) -> Reals:
        """When the pen passes each target: half-way between the middles of its two strokes."""
        inner = (self.middle[1:] + self.middle[:-1]) / 2
        ends = self.deviation * self.duration[[0, -1]] * [-4, 6]
        return np.array([self.middle[0] + ends[0], *inner, self.middle[-1] + ends[1]])

    def covered(self, time: Reals) -> Reals:
        """Share of each stroke covered at each time, shape (len(time), n)."""
        since = np.maximum(time[:, None] - self.middle + self.duration, 0)
        with np.errstate(divide="ignore"):
            return np.asarray(ndtr(np.log(since / self.duration) / self.deviation), np.float64)


def move_pen(
    plan: Plan,
    *,
    deviation: float,
    fluency: float,
    pause: float,
    care: float,
    isochrony: float,
    samples: int,
    timing: Reals,
) -> Trajectory:
    """Write a plan.

    Parameters
    ----------
    plan : Plan
        What to write; n strokes.
    deviation : float
        sigma of the lognormal distributions.
    fluency : float
        Standard deviations between the middles of successive strokes; smaller is more fluent, and rounder.
    pause : float
        Factor of that time where the pen is lifted or put down.
    care : float
        Share by which the writer aims beyond the targets for what the overlap of the strokes will cut off: 0
        is a scrawl, 1 nearly reaches every target.
    isochrony : float
        Exponent of a stroke's duration over its length: 0 for equal durations, 1 for equal speeds.
    samples : int
        Samples a stroke.
    timing : ndarray, shape (n,)
        Factors of the durations of the strokes, about 1.
    """
    length = np.hypot(*np.diff(plan.targets, axis=0).T)
    duration = timing * np.maximum(length / np.median(length), 0.1) ** isochrony
    gap = deviation * fluency * np.where(plan.down[1:] == plan.down[:-1], 1.0, pause)
    middle = np.concatenate([[0.0], np.cumsum(gap * (duration[1:] + duration[:-1]) / 2)])
    clock = _Clock(middle, duration, deviation)
    at_targets = clock.covered(clock.passing)
    for _ in range(2):  # the second time for what the first changes at the neighbours
        missed = plan.targets - _positions(plan, at_targets)
        plan = replace(plan, targets=plan.targets + care / 2 * missed)

    time = np.linspace(clock.passing[0], clock.passing[-1], samples * len(plan.down))
    covered = clock.covered(time)
    points = _positions(plan, covered)
    step = time[1] - time[0]
    effort = np.gradient(covered, step, axis=0)
    contact = effort @ plan.down / np.maximum(effort.sum(1), 1e-9)
    return Trajectory(points, np.hypot(*np.gradient(points, step, axis=0).T), contact)


def _positions(plan: Plan, covered: Reals) -> Reals:
    """Where the pen is when these shares of the strokes are covered: at the sum of all sub-arcs."""
    chord = np.diff(plan.targets, axis=0)
    direction = np.arctan2(chord[:, 1], chord[:, 0])
    turn = (np.diff(direction) + np.pi) % (2 * np.pi) - np.pi
    shared = np.concatenate([[0.0], turn * plan.roundness[1:-1] / 2, [0.0]])
    bend = shared[:-1] + shared[1:]  # half of the turn at either end, as far as that end is round

    heading = direction - bend / 2 * (
        1 - covered
    )  # of the chord from the arc's beginning to the place reached
    arc = np.hypot(*chord.T) / np.sinc(bend / (2 * np.pi))
    reach = arc * covered * np.sinc(bend * covered / (2 * np.pi))
    moved = np.stack([(reach * np.cos(heading)).sum(1), (reach * np.sin(heading)).sum(1)], axis=1)
    return np.asarray(plan.targets[0] + moved, np.float64)
