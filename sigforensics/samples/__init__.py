"""Sample material drawn by our own code: invented writers, their signatures, and pages that bear them."""

from sigforensics.samples.pages import DrawnPage, draw_page
from sigforensics.samples.signature import draw_signature
from sigforensics.samples.writer import Writer, invent_writer

__all__ = ["DrawnPage", "Writer", "draw_page", "draw_signature", "invent_writer"]
