"""Records say what went in and what came out, and are JSON whatever the values are."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest

from sigforensics.errors import FileUnreadable, TableInvalid
from sigforensics.provenance import (
    Record,
    file_sha256,
    printable,
    read_record,
    to_json,
    versions,
    write_record,
)
from sigforensics.settings import Demo


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = Record(
        command="test",
        arguments={"scans": [Path("a.png")]},
        settings={"demo": Demo()},
        skipped=[{"path": "b.png", "reason": "is empty", "status": 12}],
        results={"mean": np.float64(0.5), "counts": np.arange(2), "unknown": float("nan")},
    )
    write_record(tmp_path, record)
    found = read_record(tmp_path)
    assert found["arguments"] == {"scans": ["a.png"]}
    assert found["settings"]["demo"]["writers"] == Demo().writers
    assert found["skipped"][0]["status"] == 12
    assert found["results"] == {"mean": 0.5, "counts": [0, 1], "unknown": None}
    assert found["versions"] == versions()


def test_outputs_are_listed_by_name_with_their_hashes(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("b", "sub/a"):
        (tmp_path / name).write_text(name)
    record = Record(command="test")
    record.add_outputs(tmp_path, [tmp_path / "sub/a", tmp_path / "b"])
    assert [entry["path"] for entry in record.outputs] == ["b", "sub/a"]
    assert record.outputs[0]["sha256"] == hashlib.sha256(b"b").hexdigest()


def test_infinities_and_no_numbers_become_null() -> None:
    assert to_json([float("inf"), -float("inf"), np.float32("nan"), 1.5]) == [None, None, None, 1.5]


def test_dataclasses_arrays_and_sets_become_what_json_knows() -> None:
    found = to_json(
        {"demo": Demo(writers=3), "image": np.eye(2, dtype=np.float32), 7: {"b", "a", "c"}, "none": None}
    )
    assert found["demo"]["writers"] == 3
    assert found["image"] == [[1, 0], [0, 1]]
    assert found["7"] == ["a", "b", "c"]
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_file_names_that_are_no_unicode_are_written_out(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    assert printable(name) == "caf\\udce9.png"
    write_record(tmp_path, Record(command="test", arguments={name: Path(name)}))
    assert read_record(tmp_path)["arguments"] == {"caf\\udce9.png": "caf\\udce9.png"}
    assert printable("Käthe 签名") == "Käthe 签名"


def test_a_file_that_is_not_there_has_no_hash(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable):
        file_sha256(tmp_path / "missing")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "other/1"}', json.dumps({"schema": 1})])
def test_what_is_no_record_is_not_taken_for_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "record.json").write_text(text)
    with pytest.raises(TableInvalid):
        read_record(tmp_path)


def test_a_folder_without_a_record_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="give a folder that sigforensics made"):
        read_record(tmp_path)


def test_inputs_may_come_one_by_one(tmp_path: Path) -> None:
    entries = [{"path": f"{number}.png", "sha256": "0" * 64} for number in range(3)]
    write_record(tmp_path, Record(command="test", inputs=iter(entries)))
    assert read_record(tmp_path)["inputs"] == entries
