"""Decoded images of every pixel layout to grey values, paper 1, ink 0."""

from __future__ import annotations

import re

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, PngImagePlugin, TiffImagePlugin

from sigforensics.errors import FileTruncated, NotAnImage
from sigforensics.images import FloatImage, integers_to_unit
from sigforensics.scans.plain import plain_grey

__all__ = [
    "colour_to_grey",
    "deep_channels",
    "deep_values",
    "image_to_grey",
    "inverted",
    "over_white",
    "stored_layout",
    "tint_of",
]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in ITU-R BT.601 luma."""
COLOUR_MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr"})
"""Pillow's 8-bit layouts that it converts to RGB."""
HUELESS = 2
"""Cb and Cr that differ from 128 by no more than this anywhere are rounding, not a hue."""
BITS_PER_SAMPLE, PHOTOMETRIC, PLANAR = 258, 262, 284
"""TIFF tags."""
WHITE_IS_ZERO, SEPARATE_PLANES = 0, 2
"""Values of the last two."""
OVER_WHITE = "transparent pixels laid over white paper"


def stored_layout(image: ImageFile.ImageFile) -> tuple[str, int]:
    """Pillow's raw mode of an image that is not decoded yet, and its bits a channel.

    Raw modes are ``L``, ``1;I``, ``P;4``, ``I;16B``, ``RGBa;16L`` and so on: they tell what the mode alone does not.
    """
    args = image.tile[0].args if image.tile else image.mode
    raw = str(args[0] if isinstance(args, tuple) else args)
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return raw, max(image.tag_v2.get(BITS_PER_SAMPLE, (1,)))
    stated = re.search(r";(\d+)", raw)
    return raw, int(stated[1]) if stated else 1 if image.mode == "1" else 8


def image_to_grey(
    image: ImageFile.ImageFile, data: bytes, number: int, *, where: object
) -> tuple[FloatImage, list[str]]:
    """The grey values of a page, and notes on what had to be decided.

    Parameters
    ----------
    image : ImageFile
        At the page ``number`` of the file, not decoded yet.
    data : bytes
        The whole file, for what Pillow would cut to 8 bits.
    number : int
        Counts from 1.
    where : object
        The place, for errors.

    Returns
    -------
    ndarray of float32, shape (height, width)
        Paper 1, ink 0.
    list of str

    Raises
    ------
    NotAnImage
        For values of unknown range (floats, 32-bit or signed integers) and layouts that would be read wrongly.
    FileTruncated
    """
    raw, bits = stored_layout(image)
    if image.mode.startswith("I;16"):
        return _deep_grey(image)
    if isinstance(image, PngImagePlugin.PngImageFile) and (values := plain_grey(data)) is not None:
        return integers_to_unit(values), []
    if image.mode in {"I", "F"}:
        kind = "floating-point values" if image.mode == "F" else "32-bit or signed integers"
        raise NotAnImage(where, f"holds {kind} of unknown range", "save it with 8 or 16 bits")
    if image.mode not in COLOUR_MODES:
        raise NotAnImage(where, f"has the pixel layout {image.mode}, which is not read", "save it as RGB")
    if image.mode in {"RGB", "RGBA"} and bits == 16:
        if _tiff_tag(image, PLANAR) == SEPARATE_PLANES:
            raise NotAnImage(where, "stores its 16-bit colours in separate planes", "save it as 16-bit PNG")
        return _deep_colour(data, number, raw, where)
    notes = []
    if image.mode == "CMYK":
        notes.append("CMYK converted to RGB" + (", and 16 bits cut to 8" if bits == 16 else ""))
    grey, transparent = colour_to_grey(image)
    return grey, [*notes, *([OVER_WHITE] if transparent else [])]


def over_white(image: Image.Image) -> tuple[Image.Image, bool]:
    """8-bit images of any layout in :data:`COLOUR_MODES` laid over white paper, and whether it showed through.

    One channel stays one; everything else becomes red, green and blue.
    """
    if image.has_transparency_data:
        image = image.convert("RGBA")
        transparent = image.getchannel("A").getextrema() != (255, 255)
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB"), transparent
    return image if image.mode in {"1", "L"} else image.convert("RGB"), False


def colour_to_grey(image: Image.Image) -> tuple[FloatImage, bool]:
    """8-bit images of any layout in :data:`COLOUR_MODES`: over white paper, luma, [0, 1]; and whether paper showed through."""
    opaque, transparent = over_white(image)
    grey = opaque if opaque.mode == "L" else opaque.convert("L")
    return integers_to_unit(np.asarray(grey)), transparent


def tint_of(image: Image.Image) -> NDArray[np.uint8] | None:
    """Cb and Cr, shape (height, width, 2), of an 8-bit image over white paper; None if it has no hue or another layout."""
    if image.mode not in COLOUR_MODES - {"1", "L", "LA"}:
        return None
    planes = np.asarray(over_white(image)[0].convert("YCbCr"))[..., 1:]
    if planes.min() >= 128 - HUELESS and planes.max() <= 128 + HUELESS:
        return None
    return np.ascontiguousarray(planes)


def inverted(tint: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cb and Cr of the negative: 128 stays."""
    return (256 - np.maximum(tint, 1).astype(np.int16)).astype(np.uint8)


def deep_values(image: ImageFile.ImageFile) -> tuple[NDArray[np.uint16], int, bool]:
    """12-bit and 16-bit grey values, paper bright, their greatest, and whether paper showed through.

    Pillow leaves transparency and the polarity of a TIFF file to its caller.
    """
    bits = stored_layout(image)[1]
    highest = 2**bits - 1
    values = np.array(image, np.uint16)
    if _tiff_tag(image, PHOTOMETRIC) == WHITE_IS_ZERO:
        return np.asarray(highest - values, np.uint16), highest, False
    clear = values == image.info.get("transparency", -1)
    values[clear] = highest
    return values, highest, bool(clear.any())


def _deep_grey(image: ImageFile.ImageFile) -> tuple[FloatImage, list[str]]:
    values, highest, transparent = deep_values(image)
    return values.astype(np.float32) / np.float32(highest), [OVER_WHITE] if transparent else []


def deep_channels(data: bytes, number: int, raw: str, where: object) -> tuple[FloatImage, bool]:
    """16-bit red, green and blue in [0, 1] over white, by OpenCV (Pillow would cut them to 8 bits); whether paper showed through.

    Raises
    ------
    FileTruncated
    """
    chosen = number - 1, number
    ok, planes = cv2.imdecodemulti(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED, range=chosen)
    if not ok or planes[0].dtype != np.uint16:
        raise FileTruncated(where, "the file breaks off or is damaged (its 16-bit colours cannot be decoded)")
    channels = integers_to_unit(np.asarray(planes[0]))
    colours = channels[..., 2::-1]  # OpenCV gives blue, green, red
    if channels.shape[-1] < 4 or raw.startswith("RGBX"):  # X is a channel without a meaning
        return colours, False
    opacity = channels[..., 3:]
    weighted = colours if raw.startswith("RGBa") else opacity * colours  # a: multiplied by it already
    return np.clip(weighted + (1 - opacity), 0, 1).astype(np.float32), bool(opacity.min() < 1)


def _deep_colour(data: bytes, number: int, raw: str, where: object) -> tuple[FloatImage, list[str]]:
    colours, transparent = deep_channels(data, number, raw, where)
    grey = np.clip(colours @ LUMA, 0, 1).astype(np.float32)  # the weights sum to 1 + 6e-8 in float32
    return grey, ["16-bit colour reduced to luma", *([OVER_WHITE] if transparent else [])]


def _tiff_tag(image: ImageFile.ImageFile, tag: int) -> object:
    return image.tag_v2.get(tag) if isinstance(image, TiffImagePlugin.TiffImageFile) else None
