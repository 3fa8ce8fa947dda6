"""How sharp the borders of the strokes are, and how noisy the paper is."""

from __future__ import annotations

import cv2
import numpy as np

from sigforensics.images import ByteImage
from sigforensics.settings import Auditing

__all__ = ["measure_paper_noise", "measure_sharpness"]

NOISE_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
"""Cancels planes; of white noise it keeps the standard deviation (Immerkaer 1996)."""
MAD_TO_SD = 1.4826
"""Standard deviation over median absolute deviation, for normal values."""


def measure_sharpness(image: ByteImage, *, settings: Auditing | None = None) -> float:
    """Second differences over first ones at the borders of strokes: 1 at a step, 0 on a straight slope.

    Sum of |f(x - 1) - 2 f(x) + f(x + 1)| over sum of |f(x + 1) - f(x - 1)|, along rows and columns, wherever the latter
    is at least ``settings.edge``. Contrast cancels; 0 where there is no such border.

    Parameters
    ----------
    image : uint8, shape (height, width)
    settings : Auditing, optional
    """
    settings = settings or Auditing()
    pixels = image.astype(np.float32)
    bends = slopes = 0.0
    for before, here, after in (
        (pixels[:, :-2], pixels[:, 1:-1], pixels[:, 2:]),
        (pixels[:-2], pixels[1:-1], pixels[2:]),
    ):
        slope = np.abs(after - before)
        border = slope >= settings.edge
        bends += float(np.abs(before + after - 2 * here)[border].sum(dtype=np.float64))
        slopes += float(slope[border].sum(dtype=np.float64))
    return bends / slopes if slopes else 0.0


def measure_paper_noise(image: ByteImage, background: float, *, settings: Auditing | None = None) -> float:
    """Standard deviation of the paper from pixel to pixel, grey levels; 0 where there is no paper, or it was cleared.

    By the median absolute value of a filter that cancels planes, over pixels in the midst of paper.

    Parameters
    ----------
    image : uint8, shape (height, width)
    background : float
        Grey level of the paper.
    settings : Auditing, optional
    """
    settings = settings or Auditing()
    residual = cv2.filter2D(image, cv2.CV_32F, NOISE_KERNEL, borderType=cv2.BORDER_REFLECT_101)
    darkest = cv2.erode(image, np.ones((3, 3), np.uint8))
    paper = np.abs(residual[1:-1, 1:-1][darkest[1:-1, 1:-1] >= background - settings.paper_range])
    return float(MAD_TO_SD * np.median(paper)) if paper.size else 0.0
