"""The commands of README and tutorial do what these pages say."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

pytestmark = pytest.mark.network
ROOT = Path(__file__).parents[2]


def test_every_command_of_the_tutorial_ends_well(tutorial: Any) -> None:
    ran = tutorial.ran
    assert [one.command.split()[1] for one in ran].count("generate") == 7
    assert [(one.command, one.stderr) for one in ran if one.status != 0] == []


def test_the_tutorial_leaves_the_files_that_it_names(tutorial: Any) -> None:
    folder = tutorial.folder
    for name in (
        "demo/index.html",
        *(f"case/{kind}/page-1.png" for kind in ("overlays", "found", "true", "fake")),
        "case/sheet.png",
        "case/signatures.csv",
        "case/record.json",
        *(f"case-with-specimens/{fake}/page-1.png" for fake in ("fake", "fake-2", "fake-3")),
        "spectra/spectra.png",
        "spectra/profiles.png",
        "comparison/comparison.json",
    ):
        assert (folder / name).stat().st_size > 0


def test_the_box_of_the_tutorial_holds_the_signature_that_the_finder_finds(
    tutorial: Any,
) -> None:
    folder = tutorial.folder
    found, given = (_first_row(folder / case / "signatures.csv") for case in ("case", "case-by-hand"))
    assert float(found["confidence"]) >= 0.5
    assert given["confidence"] == ""
    for near, size in (("left", "width"), ("top", "height")):
        assert int(given[near]) <= int(found[near]) + 10
        assert int(given[near]) + int(given[size]) >= int(found[near]) + int(found[size]) - 10


def test_the_units_of_the_tutorials_comparison_are_its_eight_writers(
    tutorial: Any,
) -> None:
    folder = tutorial.folder
    document = json.loads((folder / "comparison" / "comparison.json").read_text(encoding="utf-8"))
    assert (document["unit"], document["n_units"], document["n_true"]) == ("writer", 8, 40)
    assert document["smallest_p"] == 2 / 256


def test_the_excerpt_of_the_table_looks_like_the_table(tutorial: Any) -> None:
    ran = tutorial.ran
    printed = next(one.stdout for one in ran if one.command.startswith("sigforensics compare"))
    page = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    excerpt = re.search(r"```text\n(  cycles/pixel.*?)```", page, re.DOTALL)
    assert excerpt is not None
    titles = excerpt[1].splitlines()[0].split("  ")
    header = next(line for line in printed.splitlines() if "cycles/pixel" in line)
    assert [title.strip() for title in titles if title] == [
        cell.strip() for cell in header.strip("┃").split("┃")
    ]
    starred = "*: corrected p of at most 0.05; the conclusion rests on the whole. Permutations: 256 (all)"
    for words in ("independent units (writers).", starred):
        assert words in excerpt[1]
        assert words in printed


def test_the_commands_of_the_readme_do_what_it_says(
    tutorial: Any, run: Any, console_commands: Any, tmp_path: Path
) -> None:
    drawn = tutorial.folder / "demo" / "1-scans"
    shutil.copy(drawn / "pages" / "page-1.png", tmp_path / "contract.png")
    shutil.copytree(drawn / "signatures", tmp_path / "signatures")
    ran = [run(command, tmp_path) for command in console_commands(ROOT / "README.md")]
    assert [(one.command, one.stderr) for one in ran if one.status != 0] == []
    for name in ("out/true/contract.png", "out/fake/contract.png", "comparison/comparison.png"):
        assert (tmp_path / name).is_file()
    with Image.open(tmp_path / "out" / "fake" / "contract.png") as fake:
        assert fake.info["sigforensics:synthetic"] == "true"


def _first_row(table: Path) -> dict[str, str]:
    with table.open(newline="", encoding="utf-8") as stream:
        return next(csv.DictReader(stream))
