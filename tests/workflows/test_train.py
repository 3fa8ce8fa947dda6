from __future__ import annotations

import csv
import json
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from sigforensics.errors import FileUnreadable, ModelInvalid, OutputExists, TableInvalid
from sigforensics.png import write_png
from sigforensics.provenance import file_sha256
from sigforensics.settings import Network, Preprocessing, Splitting, Training
from sigforensics.workflows.prepare import PrepareSettings, prepare
from sigforensics.workflows.train import train

pytestmark = pytest.mark.network

NETWORK = Network(size=16, multiplier=2, spade_width=4, discriminator_multiplier=2)
TRAINING = Training(epochs=2, generator_rate=1e-3, seed=3)


def draw_signature(rng: np.random.Generator) -> np.ndarray:
    """A dark random line on light paper."""
    points = rng.integers([8, 8], [92, 42], (9, 2))
    page = np.full((50, 100), 245, np.uint8)
    return cv2.polylines(page, [points.reshape(-1, 1, 2)], isClosed=False, color=30, thickness=3)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Two writers with four signatures each, prepared: two to train on, one to validate and one to test with."""
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


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    return train(data, tmp_path_factory.mktemp("trained") / "model", network=NETWORK, training=TRAINING)


class Watch:
    """A progress that keeps what it is told."""

    def __init__(self, at_step=None):
        self.stages, self.said, self.steps, self.at_step = [], [], 0, at_step

    def stage(self, title, total):
        self.stages.append((title, total))

    def advance(self, steps=1, *, detail=""):
        self.steps += steps
        if detail and self.at_step and self.at_step[0] == self.steps:
            self.at_step[1]()

    def say(self, message):
        self.said.append(message)


def read_log(folder: Path) -> list[dict[str, str]]:
    with (folder / "log.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_the_folder_holds_model_log_plot_pictures_and_checkpoint(trained):
    files = {
        path.relative_to(trained.folder).as_posix() for path in trained.folder.rglob("*") if path.is_file()
    }
    assert files == {
        "checkpoint.safetensors",
        "generator.safetensors",
        "log.csv",
        "losses.png",
        "record.json",
        "validation/epoch-0001.png",
        "validation/epoch-0002.png",
    }


def test_the_log_has_a_row_an_epoch_under_the_references_columns_and_ours(trained):
    rows = read_log(trained.folder)
    assert list(rows[0]) == [
        "epoch",
        "generator_loss",
        "discriminator_loss",
        "generator_accuracy",
        "discriminator_accuracy",
        "l1",
        "validation_l1",
        "seconds",
    ]
    assert [row["epoch"] for row in rows] == ["1", "2"]
    values = np.array([[float(value) for value in row.values()] for row in rows])
    assert np.isfinite(values).all()
    assert ((values[:, 3:7] >= 0) & (values[:, 3:7] <= 1)).all()
    assert trained.epochs == 2
    assert [[str(value) for value in row.values()] for row in trained.log] == [
        list(row.values()) for row in rows
    ]


def test_the_model_can_be_used_and_says_how_it_was_trained(trained, data):
    from sigforensics.gan.forger import load_forger

    forger = load_forger(trained.model)
    assert forger.card.sha256 == trained.sha256
    assert forger.card.network == NETWORK
    assert forger.card.preprocessing == Preprocessing(size=16)
    training = forger.card.training
    assert training["settings"]["seed"] == 3
    assert training["data"] == {
        "writers": 2,
        "training_rows": 4,
        "validation_rows": 4,
        "manifest_sha256": file_sha256(data / "manifest.csv"),
    }
    assert [row["epoch"] for row in training["log"]] == [1, 2]
    assert "tensorflow" in training["versions"]


def test_the_record_names_what_went_in_and_what_came_out(trained, data):
    record = json.loads((trained.folder / "record.json").read_text(encoding="utf-8"))
    assert record["command"] == "train"
    assert record["settings"]["network"]["multiplier"] == 2
    assert record["settings"]["training"]["epochs"] == 2
    assert record["inputs"] == [
        {"path": str(data / "manifest.csv"), "sha256": file_sha256(data / "manifest.csv")}
    ]
    names = ("generator.safetensors", "log.csv", "losses.png")
    assert record["outputs"] == [
        {"path": name, "sha256": file_sha256(trained.folder / name)} for name in names
    ]
    assert record["results"]["model_sha256"] == trained.sha256
    assert record["results"]["last_epoch"]["epoch"] == 2


def test_pictures_show_ink_of_every_grey(trained):
    """Not only black and white, as pictures with a wrong scale would."""
    picture = cv2.imread(str(trained.folder / "validation" / "epoch-0002.png"), cv2.IMREAD_GRAYSCALE)
    greys = ((picture > 40) & (picture < 215)).mean()
    assert greys > 0.02
    assert (picture > 250).mean() > 0.2


def test_a_run_that_is_done_goes_on_for_more_epochs(trained, data, tmp_path):
    shutil.copytree(trained.folder, tmp_path / "more")
    longer = replace(TRAINING, epochs=3)
    resumed = train(data, tmp_path / "more", network=NETWORK, training=longer, resume=True, half=True)
    assert [row["epoch"] for row in resumed.log] == [1, 2, 3]
    assert resumed.log[:2] == trained.log
    assert len(read_log(tmp_path / "more")) == 3
    assert (tmp_path / "more" / "validation" / "epoch-0003.png").is_file()
    assert resumed.sha256 != trained.sha256
    assert resumed.model.stat().st_size < 0.75 * trained.model.stat().st_size


def test_resuming_what_is_done_writes_the_same_again(trained, data, tmp_path):
    shutil.copytree(trained.folder, tmp_path / "again")
    (tmp_path / "again" / "log.csv").unlink()  # as if the run had ended before it was written
    again = train(data, tmp_path / "again", network=NETWORK, training=TRAINING, resume=True)
    assert again.sha256 == trained.sha256
    assert read_log(again.folder) == read_log(trained.folder)


def test_an_interruption_ends_the_step_leaves_a_checkpoint_and_says_how_to_go_on(trained, data, tmp_path):
    output = tmp_path / "model"
    watch = Watch(
        at_step=(6, lambda: signal.raise_signal(signal.SIGINT))
    )  # the second step of the second epoch
    with pytest.raises(KeyboardInterrupt):
        train(data, output, network=NETWORK, training=TRAINING, progress=watch)
    assert watch.steps == 6
    assert watch.said[-1] == "stopped in epoch 2 after step 2; --resume goes on"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert not (output / "generator.safetensors").exists()

    watch = Watch()
    resumed = train(data, output, network=NETWORK, training=TRAINING, resume=True, progress=watch)
    assert watch.stages == [("Starting TensorFlow", None), ("Epoch 2 of 2", 4)]
    assert watch.steps == 4
    assert resumed.sha256 == trained.sha256


def test_a_folder_that_is_not_empty_is_refused_before_anything_is_done(data, tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputExists, match="not empty") as caught:
        train(data, tmp_path, network=NETWORK, training=TRAINING)
    assert "--resume" in caught.value.advice
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(OutputExists):
        train(data, tmp_path / "notes.txt", network=NETWORK, training=TRAINING)


def test_there_is_nothing_to_resume_without_a_checkpoint(data, tmp_path):
    with pytest.raises(ModelInvalid, match="no checkpoint"):
        train(data, tmp_path / "new", network=NETWORK, training=TRAINING, resume=True)
    assert not (tmp_path / "new").exists()


def test_resuming_with_another_seed_is_refused_and_changes_nothing(trained, data):
    before = {path: file_sha256(path) for path in trained.folder.rglob("*") if path.is_file()}
    with pytest.raises(ModelInvalid, match=r"differs in training\.seed"):
        train(data, trained.folder, network=NETWORK, training=replace(TRAINING, seed=4), resume=True)
    assert {path: file_sha256(path) for path in trained.folder.rglob("*") if path.is_file()} == before


@pytest.fixture
def spoilt(data, tmp_path):
    shutil.copytree(data, tmp_path / "data")
    return tmp_path / "data"


def refuse(data: Path, error: type[Exception], match: str) -> None:
    output = data.parent / "model"
    with pytest.raises(error, match=match):
        train(data, output, network=NETWORK, training=TRAINING)
    assert not output.exists()


def test_a_folder_that_was_not_prepared_is_refused(tmp_path):
    refuse(tmp_path, FileUnreadable, "sigforensics prepare")


@pytest.mark.parametrize("name", ["record.json", "manifest.csv", "validation.csv"])
def test_a_folder_that_lacks_a_part_is_refused(spoilt, name):
    (spoilt / name).unlink()
    refuse(spoilt, FileUnreadable, name)


def test_a_missing_picture_is_refused(spoilt):
    next((spoilt / "targets").rglob("*.png")).unlink()
    refuse(spoilt, TableInvalid, "does not exist")


def test_an_empty_training_frame_is_refused(spoilt):
    header = (spoilt / "training.csv").read_text(encoding="utf-8").splitlines()[0]
    (spoilt / "training.csv").write_text(header + "\n", encoding="utf-8")
    refuse(spoilt, TableInvalid, "no rows to train on")


def test_a_corpus_of_another_size_is_refused_with_both_sizes(data, tmp_path):
    with pytest.raises(TableInvalid, match="prepared with size 16, and the network has 32"):
        train(data, tmp_path / "model", network=replace(NETWORK, size=32), training=TRAINING)


def test_a_corpus_without_validation_rows_trains_without_pictures(spoilt, tmp_path):
    header = (spoilt / "validation.csv").read_text(encoding="utf-8").splitlines()[0]
    (spoilt / "validation.csv").write_text(header + "\n", encoding="utf-8")
    done = train(spoilt, tmp_path / "model", network=NETWORK, training=replace(TRAINING, epochs=1))
    assert not (done.folder / "validation").exists()
    assert read_log(done.folder)[0]["validation_l1"] == "nan"
    record = json.loads((done.folder / "record.json").read_text(encoding="utf-8"))
    assert record["results"]["last_epoch"]["validation_l1"] is None
