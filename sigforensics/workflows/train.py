"""A prepared corpus to a trained generator, with its log, pictures and record; a run that was cut off goes on."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigforensics.corpus import read_frame
from sigforensics.corpus.frames import MANIFEST
from sigforensics.errors import (
    CorpusInvalid,
    FileUnreadable,
    ModelInvalid,
    OutputExists,
    OutputUnwritable,
    TableInvalid,
)
from sigforensics.images import bytes_to_unit
from sigforensics.marking import sheet_texts
from sigforensics.preprocessing import preprocessing_of
from sigforensics.provenance import Record, file_sha256, read_record, versions, write_record
from sigforensics.settings import Network, Training
from sigforensics.storage import atomic_file, refuse_inputs
from sigforensics.workflows.interruption import interruption_deferred
from sigforensics.workflows.progress import Progress, SilentProgress

if TYPE_CHECKING:
    from sigforensics.gan.checkpoint import Position
    from sigforensics.gan.trainer import Trainer
    from sigforensics.gan.training import TrainingRun

__all__ = ["Trained", "prepared_size", "train"]

PICTURED = 8
"""Validation rows on the pictures that training leaves: the first signatures, each with its plain and its augmented input."""


@dataclass(frozen=True)
class Trained:
    """What ``train`` made."""

    folder: Path
    model: Path
    sha256: str
    epochs: int
    log: tuple[dict[str, float], ...]


def train(
    data: Path,
    output: Path,
    *,
    network: Network | None = None,
    training: Training | None = None,
    resume: bool = False,
    half: bool = False,
    progress: Progress | None = None,
) -> Trained:
    """Train a generator and its discriminator on a prepared corpus.

    Parameters
    ----------
    data : Path
        A folder that ``prepare`` made.
    output : Path
        A new folder, or with ``resume`` that of a run that was cut off or is to go on for more epochs: what that run left
        there under the names of our outputs is replaced.
    network, training : settings, optional
    resume : bool
    half : bool
        Write the generator's weights as float16.
    progress : Progress, optional

    Raises
    ------
    FileUnreadable, TableInvalid, CorpusInvalid
        If the data are not a corpus prepared for the network's size.
    OutputExists
        If the folder is not empty and ``resume`` was not said.
    OutputHoldsInputs
        If the folder is that of the data, or lies in it.
    ModelInvalid
        If the checkpoint belongs to other settings or data.
    TrainingDiverged
        If a loss is no longer a number.
    KeyboardInterrupt
        At Ctrl-C, after a checkpoint was written; at a second one, at once.
    """
    network, training = network or Network(), training or Training()
    progress = progress or SilentProgress()
    facts = _read_data(data, network)
    checkpoint = output / "checkpoint.safetensors"
    refuse_inputs(output, [data])
    _check_output(output, checkpoint, resume=resume)
    progress.stage("Starting TensorFlow", None)
    from sigforensics.gan.training import TrainingRun

    run = TrainingRun(data=data, network=network, training=training, checkpoint=checkpoint, **facts)
    trainer, position = run.start()
    with interruption_deferred() as interrupted:
        while position.epoch < training.epochs:
            _train_epoch(output, run, trainer, position, progress, interrupted)
    return _finish(output, run, trainer, position, half=half)


def prepared_size(data: Path) -> int:
    """The side, in pixels, of the images of a prepared corpus, on which a network of that size can be trained.

    Raises
    ------
    FileUnreadable, TableInvalid
        If the folder was not made by ``prepare``.
    CorpusInvalid
        If the size is no power of two: the network halves its images down to one pixel.
    """
    size = preprocessing_of(read_record(data), where=data).size
    if size & (size - 1):
        below = 1 << (size.bit_length() - 1)
        what = f"was prepared with size {size}, which is no power of two"
        raise CorpusInvalid(data, what, f"prepare it with --size {below} or {2 * below}")
    return size


def _read_data(data: Path, network: Network) -> dict[str, Any]:
    """What a :class:`TrainingRun` must know of the data; refuses what cannot be trained on before TensorFlow starts."""
    rows, validation = read_frame(data, "training"), read_frame(data, "validation")
    if not rows:
        advice = "prepare a corpus with more signatures"
        raise TableInvalid(data / "training.csv", "has no rows to train on", advice)
    preprocessing = preprocessing_of(read_record(data), where=data)
    if prepared_size(data) != network.size:
        raise TableInvalid(
            data,
            f"was prepared with size {preprocessing.size}, and the network has {network.size}",
            "prepare the corpus with the --size of the network, or train with that of the corpus",
        )
    manifest = data / MANIFEST
    if not manifest.is_file():
        raise FileUnreadable(
            manifest, "there is no such file", "give a folder that 'sigforensics prepare' made"
        )
    return {
        "rows": rows,
        "validation": validation,
        "preprocessing": preprocessing,
        "data_sha256": file_sha256(manifest),
    }


def _train_epoch(
    output: Path,
    run: TrainingRun,
    trainer: Trainer,
    position: Position,
    progress: Progress,
    interrupted: Callable[[], bool],
) -> None:
    """The rest of an epoch, and what it leaves in the folder."""
    progress.stage(f"Epoch {position.epoch + 1} of {run.training.epochs}", run.steps)
    progress.advance(position.step)

    def on_step(means: Any) -> None:
        g_loss, d_loss, g_share, d_share, error = means
        detail = (
            f"G {g_loss:.3f}  D {d_loss:.3f}  above zero G {g_share:.2f} D {d_share:.2f}  L1 {error / 2:.4f}"
        )
        progress.advance(detail=detail)

    try:
        run.train_epoch(trainer, position, on_step=on_step, interrupted=interrupted)
    except KeyboardInterrupt:
        progress.say(f"stopped in epoch {position.epoch + 1} after step {position.step}; --resume goes on")
        raise
    _write_log(output, position)
    _write_pictures(output, run, trainer, position)
    progress.say(_epoch_line(position.log[-1]))


def _check_output(output: Path, checkpoint: Path, *, resume: bool) -> None:
    if resume and not checkpoint.is_file():
        raise ModelInvalid(checkpoint, "there is no checkpoint to resume from", "train without --resume")
    if not resume and output.exists() and (not output.is_dir() or any(output.iterdir())):
        advice = "go on with --resume, or choose another name"
        raise OutputExists(output, "folder exists and is not empty", advice)
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputUnwritable(output, error.strerror or str(error)) from error


def _epoch_line(row: dict[str, float]) -> str:
    return (
        f"epoch {row['epoch']:.0f}: G loss {row['generator_loss']:.3f}, D loss {row['discriminator_loss']:.3f}, "
        f"patches above zero G {row['generator_accuracy']:.3f} D {row['discriminator_accuracy']:.3f}, "
        f"L1 {row['l1']:.4f} (validation {row['validation_l1']:.4f}), {row['seconds']:.0f} s"
    )


def _write_log(output: Path, position: Position) -> Path:
    from sigforensics.gan.training import LOG_COLUMNS

    path = output / "log.csv"
    with atomic_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, LOG_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(position.log)
    return path


def _write_pictures(output: Path, run: TrainingRun, trainer: Trainer, position: Position) -> None:
    """Some validation rows as the generator now gives them."""
    from sigforensics.report.figures import draw_contact_sheet, save_figure

    if not run.validation:
        return
    rows = {
        name: [bytes_to_unit(image) for image in images]
        for name, images in run.picture_rows(trainer, run.validation[:PICTURED])
    }
    figure = draw_contact_sheet(rows, columns=["input", "mask", "output", "target"])
    with atomic_file(output / "validation" / f"epoch-{position.epoch:04d}.png") as temporary:
        texts = sheet_texts(generator=f"in training, epoch {position.epoch}", seed=run.training.seed)
        save_figure(figure, temporary, texts=texts)


def _finish(output: Path, run: TrainingRun, trainer: Trainer, position: Position, *, half: bool) -> Trained:
    """The model, the log, the plot of the losses and the record."""
    from sigforensics.report.figures import draw_losses, save_figure

    counts = {
        "writers": len({row.writer for row in run.rows}),
        "training_rows": len(run.rows),
        "validation_rows": len(run.validation),
        "manifest_sha256": run.data_sha256,
    }
    model = output / "generator.safetensors"
    card = run.write(trainer, position, model, record={"data": counts, "versions": versions()}, half=half)
    with atomic_file(output / "losses.png") as temporary:
        save_figure(draw_losses(position.log), temporary)
    record = Record(
        command="train",
        arguments={"data": run.data},
        settings={"network": run.network, "training": run.training, "preprocessing": run.preprocessing},
        inputs=[{"path": str(run.data / MANIFEST), "sha256": run.data_sha256}],
        results={
            "epochs": position.epoch,
            "model_sha256": card.sha256,
            "last_epoch": position.log[-1],
            **counts,
        },
    )
    record.add_outputs(output, [model, _write_log(output, position), output / "losses.png"])
    write_record(output, record)
    return Trained(output, model, card.sha256, position.epoch, tuple(position.log))
