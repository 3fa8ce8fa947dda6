"""Every field of the JSON documents is described, and every description belongs to a field."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.network
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "compare-json.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([^`]+)` \| ([^|]+) \|", re.MULTILINE)
KINDS = {
    "text": str,
    "integer": int,
    "number": (int, float),
    "true or false": bool,
    "object": dict,
    "list": list,
    "null": type(None),
}


def described(heading: str) -> dict[str, str]:
    """Field to type, of one section of the page."""
    return dict(ROW.findall(PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]))


def fields(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every field within a document with its value."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for name, item in value.items():
            yield from fields(item, f"{path}.{name}" if path else name)
    if isinstance(value, list):
        for item in value:
            yield from fields(item, f"{path}[]")


def has_type(value: Any, stated: str) -> bool:
    """Whether a value is of the type that the page states: ``number or null``, ``list of text``."""
    choices = [stated] if stated == "true or false" else stated.split(" or ")
    kinds = [KINDS[choice.partition(" of ")[0]] for choice in choices]
    return any(isinstance(value, kind) and (kind is bool or value is not True) for kind in kinds)


def check(heading: str, documents: Sequence[dict[str, Any]], *, open_fields: Sequence[str] = ()) -> None:
    """Hold documents of one kind against their description, both ways."""
    rows = described(heading)
    patterns = {name: re.compile(re.escape(name).replace("NAME", r"[^.\[]+") + "$") for name in rows}
    met = set()
    for document in documents:
        for path, value in fields(document):
            if any(path.startswith((f"{name}.", f"{name}[")) for name in open_fields):
                continue
            name = next((name for name, pattern in patterns.items() if pattern.match(path)), None)
            assert name is not None, f"{path} is not described"
            assert has_type(value, rows[name].strip()), f"{path} is {value!r}, not {rows[name]}"
            met.add(name)
    assert set(rows) - met == set(), "described, but never met"


@pytest.fixture
def document(run: Any) -> Callable[..., dict[str, Any]]:
    """What a command writes with ``--json -``."""

    def get(command: str, folder: Path, *, status: int = 0) -> dict[str, Any]:
        ran = run(command, folder)
        assert ran.status == status, ran.stderr
        result: dict[str, Any] = json.loads(ran.stdout)
        return result

    return get


@pytest.fixture(scope="module")
def damaged(tutorial: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn material with a broken file among each kind of input."""
    folder = tmp_path_factory.mktemp("damaged")
    source = tutorial.folder
    for kind in ("true", "fake"):
        shutil.copytree(source / "sets" / kind, folder / kind)
        (folder / kind / "broken.png").write_bytes(b"no image")
    shutil.copytree(source / "demo" / "1-scans" / "signatures", folder / "signatures")
    (folder / "signatures" / "writer-1" / "broken.png").write_bytes(b"no image")
    (folder / "scans").mkdir()
    for path in sorted((folder / "signatures" / "writer-2").iterdir())[:1]:
        shutil.copy(path, folder / "scans")
    (folder / "scans" / "broken.png").write_bytes(b"no image")
    (folder / "binary").mkdir()
    Image.fromarray(np.eye(64, dtype=np.uint8) * 255).save(folder / "binary" / "line.png")
    few = folder / "few"
    for kind in ("true", "fake"):
        (few / kind).mkdir(parents=True)
        for path in sorted((source / "sets" / kind).iterdir())[:3]:
            shutil.copy(path, few / kind)
    return folder


def test_compare(damaged: Path, document: Any) -> None:
    documents = [
        document("sigforensics compare true fake --json -", damaged, status=3),
        document("sigforensics compare few/true few/fake --json -", damaged),  # too few for a control
    ]
    assert documents[1]["control"] is None
    check("sigforensics-compare/1", documents)


def test_batches(damaged: Path, document: Any) -> None:
    table = "case,true,fake\nfew,few/true,few/fake\nlost,few/true,missing\n"
    (damaged / "cases.csv").write_text(table, encoding="utf-8")
    command = "sigforensics compare --batch cases.csv -o results --permutations 19 --jobs 1 --json -"
    check("sigforensics-compare-batch/1", [document(command, damaged, status=3)])
    lines = (damaged / "results" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    check("sigforensics-batch/1", [json.loads(line) for line in lines], open_fields=["comparison"])


def test_spectra(damaged: Path, document: Any) -> None:
    documents = [
        document("sigforensics spectra --true true --fake fake -o spectra --json -", damaged, status=3),
        document("sigforensics spectra --true binary -o binary-spectra --json -", damaged),  # with a note
    ]
    check("sigforensics-spectra/1", documents)


def test_find(damaged: Path, tutorial: Any, document: Any) -> None:
    shutil.copy(tutorial.folder / "demo" / "1-scans" / "pages" / "page-1.png", damaged / "scans")
    documents = [
        document("sigforensics find scans --json -", damaged, status=3),
        document("sigforensics find scans/page-1.png -o crops --json -", damaged),
    ]
    (damaged / "scans" / "page-1.png").unlink()
    check("sigforensics-find/1", documents)


def test_an_evaluation_of_the_finder(tutorial: Any, tmp_path: Path, document: Any) -> None:
    pages = tutorial.folder / "demo" / "1-scans" / "pages"
    shutil.copytree(pages, tmp_path / "pages")
    rows = (
        "file,label,left,top,width,height\npages/page-1.png,signature,1,2,300,40\npages/page-2.png,none,,,,\n"
    )
    (tmp_path / "boxes.csv").write_text(rows, encoding="utf-8")
    documents = [document("sigforensics find --evaluate boxes.csv --json - -q", tmp_path)]
    check("sigforensics-find-evaluation/1", documents)


def test_generate(damaged: Path, document: Any) -> None:
    command = "sigforensics generate scans -o forged --json -"
    check("sigforensics-generate/1", [document(command, damaged, status=3)])


def test_generators(damaged: Path, document: Any) -> None:
    options = "--size 16 --canny 10 20 --split sample --writers writer-1 --json -"
    document(f"sigforensics prepare signatures -o little {options}", damaged, status=3)
    options = "--epochs 1 --preset pix2pix-l1 --multiplier 1 --discriminator-multiplier 1 --json -"
    document(f"sigforensics train little -o plain {options}", damaged)
    documents = [document(f"sigforensics generators {name}--json -", damaged) for name in ("", "plain ")]
    content = [f"generators[].{name}" for name in ("network", "preprocessing", "training")]
    check("sigforensics-generators/1", documents, open_fields=content)


def test_prepare_and_train(damaged: Path, document: Any) -> None:
    options = "--size 16 --canny 10 20 --split writer --validation-writers writer-2 --specimens 1 --json -"
    command = f"sigforensics prepare signatures -o small {options}"
    check("sigforensics-prepare/1", [document(command, damaged, status=3)])
    options = "--size 16 --epochs 1 --multiplier 1 --spade-width 1 --discriminator-multiplier 1 --json -"
    check("sigforensics-train/1", [document(f"sigforensics train small -o model {options}", damaged)])


def test_refine(damaged: Path, document: Any) -> None:
    options = "--size 16 --canny 10 20 --split sample --writers writer-1 --json -"
    document(f"sigforensics prepare signatures -o coarse {options}", damaged, status=3)
    options = "--epochs 1 --multiplier 1 --spade-width 1 --discriminator-multiplier 1 --json -"
    document(f"sigforensics train coarse -o drawing {options}", damaged)
    command = "sigforensics refine coarse --generator drawing -o grained --steps 2 --width 1 --json -"
    check("sigforensics-refine/1", [document(command, damaged)])


def test_record(tutorial: Any) -> None:
    names = ("demo", "case", "found", "data", "sets", "spectra", "comparison")
    records = [
        json.loads((tutorial.folder / name / "record.json").read_text(encoding="utf-8")) for name in names
    ]
    content = ("versions", "arguments", "settings", "inputs", "outputs", "skipped", "notes", "results")
    check("record.json", records, open_fields=content)
