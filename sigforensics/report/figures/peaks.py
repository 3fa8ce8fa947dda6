"""How far spectra rise above their neighbourhood at the places where up-sampling leaves peaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sigforensics.report.figures.style import (
    CAPTION_LINE,
    COLOURS,
    GREY,
    add_caption,
    add_decibels_above,
    caption_lines,
    styled,
)
from sigforensics.statistics import Peak, PeakTest

__all__ = ["draw_peaks"]

MARKERS = "osD^vP"
LEVELS = 0.6
"""Of the distance between two places: over which the sets stand side by side."""


@styled
def draw_peaks(
    peaks: Mapping[str, PeakTest], differences: Mapping[str, PeakTest], *, first: str, caption: str = ""
) -> Figure:
    """Draw the excess at every place with its interval, and beside it how it differs from that of the first set.

    Filled marks: the corrected p-value is at most one less the confidence.

    Parameters
    ----------
    peaks, differences : mapping of str to PeakTest
        By set; of the differences, from the first set.
    first : str
        Its name.
    caption : str

    Raises
    ------
    ValueError
        If there is none.
    """
    panels = [tests for tests in (peaks, differences) if tests]
    if not panels:
        raise ValueError("no peak to draw")
    places = next(iter(panels[0].values())).peaks
    names = list(dict.fromkeys([*peaks, *differences]))
    legend = 0.34 + 0.17 * max(len(tests) for tests in panels)
    width = 1.1 + 3.6 * len(panels)
    height = 0.24 * len(places) + 0.9 + legend + CAPTION_LINE * len(caption_lines(caption, width))
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for panel, tests in zip(axes, panels, strict=True):
        own = tests is peaks
        _draw_panel(panel, tests, names, title="excess" if own else f"difference from {first}")
        panel.set_xlabel(f"{'excess over the neighbourhood' if own else 'difference of excess'}, nats")
    axes[0].set_yticks(range(len(places)), [_name(peak) for peak in places])
    axes[0].set_ylabel("vertical, horizontal frequency, cycles per pixel")
    axes[0].set_ylim(len(places) - 0.4, -0.6)
    add_caption(figure, caption)
    return figure


def _draw_panel(axes: Axes, tests: Mapping[str, PeakTest], names: Sequence[str], *, title: str) -> None:
    axes.axvline(0, color=GREY, linewidth=0.8, zorder=1)
    handles = []
    for name, test in tests.items():
        index = names.index(name)
        colour, marker = COLOURS[index % len(COLOURS)], MARKERS[index % len(MARKERS)]
        shift = LEVELS * ((index + 0.5) / len(names) - 0.5)
        for place, peak in enumerate(test.peaks):
            axes.hlines(place + shift, peak.ci_low, peak.ci_high, color=colour, linewidth=1.0, zorder=2)
        middles = np.array([peak.excess_nats for peak in test.peaks])
        found = np.array([peak.p_corrected <= test.level for peak in test.peaks])
        for chosen, fill in ((found, colour), (~found, "white")):
            axes.scatter(
                middles[chosen],
                np.flatnonzero(chosen) + shift,
                s=15,
                marker=marker,
                facecolors=fill,
                edgecolors=colour,
                linewidths=0.8,
                zorder=3,
            )
        label = f"{name}: {_sizes(test)}"
        handles.append(
            Line2D([], [], label=label, color=colour, marker=marker, markersize=4.0, linewidth=1.0)
        )
    test = next(iter(tests.values()))
    heading = f"{100 * test.confidence:g} % intervals; filled: corrected p ≤ {test.level:.2g}"
    axes.grid(axis="y", color="#EEEEEE", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_title(title, loc="left", parse_math=False)
    legend = axes.legend(
        handles=handles,
        title=heading,
        title_fontsize=8.0,
        alignment="left",
        loc="upper left",
        bbox_to_anchor=(0, -0.5 / (0.24 * len(next(iter(tests.values())).peaks))),
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    add_decibels_above(axes, "dB")


def _sizes(test: PeakTest) -> str:
    sizes = f"{test.n_images} images"
    if test.unit != "image":
        sizes = f"{sizes}, {test.n_units} {test.unit}s"
    return sizes if test.can_find else f"{sizes}: too few to find any"


def _name(peak: Peak) -> str:
    return (
        f"{Fraction(peak.vertical).limit_denominator(64)}, {Fraction(peak.horizontal).limit_denominator(64)}"
    )
