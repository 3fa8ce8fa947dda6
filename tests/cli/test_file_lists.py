"""Lists of files in the place of folders."""

from __future__ import annotations

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
def lists(tmp_path: Path, flat_sets: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Lists of the true and the fake images, in the current folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("true", "fake"):
        paths = sorted((flat_sets / name).iterdir())
        Path(f"{name}.txt").write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
    return "@true.txt", "@fake.txt"


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Puts something on standard input."""
    return lambda data: monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


QUICK = ("-q", "--permutations", 19, "--no-map")


def figures(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in ("true", "fake")}


def test_lists_give_what_their_folders_give(
    sigforensics: Run, lists: tuple[str, str], flat_sets: Path, stdin: Callable[[bytes], None]
) -> None:
    folders = flat_sets / "true", flat_sets / "fake"
    expected = json.loads(sigforensics("compare", *QUICK, *folders, "--json", "-").out)
    found = json.loads(sigforensics("compare", *QUICK, *lists, "--json", "-").out)
    assert (found["true"], found["fake"], found["unit"]) == ("@true.txt", "@fake.txt", "pair")
    assert figures(found) == figures(expected)
    stdin(b"\0".join(bytes(path) for path in sorted(folders[1].iterdir())) + b"\0")
    ran = sigforensics("compare", *QUICK, folders[0], "@-", "--json", "-")
    assert figures(json.loads(ran.out)) == figures(expected)


def test_the_record_names_list_and_files(sigforensics: Run, lists: tuple[str, str]) -> None:
    assert sigforensics("compare", *QUICK, *lists, "-o", "out").status == 0
    record = json.loads(Path("out/record.json").read_text(encoding="utf-8"))
    assert record["arguments"] == {"true": "@true.txt", "fake": "@fake.txt"}
    assert len({entry["path"] for entry in record["inputs"]}) == 12


def test_spectra_take_lists(sigforensics: Run, lists: tuple[str, str], flat_sets: Path) -> None:
    ran = sigforensics(
        "spectra", "-q", "--bands", 8, "--true", flat_sets / "true", "--set", f"some={lists[1]}", "-o", "out", "--json", "-"
    )  # fmt: skip
    assert ran.status == 0, ran.err
    sets = json.loads(ran.out)["sets"]
    assert (sets["some"]["folder"], sets["some"]["n"]) == ("@fake.txt", 6)


@pytest.mark.parametrize("command", ["compare", "spectra"])
def test_a_list_is_given_once(
    command: str, sigforensics: Run, lists: tuple[str, str], stdin: Callable[[bytes], None]
) -> None:
    stdin(b"a\nb\n")
    for name in (lists[0], "@-"):
        options = [name, name] if command == "compare" else ["--true", name, "--fake", name, "-o", "out"]
        ran = sigforensics(command, "-q", *options)
        assert ran.status == 2
        assert f"{name} is given 2 times" in ran.err


def test_a_missing_file_of_a_list_is_named_with_its_line(sigforensics: Run, lists: tuple[str, str]) -> None:
    with Path("fake.txt").open("a", encoding="utf-8") as stream:
        stream.write("lost.png\n")
    ran = sigforensics("compare", *QUICK, *lists)
    assert ran.status == errors.FileUnreadable.status
    assert "@fake.txt line 7: lost.png" in ran.err


def test_no_output_replaces_a_list_or_what_it_names(
    sigforensics: Run, lists: tuple[str, str], flat_sets: Path
) -> None:
    for target in ("fake.txt", flat_sets / "fake" / "00.png"):
        ran = sigforensics("compare", *QUICK, *lists, "--csv", target, "--overwrite")
        assert ran.status == errors.OutputHoldsInputs.status


def test_a_folder_whose_name_begins_so_is_reached_by_its_path(
    sigforensics: Run, lists: tuple[str, str], flat_sets: Path
) -> None:
    Path("@true").symlink_to(flat_sets / "true")
    ran = sigforensics("compare", *QUICK, "./@true", lists[1], "--json", "-")
    assert json.loads(ran.out)["n_true"] == 6
    assert sigforensics("compare", *QUICK, "@true", lists[1]).status == errors.FileUnreadable.status


def test_cases_of_a_batch_may_be_lists_beside_the_table(sigforensics: Run, lists: tuple[str, str]) -> None:
    for name in ("true.txt", "fake.txt"):
        (Path("tables") / name).parent.mkdir(exist_ok=True)
        Path(name).rename(Path("tables") / name)
    rows = ["case,true,fake", "one,@true.txt,@fake.txt", "two,@true.txt,@lost.txt"]
    Path("tables/cases.csv").write_text("\n".join(rows), encoding="utf-8")
    ran = sigforensics("compare", *QUICK, "--batch", "tables/cases.csv", "-o", "out", "--jobs", 1)
    assert ran.status == errors.SkippedInputs.status
    lines = [json.loads(line) for line in Path("out/cases.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["status"] for line in lines] == [0, errors.FileUnreadable.status]
    assert lines[0]["comparison"]["n_fake"] == 6
    Path("tables/cases.csv").write_text("case,true,fake\none,@true.txt,@-\n", encoding="utf-8")
    ran = sigforensics("compare", "-q", "--batch", "tables/cases.csv", "-o", "again")
    assert ran.status == errors.TableInvalid.status
