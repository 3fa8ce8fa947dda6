"""Handwriting across print, with what is by hand known of every pixel: the data that telling them apart is trained on."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from composing import CLOSINGS, FACES, LABELS, NAMES, PER_MM, TITLES, Page, scanned, stamp
from hands import Hands
from sigforensics.extraction.sheet import local_threshold
from sigforensics.samples.pages import SENTENCES
from sigforensics.settings import Extraction

__all__ = ["HAND", "PAPER", "PRINT", "UNSURE", "Mixed", "label_ink", "mix"]

PAPER, PRINT, HAND, UNSURE = 0, 1, 2, 3
"""What a pixel is; unsure is ink of neither, which blur and noise make, and that of ruled lines, known by other means."""
VISIBLE = 0.25
"""Absorbance from which a layer counts where ink is."""
WIDTH, HEIGHT = 100, 56
"""Millimetres of a part of a page."""
SCALES = 0.8, 1.25
COARSE, COARSE_SHARE = (0.45, 0.8), 0.3
"""Resolutions of coarse scans, of this one, and their share."""
PALE, PALE_SHARE = (0.4, 1.2), 0.2
"""Absorbance of type and lines on some parts, as grey labels of forms and cheques have it, and the share of these."""
LETTERS = "aabcdeeefghiiklmnnooprrssttuuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Mixed:
    """A part of a page."""

    grey: NDArray[np.uint8]
    """Paper 255, ink 0."""
    threshold: NDArray[np.uint8]
    """Ink is darker than that."""
    kind: NDArray[np.uint8]
    """``PAPER``, ``PRINT``, ``HAND`` (also where both are) or ``UNSURE``."""


def mix(
    hands: Hands, rng: np.random.Generator, *, settings: Extraction, faces: tuple[str, ...] = FACES
) -> Mixed:
    """A part of a page at about 200 dots an inch: type, lines, boxes and stamps, and ink by hand across them."""
    page = Page(WIDTH, HEIGHT, rng, faces)
    page.blackness = PALE if rng.random() < PALE_SHARE else page.blackness
    page.points = float(rng.uniform(7, 13) if rng.random() < 0.9 else rng.uniform(13, 30))
    how = str(rng.choice(["text", "closing", "form", "table", "none"], p=[0.34, 0.28, 0.22, 0.08, 0.08]))
    {"text": _text, "closing": _closing, "form": _form, "table": _table, "none": lambda _: None}[how](page)
    if rng.random() < 0.15:
        stamp(page, rng.uniform(-5, 70), rng.uniform(-5, 35))
    if rng.random() < 0.06:
        _large(page)
    _write(page, hands)
    made = scanned(page, str(rng.choice(["cheque", "letter"], p=[0.08, 0.92])))
    scale = 1.0 if rng.random() < 0.4 else float(rng.uniform(*SCALES))
    grey, pen, print_, lines = (
        cv2.resize(
            one, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        )
        for one in (made.scan.pixels, made.pen, made.print_, made.lines)
    )
    if rng.random() < COARSE_SHARE:
        grey = _coarse(grey, float(rng.uniform(*COARSE)))
    window = settings.threshold_window * PER_MM
    threshold = local_threshold(grey.astype(np.float32), window=window, settings=settings)
    kind = label_ink(grey < threshold, pen, print_, lines)
    grey, threshold = (np.round(np.clip(one, 0, 1) * 255).astype(np.uint8) for one in (grey, threshold))
    return Mixed(grey, threshold, kind)


def label_ink(
    ink: NDArray[np.bool_], pen: NDArray[np.float32], print_: NDArray[np.float32], lines: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """What each pixel is, from the absorbance of both layers and where ruled lines are."""
    kind = np.full(ink.shape, UNSURE, np.uint8)
    kind[(print_ > VISIBLE) & (lines < 0.05)] = PRINT
    kind[(pen > VISIBLE) | ((pen > 0.08) & (pen > print_))] = HAND
    kind[~ink] = PAPER
    return kind


def _coarse(grey: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    """As if scanned at a lower resolution, and brought to this one."""
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, grey.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _said(page: Page, words: tuple[str, ...] | list[str]) -> str:
    """One of these texts, or as many letters and digits at random."""
    rng = page.rng
    text = str(rng.choice(words))
    if rng.random() < 0.5:
        text = "".join(str(rng.choice(list(LETTERS))) if one.isalpha() else one for one in text)
    return text.upper() if rng.random() < 0.25 else text


def _text(page: Page) -> None:
    """Running text, close or wide, in a column or over the whole breadth."""
    rng, y = page.rng, float(page.rng.uniform(-3, 20))
    left, characters = rng.uniform(-20, 25), int(rng.uniform(15, 60))
    leading = rng.uniform(0.9, 1.8)
    while y < HEIGHT:
        for _ in range(int(rng.integers(1, 6))):
            below = page.print(left, y, " ".join(_said(page, SENTENCES) for _ in range(2))[:characters])
            y += (below - y) * leading
        y += rng.uniform(0, 9)
        if rng.random() < 0.2:
            break


def _closing(page: Page) -> None:
    """Closing, name and title, now and then a line, capitals, or words spaced out."""
    rng = page.rng
    x, y = rng.uniform(0, 45), rng.uniform(0, 18)
    for words in (CLOSINGS, NAMES, TITLES, NAMES)[int(rng.integers(0, 3)) :]:
        text = _said(page, words)
        if rng.random() < 0.1:
            text = " ".join(text)
        face = str(rng.choice(page.faces)) if rng.random() < 0.3 else None
        y = page.print(x + rng.uniform(-3, 8), y, text, scale=rng.uniform(0.8, 1.3), face=face) + rng.uniform(
            0, 14
        )
        if rng.random() < 0.3:
            page.rule(x - 4, y - rng.uniform(0, 3), rng.uniform(30, 70))
            y += 1
    if rng.random() < 0.4:
        page.text(rng.uniform(-10, 40), y, int(rng.integers(1, 5)), rng.uniform(30, 80))


def _form(page: Page) -> None:
    """Lines with labels above, below or before them, dotted or drawn, boxes among them."""
    rng, y = page.rng, float(page.rng.uniform(4, 14))
    while y < HEIGHT:
        for x in ([5.0], [5.0, 52.0], [-10.0, 30.0, 70.0])[int(rng.integers(3))]:
            label, long = _said(page, [*LABELS, "X", "DATE", "No."]), rng.uniform(20, 80)
            drawn = str(rng.choice(["rule", "dots", "box", "none"], p=[0.6, 0.12, 0.2, 0.08]))
            below = rng.random() < 0.6
            if drawn == "rule":
                page.rule(x, y, long)
            elif drawn == "dots":
                page.print(x, y - 3, "." * int(long / 2))
            elif drawn == "box":
                high, thick = rng.uniform(6, 25), rng.uniform(0.13, 0.5)
                for from_top in (0, high):
                    page.rule(x, y - from_top, long, thick=thick)
                for from_left in (0, long):
                    page.rule(x + from_left, y - high, high, down=True, thick=thick)
            page.print(x + rng.uniform(0, 8), y + (0.8 if below else -4), label, scale=rng.uniform(0.6, 1))
        y += rng.uniform(8, 22)


def _table(page: Page) -> None:
    rng, row, step = page.rng, page.rng.uniform(4.5, 9), page.rng.uniform(14, 30)
    ruled = rng.random() < 0.6
    for index in range(14):
        for column in range(8):
            page.print(
                column * step + 1,
                index * row + 1,
                f"{rng.uniform(0, 2000):.{int(rng.integers(0, 3))}f}",
                scale=0.9,
            )
        if ruled:
            page.rule(0, index * row, WIDTH, thick=0.2)
    if ruled:
        for column in range(8):
            page.rule(column * step, 0, HEIGHT, down=True, thick=0.2)


def _large(page: Page) -> None:
    """A word in large type, level or upright."""
    rng = page.rng
    face = str(rng.choice(page.faces))
    text = _said(page, SENTENCES)[: int(rng.integers(3, 14))]
    page.print(rng.uniform(-5, 50), rng.uniform(0, 40), text, scale=rng.uniform(1.5, 5), face=face)


def _write(page: Page, hands: Hands) -> None:
    """A signature, initials, a note or a date wherever they fall, mostly across the print, or nothing."""
    rng = page.rng
    kinds = [
        ["signature"],
        ["initials"],
        ["signature", "note"],
        ["signature", "signature"],
        ["note"],
        ["signature", "date"],
        [],
    ]
    for kind in kinds[int(rng.choice(7, p=[0.5, 0.13, 0.1, 0.07, 0.06, 0.06, 0.08]))]:
        if kind == "note":
            ink = hands.note(rng, words=int(rng.integers(1, 4)), lines=int(rng.integers(1, 3)))
        elif kind == "date":
            ink = hands.date(rng)
        else:
            ink = hands.signature(rng) if kind == "signature" else hands.initials(rng)
        room = np.array(page.pen.shape) - 5
        high, wide = (min(a, int(b)) for a, b in zip(ink.shape, room, strict=True))
        ink = ink[:high, :wide]
        y, x = (
            rng.uniform(2.5, max(total - one - 2, 3)) / PER_MM
            for total, one in zip(page.pen.shape, ink.shape, strict=True)
        )
        page.write(ink, x, y, over=True)
