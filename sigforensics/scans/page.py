"""One page as the scanner left it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sigforensics.errors import ImageTooLarge, ImageTooSmall, PageMissing
from sigforensics.images import FloatImage
from sigforensics.settings import Scanning

__all__ = ["Extent", "Scan", "Source", "check_size", "chosen_pages", "name_page"]


@dataclass(frozen=True)
class Source:
    """A file that is being read: where it lies and the SHA-256 of its bytes."""

    path: Path
    sha256: str


@dataclass(frozen=True)
class Extent:
    """How large a page is, once it is upright."""

    shape: tuple[int, int]
    """Pixels: (height, width)."""
    dpi: tuple[float, float] | None
    """Horizontal and vertical dots per inch, where the file states them."""


@dataclass(frozen=True)
class Scan:
    """One page of a file.

    ``pixels`` is a grey image: float32, shape (height, width), paper 1, ink 0. Colour is reduced by the luma of
    ITU-R BT.601 (0.299 R + 0.587 G + 0.114 B); transparent pixels lie over white paper.
    """

    pixels: FloatImage
    source: Source
    page: int
    """Counts from 1."""
    pages: int
    dpi: tuple[float, float] | None
    """Horizontal and vertical dots per inch of ``pixels``, where the file states them."""
    format: str
    mode: str
    """Pillow's name of the stored pixel layout: ``1``, ``L``, ``P``, ``RGBA``, ``I;16`` and so on."""
    bits: int
    """Bits a channel as stored."""
    notes: tuple[str, ...] = ()
    """What reading had to decide."""
    orientation: int = 1
    """EXIF's orientation, 1 to 8, by which the pixels of the file were turned to become ``pixels``; 1 where they stand as they
    are stored. See :mod:`sigforensics.scans.orientation`."""
    jpeg_tables: tuple[tuple[int, ...], ...] = ()
    """The quantisation tables of what is stored as JPEG, within a TIFF file or as the one image of a PDF page, too: luminance
    first, 64 steps each, row by row. None of what is stored otherwise."""
    from_heavy_jpeg: bool = False
    """Whether a PNG file of ours says that its values come from heavily compressed JPEG, of which no tables are left."""
    tint: NDArray[np.uint8] | None = None
    """The hue of ``pixels``: Cb and Cr of ITU-R BT.601, 128 where there is none; shape (height, width, 2). None of a page without
    a hue, and where colours have 16 bits."""

    @property
    def where(self) -> str:
        """The file, with the page where it has several."""
        return name_page(self.source.path, self.page, self.pages)


def name_page(path: Path, page: int, pages: int) -> str:
    """The file, with the page where it has several.

    >>> name_page(Path("deed.pdf"), 2, 3)
    'deed.pdf page 2'
    """
    return str(path) if pages == 1 else f"{path} page {page}"


def chosen_pages(path: Path, pages: int, only: int | None) -> range:
    """The numbers of the pages to read, from 1: all, or ``only`` that one.

    Raises
    ------
    PageMissing
        If the file has no page of that number, or none at all.
    """
    if pages < 1:
        raise PageMissing(path, "has no pages", "give a file that has some")
    if only is None:
        return range(1, pages + 1)
    if not 1 <= only <= pages:
        raise PageMissing(path, f"has no page {only}, but {pages} page{'s' if pages > 1 else ''}")
    return range(only, only + 1)


def check_size(where: object, width: int, height: int, settings: Scanning) -> None:
    """Refuse a page that is too small to hold a signature or too large to decode, before it is decoded."""
    if min(width, height) < settings.min_side:
        raise ImageTooSmall(where, f"{width} x {height} pixels, and {settings.min_side} a side are the least")
    if width * height > settings.max_megapixels * 1e6:
        raise ImageTooLarge(
            where, f"{width} x {height} pixels are more than {settings.max_megapixels:g} megapixels"
        )
