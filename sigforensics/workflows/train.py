"""A prepared corpus to a trained generator, with its log, pictures and record; a run that was cut off goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

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
from sigforensics.preprocessing import preprocessing_of
from sigforensics.provenance import Record, file_sha256, read_record, versions, write_record
from sigforensics.settings import Network, Training, Validation
from sigforensics.storage import refuse_inputs, remove_leftovers
from sigforensics.workflows.interruption import endings_deferred
from sigforensics.workflows.progress import Progress, SilentProgress
from sigforensics.workflows.training_folder import (
    epoch_line,
    new_warnings,
    warning_notes,
    write_log,
    write_losses,
    write_pictures,
)
from sigforensics.workflows.validating import validate

if TYPE_CHECKING:
    from sigforensics.gan.checkpoint import Position
    from sigforensics.gan.precision import Arithmetic
    from sigforensics.gan.trainer import Trainer
    from sigforensics.gan.training import TrainingRun

__all__ = ["Trained", "begun", "check_training_folder", "prepared_size", "train"]


CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True)
class Trained:
    """What ``train`` made."""

    folder: Path
    model: Path
    sha256: str
    epochs: int
    log: tuple[dict[str, float], ...]
    notes: tuple[str, ...] = ()
    """What a reader must know before using the generator."""


def train(
    data: Path,
    output: Path,
    *,
    network: Network | None = None,
    training: Training | None = None,
    validation: Validation | None = None,
    beginning: Path | None = None,
    devices: int | None = 1,
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
    network, training, validation : settings, optional
    beginning : Path, optional
        A generator's file whose weights, without its grain head, are trained on; the seed draws them if None.
    devices : int or None
        GPUs (or devices that TensorFlow was told to make of the CPU) that share each batch; all that there are if None.
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
        If the folder is that of the data, or lies in it, or the generator to begin with lies in the folder.
    ModelInvalid
        If the checkpoint belongs to other settings or data, or the generator to begin with is another network.
    TrainingDiverged
        If a loss is no longer a number.
    DevicesMissing
        If the machine has fewer devices.
    KeyboardInterrupt
        At Ctrl-C, after a checkpoint was written; at a second one, at once. Other signals that ask to end do so as late.
    """
    network, training, validation = network or Network(), training or Training(), validation or Validation()
    progress = progress or SilentProgress()
    facts = _read_data(data, network)
    checkpoint = output / CHECKPOINT
    refuse_inputs(output, [data, beginning] if beginning else [data])
    check_training_folder(output, checkpoint, resume=resume)
    progress.stage("Starting TensorFlow", None)
    from sigforensics.gan.training import TrainingRun

    arithmetic = _arithmetic(training, checkpoint)
    training = replace(training, precision=arithmetic.dtype)
    run = TrainingRun(
        data=data,
        network=network,
        training=training,
        checkpoint=checkpoint,
        beginning=beginning,
        validation_rows=validation.rows,
        half=half,
        devices=devices,
        **facts,
    )
    trainer, position = run.start()
    remove_leftovers(checkpoint)
    with endings_deferred() as endings:
        while position.epoch < training.epochs:
            _train_epoch(output, run, trainer, position, validation, progress, lambda: endings.asked)
    return _finish(output, run, trainer, position, validation, arithmetic)


def _arithmetic(training: Training, checkpoint: Path) -> Arithmetic:
    """That of the checkpoint where there is one and the user leaves the choice to us, else the machine's."""
    from sigforensics.gan.checkpoint import kept_precision
    from sigforensics.gan.precision import Arithmetic, choose_arithmetic

    kept = kept_precision(checkpoint) if training.precision == "auto" and checkpoint.exists() else None
    return Arithmetic(kept, "as the run began") if kept else choose_arithmetic(training.precision)


class Begun(NamedTuple):
    """What a training was begun with."""

    network: Network
    training: Training
    beginning: Path | None
    """The generator whose weights it went on from, if any."""
    validation_rows: int
    half: bool
    """Whether its weights are to be written as float16."""


def begun(output: Path) -> Begun:
    """What the training in a folder was begun with.

    Raises
    ------
    ModelInvalid
        If there is no checkpoint, or it does not state them.
    """
    from sigforensics.gan.checkpoint import kept_settings

    checkpoint = checkpoint_of(output)
    kept = kept_settings(checkpoint)
    try:
        network, training = Network(**kept["network"]), Training(**_tuples(kept["training"]))
        beginning = Path(kept["beginning"]) if kept["beginning"] else None
        validation_rows, half = int(kept["validation_rows"]), bool(kept["half"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelInvalid(checkpoint, f"states no settings that this version knows ({error})") from error
    training = replace(training, precision="auto")  # which goes on in the kept arithmetic
    return Begun(network, training, beginning, validation_rows, half)


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """What JSON has as lists."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def checkpoint_of(output: Path) -> Path:
    """The checkpoint in a folder of a training.

    Raises
    ------
    ModelInvalid
        If there is none.
    """
    checkpoint = output / CHECKPOINT
    if not checkpoint.is_file():
        raise ModelInvalid(checkpoint, "there is no checkpoint to resume from", "train without --resume")
    return checkpoint


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
    validation: Validation,
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
        run.train_epoch(
            trainer,
            position,
            on_step=on_step,
            interrupted=interrupted,
            validate=lambda: validate(run, trainer, settings=validation),
        )
    except KeyboardInterrupt:
        progress.say(f"stopped in epoch {position.epoch + 1} after step {position.step}; --resume goes on")
        raise
    write_log(output, position.log, settings=validation)
    write_losses(output, position.log, settings=validation)
    write_pictures(output, run, trainer, position.epoch)
    progress.say(epoch_line(position.log[-1]))
    for warning in new_warnings(position.log, settings=validation):
        progress.say(f"warning: {warning}")


def check_training_folder(output: Path, checkpoint: Path, *, resume: bool) -> None:
    """Make the folder; refuse one that holds anything, unless it is to be gone on in and has a checkpoint."""
    if resume:
        checkpoint_of(checkpoint.parent)
    if not resume and output.exists() and (not output.is_dir() or any(output.iterdir())):
        advice = "go on with --resume, or choose another name"
        raise OutputExists(output, "folder exists and is not empty", advice)
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputUnwritable(output, error.strerror or str(error)) from error


def _start(run: TrainingRun) -> dict[str, Any] | None:
    """Of the generator whose weights were trained on: its name, the hash of its weights, and its own record."""
    from sigforensics.gan.model_file import read_model

    if not run.beginning:
        return None
    card = read_model(run.beginning)[1]
    return {"name": run.beginning.stem, "sha256": card.sha256, "training": card.training}


def _finish(
    output: Path,
    run: TrainingRun,
    trainer: Trainer,
    position: Position,
    validation: Validation,
    arithmetic: Arithmetic,
) -> Trained:
    """The model, the log, the plot of the losses and the record."""
    counts = {
        "writers": len({row.writer for row in run.rows}),
        "training_rows": len(run.rows),
        "validation_rows": len(run.validation),
        "manifest_sha256": run.data_sha256,
    }
    model, start = output / "generator.safetensors", _start(run)
    described: dict[str, Any] = {"data": counts, "versions": versions()} | ({"start": start} if start else {})
    card = run.write(trainer, position, model, record=described, half=run.half)
    files = [
        model,
        write_log(output, position.log, settings=validation),
        write_losses(output, position.log, settings=validation),
    ]
    record = Record(
        command="train",
        arguments={"data": run.data},
        settings={
            "network": run.network,
            "training": run.training,
            "validation": validation,
            "preprocessing": run.preprocessing,
        },
        inputs=[
            {"path": str(run.data / MANIFEST), "sha256": run.data_sha256},
            *([{"path": str(run.beginning), "sha256": file_sha256(run.beginning)}] if run.beginning else []),
        ],
        notes=[
            f"Arithmetic: {arithmetic.dtype}, {arithmetic.reason}.",
            *warning_notes(position.log, settings=validation),
        ],
        results={
            "epochs": position.epoch,
            "model_sha256": card.sha256,
            "last_epoch": position.log[-1],
            "devices": trainer.replicas.count,
            **counts,
        },
    )
    record.add_outputs(output, files)
    write_record(output, record)
    return Trained(output, model, card.sha256, position.epoch, tuple(position.log), tuple(record.notes))
