"""The generator (U-Net with SPADE) and the discriminator (PatchGAN on edges and image), built from settings alone.

Sources: Isola et al. 2017 (arXiv 1611.07004), Park et al. 2019 (arXiv 1903.07291), and the reference, whose networks are
``settings.REFERENCE_NETWORK``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sigforensics.gan.backend import keras
from sigforensics.gan.layers import SeededDropout, Spade, SpectralConv2D
from sigforensics.gan.structure import down_filters, is_normalised, up_filters
from sigforensics.settings import Network

__all__ = ["build_discriminator", "build_generator"]

DROPOUT_BLOCKS = 3
"""Up blocks with dropout (Isola et al. 2017)."""


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
    """The generator: edges, mask and dropout seeds to an image.

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
        (n, size, size, 1) in [-1, 1]. ``training=True`` switches dropout on and does nothing else.
    """
    edges = keras.Input((settings.size, settings.size, 1), name="edges")
    mask = keras.Input((settings.size, settings.size, 1), name="mask")
    seeds = keras.Input((2,), dtype="int32", name="seeds")
    parts = _GeneratorParts(settings, mask, seeds, _normal(rng, initial_deviation), dtype)

    features, skips = edges, []
    for level, filters in enumerate(down_filters(settings)):
        features = parts.down(features, filters, level)
        skips.append(features)
    for level, filters in enumerate(up_filters(settings)):
        features = parts.up(features, filters, level)
        features = keras.layers.Concatenate(name=f"skip_{level}", dtype=dtype)([features, skips[-2 - level]])
    last = parts.transposed(features, 1, "last", biased=settings.biases)
    image = keras.layers.Activation("tanh", name="image", dtype="float32")(last)
    return keras.Model([edges, mask, seeds], image, name="generator")


class _GeneratorParts:
    """The blocks of one generator, which share its mask, seeds and settings."""

    def __init__(
        self, settings: Network, mask: Any, seeds: Any, initializer: Callable[[], Any], dtype: str
    ) -> None:
        self.settings, self.mask, self.seeds, self.dtype = settings, mask, seeds, dtype
        self.initializer = initializer

    def _options(self, name: str, *, biased: bool) -> dict[str, Any]:
        return {
            "strides": 2,
            "padding": "same",
            "use_bias": biased,
            "kernel_initializer": self.initializer(),
            "dtype": self.dtype,
            "name": name,
        }

    def transposed(self, features: Any, filters: int, name: str, *, biased: bool) -> Any:
        return keras.layers.Conv2DTranspose(filters, 4, **self._options(name, biased=biased))(features)

    def down(self, features: Any, filters: int, level: int) -> Any:
        normalised = is_normalised(self.settings, level)
        biased = self.settings.biases and not normalised
        features = keras.layers.Conv2D(filters, 4, **self._options(f"down_{level}", biased=biased))(features)
        if normalised:
            features = self._spade(features, f"down_{level}_spade")
        return keras.layers.LeakyReLU(self.settings.leak, name=f"down_{level}_active", dtype=self.dtype)(
            features
        )

    def up(self, features: Any, filters: int, level: int) -> Any:
        features = self.transposed(features, filters, f"up_{level}", biased=False)
        features = self._spade(features, f"up_{level}_spade")
        if level < DROPOUT_BLOCKS:
            dropout = SeededDropout(
                self.settings.dropout, level, name=f"up_{level}_dropout", dtype=self.dtype, autocast=False
            )
            features = dropout([features, self.seeds])
        return keras.layers.ReLU(name=f"up_{level}_active", dtype=self.dtype)(features)

    def _spade(self, features: Any, name: str) -> Any:
        settings = self.settings
        layer = Spade(
            settings.spade_width,
            gamma_offset=settings.gamma_offset,
            moments=settings.moments,
            biases=settings.biases,
            epsilon=settings.epsilon,
            initializer=self.initializer,
            name=name,
            dtype=self.dtype,
        )
        return layer([features, self.mask])


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
