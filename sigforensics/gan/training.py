"""The training of a generator: epochs of steps, a log row an epoch, checkpoints, and the finished model file."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.corpus import Row
from sigforensics.errors import ModelInvalid, TrainingDiverged
from sigforensics.gan.checkpoint import Position, read_checkpoint, write_checkpoint
from sigforensics.gan.forger import named_weights
from sigforensics.gan.model_file import ModelCard, read_model, without_grain, write_model
from sigforensics.gan.replicas import Replicas
from sigforensics.gan.rows import Batch, load_row, step_batches
from sigforensics.gan.structure import weight_shapes
from sigforensics.gan.trainer import METRICS, Trainer
from sigforensics.images import (
    ByteImage,
    bytes_to_unit,
    signed_to_unit,
    unit_to_bytes,
    unit_to_signed,
)
from sigforensics.preprocessing import threshold
from sigforensics.settings import Network, Preprocessing, Training, Validation

__all__ = ["TRAINING_COLUMNS", "Forged", "TrainingRun"]

TRAINING_COLUMNS = ("epoch", *METRICS, "seconds")
"""Of a log row, what training itself gives: the reference's five; the mean absolute error (dropout on) on the scale of ink 0 to
1; and the time that the epoch's steps took."""

GREY_SCALE = 0.5
"""From the networks' range of 2 to the ink range of 1."""


@dataclass(frozen=True)
class Forged:
    """A row, and what the generator makes of it. All uint8, shape (size, size), ink bright on paper 0."""

    edges: ByteImage
    mask: ByteImage
    fake: ByteImage
    """Without dropout, and through the last steps of the target: 8 bits, values below the threshold to 0."""
    target: ByteImage


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
    beginning: Path | None = None
    """A generator's file, from whose weights, without its grain head, the generator goes on; drawn with the seed if None."""
    validation_rows: int = Validation().rows
    """On how many rows it is measured; kept, as the next, for a resumed run to end as it was begun."""
    half: bool = False
    """Whether its weights are written as float16."""
    devices: int | None = 1
    """Among how many a batch is shared; all that there are if None. They do not change the mathematics, and a run may go on
    with another number; the weights then differ by rounding."""

    @property
    def steps(self) -> int:
        """Steps an epoch."""
        return -(-len(self.rows) // self.training.batch)

    @property
    def identity(self) -> dict[str, dict[str, Any]]:
        """What must be equal for a checkpoint to go on.

        That is all but the checkpoint interval, the number of epochs where step sizes do not fall with it, and how rows would
        be varied where none is.
        """
        training = asdict(self.training)
        del training["checkpoint_minutes"]
        if not self.training.decay:
            del training["epochs"]
        if not self.training.varied:  # how rows would be varied: older checkpoints do not say
            for name in ("varied", "bent", "enlarged_share", "enlarged", "darkened"):
                del training[name]
        rows = [astuple(row) for row in self.rows]
        beginning = read_model(self.beginning)[1].sha256 if self.beginning else None
        return {
            "network": asdict(self.network),
            "training": training,
            "preprocessing": asdict(self.preprocessing),
            "beginning": {"weights": beginning},
            "data": {
                "manifest": self.data_sha256,
                "rows": hashlib.sha256(json.dumps(rows).encode()).hexdigest(),
            },
        }

    def rate_share(self, epoch: int) -> float:
        """The share of the stated step sizes that is taken in an epoch, counted from 0: 1, then falling towards 0."""
        falling = self.training.decay * self.training.epochs
        return min(1.0, (self.training.epochs - epoch) / falling) if falling else 1.0

    def start(self) -> tuple[Trainer, Position]:
        """Fresh networks, or those of the checkpoint if there is one.

        Raises
        ------
        ModelInvalid
            If the checkpoint is damaged, or belongs to other settings or data; or if the generator to begin with is another
            network.
        DevicesMissing
            If the machine has fewer devices than asked for.
        """
        trainer = Trainer(self.network, self.training, Replicas(self.devices))
        if not self.checkpoint.exists():
            if self.beginning:
                self._begin(trainer, self.beginning)
            return trainer, Position()
        state, position = read_checkpoint(self.checkpoint, identity=self.identity)
        try:
            trainer.restore(state)
        except ValueError as error:
            raise ModelInvalid(self.checkpoint, str(error)) from error
        return trainer, position

    def _begin(self, trainer: Trainer, path: Path) -> None:
        weights, card = without_grain(*read_model(path))
        if {name: weight.shape for name, weight in weights.items()} != weight_shapes(self.network):
            what = f"holds the weights of another network than is to be trained ({card.network})"
            raise ModelInvalid(path, what, "begin with a generator of the same settings")
        for name, variable in named_weights(trainer.generator).items():
            variable.assign(weights[name])

    def train_epoch(
        self,
        trainer: Trainer,
        position: Position,
        *,
        on_step: Callable[[NDArray[np.float64]], None],
        interrupted: Callable[[], bool] = lambda: False,
        validate: Callable[[], Mapping[str, float]] = dict,
    ) -> None:
        """Go through the rest of the current epoch; leave a checkpoint and a log row behind.

        Parameters
        ----------
        trainer, position
            As :meth:`start` gave them; both move on.
        on_step : callable
            Is given the running means of the metrics after every step.
        interrupted : callable
            Is asked after every step whether to stop.
        validate : callable
            Is asked after the last step for what the log row shall say beside the training's own columns.

        Raises
        ------
        KeyboardInterrupt
            If ``interrupted`` said so; the checkpoint is that of the step before.
        TrainingDiverged
            If a loss is no longer a number; the checkpoint is left as it was.
        """
        trainer.set_rates(self.rate_share(position.epoch))
        saved = ended = time.monotonic()
        for batch in self._batches(position):
            metrics = trainer.step(*batch)
            self._require_finite(metrics, "the losses are no longer numbers")
            began, ended = ended, time.monotonic()
            position.count_step(metrics, ended - began)
            on_step(position.means)
            stop = interrupted()
            if stop or ended - saved >= 60 * self.training.checkpoint_minutes:
                saved = ended
                self.save(trainer, position)
            if stop:
                raise KeyboardInterrupt
        row = self._log_row(position)
        position.close_epoch(row | dict(validate()))
        self.save(trainer, position)

    def _batches(self, position: Position) -> Iterator[Batch]:
        return step_batches(
            self.data,
            self.rows,
            size=self.network.size,
            training=self.training,
            preprocessing=self.preprocessing,
            epoch=position.epoch,
            start=position.step,
        )

    def _require_finite(self, values: NDArray[Any], what: str) -> None:
        if not np.isfinite(values).all():
            raise TrainingDiverged(self.checkpoint.parent, what)

    @staticmethod
    def _log_row(position: Position) -> dict[str, float]:
        means = dict(zip(METRICS, position.means.tolist(), strict=True))
        means["l1"] *= GREY_SCALE
        return {"epoch": position.epoch + 1, **means, "seconds": position.seconds}

    def save(self, trainer: Trainer, position: Position) -> None:
        """Write the checkpoint."""
        settings = {
            "network": asdict(self.network),
            "training": asdict(self.training),
            "beginning": str(self.beginning) if self.beginning else None,
            "validation_rows": self.validation_rows,
            "half": self.half,
        }
        write_checkpoint(
            self.checkpoint, trainer.state(), position, identity=self.identity, settings=settings
        )

    def forge(self, trainer: Trainer, row: Row) -> Forged:
        """What the generator makes of a row.

        Raises
        ------
        FileUnreadable, TableInvalid
            If a picture cannot be read, or has another size.
        TrainingDiverged
            If the generator gives no numbers.
        """
        edges, mask, target = load_row(self.data, row, size=self.network.size)
        signed = trainer.generate(*(unit_to_signed(bytes_to_unit(image)) for image in (edges, mask)))
        self._require_finite(signed, "the generator gives no numbers any more")
        fake = threshold(unit_to_bytes(signed_to_unit(signed)), level=self.preprocessing.threshold)
        return Forged(edges, mask, fake, target)

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
