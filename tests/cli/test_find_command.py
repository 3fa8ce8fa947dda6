"""``sigforensics find``, as a user's script would call it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigforensics.extraction import Box

Run = Callable[..., Any]


@pytest.fixture
def scans(tmp_path: Path, drawn: Path) -> Path:
    """A folder with a page that bears two signatures, and one that bears none."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for name in ("print.png", "two.png"):
        shutil.copy(drawn / name, folder)
    return folder


def test_a_table_lists_the_candidates_of_every_page(sigforensics: Run, scans: Path) -> None:
    ran = sigforensics("find", scans, "-q")
    assert (ran.status, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == str(scans / "print.png")
    assert sum(line.endswith("accepted") for line in lines) == 2
    assert lines[-1].endswith("on 2 page(s), none on 1 of them.")


def test_json_has_the_fields_that_scripts_rely_on(sigforensics: Run, scans: Path) -> None:
    ran = sigforensics("find", scans / "two.png", "--json", "-", "-q")
    document = json.loads(ran.out)
    assert document["schema"] == "sigforensics-find/1"
    for one in document["candidates"]:
        assert one["file"] == str(scans / "two.png")
        assert one["page"] == 1
        assert all(isinstance(one[side], int) for side in ("left", "top", "width", "height"))
        assert one["kind"] in {"signature", "initials"}
        assert one["accepted"] is (one["confidence"] >= document["min_confidence"])
    best = [one["confidence"] for one in document["candidates"]]
    assert best == sorted(best, reverse=True)


def test_a_box_that_find_gives_is_one_that_generate_takes(
    sigforensics: Run, scanned_as: Run, tmp_path: Path, without_network: None, generator_file: Path
) -> None:
    path = scanned_as("side.png").path
    best = json.loads(sigforensics("find", path, "--json", "-", "-q").out)["candidates"][0]
    sides = ("left", "top", "width", "height")
    place = Box(*(best[side] for side in sides))
    common = ("generate", path, "--generator", generator_file, "-q", "-o")
    assert sigforensics(*common, tmp_path / "given", "--box", place).status == 0
    assert sigforensics(*common, tmp_path / "found").status == 0
    for name in ("given", "found"):
        with (tmp_path / name / "signatures.csv").open(newline="", encoding="utf-8") as stream:
            (row,) = csv.DictReader(stream)
        taken = Box(*(int(row[side]) for side in sides))
        assert taken == place.grown(4, 4, (2000, 2000))  # room for the soft borders of the strokes


def test_nothing_found_is_no_failure_unless_that_is_asked_for(sigforensics: Run, scans: Path) -> None:
    assert sigforensics("find", scans / "print.png", "-q").status == 0
    ran = sigforensics("find", scans / "print.png", "-q", "--json", "-", "--exit-on", "nothing")
    assert (ran.status, json.loads(ran.out)["pages"][0]["accepted"]) == (23, 0)
    assert sigforensics("find", scans, "-q", "--exit-on", "nothing").status == 0


def test_a_file_that_cannot_be_used_is_named_and_the_others_are_looked_at(
    sigforensics: Run, scans: Path, make_bad: Run
) -> None:
    bad = make_bad("empty", scans)
    ran = sigforensics("find", scans, "-q", "--json", "-")
    document = json.loads(ran.out)
    assert ran.status == 3
    assert [entry["status"] for entry in document["skipped"]] == [12]
    assert len(document["pages"]) == 2
    assert sigforensics("find", scans, "-q", "--strict").status == 12
    assert sigforensics("find", bad, "-q").status == 12


def test_a_file_of_no_use_gets_one_line(
    sigforensics: Run, unreadable: tuple[str, int], make_bad: Run
) -> None:
    kind, status = unreadable
    ran = sigforensics("find", make_bad(kind), "-q", "--json", "-")
    assert (ran.status, ran.out, len(ran.err.splitlines())) == (status, "", 1)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--dpi", "150,75"], 0),
        (["--dpi", "5"], 2),
        (["--dpi", "1,2,3"], 2),
        (["--dpi", "a"], 2),
        (["--as-is"], 2),
    ],
)
def test_options_that_cannot_be_are_refused(
    sigforensics: Run, scans: Path, options: list[str], status: int
) -> None:
    assert sigforensics("find", scans / "print.png", "-q", *options).status == status


def test_an_output_is_not_replaced_silently_nor_put_among_the_scans(
    sigforensics: Run, scans: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert sigforensics("find", scans / "print.png", "-q", "-o", out).status == 0
    assert sigforensics("find", scans / "print.png", "-q", "-o", out).status == 40
    assert sigforensics("find", scans / "print.png", "-q", "-o", out, "--overwrite").status == 0
    assert sigforensics("find", scans, "-q", "-o", scans / "out").status == 42


def test_an_evaluation_says_where_the_failures_are_if_there_are_any(
    sigforensics: Run, scans: Path, tmp_path: Path
) -> None:
    table = scans / "boxes.csv"
    table.write_text("file,label,left,top,width,height\nprint.png,none,,,,\n")
    ran = sigforensics("find", "--evaluate", table, "-o", tmp_path / "good", "-q")
    assert ran.status == 0
    assert (
        ran.out.splitlines()[-1]
        == f"No page has a miss or a false find. The record is in {tmp_path / 'good'}."
    )
    with table.open("a") as stream:
        stream.write("two.png,none,,,,\n")
    ran = sigforensics("find", "--evaluate", table, "-o", tmp_path / "bad", "-q")
    failures = tmp_path / "bad" / "failures"
    assert ran.out.splitlines()[-1] == f"Pages with a miss or a false find are in {failures}."
    assert len(list(failures.iterdir())) == 1
