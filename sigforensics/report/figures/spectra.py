"""Heat maps of averaged log-spectra, all on one scale."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sigforensics.report.figures.maps import (
    BAR_WIDTH,
    PANEL,
    add_bar,
    amplitude,
    axis_label,
    draw_map,
    mark_peaks,
    shared_range,
    symmetric_range,
)
from sigforensics.report.figures.style import BLACK, CAPTION_LINE, add_caption, caption_lines, styled
from sigforensics.spectra import Spectrum
from sigforensics.statistics import PeakTest

__all__ = ["draw_set", "draw_spectra"]

COLUMNS = 4
"""Panels side by side, at most, of three or more sets."""
HEIGHT = 3.2
"""Inches: of a row of panels."""

STATISTICS = {
    "mean of log": ("mean of ln({size} + {floor:g}), nats", "{reference}"),
    "log of mean": ("ln({signed} + {floor:g}), nats", "{reference}"),
    "standard deviation": ("of ln({size} + {floor:g}), nats", "dB"),
}
"""Title of a map to what its colour bar says."""


@styled
def draw_spectra(
    spectra: Mapping[str, Spectrum],
    *,
    peaks: Mapping[str, PeakTest] | None = None,
    differences: Mapping[str, PeakTest] | None = None,
    caption: str = "",
) -> Figure:
    """Draw the mean of ln(|DCT| + floor) of each set as a heat map, all on one colour scale, and differences from the first.

    Of two sets the difference stands beside them; of more, each under its set. Differences have one diverging scale with
    zero in the middle. Frequency 0 (DC) is at the upper left of each panel. Rings mark the places where up-sampling leaves
    peaks, as far as frequencies are in cycles per pixel: bold ones where the test found one (in a difference: where the
    excess differs, either way), fine ones where it found none.

    Parameters
    ----------
    spectra : mapping of str to Spectrum
        By name; all on one grid, with one floor.
    peaks, differences : mapping of str to PeakTest, optional
        By set.
    caption : str
        What was done to bring images of different sizes together.

    Raises
    ------
    ValueError
        If there is none, or their grids or floors differ.
    """
    _check(spectra)
    first, *others = spectra
    beside = len(spectra) == 2
    columns = math.ceil(len(spectra) / math.ceil(len(spectra) / COLUMNS))
    across = columns + beside
    rows = [list(spectra)[start : start + columns] for start in range(0, len(spectra), columns)]
    doubled = len(spectra) > 2
    lines = len(rows) * (1 + doubled)
    size = (
        PANEL * across + BAR_WIDTH * (1 + beside),
        HEIGHT * lines + 0.2 * bool(caption) + 0.2 * bool(peaks),
    )
    figure = Figure(figsize=size, layout="compressed")
    panels = figure.subplots(lines, across, sharex=True, sharey=True, squeeze=False)
    for panel in panels.ravel():
        panel.set_visible(False)
    _draw_means(panels[:: 1 + doubled], rows, spectra, peaks or {})
    if others:
        places = {others[0]: panels[0, 2]} if beside else _under(panels[1::2], rows)
        _draw_differences(
            {name: places[name] for name in others}, spectra, first, rows[0][-1], differences or {}
        )
    _label(panels, next(iter(spectra.values())))
    add_caption(figure, caption)
    if any(panel.collections for panel in panels.ravel()):
        figure.supxlabel(_rings(peaks or {}), fontsize=8.0)
    return figure


def _rings(peaks: Mapping[str, PeakTest]) -> str:
    test = next(iter(peaks.values()))
    return (
        "Rings: places where up-sampling leaves peaks. Bold: the excess over the neighbourhood is above 0, or differs between "
        f"the sets (corrected p ≤ {test.level:.2g})."
    )


def _under(panels: NDArray[np.object_], rows: list[list[str]]) -> dict[str, Axes]:
    return {
        name: panels[line, column] for line, names in enumerate(rows) for column, name in enumerate(names)
    }


def _draw_means(
    panels: NDArray[np.object_],
    rows: list[list[str]],
    spectra: Mapping[str, Spectrum],
    peaks: Mapping[str, PeakTest],
) -> None:
    limits = shared_range([spectrum.mean_of_log for spectrum in spectra.values()])
    for name, panel in _under(panels, rows).items():
        spectrum = spectra[name]
        panel.set_visible(True)
        image = draw_map(panel, spectrum.mean_of_log, spectrum.grid, "viridis", limits)
        panel.set_title(f"{name} (n = {spectrum.n})", parse_math=False)
        if name in peaks and spectrum.grid.unit == "cycles per pixel":
            mark_peaks(panel, peaks[name], peaks[name].risen)
        if name == rows[0][-1]:
            add_bar(panel, image, *_scales("mean of log", spectrum))


def _draw_differences(
    places: Mapping[str, Axes],
    spectra: Mapping[str, Spectrum],
    first: str,
    barred: str,
    tests: Mapping[str, PeakTest],
) -> None:
    maps = {name: spectra[name].mean_of_log - spectra[first].mean_of_log for name in places}
    limits = symmetric_range(list(maps.values()))
    for name, panel in places.items():
        panel.set_visible(True)
        image = draw_map(panel, maps[name], spectra[name].grid, "PuOr_r", limits)
        panel.set_title(f"{name} − {first}", parse_math=False)
        if name in tests and spectra[name].grid.unit == "cycles per pixel":
            mark_peaks(panel, tests[name], tests[name].found, BLACK)
        if name == barred:
            add_bar(panel, image, "difference, nats", "dB")


def _label(panels: NDArray[np.object_], spectrum: Spectrum) -> None:
    """Name the axes at the left and the bottom of what is drawn."""
    for line in panels:
        drawn = [panel for panel in line if panel.get_visible()]
        if drawn:
            drawn[0].set_ylabel(axis_label("vertical", spectrum.grid))
            drawn[0].tick_params(labelleft=True)
    for column in panels.T:
        drawn = [panel for panel in column if panel.get_visible()]
        if drawn:
            drawn[-1].set_xlabel(axis_label("horizontal", spectrum.grid))
            drawn[-1].tick_params(labelbottom=True)


@styled
def draw_set(spectra: Mapping[str, Spectrum], name: str, *, caption: str = "") -> Figure:
    """Draw all statistics of one set as heat maps, on the colour scales that all sets share.

    The mean of ln(|DCT| + floor); ln(|mean of the signed DCT| + floor), where images have one size; and the standard
    deviation of ln(|DCT| + floor) over the images, where there are several.

    Parameters
    ----------
    spectra : mapping of str to Spectrum
        All sets.
    name : str
        The one to draw.
    caption : str

    Raises
    ------
    ValueError
        As :func:`draw_spectra`.
    """
    _check(spectra)
    one = spectra[name]
    maps = {each: _maps(spectrum) for each, spectrum in spectra.items()}
    drawn = {title: values for title, values in maps[name].items() if np.isfinite(values).any()}
    width = (PANEL + BAR_WIDTH) * len(drawn)
    texts = len(caption_lines(caption, width)) + 1
    figure = Figure(figsize=(width, HEIGHT + CAPTION_LINE * texts), layout="compressed")
    panels = figure.subplots(1, len(drawn), sharex=True, sharey=True, squeeze=False)[0]
    for panel, (title, values) in zip(panels, drawn.items(), strict=True):
        limits = shared_range([each[title] for each in maps.values() if title in each])
        image = draw_map(panel, values, one.grid, "viridis", limits)
        panel.set_title(title)
        panel.set_xlabel(axis_label("horizontal", one.grid))
        add_bar(panel, image, *_scales(title, one))
    panels[0].set_ylabel(axis_label("vertical", one.grid))
    add_caption(figure, caption, title=f"{name} (n = {one.n})")
    return figure


def _maps(spectrum: Spectrum) -> dict[str, NDArray[np.float64]]:
    """The statistics that there are, by their titles."""
    maps = {"mean of log": spectrum.mean_of_log}
    if spectrum.log_of_mean is not None:
        maps["log of mean"] = spectrum.log_of_mean
    return maps | {"standard deviation": spectrum.standard_deviation}


def _scales(title: str, spectrum: Spectrum) -> tuple[str, str]:
    """What the two scales of a map's colour bar say."""
    size, reference = amplitude(spectrum.grid)
    nats, decibels = STATISTICS[title]
    return nats.format(
        size=size, signed=size.replace("DCT", "mean of DCT"), floor=spectrum.floor
    ), decibels.format(reference=reference)


def _check(spectra: Mapping[str, Spectrum]) -> None:
    if not spectra:
        raise ValueError("no spectrum to draw")
    if len({(spectrum.grid, spectrum.floor) for spectrum in spectra.values()}) > 1:
        raise ValueError("spectra of different grids or floors cannot share a scale")
