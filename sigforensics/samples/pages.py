"""Invented office documents: printed text, ruled lines, and the signatures of invented writers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sigforensics.images import FloatImage
from sigforensics.samples.ink import deposit_ink
from sigforensics.samples.paper import scan_sheet
from sigforensics.samples.printing import Press
from sigforensics.samples.signature import sign
from sigforensics.samples.writer import Writer
from sigforensics.settings import Sampling

__all__ = ["MOST_SIGNATURES", "DrawnPage", "draw_page"]

MOST_SIGNATURES = 6
"""Signatures that fit on a page, two a row."""
ROW = 46.0
"""mm: height of a row of signatures."""
LARGEST = (80.0, 44.0)
"""mm: width and height of the largest signature that keeps clear of its neighbours."""

HEADINGS = (
    "Agreement",
    "Delivery note",
    "Minutes of the meeting",
    "Handover protocol",
    "Declaration",
    "Power of attorney",
)
TITLES = ("Subject", "Obligations", "Duration", "Closing provisions")
SENTENCES = (
    "The parties have agreed on the terms set out below, which replace all earlier arrangements.",
    "The undersigned confirms that the goods were received complete and without visible damage.",
    "Changes to this document are valid only if they are made in writing and signed by both parties.",
    "The equipment listed in the table remains the property of the lender until it is paid in full.",
    "Notice may be given at the end of each quarter, with a period of six weeks.",
    "If one of these provisions is void, the others remain in force.",
    "The keys were handed over on the day of signature; the readings of the meters were noted.",
    "Payment is due within thirty days of the date of the invoice, without deduction.",
    "Both parties keep one original each; copies may be made for their records.",
    "The undersigned has read the rules of the house and undertakes to observe them.",
    "The place of performance is the seat of the supplier unless otherwise agreed.",
    "Costs of transport and packing are borne by the party that places the order.",
)
TABLE = (
    ("Item", "Quantity", "Condition"),
    ("Desk lamp", "4", "new"),
    ("Filing cabinet", "2", "used"),
    ("Printer paper, boxes", "12", "new"),
    ("Office chair", "6", "repaired"),
)


@dataclass(frozen=True)
class DrawnPage:
    """A page and what is known of it."""

    pixels: FloatImage
    """Shape (height, width), float32 in [0, 1]: grey A4 page, ink dark."""
    boxes: tuple[tuple[int, int, int, int], ...]
    """Left, top, width and height in pixels of the ink of each signature."""
    writers: tuple[str, ...]
    """Name of the writer of each."""
    dpi: float
    """Pixels an inch."""


def draw_page(
    writers: Sequence[Writer],
    *,
    rng: np.random.Generator,
    dpi: float = 200.0,
    settings: Sampling | None = None,
) -> DrawnPage:
    """An A4 page of printed text, signed by these writers, scanned.

    Parameters
    ----------
    writers : sequence of Writer
        Who signs, in order; may be empty.
    rng : Generator
        Draws the text, the layout, the signatures and the grain.
    dpi : float
        Pixels an inch; below about 100 the print is no longer legible.
    settings : Sampling, optional
        Amounts of variation and grain.

    Raises
    ------
    ValueError
        If there are more than six writers, or a signature is larger than 80 x 44 mm.
    """
    if len(writers) > MOST_SIGNATURES:
        raise ValueError(f"{len(writers)} signatures do not fit on a page, {MOST_SIGNATURES} do")
    settings = settings or Sampling()
    press = Press(dpi)
    top = _print_text(press, rng, rows=(len(writers) + 1) // 2)
    places = _print_places(press, top, len(writers))
    ink = press.absorbance(settings.print_absorbance)
    boxes = []
    for writer, place in zip(writers, places, strict=True):
        line = sign(writer, rng=rng, dpi=dpi, settings=settings)
        width, height = line.size
        layer = deposit_ink(line, (height, width), rng=rng, settings=settings)
        left, top = _corner(press, place, width, height, rng)
        ink[top : top + height, left : left + width] += layer
        boxes.append(_ink_box(layer, left, top, settings.visible))
    pixels = scan_sheet(ink, rng=rng, dpi=dpi, settings=settings)
    return DrawnPage(pixels, tuple(boxes), tuple(writer.name for writer in writers), dpi)


def _print_text(press: Press, rng: np.random.Generator, *, rows: int) -> float:
    """Heading, paragraphs and perhaps a table; returns where they end, in mm from the top."""
    y = press.line(25, 30, str(rng.choice(HEADINGS)), points=17, bold=True) + 6
    end = 262 - rows * ROW
    order = rng.permutation(len(SENTENCES))
    table_after = int(rng.integers(1, 8))
    for number, title in enumerate(TITLES, start=1):
        text = " ".join(SENTENCES[index] for index in order[3 * number - 3 : 3 * number])
        if y + 8 + 5 * press.lines_of(text) > end:
            break
        y = press.line(25, y, f"{number}. {title}", points=11, bold=True)
        y = press.paragraph(25, y + 1, text, points=10.5) + 5
        if number == table_after and y + 40 < end:
            y = press.table(25, y, TABLE, columns=(60, 35, 45)) + 7
    return y


def _print_places(press: Press, top: float, count: int) -> list[tuple[float, float]]:
    """Ruled lines to sign on; returns their left ends in mm, where the base line of the signature goes."""
    places: list[tuple[float, float]] = []
    for index in range(count):
        left, y = 25.0 + 85 * (index % 2), top + ROW * (index // 2)
        if index % 2 == 0:
            press.line(25, y, "Place, date: ______________________", points=10.5)
        press.rule(left, y + 34, 70)
        press.line(left, y + 35, "Signature", points=8)
        places.append((left, y + 34))
    return places


def _corner(
    press: Press, place: tuple[float, float], width: int, height: int, rng: np.random.Generator
) -> tuple[int, int]:
    """Left and top in pixels of a signature on its ruled line, not quite where it belongs."""
    across, down = press.mm(width), press.mm(height)
    if across > LARGEST[0] or down > LARGEST[1]:
        raise ValueError(f"a signature of {across:.0f} x {down:.0f} mm does not fit on the page")
    left = place[0] + min(rng.uniform(2, 10), LARGEST[0] - across)
    bottom = place[1] + rng.uniform(-1, 0.25 * down)
    return press.pixels(left), press.pixels(bottom) - height


def _ink_box(layer: FloatImage, left: int, top: int, visible: float) -> tuple[int, int, int, int]:
    rows = np.flatnonzero((layer > visible).any(1))
    columns = np.flatnonzero((layer > visible).any(0))
    return left + int(columns[0]), top + int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1
