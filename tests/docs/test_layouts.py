"""The folders, tables and arrays that the method page describes are those that the commands make."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.network
ROOT = Path(__file__).parents[2]
METHOD = (ROOT / "docs" / "method.md").read_text(encoding="utf-8")
MADE = {
    "demo": "demo",
    "find": "found",
    "generate": "case",
    "prepare": "data",
    "spectra": "spectra",
    "compare": "comparison",
}


def section(command: str) -> str:
    return METHOD.partition(f"### `{command}`\n")[2].partition("\n##")[0]


@pytest.mark.parametrize(("command", "folder"), MADE.items())
def test_everything_in_a_folder_is_in_its_layout(command: str, folder: str, tutorial: Any) -> None:
    block = re.search(r"```text\n(.*?)```", section(command), re.DOTALL)
    assert block is not None
    described = {entry.partition("/")[0] for line in block[1].splitlines() for entry in line.split("  ")}
    made = {path.name for path in (tutorial.folder / folder).iterdir()}
    assert made - described == set()


@pytest.mark.parametrize(
    ("command", "table"),
    [
        ("find", "found/candidates.csv"),
        ("generate", "case/signatures.csv"),
        ("generate", "sets/signatures.csv"),
        ("prepare", "data/manifest.csv"),
        ("spectra", "spectra/profiles.csv"),
        ("compare", "comparison/audit.csv"),
        ("compare", "comparison/bands.csv"),
    ],
)
def test_every_column_is_described(command: str, table: str, tutorial: Any) -> None:
    with (tutorial.folder / table).open(newline="", encoding="utf-8") as stream:
        columns = next(csv.reader(stream))
    assert len(columns) > 3
    assert [column for column in columns if f"`{column}`" not in section(command)] == []


def test_every_column_of_the_log_of_a_training_is_described() -> None:
    from sigforensics.gan.training import TRAINING_COLUMNS
    from sigforensics.workflows.validating import VALIDATION_COLUMNS

    described = METHOD.partition("## 9. Training\n")[2].partition("\n## ")[0]
    columns = [*TRAINING_COLUMNS, *VALIDATION_COLUMNS, "warnings"]
    assert [column for column in columns if f"`{column}`" not in described] == []


def test_every_array_of_the_spectra_is_described(tutorial: Any) -> None:
    with np.load(tutorial.folder / "spectra" / "spectra.npz") as arrays:
        names = {re.sub(r"^(true|fake)_", "", name) for name in arrays.files}
    assert [name for name in names if f"`{name}`" not in section("spectra")] == []
