"""The U-Net: edges halved down to a single pixel and doubled up again, each scale passed straight across as well.

Source: Isola et al. 2017 (arXiv 1611.07004); with SPADE, by the mask, where the settings say so, as in the reference.
"""

from __future__ import annotations

from typing import Any

from sigforensics.gan.blocks import Blocks
from sigforensics.gan.structure import down_filters, is_normalised, up_filters

__all__ = ["unet"]


def unet(blocks: Blocks, edges: Any, mask: Any) -> Any:
    """What the last layer gives, before tanh: keras tensor (n, size, size, 1)."""
    settings = blocks.settings
    features, skips = edges, []
    for level, filters in enumerate(down_filters(settings)):
        features = _down(blocks, features, mask, filters, level)
        skips.append(features)
    for level, filters in enumerate(up_filters(settings)):
        features = _up(blocks, features, mask, filters, level)
        features = blocks.joined([features, skips[-2 - level]], f"skip_{level}")
    return blocks.doubling(features, 1, "last", biased=settings.biases)


def _down(blocks: Blocks, features: Any, mask: Any, filters: int, level: int) -> Any:
    name, normalised = f"down_{level}", is_normalised(blocks.settings, level)
    biased = blocks.settings.biases and not normalised
    features = blocks.convolution(features, filters, 4, name, biased=biased, strides=2)
    if normalised:
        features = blocks.normalised(features, mask, name)
    return blocks.leaky(features, name)


def _up(blocks: Blocks, features: Any, mask: Any, filters: int, level: int) -> Any:
    name, settings = f"up_{level}", blocks.settings
    biased = settings.biases and settings.normalisation == "none"
    features = blocks.doubling(features, filters, name, biased=biased)
    features = blocks.normalised(features, mask, name)
    return blocks.relu(blocks.dropout(features, level, name), name)
