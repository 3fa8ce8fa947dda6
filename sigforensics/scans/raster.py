"""PNG, JPEG and TIFF files to pages of grey values."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, ImageOps, UnidentifiedImageError

from sigforensics.errors import FileTruncated, ImageTooSmall, NotAnImage
from sigforensics.images import FloatImage, grey_to_ink, integers_to_unit
from sigforensics.png import POLARITY_KEY
from sigforensics.scans.page import Scan, Source, check_size
from sigforensics.settings import Scanning

__all__ = ["read_pages"]

FORMATS = ("PNG", "JPEG", "TIFF")
MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
PNG_END = b"IEND\xaeB`\x82"
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in ITU-R BT.601 luma."""
Image.MAX_IMAGE_PIXELS = (
    None  # large images are refused before decoding, by Scanning.max_megapixels and its advice
)


def read_pages(data: bytes, source: Source, *, settings: Scanning, only: int | None) -> Iterator[Scan]:
    """The pages of a raster file; see :func:`sigforensics.scans.read_scans`."""
    image = _identify(data, source)
    pages = int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1
    for number in range(1, pages + 1):
        if only in (None, number):
            yield _read_page(image, data, source, number, pages, settings)


def _identify(data: bytes, source: Source) -> ImageFile.ImageFile:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of damage that loading then reports as an error
            image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        if data[:4] == b"\x89PNG" and data[12:16] == b"IHDR" and b"\0\0\0\0" in (data[16:20], data[20:24]):
            raise ImageTooSmall(source.path, "the image has no width or no height") from error
        if data.startswith(MAGIC) or any(magic.startswith(data) for magic in MAGIC):
            raise FileTruncated(source.path, "the file breaks off or is damaged") from error
        raise NotAnImage(source.path, "is no PNG, JPEG, TIFF or PDF file") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise FileTruncated(source.path, f"the file breaks off or is damaged ({error})") from error
    if image.format == "PNG" and PNG_END not in data:
        raise FileTruncated(source.path, "the file breaks off before its end mark")
    return image


def _read_page(
    image: ImageFile.ImageFile, data: bytes, source: Source, number: int, pages: int, settings: Scanning
) -> Scan:
    try:
        image.seek(number - 1)
        check_size(source.path, *image.size, settings)
        info = dict(image.info)
        mode, dpi = image.mode, _dpi(image)
        bits = (
            16 if _is_deep_colour(image) else {"1": 1, "I;16": 16, "I;16B": 16, "I": 32, "F": 32}.get(mode, 8)
        )
        if bits == 16 and mode.startswith("RGB"):
            grey, notes = _deep_colour_to_grey(data, number, source), ["16-bit colour reduced to luma"]
        else:
            grey, notes = _to_grey(image, source)
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError) as error:
        raise FileTruncated(source.path, f"the file breaks off or is damaged ({error})") from error
    if orientation != 1:
        grey = np.asarray(ImageOps.exif_transpose(_with_orientation(grey, orientation)), np.float32)
        notes.append(f"turned upright as the EXIF orientation {orientation} says")
        dpi = dpi[::-1] if dpi and orientation >= 5 else dpi
    if info.get(POLARITY_KEY) == "bright":
        grey = grey_to_ink(grey)
        notes.append("inverted: the file says that its ink is bright")
    return Scan(
        np.ascontiguousarray(grey), source, number, pages, dpi, str(image.format), mode, bits, tuple(notes)
    )


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    try:
        across, down = (float(value) for value in image.info.get("dpi", ()))
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return (across, down) if across > 1 and down > 1 else None  # 0 and 1 are how files say "unknown"


def _is_deep_colour(image: ImageFile.ImageFile) -> bool:
    return image.mode in {"RGB", "RGBA"} and any("16" in str(tile[3]) for tile in image.tile)


def _deep_colour_to_grey(data: bytes, number: int, source: Source) -> FloatImage:
    """16-bit colour, which Pillow would cut to 8 bits."""
    ok, planes = cv2.imdecodemulti(
        np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    )
    if not ok or len(planes) < number:
        raise FileTruncated(source.path, "its 16-bit colour values cannot be decoded")
    channels = integers_to_unit(np.asarray(planes[number - 1]))
    grey = channels[..., 2::-1] @ LUMA  # OpenCV gives blue, green, red
    if channels.shape[-1] == 4:
        grey = 1 - channels[..., 3] * (1 - grey)
    return np.clip(grey, 0, 1).astype(np.float32)  # the weights sum to 1 + 6e-8 in float32


def _to_grey(image: Image.Image, source: Source) -> tuple[FloatImage, list[str]]:
    notes: list[str] = []
    if image.mode in {"1", "L"} and "transparency" not in image.info:
        return integers_to_unit(np.asarray(image.convert("L"))), notes
    if image.mode.startswith("I"):
        return integers_to_unit(_sixteen_bits(np.asarray(image), source)), notes
    if image.mode == "F":
        raise NotAnImage(
            source.path, "holds floating-point values of unknown range", "save it with 8 or 16 bits"
        )
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        if layered.getextrema()[3] != (255, 255):
            notes.append("transparent pixels laid over white paper")
        paper = Image.new("RGBA", image.size, "white")
        return integers_to_unit(np.asarray(Image.alpha_composite(paper, layered).convert("L"))), notes
    if image.mode not in {"P", "RGB", "L"}:
        notes.append(f"{image.mode} converted to RGB")
    return integers_to_unit(np.asarray(image.convert("RGB").convert("L"))), notes


def _sixteen_bits(values: NDArray[Any], source: Source) -> NDArray[np.uint16]:
    if values.min() < 0 or values.max() > np.iinfo(np.uint16).max:
        raise NotAnImage(source.path, "holds integers of more than 16 bits", "save it with 8 or 16 bits")
    return values.astype(np.uint16)


def _with_orientation(grey: FloatImage, orientation: int) -> Image.Image:
    page = Image.fromarray(grey)
    page.getexif()[ExifTags.Base.Orientation] = orientation
    return page
