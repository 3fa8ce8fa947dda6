"""Whether a page can bear a signature at all: not blank, not black, not a negative."""

from __future__ import annotations

import numpy as np

from sigforensics.errors import ImageBlack, ImageBlank, PolarityWrong
from sigforensics.images import FloatImage
from sigforensics.scans.page import Scan
from sigforensics.settings import Scanning

__all__ = ["check_exposure"]


def check_exposure(scan: Scan, *, settings: Scanning | None = None) -> None:
    """Refuse a page without ink, a page without paper, and light ink on a dark ground.

    Raises
    ------
    ImageBlack
        If even its brightest values are dark.
    ImageBlank
        If its values hardly differ.
    PolarityWrong
        If more than half of the pixels are nearer to the darkest than to the brightest value, on the page as a whole and in its
        parts: in a shadow, or beside a dark table, paper is still the brightest of its own part.
    """
    settings = settings or Scanning()
    darkest, brightest = float(scan.pixels.min()), float(scan.pixels.max())
    if brightest < settings.black_level:
        raise ImageBlack(scan.where, f"black all over (no value above {255 * brightest:.0f} of 255)")
    if brightest - darkest < settings.blank_range:
        raise ImageBlank(
            scan.where, f"no ink on it (values {255 * darkest:.0f} to {255 * brightest:.0f} of 255)"
        )
    if np.median(scan.pixels) < (darkest + brightest) / 2 and _mostly_dark(scan.pixels, settings.parts):
        raise PolarityWrong(scan.where, "light ink on a dark ground")


def _mostly_dark(grey: FloatImage, parts: int) -> bool:
    """Whether in most of the parts of a page, by their contrast, most pixels are nearer to the darkest than to the brightest.

    Parts that are half and half say nothing.
    """
    vote = 0.0
    for strip in np.array_split(grey, min(parts, grey.shape[0])):
        for part in np.array_split(strip, min(parts, grey.shape[1]), axis=1):
            low, high = float(part.min()), float(part.max())
            place = (float(np.median(part)) - low) / max(high - low, 1e-9)  # 0 darkest, 1 brightest
            vote += (high - low) * np.sign(round(place - 0.5, 1))
    return bool(vote <= 0)
