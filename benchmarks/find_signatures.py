"""How well signatures are found on the pages of a data folder.

Reads ``documents/boxes.csv`` (columns file, label, left, top, width, height; labels ``signature``,
``initials``, and ``none`` for a page without) and prints figures for each folder of documents. A find counts
where its intersection over union with a box of its kind is at least 0.5, each box once. Boxes drawn by hand
stand wide of the ink, by 2 to 3 mm in some collections: the figures depend on ``Extraction.margin``.

Example: ``python benchmarks/find_signatures.py data --pictures /some/folder``
"""

from __future__ import annotations

import argparse
import csv
import statistics
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import cv2

from sigforensics.extraction import Box, Candidate, find_signatures
from sigforensics.images import unit_to_bytes
from sigforensics.scans import Scan, read_scan
from sigforensics.settings import Extraction

OVERLAP = 0.5


@dataclass
class Tally:
    """What is counted over the pages of a folder."""

    pages: int = 0
    blank_pages: int = 0
    false_pages: int = 0
    truths: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    finds: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    hits: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    either: int = 0
    """Signatures found as a signature or as initials."""
    seconds: list[float] = field(default_factory=list)


def matches(found: list[Box], truths: list[Box]) -> int:
    """Boxes that are found: greedy, best find first, each box once."""
    left = list(truths)
    for box in found:
        best = max(left, key=box.intersection_over_union, default=None)
        if best is not None and box.intersection_over_union(best) >= OVERLAP:
            left.remove(best)
    return len(truths) - len(left)


def read_truth(table: Path) -> dict[str, list[tuple[str, Box]]]:
    truth: dict[str, list[tuple[str, Box]]] = {}
    with table.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            boxes = truth.setdefault(row["file"], [])
            if row["label"] != "none":
                sides = (int(row[name]) for name in ("left", "top", "width", "height"))
                boxes.append((row["label"], Box(*sides)))
    return truth


def count(tally: Tally, truth: list[tuple[str, Box]], found: list[Candidate]) -> None:
    tally.pages += 1
    for kind in ("signature", "initials"):
        truths = [box for label, box in truth if label == kind]
        finds = [one.box for one in found if one.kind == kind]
        tally.truths[kind] += len(truths)
        tally.finds[kind] += len(finds)
        tally.hits[kind] += matches(finds, truths)
    tally.either += matches([one.box for one in found], [box for label, box in truth if label == "signature"])
    if not truth:
        tally.blank_pages += 1
        tally.false_pages += bool(found)


def draw(scan: Scan, truth: list[tuple[str, Box]], found: list[Candidate], path: Path) -> None:
    page = cv2.cvtColor(unit_to_bytes(scan.pixels), cv2.COLOR_GRAY2BGR)
    for one in found:
        page[one.box.slices][one.mask] = (0, 0, 255) if one.kind == "signature" else (255, 0, 255)
    for box, colour, text in [
        *((box, (0, 160, 0), label) for label, box in truth),
        *((one.box, (0, 0, 255), f"{one.kind[0]} {one.confidence:.2f}") for one in found),
    ]:
        cv2.rectangle(page, (box.left, box.top), (box.right, box.bottom), colour, 4)
        cv2.putText(page, text, (box.left, max(box.top - 10, 40)), cv2.FONT_HERSHEY_SIMPLEX, 1.6, colour, 4)
    small = cv2.resize(
        page, None, fx=1000 / page.shape[1], fy=1000 / page.shape[1], interpolation=cv2.INTER_AREA
    )
    cv2.imwrite(str(path), small)


def ratio(part: int, whole: int) -> str:
    return f"{part}/{whole} = {part / whole:.2f}" if whole else "-"


def report(name: str, tally: Tally) -> None:
    print(f"{name}: {tally.pages} pages, {statistics.median(tally.seconds):.2f} s a page (median)")
    print(f"  signatures: recall {ratio(tally.hits['signature'], tally.truths['signature'])}", end=", ")
    print(f"precision {ratio(tally.hits['signature'], tally.finds['signature'])}", end=", ")
    print(f"recall as either kind {ratio(tally.either, tally.truths['signature'])}")
    print(f"  initials: recall {ratio(tally.hits['initials'], tally.truths['initials'])}", end=", ")
    print(f"precision {ratio(tally.hits['initials'], tally.finds['initials'])}")
    print(f"  pages labelled as without that have a find: {ratio(tally.false_pages, tally.blank_pages)}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder that holds documents/boxes.csv")
    parser.add_argument("--pictures", type=Path, help="write each page with its boxes into this folder")
    parser.add_argument("--all", action="store_true", help="draw candidates below the least confidence too")
    arguments = parser.parse_args()
    settings = Extraction()
    tallies: dict[str, Tally] = defaultdict(Tally)
    cv2.setNumThreads(1)
    for name, truth in read_truth(arguments.data / "documents" / "boxes.csv").items():
        scan = read_scan(arguments.data / name)
        start = time.perf_counter()
        candidates = find_signatures(scan, settings=settings)
        folder = Path(name).parent.name
        tallies[folder].seconds.append(time.perf_counter() - start)
        found = [one for one in candidates if one.confidence >= settings.min_confidence]
        count(tallies[folder], truth, found)
        if arguments.pictures:
            arguments.pictures.mkdir(parents=True, exist_ok=True)
            shown = candidates if arguments.all else found
            draw(scan, truth, shown, arguments.pictures / f"{folder}_{Path(name).stem}.png")
    for folder, tally in tallies.items():
        report(folder, tally)


if __name__ == "__main__":
    main()
