"""The small networks that say of a hypothesis how likely it is a signature, initials, or neither. NumPy alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.errors import ModelInvalid
from sigforensics.tensors import finite_weights, read_tensors, write_tensors

__all__ = [
    "CLASSES",
    "Calibration",
    "FinderModel",
    "bundled_finder",
    "probabilities",
    "read_finder",
    "write_finder",
]

Reals = NDArray[np.float32]
FORMAT = "sigforensics-finder/2"
CLASSES = ("signature", "initials", "other")
LAYERS = 4
BATCH = 64
"""Hypotheses that are decided at a time: their intermediate values stay small."""
LEAST = 0.05
"""Added to a measure before its logarithm is taken."""


@dataclass(frozen=True)
class Calibration:
    """From the network's log odds to a confidence: 1 / (1 + exp(-(slope x + offset))) (Platt 1999)."""

    slope: float
    offset: float

    def __call__(self, log_odds: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Confidence, 0 to 1; the shape is kept."""
        raised = np.clip(self.slope * np.asarray(log_odds, np.float64) + self.offset, -60, 60)
        return np.asarray(1 / (1 + np.exp(-raised)), np.float64)


@dataclass(frozen=True)
class FinderModel:
    """A trained finder."""

    weights: Mapping[str, Reals]
    """Convolutions ``c0``... of shape (networks, 3, 3, in, out), fully connected layers ``d_...`` of shape (networks, in, out),
    each with a bias ``..._b``; ``mean`` and ``scale`` of the measures' logarithms."""
    measures: tuple[str, ...]
    """Names of the measures, in their order."""
    calibration: Calibration
    training: Mapping[str, Any]
    """Record of the training: seeds, counts, versions, figures."""

    @property
    def networks(self) -> list[dict[str, Reals]]:
        """The weights of each network."""
        return [
            {name: values[index] for name, values in self.weights.items()}
            for index in range(len(self.weights["mean"]))
        ]


def write_finder(path: Path, model: FinderModel) -> None:
    """Write a finder atomically, its weights as float16."""
    metadata = {
        "measures": json.dumps(model.measures),
        "calibration": json.dumps([model.calibration.slope, model.calibration.offset]),
        "training": json.dumps(model.training, sort_keys=True, allow_nan=False),
    }
    tensors = {name: np.asarray(value, np.float16) for name, value in model.weights.items()}
    write_tensors(path, tensors, metadata, form=FORMAT)


def read_finder(path: Path) -> FinderModel:
    """A finder from its file.

    Raises
    ------
    FileUnreadable
        If there is no such file, or it may not be read.
    ModelInvalid
        If it is no finder of ours, or is damaged.
    """
    tensors, texts = read_tensors(path, form=FORMAT)
    try:
        slope, offset = (float(value) for value in json.loads(texts["calibration"]))
        measures = tuple(str(name) for name in json.loads(texts["measures"]))
        training = dict(json.loads(texts["training"]))
        weights = finite_weights(tensors)
        model = FinderModel(weights, measures, Calibration(slope, offset), training)
        probabilities(model, np.ones((1, len(measures)), np.float32), np.zeros((1, 48, 96, 3), np.uint8))
    except (KeyError, ValueError, TypeError) as error:
        raise ModelInvalid(path, f"is no whole finder ({error})") from error
    return model


@cache
def bundled_finder() -> FinderModel:
    """The finder that ships with the package; read once."""
    return read_finder(
        Path(str(resources.files("sigforensics.extraction") / "weights" / "finder.safetensors"))
    )


def probabilities(model: FinderModel, measures: Reals, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How likely each hypothesis belongs to each class, in the mean of the networks; not calibrated.

    Networks of equal design that began with different random numbers err at different hypotheses (Hansen & Salamon 1990).

    Parameters
    ----------
    model : FinderModel
    measures : float32, shape (n, m)
    pictures : uint8, shape (n, 48, 96, 3)

    Returns
    -------
    float64, shape (n, 3)
        Signature, initials, other; each row sums to 1. A hypothesis' figures do not depend on the others.
    """
    networks = model.networks
    parts = [
        np.mean([_shares(weights, measures[some], pictures[some]) for weights in networks], axis=0)
        for some in (slice(start, start + BATCH) for start in range(0, len(measures), BATCH))
    ]
    return np.concatenate([np.zeros((0, len(CLASSES))), *parts])


def _shares(
    weights: Mapping[str, Reals], measures: Reals, pictures: NDArray[np.uint8]
) -> NDArray[np.float64]:
    logits = _logits(weights, measures, pictures)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float64)


def _logits(
    weights: Mapping[str, Reals], measures: Reals, pictures: NDArray[np.uint8]
) -> NDArray[np.float64]:
    seen = pictures.astype(np.float32) / np.float32(255)
    for layer in range(LAYERS):
        seen = _rectified(_convolved(seen, weights[f"c{layer}"]) + weights[f"c{layer}_b"])
    looks = _connected(seen.reshape(len(seen), -1), weights, "d_picture")
    logs = np.log(np.float32(LEAST) + np.maximum(measures, 0))
    facts = _connected((logs - weights["mean"]) / weights["scale"], weights, "d_measures")
    both = _connected(np.concatenate([looks, facts], axis=1), weights, "d_both")
    return np.asarray(both @ weights["d_out"] + weights["d_out_b"], np.float64)


def _connected(values: Reals, weights: Mapping[str, Reals], name: str) -> Reals:
    return _rectified(values @ weights[name] + weights[f"{name}_b"])


def _rectified(values: Reals) -> Reals:
    return np.maximum(values, np.float32(0))


def _convolved(images: Reals, kernel: Reals) -> Reals:
    """3 x 3 convolution of stride 2 over images with a border of zeros, shape (n, h, w, in) to (n, h/2, w/2, out)."""
    padded = np.pad(images, ((0, 0), (1, 0), (1, 0), (0, 0)))
    n, height, width, channels = images.shape
    rows, columns = height // 2, width // 2
    patches = np.concatenate(
        [padded[:, i : i + 2 * rows : 2, j : j + 2 * columns : 2] for i in range(3) for j in range(3)], axis=3
    )
    flat = patches.reshape(-1, 9 * channels) @ kernel.reshape(9 * channels, -1)
    return np.asarray(flat.reshape(n, rows, columns, -1), np.float32)
