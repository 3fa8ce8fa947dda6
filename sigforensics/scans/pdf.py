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
from sigforensics.scans.damage import check_jpeg, damage_reported
from sigforensics.scans.grey import colour_to_grey, inverted, tint_of
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
            grey, tint, notes = taken.grey, tint_of(taken.image), [taken.note]
            if tint is not None:
                tint = np.ascontiguousarray(np.rot90(tint, -taken.quarters))
            if ink == "bright":
                grey, tint = grey_to_ink(grey), None if tint is None else inverted(tint)
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
                tint=tint,
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
        scanned, other = _scanned_image(page)
        taken = None if scanned is None else _embedded(page, scanned, where, settings)
        return taken or _rendered(
            page, where, settings, other or "is shown otherwise than its one image is stored"
        )
    finally:
        page.close()


def _scanned_image(page: Any) -> tuple[Any | None, str]:
    """The upright image that covers the page, if nothing else is visible on it, or what is otherwise.

    Text found by OCR is invisible.
    """
    if pdfium_c.FPDFPage_GetAnnotCount(page):
        return None, "has annotations or form fields"
    visible = [thing for thing in page.get_objects(max_depth=1) if not _is_invisible(thing)]
    if len(visible) != 1 or visible[0].type != pdfium_c.FPDF_PAGEOBJ_IMAGE:
        return None, "is more than one scanned image"
    across, skew, slant, down, left, bottom = visible[0].get_matrix().get()
    if skew or slant or across <= 0 or down <= 0:
        return None, "shows its one image turned, mirrored or slanted"
    box = np.array(page.get_bbox())
    inside = np.array([left - box[0], bottom - box[1], box[2] - left - across, box[3] - bottom - down])
    sides = np.array([box[2] - box[0], box[3] - box[1]] * 2)
    if np.any(inside > BORDER * sides):
        return None, "has a border around its one image"
    return visible[0], ""


def _is_invisible(thing: Any) -> bool:
    if thing.type != pdfium_c.FPDF_PAGEOBJ_TEXT:
        return False
    return bool(pdfium_c.FPDFTextObj_GetTextRenderMode(thing) == pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE)


def _embedded(page: Any, scanned: Any, where: str, settings: Scanning) -> _Picture | None:
    """The image as it is stored, turned as the page is; None if that is not what the page shows (masks, clipping)."""
    width, height = scanned.get_px_size()
    check_size(where, width, height, settings)
    tables: Tables = ()
    if _is_jpeg(scanned):
        stored = bytes(scanned.get_data(decode_simple=True))
        check_jpeg(stored, where)
        tables = tables_of(stored)
    image = scanned.get_bitmap(render=False).to_pil()
    across, _, _, down, left, bottom = scanned.get_matrix().get()
    dpi = image.width / across * POINTS_PER_INCH, image.height / down * POINTS_PER_INCH
    note = "the page's one scanned image, at its own resolution"
    shown_part = _shown_part(page, image.size, (left, bottom, across, down))
    if shown_part:
        image, note = image.crop(shown_part), f"{note}, cut to what the page shows of it"
    grey, _ = colour_to_grey(image)
    quarters = page.get_rotation() // 90
    grey = np.ascontiguousarray(np.rot90(grey, -quarters))
    shown, _ = colour_to_grey(page.render(scale=THUMBNAIL / max(page.get_size())).to_pil())
    shrunk = cv2.resize(grey, shown.shape[::-1], interpolation=cv2.INTER_AREA)
    if np.abs(shown - shrunk).max() > ALIKE:
        return None
    bits = 1 if scanned.get_metadata().bits_per_pixel == 1 else 8
    return _Picture(grey, dpi[::-1] if quarters % 2 else dpi, image, bits, note, quarters, tables)


def _shown_part(
    page: Any, size: tuple[int, int], placed: tuple[float, float, float, float]
) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom, in pixels of an image placed at left, bottom, width, height, of what the page shows of it.

    None where it is all but a border as narrow as scanners leave.
    """
    left, bottom, across, down = placed
    box = page.get_bbox()
    shares = (
        (box[0] - left) / across,
        1 - (box[3] - bottom) / down,
        (box[2] - left) / across,
        1 - (box[1] - bottom) / down,
    )
    if max(shares[0], shares[1], 1 - shares[2], 1 - shares[3]) <= BORDER:
        return None
    pixels = (round(min(max(share, 0), 1) * side) for share, side in zip(shares, (*size, *size), strict=True))
    return tuple(pixels)


def _is_jpeg(scanned: Any) -> bool:
    """Whether an image is stored as JPEG, perhaps compressed once more as ZIP is."""
    return bool(scanned.get_filters()[-1:] == ["DCTDecode"])


def _rendered(page: Any, where: str, settings: Scanning, why: str) -> _Picture:
    scale = settings.pdf_dpi / POINTS_PER_INCH
    width, height = page.get_size()
    check_size(where, round(width * scale), round(height * scale), settings)
    image = page.render(scale=scale).to_pil()
    grey, _ = colour_to_grey(image)
    note = f"rendered at {settings.pdf_dpi:g} dpi: the page {why}"
    return _Picture(grey, (settings.pdf_dpi, settings.pdf_dpi), image, 8, note)
