"""Our own PNG files, with text that says what they are."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from sigforensics import __version__
from sigforensics.errors import FileUnreadable
from sigforensics.images import ByteImage
from sigforensics.storage import atomic_file

__all__ = ["HEAVY_JPEG", "POLARITY_KEY", "SOURCE_KEY", "png_info", "png_texts", "read_png", "write_png"]

POLARITY_KEY = "sigforensics:polarity"
"""PNG text: ``bright`` where ink is bright on paper 0, as in every tensor that we write."""
SOURCE_KEY = "sigforensics:source"
"""PNG text: what the values come from, where the file itself does not show it."""
HEAVY_JPEG = "heavily compressed JPEG"
"""A value of it."""
HEADER = 33
"""Bytes of the signature and the first chunk, which states size and layout."""
PER_METRE = 1 / 0.0254


def png_info(texts: Mapping[str, str]) -> PngInfo:
    """Texts as Pillow writes them into a PNG file: international text, in the order given."""
    info = PngInfo()
    for key, text in texts.items():
        info.add_itxt(key, text)
    return info


def write_png(
    path: Path,
    image: NDArray[Any],
    *,
    texts: Mapping[str, str] | None = None,
    bright: bool = True,
    dpi: float | tuple[float, float] | None = None,
) -> None:
    """Write a PNG atomically; the same image and texts give the same bytes.

    Parameters
    ----------
    path : Path
    image : ndarray, shape (height, width) or (height, width, 3)
        uint8 or uint16, grey or red, green, blue; or bool, shape (height, width), True white: one bit a pixel.
    texts : mapping, optional
        Texts beside our own (software and polarity).
    bright : bool
        Whether ink is bright on paper 0; recorded in the file.
    dpi : float or pair of float, optional
        Dots per inch, across and down where they differ; recorded in the file.
    """
    info = PngInfo()
    info.add_text("Software", f"sigforensics {__version__}")
    info.add_text(POLARITY_KEY, "bright" if bright else "dark")
    for key, text in (texts or {}).items():
        info.add_itxt(key, text)
    pair = (dpi if isinstance(dpi, tuple) else (dpi, dpi)) if dpi else None
    deep = image.dtype == np.uint16 and image.ndim == 3
    with atomic_file(path) as temporary:
        temporary.write_bytes(_deep_colour(image, info, pair) if deep else _encoded(image, info, pair))


def _encoded(image: NDArray[Any], info: PngInfo, dpi: tuple[float, float] | None) -> bytes:
    stream = io.BytesIO()
    options = {"dpi": dpi} if dpi else {}
    Image.fromarray(image).save(stream, format="PNG", pnginfo=info, compress_level=6, **options)
    return stream.getvalue()


def _deep_colour(image: NDArray[np.uint16], info: PngInfo, dpi: tuple[float, float] | None) -> bytes:
    """16-bit colour, which Pillow does not write: encoded by OpenCV, with our chunks put behind its header."""
    backwards = np.ascontiguousarray(image[..., ::-1])  # OpenCV takes blue, green, red
    encoded = cv2.imencode(".png", backwards, [cv2.IMWRITE_PNG_COMPRESSION, 6])[1].tobytes()
    chunks = [(kind, data) for kind, data, *_ in info.chunks]
    if dpi:
        across, down = (round(value * PER_METRE) for value in dpi)
        chunks.append((b"pHYs", struct.pack(">IIB", across, down, 1)))
    return encoded[:HEADER] + b"".join(_chunk(*chunk) for chunk in chunks) + encoded[HEADER:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def read_png(path: Path) -> ByteImage:
    """The values of a grey PNG that :func:`write_png` wrote, in its own polarity: uint8, shape (height, width).

    Raises
    ------
    FileUnreadable
        If it is missing, damaged, or no 8-bit grey PNG.
    """
    advice = "run 'sigforensics prepare' again"
    try:
        with Image.open(path, formats=("PNG",)) as image:
            mode, values = image.mode, np.array(image)
    except Exception as error:  # Pillow raises many kinds over damaged bytes
        raise FileUnreadable(path, f"cannot be read ({error})", advice) from error
    if mode != "L":
        raise FileUnreadable(path, "is no 8-bit grey PNG", advice)
    return values


def png_texts(path: Path) -> dict[str, str]:
    """The texts of a PNG file that stand before its pixels, as :func:`write_png` puts them; none of any other file."""
    try:
        with Image.open(path, formats=("PNG",)) as image:
            return {str(key): str(value) for key, value in image.info.items() if isinstance(value, str)}
    except Exception:  # noqa: BLE001 - Pillow raises many kinds over files that are none
        return {}
