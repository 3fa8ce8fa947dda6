"""SPADE's own kind of generator: no encoder; residual blocks from a small image upward, told by SPADE what to draw.

Source: Park et al. 2019 (arXiv 1903.07291). What differs: edges and mask take the place of a map of labels; they are brought
to a smaller size by averaging instead of by taking the nearest pixel, which would lose most of a line one pixel wide; one
block a resolution and no more than eight times the multiplier's filters; no spectral normalisation of the generator; and
dropout within the first blocks, because there is no random input that could make variants.
"""

from __future__ import annotations

from typing import Any

from sigforensics.gan.backend import keras
from sigforensics.gan.blocks import Blocks
from sigforensics.gan.structure import residual_filters

__all__ = ["spade_residual"]


def spade_residual(blocks: Blocks, edges: Any, mask: Any) -> Any:
    """What the last layer gives, before tanh: keras tensor (n, size, size, 1)."""
    settings, widths = blocks.settings, residual_filters(blocks.settings)
    whole = blocks.joined([edges, mask], "conditions")
    features = None
    for level, filters in enumerate(widths):
        conditions = _reduced(blocks, whole, 2 ** (len(widths) - 1 - level))
        if features is None:
            features = blocks.convolution(conditions, filters, 3, "start", biased=settings.biases)
        else:
            features = _enlarged(blocks, features, f"up_{level}")
        features = _residual(blocks, features, conditions, filters, level)
    return blocks.convolution(blocks.leaky(features, "last"), 1, 3, "last", biased=settings.biases)


def _reduced(blocks: Blocks, conditions: Any, cell: int) -> Any:
    """Means over cells of ``cell`` x ``cell`` pixels."""
    if cell == 1:
        return conditions
    return keras.layers.AveragePooling2D(cell, name=f"conditions_{cell}", dtype=blocks.dtype)(conditions)


def _enlarged(blocks: Blocks, features: Any, name: str) -> Any:
    """Twice the side; where that takes weights of its own, with as many filters."""
    if blocks.settings.upsampling in {"nearest", "bilinear"}:
        return blocks.enlarged(features, name)
    return blocks.doubling(features, features.shape[-1], name, biased=blocks.settings.biases)


def _residual(blocks: Blocks, features: Any, conditions: Any, filters: int, level: int) -> Any:
    """Two convolutions, each after SPADE and leaky ReLU, beside a shortcut, which where the filters change has one of its own."""
    name, inputs = f"block_{level}", features.shape[-1]
    inner = blocks.leaky(blocks.spade(features, conditions, f"{name}_first_spade"), f"{name}_first")
    inner = blocks.convolution(inner, min(inputs, filters), 3, f"{name}_first", biased=False)
    inner = blocks.leaky(blocks.spade(inner, conditions, f"{name}_second_spade"), f"{name}_second")
    inner = blocks.dropout(inner, level, f"{name}_second")
    biased = blocks.settings.biases
    inner = blocks.convolution(inner, filters, 3, f"{name}_second", biased=biased)
    if inputs != filters:
        features = blocks.spade(features, conditions, f"{name}_shortcut_spade")
        features = blocks.convolution(features, filters, 1, f"{name}_shortcut", biased=False)
    return keras.layers.Add(name=name, dtype=blocks.dtype)([features, inner])
