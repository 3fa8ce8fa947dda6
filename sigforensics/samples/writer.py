"""Invented writers: what stays the same from one signature of a hand to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from sigforensics.samples.letters import letter_of
from sigforensics.settings import Sampling

__all__ = ["CAPITAL_BREADTH", "Flourish", "Writer", "invent_writer"]

Flourish = Literal["none", "tail", "underline", "return", "circle"]

KINDS: tuple[Flourish, ...] = get_args(Flourish)
WORDS = (
    "Amber", "Basil", "Cedar", "Delta", "Ember", "Garnet", "Harbour", "Juniper", "Kernel", "Lantern",
    "Meadow", "Nettle", "Pebble", "Raven", "Saddle", "Timber", "Willow", "Copper", "Mallow", "Heather",
    "Acorn", "Thistle", "Granite", "Larch",
)  # fmt: skip
"""What they sign with: things, so that nobody's name is drawn."""
CAPITAL_BREADTH = 0.6
"""Exponent of the width of a capital over its height."""
INITIALS = "ABCDEGHJKLMNPRSTW"


@dataclass(frozen=True)
class Writer:
    """A hand. Lengths in mm, angles in degrees; meaning and range of each figure: :class:`Sampling`."""

    name: str
    """A neutral label: ``writer-1``."""
    text: str
    """What is written: a word, perhaps with one or two initials before it."""
    habit: int
    """Seed of the writer's own forms of the letters."""
    x_height: float
    pen_width: float
    slant: float
    slope: float
    breadth: float
    capital: float
    loops: float
    decay: float
    fluency: float
    care: float
    darkness: float
    pressing: float
    flourish: Flourish
    """What ends the signature: nothing, a drawn-out last stroke, an underline after a lift, a swing back
    below the word without one (paraph), or a stroke around it."""


def invent_writer(number: int, *, seed: int = 0, settings: Sampling | None = None) -> Writer:
    """The writer of a number, of the many that a seed stands for.

    The same number and seed give the same writer. Successive numbers have different words and flourishes;
    slant, size, ink and the rest are uniform draws.

    Raises
    ------
    ValueError
        If the number is negative.
    """
    if number < 0:
        raise ValueError(f"writers are numbered from 0, not {number}")
    settings = settings or Sampling()
    rng = np.random.default_rng([seed, number])
    order = np.random.default_rng(seed).permutation(len(WORDS))
    initials = rng.choice(list(INITIALS), size=rng.choice([0, 1, 2], p=[0.4, 0.45, 0.15]))

    def draw(limits: tuple[float, float]) -> float:
        return float(rng.uniform(*limits))

    text = " ".join([*initials, WORDS[order[number % len(WORDS)]]])
    breadth, capital = draw(settings.breadth), draw(settings.capital)
    widths = [
        letter_of(character).width * (capital**CAPITAL_BREADTH if character.isupper() else 1.0)
        for character in text.replace(" ", "")
    ]
    return Writer(
        name=f"writer-{number}",
        text=text,
        habit=int(rng.integers(2**31)),
        x_height=min(draw(settings.x_height), settings.longest / (breadth * sum(widths))),
        pen_width=draw(settings.pen_width),
        slant=draw(settings.slant),
        slope=draw(settings.slope),
        breadth=breadth,
        capital=capital,
        loops=draw(settings.loops),
        decay=draw(settings.decay),
        fluency=draw(settings.fluency),
        care=draw(settings.care),
        darkness=draw(settings.darkness),
        pressing=draw(settings.pressing),
        flourish=KINDS[(number + seed) % len(KINDS)],
    )
