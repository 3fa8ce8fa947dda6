"""Which ink is by hand, pixel by pixel, says a small network that looks at ink and what is around it. NumPy alone."""

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
from sigforensics.images import FloatImage
from sigforensics.tensors import finite_weights, read_tensors, write_tensors

__all__ = [
    "LEVELS",
    "HandwritingModel",
    "bundled_handwriting",
    "by_hand",
    "network_input",
    "read_handwriting",
    "write_handwriting",
]

Reals = NDArray[np.float32]
FORMAT = "sigforensics-handwriting/1"
LEVELS = 5
"""Scales at which the network looks: 1/2, 1/4, ... 1/32 of the sheet's resolution."""
STEP = 2**LEVELS
SHIFTS = ((0, 0), (5, 11), (11, 5))
"""Rows and columns by which the picture is shifted against the network's grid of blocks; the highest likelihood counts."""
TILE, SEEN = 640, 192
"""Pixels: side of the tiles of a large picture, and how far around a pixel the network sees, at most; multiples of ``STEP``."""
PALEST = 0.1
"""Least contrast between paper and the darkest ink."""


@dataclass(frozen=True)
class HandwritingModel:
    """A trained network."""

    weights: Mapping[str, Reals]
    """Convolutions ``down0_0``, ``down0_1`` ... ``up0``, ``out`` of shape (3, 3, in, out), each with a bias ``..._b``."""
    training: Mapping[str, Any]
    """Record of the training: seeds, counts, versions, figures."""


def write_handwriting(path: Path, model: HandwritingModel) -> None:
    """Write a network atomically, its weights as float16."""
    tensors = {name: np.asarray(value, np.float16) for name, value in model.weights.items()}
    metadata = {"training": json.dumps(model.training, sort_keys=True, allow_nan=False)}
    write_tensors(path, tensors, metadata, form=FORMAT)


def read_handwriting(path: Path) -> HandwritingModel:
    """A network from its file.

    Raises
    ------
    FileUnreadable
        If there is no such file, or it may not be read.
    ModelInvalid
        If it is no network of this kind, or is damaged.
    """
    tensors, texts = read_tensors(path, form=FORMAT)
    try:
        weights = finite_weights(tensors)
        model = HandwritingModel(weights, dict(json.loads(texts["training"])))
        _logits(model, np.zeros((STEP, STEP, 2), np.float32))
    except (KeyError, ValueError, TypeError) as error:
        raise ModelInvalid(path, f"is no whole network for handwriting ({error})") from error
    return model


@cache
def bundled_handwriting() -> HandwritingModel:
    """The network that ships with the package; read once."""
    folder = resources.files("sigforensics.extraction") / "weights"
    return read_handwriting(Path(str(folder / "handwriting.safetensors")))


def by_hand(model: HandwritingModel, grey: FloatImage, threshold: FloatImage) -> Reals:
    """How likely each pixel of ink is by hand rather than print, lines or stamps.

    The network pools blocks of pixels, so that what it says depends on where their grid lies: the highest of three likelihoods
    counts, with the picture shifted differently, since strokes shall stay whole.

    Parameters
    ----------
    model : HandwritingModel
    grey, threshold : float32, shape (height, width)
        A part of a sheet at 200 dots an inch: paper 1, ink 0, and below what grey value ink is told from paper.

    Returns
    -------
    float32, shape (height, width)
        0 to 1; where there is no ink it means nothing, and in a part without any ink it is 0.
    """
    seen = network_input(grey, threshold)
    likely = np.zeros(grey.shape, np.float32)
    if not seen[..., 0].any():
        return likely
    height, width = grey.shape
    for down, across in SHIFTS:
        shifted = np.pad(seen, ((down, -(height + down) % STEP), (across, -(width + across) % STEP), (0, 0)))
        logits = _tiled(model, shifted)[down : down + height, across : across + width]
        np.maximum(likely, 1 / (1 + np.exp(-np.clip(logits, -30, 30))), out=likely)
    return likely


def _tiled(model: HandwritingModel, seen: Reals) -> Reals:
    """The logits of a picture whose sides ``STEP`` divides, in tiles that overlap by what the network sees: memory is bounded."""
    height, width, _ = seen.shape
    found = np.empty((height, width), np.float32)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            rows, columns = (slice(max(start - SEEN, 0), start + TILE + SEEN) for start in (top, left))
            part = _logits(model, seen[rows, columns])
            inner = part[top - rows.start :, left - columns.start :][:TILE, :TILE]
            found[top : top + TILE, left : left + TILE] = inner
    return found


def network_input(grey: FloatImage, threshold: FloatImage) -> Reals:
    """Where ink is, and how dark it is between paper (0) and the darkest ink (1); shape (height, width, 2)."""
    ink = grey < threshold
    paper = float(np.median(grey[~ink])) if not ink.all() else 1.0
    darkest = float(np.quantile(grey[ink], 0.05)) if ink.any() else 0.0
    dark = np.clip((paper - grey) / max(paper - darkest, PALEST), 0, 1)
    return np.stack([ink, dark], axis=2).astype(np.float32)


def _logits(model: HandwritingModel, seen: Reals) -> Reals:
    """Logarithm of the odds of handwriting, shape (height, width), for sides that ``STEP`` divides (Ronneberger et al. 2015)."""
    weights, now, kept = model.weights, _gathered(seen), []
    for level in range(LEVELS):
        now = _gathered(now) if level else now
        for name in (f"down{level}_0", f"down{level}_1"):
            now = np.maximum(_convolved(now, weights, name), np.float32(0))
        kept.append(now)
    for level in reversed(range(LEVELS - 1)):
        doubled = now.repeat(2, axis=0).repeat(2, axis=1)
        now = np.maximum(
            _convolved(np.concatenate([doubled, kept[level]], axis=2), weights, f"up{level}"), np.float32(0)
        )
    return _scattered(_convolved(now, weights, "out"))


def _gathered(image: Reals) -> Reals:
    """Blocks of 2 x 2 pixels as channels: (h, w, c) to (h/2, w/2, 4c)."""
    return np.concatenate([image[i::2, j::2] for i in (0, 1) for j in (0, 1)], axis=2)


def _scattered(image: Reals) -> Reals:
    """Four channels as blocks of 2 x 2 pixels: (h, w, 4) to (2h, 2w)."""
    height, width, _ = image.shape
    return np.asarray(
        image.reshape(height, width, 2, 2).transpose(0, 2, 1, 3).reshape(2 * height, 2 * width), np.float32
    )


def _convolved(image: Reals, weights: Mapping[str, Reals], name: str) -> Reals:
    """3 x 3 convolution over an image with a border of zeros, and its bias: (h, w, in) to (h, w, out)."""
    kernel, bias = weights[name], weights[f"{name}_b"]
    height, width, channels = image.shape
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)))
    beside = np.concatenate([padded[:, j : j + width] for j in range(3)], axis=2)
    found = np.broadcast_to(bias, (height * width, len(bias))).copy()
    for i in range(3):  # a view of so many rows each: nothing is copied
        found += beside[i : i + height].reshape(-1, 3 * channels) @ kernel[i].reshape(3 * channels, -1)
    return np.asarray(found.reshape(height, width, -1), np.float32)
