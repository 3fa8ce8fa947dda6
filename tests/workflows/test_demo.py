"""The demo runs the whole chain, and everything on its page is there."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from PIL import Image

from sigforensics.errors import OutputExists
from sigforensics.settings import Demo
from sigforensics.workflows.demo import demo

SMALL = Demo(writers=2, signatures=2, pages=2, page_dpi=150.0, signature_dpi=150.0)


def links(page: Path) -> set[str]:
    return set(re.findall(r'(?:href|src)="([^"]+)"', page.read_text(encoding="utf-8")))


@pytest.mark.network
def test_the_demo_runs_the_chain_with_the_bundled_generator(tmp_path: Path) -> None:
    done = demo(tmp_path / "demo", settings=SMALL)
    assert (done.pages, done.found) == (2, 2)
    assert done.compared.comparison.n_true == done.compared.comparison.n_fake == 4
    assert done.compared.comparison.unit == "writer"
    found = links(tmp_path / "demo" / "index.html")
    assert len(found) >= 10
    for link in found:
        assert (tmp_path / "demo" / link).is_file(), link
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
