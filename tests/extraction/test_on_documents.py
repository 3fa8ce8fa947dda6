"""How well signatures are found on real pages: floors a little under what ``sigforensics find
--evaluate`` measures.

The truth's boxes are drawn by hand, and not every signature on the letters has one: a find without a box is
no proof of a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigforensics.extraction import find_signatures
from sigforensics.extraction.evaluating import Evaluation
from sigforensics.scans import read_scan
from sigforensics.settings import Extraction
from sigforensics.workflows.evaluating import evaluate_finder


@pytest.fixture(scope="module")
def figures(data_folder: Path) -> dict[str, Evaluation]:
    found = evaluate_finder([data_folder / "documents" / "boxes.csv"])
    return {one.folder: one.figures for one in found}


def test_signatures_on_contracts_are_found(figures: dict[str, Evaluation]) -> None:
    found = figures["contracts"].kinds["signature"]
    assert found.recall.value is not None
    assert found.precision.value is not None
    assert found.recall.value >= 0.6
    assert found.precision.value >= 0.75


def test_initials_on_contracts_are_found(figures: dict[str, Evaluation]) -> None:
    found = figures["contracts"].kinds["initials"]
    assert found.recall.value is not None
    assert found.precision.value is not None
    assert found.recall.value >= 0.65
    assert found.precision.value >= 0.75


def test_signatures_on_letters_are_found(figures: dict[str, Evaluation]) -> None:
    found = figures["letters"].kinds["signature"]
    assert found.recall.value is not None
    assert found.precision.value is not None
    assert found.recall.value >= 0.8
    assert found.precision.value >= 0.7


def test_letters_without_a_signature_seldom_have_a_find(figures: dict[str, Evaluation]) -> None:
    share = figures["letters"].false_pages.value
    assert share is not None
    assert share <= 0.2


@pytest.mark.parametrize("number", [1, 2, 3])
def test_unsigned_agreements_have_no_find(data_folder: Path, number: int) -> None:
    (path,) = (data_folder / "documents" / "agreements").glob(f"unsigned_agreement_{number}.*")
    assert all(one.confidence < Extraction().min_confidence for one in find_signatures(read_scan(path)))
