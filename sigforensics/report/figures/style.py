"""What all figures look like: colours that colour-blind readers tell apart, and that differ in grey print."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from sigforensics.spectra import DB_PER_NAT

__all__ = [
    "BLACK",
    "CAPTION_LINE",
    "COLOURS",
    "GREY",
    "LINES",
    "STYLE",
    "add_caption",
    "add_decibels",
    "add_decibels_above",
    "caption_lines",
    "styled",
]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe & Ito (2008); blue and vermilion first."""
LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)))
CHARACTERS = 14
"""Of a caption in an inch."""
CAPTION_LINE = 0.17
"""Inches: height of a line of it."""
BLACK = "#222222"
GREY = "#888888"
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters on every machine
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9.0,
    "axes.linewidth": 0.7,
    "axes.edgecolor": BLACK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.fontsize": 8.0,
    "legend.frameon": False,
    "lines.linewidth": 1.3,
    "savefig.facecolor": "white",
    "pdf.fonttype": 42,  # text stays text
    "svg.hashsalt": "sigforensics",  # equal figures get equal bytes
}
"""Of matplotlib's settings; all others are its own defaults."""

P = ParamSpec("P")
R = TypeVar("R")


def styled(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function under our style, whatever the user's configuration of matplotlib says."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(STYLE)
            return function(*args, **kwargs)

    return run


def add_decibels(axes: Axes, label: str) -> None:
    """Give an axis in nats a second scale in decibels on its right side."""
    second = axes.secondary_yaxis("right", functions=(_nats_to_decibels, _decibels_to_nats))
    second.set_ylabel(label)
    second.spines["right"].set_visible(True)


def caption_lines(caption: str, width: float) -> list[str]:
    """A caption in lines that fit a figure of so many inches."""
    return textwrap.wrap(caption, int(CHARACTERS * width))


def add_caption(figure: Figure, caption: str, *, title: str = "") -> None:
    """Put a caption above a figure, below its title."""
    lines = [*([title] if title else []), *caption_lines(caption, figure.get_figwidth())]
    if lines:
        figure.suptitle("\n".join(lines), fontsize=8.5, parse_math=False)


def add_decibels_above(axes: Axes, label: str) -> None:
    """Give a horizontal axis in nats a second scale in decibels at the top."""
    second = axes.secondary_xaxis("top", functions=(_nats_to_decibels, _decibels_to_nats))
    second.set_xlabel(label)
    second.spines["top"].set_visible(True)


def _nats_to_decibels(nats: ArrayLike) -> NDArray[np.float64]:
    return DB_PER_NAT * np.asarray(nats, np.float64)


def _decibels_to_nats(decibels: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(decibels, np.float64) / DB_PER_NAT
