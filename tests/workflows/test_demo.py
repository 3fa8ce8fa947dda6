"""The demo runs the whole chain, and everything on its page is there."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from pathlib import Path

import pytest
from PIL import Image

from sigforensics.errors import OutputExists
from sigforensics.settings import Demo
from sigforensics.workflows.demo import _restate_paths, demo

SMALL = Demo(writers=2, signatures=2, pages=2, page_dpi=150.0, signature_dpi=150.0)


def links(page: Path) -> set[str]:
    return set(re.findall(r'(?:href|src)="([^"]+)"', page.read_text(encoding="utf-8")))


def check_page_and_paths(folder: Path) -> None:
    """Every link leads to a file, every path and hash that a record states is true, and none is of the staging folder."""
    found = links(folder / "index.html")
    assert len(found) >= 10
    for link in found:
        assert (folder / link).is_file(), link
    assert "signed by an invented writer: 2." in (folder / "index.html").read_text(encoding="utf-8")
    records = list(folder.rglob("record.json"))
    assert len(records) == 6
    for path in records:
        record = json.loads(path.read_text(encoding="utf-8"))
        for entry in record["outputs"]:
            assert hashlib.sha256((path.parent / entry["path"]).read_bytes()).hexdigest() == entry["sha256"]
        for entry in record["inputs"]:
            assert Path(entry["path"]).is_relative_to(folder)
            assert hashlib.sha256(Path(entry["path"]).read_bytes()).hexdigest() == entry["sha256"]
    with (folder / "3-prepared" / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        assert all(Path(row["source"]).is_file() for row in csv.DictReader(stream))
    for path in (*folder.rglob("*.json"), *folder.rglob("*.csv")):
        assert f".{folder.name}." not in path.read_text(encoding="utf-8")


@pytest.mark.network
def test_the_demo_runs_the_chain_with_the_bundled_generator(tmp_path: Path) -> None:
    done = demo(tmp_path / "demo", settings=SMALL)
    assert (done.pages, done.found) == (2, 2)
    assert done.comparison.n_true == done.comparison.n_fake == 4
    assert done.comparison.unit == "writer"
    check_page_and_paths(tmp_path / "demo")
    record = json.loads((tmp_path / "demo" / "record.json").read_text(encoding="utf-8"))
    listed = {entry["path"]: entry["sha256"] for entry in record["outputs"]}
    there = {
        path.relative_to(tmp_path / "demo").as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (tmp_path / "demo").rglob("*")
        if path.is_file() and path != tmp_path / "demo" / "record.json"
    }
    assert listed == there
    with Image.open(next((tmp_path / "demo" / "1-scans" / "pages").iterdir())) as page:
        assert "not the hand of any person" in page.text["Description"]


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(OutputExists):
            demo(tmp_path, settings=SMALL, overwrite=overwrite)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_demo_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sigforensics.workflows.demo.generate", fail)
    with pytest.raises(KeyboardInterrupt):
        demo(tmp_path / "new" / "demo", settings=SMALL)
    assert list(tmp_path.iterdir()) == []


def test_the_demo_appears_under_its_name_when_it_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a demo that is killed leaves nothing there, and can be made again."""
    seen = []

    def look(*_: object, **__: object) -> None:
        seen.append((tmp_path / "demo").exists())
        raise KeyboardInterrupt

    monkeypatch.setattr("sigforensics.workflows.demo.generate", look)
    with pytest.raises(KeyboardInterrupt):
        demo(tmp_path / "demo", settings=SMALL)
    assert seen == [False]


def test_restated_paths_are_those_that_the_files_will_have_and_hashes_follow(tmp_path: Path) -> None:
    before, after = tmp_path / '.a "demo".x', tmp_path / 'a "demo"'
    before.mkdir()
    with (before / "t.csv").open("w", newline="") as stream:
        csv.writer(stream).writerow(["n", before / "1.png"])
    stated = hashlib.sha256((before / "t.csv").read_bytes()).hexdigest()
    for name in ("record.json", "a.json"):
        document = {"path": str(before / "t.csv"), "sha256": stated}
        (before / name).write_text(json.dumps(document), encoding="utf-8")
    _restate_paths(before, before, after)
    with (before / "t.csv").open(newline="") as stream:
        assert next(csv.reader(stream)) == ["n", str(after / "1.png")]
    expected = hashlib.sha256((before / "t.csv").read_bytes()).hexdigest()
    for name in ("record.json", "a.json"):
        found = json.loads((before / name).read_text(encoding="utf-8"))
        assert found == {"path": str(after / "t.csv"), "sha256": expected}
