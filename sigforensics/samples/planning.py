"""A writer's text as a plan for the pen, with the variation from one signature to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigforensics.samples.kinematics import Plan
from sigforensics.samples.letters import Points, letter_of
from sigforensics.samples.writer import Writer
from sigforensics.settings import Sampling

__all__ = ["plan_signature"]

GAP = 0.55
"""x-heights between two words."""
ENTRY: Points = np.array([[0.0, 0.15, 1.0]])
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
    lifted[np.cumsum([0] + [len(stroke) for stroke, _ in strokes[:-1]])] = [lifts for _, lifts in strokes]

    habit = np.random.default_rng(writer.habit)
    own = points[:, :2] + habit.normal(0, settings.habit, (len(points), 2))
    own += rng.normal(0, settings.wobble, own.shape)
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
            place = _Place(start, writer, writer.decay ** (index / 6), character.isupper())
            strokes += [(place(stroke), True) for stroke in letter.before]
            begins = not joined or bool(letter.before)
            run_up = ENTRY if begins and character.islower() else ENTRY[:0]
            strokes.append((place(np.concatenate([run_up, letter.body])), begins))
            later += [(place(stroke), True) for stroke in letter.after]
            start = place.after(letter.width)
            joined = letter.joins
        start += GAP
    ending = _flourish(np.concatenate([points for points, _ in strokes]), writer)
    return strokes + (later + ending if writer.flourish == "underline" else ending + later)


class _Place:
    """Moves a letter to its place in the line and gives it the writer's proportions."""

    def __init__(self, start: float, writer: Writer, shrunk: float, capital: bool) -> None:
        self.start = start
        self.height = shrunk * (writer.capital if capital else 1.0)
        self.across = writer.breadth * (shrunk**0.3) * (writer.capital**0.6 if capital else 1.0)
        self.loops = 1.0 if capital else writer.loops

    def __call__(self, points: Points) -> Points:
        x, y, roundness = points.T
        beyond = np.clip(y, 0, 1)
        y = beyond + (y - beyond) * self.loops
        return np.stack([self.start + x * self.across, y * self.height, roundness], axis=1)

    def after(self, width: float) -> float:
        return float(self.start + width * self.across)


def _flourish(written: Points, writer: Writer) -> list[Stroke]:
    """What ends a signature of these points."""
    left, right = written[:, 0].min(), written[:, 0].max()

    def across(*points: tuple[float, float]) -> Points:
        """Points with x from 0 at the left end to 1 at the right."""
        return np.array([(left + x * (right - left), y, 1.0) for x, y in points])

    match writer.flourish:
        case "tail":
            return [(across((1.15, 0.25), (1.4, 0.7)), False)]
        case "underline":
            return [(across((0.12, -0.95), (0.6, -0.85), (1.12, -0.7)), True)]
        case "return":
            return [(across((1.08, -0.1), (0.7, -1.1), (0.08, -1.0), (0.2, -1.4), (1.15, -0.8)), False)]
        case "circle":
            return [
                (across((1.12, 0.9), (0.85, 2.7), (0.2, 2.6), (-0.1, 0.7), (0.3, -1.0), (1.25, -0.5)), False)
            ]
        case _:
            return []


def _to_paper(
    points: NDArray[np.float64], writer: Writer, rng: np.random.Generator, settings: Sampling
) -> NDArray[np.float64]:
    """x-heights to mm, sheared by the slant and turned by the slope."""
    across, up = writer.x_height * rng.normal(1, settings.scaling, 2)
    slant, slope = np.deg2rad(np.add([writer.slant, writer.slope], rng.normal(0, settings.turning, 2)))
    shear = np.array([[across, up * np.tan(slant)], [0.0, up]])
    turn = np.array([[np.cos(slope), -np.sin(slope)], [np.sin(slope), np.cos(slope)]])
    return np.asarray(points @ (turn @ shear).T, np.float64)
