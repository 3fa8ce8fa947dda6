"""The map of single frequencies of a comparison."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sigforensics.report.figures.maps import (
    BAR_WIDTH,
    PANEL,
    add_bar,
    axis_label,
    draw_map,
    symmetric_range,
)
from sigforensics.report.figures.style import BLACK, CAPTION_LINE, add_caption, caption_lines, styled
from sigforensics.statistics import FrequencyMap

__all__ = ["draw_frequency_map"]

HEIGHT = 3.1
"""Inches: of the panels."""
RINGED = 200
"""Frequencies that are ringed at most; more show by themselves."""
NOT_FOUND = "#D8D8D8"
"""Colour of what was not found: no colour of the scale, and apart from its white middle."""


@styled
def draw_frequency_map(
    found: FrequencyMap, *, names: tuple[str, str] = ("true", "fake"), banner: str = ""
) -> Figure:
    """Draw fake less true at every frequency, and beside it where the corrected p is at most the level, on one scale.

    In the second panel frequencies that were not found are grey; few found ones are ringed, since one cell of the map can
    hardly be seen.

    Parameters
    ----------
    found : FrequencyMap
    names : pair of str
        What the sets are called.
    banner : str
        What a reader of the figure must know first.
    """
    width = 2 * PANEL + BAR_WIDTH
    title = ". ".join(filter(None, [_title(found, names), banner]))
    lines = len(caption_lines(title, width))
    figure = Figure(figsize=(width, HEIGHT + CAPTION_LINE * lines), layout="compressed")
    every, only = figure.subplots(1, 2, sharex=True, sharey=True)
    limits = symmetric_range([found.difference])
    draw_map(every, found.difference, found.grid, "PuOr_r", limits)
    every.set_title(f"{names[1]} − {names[0]}", parse_math=False)
    only.set_facecolor(NOT_FOUND)
    shown = np.where(found.found, found.difference, np.nan)
    image = draw_map(only, shown, found.grid, "PuOr_r", limits)
    image.set_interpolation(
        "nearest"
    )  # antialiasing would mix found cells with those beside them, which are no number
    only.set_title(f"corrected p ≤ {found.level:.2g}: {found.found.sum()} of {found.n_frequencies}")
    _ring(only, found)
    add_bar(only, image, "difference, nats", "dB")
    every.set_ylabel(axis_label("vertical", found.grid))
    for panel in (every, only):
        panel.set_xlabel(axis_label("horizontal", found.grid))
    add_caption(figure, title)
    return figure


def _ring(panel: Axes, found: FrequencyMap) -> None:
    rows, columns = np.nonzero(found.found)
    if not 0 < len(rows) <= RINGED:
        return
    panel.set_autoscale_on(False)
    panel.scatter(
        found.grid.column_frequencies[columns],
        found.grid.row_frequencies[rows],
        s=30,
        facecolors="none",
        edgecolors=BLACK,
        linewidths=0.7,
        clip_on=False,
        zorder=4,
        label="found",
    )


def _title(found: FrequencyMap, names: tuple[str, str]) -> str:
    title = f"{found.n_fake} {names[1]} against {found.n_true} {names[0]} images"
    rows = f"{found.rows_true}" if found.paired else f"{found.rows_fake} against {found.rows_true}"
    if found.group > 1:
        return f"{title}; exchanged: {rows} means of random groups of up to {found.group} {found.unit}s"
    if found.unit == "image":
        return title
    return f"{title}; exchanged: {rows} {found.unit}s"
