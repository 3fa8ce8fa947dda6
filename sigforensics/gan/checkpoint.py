"""A training's whole state in one file, written atomically: what a run that was cut off goes on from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from sigforensics.errors import ModelInvalid
from sigforensics.storage import atomic_file

__all__ = ["Position", "read_checkpoint", "write_checkpoint"]

FORMAT = "sigforensics-checkpoint/1"


@dataclass
class Position:
    """Where a training stands."""

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


def write_checkpoint(
    path: Path, state: Mapping[str, NDArray[Any]], position: Position, *, identity: Mapping[str, Any]
) -> None:
    """Write the state; ``identity`` is what must be equal for a run to go on from it (settings, data)."""
    metadata = {
        "format": FORMAT,
        "position": json.dumps(vars(position)),
        "identity": json.dumps(identity, sort_keys=True),
    }
    with atomic_file(path) as temporary:
        save_file({name: np.ascontiguousarray(value) for name, value in state.items()}, temporary, metadata)


def read_checkpoint(path: Path, *, identity: Mapping[str, Any]) -> tuple[dict[str, NDArray[Any]], Position]:
    """The state and the position.

    Raises
    ------
    ModelInvalid
        If the file is damaged, or belongs to other settings or data.
    """
    try:
        with safe_open(path, framework="np") as stream:
            metadata = stream.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise ModelInvalid(path, "is no checkpoint of sigforensics")
            position = Position(**json.loads(metadata["position"]))
            kept = json.loads(metadata["identity"])
            state = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise ModelInvalid(path, f"is no checkpoint, or not a whole one ({error})") from error
    wanted = json.loads(json.dumps(identity, sort_keys=True))
    changed = sorted(key for key in wanted.keys() | kept.keys() if wanted.get(key) != kept.get(key))
    if changed:
        raise ModelInvalid(
            path,
            f"belongs to a training with another {' and '.join(changed)}",
            "resume with the same settings and data, or train into a new folder",
        )
    return state, position
