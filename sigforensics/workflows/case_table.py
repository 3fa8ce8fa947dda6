"""The tables of a batch: which two sets each case compares, and what came of it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from sigforensics.errors import TableInvalid
from sigforensics.scans import ListName
from sigforensics.settings import UnitChoice

__all__ = ["COLUMNS", "Case", "read_cases", "table_row"]

NEEDED = ("case", "true", "fake")
"""Columns that a table must have."""
FIGURES = (
    "n_true", "n_fake", "unit", "n_units", "smallest_p", "auc", "auc_low", "auc_high", "control_percentile", "control_statistic",
    "conclusion",
)  # fmt: skip
"""What a row of ``cases.csv`` takes over from the comparison's document."""
BAND = ("low", "high", "difference_nats", "ci_low", "ci_high", "p_corrected")
"""... and of the band that differs most clearly: lowest corrected p, then largest effect size, as in the conclusion."""
MAP = ("found", "found_fdr")
"""... and of the map of single frequencies."""
COLUMNS = (
    *NEEDED, "status", "error", *FIGURES, "whole_p", "control_n_different", *(f"band_{name}" for name in BAND),
    *(f"map_{name}" for name in MAP),
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """Two sets that are to be compared."""

    name: str
    true: Path | ListName
    fake: Path | ListName
    unit: UnitChoice | None
    """Of independence; that of the whole batch if None."""
    row: Mapping[str, str]
    """The row of the table, further columns included."""


def read_cases(path: Path, text: str) -> list[Case]:
    """The cases of a CSV table with the columns ``case``, ``true``, ``fake``, and if need be ``unit`` and others.

    Parameters
    ----------
    path : Path
        Of the table: relative folders are looked for from where it lies; ``-`` stands for the working directory.
    text : str

    Raises
    ------
    TableInvalid
        If a column or a value is missing, a name comes twice, or the unit is none.
    """
    reader = csv.DictReader(io.StringIO(text))
    missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise TableInvalid(
            path, f"has no column {', '.join(missing)}", f"give the columns {', '.join(NEEDED)}"
        )
    cases = [_case(path, reader.line_num, row) for row in reader]
    twice = [name for name, count in Counter(case.name for case in cases).items() if count > 1]
    if twice:
        raise TableInvalid(
            path, f"has the case {twice[0]!r} more than once", "give each case a name of its own"
        )
    if not cases:
        raise TableInvalid(path, "has no cases", "give a row for each")
    return cases


def _case(path: Path, line: int, row: dict[str | None, Any]) -> Case:
    where = f"{path} line {line}"
    if None in row or None in row.values():
        raise TableInvalid(where, "does not have as many fields as the header", "correct that line")
    values = {str(name): str(value).strip() for name, value in row.items()}
    empty = [name for name in NEEDED if not values[name]]
    if empty:
        raise TableInvalid(where, f"has no {', '.join(empty)}", "correct that line")
    unit = values.get("unit") or None
    if unit is not None and unit not in get_args(UnitChoice):
        raise TableInvalid(
            where, f"has the unit {unit!r}", f"give {', '.join(get_args(UnitChoice))}, or nothing"
        )
    base = Path() if path == Path("-") else path.parent
    true, fake = (_source(where, base, values[name]) for name in ("true", "fake"))
    return Case(values["case"], true, fake, cast("UnitChoice | None", unit), values)


def _source(where: str, base: Path, text: str) -> Path | ListName:
    if not text.startswith("@"):
        return base / text
    if text == "@-":
        raise TableInvalid(where, "names standard input", "name a file with the list")
    return ListName(base / text[1:])


def table_row(line: Mapping[str, Any]) -> dict[str, Any]:
    """What a line is in the table; empty where there is no comparison or no such figure."""
    row = {name: line["row"][name] for name in NEEDED} | {name: line[name] for name in ("status", "error")}
    found = line["comparison"]
    if found is None:
        return row
    clearest = min(found["bands"], key=lambda band: (band["p_corrected"], -abs(band["effect_size"] or 0.0)))
    figures = {name: found.get(name) for name in FIGURES}
    whole = {
        "whole_p": found["whole"]["p"],
        "control_n_different": (found["control"] or {}).get("n_different"),
    }
    single = found.get("map") or {}
    mapped = {f"map_{name}": single.get(name) for name in MAP}
    return row | figures | whole | {f"band_{name}": clearest[name] for name in BAND} | mapped
