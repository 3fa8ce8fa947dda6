"""How wide the blocks of the generator are, and the name and shape of each of its weights, without building it."""

from __future__ import annotations

import itertools
import math

from sigforensics.settings import Network

__all__ = ["down_filters", "is_normalised", "residual_filters", "up_filters", "weight_shapes"]

Shapes = dict[str, tuple[int, ...]]
MASK, CONDITIONS = 1, 2
"""Channels by which SPADE modulates: the mask in the U-Net; edges and mask in the residual generator."""
GRAIN_INPUTS = 14
"""Channels that the grain head sees: drawing, edges, mask, paper, and ten of noise."""
RESIDUAL_DOUBLINGS = 5
"""Of the residual generator's first, small image to the whole one (Park et al. 2019)."""


def down_filters(settings: Network) -> list[int]:
    """Filters of the down blocks: multiplier x [1, 2, 4, 8, 8, ...], one block a halving until 1 x 1.

    >>> down_filters(Network(size=512, multiplier=64))
    [64, 128, 256, 512, 512, 512, 512, 512, 512]
    """
    return [settings.multiplier * min(2**level, 8) for level in range(int(math.log2(settings.size)))]


def up_filters(settings: Network) -> list[int]:
    """Filters of the up blocks: those of the down blocks but the innermost, reversed.

    >>> up_filters(Network(size=512, multiplier=64))
    [512, 512, 512, 512, 512, 256, 128, 64]
    """
    return down_filters(settings)[-2::-1]


def residual_filters(settings: Network) -> list[int]:
    """Filters of the residual blocks, one a resolution, the whole image last: multiplier x [..., 8, 4, 2, 1].

    The first works on a 32nd of the side, or on 4 x 4 pixels of images smaller than 128.

    >>> residual_filters(Network(architecture="spade_residual", size=256, multiplier=8))
    [64, 64, 64, 32, 16, 8]
    """
    doublings = min(RESIDUAL_DOUBLINGS, int(math.log2(settings.size)) - 2)
    return [settings.multiplier * min(2**level, 8) for level in range(doublings, -1, -1)]


def is_normalised(settings: Network, level: int) -> bool:
    """Whether a down block is normalised: not the first, and the innermost where the settings say so."""
    innermost = 2 ** (level + 1) == settings.size
    return settings.normalisation != "none" and level > 0 and (settings.normalise_bottleneck or not innermost)


def weight_shapes(settings: Network) -> Shapes:
    """Shapes of the generator's weights by name, as :func:`sigforensics.gan.networks.build_generator` makes them.

    A file of weights is held against these before a network is built from what it says: it cannot ask for more memory than
    it has itself.
    """
    shapes = _unet_shapes(settings) if settings.architecture == "unet" else _residual_shapes(settings)
    return shapes | _grain_shapes(settings) if settings.grain_width else shapes


def _grain_shapes(settings: Network) -> Shapes:
    widths = [GRAIN_INPUTS, *[settings.grain_width] * settings.grain_layers]
    shapes: Shapes = {}
    for number, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
        shapes |= _convolution(f"grain/conv_{number}", 3, inputs, outputs, biased=True)
    return shapes | _convolution("grain/last", 3, settings.grain_width, 1, biased=True)


def _unet_shapes(settings: Network) -> Shapes:
    shapes: Shapes = {}
    downward, channels = down_filters(settings), 1
    for level, filters in enumerate(downward):
        normalised = is_normalised(settings, level)
        shapes |= _convolution(
            f"down_{level}", 4, channels, filters, biased=settings.biases and not normalised
        )
        if normalised:
            shapes |= _norm_shapes(f"down_{level}", filters, settings)
        channels = filters
    plain = settings.normalisation == "none"
    for level, filters in enumerate(up_filters(settings)):
        shapes |= _doubling(f"up_{level}", channels, filters, settings, biased=settings.biases and plain)
        shapes |= _norm_shapes(f"up_{level}", filters, settings)
        channels = filters + downward[-2 - level]
    return shapes | _doubling("last", channels, 1, settings, biased=settings.biases)


def _residual_shapes(settings: Network) -> Shapes:
    biases, widths = settings.biases, residual_filters(settings)
    shapes = _convolution("start", 3, CONDITIONS, widths[0], biased=biases)
    for level, (inputs, outputs) in enumerate(zip([widths[0], *widths], widths, strict=False)):
        name, middle = f"block_{level}", min(inputs, outputs)
        if level and settings.upsampling not in {"nearest", "bilinear"}:
            shapes |= _doubling(f"up_{level}", inputs, inputs, settings, biased=biases)
        shapes |= _spade_shapes(f"{name}_first_spade", inputs, CONDITIONS, settings)
        shapes |= _convolution(f"{name}_first", 3, inputs, middle, biased=False)
        shapes |= _spade_shapes(f"{name}_second_spade", middle, CONDITIONS, settings)
        shapes |= _convolution(f"{name}_second", 3, middle, outputs, biased=biases)
        if inputs != outputs:
            shapes |= _spade_shapes(f"{name}_shortcut_spade", inputs, CONDITIONS, settings)
            shapes |= _convolution(f"{name}_shortcut", 1, inputs, outputs, biased=False)
    return shapes | _convolution("last", 3, widths[-1], 1, biased=biases)


def _convolution(name: str, side: int, inputs: int, outputs: int, *, biased: bool) -> Shapes:
    shapes: Shapes = {f"{name}/kernel": (side, side, inputs, outputs)}
    return shapes | {f"{name}/bias": (outputs,)} if biased else shapes


def _doubling(name: str, inputs: int, outputs: int, settings: Network, *, biased: bool) -> Shapes:
    """What doubles the side of the features: a transposed convolution, or one before or after a rearrangement."""
    if settings.upsampling in {"transposed", "smoothed"}:
        shapes: Shapes = {f"{name}/kernel": (4, 4, outputs, inputs)}
        return shapes | {f"{name}/bias": (outputs,)} if biased else shapes
    places = 4 if settings.upsampling == "pixel_shuffle" else 1
    return _convolution(name, 3, inputs, places * outputs, biased=biased)


def _norm_shapes(name: str, filters: int, settings: Network) -> Shapes:
    if settings.normalisation == "spade":
        return _spade_shapes(f"{name}_spade", filters, MASK, settings)
    parts = {
        "instance": ("gamma", "beta"),
        "batch": ("gamma", "beta", "moving_mean", "moving_variance"),
        "none": (),
    }[settings.normalisation]
    return {f"{name}_norm/{part}": (filters,) for part in parts}


def _spade_shapes(name: str, filters: int, conditions: int, settings: Network) -> Shapes:
    width, biased = settings.spade_width, settings.biases
    parts = {"shared": (conditions, width), "gamma": (width, filters), "beta": (width, filters)}
    shapes: Shapes = {}
    for part, (inputs, outputs) in parts.items():
        shapes |= _convolution(f"{name}/{part}", 3, inputs, outputs, biased=biased)
    return shapes
