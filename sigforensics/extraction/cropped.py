"""Whether an image is a signature alone already, or a page on which one must be found."""

from __future__ import annotations

import cv2
import numpy as np
from skimage.filters import threshold_otsu

from sigforensics.scans import Scan
from sigforensics.settings import Extraction

__all__ = ["looks_cropped"]


def looks_cropped(scan: Scan, *, settings: Extraction | None = None) -> bool:
    """Whether the image is small, and its ink is a few long strokes that fill it.

    A page of print has hundreds of pieces of ink, none of which holds much of it; a signature has a few that hold nearly all. The
    figures are ``Extraction.cropped_*``. A page without ink is not a signature.
    """
    settings = settings or Extraction()
    if max(scan.pixels.shape) > settings.cropped_longest:
        return False
    grey = cv2.GaussianBlur(scan.pixels, (0, 0), settings.cropped_sigma, borderType=cv2.BORDER_REFLECT_101)
    if grey.min() == grey.max():
        return False
    ink = (grey <= threshold_otsu(grey)).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8, ltype=cv2.CV_32S)
    least = (settings.cropped_speck * max(ink.shape)) ** 2
    left, top, width, height, area = (stats[1:][stats[1:, cv2.CC_STAT_AREA] >= least]).T
    if not len(area) or len(area) > settings.cropped_pieces:
        return False
    spanned = np.max(left + width) - left.min(), np.max(top + height) - top.min()
    fills = max(spanned[0] / ink.shape[1], spanned[1] / ink.shape[0]) >= settings.cropped_span
    held = np.sort(area)[::-1][: settings.cropped_few].sum() / area.sum()
    return bool(fills and held >= settings.cropped_held)
