"""A writer's text as a plan for the pen, with the variation from one signature to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigforensics.samples.kinematics import Plan
from sigforensics.samples.letters import Points, letter_of, points_of
from sigforensics.samples.writer import CAPITAL_BREADTH, Flourish, Writer
from sigforensics.settings import Sampling

__all__ = ["plan_signature"]

FLOURISHES: dict[Flourish, Points] = {
    "tail": points_of("1.12 .25, 1.3 .7"),
    "underline": points_of(".12 -.95, .6 -.85, 1.12 -.7"),
    "return": points_of("1.06 -.2, .8 -.95 .5, .1 -.85 .5, 0 -1.2, .12 -1.5 .7, 1.15 -1.05"),
    "circle": points_of("1.12 .9, .85 2.7, .2 2.6, -.1 .7, .3 -1, 1.2 -.5"),
}
"""As letters, but with x from 0 at the left end of the writing to 1 at its right end."""
LONGEST_WOBBLE = 4.0
"""x-heights: length of a stroke up to which its variation grows."""
GAP = 0.55
"""x-heights between two words."""
FULL_DECAY = 6
"""Letters after which the height has fallen to the writer's ``decay``."""
NARROWING = 0.3
"""Exponent of the width of a letter over its height where letters get smaller."""
ENTRY = points_of("-.15 .3")
"""Where a lower-case letter begins that no letter leads to."""

Stroke = tuple[Points, bool]
"""Points in x-heights, and whether the pen comes down for the first of them (else it is there already)."""


def plan_signature(writer: Writer, *, rng: np.random.Generator, settings: Sampling) -> Plan:
    """What the writer means to write this time.

    The writer's own forms are the skeletons moved by a fixed draw (``writer.habit``); each signature moves
    them again, by less, and has its own size, slant and slope.
    """
    strokes = _word_strokes(writer)
    points = np.concatenate([stroke for stroke, _ in strokes])
    lifted = np.zeros(len(points), bool)
    lifted[np.cumsum([0, *(len(stroke) for stroke, _ in strokes[:-1])])] = [lifts for _, lifts in strokes]

    habit = np.random.default_rng(writer.habit)
    own = points[:, :2] + habit.normal(0, settings.habit, (len(points), 2))
    length = np.hypot(*np.diff(own, axis=0, prepend=own[:1]).T)
    own += rng.normal(0, settings.wobble, own.shape) * np.clip(length, 1.0, LONGEST_WOBBLE)[:, None]
    own += _bow(own[:, :1], rng.normal(0, settings.bowing, 2))
    return Plan(_to_paper(own, writer, rng, settings), points[:, 2], ~lifted[1:])


def _word_strokes(writer: Writer) -> list[Stroke]:
    """The strokes of all words in the order of writing, along a level base line."""
    strokes: list[Stroke] = []
    later: list[Stroke] = []
    start = 0.0
    for word in writer.text.split():
        strokes += later  # dots and bars follow when their word is finished
        later, joined = [], False
        for index, character in enumerate(word):
            letter = letter_of(character)
            place = _Place(start, writer, writer.decay ** (index / FULL_DECAY), character.isupper())
            strokes += [(place(stroke), True) for stroke in letter.before]
            begins = not joined or bool(letter.before)
            run_up = ENTRY if begins and character.islower() else ENTRY[:0]
            strokes.append((place(np.concatenate([run_up, letter.body])), begins))
            later += [(place(stroke), True) for stroke in letter.after]
            start = place.after(letter.width)
            joined = letter.joins
        start += GAP
    if writer.flourish == "none":
        return strokes + later
    ending = _flourish(np.concatenate([points for points, _ in strokes]), writer.flourish)
    if writer.flourish == "underline":
        return [*strokes, *later, (ending, True)]
    return [*strokes, (ending, False), *later]


class _Place:
    """Moves a letter to its place in the line and gives it the writer's proportions."""

    def __init__(self, start: float, writer: Writer, shrunk: float, capital: bool) -> None:
        self.start = start
        self.height = shrunk * (writer.capital if capital else 1.0)
        self.across = (
            writer.breadth * shrunk**NARROWING * (writer.capital**CAPITAL_BREADTH if capital else 1.0)
        )
        self.loops = 1.0 if capital else writer.loops

    def __call__(self, points: Points) -> Points:
        x, y, roundness = points.T
        beyond = np.clip(y, 0, 1)
        y = beyond + (y - beyond) * self.loops
        return np.stack([self.start + x * self.across, y * self.height, roundness], axis=1)

    def after(self, width: float) -> float:
        return float(self.start + width * self.across)


def _flourish(written: Points, kind: Flourish) -> Points:
    """The stroke that ends a signature of these points."""
    left, right = written[:, 0].min(), written[:, 0].max()
    x, y, roundness = FLOURISHES[kind].T
    return np.stack([left + x * (right - left), y, roundness], axis=1)


def _bow(x: NDArray[np.float64], middle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Displacements that are 0 at both ends of the line and reach these across and up in the middle."""
    return np.asarray(np.sin(np.pi * (x - x.min()) / np.ptp(x)) * middle, np.float64)


def _to_paper(
    points: NDArray[np.float64], writer: Writer, rng: np.random.Generator, settings: Sampling
) -> NDArray[np.float64]:
    """x-heights to mm, sheared by the slant and turned by the slope."""
    across, up = writer.x_height * rng.normal(1, settings.scaling, 2)
    slant, slope = np.deg2rad(np.add([writer.slant, writer.slope], rng.normal(0, settings.turning, 2)))
    shear = np.array([[across, up * np.tan(slant)], [0.0, up]])
    turn = np.array([[np.cos(slope), -np.sin(slope)], [np.sin(slope), np.cos(slope)]])
    return np.asarray(points @ (turn @ shear).T, np.float64)
