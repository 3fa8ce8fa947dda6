"""Files to pages of grey values: PNG, JPEG, TIFF (all its pages, 1 to 16 bits) and PDF. Inputs are only ever read."""

from sigforensics.scans.exposure import check_exposure
from sigforensics.scans.file_list import (
    FileList,
    ImageSource,
    ListName,
    images_of,
    inputs_of,
    open_source,
    parse_file_list,
)
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
    "FileList",
    "ImageSource",
    "ListName",
    "PageValues",
    "Scan",
    "Source",
    "check_exposure",
    "images_of",
    "inputs_of",
    "list_images",
    "open_source",
    "parse_file_list",
    "read_extent",
    "read_scan",
    "read_scans",
    "read_values",
]
