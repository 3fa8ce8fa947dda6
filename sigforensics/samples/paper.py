"""What the scanner sees: paper with its grain, ink on it, blurred by optics and roughened by the sensor."""

from __future__ import annotations

import cv2
import numpy as np

from sigforensics.images import FloatImage
from sigforensics.settings import Sampling

__all__ = ["scan_sheet"]


def scan_sheet(
    absorbance: FloatImage, *, rng: np.random.Generator, dpi: float, settings: Sampling
) -> FloatImage:
    """A sheet of paper with ink on it as a grey image.

    Parameters
    ----------
    absorbance : ndarray, shape (height, width), float32
        Ink on the sheet; light passes it as exp(-absorbance).
    rng : Generator
        Draws grain, clouds and noise.
    dpi : float
        Pixels an inch.
    """
    height, width = absorbance.shape
    scale = dpi / 25.4
    fine, coarse = (_clouds(height, width, rng, size * scale) for size in settings.cloud_sizes)
    sheet = settings.paper * (1 + np.float32(settings.clouds) * (fine + coarse))
    light = settings.glare + (sheet - settings.glare) * np.exp(-absorbance)
    blurred = cv2.GaussianBlur(light, (0, 0), settings.optics * scale, borderType=cv2.BORDER_REFLECT)
    image = np.asarray(blurred, np.float32)
    image += rng.standard_normal((height, width), np.float32) * np.float32(settings.noise)
    image += rng.standard_normal((1, width), np.float32) * np.float32(settings.streaks)
    return np.asarray(np.clip(image, 0, 1), np.float32)


def _clouds(height: int, width: int, rng: np.random.Generator, size: float) -> FloatImage:
    """Smooth noise of mean 0 and standard deviation 1: coarse noise, enlarged."""
    coarse = rng.standard_normal((int(height / size) + 4, int(width / size) + 4), np.float32)
    smooth = cv2.resize(coarse, None, fx=size, fy=size, interpolation=cv2.INTER_CUBIC)[:height, :width]
    return np.asarray(smooth / smooth.std(), np.float32)
