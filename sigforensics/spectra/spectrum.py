"""The spectrum of a set of images, and its profiles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from sigforensics.spectra.grid import FrequencyGrid, onto_grid, sampling_density
from sigforensics.spectra.lines import DIRECTIONS, line_edges
from sigforensics.spectra.transform import GREY_SCALE

__all__ = ["PROFILES", "Profile", "ProfileKind", "Spectrum"]

FloatArray = NDArray[np.float64]
ProfileKind = Literal["radial", "horizontal", "vertical", "diagonal"]
PROFILES: tuple[ProfileKind, ...] = ("radial", "horizontal", "vertical", "diagonal")


@dataclass(frozen=True, eq=False)
class Profile:
    """Mean log-magnitude against frequency, averaged over the images of a set."""

    n: int
    """Images."""
    edges: FloatArray
    """Edges of the bands, in the unit of the spectrum's grid, shape (bands + 1,)."""
    mean: FloatArray
    """Nats: mean over the images of each image's mean of ln(|DCT| + floor) in the band; NaN where an image has no coefficient."""
    standard_error: FloatArray
    """Nats: standard deviation over the images / sqrt(n); NaN for a single image."""

    @property
    def frequencies(self) -> FloatArray:
        """Middles of the bands, shape (bands,)."""
        middles: FloatArray = (self.edges[:-1] + self.edges[1:]) / 2
        return middles


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Statistics of ln(|DCT| + floor) over a set of images.

    See :mod:`sigforensics.spectra.transform` for the transform, and :mod:`sigforensics.spectra.grid` for how
    images of different sizes share a grid; for images of one size it is their own coefficients. Arrays of shape
    (height, width) have DC at [0, 0]; the frequencies of their axes are ``row_frequencies`` and
    ``column_frequencies``. For a Gaussian coefficient of standard deviation s, well above the floor, the mean is
    ln(s) - 0.6352 and the variance pi^2 / 8; where coefficients are averaged onto a grid, the variance is less.
    Where frequencies are in cycles per millimetre, DCT stands for the DCT divided by the dots per millimetre, here and
    below: see :func:`sigforensics.spectra.grid.sampling_density`.
    """

    n: int
    """Images."""
    floor: float
    """Added to |DCT| before the logarithm, on the scale of 8-bit values; part of both statistics."""
    grid: FrequencyGrid
    """The frequencies of the maps."""
    mean_of_log: FloatArray
    """Statistic 1 (the reference's), nats, shape (height, width): mean over the set of ln(|DCT| + floor)."""
    variance_of_log: FloatArray
    """Nats squared, shape (height, width): unbiased variance over the set of ln(|DCT| + floor); NaN for a
    single image."""
    mean_image: FloatArray | None
    """In [0, 1], in the images' own size: mean of the images themselves; None where they differ in size."""
    image_nyquist: tuple[float, float]
    """Vertical and horizontal Nyquist frequency of the mean image, in the grid's unit."""
    band_edges: FloatArray
    """In the grid's unit, shape (bands + 1,): edges of the radial bands."""
    band_features: FloatArray
    """Nats, shape (n, bands): each image's mean of ln(|DCT| + floor) over each band (DC in none), in the
    order in which the images came. Of the image's own coefficients, whatever the grid."""
    line_features: NDArray[np.float32]
    """Nats, shape (n, 3, bands): the same along the axes and the diagonal; see :mod:`sigforensics.spectra.lines`. NaN where
    an image has no coefficient."""
    peak_excess: FloatArray
    """Nats, shape (n, places): each image's excess at the places where up-sampling leaves peaks; NaN for images
    that are too small. See :mod:`sigforensics.spectra.peaks`."""

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) of the maps: of the images, where they are of one size and nothing else was asked for."""
        return self.grid.shape

    @property
    def row_frequencies(self) -> FloatArray:
        """Vertical frequency of each row, in the grid's unit, shape (height,)."""
        return self.grid.row_frequencies

    @property
    def column_frequencies(self) -> FloatArray:
        """Horizontal frequency of each column, in the grid's unit, shape (width,)."""
        return self.grid.column_frequencies

    @property
    def standard_deviation(self) -> FloatArray:
        """Nats, shape (height, width): over the images, of ln(|DCT| + floor); NaN for a single image."""
        return np.sqrt(self.variance_of_log)

    @property
    def standard_error(self) -> FloatArray:
        """Nats, shape (height, width): standard error of ``mean_of_log``; NaN for a single image."""
        return np.sqrt(self.variance_of_log / self.n)

    @cached_property
    def log_of_mean(self) -> FloatArray | None:
        """Statistic 2 (Frank et al. 2020), nats, shape (height, width): ln(|mean of the signed DCT| + floor).

        The mean is over the set. The transform is linear, so it is the transform of the mean image. None where
        images differ in size: their coefficients have different frequencies and no mean with a sign.
        """
        if self.mean_image is None:
            return None
        signed = scipy.fft.dctn(GREY_SCALE * self.mean_image, type=2, norm="ortho")
        signed /= sampling_density(self.image_nyquist)
        return onto_grid(np.log(np.abs(signed) + self.floor), self.image_nyquist, self.grid)

    def profile_features(self, kind: ProfileKind) -> FloatArray:
        """Nats, shape (n, bands): what each image adds to a profile."""
        if kind == "radial":
            return self.band_features
        features: FloatArray = self.line_features[:, DIRECTIONS.index(kind)].astype(np.float64)
        return features

    def profile_edges(self, kind: ProfileKind) -> FloatArray:
        """In the grid's unit, shape (bands + 1,): edges of the bands of a profile."""
        if kind == "radial":
            return self.band_edges
        edges: FloatArray = line_edges(len(self.band_edges) - 1, self.grid.limits)[DIRECTIONS.index(kind)]
        return edges

    def profile(self, kind: ProfileKind) -> Profile:
        """The mean of what the images add to a profile, with its standard error over the images."""
        features = self.profile_features(kind)
        deviation = features.std(axis=0, ddof=1) if self.n > 1 else np.full(features.shape[1], np.nan)
        return Profile(self.n, self.profile_edges(kind), features.mean(axis=0), deviation / np.sqrt(self.n))
