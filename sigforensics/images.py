"""What an image is, and the only conversions between ranges and polarities.

An *ink image* is a float32 array of shape (height, width), or (n, height, width) for several, with ink 1 on paper 0. A *grey
image* is the same with paper 1 and ink 0: what a scanner gives. Networks see ink images in [-1, 1]. Nothing is clipped
silently: a value outside its range raises.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

SAMPLE = 128
"""Values, evenly spread, in which three levels of an image are looked for first."""
FloatImage = NDArray[np.float32]
ByteImage = NDArray[np.uint8]

__all__ = [
    "ByteImage",
    "FloatImage",
    "bytes_to_unit",
    "count_levels",
    "grey_to_ink",
    "ink_to_grey",
    "integers_to_unit",
    "signed_to_unit",
    "unit_to_bytes",
    "unit_to_signed",
]


def _require_range(image: NDArray[Any], low: float, high: float) -> None:
    if image.size and not (low <= float(image.min()) and float(image.max()) <= high):  # NaN fails too
        raise ValueError(f"values in [{image.min()}, {image.max()}] where [{low:g}, {high:g}] was expected")


def bytes_to_unit(image: ByteImage) -> FloatImage:
    """8-bit values 0 to 255 as float32 in [0, 1].

    >>> bytes_to_unit(np.array([[0, 255]], np.uint8)).tolist()
    [[0.0, 1.0]]
    """
    return integers_to_unit(image)


def integers_to_unit(image: NDArray[Any]) -> FloatImage:
    """Unsigned integers of any width as float32 in [0, 1]: 255 (8-bit) or 65 535 (16-bit) become 1."""
    if image.dtype.kind != "u":
        raise ValueError(f"unsigned integers expected, not {image.dtype}")
    scaled: FloatImage = np.divide(image, np.float32(np.iinfo(image.dtype).max), dtype=np.float32)
    return scaled


def unit_to_bytes(image: FloatImage) -> ByteImage:
    """[0, 1] as 8-bit values, rounded half to even.

    Raises
    ------
    ValueError
        If a value lies outside [0, 1] or is not a number.
    """
    _require_range(image, 0.0, 1.0)
    return np.asarray(np.rint(image * np.float32(255)), np.uint8)


def grey_to_ink(grey: FloatImage) -> FloatImage:
    """Paper 1, ink 0 to ink 1, paper 0."""
    _require_range(grey, 0.0, 1.0)
    return np.float32(1) - grey


def ink_to_grey(ink: FloatImage) -> FloatImage:
    """Ink 1, paper 0 to paper 1, ink 0."""
    return grey_to_ink(ink)


def unit_to_signed(image: FloatImage) -> FloatImage:
    """[0, 1] to [-1, 1]: what the networks see."""
    _require_range(image, 0.0, 1.0)
    return image * np.float32(2) - np.float32(1)


def count_levels(image: NDArray[Any]) -> Literal[1, 2, 3]:
    """Different values of an image, counted to three: 1 where it is constant, 2 where it is black and white, else 3.

    >>> count_levels(np.array([[0, 255, 0]], np.uint8)), count_levels(np.arange(3))
    (2, 3)
    """
    if (
        len(np.unique(image.ravel()[:: image.size // SAMPLE + 1])) > 2
    ):  # of most images this is all that is looked at
        return 3
    lowest, highest = image.min(), image.max()
    if lowest == highest:
        return 1
    return 2 if np.all((image == lowest) | (image == highest)) else 3


def signed_to_unit(image: FloatImage) -> FloatImage:
    """[-1, 1] to [0, 1]: what the networks give."""
    _require_range(image, -1.0, 1.0)
    return (image + np.float32(1)) * np.float32(0.5)
