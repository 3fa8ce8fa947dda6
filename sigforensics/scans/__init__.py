"""Files to pages of grey values: PNG, JPEG, TIFF (all its pages, 1 to 16 bits) and PDF. Inputs are only ever read."""

from sigforensics.scans.exposure import check_exposure
from sigforensics.scans.page import Extent, Scan, Source
from sigforensics.scans.reading import (
    IMAGE_SUFFIXES,
    list_images,
    read_extent,
    read_scan,
    read_scans,
    read_values,
)
from sigforensics.scans.values import PageValues

__all__ = [
    "IMAGE_SUFFIXES",
    "Extent",
    "PageValues",
    "Scan",
    "Source",
    "check_exposure",
    "list_images",
    "read_extent",
    "read_scan",
    "read_scans",
    "read_values",
]
