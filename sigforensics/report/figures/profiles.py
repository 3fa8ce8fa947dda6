"""Radial profiles of averaged log-spectra, with their standard errors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sigforensics.report.figures.style import COLOURS, GREY, LINES, add_decibels, styled
from sigforensics.spectra import MAX_FREQUENCY, RadialProfile, Spectrum

__all__ = ["draw_profiles"]


@styled
def draw_profiles(spectra: Mapping[str, Spectrum]) -> Figure:
    """Draw the mean log-magnitude of each set against radial frequency, and how far each is from the first.

    Shaded: one standard error either way, over the images of the set; a set of one image has none. Differences
    have none: how sure they are depends on which images belong together, which ``compare`` knows.

    Parameters
    ----------
    spectra : mapping of str to Spectrum
        By name; all with the same bands and floor.

    Raises
    ------
    ValueError
        If there is none, or their bands or floors differ.
    """
    if not spectra:
        raise ValueError("no spectrum to draw")
    if len({(spectrum.band_edges.tobytes(), spectrum.floor) for spectrum in spectra.values()}) > 1:
        raise ValueError("spectra of different bands or floors cannot share a scale")
    profiles = {name: spectrum.radial_profile() for name, spectrum in spectra.items()}
    floor = next(iter(spectra.values())).floor
    with_difference = len(profiles) > 1
    figure = Figure(figsize=(6.3, 5.4 if with_difference else 3.6), layout="constrained")
    axes = figure.subplots(
        1 + with_difference, 1, sharex=True, squeeze=False, height_ratios=(3, 2) if with_difference else (1,)
    )[:, 0]
    for index, (name, profile) in enumerate(profiles.items()):
        colour = _draw_line(axes[0], profile.frequencies, profile.mean, index, f"{name} (n = {profile.n})")
        if np.isfinite(profile.standard_error).all():
            low, high = profile.mean - profile.standard_error, profile.mean + profile.standard_error
            axes[0].fill_between(profile.frequencies, low, high, color=colour, alpha=0.25, linewidth=0)
    axes[0].set_ylabel(f"mean of ln(|DCT| + {floor:g}), nats")
    axes[0].legend(title="mean ± standard error over images", title_fontsize=8.0, alignment="left")
    add_decibels(axes[0], "dB re 1 grey level")
    if with_difference:
        _draw_differences(axes[1], profiles)
    axes[-1].set_xlabel("radial frequency, cycles per pixel")
    axes[-1].set_xlim(0, MAX_FREQUENCY)
    return figure


def _draw_differences(axes: Axes, profiles: Mapping[str, RadialProfile]) -> None:
    (name, base), *others = profiles.items()
    axes.axhline(0, color=GREY, linewidth=0.8)
    for index, (_, profile) in enumerate(others, start=1):
        _draw_line(axes, profile.frequencies, profile.mean - base.mean, index)
    axes.set_title(f"{others[0][0]} − {name}" if len(others) == 1 else f"each − {name}", loc="left")
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
