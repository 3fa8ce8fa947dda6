"""The signature alone: its grey values as scanned, everything else set to paper."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.errors import MaskUnfit, SignatureNotFound
from sigforensics.extraction.box import Box
from sigforensics.extraction.finding import Candidate, foreign_pixels, page_ink, parse_page, print_in
from sigforensics.extraction.sheet import to_sheet
from sigforensics.images import FloatImage, grey_to_ink
from sigforensics.scans import Scan
from sigforensics.settings import Extraction

__all__ = ["UNSEPARATED", "Signature", "cut_by_mask", "extract", "kept_pixels", "whole_page"]

BoolImage = NDArray[np.bool_]

AS_IT_IS = "The whole image was kept as it is."
MASKED = "Everything but the found ink was set to paper; the grey values of the ink are untouched."
BY_COLOUR = "The colour of the ink helped to tell strokes from print."
SEPARATED = (
    "Paper, ruled lines and print in the given box were set to paper; the other grey values are untouched."
)
BY_MASK = (
    "A mask of the user's said what is the signature: {left_out} of {ink} pixels of ink in the box were left out with the paper; "
    "the grey values under the mask are untouched."
)
UNSEPARATED = (
    "The bare paper in the given box was set to 0; print and lines were not told from the signature and stay."
)


@dataclass(frozen=True)
class Signature:
    """A signature cut out of a page."""

    ink: FloatImage
    """Ink image, shape (height, width): ink 1, paper 0; what was kept has the page's own grey values."""
    box: Box
    """Where it lies on the page, in pixels; the margin around the ink included."""
    confidence: float | None
    """Of the finder, 0 to 1, as :class:`Candidate` has it; None where the user gave the place."""
    kind: str
    """``signature`` or ``initials`` as found; ``signature`` where the user gave the place."""
    background: str
    """How the background was treated: a sentence for the record."""
    where: str
    """The file, with the page where it has several."""
    source_sha256: str
    page: int
    """Counts from 1."""
    dpi: tuple[float, float] | None
    """Horizontal and vertical dots per inch as the file states them."""
    ground: float = 0.0
    """Ink value, 0 to 1, of the paper beside the ink, printed pattern included: its quantile ``Extraction.ground``. 0 of a whole
    image, and where no paper is beside the ink."""
    soft: BoolImage | None = None
    """Where the soft borders of strokes are kept, beside the ink itself; shape of ``ink``. None of a whole image."""

    @property
    def on_white(self) -> FloatImage:
        """The ink image with ``ground`` taken off the soft borders, which have the paper in them, down to 0.

        float32, shape of ``ink``, 0 to 1. The ink itself is untouched; a whole image is as it is.
        """
        if self.soft is None:
            return self.ink
        return np.where(self.soft, np.maximum(self.ink - np.float32(self.ground), 0), self.ink)


def whole_page(scan: Scan) -> Signature:
    """The page as it is, for an image of a signature alone: ink = 1 - grey, nothing removed."""
    height, width = scan.pixels.shape
    return _signature(scan, grey_to_ink(scan.pixels), Box(0, 0, width, height), AS_IT_IS)


def extract(
    scan: Scan,
    candidate: Candidate | Box,
    *,
    evened: Scan | None = None,
    settings: Extraction | None = None,
) -> Signature:
    """Cut a signature out of its page.

    Grey values under the ink mask, widened by ``settings.halo`` for the soft borders of the strokes, are kept
    untouched (ink = 1 - grey); everything else becomes paper, exactly 0. The crop is a few pixels larger than
    the box, where the page does not end, so that strokes do not touch its border.

    Parameters
    ----------
    scan : Scan
    candidate : Candidate or Box
        What the finder gave, or a place in pixels of the page as read. Within a given box, ruled lines and
        print are removed where they can be told; if that would leave less than ``settings.least_left`` of the
        ink, all ink is kept.
    evened : Scan, optional
        The page in even light, in which ink is told from paper within a given box; the values are those of ``scan``.
    settings : Extraction, optional

    Raises
    ------
    SignatureNotFound
        If a given box lies beyond the page or holds no ink.
    """
    settings = settings or Extraction()
    if isinstance(candidate, Candidate):
        background = f"{MASKED} {BY_COLOUR}" if candidate.by_colour else MASKED
        cut = _cut(scan, candidate.box, candidate.mask, candidate.foreign, background, settings)
        return replace(cut, confidence=candidate.confidence, kind=candidate.kind)
    height, width = scan.pixels.shape
    box = candidate.intersection(Box(0, 0, width, height))
    if box is None:
        raise SignatureNotFound(scan.where, f"the box {candidate} lies beyond its {width} x {height} pixels")
    mask, foreign, background = _separate(evened or scan, box, settings)
    if not mask.any():
        raise SignatureNotFound(scan.where, f"there is no ink in the box {candidate}")
    return _cut(scan, box, mask, foreign, background, settings)


def cut_by_mask(
    scan: Scan,
    box: Box,
    mask: BoolImage,
    *,
    where: object,
    evened: Scan | None = None,
    settings: Extraction | None = None,
) -> Signature:
    """Cut out of a page what a mask marks: for those who correct the mask of :func:`extract` by hand.

    Grey values under the mask are kept untouched (ink = 1 - grey), its soft borders included; everything else becomes paper. The
    mask is taken as it is: not widened, and nothing is told from print.

    Parameters
    ----------
    scan : Scan
    box : Box
        A place in pixels of the page as read, on the page.
    mask : bool, shape (box.height, box.width)
    where : object
        What errors name: the mask's file.
    evened : Scan, optional
        The page in even light, in which ink is told from paper; the values are those of ``scan``.
    settings : Extraction, optional

    Raises
    ------
    ValueError
        If the mask is of another shape.
    MaskUnfit
        If there is no ink where it marks, or the ink is denser where it does not.
    """
    settings = settings or Extraction()
    if mask.shape != (box.height, box.width):
        raise ValueError(f"a mask of shape {mask.shape} for a box of {box.height} by {box.width} pixels")
    sheet = to_sheet(evened or scan, settings=settings)
    around = sheet.from_page(box).grown(2, 2, sheet.ink.shape)
    ink = page_ink(evened or scan, sheet, around, box)
    inside, outside = (int((ink & part).sum()) for part in (mask, ~mask))
    if not inside:
        raise MaskUnfit(
            where, f"there is no ink where it is white, and {outside} pixels elsewhere in the box"
        )
    if inside * (~mask).sum() < outside * mask.sum():
        what = "the ink in the box is denser where it is black"
        raise MaskUnfit(
            where, what, "white is what belongs to the signature: is it inverted, or of another place?"
        )
    background = BY_MASK.format(left_out=outside, ink=inside + outside)
    return _cut(scan, box, ink & mask, ink & ~mask, background, settings, kept=mask)


def _separate(scan: Scan, box: Box, settings: Extraction) -> tuple[BoolImage, BoolImage, str]:
    """The ink of a given box, without print and ruled lines where enough of it is left, and what is foreign."""
    parsed = parse_page(scan, settings=settings)
    around = parsed.sheet.from_page(box).grown(2, 2, parsed.sheet.ink.shape)
    ink = page_ink(scan, parsed.sheet, around, box)
    told = print_in(parsed, ~parsed.print_, around, settings=settings)
    foreign = foreign_pixels(parsed, ~parsed.print_, told.print_, around, box)
    if (ink & ~foreign).sum() < settings.least_left * ink.sum():
        return ink, np.zeros_like(ink), UNSEPARATED
    return ink & ~foreign, foreign, f"{SEPARATED} {BY_COLOUR}" if told.by_colour else SEPARATED


def _cut(
    scan: Scan,
    box: Box,
    mask: BoolImage,
    foreign: BoolImage,
    background: str,
    settings: Extraction,
    *,
    kept: BoolImage | None = None,
) -> Signature:
    """Keep the grey values under the widened mask, or where it is said, in a crop with room for the widening."""
    outer = box.grown(2 * settings.halo, 2 * settings.halo, scan.pixels.shape)
    rows = box.top - outer.top, outer.bottom - box.bottom
    columns = box.left - outer.left, outer.right - box.right
    mask, foreign = (np.pad(one, (rows, columns)) for one in (mask, foreign))
    kept = kept_pixels(mask, foreign, settings=settings) if kept is None else np.pad(kept, (rows, columns))
    values = grey_to_ink(scan.pixels[outer.slices])
    ground = _ground(values[~kept & ~foreign], values[mask], share=settings.ground)
    ink = np.where(kept, values, np.float32(0)).astype(np.float32)
    return replace(_signature(scan, ink, outer, background), ground=ground, soft=kept & ~mask)


def _ground(beside: FloatImage, ink: FloatImage, *, share: float) -> float:
    """The ink value that such a share of the paper does not exceed; what is darker than the palest of the ink is no paper."""
    paper = beside[beside < np.quantile(ink, 1 - share)] if len(ink) else beside[:0]
    return float(np.quantile(paper, share)) if len(paper) else 0.0


def kept_pixels(mask: BoolImage, foreign: BoolImage, *, settings: Extraction) -> BoolImage:
    """The pixels whose values are kept: the mask, widened by ``settings.halo`` for the soft borders of the strokes.

    It is not widened onto what is foreign: print and ruled lines that strokes cross.
    """
    wider = cv2.dilate(mask.astype(np.uint8), np.ones((2 * settings.halo + 1,) * 2, np.uint8)) > 0
    return wider & ~foreign


def _signature(scan: Scan, ink: FloatImage, box: Box, background: str) -> Signature:
    """A signature without a confidence, with the facts of its page."""
    return Signature(
        ink=ink,
        box=box,
        confidence=None,
        kind="signature",
        background=background,
        where=scan.where,
        source_sha256=scan.source.sha256,
        page=scan.page,
        dpi=scan.dpi,
    )
