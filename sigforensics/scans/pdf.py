"""PDF pages to grey values: a page that is one scanned image at the image's own resolution, any other rendered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from sigforensics.errors import FileTruncated, PdfEncrypted
from sigforensics.images import integers_to_unit
from sigforensics.scans.page import Scan, Source, check_size
from sigforensics.settings import Scanning

__all__ = ["read_pages"]

POINTS_PER_INCH = 72.0
WHOLE_PAGE = 0.95
"""Share of the page's width and height that an image must span to be the scan of it."""


def read_pages(data: bytes, source: Source, *, settings: Scanning, only: int | None) -> Iterator[Scan]:
    """The pages of a PDF file; see :func:`sigforensics.scans.read_scans`."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise PdfEncrypted(source.path, "the PDF asks for a password") from error
        raise FileTruncated(source.path, f"the PDF breaks off or is damaged ({error})") from error
    try:
        pages = len(document)
        for number in range(1, pages + 1):
            if only in (None, number):
                yield _read_page(document, source, number, pages, settings)
    finally:
        document.close()


def _read_page(document: Any, source: Source, number: int, pages: int, settings: Scanning) -> Scan:
    try:
        page = document[number - 1]
        width, height = page.get_size()
        scanned = _scanned_image(page, width, height)
        if scanned is None:
            dpi = (settings.pdf_dpi, settings.pdf_dpi)
            scale = settings.pdf_dpi / POINTS_PER_INCH
            check_size(source.path, round(width * scale), round(height * scale), settings)
            image = page.render(scale=scale, grayscale=True).to_pil()
            note = f"rendered at {settings.pdf_dpi:g} dpi: the page is more than one scanned image"
        else:
            check_size(source.path, *scanned.get_px_size(), settings)
            image = scanned.get_bitmap(render=False).to_pil()
            dpi = (
                image.width / width * POINTS_PER_INCH,
                image.height / height * POINTS_PER_INCH,
            )
            note = "the page's one scanned image, at its own resolution"
    except (pdfium.PdfiumError, OSError) as error:
        raise FileTruncated(f"{source.path} page {number}", f"cannot be decoded ({error})") from error
    pixels = integers_to_unit(np.asarray(_flatten(image).convert("L")))
    return Scan(pixels, source, number, pages, dpi, "PDF", image.mode, 8, (note,))


def _flatten(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image
    layered = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), layered).convert("RGB")


def _scanned_image(page: Any, width: float, height: float) -> Any | None:
    """The page's only object, if it is an upright image that covers the page."""
    objects = list(page.get_objects(max_depth=1))
    if page.get_rotation() or len(objects) != 1 or objects[0].type != pdfium_c.FPDF_PAGEOBJ_IMAGE:
        return None
    across, skew, slant, down, _, _ = objects[0].get_matrix().get()
    upright = skew == slant == 0 and across >= WHOLE_PAGE * width and down >= WHOLE_PAGE * height
    return objects[0] if upright else None
