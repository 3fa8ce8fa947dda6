"""How well signatures are found on real pages: floors a little under what ``benchmarks/find_signatures.py``
measures.

The truth's boxes are drawn by hand, and not every signature on the letters has one: a find without a box is
no proof of a mistake."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from sigforensics.extraction import Box, Candidate, find_signatures
from sigforensics.scans import read_scan
from sigforensics.settings import Extraction

Pages = list[tuple[list[tuple[str, Box]], list[Candidate]]]


def pages_of(data: Path, folder: str) -> Pages:
    truth: dict[str, list[tuple[str, Box]]] = defaultdict(list)
    with (data / "documents" / "boxes.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            boxes = truth[row["file"]]
            if row["label"] != "none":
                sides = (int(row[side]) for side in ("left", "top", "width", "height"))
                boxes.append((row["label"], Box(*sides)))
    least = Extraction().min_confidence
    return [
        (boxes, [one for one in find_signatures(read_scan(data / name)) if one.confidence >= least])
        for name, boxes in truth.items()
        if Path(name).parent.name == folder
    ]


def hits(pages: Pages, kind: str) -> tuple[int, int, int]:
    """Boxes of a kind that were found, all of them, and all finds of the kind."""
    met = boxes = finds = 0
    for truths, found in pages:
        places = [one.box for one in found if one.kind == kind]
        wanted = [box for label, box in truths if label == kind]
        met += sum(any(box.intersection_over_union(place) >= 0.5 for place in places) for box in wanted)
        boxes += len(wanted)
        finds += len(places)
    return met, boxes, finds


@pytest.fixture(scope="module")
def contracts(data_folder: Path) -> Pages:
    return pages_of(data_folder, "contracts")


@pytest.fixture(scope="module")
def letters(data_folder: Path) -> Pages:
    return pages_of(data_folder, "letters")


def test_signatures_on_contracts_are_found(contracts: Pages) -> None:
    met, boxes, finds = hits(contracts, "signature")
    assert met / boxes >= 0.85
    assert met / finds >= 0.75


def test_initials_on_contracts_are_found(contracts: Pages) -> None:
    met, boxes, finds = hits(contracts, "initials")
    assert met / boxes >= 0.6
    assert met / finds >= 0.8


def test_signatures_on_letters_are_found(letters: Pages) -> None:
    met, boxes, finds = hits(letters, "signature")
    assert met / boxes >= 0.9
    assert met / finds >= 0.45


def test_letters_without_a_signature_seldom_have_a_find(letters: Pages) -> None:
    without = [found for truths, found in letters if not truths]
    assert sum(bool(found) for found in without) / len(without) <= 0.3


@pytest.mark.parametrize("number", [1, 2, 3])
def test_unsigned_agreements_have_no_find(data_folder: Path, number: int) -> None:
    (path,) = (data_folder / "documents" / "agreements").glob(f"unsigned_agreement_{number}.*")
    assert all(one.confidence < Extraction().min_confidence for one in find_signatures(read_scan(path)))
