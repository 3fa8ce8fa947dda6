"""``sigforensics prepare`` and ``train`` as commands: what they print, refuse and leave; and a corpus forged whole."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sigforensics import errors
from sigforensics.cli.options import DevicesType
from sigforensics.provenance import read_record

Run = Callable[..., Any]


@pytest.fixture
def corpus(tmp_path: Path, drawn: Path) -> Path:
    """A folder a writer, with three signatures each."""
    for path in (drawn / "signatures").iterdir():
        writer = path.stem.partition("_")[0]
        (tmp_path / "corpus" / writer).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tmp_path / "corpus" / writer)
    return tmp_path / "corpus"


@pytest.fixture
def prepare(sigforensics: Run, corpus: Path, tmp_path: Path) -> Run:
    """Prepares the corpus into ``data`` with 128 pixels, for the tiny generator."""

    def run(*arguments: object) -> Any:
        return sigforensics(
            "prepare", corpus, "-o", tmp_path / "data", "--size", 128, "--split", "sample", "-q", *arguments
        )

    return run


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_prepare_prints_one_json_document(prepare: Run, tmp_path: Path) -> None:
    ran = prepare("--json", "-")
    assert (ran.status, ran.err) == (0, "")
    found = json.loads(ran.out)
    assert found["writers"] == 4
    assert sum(found["rows"].values()) == 12 + found["rows"]["validation"] / 2
    assert found["skipped"] == []
    assert (tmp_path / "data" / "training.csv").is_file()


def test_prepare_skips_a_file_that_cannot_be_used_or_stops(
    prepare: Run, corpus: Path, tmp_path: Path, unusable: tuple[str, int], make_bad: Run
) -> None:
    kind, status = unusable
    bad = make_bad(kind, corpus / "writer-1")
    strict = prepare("--strict")
    assert (strict.status, names(tmp_path)) == (status, ["corpus"])
    ran = prepare("--json", "-")
    assert ran.status == 3
    assert ran.err.splitlines()[0].startswith(f"skipped: {bad}: ")
    (entry,) = json.loads(ran.out)["skipped"]
    assert (entry["path"], entry["status"]) == (str(bad), status)


def test_a_corpus_of_one_writer_cannot_be_split_by_writer(
    sigforensics: Run, corpus: Path, tmp_path: Path
) -> None:
    for writer in ("writer-2", "writer-3", "writer-4"):
        shutil.rmtree(corpus / writer)
    ran = sigforensics("prepare", corpus, "-o", tmp_path / "data", "--split", "writer", "-q")
    assert ran.status == errors.CorpusInvalid.status
    assert "--split sample" in ran.err
    assert names(tmp_path) == ["corpus"]


def test_a_writer_whose_mask_has_no_signature_is_refused(
    sigforensics: Run, corpus: Path, tmp_path: Path
) -> None:
    for name in ("writer-1_1.png", "writer-1_2.png"):
        (corpus / "writer-1" / name).unlink()
    ran = sigforensics(
        "prepare", corpus, "-o", tmp_path / "data", "--validation-writers", "writer-1", "--size", 128, "-q"
    )
    assert ran.status == errors.SpecimensMissing.status
    assert "writer-1" in ran.err
    assert names(tmp_path) == ["corpus"]


def test_a_prepared_corpus_is_replaced_only_if_that_is_said_and_nothing_was_added(
    prepare: Run, corpus: Path, tmp_path: Path
) -> None:
    assert prepare().status == 0
    assert prepare().status == errors.OutputExists.status
    assert prepare("--overwrite").status == 0
    (tmp_path / "data" / "targets" / "notes.txt").write_text("mine")
    assert prepare("--overwrite").status == errors.OutputExists.status


def test_a_corpus_is_not_written_into_itself(sigforensics: Run, corpus: Path) -> None:
    ran = sigforensics("prepare", corpus, "-o", corpus / "data", "--size", 128, "-q")
    assert ran.status == errors.OutputHoldsInputs.status
    assert names(corpus) == ["writer-1", "writer-2", "writer-3", "writer-4"]


def test_a_prepared_corpus_is_forged_and_compared_by_writer(
    prepare: Run, sigforensics: Run, tmp_path: Path, generator_file: Path, without_network: None
) -> None:
    prepare("--validation", 0, "--testing", 0)
    ran = sigforensics(
        "generate", "--data", tmp_path / "data", "--frame", "training", "--generator", generator_file,
        "-o", tmp_path / "forged", "--json", "-", "-q",
    )  # fmt: skip
    assert ran.status == 0, ran.err
    assert len(json.loads(ran.out)["names"]) == 12
    with (tmp_path / "data" / "training.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        name = f"{row['writer']}-{row['sample']}.png"
        target, true = tmp_path / "data" / row["target"], tmp_path / "forged" / "true" / name
        np.testing.assert_array_equal(np.asarray(Image.open(target)), np.asarray(Image.open(true)))
        assert (tmp_path / "forged" / "fake" / name).is_file()
    compared = sigforensics(
        "compare", tmp_path / "forged" / "true", tmp_path / "forged" / "fake", "--json", "-", "-q",
        "--permutations", 19,
    )  # fmt: skip
    found = json.loads(compared.out)
    assert (found["unit"], found["n_units"], found["n_true"]) == ("writer", 4, 12)


@pytest.mark.parametrize(
    ("option", "value", "text"),
    [("--size", 64, "size 64 instead of 128"), ("--threshold", 40, "threshold 40")],
)
def test_a_corpus_prepared_otherwise_than_the_generators_is_refused(
    sigforensics: Run, corpus: Path, tmp_path: Path, generator_file: Path, option: str, value: int, text: str
) -> None:
    sizes = ["--size", 128] if option != "--size" else []
    sigforensics("prepare", corpus, "-o", tmp_path / "data", "--split", "sample", *sizes, option, value, "-q")
    ran = sigforensics(
        "generate",
        "--data",
        tmp_path / "data",
        "--generator",
        generator_file,
        "-o",
        tmp_path / "forged",
        "-q",
    )
    assert ran.status == errors.CorpusInvalid.status
    assert text in ran.err
    assert not (tmp_path / "forged").exists()


def test_what_is_no_prepared_corpus_is_named_by_generate_and_train(
    sigforensics: Run, corpus: Path, tmp_path: Path, generator_file: Path
) -> None:
    for command in (("generate", "--generator", generator_file, "--data"), ("train",)):
        for data in (corpus, tmp_path / "missing"):
            ran = sigforensics(*command, data, "-o", tmp_path / "out", "-q")
            assert ran.status == errors.FileUnreadable.status
            assert str(data) in ran.err
            assert len(ran.err.splitlines()) == 1
    assert names(tmp_path) == ["corpus"]


def test_training_into_the_prepared_corpus_is_refused(
    prepare: Run, sigforensics: Run, tmp_path: Path
) -> None:
    prepare()
    before = names(tmp_path / "data")
    for output in ("data", "data/model"):
        ran = sigforensics("train", tmp_path / "data", "-o", tmp_path / output, "--size", 128, "-q")
        assert ran.status == errors.OutputHoldsInputs.status
    assert names(tmp_path / "data") == before


def test_prepare_skips_a_copy_and_names_what_it_is_a_copy_of(
    prepare: Run, corpus: Path, tmp_path: Path
) -> None:
    shutil.copy(corpus / "writer-1" / "writer-1_0.png", corpus / "writer-1" / "writer-1_9.png")
    ran = prepare("--json", "-")
    assert ran.status == errors.SkippedInputs.status
    assert "writer-1_9.png: holds the same bytes as " in ran.err
    (entry,) = json.loads(ran.out)["skipped"]
    assert entry["status"] == errors.CorpusInvalid.status


def test_training_on_a_corpus_of_a_size_that_no_network_has_says_which_to_prepare(
    prepare: Run, sigforensics: Run, tmp_path: Path
) -> None:
    prepare("--size", 100)
    ran = sigforensics("train", tmp_path / "data", "-o", tmp_path / "model", "-q")
    assert ran.status == errors.CorpusInvalid.status
    assert "size 100" in ran.err
    assert "--size 64 or 128" in ran.err
    assert not (tmp_path / "model").exists()


def test_a_size_for_training_that_contradicts_the_corpus_is_refused(
    prepare: Run, sigforensics: Run, tmp_path: Path
) -> None:
    prepare()
    ran = sigforensics("train", tmp_path / "data", "-o", tmp_path / "model", "--size", 256, "-q")
    assert ran.status == errors.TableInvalid.status
    assert "prepared with size 128, and the network has 256" in ran.err
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("devices", [0, -1, "some", "1.5"])
def test_devices_are_a_number_or_all(sigforensics: Run, tmp_path: Path, devices: object) -> None:
    ran = sigforensics("train", tmp_path, "-o", tmp_path / "model", "--devices", devices, "-q")
    assert ran.status == 2
    assert "--devices" in ran.err
    assert DevicesType().convert("all", None, None) == 0
    assert DevicesType().convert("4", None, None) == 4


@pytest.mark.network
def test_train_shares_among_all_devices_and_leaves_validation_out_where_asked(
    prepare: Run, sigforensics: Run, tmp_path: Path
) -> None:
    prepare("--writers", "writer-1", "--size", 16)
    small = ("--multiplier", 1, "--spade-width", 1, "--discriminator-multiplier", 1, "--epochs", 1)
    options = ("--devices", "all", "--validation-rows", 0, "--precision", "float32", "--json", "-", "-q")
    ran = sigforensics("train", tmp_path / "data", "-o", tmp_path / "model", *small, *options)
    assert (ran.status, ran.err) == (0, "")
    found = json.loads(ran.out)
    assert found["log"][0]["plain_l1"] is None
    assert found["notes"][0] == "Arithmetic: float32, as asked for."


@pytest.mark.network
def test_a_training_goes_on_with_the_settings_that_it_was_begun_with(
    prepare: Run, sigforensics: Run, tmp_path: Path
) -> None:
    prepare("--writers", "writer-1", "--size", 16)
    given = (
        "--multiplier",
        1,
        "--spade-width",
        1,
        "--discriminator-multiplier",
        1,
        "--epochs",
        2,
        "--seed",
        5,
    )
    train = (
        "train",
        tmp_path / "data",
        "-o",
        tmp_path / "model",
        "-q",
        "--json",
        "-",
    )
    begun = sigforensics(*train, *given, "--validation-rows", 0, "--half")
    assert begun.status == 0
    resumed = sigforensics(*train, "--resume")
    assert (resumed.status, resumed.err) == (0, "")
    assert json.loads(resumed.out)["sha256"] == json.loads(begun.out)["sha256"]
    assert read_record(tmp_path / "model")["settings"]["validation"]["rows"] == 0
    for other, named in (("--multiplier", "network.multiplier"), ("--epochs", "training.epochs")):
        ran = sigforensics(*train, "--resume", other, 3)
        assert ran.status == errors.ModelInvalid.status
        assert f"differs in {named};" in ran.err
    assert sigforensics(*train, "--resume", "--preset", "default").status == errors.ModelInvalid.status


def test_resuming_does_not_permit_to_replace_the_json_file(
    prepare: Run, sigforensics: Run, tmp_path: Path
) -> None:
    prepare()
    target = tmp_path / "trained.json"
    target.write_text('{"schema": "sigforensics-train/1"}')
    ran = sigforensics(
        "train", tmp_path / "data", "-o", tmp_path / "model", "--resume", "--json", target, "-q"
    )
    assert ran.status == errors.OutputExists.status
    assert str(target) in ran.err
    # with --overwrite it is free, and the next refusal comes: there is nothing to resume
    ran = sigforensics(
        "train",
        tmp_path / "data",
        "-o",
        tmp_path / "model",
        "--resume",
        "--overwrite",
        "--json",
        target,
        "-q",
    )
    assert ran.status == errors.ModelInvalid.status
    assert target.read_text() == '{"schema": "sigforensics-train/1"}'


def test_an_empty_frame_is_named(
    prepare: Run, sigforensics: Run, tmp_path: Path, generator_file: Path
) -> None:
    prepare("--testing", 0)
    ran = sigforensics(
        "generate", "--data", tmp_path / "data", "--frame", "testing", "--generator", generator_file,
        "-o", tmp_path / "forged", "-q",
    )  # fmt: skip
    assert ran.status == errors.NoImages.status
    assert "choose another frame" in ran.err


def test_forging_into_the_prepared_corpus_is_refused(
    prepare: Run, sigforensics: Run, tmp_path: Path, generator_file: Path
) -> None:
    prepare()
    for output in ("data", "data/forged"):
        ran = sigforensics(
            "generate", "--data", tmp_path / "data", "--generator", generator_file, "-o", tmp_path / output,
            "--overwrite", "-q",
        )  # fmt: skip
        assert ran.status == errors.OutputHoldsInputs.status


@pytest.mark.network
def test_train_prints_one_json_document_and_its_model_forges(
    prepare: Run, sigforensics: Run, tmp_path: Path, drawn: Path
) -> None:
    prepare("--writers", "writer-1", "--size", 32)
    small = ("--multiplier", 2, "--spade-width", 2, "--discriminator-multiplier", 2)
    ran = sigforensics(
        "train", tmp_path / "data", "-o", tmp_path / "model", "--epochs", 1, *small, "--json", "-", "-q"
    )
    assert (ran.status, ran.err) == (0, "")
    found = json.loads(ran.out)
    assert (found["epochs"], len(found["log"])) == (1, 1)
    assert Path(found["model"]).is_file()
    again = sigforensics("train", tmp_path / "data", "-o", tmp_path / "model", *small, "-q")
    assert again.status == errors.OutputExists.status
    forged = sigforensics(
        "generate", drawn / "signatures" / "writer-1_0.png", "--generator", tmp_path / "model",
        "-o", tmp_path / "out", "-q",
    )  # fmt: skip
    assert (forged.status, forged.err) == (0, "")
