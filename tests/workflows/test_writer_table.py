"""A table that says who wrote which image."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigforensics.errors import FileUnreadable, TableInvalid
from sigforensics.workflows.writer_table import writers_from_table


def table(folder: Path, text: str) -> Path:
    path = folder / "writers.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_files_are_named_alone_by_their_place_beside_the_table_or_in_full(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "c.png"
    lines = ["file,writer", "a.png,one", "sets/b.png,two", f"{elsewhere},three", "other.png,nobody"]
    paths = [tmp_path / "sets" / "a.png", tmp_path / "sets" / "b.png", elsewhere]
    assert writers_from_table(table(tmp_path, "\n".join(lines)), paths) == ["one", "two", "three"]


def test_a_place_goes_before_a_name_alone(tmp_path: Path) -> None:
    lines = "file,writer\na.png,one\nfake/a.png,two\n"
    paths = [tmp_path / "true" / "a.png", tmp_path / "fake" / "a.png"]
    assert writers_from_table(table(tmp_path, lines), paths) == ["one", "two"]


def test_other_columns_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    path = table(tmp_path, "\ufeffwriter,remark,file\n one ,left-handed, a.png \n")
    assert writers_from_table(path, [tmp_path / "a.png"]) == ["one"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("name,writer\na.png,one\n", "has no column file"),
        ("", "has no column file and no column writer"),
        ("file,writer\nb.png,one\n", "does not say who wrote .*a.png"),
        ("file,writer\na.png,\n", "line 2 lacks a file or its writer"),
        ("file,writer\na.png\n", "line 2 lacks a file or its writer"),
        ("file,writer\na.png,one\na.png,two\n", "line 3 gives a.png a second writer"),
    ],
)
def test_a_table_that_leaves_something_open_is_refused(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(TableInvalid, match=what):
        writers_from_table(table(tmp_path, text), [tmp_path / "a.png"])


def test_a_table_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "writers.csv"
    path.write_bytes(b"file,writer\n\xff\xfe,one\n")
    with pytest.raises(TableInvalid, match="no CSV table in UTF-8"):
        writers_from_table(path, [])


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match=r"absent\.csv"):
        writers_from_table(tmp_path / "absent.csv", [])
