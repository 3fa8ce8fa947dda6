"""The two-dimensional cosine transform of whole images, and the logarithm of its magnitude."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from sigforensics.images import FloatImage

__all__ = [
    "DB_PER_NAT",
    "GREY_SCALE",
    "dct_coefficients",
    "dct_frequencies",
    "dct_magnitude_log",
    "nats_to_db",
]

GREY_SCALE = 255.0
"""Coefficients are those of 8-bit values, 0 to 255, as the reference's are; images here are in [0, 1]."""
MEAN_ROWS = 4
"""Every so many rows are enough to know about how bright an image is."""
DB_PER_NAT = 20.0 / math.log(10.0)
"""Decibels of amplitude in one unit of the natural logarithm: 8.686."""


def nats_to_db(nats: float) -> float:
    """Decibels in a difference of natural logarithms of amplitude: 20 / ln 10 times as many.

    >>> round(nats_to_db(1.0), 3)
    8.686
    """
    return DB_PER_NAT * nats


def dct_frequencies(size: int) -> NDArray[np.float64]:
    """Frequency of each DCT-II coefficient along an axis of ``size`` pixels: u / (2 size) cycles per pixel.

    Basis function u is cos(pi u (2 x + 1) / (2 size)): u half periods over the axis.

    >>> dct_frequencies(4).tolist()
    [0.0, 0.125, 0.25, 0.375]
    """
    return np.arange(size) / (2.0 * size)


def dct_coefficients(images: FloatImage) -> NDArray[np.float32]:
    """Orthonormal two-dimensional DCT-II of each whole image, signed, on the scale of 8-bit values.

    Each image is transformed by itself, so a batch equals its images one by one, bit for bit. Its mean is
    taken off before the transform and put back into the DC coefficient: that is exact, and keeps the rounding
    of a large DC (up to 255 times the side) out of the small coefficients, where float32 would otherwise
    leave some fifty times as much of it.

    Parameters
    ----------
    images : float32, shape (n, height, width)
        In [0, 1].

    Returns
    -------
    float32, shape (n, height, width)
        Coefficient (u, v) of row frequency u / (2 height) and column frequency v / (2 width) cycles per
        pixel.

    Raises
    ------
    ValueError
        If the shape is not that of a batch, or a value lies outside [0, 1] or is not a number.
    """
    _check_images(images)
    coefficients = np.empty(images.shape, np.float32)
    for image, out in zip(images, coefficients, strict=True):
        _transform(image, out)
    return coefficients


def dct_magnitude_log(images: FloatImage, *, floor: float, density: float = 1.0) -> NDArray[np.float32]:
    """ln(|C| / density + floor) of the orthonormal DCT-II C of each whole image, on the scale of 8-bit values.

    The floor is part of the statistic, not a guard: a coefficient that is zero (all of a blank image's)
    counts as ln(floor), so figures made with different floors must not be compared. It must also stay well
    above the rounding of float32, or coefficients that are zero but for rounding decide the mean.

    Parameters
    ----------
    images : float32, shape (n, height, width)
        In [0, 1].
    floor : float
        Above 0, in units of a coefficient of 8-bit values; see ``settings.Spectrum.floor``.
    density : float
        Above 0, samples a unit of length: 1 a pixel; see :func:`sigforensics.spectra.grid.sampling_density`.

    Returns
    -------
    float32, shape (n, height, width)
        In nats, arranged as by :func:`dct_coefficients`.

    Raises
    ------
    ValueError
        If the floor is not above 0, or for images as in :func:`dct_coefficients`.
    """
    if not floor > 0:
        raise ValueError(f"the floor of the logarithm must be above 0, not {floor}")
    magnitudes = dct_coefficients(images)
    for magnitude in magnitudes:  # one by one, while it is in the cache
        np.abs(magnitude, out=magnitude)
        if density != 1.0:
            np.divide(magnitude, np.float32(density), out=magnitude)
        np.add(magnitude, np.float32(floor), out=magnitude)
        cv2.log(magnitude, magnitude)  # a fourth of the time of NumPy's, and as exact
    return magnitudes


def _check_images(images: NDArray[Any]) -> None:
    if images.ndim != 3 or images.dtype != np.float32 or 0 in images.shape[1:]:
        raise ValueError(f"float32 (n, height, width) expected, not {images.dtype} {images.shape}")
    if images.size and not (float(images.min()) >= 0.0 and float(images.max()) <= 1.0):  # NaN fails too
        raise ValueError(f"values in [{images.min()}, {images.max()}] where [0, 1] was expected")


def _transform(image: FloatImage, out: NDArray[np.float32]) -> None:
    height, width = image.shape
    # any number near the mean will do: it is put back as it is
    mean = np.float32(GREY_SCALE) * image[::MEAN_ROWS].mean()
    np.multiply(image, np.float32(GREY_SCALE), out=out)
    out -= mean
    if _is_power_of_two(height) and _is_power_of_two(width):
        cv2.dct(out, out)  # twice as fast as SciPy there; slower at most other sizes, and it refuses odd ones
    else:
        out[...] = scipy.fft.dctn(out, type=2, norm="ortho", overwrite_x=True)
    out[0, 0] += np.float32(float(mean) * np.sqrt(height * width))


def _is_power_of_two(size: int) -> bool:
    return size > 1 and size & (size - 1) == 0
