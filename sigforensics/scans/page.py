"""One page as the scanner left it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sigforensics.errors import ImageTooLarge, ImageTooSmall
from sigforensics.images import FloatImage
from sigforensics.settings import Scanning

__all__ = ["Scan", "Source", "check_size"]


@dataclass(frozen=True)
class Source:
    """A file that is being read: where it lies and the SHA-256 of its bytes."""

    path: Path
    sha256: str


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
    """Horizontal and vertical dots per inch, where the file states them."""
    format: str
    mode: str
    """Pillow's name of the stored pixel layout: ``1``, ``L``, ``P``, ``RGBA``, ``I;16`` and so on."""
    bits: int
    """Bits a channel as stored."""
    notes: tuple[str, ...] = ()
    """What reading had to decide."""

    @property
    def where(self) -> str:
        """The file, with the page where it has several."""
        return str(self.source.path) if self.pages == 1 else f"{self.source.path} page {self.page}"


def check_size(where: object, width: int, height: int, settings: Scanning) -> None:
    """Refuse a page that is too small to hold a signature or too large to decode, before it is decoded."""
    if min(width, height) < settings.min_side:
        raise ImageTooSmall(where, f"{width} x {height} pixels, and {settings.min_side} a side are the least")
    if width * height > settings.max_megapixels * 1e6:
        raise ImageTooLarge(
            where, f"{width} x {height} pixels are more than {settings.max_megapixels:g} megapixels"
        )
