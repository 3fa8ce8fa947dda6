"""How real pages stand: none that stands upright is turned; figures for all are given by ``benchmarks/turned_pages.py``."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigforensics.extraction import level_page
from sigforensics.scans import read_scan
from sigforensics.scans.orientation import turn_scan


@pytest.mark.parametrize("folder", ["contracts", "letters", "cheques", "agreements"])
def test_upright_pages_are_left_upright_and_turned_ones_are_turned_back_or_not_told(
    data_folder: Path, folder: str
) -> None:
    for place, path in enumerate(sorted((data_folder / "documents" / folder).iterdir())[::12]):
        scan = read_scan(path)
        assert level_page(scan).stand.quarters == 0
        quarters = 1 + place % 3
        turned = level_page(turn_scan(scan, quarters, "")).stand
        assert (quarters + turned.quarters) % 4 == 0 or not turned.way_up_told
