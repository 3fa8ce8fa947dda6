"""The generator and the discriminator (PatchGAN on edges and image), built from settings alone.

Sources: Isola et al. 2017 (arXiv 1611.07004), Park et al. 2019 (arXiv 1903.07291), and the reference, whose networks are
``settings.REFERENCE_NETWORK``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sigforensics.gan.backend import keras
from sigforensics.gan.blocks import Blocks
from sigforensics.gan.grain import Grain
from sigforensics.gan.layers import SpectralConv2D
from sigforensics.gan.spade_residual import spade_residual
from sigforensics.gan.unet import unet
from sigforensics.settings import Network

__all__ = ["build_discriminator", "build_generator"]

ARCHITECTURES: dict[str, Callable[[Blocks, Any, Any], Any]] = {"unet": unet, "spade_residual": spade_residual}


def _normal(rng: np.random.Generator | None, deviation: float) -> Callable[[], Any]:
    """Makes initialisers, each with a seed of its own: N(0, deviation)."""
    seeds = rng or np.random.default_rng(0)
    return lambda: keras.initializers.RandomNormal(stddev=deviation, seed=int(seeds.integers(2**31)))


def build_generator(
    settings: Network,
    *,
    initial_deviation: float = 0.02,
    dtype: str = "float32",
    rng: np.random.Generator | None = None,
) -> Any:
    """The generator: edges, mask and seeds of dropout and grain to an image.

    Parameters
    ----------
    settings : Network
    initial_deviation : float
        Standard deviation of the normal initial kernels; biases start at zero.
    dtype : str
        Keras dtype policy of the convolutions; inputs and output are float32.
    rng : numpy.random.Generator, optional
        Of the initial kernels.

    Returns
    -------
    keras.Model
        Called with ``[edges, mask, seeds]``: float32 (n, size, size, 1) in [-1, 1] twice, int32 (n, 2); gives float32
        (n, size, size, 1) in [-1, 1]. With a grain head it takes a fourth image after the seeds, the paper: float32 (n, size,
        size, 1) in [0, 1] (:func:`sigforensics.preprocessing.paper_map`), and paints by the seeds, dropout on or off.
        ``training=True`` switches dropout on and, with batch normalisation, takes moments over the batch and moves their
        running means on; with ``trainable`` set to False it does nothing but the first.
    """
    edges = keras.Input((settings.size, settings.size, 1), name="edges")
    mask = keras.Input((settings.size, settings.size, 1), name="mask")
    seeds = keras.Input((2,), dtype="int32", name="seeds")
    blocks = Blocks(settings, seeds, _normal(rng, initial_deviation), dtype)
    last = ARCHITECTURES[settings.architecture](blocks, edges, mask)
    image = keras.layers.Activation("tanh", name="image", dtype="float32")(last)
    if not settings.grain_width:
        return keras.Model([edges, mask, seeds], image, name="generator")
    paper = keras.Input((settings.size, settings.size, 1), name="paper")
    grain = Grain(
        settings.grain_width,
        layers=settings.grain_layers,
        leak=settings.leak,
        rng=rng or np.random.default_rng(0),
        name="grain",
        dtype="float32",
    )
    grained = grain([image, edges, mask, paper, seeds])
    return keras.Model([edges, mask, seeds, paper], grained, name="generator")


def build_discriminator(
    settings: Network,
    *,
    initial_deviation: float = 0.02,
    dtype: str = "float32",
    rng: np.random.Generator | None = None,
) -> Any:
    """The discriminator: edges and image to one score a patch of 70 x 70 pixels; above zero means "true".

    Parameters are those of :func:`build_generator`.

    Returns
    -------
    keras.Model
        Called with ``[edges, image]``, float32 (n, size, size, 1) in [-1, 1]; gives float32 (n, size / 8, size / 8, 1). With
        spectral normalisation, ``training=True`` advances its power iteration.
    """
    initializer = _normal(rng, initial_deviation)
    edges = keras.Input((settings.size, settings.size, 1), name="edges")
    image = keras.Input((settings.size, settings.size, 1), name="image")
    convolution = SpectralConv2D if settings.spectral_normalisation else keras.layers.Conv2D
    features = keras.layers.Concatenate(name="pair", dtype=dtype)([edges, image])
    filters = [settings.discriminator_multiplier * factor for factor in (1, 2, 4, 8)] + [1]
    for level, (count, stride) in enumerate(zip(filters, (2, 2, 2, 1, 1), strict=True)):
        inner = 0 < level < len(filters) - 1
        features = convolution(
            count,
            4,
            strides=stride,
            padding="same",
            use_bias=settings.biases and not inner,
            kernel_initializer=initializer(),
            dtype=dtype if level < len(filters) - 1 else "float32",
            name=f"layer_{level}",
        )(features)
        if inner:
            norm = keras.layers.GroupNormalization(
                groups=-1, epsilon=settings.epsilon, name=f"layer_{level}_norm", dtype=dtype
            )
            features = norm(features)
        if level < len(filters) - 1:
            features = keras.layers.LeakyReLU(settings.leak, name=f"layer_{level}_active", dtype=dtype)(
                features
            )
    return keras.Model([edges, image], features, name="discriminator")
