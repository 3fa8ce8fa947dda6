"""A printed sheet: lines of type, paragraphs, rules and tables, placed in mm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sigforensics.images import FloatImage, bytes_to_unit

__all__ = ["Press"]

A4 = (210.0, 297.0)
"""mm: width and height (ISO 216)."""
COLUMN = 160.0
"""mm: width of the text."""


class Press:
    """An A4 sheet to print on, with the typeface that comes with Pillow.

    Parameters
    ----------
    dpi : float
        Pixels an inch.
    """

    def __init__(self, dpi: float) -> None:
        self._scale = dpi / 25.4
        self._sheet = Image.new("L", (self.pixels(A4[0]), self.pixels(A4[1])), 0)
        self._draw = ImageDraw.Draw(self._sheet)

    def pixels(self, mm: float) -> int:
        """Millimetres as whole pixels."""
        return round(mm * self._scale)

    def mm(self, pixels: float) -> float:
        """Pixels as millimetres."""
        return pixels / self._scale

    def absorbance(self, black: float) -> FloatImage:
        """The sheet as absorbance, shape (height, width): 0 on paper, `black` where toner covers it."""
        return bytes_to_unit(np.array(self._sheet)) * np.float32(black)

    def line(self, x: float, y: float, text: str, *, points: float, bold: bool = False) -> float:
        """Print one line, its upper left corner in mm; returns where the next line goes."""
        weight = self._font_pixels(points) / 40 if bold else 0.0
        self._draw.text((self.pixels(x), self.pixels(y)), text, 255, self._font(points), stroke_width=weight)
        return y + points * LEADING

    def paragraph(self, x: float, y: float, text: str, *, points: float) -> float:
        """Print text broken into lines of the column's width; returns where the next line goes."""
        for line in self._broken(text, points):
            y = self.line(x, y, line, points=points)
        return y

    def lines_of(self, text: str, points: float = 10.5) -> int:
        """Lines that a paragraph takes."""
        return len(self._broken(text, points))

    def rule(self, x: float, y: float, length: float, *, down: bool = False) -> None:
        """A thin line to the right, or down."""
        end = (x, y + length) if down else (x + length, y)
        ends = [(self.pixels(x), self.pixels(y)), (self.pixels(end[0]), self.pixels(end[1]))]
        self._draw.line(ends, 255, max(1, self.pixels(0.2)))

    def table(self, x: float, y: float, rows: Sequence[Sequence[str]], *, columns: Sequence[float]) -> float:
        """Print a ruled table; returns where it ends."""
        height = 7.0
        for index, row in enumerate(rows):
            self.rule(x, y + index * height, sum(columns))
            left = x
            for cell, width in zip(row, columns, strict=True):
                self.line(left + 2, y + index * height + 1.4, cell, points=10, bold=index == 0)
                left += width
        end = y + len(rows) * height
        self.rule(x, end, sum(columns))
        for edge in np.cumsum([0.0, *columns]):
            self.rule(x + float(edge), y, end - y, down=True)
        return end

    def _broken(self, text: str, points: float) -> list[str]:
        font, lines = self._font(points), [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if font.getlength(longer) <= self.pixels(COLUMN):
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def _font_pixels(self, points: float) -> float:
        return points * 25.4 / 72 * self._scale

    def _font(self, points: float) -> ImageFont.FreeTypeFont:
        font = ImageFont.load_default(self._font_pixels(points))
        if not isinstance(font, ImageFont.FreeTypeFont):
            raise TypeError("this Pillow was built without FreeType, and has no typeface of variable size")
        return font


LEADING = 0.46
"""mm from one line of type to the next for each point of its size (1.3 times the size)."""
