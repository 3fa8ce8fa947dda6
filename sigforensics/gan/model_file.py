"""A generator in one file, with the settings that it was trained with and a hash of its weights."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from sigforensics.errors import ModelInvalid
from sigforensics.gan.structure import weight_shapes
from sigforensics.provenance import to_json
from sigforensics.settings import Network, Preprocessing
from sigforensics.tensors import finite_weights, read_tensors, write_tensors

__all__ = ["ModelCard", "read_model", "tensors_sha256", "without_grain", "write_model"]

FORMAT = "sigforensics-generator/1"
UNSTATED: Mapping[str, Any] = {"architecture": "unet", "upsampling": "transposed", "normalisation": "spade"}
"""What a generator is whose file states nothing of it: there was nothing else when the first ones were written."""
MAX_SIZE, MAX_FILTERS, MAX_LAYERS = 2048, 1024, 16
"""Bounds of a network that we are ready to build from a file."""
FLOATS = (np.dtype(np.float16), np.dtype(np.float32))

Settings = TypeVar("Settings", Network, Preprocessing)


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
    card = ModelCard(network, preprocessing, to_json(training), tensors_sha256(tensors))
    metadata = {
        "network": json.dumps(asdict(network), sort_keys=True),
        "preprocessing": json.dumps(asdict(preprocessing), sort_keys=True),
        "training": json.dumps(card.training, sort_keys=True, allow_nan=False),
        "sha256": card.sha256,
    }
    write_tensors(path, tensors, metadata, form=FORMAT)
    return card


def read_model(path: Path) -> tuple[dict[str, NDArray[np.float32]], ModelCard]:
    """The weights, as float32, and the card of a generator.

    Raises
    ------
    FileUnreadable
        If there is no such file, or it may not be read.
    ModelInvalid
        If it is no generator of ours, is damaged, or its weights are not those of the network that it states.
    """
    tensors, metadata = read_tensors(path, form=FORMAT)
    try:
        card = ModelCard(
            _settings(Network, metadata["network"], UNSTATED),
            _settings(Preprocessing, metadata["preprocessing"], {}),
            dict(json.loads(metadata["training"])),
            metadata["sha256"],
        )
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ModelInvalid(path, f"states no settings that we know ({error})") from error
    _check_network(path, card)
    _check_weights(path, card, tensors)
    try:
        return finite_weights(tensors), card
    except ValueError as error:
        raise ModelInvalid(path, str(error)) from error


def without_grain(
    weights: Mapping[str, NDArray[np.float32]], card: ModelCard
) -> tuple[dict[str, NDArray[np.float32]], ModelCard]:
    """The generator below the grain head: its weights, and the card with a network that has none.

    Hash and record of the card stay those of the file. A generator without a head is returned as it is.
    """
    kept = {name: weight for name, weight in weights.items() if not name.startswith("grain/")}
    if not card.network.grain_width:
        return kept, card
    network = replace(card.network, grain_width=0, grain_layers=Network.grain_layers)
    return kept, replace(card, network=network)


def _settings(kind: type[Settings], text: str, unstated: Mapping[str, Any]) -> Settings:
    """Settings from JSON, each of the type that its class states: nothing else may reach the code that uses them."""
    settings = kind(**{**unstated, **json.loads(text)})
    for name, hint in get_type_hints(kind).items():
        if not _fits(getattr(settings, name), hint):
            raise ValueError(f"{name} = {getattr(settings, name)!r}")
    return settings


def _fits(value: object, hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return type(value) is hint


def _check_network(path: Path, card: ModelCard) -> None:
    network = card.network
    size, filters = network.size, (network.multiplier, network.spade_width)
    if not (
        16 <= size <= MAX_SIZE and size & (size - 1) == 0 and 0 < min(filters) <= max(filters) <= MAX_FILTERS
    ):
        raise ModelInvalid(
            path, f"states a network of size {size} with {filters[0]} and {filters[1]} filters"
        )
    if not (0 <= network.dropout < 1 and network.epsilon > 0 and 0 <= network.batch_momentum < 1):
        shares = f"a dropout of {network.dropout} and a momentum of {network.batch_momentum}"
        raise ModelInvalid(path, f"states {shares}, and an epsilon of {network.epsilon}")
    if not (0 <= network.grain_width <= MAX_FILTERS and 1 <= network.grain_layers <= MAX_LAYERS):
        what = f"states a grain head of {network.grain_layers} layers with {network.grain_width} filters"
        raise ModelInvalid(path, what)
    if card.preprocessing.size != size:
        raise ModelInvalid(
            path, f"states images of size {card.preprocessing.size} for a network of size {size}"
        )


def _check_weights(path: Path, card: ModelCard, tensors: Mapping[str, NDArray[Any]]) -> None:
    shapes = weight_shapes(card.network)
    if {name: tensor.shape for name, tensor in tensors.items()} != shapes:
        raise ModelInvalid(path, "its weights are not those of the network that it states")
    if any(tensor.dtype not in FLOATS for tensor in tensors.values()):
        raise ModelInvalid(path, "its weights are neither float32 nor float16")
    if tensors_sha256(tensors) != card.sha256:
        raise ModelInvalid(path, "its weights do not have the hash that it states")
