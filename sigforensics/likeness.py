"""How like their targets fakes are: structural similarity on the ink, and the difference of their spectra band by band."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from sigforensics.images import ByteImage, bytes_to_unit
from sigforensics.settings import Spectrum, Validation
from sigforensics.spectra import dct_magnitude_log, radial_bands

__all__ = ["band_profile", "ink_similarity", "ink_zone", "spectral_difference"]

TRUNCATE = 3.5
"""Standard deviations after which scikit-image cuts the Gaussian window off; its implementation fixes it."""


def ink_zone(fake: ByteImage, target: ByteImage, *, reach: int) -> NDArray[np.bool_]:
    """Pixels at most ``reach`` rows and columns from ink of either image.

    Parameters
    ----------
    fake, target : ndarray of uint8, shape (height, width)
        Ink bright on paper 0.
    reach : int
        Pixels.

    Returns
    -------
    ndarray of bool, shape (height, width)
    """
    ink = ((fake > 0) | (target > 0)).astype(np.uint8)
    side = 2 * reach + 1
    return cv2.dilate(ink, np.ones((side, side), np.uint8)) > 0


def ink_similarity(fake: ByteImage, target: ByteImage, *, settings: Validation | None = None) -> float:
    """The mean structural similarity of two images over the zone of their ink.

    Where both are blank it is 1 by definition; of a signature, nine tenths of the square are, and the mean over the whole
    image says little. Source: Wang et al. 2004, with Gaussian windows and population variances.

    Parameters
    ----------
    fake, target : ndarray of uint8, shape (height, width)
        Ink bright on paper 0.
    settings : Validation, optional

    Returns
    -------
    float
        Up to 1 (equal); 0 and below where nothing agrees. 1 where neither image has ink.
    """
    settings = settings or Validation()
    zone = ink_zone(fake, target, reach=settings.ink_reach)
    if not zone.any():
        return 1.0
    window = int(TRUNCATE * settings.ssim_sigma + 0.5)
    part = _around(zone, margin=2 * window)
    _, similarity = structural_similarity(
        bytes_to_unit(fake[part]),
        bytes_to_unit(target[part]),
        data_range=1.0,
        gaussian_weights=True,
        sigma=settings.ssim_sigma,
        use_sample_covariance=False,
        K1=settings.ssim_k1,
        K2=settings.ssim_k2,
        full=True,
    )
    return float(similarity[zone[part]].mean(dtype=np.float64))


def _around(zone: NDArray[np.bool_], *, margin: int) -> tuple[slice, slice]:
    """The rows and columns of the zone with a margin: elsewhere nothing need be computed."""
    spans = []
    for axis in (1, 0):
        places = np.flatnonzero(zone.any(axis=axis))
        spans.append(slice(max(int(places[0]) - margin, 0), int(places[-1]) + 1 + margin))
    return spans[0], spans[1]


def band_profile(image: ByteImage, *, settings: Spectrum | None = None) -> NDArray[np.float64]:
    """The mean of ln(|DCT| + floor) in each radial band of an image, in nats.

    There are as many bands as the settings say, and at most half as many as the image has rows: in smaller images a band
    would hold no coefficient.
    """
    settings = settings or Spectrum()
    height, width = image.shape
    bands = radial_bands(height, width, min(settings.bands, min(image.shape) // 2))
    return bands.means(dct_magnitude_log(bytes_to_unit(image)[None], floor=settings.floor)[0])


def spectral_difference(fakes: NDArray[np.float64], targets: NDArray[np.float64]) -> float:
    """The mean over the bands of |mean over the fakes - mean over the targets| of their profiles, in nats.

    Parameters
    ----------
    fakes, targets : ndarray of float64, shape (n, bands)
        As :func:`band_profile` gives them.
    """
    return float(np.abs(fakes.mean(axis=0) - targets.mean(axis=0)).mean())
