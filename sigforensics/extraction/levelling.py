"""Pages that lie on their side or head, askew, or in uneven light: found on a copy that is set right, told on the page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.extraction.box import Box
from sigforensics.extraction.finding import Candidate, find_signatures
from sigforensics.extraction.light import even_light, without_dots
from sigforensics.extraction.sheet import MM_PER_INCH, resolution, to_sheet
from sigforensics.extraction.turning import Stand, stand_of
from sigforensics.images import FloatImage
from sigforensics.scans import Scan
from sigforensics.scans.orientation import turn_scan
from sigforensics.settings import Extraction
from sigforensics.settings import Levelling as LevellingSettings

__all__ = ["Levelled", "find_on_page", "level_page", "levelling_map", "undithered"]

BoolImage = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Levelled:
    """A page that was set right for the finder."""

    scan: Scan
    """Upright; none of its values was changed, and it is as skewed as it was."""
    evened: Scan
    """The same in even light, and smoothed if it is dithered: ``scan`` itself where it is neither."""
    working: Scan
    """The same, level, with a resolution: ``evened`` itself where it was level enough and its file states one."""
    stand: Stand
    """How the page stood as it was read."""
    dpi: tuple[float, float]
    """Dots per inch of ``scan`` across and down, as the file states them or, where it does not, as estimated."""
    dithered: bool
    """Whether its shades were dithered to dots."""
    uneven: bool
    """Whether it was unevenly lit."""
    forward: NDArray[np.float64] | None
    """Affine map, shape (2, 3), of pixels of ``scan`` to those of ``working``; None where they are the same."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of how the page stood."""
        notes = []
        if not self.stand.axis_told:
            notes.append("too little print to tell which way the page stands: taken as it is")
        elif not self.stand.way_up_told:
            notes.append("its print does not tell head from foot")
        if self.forward is not None:
            notes.append(f"skewed by {self.stand.skew:+.1f} degrees: looked at on a levelled copy")
        if self.dithered:
            notes.append("dithered to dots: looked at on a smoothed copy, in which fine strokes can be lost")
        if self.uneven:
            notes.append("unevenly lit: looked at on a copy in even light")
        return tuple(notes)


def level_page(
    scan: Scan, *, settings: Extraction | None = None, levelling: LevellingSettings | None = None
) -> Levelled:
    """Set a page upright, level, and in even light, for the finder."""
    settings, levelling = settings or Extraction(), levelling or LevellingSettings()
    smooth = without_dots(scan.pixels, settings=levelling)
    lit = even_light(scan.pixels if smooth is None else smooth, settings=levelling)
    pixels = smooth if lit is None else lit
    dithered, uneven = smooth is not None, lit is not None
    evened = scan if pixels is None else replace(scan, pixels=pixels)
    dpi = resolution(evened, settings=settings)
    measured = evened if evened.dpi == dpi else replace(evened, dpi=dpi)
    sheet = to_sheet(measured, settings=settings)
    stand = stand_of(sheet.ink, per_mm=sheet.per_mm, settings=levelling)
    note = f"turned to the right by {90 * stand.quarters} degrees, as its print stands"
    upright = turn_scan(scan, stand.quarters, note)
    evened = upright if pixels is None else turn_scan(evened, stand.quarters, note)
    if stand.quarters % 2:
        # an estimate takes sheets for upright ones, and must be made of the page as it stands
        dpi = dpi[::-1] if dpi == scan.dpi else resolution(evened, settings=settings)
    working = evened if evened.dpi == dpi else replace(evened, dpi=dpi)
    if abs(stand.skew) < levelling.least_skew:
        return Levelled(upright, evened, working, stand, dpi, dithered, uneven, None)
    forward, size = levelling_map(stand.skew, evened.pixels.shape, dpi)
    level = _levelled(working, forward, size)
    return Levelled(upright, evened, level, stand, dpi, dithered, uneven, forward)


def undithered(scan: Scan, *, settings: LevellingSettings | None = None) -> Scan:
    """A page as it is judged: smoothed to shades if it is dithered to dots, else the page itself."""
    smooth = without_dots(scan.pixels, settings=settings or LevellingSettings())
    return scan if smooth is None else replace(scan, pixels=smooth)


def _levelled(scan: Scan, forward: NDArray[np.float64], size: tuple[int, int]) -> Scan:
    """A copy of a page as the map has it, on paper of its most usual shade; beyond the page there is no hue."""
    paper = float(np.median(scan.pixels))
    pixels = np.asarray(_warped(scan.pixels, forward, size, (paper,)), np.float32)
    if scan.tint is None:
        return replace(scan, pixels=pixels)
    return replace(
        scan, pixels=pixels, tint=np.asarray(_warped(scan.tint, forward, size, (128, 128)), np.uint8)
    )


def _warped(
    image: NDArray[Any], forward: NDArray[np.float64], size: tuple[int, int], beyond: tuple[float, ...]
) -> NDArray[Any]:
    return cv2.warpAffine(
        image, forward, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=beyond
    )


def find_on_page(
    scan: Scan, *, settings: Extraction | None = None, levelling: LevellingSettings | None = None
) -> tuple[Levelled, list[Candidate]]:
    """Find signatures on a page however it stands: see :func:`sigforensics.extraction.find_signatures`.

    Returns
    -------
    Levelled
    list of Candidate
        Best first; their boxes and masks are in pixels of ``levelled.scan``.
    """
    settings = settings or Extraction()
    page = level_page(scan, settings=settings, levelling=levelling)
    found = find_signatures(page.working, settings=settings)
    if page.forward is None:
        return page, found
    return page, [moved for one in found if (moved := _moved_back(one, page)) is not None]


def levelling_map(
    angle: float, shape: tuple[int, ...], dpi: tuple[float, float]
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """The map that turns rows that fall by ``angle`` degrees level, on a page of that resolution; width and height after it.

    Turned are millimetres, not pixels: faxes have other ones down than across. The new page holds the whole of the old one.
    """
    height, width = shape[0], shape[1]
    sine, cosine = np.sin(np.radians(angle)), np.cos(np.radians(angle))
    scale = np.array([dpi[0], dpi[1]]) / MM_PER_INCH
    turn = np.array([[cosine, sine], [-sine, cosine]]) * scale[:, None] / scale[None, :]
    corners = turn @ np.array([[0, width, 0, width], [0, 0, height, height]])
    low, high = corners.min(axis=1), corners.max(axis=1)
    forward = np.concatenate([turn, -low[:, None]], axis=1)
    across, down = np.ceil(high - low).astype(int)
    return forward, (int(across), int(down))


def _moved_back(candidate: Candidate, page: Levelled) -> Candidate | None:
    """A candidate of the levelled copy on the page itself; None if all of it lies beyond the page."""
    if page.forward is None:
        return candidate
    height, width = page.scan.pixels.shape
    around = _bounds_back(candidate.box, page.forward).intersection(Box(0, 0, width, height))
    if around is None:
        return None
    mask = _moved_mask(candidate.mask, candidate.box, page.forward, around)
    if not mask.any():
        return None
    tight, (across, down) = _tight(mask), _margins(candidate.mask)
    outer = Box.spanning(
        around.left + tight[1].start,
        around.top + tight[0].start,
        around.left + tight[1].stop,
        around.top + tight[0].stop,
    ).grown(across, down, (height, width))
    placed = np.zeros((outer.height, outer.width), bool)
    row, column = around.top + tight[0].start - outer.top, around.left + tight[1].start - outer.left
    part = mask[tight]
    placed[row : row + part.shape[0], column : column + part.shape[1]] = part
    foreign, printed = (
        _moved_mask(one, candidate.box, page.forward, outer) for one in (candidate.foreign, candidate.printed)
    )
    return replace(candidate, box=outer, mask=placed, foreign=foreign, printed=printed)


def _moved_mask(mask: BoolImage, box: Box, forward: NDArray[np.float64], around: Box) -> BoolImage:
    """What lies in ``around`` on the page of a mask within a box of the levelled copy."""
    shift = np.array([[1, 0, around.left], [0, 1, around.top], [0, 0, 1]], float)
    to_box = np.array([[1, 0, -box.left], [0, 1, -box.top], [0, 0, 1]], float)
    there = (to_box @ np.concatenate([forward, [[0, 0, 1]]]) @ shift)[:2]
    return _pulled(mask.astype(np.float32), there, (around.width, around.height)) >= 0.5


def _bounds_back(box: Box, forward: NDArray[np.float64]) -> Box:
    """The box of ``scan`` pixels around a box of ``working`` pixels, cut off at the page's upper and left border."""
    corners = np.array(
        [[box.left, box.right, box.left, box.right], [box.top, box.top, box.bottom, box.bottom]], float
    )
    left, top = np.linalg.solve(forward[:, :2], corners - forward[:, 2:]).min(axis=1)
    right, bottom = np.linalg.solve(forward[:, :2], corners - forward[:, 2:]).max(axis=1)
    edges = max(int(left), 0), max(int(top), 0), max(int(np.ceil(right)), 1), max(int(np.ceil(bottom)), 1)
    return Box.spanning(edges[0], edges[1], max(edges[2], edges[0] + 1), max(edges[3], edges[1] + 1))


def _pulled(image: FloatImage, there: NDArray[np.float64], size: tuple[int, int]) -> NDArray[Any]:
    """An image of ``size``, whose pixels are taken from ``image`` where the affine map leads."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(image, there, size, flags=flags, borderMode=cv2.BORDER_CONSTANT))


def _tight(mask: BoolImage) -> tuple[slice, slice]:
    """Rows and columns between which a mask has something."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _margins(mask: BoolImage) -> tuple[int, int]:
    """Columns and rows of paper around what a mask has, on the side that has more of them."""
    rows, columns = _tight(mask)
    height, width = mask.shape
    return max(columns.start, width - columns.stop), max(rows.start, height - rows.stop)
