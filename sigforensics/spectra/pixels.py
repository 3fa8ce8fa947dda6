"""Images of different sizes to images of one size, by changing their pixels: only where that is asked for."""

from __future__ import annotations

import cv2
import numpy as np

from sigforensics.images import FloatImage

__all__ = ["crop_pixels", "pad_pixels", "resize_pixels"]


def pad_pixels(image: FloatImage, shape: tuple[int, int]) -> FloatImage:
    """An image in the middle of a larger one, whose other pixels have the median value of its border.

    Where paper is not level, an edge remains at the old border, and it is in the spectrum.

    Parameters
    ----------
    image : float32, shape (height, width)
    shape : pair of int
        (height, width), at least as large.
    """
    _require(image, shape, smaller=True)
    border = np.concatenate([image[0], image[-1], image[1:-1, 0], image[1:-1, -1]])
    padded = np.full(shape, np.median(border), np.float32)
    top, left = ((side - own) // 2 for side, own in zip(shape, image.shape, strict=True))
    padded[top : top + image.shape[0], left : left + image.shape[1]] = image
    return padded


def crop_pixels(image: FloatImage, shape: tuple[int, int]) -> FloatImage:
    """The middle of an image: what lies outside, ink included, is cut off.

    Parameters
    ----------
    image : float32, shape (height, width)
    shape : pair of int
        (height, width), no larger.
    """
    _require(image, shape, smaller=False)
    top, left = ((own - side) // 2 for side, own in zip(shape, image.shape, strict=True))
    return np.ascontiguousarray(image[top : top + shape[0], left : left + shape[1]])


def resize_pixels(image: FloatImage, shape: tuple[int, int]) -> FloatImage:
    """An image shrunk to a size, each pixel the mean over the area that it covers; its proportions are not kept.

    This changes the spectrum by more than most generators do: see the method's table of what single steps do.

    Parameters
    ----------
    image : float32, shape (height, width)
        In [0, 1].
    shape : pair of int
        (height, width), no larger.
    """
    _require(image, shape, smaller=False)
    if image.shape == shape:
        return image
    resized = cv2.resize(image, shape[::-1], interpolation=cv2.INTER_AREA)
    return np.clip(resized, 0.0, 1.0).astype(np.float32)  # means may leave the range by their rounding


def _require(image: FloatImage, shape: tuple[int, int], *, smaller: bool) -> None:
    """Raise ValueError where an image does not fit a size."""
    fits = [own <= side if smaller else own >= side for own, side in zip(image.shape, shape, strict=True)]
    if not all(fits):
        raise ValueError(f"an image of shape {image.shape} cannot become one of {shape} this way")
