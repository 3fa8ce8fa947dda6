"""A trained generator to one with a grain head, with its log and record; a run that was cut off goes on."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sigforensics.corpus import Row, read_frame
from sigforensics.corpus.frames import MANIFEST
from sigforensics.errors import CorpusInvalid, TableInvalid
from sigforensics.preprocessing import preprocessing_of
from sigforensics.provenance import Record, file_sha256, read_record, versions, write_record
from sigforensics.settings import Graining
from sigforensics.storage import atomic_file, refuse_inputs, remove_leftovers
from sigforensics.workflows.interruption import endings_deferred
from sigforensics.workflows.progress import Progress, SilentProgress
from sigforensics.workflows.train import check_training_folder

if TYPE_CHECKING:
    from sigforensics.gan.checkpoint import Position
    from sigforensics.gan.crops import Drawing
    from sigforensics.gan.refiner import Refiner
    from sigforensics.gan.refining import RefiningRun

__all__ = ["Refined", "refine"]


@dataclass(frozen=True)
class Refined:
    """What ``refine`` made."""

    folder: Path
    model: Path
    sha256: str
    steps: int
    log: tuple[dict[str, float], ...]


def refine(
    data: Path,
    output: Path,
    *,
    generator: Path | None = None,
    settings: Graining | None = None,
    resume: bool = False,
    half: bool = False,
    progress: Progress | None = None,
) -> Refined:
    """Train a grain head over a generator, on the training frame of a prepared corpus.

    Parameters
    ----------
    data : Path
        A folder that ``prepare`` made.
    output : Path
        A new folder, or with ``resume`` that of a run that was cut off: what that run left there is replaced.
    generator : Path, optional
        A model file; the bundled default if None. A grain head that it has is replaced.
    settings : Graining, optional
    resume : bool
    half : bool
        Write the weights as float16.
    progress : Progress, optional

    Raises
    ------
    FileUnreadable, TableInvalid, CorpusInvalid
        If the data are not a corpus prepared as the generator's was.
    ModelInvalid
        If the generator is none, or the checkpoint belongs to another run.
    OutputHoldsInputs
        If the folder is that of the data or lies in it, or the generator lies in the folder.
    OutputExists, TrainingDiverged, KeyboardInterrupt
        As ``train`` raises them.
    """
    settings, progress = settings or Graining(), progress or SilentProgress()
    rows, manifest_sha256 = _plain_rows(data), file_sha256(data / MANIFEST)
    from sigforensics.gan.bundled import bundled_generator
    from sigforensics.gan.model_file import read_model

    path = generator or bundled_generator()
    card = read_model(path)[1]
    _check_chain(data, card.preprocessing)
    settings = replace(settings, side=min(settings.side, card.network.size))
    checkpoint = output / "checkpoint.safetensors"
    refuse_inputs(output, [data, path])
    check_training_folder(output, checkpoint, resume=resume)
    progress.stage("Starting TensorFlow", None)
    from sigforensics.gan.refining import RefiningRun

    run = RefiningRun(path, card, settings, manifest_sha256, checkpoint)
    refiner, position = run.start()
    remove_leftovers(checkpoint)
    drawings = _draw(data, rows, run, progress)
    with endings_deferred() as endings:
        _train(run, refiner, position, drawings, progress, lambda: endings.asked)
    return _finish(output, data, run, refiner, position, rows=len(drawings), half=half)


def _plain_rows(data: Path) -> list[Row]:
    rows = [row for row in read_frame(data, "training") if not row.augmented]
    if not rows:
        raise TableInvalid(
            data / "training.csv", "has no rows to train on", "prepare a corpus with more signatures"
        )
    return rows


def _check_chain(data: Path, chain: Any) -> None:
    """Grain is that of one chain of preprocessing: the traces of any other would be learnt as if they were ink's."""
    prepared = preprocessing_of(read_record(data), where=data)
    if prepared != chain:
        what = f"was prepared with {prepared}, and the generator was trained with {chain}"
        raise CorpusInvalid(data, what, "prepare the corpus as the generator's was")


def _draw(data: Path, rows: list[Row], run: RefiningRun, progress: Progress) -> list[Drawing]:
    from sigforensics.gan.crops import choose_rows, load_drawings
    from sigforensics.gan.forger import load_forger

    chosen = choose_rows(rows, settings=run.settings)
    progress.stage("Drawing without grain", len(chosen))
    forger, seeds = (
        load_forger(run.generator, grain=False),
        np.zeros(2, np.int32),
    )  # without dropout nothing is random
    return load_drawings(
        data,
        chosen,
        size=run.card.network.size,
        draw=lambda edges, mask: forger.forge(edges, mask, seeds=seeds),
        done=progress.advance,
    )


def _train(
    run: RefiningRun,
    refiner: Refiner,
    position: Position,
    drawings: list[Drawing],
    progress: Progress,
    interrupted: Any,
) -> None:
    progress.stage("Refining", run.settings.steps)
    progress.advance(run.steps_done(position))

    def on_step(means: Any) -> None:
        _, stroke, paper, spectrum, low = means
        progress.advance(
            detail=f"patches {stroke:.2f} and {paper:.2f} grey levels  bands {spectrum:.3f} nats  low {low:.4f}"
        )

    try:
        run.train(refiner, position, drawings, on_step=on_step, interrupted=interrupted)
    except KeyboardInterrupt:
        progress.say(f"stopped after step {run.steps_done(position)}; --resume goes on")
        raise


def _finish(
    output: Path,
    data: Path,
    run: RefiningRun,
    refiner: Refiner,
    position: Position,
    *,
    rows: int,
    half: bool,
) -> Refined:
    """The model, the log and the record."""
    model, log = output / "generator.safetensors", output / "log.csv"
    facts = {"manifest_sha256": run.data_sha256, "training_rows": rows}
    card = run.write(refiner, position, model, record={"data": facts, "versions": versions()}, half=half)
    _write_log(log, position)
    record = Record(
        command="refine",
        arguments={"data": data, "generator": run.generator},
        settings={"graining": run.settings, "network": card.network, "preprocessing": card.preprocessing},
        inputs=[
            {"path": str(data / MANIFEST), "sha256": run.data_sha256},
            {"path": str(run.generator), "sha256": file_sha256(run.generator)},
        ],
        results={"steps": run.steps_done(position), "model_sha256": card.sha256, **facts},
    )
    record.add_outputs(output, [model, log])
    write_record(output, record)
    return Refined(output, model, card.sha256, run.steps_done(position), tuple(position.log))


def _write_log(path: Path, position: Position) -> None:
    from sigforensics.gan.refining import GRAIN_COLUMNS

    with atomic_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, GRAIN_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(position.log)
