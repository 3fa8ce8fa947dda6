"""PDF pages to grey values: a page that is one scanned image at the image's own resolution, any other rendered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from sigforensics.errors import FileTruncated, PdfEncrypted
from sigforensics.images import FloatImage, grey_to_ink
from sigforensics.scans.damage import damage_reported
from sigforensics.scans.grey import colour_to_grey
from sigforensics.scans.jpeg import Tables, tables_of
from sigforensics.scans.orientation import QUARTERS
from sigforensics.scans.page import Scan, Source, check_size, chosen_pages, name_page
from sigforensics.scans.values import PageValues, opaque_values
from sigforensics.settings import Polarity, Scanning

__all__ = ["is_pdf", "read_pages", "read_values"]

MAGIC, END_MARK = b"%PDF-", b"%%EOF"
MARK_REACH = 1024
"""Bytes at either end of a file within which the marks stand (ISO 32000-1, annex H, notes 13 and 18)."""
POINTS_PER_INCH = 72.0
BORDER = 0.02
"""Share of the page's width and height by which the borders of its scan may lie off those of the page."""
THUMBNAIL = 32
"""Pixels: longer side at which an embedded image is compared with what the page shows."""
ALIKE = 0.25
"""Brightness: greatest difference of the two at any of these pixels; scans differ by 0.02, negatives by 0.9."""
PDFIUM = threading.RLock()
"""PDFium must not be called by two threads at a time."""


@dataclass(frozen=True)
class _Picture:
    """What was taken of a page."""

    grey: FloatImage
    dpi: tuple[float, float]
    image: Image.Image
    """Before it was turned."""
    bits: int
    note: str
    quarters: int = 0
    """Quarter turns to the right."""
    tables: Tables = ()
    """Of quantisation, if the image is stored as JPEG."""


def is_pdf(data: bytes) -> bool:
    """Whether the file begins as a PDF file, perhaps after some foreign bytes."""
    return MAGIC in data[:MARK_REACH]


def read_pages(
    data: bytes, source: Source, *, settings: Scanning, ink: Polarity, only: int | None
) -> Iterator[Scan]:
    """The pages of a PDF file; see :func:`sigforensics.scans.read_scans`."""
    if END_MARK not in data.rstrip(b"\0\t\n\f\r ")[-MARK_REACH:]:
        raise FileTruncated(source.path, "the PDF breaks off before its end mark")
    with _document(data, source) as document:
        pages = len(document)
        for number in chosen_pages(source.path, pages, only):
            where = name_page(source.path, number, pages)
            with PDFIUM, damage_reported(where):
                taken = _take_page(document[number - 1], where, settings)
            grey, notes = taken.grey, [taken.note]
            if ink == "bright":
                grey = grey_to_ink(grey)
                notes.append("inverted: it was said that its ink is bright")
            mode = taken.image.mode
            turn = QUARTERS[taken.quarters]
            yield Scan(
                grey,
                source,
                number,
                pages,
                taken.dpi,
                "PDF",
                mode,
                taken.bits,
                tuple(notes),
                turn,
                taken.tables,
            )


def read_values(data: bytes, source: Source, number: int, pages: int, *, settings: Scanning) -> PageValues:
    """A page as it is shown; see :func:`sigforensics.scans.read_values`."""
    where = name_page(source.path, number, pages)
    with _document(data, source) as document, PDFIUM, damage_reported(where):
        taken = _take_page(document[number - 1], where, settings)
        values = np.rot90(opaque_values(taken.image), -taken.quarters)
    return PageValues(values, bright=settings.ink == "bright")


@contextmanager
def _document(data: bytes, source: Source) -> Iterator[Any]:
    """The opened file, closed in the end."""
    with PDFIUM:
        document = _open(data, source)
    try:
        yield document
    finally:
        with PDFIUM:
            document.close()


def _open(data: bytes, source: Source) -> Any:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        # the code may be left over from another file if this one has no pages
        locked = error.err_code in {pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY}
        if locked and b"/Encrypt" in data:
            raise PdfEncrypted(source.path, "the PDF asks for a password") from error
        raise FileTruncated(source.path, "the PDF breaks off, is damaged or has no pages") from error
    document.init_forms()  # else signature fields would not be drawn
    return document


def _take_page(page: Any, where: str, settings: Scanning) -> _Picture:
    try:
        scanned = _scanned_image(page)
        taken = None if scanned is None else _embedded(page, scanned, where, settings)
        return taken or _rendered(page, where, settings)
    finally:
        page.close()


def _scanned_image(page: Any) -> Any | None:
    """The upright image that covers the page, if nothing else is visible on it; text found by OCR is invisible."""
    if pdfium_c.FPDFPage_GetAnnotCount(page):
        return None
    visible = [thing for thing in page.get_objects(max_depth=1) if not _is_invisible(thing)]
    if len(visible) != 1 or visible[0].type != pdfium_c.FPDF_PAGEOBJ_IMAGE:
        return None
    across, skew, slant, down, left, bottom = visible[0].get_matrix().get()
    if skew or slant or across <= 0 or down <= 0:
        return None
    box = np.array(page.get_bbox())
    off = np.abs(np.array([left, bottom, left + across, bottom + down]) - box)
    sides = np.array([box[2] - box[0], box[3] - box[1]] * 2)
    return visible[0] if np.all(off <= BORDER * sides) else None


def _is_invisible(thing: Any) -> bool:
    if thing.type != pdfium_c.FPDF_PAGEOBJ_TEXT:
        return False
    return bool(pdfium_c.FPDFTextObj_GetTextRenderMode(thing) == pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE)


def _embedded(page: Any, scanned: Any, where: str, settings: Scanning) -> _Picture | None:
    """The image as it is stored, turned as the page is; None if that is not what the page shows (masks, clipping)."""
    width, height = scanned.get_px_size()
    check_size(where, width, height, settings)
    image = scanned.get_bitmap(render=False).to_pil()
    across, _, _, down, _, _ = scanned.get_matrix().get()
    dpi = image.width / across * POINTS_PER_INCH, image.height / down * POINTS_PER_INCH
    grey, _ = colour_to_grey(image)
    quarters = page.get_rotation() // 90
    grey = np.ascontiguousarray(np.rot90(grey, -quarters))
    shown, _ = colour_to_grey(page.render(scale=THUMBNAIL / max(page.get_size())).to_pil())
    shrunk = cv2.resize(grey, shown.shape[::-1], interpolation=cv2.INTER_AREA)
    if np.abs(shown - shrunk).max() > ALIKE:
        return None
    note = "the page's one scanned image, at its own resolution"
    bits = 1 if scanned.get_metadata().bits_per_pixel == 1 else 8
    tables = tables_of(bytes(scanned.get_data(decode_simple=True))) if _is_jpeg(scanned) else ()
    return _Picture(grey, dpi[::-1] if quarters % 2 else dpi, image, bits, note, quarters, tables)


def _is_jpeg(scanned: Any) -> bool:
    """Whether an image is stored as JPEG, perhaps compressed once more as ZIP is."""
    return bool(scanned.get_filters()[-1:] == ["DCTDecode"])


def _rendered(page: Any, where: str, settings: Scanning) -> _Picture:
    scale = settings.pdf_dpi / POINTS_PER_INCH
    width, height = page.get_size()
    check_size(where, round(width * scale), round(height * scale), settings)
    image = page.render(scale=scale).to_pil()
    grey, _ = colour_to_grey(image)
    note = f"rendered at {settings.pdf_dpi:g} dpi: the page is more than one scanned image"
    return _Picture(grey, (settings.pdf_dpi, settings.pdf_dpi), image, 8, note)
