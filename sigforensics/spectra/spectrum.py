"""The spectrum of a set of images, and its radial profile."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from sigforensics.spectra.transform import GREY_SCALE, dct_frequencies

__all__ = ["RadialProfile", "Spectrum"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RadialProfile:
    """Mean log-magnitude against radial frequency, averaged over the images of a set."""

    n: int
    """Images."""
    frequencies: FloatArray
    """Middles of the bands, cycles per pixel, shape (bands,)."""
    mean: FloatArray
    """Nats: mean over the images of each image's mean of ln(|DCT| + floor) in the band."""
    standard_error: FloatArray
    """Nats: standard deviation over the images / sqrt(n); NaN for a single image."""


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Statistics of ln(|DCT| + floor) over a set of images of one size.

    See :mod:`sigforensics.spectra.transform` for the transform. Arrays of shape (height, width) have DC at
    [0, 0]; the frequencies of their axes are ``row_frequencies`` and ``column_frequencies``. For a Gaussian
    coefficient of standard deviation s, well above the floor, the mean is ln(s) - 0.6352 and the variance
    pi^2 / 8.
    """

    n: int
    """Images."""
    floor: float
    """Added to |DCT| before the logarithm, on the scale of 8-bit values; part of both statistics."""
    mean_of_log: FloatArray
    """Statistic 1 (the reference's), nats, shape (height, width): mean over the set of ln(|DCT| + floor)."""
    variance_of_log: FloatArray
    """Nats squared, shape (height, width): unbiased variance over the set of ln(|DCT| + floor); NaN for a
    single image."""
    mean_image: FloatArray
    """Shape (height, width), in [0, 1]: mean of the images themselves."""
    band_edges: FloatArray
    """Cycles per pixel, shape (bands + 1,): edges of the radial bands."""
    band_features: FloatArray
    """Nats, shape (n, bands): each image's mean of ln(|DCT| + floor) over each band (DC in none), in the
    order in which the images came."""

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) of the images."""
        height, width = self.mean_of_log.shape
        return height, width

    @property
    def row_frequencies(self) -> FloatArray:
        """Vertical frequency of each row, cycles per pixel, shape (height,)."""
        return dct_frequencies(self.shape[0])

    @property
    def column_frequencies(self) -> FloatArray:
        """Horizontal frequency of each column, cycles per pixel, shape (width,)."""
        return dct_frequencies(self.shape[1])

    @property
    def standard_error(self) -> FloatArray:
        """Nats, shape (height, width): standard error of ``mean_of_log``; NaN for a single image."""
        return np.sqrt(self.variance_of_log / self.n)

    @cached_property
    def log_of_mean(self) -> FloatArray:
        """Statistic 2 (Frank et al. 2020), nats, shape (height, width): ln(|mean of the signed DCT| + floor).

        The mean is over the set. The transform is linear, so it is the transform of the mean image.
        """
        signed = scipy.fft.dctn(GREY_SCALE * self.mean_image, type=2, norm="ortho")
        return np.log(np.abs(signed) + self.floor)

    def radial_profile(self) -> RadialProfile:
        """The mean of the images' band features, with its standard error over the images."""
        features = self.band_features
        deviation = features.std(axis=0, ddof=1) if self.n > 1 else np.full(features.shape[1], np.nan)
        return RadialProfile(
            n=self.n,
            frequencies=(self.band_edges[:-1] + self.band_edges[1:]) / 2,
            mean=features.mean(axis=0),
            standard_error=deviation / np.sqrt(self.n),
        )
