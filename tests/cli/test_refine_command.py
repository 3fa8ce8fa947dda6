"""``sigforensics refine`` as a command: what it prints, refuses and leaves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigforensics import errors
from sigforensics.gan.bundled import DEFAULT

Run = Callable[..., Any]


@pytest.fixture
def prepared(sigforensics: Run, drawn: Path, tmp_path: Path) -> Path:
    """Three signatures of one writer, prepared with 128 pixels, for the tiny generator."""
    (tmp_path / "corpus" / "writer-1").mkdir(parents=True)
    for path in (drawn / "signatures").glob("writer-1_*.png"):
        shutil.copy(path, tmp_path / "corpus" / "writer-1")
    shares = ("--split", "sample", "--validation", 0, "--testing", 0)
    ran = sigforensics("prepare", tmp_path / "corpus", "-o", tmp_path / "data", "--size", 128, *shares, "-q")
    assert ran.status == 0, ran.err
    return tmp_path / "data"


def test_help_says_what_comes_out_and_which_figures_are_the_defaults(sigforensics: Run) -> None:
    ran = sigforensics("refine", "--help")
    assert ran.status == 0
    for text in (
        "generator.safetensors",
        "--resume",
        "[default: 8000",
        "[default: 24",
        f"[default: {DEFAULT}]",
    ):
        assert text in ran.out


@pytest.mark.network
def test_refine_prints_one_json_document_and_goes_on_only_if_that_is_said(
    prepared: Path, sigforensics: Run, tmp_path: Path, generator_file: Path
) -> None:
    command = (
        "refine", prepared, "--generator", generator_file, "-o", tmp_path / "refined", "--steps", 2, "--width", 2,
    )  # fmt: skip
    ran = sigforensics(*command, "--json", "-", "-q")
    assert (ran.status, ran.err) == (0, "")
    found = json.loads(ran.out)
    assert list(found) == ["schema", "model", "sha256", "steps", "log"]
    assert (found["schema"], found["steps"]) == ("sigforensics-refine/1", 2)
    assert [row["steps"] for row in found["log"]] == [2]
    assert found["model"] == str(tmp_path / "refined" / "generator.safetensors")
    assert Path(found["model"]).is_file()

    assert sigforensics(*command, "-q").status == errors.OutputExists.status
    again = sigforensics(*command, "--resume", "--half", "--json", tmp_path / "refined.json", "-q")
    assert (again.status, again.out) == (0, f"2 steps; the generator is {found['model']}.\n")
    document = json.loads((tmp_path / "refined.json").read_text(encoding="utf-8"))
    assert document["log"] == found["log"]
    assert document["sha256"] != found["sha256"]
    other = sigforensics(*command, "--resume", "--seed", 5, "-q")
    assert other.status == errors.ModelInvalid.status
    assert "graining.seed" in other.err

    shown = sigforensics("generators", tmp_path / "refined", "--json", "-")
    (entry,) = json.loads(shown.out)["generators"]
    assert (entry["network"]["grain_width"], entry["sha256"]) == (2, document["sha256"])


def test_what_cannot_be_refined_ends_with_the_status_of_its_error(
    prepared: Path, sigforensics: Run, tmp_path: Path, generator_file: Path
) -> None:
    given = {"data": prepared, "--generator": generator_file, "-o": tmp_path / "refined"}
    for changes, error in (
        ({"data": tmp_path / "corpus"}, errors.FileUnreadable),
        ({"--generator": "no-such-generator"}, errors.GeneratorUnknown),
        ({"--generator": prepared / "manifest.csv"}, errors.ModelInvalid),
        ({"-o": prepared / "refined"}, errors.OutputHoldsInputs),
        ({"-o": tmp_path / "corpus"}, errors.OutputExists),
    ):
        options = {**given, **changes}
        data = options.pop("data")
        ran = sigforensics("refine", data, *(part for pair in options.items() for part in pair), "-q")
        assert ran.status == error.status, ran.err
        assert len(ran.err.splitlines()) == 1
    assert not (tmp_path / "refined").exists()


def test_a_corpus_of_another_size_is_refused(
    prepared: Path, sigforensics: Run, tmp_path: Path, generator_file: Path
) -> None:
    shares = ("--split", "sample", "--validation", 0, "--testing", 0)
    sigforensics("prepare", tmp_path / "corpus", "-o", tmp_path / "small", "--size", 64, *shares, "-q")
    ran = sigforensics(
        "refine", tmp_path / "small", "--generator", generator_file, "-o", tmp_path / "refined", "-q"
    )
    assert ran.status == errors.CorpusInvalid.status
    assert "prepare the corpus as the generator's was" in ran.err
    assert not (tmp_path / "refined").exists()


def test_the_json_file_is_not_replaced_unless_that_is_said_and_never_an_input(
    prepared: Path, sigforensics: Run, tmp_path: Path, generator_file: Path
) -> None:
    target = tmp_path / "refined.json"
    target.write_text('{"schema": "sigforensics-train/1"}')
    command = ("refine", prepared, "--generator", generator_file, "-o", tmp_path / "refined", "-q")
    assert sigforensics(*command, "--json", target).status == errors.OutputExists.status
    assert sigforensics(*command, "--overwrite", "--json", target).status == errors.OutputExists.status
    before = generator_file.read_bytes()
    ran = sigforensics(*command, "--overwrite", "--json", generator_file)
    assert ran.status == errors.OutputHoldsInputs.status
    assert generator_file.read_bytes() == before
    assert not (tmp_path / "refined").exists()


@pytest.mark.parametrize("option", [("--steps", 0), ("--width", 0), ("--seed", -1)])
def test_figures_that_make_no_sense_are_refused(sigforensics: Run, tmp_path: Path, option: tuple) -> None:
    ran = sigforensics("refine", tmp_path, "-o", tmp_path / "refined", *option)
    assert ran.status == 2
    assert option[0] in ran.err
