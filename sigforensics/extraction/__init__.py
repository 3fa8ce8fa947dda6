"""Finding the signature on a page, and separating its ink from print, ruled lines and paper."""

from sigforensics.extraction.box import Box
from sigforensics.extraction.cropped import looks_cropped
from sigforensics.extraction.cutting import UNSEPARATED, Signature, cut_by_mask, extract, whole_page
from sigforensics.extraction.finding import Candidate, find_signatures
from sigforensics.extraction.levelling import Levelled, find_on_page, level_page, undithered

__all__ = [
    "UNSEPARATED",
    "Box",
    "Candidate",
    "Levelled",
    "Signature",
    "cut_by_mask",
    "extract",
    "find_on_page",
    "find_signatures",
    "level_page",
    "looks_cropped",
    "undithered",
    "whole_page",
]
