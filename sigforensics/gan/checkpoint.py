"""A training's whole state in one file, written atomically: what a run that was cut off goes on from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sigforensics.errors import ModelInvalid
from sigforensics.tensors import read_tensors, read_texts, write_tensors

__all__ = ["Position", "kept_precision", "kept_settings", "read_checkpoint", "write_checkpoint"]

FORMAT = "sigforensics-checkpoint/1"


@dataclass
class Position:
    """Where a training stands; training moves it on."""

    epoch: int = 0
    """Epochs completed."""
    step: int = 0
    """Steps of the current epoch completed."""
    sums: list[float] = field(default_factory=list)
    """Sums of the metrics over these steps."""
    seconds: float = 0.0
    """Time spent in the current epoch."""
    log: list[dict[str, float]] = field(default_factory=list)
    """A row an epoch completed."""

    @property
    def means(self) -> NDArray[np.float64]:
        """Means of the metrics over the steps of the current epoch."""
        return np.array(self.sums) / self.step

    def count_step(self, metrics: NDArray[np.float64], seconds: float) -> None:
        """Note a step with its metrics and the time that it took."""
        self.sums = metrics.tolist() if self.step == 0 else (np.array(self.sums) + metrics).tolist()
        self.step += 1
        self.seconds += seconds

    def close_epoch(self, row: dict[str, float]) -> None:
        """Note the end of the epoch with its log row."""
        self.log.append(row)
        self.epoch, self.step, self.sums, self.seconds = self.epoch + 1, 0, [], 0.0


def write_checkpoint(
    path: Path,
    state: Mapping[str, NDArray[Any]],
    position: Position,
    *,
    identity: Mapping[str, Mapping[str, Any]],
    settings: Mapping[str, Any] | None = None,
) -> None:
    """Write the state.

    ``identity`` is what must be equal for a run to go on from it, ``settings`` what the run was begun with, equal or not: groups
    of values that JSON knows.
    """
    metadata = {
        "position": json.dumps(vars(position)),
        "identity": json.dumps(identity, sort_keys=True),
        "settings": json.dumps(settings or {}, sort_keys=True),
    }
    write_tensors(path, state, metadata, form=FORMAT)


def read_checkpoint(
    path: Path, *, identity: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, NDArray[Any]], Position]:
    """The state and the position.

    Raises
    ------
    FileUnreadable
        If there is no such file, or it may not be read.
    ModelInvalid
        If the file is damaged, or belongs to other settings or data.
    """
    state, metadata = read_tensors(path, form=FORMAT)
    try:
        position = Position(**json.loads(metadata["position"]))
        kept = _flat(json.loads(metadata["identity"]))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelInvalid(path, f"states no position in a training ({error})") from error
    wanted = _flat(json.loads(json.dumps(identity)))
    changed = sorted(name for name in wanted.keys() | kept.keys() if wanted.get(name) != kept.get(name))
    if changed:
        raise ModelInvalid(
            path,
            f"belongs to a training that differs in {', '.join(changed)}",
            "resume with the same settings and data, or train into a new folder",
        )
    return state, position


def kept_precision(path: Path) -> Literal["float32", "mixed_bfloat16"] | None:
    """The arithmetic of the training that a checkpoint belongs to; None where it states none that we know."""
    metadata = read_texts(path, form=FORMAT)
    try:
        kept = json.loads(metadata["identity"])["training"]["precision"]
    except (KeyError, TypeError, ValueError):
        return None
    return kept if kept in ("float32", "mixed_bfloat16") else None


def kept_settings(path: Path) -> dict[str, Any]:
    """The settings that the training of a checkpoint was begun with.

    Raises
    ------
    FileUnreadable
        If there is no such file, or it may not be read.
    ModelInvalid
        If the file is damaged, or states none.
    """
    metadata = read_texts(path, form=FORMAT)
    try:
        return dict(json.loads(metadata["settings"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelInvalid(path, f"states no settings of a training ({error})") from error


def _flat(identity: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {f"{group}.{name}": value for group, values in identity.items() for name, value in values.items()}
