"""PNG, JPEG and TIFF files to pages of grey values.

Nothing but the header is decoded before the size is checked, by :class:`sigforensics.settings.Scanning`. Importing this module
lifts Pillow's own limit (``PIL.Image.MAX_IMAGE_PIXELS``), which would refuse further pages of a TIFF file at 179 megapixels.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from sigforensics.errors import FileTruncated, NotAnImage
from sigforensics.images import FloatImage, grey_to_ink
from sigforensics.png import HEAVY_JPEG, POLARITY_KEY, SOURCE_KEY
from sigforensics.scans.damage import check_jpeg, complaints_reported, damage_reported, quiet_decoders
from sigforensics.scans.grey import image_to_grey, inverted, stored_layout, tint_of
from sigforensics.scans.jpeg import Tables, tables_of
from sigforensics.scans.orientation import turned
from sigforensics.scans.page import Extent, Scan, Source, check_size, chosen_pages, name_page
from sigforensics.scans.values import PageValues, image_to_values
from sigforensics.scans.wholeness import check_chunks, check_directories, chunks_of
from sigforensics.settings import Polarity, Scanning

__all__ = ["is_raster", "read_extent", "read_pages", "read_values"]

PNG = b"\x89PNG"
READERS: dict[bytes, type[PngImageFile | JpegImageFile | TiffImageFile]] = {
    PNG: PngImageFile,
    b"\xff\xd8\xff": JpegImageFile,
    b"II*\x00": TiffImageFile,
    b"MM\x00*": TiffImageFile,
    b"II+\x00": TiffImageFile,
    b"MM\x00+": TiffImageFile,
}
"""First bytes of a file, and what reads it; ``Image.open`` would hide why it cannot."""
BIG_AND_BIG_ENDIAN = b"MM\x00+"
"""Pillow takes it for an ordinary TIFF file."""
ORIENTING = (b"eXIf", b"Exif", b"exif", b"xmp")
"""One of these stands before or behind the pixels of every PNG file that may state an orientation."""
COMPRESSION, JPEG_TABLES = 259, 347
RESOLUTION, RESOLUTION_UNIT = {282, 283}, 296
"""TIFF tags."""
JPEG_IN_TIFF = 7
"""A value of the former."""
Image.MAX_IMAGE_PIXELS = None


def is_raster(data: bytes) -> bool:
    """Whether the file begins as one of ours, were it only with its first byte."""
    return any(data[: len(magic)] == magic[: len(data)] for magic in READERS)


def read_pages(
    data: bytes, source: Source, *, settings: Scanning, ink: Polarity, only: int | None
) -> Iterator[Scan]:
    """The pages of a raster file; see :func:`sigforensics.scans.read_scans`."""
    image = _open(data, source)
    with quiet_decoders(), damage_reported(source.path):
        pages = image.n_frames if isinstance(image, TiffImageFile) else 1
    for number in chosen_pages(source.path, pages, only):
        yield _read_page(image, data, source, number, pages, settings, ink)


def read_values(data: bytes, source: Source, number: int, pages: int, *, settings: Scanning) -> PageValues:
    """A page as it is stored; see :func:`sigforensics.scans.read_values`."""
    image = _open(data, source)
    where = name_page(source.path, number, pages)
    values, _, _ = _decode(
        image, data, number, where, settings, lambda: image_to_values(image, data, number, where=where)
    )
    return PageValues(values, bright=(image.info.get(POLARITY_KEY) or settings.ink) == "bright")


def read_extent(data: bytes, source: Source, *, settings: Scanning) -> Extent:
    """The size of the first page; see :func:`sigforensics.scans.read_extent`."""
    image = _open(data, source)
    is_tiff = isinstance(image, TiffImageFile)
    with quiet_decoders(), damage_reported(source.path):
        check_size(source.path, *image.size, settings)
        lying = _may_be_turned(data) and _orientation(image) >= 5
    width, height = image.size
    if lying and not is_tiff:  # Pillow states the upright size of a TIFF file
        width, height = height, width
    dpi = _dpi(image)
    return Extent((height, width), dpi[::-1] if dpi and lying else dpi)


def _open(data: bytes, source: Source) -> ImageFile.ImageFile:
    """Read the header."""
    reader = next((reader for magic, reader in READERS.items() if data.startswith(magic)), None)
    if reader is None:
        raise FileTruncated(source.path, "the file breaks off after its first bytes")
    if reader is PngImageFile:
        check_chunks(data, source.path)
    if reader is TiffImageFile:
        if data.startswith(BIG_AND_BIG_ENDIAN):
            what = "is a BigTIFF file in big-endian order, which is not read"
            raise NotAnImage(source.path, what, "save it as an ordinary TIFF file")
        check_directories(data, source.path)
    with quiet_decoders(), damage_reported(source.path):
        try:
            image = reader(io.BytesIO(data))
        except SyntaxError as error:
            # Pillow found no entry for it in its tables of what it can decode
            unknown = reader is TiffImageFile and isinstance(error.__cause__, KeyError)
            if unknown:
                what = "is a TIFF file with a pixel layout or compression that is not read"
                raise NotAnImage(source.path, what, "save it with 8 or 16 bits") from error
            raise
    return image


def _read_page(
    image: ImageFile.ImageFile,
    data: bytes,
    source: Source,
    number: int,
    pages: int,
    settings: Scanning,
    ink: Polarity,
) -> Scan:
    where = name_page(source.path, number, pages)
    notes: list[str] = []

    def to_grey() -> FloatImage:
        grey, decided = image_to_grey(image, data, number, where=where)
        notes.extend(decided)
        return grey

    grey, (mode, bits), orientation = _decode(image, data, number, where, settings, to_grey)
    tint = tint_of(image) if bits <= 8 else None
    if tint is not None and not isinstance(image, TiffImageFile):  # Pillow has turned those of TIFF
        tint = turned(tint, orientation)
    dpi = _dpi(image)
    if orientation > 1:
        notes.append(f"turned upright as the EXIF orientation {orientation} says")
        dpi = dpi[::-1] if dpi and orientation >= 5 else dpi
    stated = image.info.get(POLARITY_KEY)
    if (stated or ink) == "bright":
        grey, tint = grey_to_ink(grey), None if tint is None else inverted(tint)
        notes.append(f"inverted: {'the file says' if stated else 'it was said'} that its ink is bright")
    return Scan(
        np.ascontiguousarray(grey),
        source,
        number,
        pages,
        dpi,
        str(image.format),
        mode,
        bits,
        tuple(notes),
        orientation,
        _tables(image),
        image.info.get(SOURCE_KEY) == HEAVY_JPEG,
        None if tint is None else np.ascontiguousarray(tint),
    )


def _decode(
    image: ImageFile.ImageFile,
    data: bytes,
    number: int,
    where: str,
    settings: Scanning,
    convert: Callable[[], NDArray[Any]],
) -> tuple[NDArray[Any], tuple[str, int], int]:
    """What ``convert`` makes of a page, turned upright; its stored layout (mode, bits) and EXIF orientation."""
    is_tiff = isinstance(image, TiffImageFile)
    with quiet_decoders(), damage_reported(where):
        image.seek(number - 1)
        check_size(where, *image.size, settings)
        layout = image.mode, stored_layout(image)[1]
        # Pillow and OpenCV turn what they decode of a TIFF file, and Pillow then forgets how;
        # a PNG file may state its orientation behind the pixels
        orientation = _orientation(image) if is_tiff else 1
        if isinstance(image, JpegImageFile):
            check_jpeg(data, where)
        with complaints_reported(where) if is_tiff else nullcontext():
            pixels = convert()
        if not is_tiff:
            orientation = _orientation(image) if _may_be_turned(data) else 1
            pixels = turned(pixels, orientation)
    return pixels, layout, orientation


def _may_be_turned(data: bytes) -> bool:
    """Whether a file may state an orientation: asking Pillow for that of a PNG file decodes it."""
    if not data.startswith(PNG):
        return True
    others = b"".join(
        data[place.start - 4 : place.stop] for kind, place in chunks_of(data) if kind != b"IDAT"
    )
    return any(mark in others for mark in ORIENTING)


def _orientation(image: Image.Image) -> int:
    """EXIF's orientation, 1 to 8; 1, which is upright, where the file states none or nonsense."""
    stated = image.getexif().get(ExifTags.Base.Orientation, 1)
    return int(stated) if stated in range(1, 9) else 1


def _tables(image: Image.Image) -> Tables:
    """JPEG's quantisation tables, those of a TIFF file included."""
    if isinstance(image, JpegImageFile):
        return tuple(map(tuple, image.quantization.values()))
    if isinstance(image, TiffImageFile) and image.tag_v2.get(COMPRESSION) == JPEG_IN_TIFF:
        return tables_of(image.tag_v2.get(JPEG_TABLES, b""))
    return ()


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    if isinstance(image, TiffImageFile):
        tags = image.tag_v2
        if not set(tags) >= RESOLUTION or tags.get(RESOLUTION_UNIT, 2) not in {2, 3}:
            return None  # Pillow goes on to state that of the page before
    try:
        across, down = (float(value) for value in image.info.get("dpi", ()))
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return (across, down) if across > 1 and down > 1 else None  # 0 and 1 are how files say "unknown"
