"""Profiles of averaged log-spectra, in all directions and along single ones, with their standard errors."""

from __future__ import annotations

from collections.abc import Mapping

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

__all__ = ["draw_profiles"]

WIDTH = 9.6
"""Inches."""
TITLES: Mapping[ProfileKind, tuple[str, str]] = {
    "radial": ("all directions", "radial frequency"),
    "horizontal": ("along the horizontal axis", "horizontal frequency"),
    "vertical": ("along the vertical axis", "vertical frequency"),
    "diagonal": ("along the diagonal", "radial frequency"),
}


@styled
def draw_profiles(spectra: Mapping[str, Spectrum], *, caption: str = "") -> Figure:
    """Draw the mean log-magnitude of each set against frequency, and under it how far each is from the first.

    Four blocks: over all directions, along the horizontal and the vertical axis, along the diagonal. Shaded: one standard
    error either way, over the images of the set; a set of one image has none. Differences have none: how sure they are
    depends on which images belong together, which ``compare`` knows.

    Parameters
    ----------
    spectra : mapping of str to Spectrum
        By name; all with the same bands, grid and floor.
    caption : str
        What was done to bring images of different sizes together.

    Raises
    ------
    ValueError
        If there is none, or their bands or floors differ.
    """
    if not spectra:
        raise ValueError("no spectrum to draw")
    if len({(spectrum.band_edges.tobytes(), spectrum.floor) for spectrum in spectra.values()}) > 1:
        raise ValueError("spectra of different bands or floors cannot share a scale")
    heights = (3, 2) if len(spectra) > 1 else (1,)
    grid, floor = next(iter(spectra.values())).grid, next(iter(spectra.values())).floor
    inches = (WIDTH, (8.6 if len(spectra) > 1 else 5.6) + CAPTION_LINE * len(caption_lines(caption, WIDTH)))
    size, reference = amplitude(grid)
    figure = Figure(figsize=inches, layout="constrained")
    panels = figure.subplots(2 * len(heights), 2, squeeze=False, height_ratios=2 * heights)
    for number, kind in enumerate(PROFILES):
        top = len(heights) * (number // 2)
        axes = panels[top : top + len(heights), number % 2]
        _draw_block(axes, {name: spectrum.profile(kind) for name, spectrum in spectra.items()}, kind)
        axes[0].set_ylabel(f"mean of ln({size} + {floor:g}), nats")
        add_decibels(axes[0], reference)
        axes[-1].set_xlabel(f"{TITLES[kind][1]}, {short_unit(grid)}")
    add_caption(figure, caption)
    return figure


def _draw_block(axes: NDArray[np.object_], profiles: Mapping[str, Profile], kind: ProfileKind) -> None:
    for index, (name, profile) in enumerate(profiles.items()):
        colour = _draw_line(axes[0], profile.frequencies, profile.mean, index, f"{name} (n = {profile.n})")
        if np.isfinite(profile.standard_error).any():
            low, high = profile.mean - profile.standard_error, profile.mean + profile.standard_error
            axes[0].fill_between(profile.frequencies, low, high, color=colour, alpha=0.25, linewidth=0)
    axes[0].set_title(TITLES[kind][0], loc="left")
    if kind == "radial":
        legend = axes[0].legend(
            title="mean ± standard error over images", title_fontsize=8.0, alignment="left"
        )
        for text in legend.get_texts():
            text.set_parse_math(False)
    if len(axes) > 1:
        _draw_differences(axes[1], profiles)
        axes[0].sharex(axes[1])
        axes[0].tick_params(labelbottom=False)
    axes[-1].set_xlim(0, float(next(iter(profiles.values())).edges[-1]))


def _draw_differences(axes: Axes, profiles: Mapping[str, Profile]) -> None:
    (name, base), *others = profiles.items()
    axes.axhline(0, color=GREY, linewidth=0.8)
    for index, (_, profile) in enumerate(others, start=1):
        _draw_line(axes, profile.frequencies, profile.mean - base.mean, index)
    title = f"{others[0][0]} − {name}" if len(others) == 1 else f"each − {name}"
    axes.set_title(title, loc="left", parse_math=False)
    axes.set_ylabel("difference, nats")
    add_decibels(axes, "dB")


def _draw_line(
    axes: Axes,
    frequencies: NDArray[np.float64],
    values: NDArray[np.float64],
    index: int,
    label: str | None = None,
) -> str:
    """Draw one line; returns its colour."""
    colour, line = COLOURS[index % len(COLOURS)], LINES[index % len(LINES)]
    axes.plot(frequencies, values, color=colour, linestyle=line, label=label)
    return colour
