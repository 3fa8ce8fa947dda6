"""Decoded pages as they are stored, colours and depth included: what a page is altered in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from sigforensics.images import FloatImage
from sigforensics.scans.grey import deep_channels, deep_values, over_white, stored_layout

__all__ = ["PageValues", "image_to_values", "opaque_values"]


@dataclass(frozen=True, eq=False)
class PageValues:
    """The values of a page, upright, over white paper where they were transparent.

    :meth:`brightness` and :meth:`from_brightness` are inverse to each other, exactly.
    """

    values: NDArray[Any]
    """bool (two levels), uint8 or uint16, shape (height, width), or (height, width, 3) for red, green, blue."""
    bright: bool
    """Whether ink is bright on dark paper in them."""

    def brightness(self) -> FloatImage:
        """Paper bright, ink dark: float32 in [0, 1], shape (height, width, channels), channels 1 or 3."""
        scaled = self.values.astype(np.float32) / np.float32(self._highest)
        planes = scaled if scaled.ndim == 3 else scaled[..., None]
        return np.asarray(1 - planes if self.bright else planes, np.float32)

    def from_brightness(self, brightness: FloatImage) -> NDArray[Any]:
        """Values of the page's own type, layout and polarity, of any shape (..., channels); two levels part at one half."""
        planes = 1 - brightness if self.bright else brightness
        planes = planes if self.values.ndim == 3 else planes[..., 0]
        values: NDArray[Any] = np.rint(planes * np.float32(self._highest)).astype(self.values.dtype)
        return values

    @property
    def _highest(self) -> int:
        return 1 if self.values.dtype == np.bool_ else int(np.iinfo(self.values.dtype).max)


def image_to_values(image: ImageFile.ImageFile, data: bytes, number: int, *, where: object) -> NDArray[Any]:
    """The values of a page that :func:`sigforensics.scans.grey.image_to_grey` can read; parameters as there.

    Grey of 9 to 15 bits is stretched to 16; colour without a hue becomes grey.
    """
    raw, bits = stored_layout(image)
    if image.mode.startswith("I;16"):
        values, highest, _ = deep_values(image)
        return np.rint(values.astype(np.float64) * (65_535 / highest)).astype(np.uint16)
    if image.mode in {"RGB", "RGBA"} and bits == 16:
        colours, _ = deep_channels(data, number, raw, where)
        return _without_hue(np.rint(colours * np.float32(65_535)).astype(np.uint16))
    return opaque_values(image)


def opaque_values(image: Image.Image) -> NDArray[Any]:
    """The values of an 8-bit or 1-bit image over white: bool, or uint8."""
    return _without_hue(np.asarray(over_white(image)[0]))


def _without_hue(values: NDArray[Any]) -> NDArray[Any]:
    """One channel where all three are equal everywhere."""
    if values.ndim == 3 and np.all(values == values[..., :1]):
        return values[..., 0]
    return values
