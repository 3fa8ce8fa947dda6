"""Everything that the audit measures of one image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sigforensics.audit.compression import Compression, find_compression
from sigforensics.audit.histogram import measure_histogram
from sigforensics.audit.quantisation import describe_tables
from sigforensics.audit.resampling import find_resampling
from sigforensics.audit.texture import measure_paper_noise, measure_sharpness
from sigforensics.images import ByteImage, unit_to_bytes
from sigforensics.scans import Scan
from sigforensics.settings import Auditing

__all__ = ["Acquisition", "measure_acquisition"]


@dataclass(frozen=True, kw_only=True)
class Acquisition:
    """What one image shows of its acquisition chain. Texts are kinds, numbers are measures."""

    format: str
    mode: str
    """Pillow's name of the stored pixel layout."""
    bit_depth: str
    dpi: str
    jpeg_tables: str
    """Of what is stored as JPEG, in whatever file; ``none`` of the rest."""
    width: float
    height: float
    background: float
    saturated_paper: float
    saturated_ink: float
    threshold_gap: float
    missing_levels: float
    histogram_comb: float
    grey_levels: float
    jpeg_history: str
    """What the pixels show, whatever file they are in."""
    jpeg_grid: float
    resampling_period: str
    resampling: float
    """Decimal logarithm of the peak."""
    sharpness: float
    paper_noise: float


def measure_acquisition(scan: Scan, *, settings: Auditing | None = None) -> Acquisition:
    """Measure one image.

    Parameters
    ----------
    scan : Scan
        Its pixels are rounded to 8 bits.
    settings : Auditing, optional
    """
    settings = settings or Auditing()
    image = unit_to_bytes(scan.pixels)
    middle = _middle(image, settings.window)
    histogram = measure_histogram(image, settings=settings)
    compression = find_compression(middle, settings=settings)
    resampling = find_resampling(middle, jpeg_grid=compression.found, settings=settings)
    return Acquisition(
        format=scan.format,
        mode=scan.mode,
        bit_depth=str(scan.bits),
        dpi="none" if scan.dpi is None else " x ".join(f"{value:.0f}" for value in scan.dpi),
        jpeg_tables=describe_tables(scan.jpeg_tables),
        width=float(image.shape[1]),
        height=float(image.shape[0]),
        background=histogram.background,
        saturated_paper=histogram.saturated_paper,
        saturated_ink=histogram.saturated_ink,
        threshold_gap=float(histogram.gap),
        missing_levels=float(histogram.missing),
        histogram_comb=histogram.comb,
        grey_levels=float(histogram.levels),
        jpeg_history=_describe_history(compression),
        jpeg_grid=compression.grid,
        resampling_period=resampling.period,
        resampling=float(np.log10(resampling.peak)),
        sharpness=measure_sharpness(image, settings=settings),
        paper_noise=measure_paper_noise(image, histogram.background, settings=settings),
    )


def _describe_history(compression: Compression) -> str:
    if not compression.found:
        return "none"
    return "JPEG" if compression.quality is None else f"JPEG quality {compression.quality}"


def _middle(image: ByteImage, side: int) -> ByteImage:
    top, left = (max(0, (length - side) // 2) for length in image.shape)
    return image[top : top + side, left : left + side]
