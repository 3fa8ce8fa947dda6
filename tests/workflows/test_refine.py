from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from sigforensics.errors import (
    CorpusInvalid,
    FileUnreadable,
    ModelInvalid,
    OutputExists,
    OutputHoldsInputs,
    TableInvalid,
)
from sigforensics.gan.model_file import read_model, write_model
from sigforensics.gan.structure import weight_shapes
from sigforensics.png import write_png
from sigforensics.provenance import file_sha256
from sigforensics.settings import Graining, Network, Preprocessing, Splitting
from sigforensics.workflows.prepare import PrepareSettings, prepare
from sigforensics.workflows.refine import refine

pytestmark = pytest.mark.network

NETWORK = Network(size=16, multiplier=2, spade_width=4)
GRAINING = Graining(
    width=2,
    layers=1,
    crops=2,
    steps=5,
    log_steps=2,
    directions=2,
    stroke_patches=20,
    paper_patches=20,
    spectrum_bands=3,
    seed=3,
)


def draw_signature(rng: np.random.Generator) -> np.ndarray:
    """A dark random line on light paper."""
    points = rng.integers([8, 8], [92, 42], (9, 2))
    page = np.full((50, 100), 245, np.uint8)
    return cv2.polylines(page, [points.reshape(-1, 1, 2)], isClosed=False, color=30, thickness=3)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Two writers with four signatures each, prepared: four rows to train on."""
    folder = tmp_path_factory.mktemp("corpus")
    rng = np.random.default_rng(0)
    for writer in ("anne", "ben"):
        for number in range(4):
            write_png(folder / "scans" / writer / f"{number}.png", draw_signature(rng), bright=False)
    settings = PrepareSettings(
        preprocessing=Preprocessing(size=16),
        splitting=Splitting(by="sample", validation_share=0.25, testing_share=0.25),
    )
    prepare(folder / "scans", folder / "data", settings=settings)
    return folder / "data"


def write_generator(path: Path, **changes) -> Path:
    """Untrained, without a grain head."""
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(0, 0.2, shape) for name, shape in weight_shapes(NETWORK).items()}
    preprocessing = replace(Preprocessing(size=16), **changes)
    write_model(path, weights, network=NETWORK, preprocessing=preprocessing, training={"log": [{"epoch": 1}]})
    return path


@pytest.fixture(scope="module")
def generator(tmp_path_factory) -> Path:
    return write_generator(tmp_path_factory.mktemp("trunk") / "trunk.safetensors")


@pytest.fixture(scope="module")
def refined(data, generator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("refined") / "model"
    return refine(data, folder, generator=generator, settings=GRAINING)


class Watch:
    """A progress that keeps what it is told."""

    def __init__(self, at_step=None):
        self.stages, self.said, self.steps, self.at_step = [], [], 0, at_step

    def stage(self, title, total):
        self.stages.append((title, total))
        self.steps = 0

    def advance(self, steps=1, *, detail=""):
        self.steps += steps
        if detail and self.at_step and self.at_step[0] == self.steps:
            self.at_step[1]()

    def say(self, message):
        self.said.append(message)


def read_log(folder: Path) -> list[dict[str, str]]:
    with (folder / "log.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_the_folder_holds_model_log_record_and_checkpoint(refined):
    files = {path.name for path in refined.folder.rglob("*")}
    assert files == {"checkpoint.safetensors", "generator.safetensors", "log.csv", "record.json"}


def test_the_log_has_a_row_every_so_many_steps_and_the_last_one_is_shorter(refined):
    rows = read_log(refined.folder)
    metrics = ["loss", "stroke_distance", "paper_distance", "spectrum_difference", "low_error"]
    assert list(rows[0]) == ["steps", *metrics, "seconds"]
    assert [row["steps"] for row in rows] == ["2", "4", "5"]
    assert refined.steps == 5
    assert all(float(row[name]) > 0 for row in rows for name in ("loss", "low_error"))
    assert [[str(value) for value in row.values()] for row in refined.log] == [
        list(row.values()) for row in rows
    ]


def test_the_model_can_be_loaded_and_says_how_it_was_made(refined, data, generator):
    from sigforensics.gan.forger import load_forger

    card = load_forger(refined.model).card
    assert card.sha256 == refined.sha256
    assert card.network == replace(NETWORK, grain_width=2, grain_layers=1)
    assert card.preprocessing == Preprocessing(size=16)
    assert card.training["log"] == [{"epoch": 1}]
    graining = card.training["graining"]
    assert graining["settings"] == asdict(replace(GRAINING, side=16))  # of images smaller than a crop
    assert [row["steps"] for row in graining["log"]] == [2, 4, 5]
    assert graining["drawn_by"] == {"name": "trunk", "sha256": read_model(generator)[1].sha256}
    assert graining["data"] == {"manifest_sha256": file_sha256(data / "manifest.csv"), "training_rows": 4}
    assert "tensorflow" in graining["versions"]


def test_below_the_head_the_generator_draws_what_it_drew_before(refined, generator):
    from sigforensics.gan.forger import load_forger

    rng = np.random.default_rng(1)
    edges, mask = rng.integers(0, 256, (2, 16, 16)).astype(np.uint8)
    before, below = load_forger(generator), load_forger(refined.model, grain=False)
    seeds = np.zeros(2, np.int32)
    fakes = [one.forge(edges, mask, seeds=seeds) for one in (below, before)]
    np.testing.assert_array_equal(*fakes)


def test_the_record_names_what_went_in_and_what_came_out(refined, data, generator):
    record = json.loads((refined.folder / "record.json").read_text(encoding="utf-8"))
    assert record["command"] == "refine"
    assert record["settings"]["graining"]["steps"] == 5
    assert record["settings"]["network"]["grain_width"] == 2
    assert record["settings"]["preprocessing"]["size"] == 16
    inputs = (data / "manifest.csv", generator)
    assert record["inputs"] == [{"path": str(path), "sha256": file_sha256(path)} for path in inputs]
    names = ("generator.safetensors", "log.csv")
    assert record["outputs"] == [
        {"path": name, "sha256": file_sha256(refined.folder / name)} for name in names
    ]
    assert record["results"]["model_sha256"] == refined.sha256
    assert record["results"]["steps"] == 5


def test_the_same_seed_gives_the_same_weights_and_half_of_them_half_the_bytes(
    refined, data, generator, tmp_path
):
    again = refine(data, tmp_path / "again", generator=generator, settings=GRAINING)
    assert again.sha256 == refined.sha256
    shutil.copytree(again.folder, tmp_path / "half")
    half = refine(data, tmp_path / "half", generator=generator, settings=GRAINING, resume=True, half=True)
    assert half.sha256 != refined.sha256
    assert half.log == again.log
    assert half.model.stat().st_size < 0.8 * refined.model.stat().st_size


def test_refining_again_replaces_the_head(refined, data, generator, tmp_path):
    from sigforensics.gan.model_file import without_grain

    twice = refine(
        data, tmp_path / "twice", generator=refined.model, settings=replace(GRAINING, width=3, steps=1)
    )
    weights, card = read_model(twice.model)
    assert card.network.grain_width == 3
    assert card.training["graining"]["drawn_by"]["sha256"] == refined.sha256
    below, _ = without_grain(weights, card)
    trunk, _ = read_model(generator)
    assert below.keys() == trunk.keys()
    for name, value in trunk.items():
        np.testing.assert_array_equal(below[name], value, err_msg=name)


def test_at_most_as_many_rows_as_asked_are_drawn(data, generator, tmp_path):
    watch = Watch()
    few = replace(GRAINING, rows=2, steps=1)
    done = refine(data, tmp_path / "model", generator=generator, settings=few, progress=watch)
    assert ("Drawing without grain", 2) in watch.stages
    record = json.loads((done.folder / "record.json").read_text(encoding="utf-8"))
    assert record["results"]["training_rows"] == 2


def test_an_interruption_ends_the_step_leaves_a_checkpoint_and_says_how_to_go_on(
    refined, data, generator, tmp_path
):
    output = tmp_path / "model"
    watch = Watch(at_step=(3, lambda: signal.raise_signal(signal.SIGINT)))
    with pytest.raises(KeyboardInterrupt):
        refine(data, output, generator=generator, settings=GRAINING, progress=watch)
    assert watch.said == ["stopped after step 3; --resume goes on"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert [path.name for path in output.iterdir()] == ["checkpoint.safetensors"]

    watch = Watch()
    resumed = refine(data, output, generator=generator, settings=GRAINING, resume=True, progress=watch)
    assert watch.stages == [("Starting TensorFlow", None), ("Drawing without grain", 4), ("Refining", 5)]
    assert watch.steps == 5
    assert resumed.sha256 == refined.sha256


KILLED = """
import os, signal, sys
from pathlib import Path

from sigforensics.settings import Graining
from sigforensics.workflows.refine import refine

data, output, generator, fatal = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
replace, written = Path.replace, 0


def strike(self, target):
    global written
    written += Path(target).name == "checkpoint.safetensors"
    if written == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)


Path.replace = strike
settings = Graining(**eval(sys.argv[5]))
refine(data, output, generator=generator, settings=settings, resume=output.exists())
"""
"""A process that refines with a checkpoint after every step, and is killed while it writes one of them (0: none)."""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_a_process_killed_within_a_checkpoint_and_resumed_ends_with_the_weights_of_one_that_was_not(
    refined, data, generator, tmp_path
):
    output, settings = tmp_path / "model", asdict(replace(GRAINING, checkpoint_minutes=0.0))
    command = [sys.executable, "-c", KILLED, data, output, generator]
    killed = subprocess.run([*command, "4", repr(settings)], capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    assert len(list(output.glob(".checkpoint.*"))) == 1
    assert not (output / "generator.safetensors").exists()

    resumed = subprocess.run([*command, "0", repr(settings)], capture_output=True, check=False)
    assert resumed.returncode == 0, resumed.stderr[-2000:]
    assert list(output.glob(".checkpoint.*")) == []
    assert read_model(output / "generator.safetensors")[1].sha256 == refined.sha256
    one, other = read_log(output), read_log(refined.folder)
    assert [{**row, "seconds": 0} for row in one] == [{**row, "seconds": 0} for row in other]


# --- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [{"threshold": 40}, {"resampling": "bilinear"}])
def test_a_corpus_of_another_chain_is_refused_before_anything_is_made(data, tmp_path, changes):
    other = write_generator(tmp_path / "other.safetensors", **changes)
    with pytest.raises(CorpusInvalid, match="prepare the corpus as the generator's was"):
        refine(data, tmp_path / "model", generator=other, settings=GRAINING)
    assert not (tmp_path / "model").exists()


def test_a_corpus_without_plain_rows_is_refused(data, generator, tmp_path):
    shutil.copytree(data, tmp_path / "data")
    frame = tmp_path / "data" / "training.csv"
    frame.write_text(frame.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(TableInvalid, match="has no rows to train on"):
        refine(tmp_path / "data", tmp_path / "model", generator=generator, settings=GRAINING)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("missing", ["training.csv", "manifest.csv", "record.json"])
def test_what_is_no_prepared_corpus_is_refused(data, generator, tmp_path, missing):
    shutil.copytree(data, tmp_path / "data")
    (tmp_path / "data" / missing).unlink()
    with pytest.raises(FileUnreadable, match=missing):
        refine(tmp_path / "data", tmp_path / "model", generator=generator, settings=GRAINING)
    assert not (tmp_path / "model").exists()


def test_a_folder_that_is_not_empty_is_refused(data, generator, tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputExists, match="not empty"):
        refine(data, tmp_path, generator=generator, settings=GRAINING)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_there_is_nothing_to_resume_without_a_checkpoint(data, generator, tmp_path):
    with pytest.raises(ModelInvalid, match="no checkpoint"):
        refine(data, tmp_path, generator=generator, settings=GRAINING, resume=True)


def test_refining_into_the_corpus_or_the_generators_own_folder_is_refused(data, generator):
    for output in (data, data / "model", generator.parent):
        with pytest.raises(OutputHoldsInputs):
            refine(data, output, generator=generator, settings=GRAINING, resume=True)


def test_other_settings_or_another_generator_do_not_go_on(refined, data, generator, tmp_path):
    shutil.copytree(refined.folder, tmp_path / "model")
    before = file_sha256(tmp_path / "model" / "checkpoint.safetensors")
    for settings, path, named in (
        (replace(GRAINING, steps=9), generator, r"graining\.steps"),
        (GRAINING, refined.model, r"data\.generator"),
    ):
        with pytest.raises(ModelInvalid, match=named):
            refine(data, tmp_path / "model", generator=path, settings=settings, resume=True)
    assert file_sha256(tmp_path / "model" / "checkpoint.safetensors") == before


def test_the_checkpoint_of_a_training_is_none_of_a_refinement(data, generator, tmp_path):
    from sigforensics.gan.checkpoint import Position, write_checkpoint

    output = tmp_path / "model"
    output.mkdir()
    write_checkpoint(
        output / "checkpoint.safetensors",
        {"a": np.zeros(1)},
        Position(),
        identity={"training": {"seed": 3}},
    )
    with pytest.raises(ModelInvalid, match=r"training\.seed"):
        refine(data, output, generator=generator, settings=GRAINING, resume=True)
