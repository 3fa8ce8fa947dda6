"""A prepared corpus to a trained generator, with its log, pictures and record; a run that was cut off goes on."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigforensics.corpus import Row, read_frame
from sigforensics.corpus.frames import MANIFEST
from sigforensics.errors import ModelInvalid, OutputExists, OutputUnwritable, TableInvalid
from sigforensics.images import bytes_to_unit
from sigforensics.preprocessing import preprocessing_of
from sigforensics.provenance import Record, file_sha256, read_record, versions, write_record
from sigforensics.settings import Network, Training
from sigforensics.storage import atomic_file
from sigforensics.workflows.progress import Progress, SilentProgress

if TYPE_CHECKING:
    from sigforensics.gan.checkpoint import Position
    from sigforensics.gan.trainer import Trainer
    from sigforensics.gan.training import TrainingRun

__all__ = ["Trained", "train"]

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
        A new folder, or with ``resume`` that of a run that was cut off or is to go on for more epochs.
    network, training : settings, optional
    resume : bool
    half : bool
        Write the generator's weights as float16.
    progress : Progress, optional

    Raises
    ------
    FileUnreadable, TableInvalid
        If the data are not a prepared corpus.
    OutputExists
        If the folder is not empty and ``resume`` was not said.
    ModelInvalid
        If the checkpoint belongs to other settings or data.
    """
    network, training = network or Network(), training or Training()
    progress = progress or SilentProgress()
    rows, validation = read_frame(data, "training"), read_frame(data, "validation")
    if not rows:
        raise TableInvalid(
            data / "training.csv", "has no rows to train on", "prepare a corpus with more signatures"
        )
    checkpoint = output / "checkpoint.safetensors"
    _check_output(output, checkpoint, resume=resume)
    progress.stage("Starting TensorFlow", None)
    from sigforensics.gan.training import TrainingRun

    run = TrainingRun(
        data=data,
        rows=rows,
        validation=validation,
        network=network,
        training=training,
        preprocessing=preprocessing_of(read_record(data), where=data),
        data_sha256=file_sha256(data / MANIFEST),
        checkpoint=checkpoint,
    )
    trainer, position = run.start()
    while position.epoch < training.epochs:
        progress.stage(f"Epoch {position.epoch + 1} of {training.epochs}", run.steps)
        progress.advance(position.step)

        def on_step(means: Any) -> None:
            g_loss, d_loss, g_share, d_share, error = means
            detail = f"G {g_loss:.3f}  D {d_loss:.3f}  above zero G {g_share:.2f} D {d_share:.2f}  L1 {error / 2:.4f}"
            progress.advance(detail=detail)

        run.train_epoch(trainer, position, on_step=on_step)
        _write_epoch(output, run, trainer, position, validation[:PICTURED])
        progress.say(_epoch_line(position.log[-1]))
    return _finish(output, run, trainer, position, half=half)


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


def _write_epoch(
    output: Path, run: TrainingRun, trainer: Trainer, position: Position, pictured: Sequence[Row]
) -> None:
    """The log and the picture of the validation rows, as training goes."""
    from sigforensics.gan.training import LOG_COLUMNS
    from sigforensics.report.figures import draw_contact_sheet, save_figure

    with atomic_file(output / "log.csv") as temporary, temporary.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, LOG_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(position.log)
    if pictured:
        pictures = {
            name: [bytes_to_unit(image) for image in images] for name, images in run.picture_rows(trainer, pictured)
        }
        figure = draw_contact_sheet(pictures, columns=["input", "mask", "output", "target"])
        with atomic_file(output / "validation" / f"epoch-{position.epoch:04d}.png") as temporary:
            save_figure(figure, temporary)


def _finish(output: Path, run: TrainingRun, trainer: Trainer, position: Position, *, half: bool) -> Trained:
    """The model, the plot of the losses and the record."""
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
    record.add_outputs(output, [model, output / "log.csv", output / "losses.png"])
    write_record(output, record)
    return Trained(output, model, card.sha256, position.epoch, tuple(position.log))
