"""The curves of a training, epoch by epoch: losses, accuracies, and how like their targets its fakes are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, ScalarFormatter

from sigforensics.report.figures.style import COLOURS, GREY, LINES, styled

__all__ = ["draw_losses"]

Rows = Sequence[Mapping[str, float]]

MARKED = 30
"""Epochs from which on lines have no markers."""


@dataclass(frozen=True)
class Panel:
    """A quantity, and the columns of the log that are drawn of it: name to (label, place among the colours)."""

    quantity: str
    columns: Mapping[str, tuple[str, int]]
    logarithmic: bool = False
    limits: tuple[float, float] | None = None


GAME = (
    Panel("loss", {"generator_loss": ("generator", 0), "discriminator_loss": ("discriminator", 1)}),
    Panel(
        "accuracy",
        {"generator_accuracy": ("generator", 0), "discriminator_accuracy": ("discriminator", 1)},
        limits=(-0.03, 1.03),
    ),
    Panel(
        "mean score, validation",
        {"validation_true_score": ("targets", 1), "validation_fake_score": ("fakes", 0)},
    ),
)
LIKENESS = (
    Panel(
        "L1",
        {"l1": ("training", 5), "plain_l1": ("plain", 2), "augmented_l1": ("augmented", 3)},
        logarithmic=True,
    ),
    Panel("SSIM on the ink", {"plain_ssim": ("plain", 2), "augmented_ssim": ("augmented", 3)}),
    Panel(
        "spectral difference, nats",
        {"plain_spectrum": ("plain", 2), "augmented_spectrum": ("augmented", 3)},
        logarithmic=True,
    ),
)


@styled
def draw_losses(rows: Rows, *, warnings: Mapping[str, Sequence[int]] | None = None) -> Figure:
    """Draw the game of the two networks, and beside it how like their targets the fakes are, against the epoch.

    Parameters
    ----------
    rows : sequence of mappings
        One an epoch, as the log of a training has them: ``epoch``, ``generator_loss``, ``discriminator_loss``,
        ``generator_accuracy``, ``discriminator_accuracy`` (shares, 0 to 1) at least. A quantity that no row has is left out.
    warnings : mapping of str to sequence of int, optional
        Epochs in which something was wrong, by its name: they are shaded.

    Raises
    ------
    ValueError
        If there is no row.
    """
    if not rows:
        raise ValueError("no epoch to draw")
    sides = [[panel for panel in side if _has(rows, panel)] for side in (GAME, LIKENESS)]
    columns = [side for side in sides if side]
    height = max(len(side) for side in columns)
    figure = Figure(
        figsize=(4.2 * len(columns) + 2.1 * (len(columns) == 1), 2.3 * height), layout="constrained"
    )
    places = figure.subplots(height, len(columns), sharex=True, squeeze=False)
    for across, side in enumerate(columns):
        for axes, panel in zip(places[:, across], side, strict=False):
            _draw(axes, rows, panel)
            _shade(axes, warnings or {})
        for axes in places[len(side) :, across]:
            axes.set_visible(False)
        places[len(side) - 1, across].set_xlabel("epoch")
        places[len(side) - 1, across].tick_params(labelbottom=True)
    places[0, 0].xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if warnings:
        patches = [
            Patch(color=_shading(number), alpha=SHADE, label=name) for number, name in enumerate(warnings)
        ]
        figure.legend(handles=patches, loc="outside lower center", ncols=len(patches))
    return figure


def _values(rows: Rows, name: str) -> list[float]:
    return [float(row.get(name, np.nan)) for row in rows]


def _has(rows: Rows, panel: Panel) -> bool:
    return any(np.isfinite(_values(rows, name)).any() for name in panel.columns)


def _draw(axes: Axes, rows: Rows, panel: Panel) -> None:
    for number, (name, (label, place)) in enumerate(panel.columns.items()):
        axes.plot(
            [float(row["epoch"]) for row in rows],
            _values(rows, name),
            color=COLOURS[place],
            linestyle=LINES[number],
            marker="o" if len(rows) < MARKED else "",
            markersize=3.0,
            label=label,
        )
    axes.set_ylabel(panel.quantity)
    if panel.logarithmic:
        _make_logarithmic(axes)
    if panel.limits:
        axes.set_ylim(*panel.limits)
    axes.grid(axis="y", color=GREY, alpha=0.25, linewidth=0.5)
    axes.legend(ncols=len(panel.columns), loc="lower right", bbox_to_anchor=(1.0, 0.98), borderaxespad=0.0)
    axes.set_xlim(float(rows[0]["epoch"]) - 0.5, float(rows[-1]["epoch"]) + 0.5)


def _make_logarithmic(axes: Axes) -> None:
    """A logarithmic scale with plain numbers, also where the values span less than a decade."""
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 1.5, 2.0, 3.0, 5.0, 7.0)))
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.yaxis.set_minor_formatter(NullFormatter())


SHADE = 0.18
"""Opacity of what marks the epochs of a warning."""


def _shading(number: int) -> str:
    return (COLOURS[4], COLOURS[5], GREY)[number % 3]


def _shade(axes: Axes, warnings: Mapping[str, Sequence[int]]) -> None:
    for number, epochs in enumerate(warnings.values()):
        for first, last in _runs(sorted(epochs)):
            axes.axvspan(first - 0.5, last + 0.5, color=_shading(number), alpha=SHADE, linewidth=0)


def _runs(epochs: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each run of consecutive numbers.

    >>> _runs([2, 3, 4, 7])
    [(2, 4), (7, 7)]
    """
    breaks = [place for place, (one, other) in enumerate(pairwise(epochs), start=1) if other > one + 1]
    bounds = [0, *breaks, len(epochs)] if epochs else []
    return [(epochs[start], epochs[end - 1]) for start, end in pairwise(bounds)]
