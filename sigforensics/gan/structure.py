"""How wide the blocks of the generator are, and the name and shape of each of its weights, without building it."""

from __future__ import annotations

import math

from sigforensics.settings import Network

__all__ = ["down_filters", "is_normalised", "up_filters", "weight_shapes"]


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


def is_normalised(settings: Network, level: int) -> bool:
    """Whether SPADE follows a down block: not in the first, and in the innermost where the settings say so."""
    innermost = 2 ** (level + 1) == settings.size
    return level > 0 and (settings.normalise_bottleneck or not innermost)


def weight_shapes(settings: Network) -> dict[str, tuple[int, ...]]:
    """Shapes of the generator's weights by name, as :func:`sigforensics.gan.networks.build_generator` makes them.

    A file of weights is held against these before a network is built from what it says: it cannot ask for more memory than
    it has itself.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    downward, channels = down_filters(settings), 1
    for level, filters in enumerate(downward):
        shapes[f"down_{level}/kernel"] = (4, 4, channels, filters)
        if is_normalised(settings, level):
            shapes |= _spade_shapes(f"down_{level}_spade", filters, settings)
        elif settings.biases:
            shapes[f"down_{level}/bias"] = (filters,)
        channels = filters
    for level, filters in enumerate(up_filters(settings)):
        shapes[f"up_{level}/kernel"] = (4, 4, filters, channels)
        shapes |= _spade_shapes(f"up_{level}_spade", filters, settings)
        channels = filters + downward[-2 - level]
    shapes["last/kernel"] = (4, 4, 1, channels)
    if settings.biases:
        shapes["last/bias"] = (1,)
    return shapes


def _spade_shapes(name: str, filters: int, settings: Network) -> dict[str, tuple[int, ...]]:
    width = settings.spade_width
    kernels = {"shared": (1, width), "gamma": (width, filters), "beta": (width, filters)}
    shapes: dict[str, tuple[int, ...]] = {f"{name}/{part}/kernel": (3, 3, *k) for part, k in kernels.items()}
    if settings.biases:
        shapes |= {f"{name}/{part}/bias": (outputs,) for part, (_, outputs) in kernels.items()}
    return shapes
