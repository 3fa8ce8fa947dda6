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
from PIL import Image

from sigforensics.corpus import read_frame
from sigforensics.errors import DevicesMissing, FileUnreadable, ModelInvalid, OutputExists, TableInvalid
from sigforensics.gan.diagnosis import diagnose
from sigforensics.png import read_png, write_png
from sigforensics.provenance import file_sha256
from sigforensics.settings import Network, Preprocessing, Splitting, Training, Validation
from sigforensics.workflows.prepare import PrepareSettings, prepare
from sigforensics.workflows.train import train
from sigforensics.workflows.validating import VALIDATION_COLUMNS

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
    references = [
        "epoch",
        "generator_loss",
        "discriminator_loss",
        "generator_accuracy",
        "discriminator_accuracy",
    ]
    assert list(rows[0]) == [*references, "l1", "seconds", *VALIDATION_COLUMNS, "warnings"]
    assert [row["epoch"] for row in rows] == ["1", "2"]
    warnings = [row.pop("warnings") for row in rows]
    assert warnings == ["; ".join(diagnose(row)) for row in trained.log]
    values = {name: [float(row[name]) for row in rows] for name in rows[0]}
    assert np.isfinite(list(values.values())).all()
    shares = [name for name in values if name.endswith(("accuracy", "l1"))]
    assert len(shares) == 8
    assert all(0 <= value <= 1 for name in shares for value in values[name])
    assert trained.epochs == 2
    assert [[str(value) for value in row.values()] for row in trained.log] == [
        list(row.values()) for row in rows
    ]


def test_validation_figures_are_those_of_the_finished_generator_on_the_validation_frame(trained, data):
    """Forged again with the written model, and measured by the formula."""
    from sigforensics.gan.forger import load_forger

    forger, last = load_forger(trained.model), trained.log[-1]
    errors: dict[int, list[float]] = {0: [], 1: []}
    for row in read_frame(data, "validation"):
        edges, mask, target = (
            read_png(data / name).astype(int) for name in (row.input, row.mask, row.target)
        )
        fake = np.rint(
            forger.forge(edges.astype(np.uint8), mask.astype(np.uint8), seeds=np.zeros(2, np.int32)) * 255
        )
        fake = np.where(fake < 25, 0, fake)
        errors[row.augmented].append(np.abs(fake - target).mean() / 255)
    assert last["plain_l1"] == pytest.approx(np.mean(errors[0]), abs=1e-4)
    assert last["augmented_l1"] == pytest.approx(np.mean(errors[1]), abs=1e-4)
    assert last["validation_l1"] == pytest.approx(np.mean(errors[0] + errors[1]), abs=1e-4)


def test_pictures_of_fakes_say_that_they_are_synthetic(trained):
    for epoch in (1, 2):
        with Image.open(trained.folder / "validation" / f"epoch-000{epoch}.png") as image:
            assert image.text["sigforensics:synthetic"] == "true"
            assert image.text["sigforensics:generator"] == f"model in training, epoch {epoch}"
            assert "compositeSynthetic" in image.text["XML:com.adobe.xmp"]


def test_curves_and_log_are_there_after_every_epoch(data, tmp_path):
    seen = []

    class Look(Watch):
        def say(self, message):
            if message.startswith("epoch "):
                seen.append(
                    (len(read_log(tmp_path / "model")), (tmp_path / "model" / "losses.png").is_file())
                )

    train(data, tmp_path / "model", network=NETWORK, training=TRAINING, progress=Look())
    assert seen == [(1, True), (2, True)]


def test_a_warning_is_said_once_and_stays_in_log_record_and_result(data, tmp_path):
    sure = Validation(idle_loss=0.0, idle_gap=1.0)
    watch = Watch()
    done = train(
        data, tmp_path / "model", network=NETWORK, training=TRAINING, validation=sure, progress=watch
    )
    said = [message for message in watch.said if message.startswith("warning: discriminator idle: ")]
    assert len(said) == 1
    assert all("discriminator idle" in row["warnings"] for row in read_log(done.folder))
    record = json.loads((done.folder / "record.json").read_text(encoding="utf-8"))
    (note,) = (note for note in record["notes"] if "discriminator idle" in note)
    assert "in 2 of 2 epochs, the last of them 2" in note
    assert record["notes"] == list(done.notes)


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
    assert record["settings"]["validation"] == asdict(Validation())
    assert record["settings"]["training"]["precision"] in ("float32", "mixed_bfloat16")
    assert record["notes"][0].startswith(
        f"Arithmetic: {record['settings']['training']['precision']}, the CPU"
    )
    assert record["results"]["devices"] == 1
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


def test_a_run_that_is_done_goes_on_for_more_epochs_where_step_sizes_stay(data, tmp_path):
    constant = replace(TRAINING, decay=0.0)
    trained = train(data, tmp_path / "more", network=NETWORK, training=constant)
    size = trained.model.stat().st_size
    longer = replace(constant, epochs=3)
    resumed = train(data, tmp_path / "more", network=NETWORK, training=longer, resume=True, half=True)
    assert [row["epoch"] for row in resumed.log] == [1, 2, 3]
    assert resumed.log[:2] == trained.log
    assert len(read_log(tmp_path / "more")) == 3
    assert (tmp_path / "more" / "validation" / "epoch-0003.png").is_file()
    assert resumed.sha256 != trained.sha256
    assert resumed.model.stat().st_size < 0.75 * size


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


@pytest.mark.network
def test_a_scheduler_that_ends_a_training_finds_a_checkpoint_and_how_to_go_on(data, tmp_path, sigforensics):
    """As SIGTERM does, with the status of that signal."""
    import sigforensics.workflows.train as module

    steps = []

    def on_advance(*_arguments, **_detail):
        steps.append(1)
        if len(steps) == 3:
            signal.raise_signal(signal.SIGTERM)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sigforensics.cli.console.ConsoleProgress.advance", on_advance)
        small = ("--multiplier", 1, "--spade-width", 1, "--discriminator-multiplier", 1, "--epochs", 1)
        ran = sigforensics("train", data, "-o", tmp_path / "model", *small, "-q")
    assert ran.status == 128 + signal.SIGTERM
    assert (tmp_path / "model" / module.CHECKPOINT).is_file()
    assert sigforensics("train", data, "-o", tmp_path / "model", "--resume", "-q").status == 0


KILLED = """
import os, signal, sys
from pathlib import Path

from sigforensics.settings import Network, Training
from sigforensics.workflows.train import train

data, output, fatal = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
replace, written = Path.replace, 0


def strike(self, target):
    global written
    written += Path(target).name == "checkpoint.safetensors"
    if written == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)


Path.replace = strike
network = Network(size=16, multiplier=2, spade_width=4, discriminator_multiplier=2)
training = Training(epochs=2, generator_rate=1e-3, seed=3, checkpoint_minutes=0.0)
train(data, output, network=network, training=training, resume=output.exists())
"""
"""A process that trains with a checkpoint after every step, and is killed while it writes one of them (0: none)."""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_a_process_killed_within_a_checkpoint_and_resumed_ends_with_the_weights_of_one_that_was_not(
    trained, data, tmp_path
):
    from sigforensics.gan.checkpoint import FORMAT
    from sigforensics.tensors import read_tensors

    output = tmp_path / "model"
    command = [sys.executable, "-c", KILLED, data, output]
    # after each of four steps and the end of the epoch; the seventh is that of the second step of the second epoch
    killed = subprocess.run([*command, "7"], capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    assert len(list(output.glob(".checkpoint.*"))) == 1
    assert not (output / "generator.safetensors").exists()

    resumed = subprocess.run([*command, "0"], capture_output=True, check=False)
    assert resumed.returncode == 0, resumed.stderr[-2000:]
    assert list(output.glob(".checkpoint.*")) == []
    (one, there), (other, here) = (
        read_tensors(folder / "checkpoint.safetensors", form=FORMAT) for folder in (trained.folder, output)
    )
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name], err_msg=name)
    logs = [json.loads(texts["position"])["log"] for texts in (there, here)]
    for row in (row for log in logs for row in log):
        del row["seconds"], row["validation_seconds"]
    assert logs[0] == logs[1]


def test_a_run_keeps_the_arithmetic_that_it_began_with(data, tmp_path):
    output = tmp_path / "model"
    constant = replace(TRAINING, decay=0.0)
    once = replace(constant, epochs=1, precision="mixed_bfloat16")
    train(data, output, network=NETWORK, training=once)
    train(data, output, network=NETWORK, training=constant, resume=True)
    record = json.loads((output / "record.json").read_text(encoding="utf-8"))
    assert record["settings"]["training"]["precision"] == "mixed_bfloat16"
    assert record["notes"][0] == "Arithmetic: mixed_bfloat16, as the run began."
    with pytest.raises(ModelInvalid, match=r"differs in training\.precision"):
        train(data, output, network=NETWORK, training=replace(constant, precision="float32"), resume=True)


def test_more_devices_than_there_are_is_refused_by_train(data, tmp_path):
    with pytest.raises(DevicesMissing):
        train(data, tmp_path / "model", network=NETWORK, training=TRAINING, devices=99)


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
