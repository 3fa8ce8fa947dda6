"""Masks by hand: pictures that say which pixels of a box are the signature."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sigforensics.errors import FileUnreadable, MaskUnfit

__all__ = ["read_mask"]

FORMATS = ("PNG", "TIFF", "BMP")
"""Lossless ones: JPEG would scatter pixels along the borders."""
MODES = ("1", "L", "LA", "P", "RGB", "RGBA")
WHITE = 128
"""Of 255: from here on a pixel is nearer to white than to black."""


def read_mask(path: Path, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Where a picture is white, or at least nearer to it than to black; what is transparent counts as black.

    Image editors save a corrected mask in colours or with transparency, as they please.

    Parameters
    ----------
    path : Path
    shape : tuple of int
        Height and width that it must have: of its box, upright.

    Returns
    -------
    ndarray of bool, of that shape

    Raises
    ------
    FileUnreadable
        If there is no such file.
    MaskUnfit
        If it cannot be read, has another size, several pages or a layout that is not read, or nothing in it is white.
    """
    if not path.is_file():
        raise FileUnreadable(path, "there is no such file")
    try:
        with Image.open(path, formats=FORMATS) as image:
            _check(image, path, shape)
            colours = image.convert("RGBA")
    except MaskUnfit:
        raise
    except Exception as error:  # Pillow raises many kinds over damaged bytes
        what = "is no PNG, TIFF or BMP picture, or is damaged"
        raise MaskUnfit(path, what, "save the mask as PNG") from error
    black = Image.new("RGBA", colours.size, (0, 0, 0, 255))
    values = np.asarray(Image.alpha_composite(black, colours).convert("L"))
    if values.max() < WHITE:
        raise MaskUnfit(path, f"has nothing white: its brightest value is {values.max()} of 255")
    return values >= WHITE


def _check(image: Image.Image, path: Path, shape: tuple[int, int]) -> None:
    """Refuse what is not to be decoded."""
    height, width = shape
    if image.size != (width, height):
        what = f"has {image.width} x {image.height} pixels, and its box {width} x {height}"
        turned = image.size == (height, width)
        advice = (
            "masks are upright, as crops are, and the page lies on its side: turn the mask"
            if turned
            else None
        )
        raise MaskUnfit(path, what, advice)
    if image.mode not in MODES:
        raise MaskUnfit(path, f"has pixels of the kind {image.mode}", "save it in 8 bits a channel")
    if getattr(image, "n_frames", 1) > 1:
        raise MaskUnfit(path, "has several pages", "save the mask alone")
