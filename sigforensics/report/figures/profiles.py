"""Profiles of averaged log-spectra, in all directions and along single ones, and their differences, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sigforensics.report.figures.maps import amplitude, short_unit
from sigforensics.report.figures.style import (
    CAPTION_LINE,
    COLOURS,
    GREY,
    LINES,
    add_caption,
    add_decibels,
    caption_lines,
    styled,
)
from sigforensics.spectra import PROFILES, Profile, ProfileKind, Spectrum
from sigforensics.statistics import ProfileDifferences

__all__ = ["draw_profiles"]

FloatArray = NDArray[np.float64]
WIDTH = 9.6
"""Inches."""
TITLES: Mapping[ProfileKind, tuple[str, str]] = {
    "radial": ("all directions", "radial frequency"),
    "horizontal": ("along the horizontal axis", "horizontal frequency"),
    "vertical": ("along the vertical axis", "vertical frequency"),
    "diagonal": ("along the diagonal", "radial frequency"),
}


@styled
def draw_profiles(
    spectra: Mapping[str, Spectrum],
    differences: Mapping[str, ProfileDifferences] | None = None,
    *,
    caption: str = "",
) -> Figure:
    """Draw the mean log-magnitude of each set against frequency, and under it how far each is from the first.

    Four blocks: over all directions, along the horizontal and the vertical axis, along the diagonal. Shaded: one standard
    error either way, over the images of the set; of differences, the confidence interval of each band over the independent
    units, which the title counts, of three and more sets the legend. With a set of one image there is none.

    Parameters
    ----------
    spectra : mapping of str to Spectrum
        By name; all with the same bands, grid and floor.
    differences : mapping of str to ProfileDifferences, optional
        By name, of all sets but the first; needed where there are several.
    caption : str
        What was done to bring images of different sizes together.

    Raises
    ------
    ValueError
        If there is none, or their bands or floors differ, or a difference is missing.
    """
    if not spectra:
        raise ValueError("no spectrum to draw")
    if len({(spectrum.band_edges.tobytes(), spectrum.floor) for spectrum in spectra.values()}) > 1:
        raise ValueError("spectra of different bands or floors cannot share a scale")
    if set(differences or {}) != set(list(spectra)[1:]):
        raise ValueError("of every spectrum but the first, the difference is needed")
    heights = (3, 2) if len(spectra) > 1 else (1,)
    grid, floor = next(iter(spectra.values())).grid, next(iter(spectra.values())).floor
    inches = (WIDTH, (8.6 if len(spectra) > 1 else 5.6) + CAPTION_LINE * len(caption_lines(caption, WIDTH)))
    size, reference = amplitude(grid)
    figure = Figure(figsize=inches, layout="constrained")
    panels = figure.subplots(2 * len(heights), 2, squeeze=False, height_ratios=2 * heights)
    for number, kind in enumerate(PROFILES):
        top = len(heights) * (number // 2)
        axes = panels[top : top + len(heights), number % 2]
        several = (differences or {}) if len(spectra) > 2 else {}
        labels = [_label(name, spectrum, several.get(name)) for name, spectrum in spectra.items()]
        _draw_means(axes[0], [spectrum.profile(kind) for spectrum in spectra.values()], labels)
        axes[0].set_title(TITLES[kind][0], loc="left")
        if kind == "radial":
            legend = axes[0].legend(
                title="mean ± standard error over images", title_fontsize=8.0, alignment="left"
            )
            for text in legend.get_texts():
                text.set_parse_math(False)
        if len(axes) > 1:
            _draw_differences(axes[1], differences or {}, kind, list(spectra))
            axes[0].sharex(axes[1])
            axes[0].tick_params(labelbottom=False)
        axes[0].set_ylabel(f"mean of ln({size} + {floor:g}), nats")
        add_decibels(axes[0], reference)
        axes[-1].set_xlim(0, float(next(iter(spectra.values())).profile_edges(kind)[-1]))
        axes[-1].set_xlabel(f"{TITLES[kind][1]}, {short_unit(grid)}")
    add_caption(figure, caption)
    return figure


def _label(name: str, spectrum: Spectrum, difference: ProfileDifferences | None) -> str:
    if difference is None:
        return f"{name} (n = {spectrum.n})"
    return f"{name} (n = {spectrum.n}; {_interval(difference)})"


def _interval(difference: ProfileDifferences) -> str:
    if difference.unit is None:
        return "no interval"
    return f"interval over {difference.n_units} {difference.unit}s"


def _draw_means(axes: Axes, profiles: Sequence[Profile], labels: Sequence[str]) -> None:
    for index, (profile, label) in enumerate(zip(profiles, labels, strict=True)):
        low, high = profile.mean - profile.standard_error, profile.mean + profile.standard_error
        _draw_line(axes, profile.frequencies, profile.mean, low, high, index=index, label=label)


def _draw_differences(
    axes: Axes, differences: Mapping[str, ProfileDifferences], kind: ProfileKind, names: list[str]
) -> None:
    first, *others = names
    axes.axhline(0, color=GREY, linewidth=0.8)
    for index, name in enumerate(others, start=1):
        bands = differences[name].profiles[kind]
        frequencies = np.array([(band.low + band.high) / 2 for band in bands])
        values = np.array([band.difference_nats for band in bands])
        low, high = np.array([band.ci_low for band in bands]), np.array([band.ci_high for band in bands])
        _draw_line(axes, frequencies, values, low, high, index=index)
    shown = differences[others[0]]
    what, interval = f"each − {first}", "interval of each band"
    if len(others) == 1:
        what, interval = f"{others[0]} − {first}", _interval(shown)
    percent = f"{100 * shown.confidence:g} % " if len(others) > 1 or shown.unit else ""
    axes.set_title(f"{what}, {percent}{interval}", loc="left", parse_math=False)
    axes.set_ylabel("difference, nats")
    add_decibels(axes, "dB")


def _draw_line(
    axes: Axes,
    frequencies: FloatArray,
    values: FloatArray,
    low: FloatArray,
    high: FloatArray,
    *,
    index: int,
    label: str | None = None,
) -> None:
    """Draw one line, and shade what is around it, where that is known."""
    colour, line = COLOURS[index % len(COLOURS)], LINES[index % len(LINES)]
    axes.plot(frequencies, values, color=colour, linestyle=line, label=label)
    if np.isfinite(low).any():
        axes.fill_between(frequencies, low, high, color=colour, alpha=0.25, linewidth=0)
