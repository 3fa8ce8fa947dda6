"""What is known of the chains that two sets went through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sigforensics.provenance import file_sha256
from sigforensics.workflows.chains import SAME, UNKNOWN, chain_notes, one_chain, source_notes
from sigforensics.workflows.sets import ImageSet

NO_SPECTRUM: Any = None


def image_set(folder: Path) -> ImageSet:
    paths = tuple(sorted(folder.iterdir()))
    return ImageSet(folder, paths, tuple(map(file_sha256, paths)), NO_SPECTRUM, (), ())


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A folder as a run of ``generate`` leaves it."""
    outputs = []
    for kind in ("true", "fake"):
        (tmp_path / "run" / kind).mkdir(parents=True)
        for name in ("a.png", "b.png"):
            path = tmp_path / "run" / kind / name
            path.write_text(f"{kind} {name}")
            outputs.append({"path": f"{kind}/{name}", "sha256": file_sha256(path)})
    write_record(tmp_path / "run", outputs=outputs)
    return tmp_path / "run"


def write_record(folder: Path, **changes: object) -> None:
    path = folder / "record.json"
    before = json.loads(path.read_text()) if path.exists() else {}
    document = {"schema": "sigforensics-record/1", "command": "generate"} | before | changes
    path.write_text(json.dumps(document))


def notes(run: Path, true: str = "true", fake: str = "fake") -> tuple[str, ...]:
    return chain_notes(image_set(run / true), image_set(run / fake))


def test_two_sets_of_one_run_went_through_one_chain(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert notes(run) == (SAME,)
    assert one_chain(image_set(run / "true"), image_set(run / "fake"))
    monkeypatch.chdir(run / "true")
    assert chain_notes(image_set(Path()), image_set(Path("../fake"))) == (SAME,)


def test_some_of_the_images_of_a_run_are_of_that_run(run: Path) -> None:
    (run / "true" / "b.png").unlink()
    assert notes(run) == (SAME,)


def test_an_image_that_was_changed_or_added_since_breaks_the_chain(run: Path) -> None:
    (run / "fake" / "c.png").write_text("new")
    assert notes(run) == (UNKNOWN,)
    assert not one_chain(image_set(run / "true"), image_set(run / "fake"))
    (run / "fake" / "c.png").unlink()
    (run / "fake" / "b.png").write_text("changed")
    assert notes(run) == (UNKNOWN,)


@pytest.mark.parametrize("changes", [{"command": "prepare"}, {"schema": "other/1"}, {"outputs": []}])
def test_a_record_of_something_else_shows_nothing(run: Path, changes: dict[str, object]) -> None:
    write_record(run, **changes)
    assert notes(run) == (UNKNOWN,)


def test_sets_of_two_runs_show_nothing(run: Path, tmp_path: Path) -> None:
    run.rename(tmp_path / "one")
    (tmp_path / "two").mkdir()
    for path in (tmp_path / "one" / "record.json",):
        (tmp_path / "two" / "record.json").write_text(path.read_text())
    (tmp_path / "one" / "fake").rename(tmp_path / "two" / "fake")
    assert notes(tmp_path, "one/true", "two/fake") == (UNKNOWN,)


def test_sources_of_two_grey_levels_are_pointed_out(run: Path) -> None:
    write_record(run, results={"two_level_sources": 2})
    same, levels = notes(run)
    assert (same, levels.startswith("2 true images")) == (SAME, True)


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ("two_level_sources", "scans of two grey levels"),
        ("heavy_jpeg_sources", "heavily compressed JPEG"),
    ],
)
def test_a_set_alone_says_what_it_was_made_from(run: Path, field: str, what: str) -> None:
    true = image_set(run / "true")
    assert source_notes(true) == ()
    write_record(run, results={field: 3})
    (note,) = source_notes(true)
    assert note.startswith(f"3 true images were made from {what}")
    assert notes(run) == (SAME, note)
    (run / "true" / "a.png").write_text("changed")
    assert source_notes(image_set(run / "true")) == ()
