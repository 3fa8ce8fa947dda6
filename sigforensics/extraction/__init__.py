"""Finding the signature on a page, and separating its ink from print, ruled lines and paper."""

from sigforensics.extraction.box import Box
from sigforensics.extraction.cropped import looks_cropped
from sigforensics.extraction.cutting import Signature, extract, whole_page
from sigforensics.extraction.finding import Candidate, find_signatures

__all__ = ["Box", "Candidate", "Signature", "extract", "find_signatures", "looks_cropped", "whole_page"]
