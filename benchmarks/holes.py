"""How often generators carry strokes on into holes in their edges, across them, and to where.

    python benchmarks/holes.py CORPUS [--generator NAME ...] [--side PIXELS ...]
    python benchmarks/holes.py CORPUS --made FOLDER [--made FOLDER ...]

CORPUS is a folder that ``sigforensics prepare`` made; the plain rows of its validation frame are taken, as they are and
deformed as augmented inputs are, target and all. From the edges of each, one square is erased whose centre lies on a stroke, the
same one for every generator. Fakes are made of what is left as it is, and with strokes carried on across the hole by rule before
the generator sees them, as ``generate --augmented --holes rule`` has it (which traces edges anew, and whose holes may lie
anywhere). With ink from ``--ink`` (40) of 255 on:

- *continued*: of the places where the true signature's strokes enter the hole, those within 6 pixels of which the fake has
  ink that reaches at least 6 pixels deep into the hole;
- *bridged*: of the pieces of true ink that enter the hole at two places or more, those for which some piece of the fake's ink
  in the hole comes within 6 pixels of two or more of their places;
- *mistaken*: of the pieces of the fake's ink in the hole that come so near to two places or more, those that join none that
  the true signature joins;
- *ink*: the fake's ink in the hole over the true one's, all holes together.

A piece of ink that joins all that enters a hole, were it a solid block, is no mistake by this count: it is a lower bound.

With ``--made``, judged are fakes that ``generate --data CORPUS --augmented`` made, in the holes that the table of the run has,
which may lie beside the strokes. What the true ink has there stands below each.

Intervals are of 95 %, over resampled writers. A stroke that is bridged need not run where the true one does. Rows of "(true)"
are the true signatures themselves: their strokes may cut a corner of a hole without being 6 pixels deep, and pass within 6 pixels
of where others enter, which counts as mistaken.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.augmentation import Square, deform, draw_distortion, erase_squares, image_rng
from sigforensics.bridging import bridge_strokes
from sigforensics.corpus import read_frame
from sigforensics.gan.bundled import find_generator
from sigforensics.gan.forger import load_forger
from sigforensics.gan.rows import load_row
from sigforensics.gan.template import Template
from sigforensics.images import ByteImage, unit_to_bytes
from sigforensics.png import read_png
from sigforensics.provenance import read_record
from sigforensics.settings import Augmentation

INK = 40
"""Grey level of 255 from which a pixel bears ink, whatever ``Bridging.least_ink`` is."""
REACH = 6
"""Pixels."""
SEED = 5

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Bridged:
    """Counts of one hole."""

    entries: int
    continued: int
    spans: int
    """Pieces of true ink that enter at two places or more."""
    bridged: int
    joins: int
    """Pieces of the fake's ink that join two places or more."""
    mistaken: int
    ink: int
    true_ink: int


def draw_hole(edges: ByteImage, side: int, rng: np.random.Generator) -> Square:
    """Rows and columns of a square within the image whose centre is on an edge, as near as the border lets it."""
    row, column = divmod(int(rng.choice(np.flatnonzero(edges))), edges.shape[1])
    top, left = (int(np.clip(place - side // 2, 0, len(edges) - side)) for place in (row, column))
    return slice(top, top + side), slice(left, left + side)


def judge(fake: Bools, true: Bools) -> Bridged:
    """What a fake makes of one hole, given the ink of both within the hole."""
    rim = np.ones(true.shape, bool)
    rim[1:-1, 1:-1] = False
    _, pieces = cv2.connectedComponents(true.astype(np.uint8), connectivity=8)
    count, entries = cv2.connectedComponents((true & rim).astype(np.uint8), connectivity=8)
    _, drawn = cv2.connectedComponents(fake.astype(np.uint8), connectivity=8)
    deep = set(np.unique(drawn[REACH:-REACH, REACH:-REACH])) - {0}
    near: dict[int, list[set[int]]] = {}
    for entry in range(1, count):
        place = (entries == entry).astype(np.uint8)
        around = cv2.dilate(place, np.ones((2 * REACH + 1,) * 2, np.uint8)) > 0
        piece = int(pieces[entries == entry][0])
        near.setdefault(piece, []).append(set(np.unique(drawn[around])) - {0})
    spans = [places for places in near.values() if len(places) > 1]
    bridged = sum(
        any(sum(piece in place for place in places) > 1 for piece in set().union(*places)) for places in spans
    )
    touched = [set().union(*places) for places in near.values()]
    joins = {
        piece
        for piece in set().union(*touched)
        if sum(piece in place for places in near.values() for place in places) > 1
    }
    rightly = {piece for places in spans for piece in joins if sum(piece in place for place in places) > 1}
    return Bridged(
        count - 1,
        sum(bool(place & deep) for places in near.values() for place in places),
        len(spans),
        bridged,
        len(joins),
        len(joins - rightly),
        int(fake.sum()),
        int(true.sum()),
    )


def summary(found: list[Bridged], writers: list[str], rng: np.random.Generator) -> dict[str, str]:
    """Shares with their intervals, as text."""
    names = sorted(set(writers))
    totals = np.array([
        np.sum([list(vars(one).values()) for one, writer in zip(found, writers, strict=True) if writer == name], axis=0)
        for name in names
    ])  # fmt: skip
    drawn = totals[rng.integers(0, len(names), (2000, len(names)))].sum(axis=1)
    shares = {}
    for name, part, whole in (("continued", 1, 0), ("bridged", 3, 2), ("mistaken", 5, 4), ("ink", 6, 7)):
        low, high = np.quantile(drawn[:, part] / np.maximum(drawn[:, whole], 1), (0.025, 0.975))
        total = totals.sum(axis=0)
        counts = f" of {total[whole]}" if name != "ink" else ""
        shares[name] = f"{total[part] / max(total[whole], 1):.2f}, {low:.2f} to {high:.2f}{counts}"
    return shares


def judge_made(corpus: Path, folders: list[Path], ink: int) -> None:
    """Print how fakes of the augmented validation rows of a corpus fill the holes that their edges have."""
    prepared = read_record(corpus)["settings"]["prepare"]
    settings, seed = Augmentation(**prepared["augmentation"]), prepared["splitting"]["seed"]
    rows = [row for row in read_frame(corpus, "validation") if row.augmented]
    truths, own = [], []
    for row in rows:
        target = read_png(corpus / row.target)
        rng = image_rng(seed, row.writer, row.sample)
        distortion = draw_distortion(len(target), rng=rng, settings=settings)
        truths.append(deform(target, distortion.displacements))
        own.append(distortion.holes[0])
    print(f"{len(rows)} signatures, in the first hole of each\n")
    print(
        "| fakes | holes that cut strokes | continued | bridged | mistaken | ink |\n| --- | --- | --- | --- | --- | --- |"
    )
    for folder in folders:
        names = [f"{row.writer}-{row.sample}" for row in rows]
        holes = first_holes(folder, names) or own
        fakes = [read_png(folder / "fake" / f"{name}.png") for name in names]
        for name, images in ((str(folder), fakes), ("(true, there)", truths)):
            found = [
                judge(one[hole] >= ink, true[hole] >= ink)
                for one, true, hole in zip(images, truths, holes, strict=True)
            ]
            cut = sum(one.entries > 0 for one in found)
            shares = summary(found, [row.writer for row in rows], np.random.default_rng(SEED)).values()
            print(f"| {name} | {cut} of {len(rows)} | {' | '.join(shares)} |", flush=True)


def first_holes(folder: Path, names: list[str]) -> list[Square]:
    """The first hole of each fake, as ``signatures.csv`` has it; empty if it has none, as with ``--holes leave``."""
    with (folder / "signatures.csv").open(newline="", encoding="utf-8") as stream:
        table = list(csv.DictReader(stream))
    if "holes" not in table[0]:
        return []
    stated, found = {row["name"]: row["holes"].split("; ")[0] for row in table}, []
    for name in names:
        left, top, width, height = (int(number) for number in stated[name].split())
        found.append((slice(top, top + height), slice(left, left + width)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--generator", action="append", help="a name or a file; more than once for several")
    parser.add_argument("--side", type=int, action="append", help="pixels; 32, 64 and 128 if not given")
    parser.add_argument("--made", type=Path, action="append", help="a folder of fakes from augmented edges")
    parser.add_argument("--ink", type=int, default=INK, help=f"grey level, {INK} if not given")
    arguments = parser.parse_args()
    if arguments.made:
        judge_made(arguments.corpus, arguments.made, arguments.ink)
        return
    rows = [row for row in read_frame(arguments.corpus, "validation") if not row.augmented]
    writers = [row.writer for row in rows]
    forgers = {
        name or "default": load_forger(find_generator(name) if name else None)
        for name in arguments.generator or [None]
    }
    print(f"{len(rows)} signatures of {len(set(writers))} writers, one hole each\n")
    print(
        "| edges | side | generator | continued | bridged | mistaken | ink |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    size = next(iter(forgers.values())).card.network.size
    for deformed, side in product((False, True), arguments.side or [32, 64, 128]):
        holes, truths = [], []
        templates: dict[str, list[Template]] = {"": [], ", carried on": []}
        for number, row in enumerate(rows):
            edges, mask, target = load_row(arguments.corpus, row, size=size)
            if deformed:
                field = draw_distortion(size, rng=np.random.default_rng([SEED, number])).displacements
                edges, target = deform(edges, field), deform(target, field)
            hole = draw_hole(edges, side, np.random.default_rng([SEED, number]))
            holed = erase_squares(edges, [hole])
            holes.append(hole)
            truths.append(target)
            for how, seen in (("", holed), (", carried on", bridge_strokes(holed, [hole], ink=target).edges)):
                templates[how].append(Template(seen, mask, np.zeros(2, np.int32)))
        images = {
            name + how: [unit_to_bytes(fake) for fake in forger.forge_many(given)]
            for name, forger in forgers.items()
            for how, given in templates.items()
        }
        images["(true)"] = truths
        for name, made in images.items():
            found = [
                judge(fake[hole] >= arguments.ink, true[hole] >= arguments.ink)
                for fake, true, hole in zip(made, truths, holes, strict=True)
            ]
            shares = summary(found, writers, np.random.default_rng(SEED)).values()
            print(
                f"| {'deformed' if deformed else 'plain'} | {side} | {name} | {' | '.join(shares)} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
