"""The training of a generator: epochs of steps, a log row an epoch, checkpoints, and the finished model file."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.corpus import Row
from sigforensics.gan.backend import standard_error_held_back, tf
from sigforensics.gan.checkpoint import Position, read_checkpoint, write_checkpoint
from sigforensics.gan.forger import named_weights
from sigforensics.gan.model_file import ModelCard, write_model
from sigforensics.gan.rows import load_row, step_batches
from sigforensics.gan.trainer import METRICS, Trainer
from sigforensics.images import ByteImage, bytes_to_unit, signed_to_unit, unit_to_bytes, unit_to_signed
from sigforensics.preprocessing import threshold
from sigforensics.settings import Network, Preprocessing, Training

__all__ = ["LOG_COLUMNS", "TrainingRun"]

LOG_COLUMNS = (
    "epoch",
    "generator_loss",
    "discriminator_loss",
    "generator_accuracy",
    "discriminator_accuracy",
    "l1",
    "validation_l1",
    "seconds",
)
"""The reference's five, then: mean absolute error in training (dropout on) and on the validation rows (dropout off), both on
the scale of ink 0 to 1; and the time the epoch took."""

GREY_SCALE = 0.5
"""From the networks' range of 2 to the ink range of 1."""


@dataclass(frozen=True)
class TrainingRun:
    """One training: data, settings, and where its state is kept."""

    data: Path
    rows: Sequence[Row]
    validation: Sequence[Row]
    network: Network
    training: Training
    preprocessing: Preprocessing
    data_sha256: str
    """Of the manifest."""
    checkpoint: Path

    @property
    def steps(self) -> int:
        """Steps an epoch."""
        return -(-len(self.rows) // self.training.batch)

    @property
    def identity(self) -> dict[str, Any]:
        """What must be equal for a checkpoint to go on: all but the number of epochs and the checkpoint interval."""
        training = asdict(self.training)
        del training["epochs"], training["checkpoint_minutes"]
        return {"network": asdict(self.network), "training": training, "data": self.data_sha256}

    def start(self) -> tuple[Trainer, Position]:
        """Fresh networks, or those of the checkpoint if there is one."""
        trainer = Trainer(self.network, self.training)
        if not self.checkpoint.exists():
            return trainer, Position()
        state, position = read_checkpoint(self.checkpoint, identity=self.identity)
        trainer.restore(state)
        return trainer, position

    def train_epoch(
        self, trainer: Trainer, position: Position, *, on_step: Callable[[NDArray[np.float64]], None]
    ) -> None:
        """Go through the rest of the current epoch; leave a checkpoint and a log row behind.

        ``on_step`` is called after every step with the running means of the metrics.
        """
        sums = np.array(position.sums or [0.0] * len(METRICS))
        began = saved = time.monotonic()
        batches = step_batches(
            self.data,
            self.rows,
            size=self.network.size,
            batch=self.training.batch,
            seed=self.training.seed,
            epoch=position.epoch,
            start=position.step,
        )
        for batch in batches:
            sums += _first_call_quietly(trainer, batch)
            position.step += 1
            on_step(sums / position.step)
            if time.monotonic() - saved > 60 * self.training.checkpoint_minutes:
                saved = time.monotonic()
                position.sums = sums.tolist()
                position.seconds += saved - began
                began = saved
                self.save(trainer, position)
        position.seconds += time.monotonic() - began
        means = sums / self.steps
        position.log.append(self._log_row(trainer, position, means))
        position.epoch, position.step, position.sums, position.seconds = position.epoch + 1, 0, [], 0.0
        self.save(trainer, position)

    def _log_row(self, trainer: Trainer, position: Position, means: NDArray[np.float64]) -> dict[str, float]:
        row = dict(zip(METRICS, means.tolist(), strict=True))
        row["l1"] *= GREY_SCALE
        validation = [self._validation_error(trainer, row) for row in self.validation]
        row["validation_l1"] = float(np.mean(validation)) if validation else float("nan")
        return {"epoch": position.epoch + 1, **row, "seconds": position.seconds}

    def save(self, trainer: Trainer, position: Position) -> None:
        """Write the checkpoint."""
        write_checkpoint(self.checkpoint, trainer.state(), position, identity=self.identity)

    def _validation_error(self, trainer: Trainer, row: Row) -> float:
        fake, (_, _, target) = self._forge(trainer, row)
        return float(np.abs(fake - bytes_to_unit(target)).mean())

    def _forge(self, trainer: Trainer, row: Row) -> tuple[NDArray[np.float32], tuple[ByteImage, ...]]:
        images = load_row(self.data, row, size=self.network.size)
        edges, mask, _ = (
            tf.constant(unit_to_signed(bytes_to_unit(image))[None, ..., None]) for image in images
        )
        signed = trainer.generate(edges, mask, tf.zeros((1, 2), tf.int32)).numpy()[0, ..., 0]
        return signed_to_unit(signed), images

    def picture_rows(self, trainer: Trainer, rows: Sequence[Row]) -> list[tuple[str, list[ByteImage]]]:
        """Input, mask, output and target of some rows, with the name of each."""
        pictures = []
        for row in rows:
            fake, (edges, mask, target) = self._forge(trainer, row)
            output = threshold(unit_to_bytes(fake), level=self.preprocessing.threshold)
            name = f"{row.sample}{' augmented' if row.augmented else ''}"
            pictures.append((name, [edges, mask, output, target]))
        return pictures

    def write(
        self,
        trainer: Trainer,
        position: Position,
        path: Path,
        *,
        record: Mapping[str, Any],
        half: bool = False,
    ) -> ModelCard:
        """Write the generator with its settings and its training record."""
        weights = {name: np.asarray(value) for name, value in named_weights(trainer.generator).items()}
        return write_model(
            path,
            weights,
            network=self.network,
            preprocessing=self.preprocessing,
            training={"settings": asdict(self.training), "log": position.log, **record},
            dtype=np.float16 if half else np.float32,
        )


def _first_call_quietly(trainer: Trainer, batch: tuple[Any, ...]) -> NDArray[np.float64]:
    if trainer.traced:
        return np.asarray(trainer.step(*batch), np.float64)
    with standard_error_held_back():  # TensorFlow's graph optimiser complains of what it then does without
        trainer.traced = True
        return np.asarray(trainer.step(*batch), np.float64)
