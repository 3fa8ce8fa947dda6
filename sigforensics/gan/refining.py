"""The training of a grain head over a trained generator: steps, a log row every so many, checkpoints, the finished model."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.errors import ModelInvalid, TrainingDiverged
from sigforensics.gan.checkpoint import Position, read_checkpoint, write_checkpoint
from sigforensics.gan.crops import Drawing, draw_crops
from sigforensics.gan.model_file import ModelCard, read_model, without_grain, write_model
from sigforensics.gan.refiner import METRICS, Refiner
from sigforensics.settings import Graining

__all__ = ["GRAIN_COLUMNS", "RefiningRun"]

GRAIN_COLUMNS = ("steps", *METRICS, "seconds")
"""Means of the metrics over the steps since the row before, and the seconds that they took."""


@dataclass(frozen=True)
class RefiningRun:
    """One refinement: the generator, whose own grain head, if it has one, is left out; the settings; and where the state is kept.

    A row of the log is ``settings.log_steps`` steps: what :class:`Position` calls an epoch.
    """

    generator: Path
    card: ModelCard
    settings: Graining
    data_sha256: str
    """Of the manifest."""
    checkpoint: Path

    @property
    def identity(self) -> dict[str, dict[str, Any]]:
        """What must be equal for a checkpoint to go on."""
        settings = asdict(self.settings)
        del settings["checkpoint_minutes"]
        facts = {"generator": self.card.sha256, "manifest": self.data_sha256}
        return {"graining": settings, "data": facts}

    def start(self) -> tuple[Refiner, Position]:
        """A fresh head, or that of the checkpoint if there is one.

        Raises
        ------
        ModelInvalid
            If the checkpoint is damaged, or belongs to other settings, data, or another generator.
        """
        refiner = Refiner(
            self.settings, leak=self.card.network.leak, threshold=self.card.preprocessing.threshold
        )
        if not self.checkpoint.exists():
            return refiner, Position()
        state, position = read_checkpoint(self.checkpoint, identity=self.identity)
        try:
            refiner.restore(state)
        except ValueError as error:
            raise ModelInvalid(self.checkpoint, str(error)) from error
        return refiner, position

    def steps_done(self, position: Position) -> int:
        """Steps completed; the last row of the log may have fewer than the others."""
        return min(position.epoch * self.settings.log_steps + position.step, self.settings.steps)

    def train(
        self,
        refiner: Refiner,
        position: Position,
        drawings: Sequence[Drawing],
        *,
        on_step: Callable[[NDArray[np.float64]], None],
        interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        """Go through the steps that are left; ``on_step`` is given the running means of the metrics.

        Raises
        ------
        KeyboardInterrupt
            If ``interrupted`` said so; a checkpoint was written.
        TrainingDiverged
            If the loss is no longer a number; the checkpoint is left as it was.
        """
        saved = ended = time.monotonic()
        while (step := self.steps_done(position)) < self.settings.steps:
            metrics = refiner.step(draw_crops(drawings, settings=self.settings, step=step), step=step)
            if not np.isfinite(metrics).all():
                raise TrainingDiverged(self.checkpoint.parent, "the losses are no longer numbers")
            began, ended = ended, time.monotonic()
            position.count_step(metrics, ended - began)
            on_step(position.means)
            if position.step == self.settings.log_steps or step + 1 == self.settings.steps:
                self._close_row(position, step + 1)
            stop = interrupted()
            if stop or ended - saved >= 60 * self.settings.checkpoint_minutes:
                saved = ended
                self.save(refiner, position)
            if stop:
                raise KeyboardInterrupt
        self.save(refiner, position)

    @staticmethod
    def _close_row(position: Position, steps: int) -> None:
        row = dict(zip(METRICS, position.means.tolist(), strict=True))
        position.close_epoch({"steps": steps, **row, "seconds": position.seconds})

    def save(self, refiner: Refiner, position: Position) -> None:
        """Write the checkpoint."""
        write_checkpoint(self.checkpoint, refiner.state(), position, identity=self.identity)

    def write(
        self,
        refiner: Refiner,
        position: Position,
        path: Path,
        *,
        record: Mapping[str, Any],
        half: bool = False,
    ) -> ModelCard:
        """Write the generator with its head; the record of its training stands in the generator's as ``graining``."""
        weights, card = without_grain(*read_model(self.generator))
        settings = self.settings
        network = replace(card.network, grain_width=settings.width, grain_layers=settings.layers)
        graining = {
            "settings": asdict(settings),
            "log": position.log,
            "drawn_by": {"name": self.generator.stem, "sha256": card.sha256},
            **record,
        }
        return write_model(
            path,
            weights | refiner.averaged(),
            network=network,
            preprocessing=card.preprocessing,
            training={**card.training, "graining": graining},
            dtype=np.float16 if half else np.float32,
        )
