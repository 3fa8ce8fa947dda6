"""From a path to its pages, whatever the kind of file."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sigforensics.errors import FileEmpty, FileUnreadable, NoImages, NotAnImage
from sigforensics.scans import raster
from sigforensics.scans.orientation import TRANSPOSED
from sigforensics.scans.page import Extent, Scan, Source
from sigforensics.scans.values import PageValues
from sigforensics.settings import Scanning

__all__ = ["IMAGE_SUFFIXES", "list_images", "read_extent", "read_scan", "read_scans", "read_values"]

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".pdf"})


def list_images(folder: Path) -> list[Path]:
    """All images directly in a folder, sorted by name.

    Raises
    ------
    FileUnreadable, NoImages
    """
    try:
        if not folder.is_dir():
            what = "is no folder" if folder.exists() else "there is no such folder"
            raise FileUnreadable(folder, what, "give a folder of images")
        found = sorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")
        )
    except OSError as error:
        raise FileUnreadable(folder, error.strerror or str(error)) from error
    if not found:
        raise NoImages(folder, "no PNG, JPEG, TIFF or PDF file in it")
    return found


def read_scan(path: Path, page: int = 1, *, settings: Scanning | None = None) -> Scan:
    """One page of a file; see :func:`read_scans`."""
    return next(read_scans(path, settings=settings, only=page))


def read_scans(path: Path, *, settings: Scanning | None = None, only: int | None = None) -> Iterator[Scan]:
    """All pages of a file, or the page ``only``, one after the other.

    Parameters
    ----------
    path : Path
        A PNG, JPEG, TIFF or PDF file.
    settings : Scanning, optional
        Limits, the ink in the files, the resolution for rendering PDF pages, and the one that the user states.
    only : int, optional
        Read this page alone; pages count from 1.

    Raises
    ------
    FileUnreadable, FileEmpty, NotAnImage, FileTruncated, PdfEncrypted, PageMissing, ImageTooSmall, ImageTooLarge
    """
    settings = settings or Scanning()
    data = _read_bytes(path)
    source = Source(path, hashlib.sha256(data).hexdigest())
    if raster.is_raster(data):
        pages = raster.read_pages(data, source, settings=settings, ink=settings.ink, only=only)
        return _with_resolution(pages, settings.dpi)
    from sigforensics.scans import pdf  # noqa: PLC0415 - PDFium is loaded only where it may be needed

    if pdf.is_pdf(data):
        pages = pdf.read_pages(data, source, settings=settings, ink=settings.ink, only=only)
        return _with_resolution(pages, settings.dpi)
    raise NotAnImage(path, "is no PNG, JPEG, TIFF or PDF file")


def _with_resolution(scans: Iterator[Scan], dpi: tuple[float, float] | None) -> Iterator[Scan]:
    """The pages, with the resolution that the user states of them as they are stored, if any."""
    for scan in scans:
        if dpi is None:
            yield scan
        else:
            yield replace(scan, dpi=dpi[::-1] if scan.orientation in TRANSPOSED else dpi)


def read_extent(path: Path, *, settings: Scanning | None = None) -> Extent:
    """Size and resolution of the first page of a file, as :func:`read_scan` would give them; images are not decoded for it.

    A PDF page is: how large it becomes shows only then.

    Raises
    ------
    InputError
        As :func:`read_scans` raises it; damage to the pixels may go unnoticed.
    """
    settings = settings or Scanning()
    data = _read_bytes(path)
    if raster.is_raster(data):
        return raster.read_extent(data, Source(path, ""), settings=settings)
    scan = read_scan(path, settings=settings)
    height, width = scan.pixels.shape
    return Extent((height, width), scan.dpi)


def read_values(
    source: Source, *, page: int = 1, pages: int = 1, settings: Scanning | None = None
) -> PageValues:
    """The values of a page that was read, as its file stores them: depth, colours and polarity included.

    Their luma is what the ``pixels`` of its :class:`Scan` are. PDF pages are taken or rendered as for that.

    Parameters
    ----------
    source : Source
    page, pages : int
        As the scan states them.
    settings : Scanning, optional
        As when the scan was read.

    Raises
    ------
    FileUnreadable
        If the file is not as it was.
    InputError
        As :func:`read_scans` raises it.
    """
    settings = settings or Scanning()
    data = _read_bytes(source.path)
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise FileUnreadable(source.path, "was changed while it was in use", "run the command again")
    if raster.is_raster(data):
        return raster.read_values(data, source, page, pages, settings=settings)
    from sigforensics.scans import pdf  # noqa: PLC0415 - as above

    return pdf.read_values(data, source, page, pages, settings=settings)


def _read_bytes(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise FileUnreadable(path, "is a folder", "give a file")
        if not stat.S_ISREG(mode):
            raise FileUnreadable(path, "is neither file nor folder", "give a file")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise FileUnreadable(path, "there is no such file") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise FileUnreadable(path, getattr(error, "strerror", None) or str(error)) from error
    if not data:
        raise FileEmpty(path, "the file is empty")
    return data
