"""One panel with a map over frequencies, its colour bar in nats and decibels, and marks on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sigforensics.report.figures.style import BLACK, COLOURS, add_decibels
from sigforensics.spectra import FrequencyGrid
from sigforensics.statistics import Peak, PeakTest

__all__ = [
    "BAR_WIDTH",
    "PANEL",
    "add_bar",
    "amplitude",
    "axis_label",
    "draw_map",
    "mark_peaks",
    "shared_range",
    "short_unit",
    "symmetric_range",
]

PANEL = 2.9
"""Inches: width of a panel with its share of the margins."""
BAR_WIDTH = 1.1
"""Inches: width of a colour bar with its two scales."""
BAR = (1.27, 0.0, 0.045, 1.0)
"""Left, bottom, width and height of a colour bar, in parts of the panel beside it."""
FINE = "#AAAAAA"
"""Colour of rings around nothing: seen on both scales and on paper."""
SHOWN = (0.1, 99.9)
"""Per cent of the values between which the colour scale runs; the colour bar's pointed ends say that there
are more."""


def shared_range(maps: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    """The values of maps, shape (height, width), between which the colours run; DC and what is no number do not count."""
    values = np.concatenate([one.ravel()[1:] for one in maps])
    values = values[np.isfinite(values)]
    low, high = np.percentile(values, SHOWN) if len(values) else (0.0, 0.0)
    return (float(low), float(high)) if high > low else (float(low) - 0.5, float(high) + 0.5)


def symmetric_range(maps: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    """The same with zero in the middle."""
    limit = max(abs(bound) for bound in shared_range(maps))
    return -limit, limit


def axis_label(direction: str, grid: FrequencyGrid) -> str:
    """What the axis of a map says."""
    return f"{direction} frequency, {short_unit(grid)}"


def short_unit(grid: FrequencyGrid) -> str:
    """The unit of frequencies, as there is room for it."""
    return grid.unit.replace("millimetre", "mm")


def amplitude(grid: FrequencyGrid) -> tuple[str, str]:
    """What the logarithm is taken of, and what decibels are relative to; per millimetre amplitudes are densities."""
    if grid.unit == "cycles per pixel":
        return "|DCT|", "dB re 1 grey level"
    return "|DCT| mm", "dB re 1 grey level mm"


def draw_map(
    axes: Axes, values: NDArray[np.float64], grid: FrequencyGrid, colours: str, limits: tuple[float, float]
) -> AxesImage:
    """Draw values, shape ``grid.shape``, with frequency 0 at the upper left."""
    rows, columns = grid.row_frequencies, grid.column_frequencies
    half_row, half_column = (
        limit / (2 * cells) for limit, cells in zip(grid.limits, grid.shape, strict=True)
    )
    image = axes.imshow(
        values,
        cmap=colours,
        vmin=limits[0],
        vmax=limits[1],
        origin="upper",
        aspect=grid.limits[1] / grid.limits[0],
        interpolation="antialiased",
        extent=(-half_column, columns[-1] + half_column, rows[-1] + half_row, -half_row),
    )
    axes.annotate(
        "DC", (0, 0), (3, -3), textcoords="offset points", va="top", color=BLACK, fontsize=7.0
    ).set_bbox({"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8})
    if grid.unit == "cycles per pixel":
        ticks = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]
        axes.set(xticks=ticks, yticks=ticks)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.spines[:].set_visible(True)
    return image


def mark_peaks(axes: Axes, test: PeakTest, peaks: Sequence[Peak], colour: str = COLOURS[1]) -> None:
    """Ring the places of up-sampling: ``peaks`` boldly, all others that were tested finely."""
    axes.set_autoscale_on(False)  # so that rings at the edge do not widen the map
    for found, edge, width in ((False, FINE, 0.6), (True, colour, 1.4)):
        chosen = [peak for peak in test.peaks if (peak in peaks) == found]
        if chosen:
            axes.scatter(
                [peak.horizontal for peak in chosen],
                [peak.vertical for peak in chosen],
                s=42,
                facecolors="none",
                edgecolors=edge,
                linewidths=width,
                clip_on=False,
                zorder=4,
                label="found" if found else "tested",
            )


def add_bar(panel: Axes, image: AxesImage, nats: str, decibels: str) -> None:
    """A colour bar as high as the panel that it stands beside, nats on its left and decibels on its right."""
    place = panel.inset_axes(BAR)
    bar = place.figure.colorbar(image, cax=place, extend="both", extendfrac=0.03)
    place.yaxis.set_ticks_position("left")
    place.yaxis.set_label_position("left")
    bar.set_label(nats)
    add_decibels(place, decibels)
