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
    figures are ``Extraction.cropped_*``.
    """
    settings = settings or Extraction()
    if max(scan.pixels.shape) > settings.cropped_longest:
        return False
    grey = cv2.GaussianBlur(scan.pixels, (5, 5), 1.0)
    ink = (grey <= threshold_otsu(grey)).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    pieces = stats[1:]
    least = (settings.cropped_speck * max(ink.shape)) ** 2
    pieces = pieces[pieces[:, cv2.CC_STAT_AREA] >= least]
    if not len(pieces):
        return False
    areas = np.sort(pieces[:, cv2.CC_STAT_AREA])[::-1]
    left, top = pieces[:, cv2.CC_STAT_LEFT], pieces[:, cv2.CC_STAT_TOP]
    width = np.max(left + pieces[:, cv2.CC_STAT_WIDTH]) - left.min()
    height = np.max(top + pieces[:, cv2.CC_STAT_HEIGHT]) - top.min()
    fills = max(width / ink.shape[1], height / ink.shape[0]) >= settings.cropped_span
    return bool(
        fills
        and len(pieces) <= settings.cropped_pieces
        and areas[: settings.cropped_few].sum() >= settings.cropped_held * areas.sum()
    )
