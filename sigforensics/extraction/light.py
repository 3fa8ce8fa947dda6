"""Paper in uneven light or dithered to dots: the page as it would look in even light, and in shades."""

from __future__ import annotations

import cv2
import numpy as np

from sigforensics.images import FloatImage, count_levels
from sigforensics.settings import Levelling

__all__ = ["even_light", "paper_shade", "without_dots"]


def paper_shade(grey: FloatImage, *, settings: Levelling) -> FloatImage:
    """The brightness of the paper on a coarse grid: the brightest within a window, without bright specks, smoothed.

    What is darker than ``settings.darkest_paper`` of the brightest paper is taken for dark print on paper of that shade.

    Parameters
    ----------
    grey : float32, shape (height, width)
        Paper 1, ink 0.

    Returns
    -------
    float32
        ``settings.light_grid`` points along the longer side.
    """
    height, width = grey.shape
    scale = min(settings.light_grid / max(height, width), 1.0)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    coarse = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    window = np.ones((settings.light_window,) * 2, np.uint8)
    closed = cv2.morphologyEx(coarse, cv2.MORPH_CLOSE, window, borderType=cv2.BORDER_REPLICATE)
    smooth = cv2.GaussianBlur(closed, (0, 0), settings.light_sigma, borderType=cv2.BORDER_REPLICATE)
    floor = np.float32(settings.darkest_paper) * smooth.max()
    return np.asarray(np.maximum(smooth, floor), np.float32)


def even_light(grey: FloatImage, *, settings: Levelling) -> FloatImage | None:
    """A page over the shade of its paper, where that is uneven; None where the page may stay as it is.

    For looking only: the result is no evidence. Pages of two levels have no shade.

    Parameters
    ----------
    grey : float32, shape (height, width)
        Paper 1, ink 0.

    Returns
    -------
    float32, shape (height, width), or None
        In [0, 1]; paper near 1 everywhere.
    """
    if count_levels(grey) <= 2:
        return None
    shade = paper_shade(grey, settings=settings)
    low, high = np.quantile(shade, (0.05, 0.95))
    if high <= 0 or (high - low) / high < settings.uneven:
        return None
    height, width = grey.shape
    full = cv2.resize(shade, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(grey / full, 0, 1), np.float32)


def without_dots(grey: FloatImage, *, settings: Levelling) -> FloatImage | None:
    """A page whose shades were dithered to dots, smoothed to shades again; None where the page may stay as it is.

    For looking only: the result is no evidence. Dots are dark ones on light ground or light ones on dark ground; where half
    of the pixels are dark they touch at their corners, which does not join them.

    Parameters
    ----------
    grey : float32, shape (height, width)
        Paper 1, ink 0.
    """
    dark = (grey < (float(grey.min()) + float(grey.max())) / 2).astype(np.uint8)
    if cv2.mean(grey, 1 - dark)[0] - cv2.mean(grey, dark)[0] < settings.dot_contrast:
        return None  # grain of the paper
    for ink in (dark, 1 - dark):
        if np.count_nonzero(ink[:, 1:] > ink[:, :-1]) < settings.dithered * grey.size:
            continue  # so few rows of pixels begin: there cannot be as many dots
        _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=4, ltype=cv2.CV_32S)
        dots = np.count_nonzero(stats[1:, cv2.CC_STAT_AREA] <= settings.largest_dot)
        if dots >= settings.dithered * grey.size:
            return np.asarray(cv2.GaussianBlur(grey, (0, 0), settings.dot_sigma), np.float32)
    return None
