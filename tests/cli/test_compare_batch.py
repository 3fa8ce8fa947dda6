"""``sigforensics compare --batch``, as a laboratory's script would call it."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigforensics import errors

Run = Callable[..., Any]


@pytest.fixture
def batch(sigforensics: Run, tmp_path: Path) -> Run:
    """``compare --batch`` into ``results``, with few permutations, in this process."""
    return lambda table, *more: sigforensics(
        "compare",
        "-q",
        "--permutations",
        19,
        "--jobs",
        1,
        "--batch",
        table,
        "-o",
        tmp_path / "results",
        *more,
    )


@pytest.fixture
def table(tmp_path: Path, flat_sets: Path) -> Path:
    """Three cases, the second of which fails."""
    rows = [("back", "fake", "true"), ("lost", "true", "missing"), ("other", "true", "fake")]
    path = tmp_path / "cases.csv"
    with path.open(
        "w", newline="", encoding="utf-8-sig"
    ) as stream:  # with the mark that spreadsheets put first
        writer = csv.writer(stream)
        writer.writerow(["case", "true", "fake"])
        writer.writerows([case, flat_sets / true, flat_sets / fake] for case, true, fake in rows)
    return path


def test_every_case_has_a_line_and_a_row_and_a_failing_one_gives_the_status(
    batch: Run, table: Path, tmp_path: Path
) -> None:
    ran = batch(table, "--json", "-")
    assert ran.status == errors.SkippedInputs.status
    assert "of 3 case(s), 1 failed" in ran.err
    found = json.loads(ran.out)
    statuses = {"back": 0, "lost": errors.FileUnreadable.status, "other": 0}
    assert found["statuses"] == statuses
    lines = [json.loads(line) for line in (tmp_path / "results" / "cases.jsonl").read_text().splitlines()]
    assert [line["case"] for line in lines] == list(statuses)
    assert lines[2]["comparison"]["n_permutations"] == 19
    with (tmp_path / "results" / "cases.csv").open(newline="") as stream:
        assert {row["case"]: int(row["status"]) for row in csv.DictReader(stream)} == statuses


def test_a_batch_goes_on_when_what_was_missing_is_there(
    batch: Run, table: Path, tmp_path: Path, flat_sets: Path
) -> None:
    batch(table)
    table.write_text(table.read_text().replace("missing", "fake"))
    ran = batch(table, "--resume")
    assert (ran.status, ran.err) == (0, "")
    assert "3 case(s)" in ran.out
    assert not (flat_sets / "missing").exists()


def test_cases_come_from_stdin(
    batch: Run, flat_sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"case,true,fake\nonly,{flat_sets / 'true'},{flat_sets / 'fake'}\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    assert batch("-").status == 0
    assert json.loads((tmp_path / "results" / "cases.jsonl").read_text())["case"] == "only"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--batch", "cases.csv"], "needs --output"),
        (["a", "b", "--batch", "cases.csv", "-o", "out"], "not both"),
        (["--batch", "cases.csv", "-o", "out", "--csv", "bands.csv"], "for a single comparison"),
        (["--batch", "cases.csv", "-o", "out", "--exit-on", "difference"], "for a single comparison"),
        (["a", "b", "--resume"], "or with --batch"),
        (["a"], "give two folders"),
        ([], "give two folders"),
    ],
)
def test_a_command_line_that_is_neither_one_comparison_nor_a_batch_is_refused(
    sigforensics: Run, arguments: list[str], said: str
) -> None:
    ran = sigforensics("compare", *arguments)
    assert ran.status == 2
    assert said in ran.err


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"case,true,fake\n\xff,a,b\n", errors.TableInvalid.status), (None, errors.FileUnreadable.status)],
)
def test_a_table_that_cannot_be_read_is_named(
    batch: Run, tmp_path: Path, content: bytes | None, status: int
) -> None:
    path = tmp_path / "cases.csv"
    if content is not None:
        path.write_bytes(content)
    ran = batch(path)
    assert ran.status == status
    assert ran.err.startswith(f"sigforensics: {path}")
    assert not (tmp_path / "results").exists()
