"""Whether a page can bear a signature at all: not blank, not black, not a negative."""

from __future__ import annotations

import numpy as np

from sigforensics.errors import ImageBlack, ImageBlank, PolarityWrong
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
        If more than half of the pixels are nearer to the darkest than to the brightest value.
    """
    settings = settings or Scanning()
    darkest, brightest = float(scan.pixels.min()), float(scan.pixels.max())
    if brightest < settings.black_level:
        raise ImageBlack(scan.where, f"black all over (no value above {255 * brightest:.0f} of 255)")
    if brightest - darkest < settings.blank_range:
        raise ImageBlank(
            scan.where, f"no ink on it (values {255 * darkest:.0f} to {255 * brightest:.0f} of 255)"
        )
    if np.median(scan.pixels) < (darkest + brightest) / 2:
        raise PolarityWrong(scan.where, "light ink on a dark ground")
