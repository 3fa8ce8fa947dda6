"""A page at the one resolution at which signatures are looked for: its scale, and ink told from paper."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.extraction.box import Box
from sigforensics.images import FloatImage
from sigforensics.scans import Scan
from sigforensics.settings import Extraction

__all__ = ["MM_PER_INCH", "Sheet", "local_threshold", "resolution", "to_sheet"]

MM_PER_INCH = 25.4
SHEETS = {"A4": (297 / 210, 297.0), "letter": (11 / 8.5, 279.4), "cheque": (92 / 202, 92.0)}
"""Height over width, and height in mm, of the sheets that a page without a resolution may be: ISO 216 A4, US
letter, and India's CTS-2010 cheque."""


@dataclass(frozen=True)
class Sheet:
    """A page resampled to equal resolution across and down.

    ``ink`` is True where the grey value lies below ``threshold``; both have shape (height, width) at ``dpi``.
    """

    ink: NDArray[np.bool_]
    grey: FloatImage
    threshold: FloatImage
    dpi: float
    scale: tuple[float, float]
    """Page pixels for one sheet pixel, across and down."""
    tint: NDArray[np.uint8] | None = None
    """The hue of the page, at its own resolution: see :class:`sigforensics.scans.Scan`."""

    def colours(self, box: Box) -> FloatImage | None:
        """Red, green and blue of a part of the sheet, 0 to 1, shape (box.height, box.width, 3); None of a page without a hue."""
        if self.tint is None:
            return None
        place = self.to_page(box, (self.tint.shape[0], self.tint.shape[1]))
        shrinks = place.width >= box.width and place.height >= box.height
        method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        part = cv2.resize(self.tint[place.slices], (box.width, box.height), interpolation=method)
        blue, red = np.moveaxis((part.astype(np.float32) - 128) / 255, 2, 0)
        grey = self.grey[box.slices]
        channels = grey + 1.402 * red, grey - 0.344136 * blue - 0.714136 * red, grey + 1.772 * blue
        return np.asarray(np.clip(np.stack(channels, axis=2), 0, 1), np.float32)

    @property
    def per_mm(self) -> float:
        """Sheet pixels a millimetre."""
        return self.dpi / MM_PER_INCH

    def to_page(self, box: Box, page_shape: tuple[int, int]) -> Box:
        """The smallest box of page pixels around a box of sheet pixels."""
        across, down = self.scale
        height, width = page_shape
        left, top = min(int(box.left * across), width - 1), min(int(box.top * down), height - 1)
        right = min(int(np.ceil(box.right * across)), width)
        bottom = min(int(np.ceil(box.bottom * down)), height)
        return Box.spanning(left, top, max(right, left + 1), max(bottom, top + 1))

    def from_page(self, box: Box) -> Box:
        """The smallest box of sheet pixels around a box of page pixels."""
        across, down = self.scale
        height, width = self.ink.shape
        left, top = min(int(box.left / across), width - 1), min(int(box.top / down), height - 1)
        right = min(int(np.ceil(box.right / across)), width)
        bottom = min(int(np.ceil(box.bottom / down)), height)
        return Box.spanning(left, top, max(right, left + 1), max(bottom, top + 1))


def to_sheet(scan: Scan, *, settings: Extraction) -> Sheet:
    """Resample a page to ``settings.dpi`` in both directions and tell ink from paper."""
    dpi = resolution(scan, settings=settings)
    height, width = scan.pixels.shape
    size = tuple(max(round(n * settings.dpi / d), 1) for n, d in zip((width, height), dpi, strict=True))
    shrinks = size[0] <= width and size[1] <= height
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    grey = np.asarray(cv2.resize(scan.pixels, size, interpolation=interpolation), np.float32)
    window = settings.threshold_window * settings.dpi / MM_PER_INCH
    threshold = local_threshold(grey, window=window, settings=settings)
    scale = width / size[0], height / size[1]
    return Sheet(grey < threshold, grey, threshold, settings.dpi, scale, scan.tint)


def local_threshold(grey: FloatImage, *, window: float, settings: Extraction) -> FloatImage:
    """Sauvola's threshold, m (1 + k (s / R - 1)) with the mean m and deviation s of a window, R = 1/2.

    It follows the shade of the paper and ignores faint printed texture. Inside large black areas, where m
    itself is black, it would see paper; so no threshold falls below ``settings.always_ink``.

    Parameters
    ----------
    grey : float32, shape (height, width)
        Paper 1, ink 0.
    window : float
        Side of the square window in pixels.

    References
    ----------
    J. Sauvola, M. Pietikainen: Adaptive document image binarization, Pattern Recognition 33 (2000) 225-236.
    """
    side = 2 * max(int(window / 2), 1) + 1
    mean = np.asarray(cv2.blur(grey, (side, side), borderType=cv2.BORDER_REFLECT_101), np.float32)
    square = grey * grey
    found = np.asarray(cv2.blur(square, (side, side), borderType=cv2.BORDER_REFLECT_101), np.float32)
    found -= np.multiply(mean, mean, out=square)  # in place: new memory costs more than the sums
    np.sqrt(np.maximum(found, 0, out=found), out=found)
    found /= 0.5
    found -= 1
    found *= settings.threshold_k
    found += 1
    found *= mean
    return np.maximum(found, settings.always_ink, out=found)


def resolution(scan: Scan, *, settings: Extraction) -> tuple[float, float]:
    """Horizontal and vertical dots per inch: stated, or from the page's size, or from its print.

    A stated resolution is not believed where the page would be longer than ``settings.longest_page`` (cameras
    and editors write 72 for any size). A page with the aspect of an upright A4 or letter sheet, or of a
    cheque, is taken for one if its print has a plausible height then.
    """
    height, width = scan.pixels.shape
    longest = max(height, width) * MM_PER_INCH
    if scan.dpi is not None:
        across, down = scan.dpi
        if max(width / across, height / down) * MM_PER_INCH <= settings.longest_page:
            return scan.dpi
    by_print = _dpi_of_print(scan.pixels, settings)
    if by_print is not None and longest / by_print > settings.longest_page:
        by_print = None  # specks or texture rather than print
    for aspect, length in SHEETS.values():
        by_size = height / length * MM_PER_INCH
        ratio = by_print / by_size if by_print else 1.0
        agrees = 1 / settings.print_tolerance <= ratio <= settings.print_tolerance
        if agrees and abs(height / width / aspect - 1) <= settings.aspect_tolerance:
            return by_size, by_size
    dpi = by_print or longest / SHEETS["A4"][1]
    return dpi, dpi


def _dpi_of_print(grey: FloatImage, settings: Extraction) -> float | None:
    """The resolution at which the median height of small compact components is that of print."""
    window = max(grey.shape) / 60
    ink = (grey < local_threshold(grey, window=window, settings=settings)).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8, ltype=cv2.CV_32S)
    width, height = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]
    compact = (height >= 4) & (height <= max(grey.shape) / 20) & (width <= 3 * height) & (height <= 5 * width)
    if compact.sum() < settings.least_characters:
        return None
    return float(np.median(height[compact])) / settings.print_height * MM_PER_INCH
