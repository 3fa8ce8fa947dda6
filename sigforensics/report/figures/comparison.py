"""The differences of a comparison, band by band, over the control."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sigforensics.report.figures.style import (
    BLACK,
    CAPTION_LINE,
    COLOURS,
    GREY,
    add_caption,
    add_decibels,
    caption_lines,
    styled,
)
from sigforensics.spectra import MAX_FREQUENCY
from sigforensics.statistics import BandDifference, Comparison, Control

__all__ = ["draw_comparison"]

WIDTH, HEIGHT = 6.3, 3.9
"""Inches, without the banner."""


@styled
def draw_comparison(comparison: Comparison, *, banner: str = "") -> Figure:
    """Draw fake minus true in each radial band with its confidence interval, over the control.

    Filled marks: the corrected p-value is at most one less the confidence. Shaded: how far 95 % of the random
    splits of the true set differ, at the control's (smaller) size, which the legend tells.

    Parameters
    ----------
    comparison : Comparison
    banner : str
        What a reader of the figure must know first.
    """
    one, other = comparison.names
    height = HEIGHT + CAPTION_LINE * len(caption_lines(banner, WIDTH))
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    axes.use_sticky_edges = False  # so that the shading keeps off the frame
    axes.axhline(0, color=GREY, linewidth=0.8, zorder=1)
    if comparison.control is not None:
        _shade_control(axes, comparison.control, one)
    level = comparison.level
    found = [band for band in comparison.bands if band.p_corrected <= level]
    others = [band for band in comparison.bands if band.p_corrected > level]
    _draw_bands(axes, found, BLACK, f"corrected p ≤ {level:.2g} ({len(comparison.bands)} bands)")
    _draw_bands(axes, others, "white", f"corrected p > {level:.2g}")
    label = f"{100 * comparison.confidence:g} % interval of each band ({comparison.interval})"
    interval = Line2D([], [], color=COLOURS[1], label=label)
    handles, _ = axes.get_legend_handles_labels()
    axes.legend(handles=[*handles, interval], loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)
    axes.set_title(_title(comparison), parse_math=False)
    add_caption(figure, banner)
    axes.set_xlim(0, MAX_FREQUENCY)
    axes.set_xlabel("radial frequency, cycles per pixel")
    axes.set_ylabel(f"{other} − {one}, nats", parse_math=False)
    add_decibels(axes, "dB")
    return figure


def _title(comparison: Comparison) -> str:
    title = (
        f"{comparison.n_fake} {comparison.names[1]} against {comparison.n_true} {comparison.names[0]} images"
    )
    if comparison.unit == "image":
        return title
    joined = "in" if comparison.unit == "pair" else "by"
    return f"{title}, {joined} {comparison.n_units} {comparison.unit}s"


def _shade_control(axes: Axes, control: Control, one: str) -> None:
    edges = np.array([band.low for band in control.bands] + [control.bands[-1].high])
    limits = np.array([band.q95 for band in control.bands])
    label = (
        f"95 % of {control.n_splits} {one}-against-{one} splits, {control.size_a_side} {control.unit}s a side"
    )
    axes.stairs(limits, edges, baseline=-limits, fill=True, color="#DDDDDD", label=label, zorder=0)


def _draw_bands(axes: Axes, bands: list[BandDifference], fill: str, label: str) -> None:
    if not bands:
        return
    middle = np.array([(band.low + band.high) / 2 for band in bands])
    difference = np.array([band.difference_nats for band in bands])
    low, high = np.array([band.ci_low for band in bands]), np.array([band.ci_high for band in bands])
    axes.vlines(middle, low, high, color=COLOURS[1], linewidth=1.2, zorder=2)
    axes.plot(
        middle,
        difference,
        linestyle="none",
        marker="o",
        markersize=4.0,
        markerfacecolor=fill,
        markeredgecolor=BLACK,
        markeredgewidth=0.8,
        label=label,
        zorder=3,
    )
