"""A generator in one file: safetensors, which holds numbers and text and cannot run code, with its settings and a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from sigforensics.errors import FileUnreadable, ModelInvalid
from sigforensics.settings import Network, Preprocessing
from sigforensics.storage import atomic_file

__all__ = ["ModelCard", "read_model", "tensors_sha256", "write_model"]

FORMAT = "sigforensics-generator/1"
MAX_SIZE, MAX_FILTERS = 2048, 512
"""Bounds of a network that we are ready to build from a file: a file must not be able to ask for all memory."""


@dataclass(frozen=True)
class ModelCard:
    """What a generator's file says about it."""

    network: Network
    preprocessing: Preprocessing
    training: Mapping[str, Any]
    """The record of the training: settings, data (counts and hash of the manifest), log, versions."""
    sha256: str
    """Of the tensors: names, shapes, dtypes and values, in the order of the names."""


def tensors_sha256(tensors: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 over names, dtypes, shapes and little-endian values of the tensors, in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = np.ascontiguousarray(tensors[name])
        digest.update(f"{name}\0{tensor.dtype.str}\0{tensor.shape}\0".encode())
        digest.update(tensor.tobytes())
    return digest.hexdigest()


def write_model(
    path: Path,
    weights: Mapping[str, NDArray[np.float32]],
    *,
    network: Network,
    preprocessing: Preprocessing,
    training: Mapping[str, Any],
    dtype: type[np.floating[Any]] = np.float32,
) -> ModelCard:
    """Write a generator atomically; ``dtype`` float16 halves the file."""
    tensors = {name: np.asarray(value, dtype) for name, value in weights.items()}
    card = ModelCard(network, preprocessing, training, tensors_sha256(tensors))
    metadata = {
        "format": FORMAT,
        "network": json.dumps(asdict(network), sort_keys=True),
        "preprocessing": json.dumps(asdict(preprocessing), sort_keys=True),
        "training": json.dumps(training, sort_keys=True),
        "sha256": card.sha256,
    }
    with atomic_file(path) as temporary:
        save_file(tensors, temporary, metadata)
    return card


def read_model(path: Path) -> tuple[dict[str, NDArray[np.float32]], ModelCard]:
    """The weights, as float32, and the card of a generator.

    Raises
    ------
    FileUnreadable
        If there is no such file, or it may not be read.
    ModelInvalid
        If it is no generator of ours, is damaged, or asks for an absurd network.
    """
    if not path.is_file():
        raise FileUnreadable(path, "there is no such file")
    try:
        with safe_open(path, framework="np") as stream:
            metadata = stream.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise ModelInvalid(path, "is no generator of sigforensics")
            card = ModelCard(
                Network(**json.loads(metadata["network"])),
                Preprocessing(**json.loads(metadata["preprocessing"])),
                json.loads(metadata["training"]),
                metadata["sha256"],
            )
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118 - no mapping
    except PermissionError as error:
        raise FileUnreadable(path, error.strerror or str(error)) from error
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise ModelInvalid(path, f"is no generator, or not a whole one ({error})") from error
    _check_network(path, card.network)
    if tensors_sha256(tensors) != card.sha256:
        raise ModelInvalid(path, "its weights do not have the hash that it states")
    return {name: tensor.astype(np.float32) for name, tensor in tensors.items()}, card


def _check_network(path: Path, network: Network) -> None:
    size, filters = network.size, max(network.multiplier, network.spade_width // 2)
    if not (16 <= size <= MAX_SIZE and size & (size - 1) == 0 and 0 < filters <= MAX_FILTERS):
        raise ModelInvalid(path, f"states a network of size {size} with {filters} filters")
