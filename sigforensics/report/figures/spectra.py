"""Heat maps of averaged log-spectra, all on one scale."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from sigforensics.report.figures.style import BLACK, add_decibels, styled
from sigforensics.spectra import Spectrum, dct_frequencies

__all__ = ["draw_spectra"]

PANEL = 2.9
"""Inches: width of a panel with its share of the margins."""
BAR_WIDTH = 1.1
"""Inches: width of a colour bar with its two scales."""
BAR = (1.27, 0.0, 0.045, 1.0)
"""Left, bottom, width and height of a colour bar, in parts of the panel beside it."""
SHOWN = (0.1, 99.9)
"""Per cent of the values between which the colour scale runs; the colour bar's pointed ends say that there
are more."""


@styled
def draw_spectra(spectra: Mapping[str, Spectrum]) -> Figure:
    """Draw the mean of ln(|DCT| + floor) of each set as a heat map, all on one colour scale.

    With exactly two sets a third panel shows the second less the first, on a diverging scale with zero in the
    middle. Frequency 0 (DC) is at the upper left of each panel.

    Parameters
    ----------
    spectra : mapping of str to Spectrum
        By name; all of images of one size, with one floor.

    Raises
    ------
    ValueError
        If there is none, or their sizes or floors differ.
    """
    _check(spectra)
    with_difference = len(spectra) == 2
    panels = len(spectra) + with_difference
    figure = Figure(figsize=(PANEL * panels + BAR_WIDTH * (1 + with_difference), 3.2), layout="compressed")
    axes = figure.subplots(1, panels, sharex=True, sharey=True, squeeze=False)[0]
    low, high = _range(np.stack([spectrum.mean_of_log for spectrum in spectra.values()]))
    for panel, (name, spectrum) in zip(axes, spectra.items(), strict=False):
        image = _draw_map(panel, spectrum.mean_of_log, "viridis", low, high)
        panel.set_title(f"{name} (n = {spectrum.n})")
    floor = next(iter(spectra.values())).floor
    _add_bar(axes[len(spectra) - 1], image, f"mean of ln(|DCT| + {floor:g}), nats", "dB re 1 grey level")
    if with_difference:
        (first, one), (second, other) = spectra.items()
        difference = other.mean_of_log - one.mean_of_log
        limit = max(abs(bound) for bound in _range(difference[np.newaxis]))
        image = _draw_map(axes[-1], difference, "PuOr_r", -limit, limit)
        axes[-1].set_title(f"{second} − {first}")
        _add_bar(axes[-1], image, "difference, nats", "dB")
    axes[0].set_ylabel("vertical frequency, cycles per pixel")
    for panel in axes:
        panel.set_xlabel("horizontal frequency, cycles per pixel")
    return figure


def _check(spectra: Mapping[str, Spectrum]) -> None:
    if not spectra:
        raise ValueError("no spectrum to draw")
    if len({(spectrum.shape, spectrum.floor) for spectrum in spectra.values()}) > 1:
        raise ValueError("spectra of different sizes or floors cannot share a scale")


def _range(maps: NDArray[np.float64]) -> tuple[float, float]:
    """The values of (n, height, width) between which the colours run, DC aside."""
    low, high = np.percentile(maps.reshape(len(maps), -1)[:, 1:], SHOWN)
    return (float(low), float(high)) if high > low else (float(low) - 0.5, float(high) + 0.5)


def _draw_map(axes: Axes, values: NDArray[np.float64], colours: str, low: float, high: float) -> AxesImage:
    rows, columns = (dct_frequencies(size) for size in values.shape)
    half_row, half_column = 0.25 / rows.size, 0.25 / columns.size  # half the distance between coefficients
    image = axes.imshow(
        values,
        cmap=colours,
        vmin=low,
        vmax=high,
        origin="upper",
        aspect="equal",
        interpolation="antialiased",
        extent=(-half_column, columns[-1] + half_column, rows[-1] + half_row, -half_row),
    )
    axes.annotate(
        "DC", (0, 0), (3, -3), textcoords="offset points", va="top", color=BLACK, fontsize=7.0
    ).set_bbox({"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8})
    ticks = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]
    axes.set(xticks=ticks, yticks=ticks)
    axes.spines[:].set_visible(True)
    return image


def _add_bar(panel: Axes, image: AxesImage, nats: str, decibels: str) -> None:
    """A colour bar as high as the panel that it stands beside, nats on its left and decibels on its right."""
    place = panel.inset_axes(BAR)
    bar = place.figure.colorbar(image, cax=place, extend="both", extendfrac=0.03)
    place.yaxis.set_ticks_position("left")
    place.yaxis.set_label_position("left")
    bar.set_label(nats)
    add_decibels(place, decibels)
