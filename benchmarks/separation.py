"""How much handwriting stays and how much print goes where strokes cross print.

    python benchmarks/separation.py --data DATA [--parts 200]

DATA has ``cedar/``, ``nisdcc/`` and ``documents/``. Four sets of parts of pages, with scanned hands that the network was not
trained on:

- *composed*: parts as in training, printed, signed and scanned by ``separation_data.py``;
- *real print*: signatures laid over places of letters and contracts that hold print and hardly anything else, as
  these pages are, in grey or in two levels;
- *blue pen*: the same, on pages of more than two levels, with a pen that takes ``BLUE`` of the three kinds of light, as a JPEG
  file of quality 75 with its colours at half the resolution has it; as ``find`` sees it, and without the colours;
- *no print*: signatures and initials alone, in grey and in two levels: what goes of them is lost.

Shown are the shares of ink by hand that stays, of print that goes, and of print that goes within 9 pixels of ink by hand,
for several values of ``Extraction.least_hand``, with 95 % intervals over resampled parts.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hands import DPI, Hands, scanned_signatures
from separation_data import HAND, PRINT, Mixed, label_ink, mix
from sigforensics.errors import SigforensicsError
from sigforensics.extraction import Box, level_page
from sigforensics.extraction.finding import Parsed, parse_page
from sigforensics.extraction.inks import weighed_by_colour
from sigforensics.extraction.separating import likelihood_by_hand, strokes_of
from sigforensics.extraction.sheet import MM_PER_INCH, Sheet, local_threshold
from sigforensics.scans import read_scan
from sigforensics.settings import Extraction
from train_finder import DRAWN, HELD_OUT
from train_handwriting import importance

LEAST = (0.5, 0.3, 0.2, 0.15, 0.1, 0.05)
HEIGHT, WIDTH = 340, 620
LEAST_PRINT = 3000
"""Pixels of print in a part of a real page."""
MOST_OTHER = 0.1
"""Of them: other ink in the part, at most."""
BLUE = np.array([1.3, 1.0, 0.45], np.float32)
"""How much of red, green and blue light the blue pen takes, over what the black one takes."""

Coloured = tuple[Mixed, NDArray[np.uint8]]
"""A part, and its hue as :class:`sigforensics.scans.Scan` has it."""


def composed(hands: Hands, count: int, settings: Extraction) -> Iterator[Mixed]:
    """Parts as in training."""
    for number in range(count):
        yield mix(hands, np.random.default_rng([41, number]), settings=settings)


def on_real_print(
    hands: Hands, pages: list[tuple[Parsed, bool]], count: int, settings: Extraction
) -> Iterator[Mixed]:
    """Signatures over places of real pages where there is print and hardly anything else."""
    for grey, pen, print_, unsure, two_levels in _crossed(hands, pages, count, 42):
        if two_levels:
            black = cv2.GaussianBlur(pen / (pen + np.float32(0.3)), (0, 0), 0.6) > 0.3
            mixed = np.where(black, np.minimum(grey, np.float32(0.02)), grey)
        else:
            mixed = grey * np.exp(-cv2.GaussianBlur(pen, (0, 0), 0.7))
        yield _labelled(mixed, pen, print_, unsure, settings)


def with_blue_pen(
    hands: Hands, pages: list[tuple[Parsed, bool]], count: int, settings: Extraction
) -> Iterator[Coloured]:
    """The same in a blue pen, as a JPEG file has it."""
    grey_ones = [one for one in pages if not one[1]]
    for grey, pen, print_, unsure, _ in _crossed(hands, grey_ones, count, 44):
        colours = grey[..., None] * np.exp(-cv2.GaussianBlur(pen, (0, 0), 0.7)[..., None] * BLUE)
        stream = io.BytesIO()
        picture = Image.fromarray(np.round(np.clip(colours, 0, 1) * 255).astype(np.uint8))
        picture.save(stream, "JPEG", quality=75, subsampling=2)
        with Image.open(stream) as stored:
            planes = np.asarray(stored.convert("YCbCr"))
        luma = planes[..., 0].astype(np.float32) / 255
        yield _labelled(luma, pen, print_, unsure, settings), np.ascontiguousarray(planes[..., 1:])


def _crossed(
    hands: Hands, pages: list[tuple[Parsed, bool]], count: int, seed: int
) -> Iterator[
    tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], bool]
]:
    """Places of print: their grey values, a signature's absorbance, where print and where other ink is, whether in two levels."""
    rng, made = np.random.default_rng(seed), 0
    while made < count:
        page, two_levels = pages[int(rng.integers(len(pages)))]
        height, width = page.sheet.grey.shape
        if height <= HEIGHT or width <= WIDTH:
            continue
        top, left = int(rng.integers(height - HEIGHT)), int(rng.integers(width - WIDTH))
        place = slice(top, top + HEIGHT), slice(left, left + WIDTH)
        print_ = np.concatenate([[False], page.print_])[page.pieces.labels[place]]
        before, ruled = page.sheet.ink[place], page.ruled[place]
        if print_.sum() < LEAST_PRINT or (before & ~print_ & ~ruled).sum() > MOST_OTHER * print_.sum():
            continue
        pen = _laid(hands.signature(rng), (HEIGHT, WIDTH), rng) * np.float32(rng.uniform(0.8, 2.2))
        unsure = (before & ~print_).astype(np.float32)
        yield page.sheet.grey[place], pen, (print_ | ruled | before).astype(np.float32), unsure, two_levels
        made += 1


def alone(hands: Hands, count: int, settings: Extraction) -> Iterator[Mixed]:
    """Signatures and initials on blank paper."""
    rng = np.random.default_rng(43)
    for number in range(count):
        ink = hands.signature(rng) if number % 2 else hands.initials(rng)
        pen = np.pad(ink, 60) * np.float32(rng.uniform(0.8, 2.2))
        grey = np.exp(-cv2.GaussianBlur(pen, (0, 0), 0.8)) * np.float32(0.95)
        grey = grey + rng.normal(0, 0.01, grey.shape).astype(np.float32)
        grey = (grey > 0.6).astype(np.float32) if number % 4 > 1 else grey
        nothing = np.zeros_like(pen)
        part = _labelled(grey, pen, nothing, nothing, settings)
        yield replace(part, kind=np.where(part.kind > 0, HAND, part.kind).astype(np.uint8))


def _laid(ink: NDArray[np.float32], shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """The ink somewhere within a blank picture, cut to fit."""
    ink = ink[: shape[0] - 10, : shape[1] - 10]
    top, left = (int(rng.integers(5, whole - own - 4)) for whole, own in zip(shape, ink.shape, strict=True))
    laid = np.zeros(shape, np.float32)
    laid[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return laid


def _labelled(
    grey: NDArray[np.float32],
    pen: NDArray[np.float32],
    print_: NDArray[np.float32],
    unsure: NDArray[np.float32],
    settings: Extraction,
) -> Mixed:
    grey = np.clip(grey, 0, 1).astype(np.float32)
    threshold = local_threshold(grey, window=settings.threshold_window * DPI / MM_PER_INCH, settings=settings)
    kind = label_ink(grey < threshold, pen, print_, unsure)
    grey, threshold = (np.round(np.clip(one, 0, 1) * 255).astype(np.uint8) for one in (grey, threshold))
    return Mixed(grey, threshold, kind)


def real_pages(data: Path, settings: Extraction) -> list[tuple[Parsed, bool]]:
    """Every second letter and contract, taken apart, and whether it is of two levels."""
    pages = []
    for folder in ("letters", "contracts"):
        for path in sorted((data / "documents" / folder).iterdir())[::2]:
            try:
                scan = level_page(read_scan(path)).working
            except SigforensicsError:
                continue  # what lies there besides pages
            pages.append(
                (
                    parse_page(scan, settings=settings),
                    len(np.unique(scan.pixels)) <= 2 or scan.format == "TIFF",
                )
            )
    return pages


def shares(
    parts: list[Mixed],
    likely: list[NDArray[np.float32]],
    settings: Extraction,
    told: list[bool] | None = None,
) -> str:
    """Handwriting that stays, print that goes, with intervals, as cells of a table.

    Of parts where colour told, small pieces are decided as ``settings.colour_part`` says.
    """
    finer = replace(settings, least_part=settings.colour_part)
    counts = []
    for part, one, by_colour in zip(parts, likely, told or [False] * len(parts), strict=True):
        asked = finer if by_colour else settings
        stays = strokes_of(part.kind > 0, one, per_mm=DPI / MM_PER_INCH, settings=asked)
        hand, print_ = part.kind == HAND, part.kind == PRINT
        near = print_ & (importance(part.kind) > 1)
        counts.append([
            (hand & stays).sum(), hand.sum(), (print_ & ~stays).sum(), print_.sum(), (near & ~stays).sum(), near.sum(),
        ])  # fmt: skip
    table = np.array(counts)
    drawn = table[np.random.default_rng(0).integers(0, len(table), (2000, len(table)))].sum(axis=1)
    cells = []
    for some, whole in ((0, 1), (2, 3), (4, 5)):
        if not table[:, whole].any():
            cells.append("")
            continue
        low, high = np.quantile(drawn[:, some] / np.maximum(drawn[:, whole], 1), (0.025, 0.975))
        cells.append(f"{table[:, some].sum() / table[:, whole].sum():.3f}, {low:.3f} to {high:.3f}")
    return " | ".join(cells)


def likelihood(part: Mixed, settings: Extraction) -> NDArray[np.float32]:
    """Of each pixel of a part to be by hand, its colour not asked."""
    sheet = _sheet(part)
    return likelihood_by_hand(sheet, _whole(sheet), settings=settings)


def weighed(
    part: Coloured, likely: NDArray[np.float32], settings: Extraction
) -> tuple[NDArray[np.float32], bool]:
    """The same with what the colour says, and whether it told."""
    sheet = _sheet(*part)
    colours = sheet.colours(_whole(sheet))
    found = weighed_by_colour(likely, colours, sheet.ink, sheet.ink, per_mm=sheet.per_mm, settings=settings)
    return (likely, False) if found is None else (found, True)


def _sheet(part: Mixed, tint: NDArray[np.uint8] | None = None) -> Sheet:
    grey, threshold = (one.astype(np.float32) / 255 for one in (part.grey, part.threshold))
    return Sheet(grey < threshold, grey, threshold, DPI, (1.0, 1.0), tint)


def _whole(sheet: Sheet) -> Box:
    return Box(0, 0, sheet.ink.shape[1], sheet.ink.shape[0])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--parts", type=int, default=200, help="of each set")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    settings = Extraction()
    files = [
        one
        for writer, group in scanned_signatures(arguments.data).items()
        if writer in HELD_OUT
        for one in group
    ]
    hands = Hands(DRAWN["hold"], files)
    pages = real_pages(arguments.data, settings)
    sets = {
        "composed": list(composed(hands, arguments.parts, settings)),
        "real print": list(on_real_print(hands, pages, arguments.parts, settings)),
        "no print": list(alone(hands, arguments.parts, settings)),
    }
    print(
        "| parts | least_hand | handwriting that stays | print that goes | beside strokes |\n| --- | --- | --- | --- | --- |"
    )
    for name, parts in sets.items():
        likely = [likelihood(part, settings) for part in parts]
        for least in LEAST:
            found = shares(parts, likely, replace(settings, least_hand=least))
            print(f"| {name}, {len(parts)} | {least} | {found} |", flush=True)
    blue = list(with_blue_pen(hands, pages, arguments.parts, settings))
    parts = [part for part, _ in blue]
    likely = [likelihood(part, settings) for part in parts]
    by_colour, told = zip(
        *(weighed(part, one, settings) for part, one in zip(blue, likely, strict=True)), strict=True
    )
    for least in LEAST:
        at = replace(settings, least_hand=least)
        print(f"| blue pen, grey, {len(parts)} | {least} | {shares(parts, likely, at)} |", flush=True)
        found = shares(parts, list(by_colour), at, list(told))
        print(f"| blue pen, {len(parts)}, told on {sum(told)} | {least} | {found} |", flush=True)


if __name__ == "__main__":
    main()
