"""Pages composed for training the finder: print of many kinds, and ink by hand whose place and kind are known.

A page is absorbance at 200 dots an inch until it is scanned: letters, contracts, forms, tables, memos and
cheques in the typefaces that come with matplotlib and Pillow; logos, stamps, ruled lines, numbers, punch
holes and dark margins; signatures and initials where people put them; notes, dates, amounts and marks that
are neither. Then come skew, blur, uneven light, noise, JPEG, or two levels with specks, as on a fax.

Example: ``python benchmarks/composing.py /some/folder --pages 12`` writes some to look at.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hands import DPI, Hands, scanned_signatures, tight
from sigforensics.extraction import Box
from sigforensics.samples.pages import SENTENCES
from sigforensics.scans import Scan
from sigforensics.scans.page import Source

__all__ = [
    "CLOSINGS",
    "FACES",
    "LABELS",
    "NAMES",
    "PER_MM",
    "TITLES",
    "Composed",
    "Page",
    "compose",
    "px",
    "scanned",
    "stamp",
    "typefaces",
]

Ink = NDArray[np.float32]
PER_MM = DPI / 25.4
FACES = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono", "DejaVuSansMono-Bold", "DejaVuSerif", "DejaVuSerif-Italic",
    "STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "STIXGeneral", "cmr10", "cmss10", "cmtt10", "cmtt10",
    "pillow", "pillow",
)  # fmt: skip
LABELS = (
    "Signature",
    "Signature",
    "Date",
    "Name",
    "Place, date",
    "By:",
    "Title",
    "Amount",
    "Received",
    "Approved",
)
CLOSINGS = (
    "Sincerely,",
    "Yours faithfully,",
    "Very truly yours,",
    "Best regards,",
    "Fait a Paris,",
    "With thanks,",
)
NAMES = ("R. M. Nettle", "J. Harbour", "Amber Kernel, Manager", "B. Thistle", "Dr. C. Larch", "Willow Garnet")


@dataclass(frozen=True)
class Composed:
    """A composed page."""

    scan: Scan
    truth: tuple[tuple[str, Box], ...]
    """Kind (``signature`` or ``initials``) and box of the ink of each."""
    layout: str
    pen: Ink
    """Absorbance of what was written by hand, where it lies on the scan; shape of the scan."""
    print_: Ink
    """Absorbance of what was printed, ruled or stamped."""
    lines: Ink
    """Where ruled lines are among that, 0 to 1."""


@cache
def _font(face: str, pixels: int) -> ImageFont.FreeTypeFont:
    if face == "pillow":
        return ImageFont.load_default(pixels)
    if "/" in face:
        return ImageFont.truetype(face, pixels)
    return ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / f"{face}.ttf"), pixels)


def typefaces(folder: Path | None) -> tuple[str, ...]:
    """The faces that are always at hand, and those of a folder and the folders in it that have Latin letters, sorted by path.

    Raises
    ------
    ValueError
        If the folder has none.
    """
    if folder is None:
        return FACES
    files = [one for one in folder.rglob("*") if one.suffix.lower() in {".ttf", ".otf"}]
    found = [str(one.resolve()) for one in sorted(files) if _has_letters(one)]
    if not found:
        raise ValueError(f"{folder}: no typeface (.ttf, .otf) with Latin letters in it")
    return (*FACES, *found)


def _has_letters(file: Path) -> bool:
    """Whether a typeface draws A, g, 5 and what no typeface has each in its own way."""
    try:
        font = ImageFont.truetype(str(file), 40)
        letters = {bytes(font.getmask(one)) for one in "Ag5\uffff"}
    except (OSError, ValueError):
        return False
    return len(letters) == 4


class Page:
    """A sheet that is being composed; lengths in mm from the upper left corner."""

    def __init__(
        self, width: float, height: float, rng: np.random.Generator, faces: tuple[str, ...] = FACES
    ) -> None:
        self.width, self.height, self.rng, self.faces = width, height, rng, faces
        self.blackness = 1.2, 3.0
        """Least and greatest absorbance of what is printed and ruled."""
        self._image = Image.new("L", (px(width), px(height)), 0)
        self._draw = ImageDraw.Draw(self._image)
        self._lines = Image.new("L", self._image.size, 0)
        self.pen = np.zeros((px(height), px(width)), np.float32)
        self.stamped = np.zeros_like(self.pen)
        self.truth: list[tuple[str, Box]] = []
        self.face = str(rng.choice(faces))
        self.points = float(rng.uniform(9, 12.5))
        self._taken: list[tuple[float, float, float, float]] = []

    def print(self, x: float, y: float, text: str, *, scale: float = 1.0, face: str | None = None) -> float:
        """A line of type; returns where the next one goes."""
        size = px(self.points * scale * 25.4 / 72)
        self._draw.text((px(x), px(y)), text, 255, _font(face or self.face, size))
        return y + self.points * scale * 0.45

    def text(self, x: float, y: float, lines: int, width: float) -> float:
        """Running text."""
        characters = int(width / (self.points * 0.18))
        for _ in range(lines):
            sentence = " ".join(self.rng.choice(SENTENCES, 3))
            start = int(self.rng.integers(0, 30))
            y = self.print(x, y, sentence[start : start + characters].rsplit(" ", 1)[0])
        return y

    def rule(
        self, x: float, y: float, length: float, *, down: bool = False, thick: float | None = None
    ) -> None:
        """A ruled line, level or upright; as thick as it happens where nothing is said."""
        end = (x, y + length) if down else (x + length, y)
        thickness = thick or self.rng.uniform(0.13, 0.5)
        for image in (self._image, self._lines):
            places = [px(x), px(y), px(end[0]), px(end[1])]
            ImageDraw.Draw(image).line(places, 255, max(px(thickness), 1))

    def draw(self, do: Callable[[ImageDraw.ImageDraw], None]) -> None:
        """Print a shape."""
        do(self._draw)

    def absorbance(self) -> Ink:
        """What was printed and ruled, as dark as it happens."""
        return np.asarray(self._image, np.float32) / 255 * np.float32(self.rng.uniform(*self.blackness))

    def lines(self) -> Ink:
        """Where ruled lines are, 0 to 1."""
        return np.asarray(self._lines, np.float32) / 255

    def free(self, x: float, y: float, width: float, height: float) -> bool:
        """Whether no earlier handwriting stands there."""
        return all(x + width < a or a + w < x or y + height < b or b + h < y for a, b, w, h in self._taken)

    def write(self, ink: Ink, x: float, y: float, kind: str | None = None, *, over: bool = False) -> bool:
        """Lay ink with its upper left corner there, if it fits and no other is in the way; name it if it is to be found."""
        left, top = px(x), px(y)
        height, width = ink.shape
        if (
            left < 2
            or top < 2
            or left + width > self.pen.shape[1] - 2
            or top + height > self.pen.shape[0] - 2
        ):
            return False
        place = (x - 1.5, y - 1.5, width / PER_MM + 3, height / PER_MM + 3)
        if not over and not self.free(*place):
            return False
        self._taken.append(place)
        self.pen[top : top + height, left : left + width] += ink
        if kind:
            self.truth.append((kind, Box(left, top, width, height)))
        return True


def px(mm: float) -> int:
    return round(mm * PER_MM)


def compose(hands: Hands, rng: np.random.Generator) -> Composed:
    """One page; the same ``rng`` state gives the same page."""
    layouts = {"letter": letter, "contract": contract, "form": form, "cheque": cheque, "table": table}
    name = str(rng.choice(list(layouts), p=[0.36, 0.34, 0.12, 0.1, 0.08]))
    page = Page(*((202, 93) if name == "cheque" else (210, 297)), rng)
    layouts[name](page, hands)
    if name != "cheque":
        _furniture(page, hands)
    return scanned(page, name)


def _sign(page: Page, hands: Hands, x: float, base: float, *, kind: str = "signature") -> None:
    """A signature standing on a base line, or a little through it."""
    ink = hands.signature(page.rng) if kind == "signature" else hands.initials(page.rng)
    height = ink.shape[0] / PER_MM
    page.write(ink, x, base - height + page.rng.uniform(-2, 0.3 * height), kind)


def letter(page: Page, hands: Hands) -> None:
    """Head, address, text, closing and perhaps a signature over the typed name."""
    rng = page.rng
    left, width = rng.uniform(18, 35), rng.uniform(130, 165)
    y = _head(page, hands)
    y = page.text(left, y + rng.uniform(3, 15), int(rng.integers(1, 6)), 60) + rng.uniform(4, 14)
    for _ in range(int(rng.integers(1, 6))):
        y = page.text(left, y, int(rng.integers(2, 8)), width) + rng.uniform(3, 8)
        if y > 205:
            break
    for _ in range(int(rng.choice([0, 1, 1, 1, 2, 3]))):
        x = left + rng.choice([0.0, 75.0]) + rng.uniform(0, 20)
        y = page.print(x, y, str(rng.choice(CLOSINGS)))
        gap = rng.uniform(9, 22)
        if rng.random() < 0.75:
            kind = "initials" if rng.random() < 0.06 else "signature"
            _sign(page, hands, x + rng.uniform(-6, 12), y + gap + rng.uniform(-2, 4), kind=kind)
            if rng.random() < 0.35:
                _dated(page, hands, 120 if x < 80 else left, y + gap)
        y = page.print(x, y + gap, str(rng.choice(NAMES)))
        if rng.random() < 0.5:
            y = page.print(x, y, str(rng.choice(TITLES)))
        y += rng.uniform(0, 8)
        if y > 255:
            break
    if rng.random() < 0.12 and y < 245:
        _witnessed(page, hands, y + 10)
    elif rng.random() < 0.5 and y < 270:
        page.text(left, y + 8, int(rng.integers(1, 5)), 50)


def _witnessed(page: Page, hands: Hands, y: float) -> None:
    """Signatures on lines one below the other, with a date or none."""
    rng = page.rng
    x, step = rng.uniform(25, 110), rng.uniform(12, 22)
    page.print(x - 10, y - 2, "Witnessed by:", scale=0.9)
    for row in range(1, int(rng.integers(2, 5))):
        page.rule(x, y + row * step, rng.uniform(50, 75))
        _sign(page, hands, x + rng.uniform(0, 10), y + row * step)
        if rng.random() < 0.4:
            _dated(page, hands, 150, y + row * step)


def _dated(page: Page, hands: Hands, x: float, y: float) -> None:
    """A line for the date, and the date on it by hand."""
    rng = page.rng
    page.rule(x, y, rng.uniform(25, 45))
    page.print(x + rng.uniform(0, 10), y + 0.8, "Date", scale=0.8)
    ink = hands.date(rng)
    page.write(ink, x + rng.uniform(0, 6), y - ink.shape[0] / PER_MM + rng.uniform(-1, 2))


TITLES = ("Manager", "Senior Lecturer", "Marketing Coordinator", "Director of Research", "President")


def contract(page: Page, hands: Hands) -> None:
    """Numbered clauses to the foot, initials there; or the last page with signatures."""
    rng = page.rng
    left, y, last = rng.uniform(14, 28), rng.uniform(12, 30), rng.random() < 0.5
    end = rng.uniform(90, 200) if last else rng.uniform(230, 262)
    number = int(rng.integers(1, 20))
    while y < end:
        if rng.random() < 0.5:
            y = (
                page.print(
                    left, y, f"Article {number} - {rng.choice(TITLES)}".upper(), scale=rng.uniform(1, 1.3)
                )
                + 2
            )
            number += 1
        y = page.text(left, y, int(rng.integers(1, 7)), rng.uniform(150, 175)) + rng.uniform(2, 7)
    if last:
        y += rng.uniform(3, 12)
        _signed(page, hands, left, y)
        if rng.random() < 0.4:
            page.write(hands.date(rng), x=left + rng.uniform(0, 40), y=y - 8, over=rng.random() < 0.5)
    _foot(page, str(number))
    _initialled(page, hands)


def _signed(page: Page, hands: Hands, left: float, y: float) -> None:
    """One to four signatures side by side, some all but touching; with names, lines, stamps and words by hand."""
    rng, x = page.rng, left + _indent(page)
    for _ in range(int(rng.integers(1, 5))):
        ink = hands.signature(rng)
        width, height = (side / PER_MM for side in ink.shape[::-1])
        if x + width > 205:
            x, y = left + _indent(page), y + 45
        top = y + rng.uniform(4, 12)
        if rng.random() < 0.6:
            page.print(x + rng.uniform(0, 8), y, str(rng.choice(NAMES)))
        if rng.random() < 0.3:
            page.rule(x - 5, top + height, 50)
        page.write(ink, x, top, "signature", over=True)
        if rng.random() < 0.3:  # what is to be written before signing
            words = hands.note(rng, words=int(rng.integers(2, 5)), lines=int(rng.integers(1, 3)))
            page.write(
                words, x + rng.uniform(-10, 5), top - words.shape[0] / PER_MM + rng.uniform(-3, 1), over=True
            )
        if rng.random() < 0.15:
            stamp(page, x + rng.uniform(-10, 10), y + rng.uniform(-5, 10))
        x += width + (rng.uniform(0.5, 6) if rng.random() < 0.5 else rng.uniform(6, 30))


def _indent(page: Page) -> float:
    """Where a row of signatures begins, mm from the text's left edge."""
    return float(page.rng.uniform(-4, 20))


def _foot(page: Page, number: str) -> None:
    """The page's number, bare, with words, or in a frame that may be dark, perhaps under a line."""
    rng = page.rng
    x, y = float(rng.choice([105, 185])) + rng.uniform(-4, 8), rng.uniform(272, 284)
    if rng.random() < 0.3:
        page.rule(rng.uniform(12, 25), y - 1, rng.uniform(150, 180))
    if rng.random() < 0.3:
        wide, high = rng.uniform(7, 15), rng.uniform(5, 8)
        frame = [px(x - wide / 2), px(y), px(x + wide / 2), px(y + high)]
        shade = int(rng.choice([0, 0, 60, 160, 255]))
        thick = px(rng.uniform(0.15, 0.9))
        page.draw(lambda d: d.rectangle(frame, outline=255, fill=shade, width=max(thick, 1)))
        ink = 0 if shade > 100 else 255
        size = px(rng.uniform(2.5, 4.5))
        middle = px(x), px(y + high / 2)
        font = _font(str(rng.choice(page.faces)), size)
        page.draw(lambda d: d.text(middle, number, ink, font, anchor="mm"))
    else:
        page.print(x, y, number if rng.random() < 0.6 else f"Page {number}")


def _initialled(page: Page, hands: Hands) -> None:
    """Initials at the foot: one by itself or several side by side, in the margin or across the last lines."""
    rng = page.rng
    x, base = rng.uniform(100, 192), rng.uniform(245, 288)
    for _ in range(int(rng.choice([0, 1, 1, 2, 2, 3]))):
        ink = hands.initials(rng) * np.float32(rng.uniform(0.5, 1.1))
        width, height = (side / PER_MM for side in ink.shape[::-1])
        if x + width > 206:
            x = rng.uniform(100, 150)
        page.write(ink, x, base - height + rng.uniform(-4, 4), "initials", over=True)
        x += width + rng.choice([rng.uniform(0.5, 4), rng.uniform(4, 25)])


def form(page: Page, hands: Hands) -> None:
    """Labels and lines, filled in by hand: names, dates and amounts are no signatures, what stands over `Signature` is."""
    rng = page.rng
    y = page.text(20, _head(page, hands) + 8, int(rng.integers(2, 9)), 165) + 8
    while y < 265:
        for x in (22.0, 112.0) if rng.random() < 0.6 else (22.0,):
            label = str(rng.choice(LABELS))
            below = rng.random() < 0.5
            page.rule(x + (0 if below else 28), y, 75 if below else 48)
            page.print(x, y + 0.8 if below else y - 4, label, scale=0.8)
            start = x + (2 if below else 30) + rng.uniform(0, 10)
            if rng.random() < 0.35:
                continue
            if label in {"Signature", "By:", "Approved"}:
                _sign(page, hands, start, y)
            else:
                ink = _filled(label, hands, rng)
                page.write(ink, start, y - ink.shape[0] / PER_MM + rng.uniform(-1, 1))
        y += rng.uniform(12, 26)


def _filled(label: str, hands: Hands, rng: np.random.Generator) -> Ink:
    if "date" in label.lower():
        return hands.date(rng)
    if label == "Amount":
        return hands.figures(rng, _amount(rng))
    return hands.note(rng, words=int(rng.integers(1, 3)), lines=1)


def _amount(rng: np.random.Generator) -> str:
    return f"{int(rng.integers(1, 99))},{int(rng.integers(10, 99))},000/-"


def cheque(page: Page, hands: Hands) -> None:
    """A bank's printed ground, lines with name and sum by hand, the amount in its box, and the signature at the right."""
    rng = page.rng
    page.print(rng.uniform(8, 30), 5, "BANK OF THE HARBOUR", scale=1.5)
    page.print(150, 10, "  ".join("DDMMYYYY"), scale=0.7)
    if rng.random() < 0.8:
        page.write(hands.figures(rng, " ".join("12032016")), 150, 4)
    for y, label in ((26.0, "Pay"), (36.0, "Rupees")):
        page.print(6, y - 4, label)
        page.rule(22, y, 160)
        if rng.random() < 0.85:
            ink = hands.note(rng, words=int(rng.integers(2, 5)), lines=1)
            page.write(ink, 26 + rng.uniform(0, 20), y - ink.shape[0] / PER_MM + rng.uniform(0, 2))
    page.draw(lambda d: d.rectangle([px(142), px(38), px(195), px(47)], outline=255, width=2))
    page.print(134, 40, "Rs")
    if rng.random() < 0.9:
        page.write(hands.figures(rng, _amount(rng)), 146, 40)
    page.print(20, 48, "3000201010" + str(int(rng.integers(1000, 9999))), scale=1.4, face="DejaVuSansMono")
    if rng.random() < 0.92:
        ink = hands.signature(rng)
        scale = min(1.0, 38 * PER_MM / ink.shape[1], 18 * PER_MM / ink.shape[0])
        ink = tight(cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
        page.write(ink, rng.uniform(145, 160), 74 - ink.shape[0] / PER_MM + rng.uniform(-3, 2), "signature")
    page.print(165, 74, "Please sign above", scale=0.6)
    page.print(
        60, 84, f"{int(rng.integers(1e5, 1e6))}  500025033  29006{int(rng.integers(9))}  31", scale=1.3
    )


def table(page: Page, hands: Hands) -> None:
    """Figures in columns; hardly ever signed."""
    rng = page.rng
    y = page.text(20, _head(page, hands) + 5, int(rng.integers(1, 6)), 160) + 6
    columns, row = int(rng.integers(3, 8)), rng.uniform(5.5, 9)
    ruled, step = rng.random() < 0.5, 170 / columns
    rows = int(rng.integers(6, 22))
    for index in range(rows):
        for column in range(columns):
            page.print(
                22 + column * step, y + index * row, f"{rng.uniform(0, 2000):.{int(rng.integers(0, 3))}f}"
            )
        if ruled:
            page.rule(20, y + index * row - 1, 170, thick=0.2)
    if ruled:
        for column in range(columns + 1):
            page.rule(20 + column * step, y - 1, rows * row, down=True, thick=0.2)
    y += rows * row + 8
    if y < 240 and rng.random() < 0.35:
        _sign(page, hands, rng.uniform(30, 110), y + 25)
        page.print(110, y + 26, str(rng.choice(NAMES)))
    for _ in range(int(rng.choice([0, 0, 1, 3]))):
        page.write(hands.mark(rng), rng.uniform(15, 180), rng.uniform(40, 200), over=True)


def _head(page: Page, hands: Hands) -> float:
    """A letterhead: large type, sometimes in the manner of a script, and a logo."""
    rng, y = page.rng, float(page.rng.uniform(10, 22))
    if rng.random() < 0.5:
        _logo(page, rng.uniform(12, 150), y)
    if rng.random() < 0.3:
        face = str(rng.choice(["STIXGeneralBolIta", "cmmi10", "DejaVuSerif-BoldItalic", "STIXGeneralItalic"]))
        name = str(rng.choice(["Lantern", "Harbour Company", "Thistle & Larch", "Copper Kettle"]))
        page.print(rng.uniform(15, 110), y + 2, name, scale=rng.uniform(1.8, 4), face=face)
    elif rng.random() < 0.15:
        _lettering(page, hands, y)
    elif rng.random() < 0.7:
        page.print(
            rng.uniform(15, 80),
            y + 4,
            str(rng.choice(TITLES)).upper() + " OF MEADOW",
            scale=rng.uniform(1.2, 2),
        )
    y = page.print(rng.uniform(20, 90), y + 20, str(rng.choice(SENTENCES))[:50], scale=0.7)
    if rng.random() < 0.3:
        page.rule(10, y, 190, thick=rng.uniform(0.2, 1))
    return y


def _lettering(page: Page, hands: Hands, y: float) -> None:
    """The firm's name as if written, printed large and bold: no signature."""
    ink = hands.signature(page.rng)
    thick = int(page.rng.integers(1, 5))
    bold = cv2.dilate(np.minimum(ink, 1), np.ones((thick, thick), np.uint8)) * np.float32(1.5)
    page.write(bold, page.rng.uniform(12, 130), y - 4)


def _logo(page: Page, x: float, y: float) -> None:
    """Solid and outlined shapes within a square."""
    rng, side = page.rng, float(page.rng.uniform(10, 26))
    for _ in range(int(rng.integers(3, 14))):
        a, b = rng.uniform(0, 0.7, 2)
        w, h = rng.uniform(0.1, 0.5, 2)
        box = [px(x + a * side), px(y + b * side), px(x + (a + w) * side), px(y + (b + h) * side)]
        shape = str(rng.choice(["ellipse", "rectangle", "arc", "chord", "line"]))
        fill = 255 if rng.random() < 0.4 else None
        if shape == "arc":
            page.draw(lambda d, box=box: d.arc(box, 20, 290, fill=255, width=px(0.4)))
        elif shape == "chord":
            page.draw(lambda d, box=box: d.chord(box, 20, 250, outline=255, width=px(0.3)))
        elif shape == "line":
            page.draw(lambda d, box=box: d.line(box, fill=255, width=px(0.5)))
        else:
            page.draw(
                lambda d, box=box, fill=fill, shape=shape: getattr(d, shape)(
                    box, outline=255, fill=fill, width=px(0.3)
                )
            )


def _furniture(page: Page, hands: Hands) -> None:
    """What else stands on pages: notes, stamps, numbers up the side, holes, margins, underlines."""
    rng = page.rng
    for _ in range(int(rng.choice([0, 0, 0, 1, 1, 2]))):
        words, lines = int(rng.integers(1, 4)), int(rng.choice([1, 1, 2, 3, 5]))
        head = rng.random() < 0.6
        y = rng.uniform(5, 45) if head else rng.uniform(40, 275)
        page.write(
            hands.note(rng, words=words, lines=lines),
            rng.uniform(4, 160),
            y,
            over=not head and rng.random() < 0.3,
        )
    if rng.random() < 0.25:
        page.write(hands.date(rng), rng.uniform(10, 160), rng.uniform(10, 280))
    if rng.random() < 0.3:
        page.write(hands.mark(rng), rng.uniform(5, 180), rng.uniform(5, 280), over=True)
    if rng.random() < 0.3:
        stamp(page, rng.uniform(8, 160), rng.uniform(8, 240))
    if rng.random() < 0.4:
        _number_up_the_side(page)
    if rng.random() < 0.3:
        for x in rng.uniform(8, 200, 2):
            y, r = rng.uniform(4, 12), rng.uniform(2, 3.5)
            box = [px(x - r), px(y - r), px(x + r), px(y + r)]
            fill = 255 if rng.random() < 0.6 else None
            page.draw(lambda d, box=box, fill=fill: d.ellipse(box, outline=255, fill=fill, width=2))
    if rng.random() < 0.3:
        side = rng.choice(["left", "right", "bottom", "top"])
        wide = rng.uniform(0.5, 5)
        boxes = {"left": (0, 0, wide, 297), "right": (210 - wide, 0, 210, 297), "top": (0, 0, 210, wide)}
        box = boxes.get(str(side), (0, 297 - wide, 210, 297))
        page.draw(lambda d: d.rectangle([px(value) for value in box], fill=255))


def stamp(page: Page, x: float, y: float) -> None:
    """A round or square stamp, or words stamped askew."""
    rng, side = page.rng, float(page.rng.uniform(18, 42))
    layer = Image.new("L", (px(side) + 4, px(side) + 4), 0)
    pencil, kind = ImageDraw.Draw(layer), str(page.rng.choice(["round", "square", "words"]))
    if kind == "round":
        for inset in (1, px(side * rng.uniform(0.1, 0.25))):
            pencil.ellipse([inset, inset, px(side) - inset, px(side) - inset], outline=255, width=px(0.4))
    elif kind == "square":
        pencil.rectangle([1, px(side * 0.3), px(side) - 1, px(side * 0.7)], outline=255, width=px(0.5))
    for row, word in enumerate(("RECEIVED", "23 OCT 84", "HARBOUR")[: int(rng.integers(1, 4))]):
        place = (px(side * 0.16), px(side * (0.32 + 0.14 * row)))
        pencil.text(place, word, 255, _font("DejaVuSans-Bold", max(px(side * 0.11), 6)))
    turned = layer.rotate(float(rng.normal(0, 12)), resample=Image.Resampling.BILINEAR)
    ink = np.asarray(turned, np.float32) / 255 * np.float32(rng.uniform(0.5, 2))
    left, top = max(px(x), 0), max(px(y), 0)
    room = page.stamped[top : top + ink.shape[0], left : left + ink.shape[1]]
    room += ink[: room.shape[0], : room.shape[1]]


def _number_up_the_side(page: Page) -> None:
    rng = page.rng
    digits = "".join(str(digit) for digit in rng.integers(0, 10, int(rng.integers(7, 11))))
    layer = Image.new("L", (px(60), px(9)), 0)
    size = px(rng.uniform(3, 5))
    ImageDraw.Draw(layer).text(
        (2, 2), digits, 255, _font(str(rng.choice(["cmtt10", "DejaVuSansMono-Bold"])), size)
    )
    ink = np.asarray(layer.rotate(270, expand=True), np.float32) / 255 * 2
    top, left = px(rng.uniform(150, 230)), px(rng.uniform(190, 199))
    page.stamped[top : top + ink.shape[0], left : left + ink.shape[1]] += ink


def scanned(page: Page, layout: str) -> Composed:
    """The page as a scanner, a camera or a fax machine gives it."""
    rng = page.rng
    two_levels = layout != "cheque" and rng.random() < 0.5
    ink, noise = page.absorbance(), np.random.default_rng(rng.integers(2**32))
    ink *= np.float32(1) if rng.random() < 0.7 else _mottled(ink.shape, noise)
    strength = np.float32(rng.uniform(0.8, 2.2))
    layers = page.pen * strength, page.stamped * strength
    if two_levels:  # whoever sets up a fax sees to it that strokes come out, if not always whole
        fullness = np.float32(rng.uniform(0.1, 0.6))
        layers = tuple(one / (one + fullness) * np.float32(2.2) for one in layers)
    pen, print_ = layers[0], ink + layers[1]
    total = pen + print_
    if layout == "cheque" and rng.random() < 0.8:
        total += _ground(total.shape, rng)
    turn = cv2.getRotationMatrix2D((total.shape[1] / 2, total.shape[0] / 2), float(rng.normal(0, 0.35)), 1)
    total, pen, print_, lines = (
        cv2.warpAffine(one, turn, one.shape[::-1], flags=cv2.INTER_LINEAR)
        for one in (total, pen, print_, page.lines())
    )
    grey = np.exp(-total) * np.float32(rng.uniform(0.85, 1))
    grey = cv2.GaussianBlur(grey, (0, 0), float(rng.uniform(0.5, 1.1)))
    grey += noise.standard_normal(grey.shape, np.float32) * np.float32(rng.uniform(0.002, 0.02))
    if rng.random() < 0.4:  # scanners are often set so that paper comes out white
        grey *= np.float32(rng.uniform(1.0, 1.12) / np.median(grey))
    grey = np.clip(grey, 0, 1)
    if two_levels:
        cut = rng.uniform(0.5, 0.85) * float(np.median(grey))
        speck = noise.random(grey.shape, np.float32) < rng.choice([0, 1e-4, 1e-3])
        grown = cv2.dilate(speck.astype(np.uint8), np.ones((2, 2), np.uint8)) > 0
        grey = (((grey > cut) ^ grown) & ~_clouds(grey.shape, rng, noise)).astype(np.float32)
    elif rng.random() < 0.7:
        _, code = cv2.imencode(
            ".jpg", (grey * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 92))]
        )
        grey = cv2.imdecode(code, cv2.IMREAD_GRAYSCALE).astype(np.float32) / 255
    truth = tuple((kind, _turned(box, turn, grey.shape)) for kind, box in page.truth)
    stated = DPI * (float(rng.uniform(0.8, 1.25)) if rng.random() < 0.2 else 1.0)
    scan = Scan(
        grey,
        Source(Path("composed.png"), "0" * 64),
        1,
        1,
        (stated, stated),
        "PNG",
        "1" if two_levels else "L",
        8,
    )
    return Composed(scan, truth, layout, pen, print_, lines)


def _clouds(
    shape: tuple[int, int], rng: np.random.Generator, noise: np.random.Generator
) -> NDArray[np.bool_]:
    """Patches of specks, mostly at the margins, as copies of copies have them."""
    black = np.zeros(shape, bool)
    for _ in range(int(rng.choice([0, 0, 1, 2, 4]))):
        sides = rng.uniform(3, 30, 2) * PER_MM
        place = rng.uniform(0, 1, 2)
        place[int(rng.integers(2))] = rng.choice([rng.uniform(0, 0.06), rng.uniform(0.94, 1)])
        middle = place * np.array(shape)
        rows, columns = (
            np.exp(-(((np.arange(size) - centre) / side) ** 2)).astype(np.float32)
            for size, centre, side in zip(shape, middle, sides, strict=True)
        )
        grain = noise.random((shape[0] // 2 + 1, shape[1] // 2 + 1), np.float32)
        if rng.random() < 0.5:
            grain = cv2.GaussianBlur(grain, (0, 0), 1)
            grain = (grain - grain.min()) / (grain.max() - grain.min())
        grain = cv2.resize(grain, shape[::-1], interpolation=cv2.INTER_NEAREST)
        black |= grain < np.float32(rng.uniform(0.1, 0.6)) * np.outer(rows, columns)
    return black


def _turned(box: Box, turn: NDArray[np.float64], shape: tuple[int, int]) -> Box:
    x, y = turn @ [box.left + box.width / 2, box.top + box.height / 2, 1]
    left, top = max(round(x - box.width / 2), 0), max(round(y - box.height / 2), 0)
    return Box(left, top, min(box.width, shape[1] - left), min(box.height, shape[0] - top))


def _mottled(shape: tuple[int, int], noise: np.random.Generator) -> Ink:
    """Factors of worn print."""
    coarse = noise.random((shape[0] // 3 + 1, shape[1] // 3 + 1), np.float32)
    return cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_LINEAR) * 1.3


def _ground(shape: tuple[int, int], rng: np.random.Generator) -> Ink:
    """Waves, as banks print them."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    period, swing = np.float32(rng.uniform(5, 12)), np.float32(rng.uniform(5, 40))
    waves = np.sin(2 * np.pi * (y + swing * np.sin(x / np.float32(rng.uniform(30, 120)))) / period)
    return (np.float32(rng.uniform(0.03, 0.2)) * (waves > 0.3)).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder for the pictures")
    parser.add_argument("--pages", type=int, default=12)
    parser.add_argument("--data", type=Path, help="folder with cedar/ and nisdcc/")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    files = scanned_signatures(arguments.data) if arguments.data else {}
    hands = Hands(range(200), [path for group in files.values() for path in group])
    for number in range(arguments.pages):
        made = compose(hands, np.random.default_rng([1, number]))
        picture = cv2.cvtColor((made.scan.pixels * 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)
        for kind, box in made.truth:
            colour = (0, 0, 255) if kind == "signature" else (255, 0, 255)
            cv2.rectangle(picture, (box.left, box.top), (box.right, box.bottom), colour, 3)
        cv2.imwrite(str(arguments.out / f"{number:03d}_{made.layout}.png"), picture)


if __name__ == "__main__":
    main()
