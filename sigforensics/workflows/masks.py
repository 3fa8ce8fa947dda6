"""Masks by hand: pictures that say which pixels of a box are the signature."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sigforensics.errors import MaskUnfit

__all__ = ["read_mask"]

FORMATS = ("PNG", "TIFF", "BMP")
"""Lossless ones: JPEG would scatter pixels along the borders."""
MODES = ("1", "L", "LA", "P", "RGB", "RGBA")


def read_mask(path: Path) -> NDArray[np.bool_]:
    """Where a picture is white, or at least nearer to it than to black; what is transparent counts as black.

    Image editors save a corrected mask in colours or with transparency, as they please.

    Parameters
    ----------
    path : Path

    Returns
    -------
    ndarray of bool, shape (height, width)

    Raises
    ------
    MaskUnfit
        If it cannot be read, or has more than 8 bits a channel.
    """
    try:
        with Image.open(path, formats=FORMATS) as image:
            mode, colours = image.mode, image.convert("RGBA")
    except Exception as error:  # Pillow raises many kinds over damaged bytes
        advice = "check the path, and save it as PNG, TIFF or BMP"
        raise MaskUnfit(path, f"cannot be read as a mask ({error})", advice) from error
    if mode not in MODES:
        raise MaskUnfit(path, f"has pixels of the kind {mode}", "save it in 8 bits a channel")
    black = Image.new("RGBA", colours.size, (0, 0, 0, 255))
    return np.asarray(Image.alpha_composite(black, colours).convert("L")) >= 128
