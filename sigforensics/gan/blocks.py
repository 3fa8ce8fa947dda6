"""What the generators are built of: convolutions, the ways to double the side of features, normalisations, dropout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sigforensics.gan.backend import keras
from sigforensics.gan.layers import DepthToSpace, Enlarge, InstanceNorm, SeededDropout, Smooth, Spade
from sigforensics.settings import Network

__all__ = ["Blocks"]

DROPOUT_BLOCKS = 3
"""Blocks with dropout, from the smallest features up (Isola et al. 2017)."""


class Blocks:
    """The parts of one generator, which share its settings, dropout seeds, arithmetic and source of initial kernels.

    Parameters
    ----------
    settings : Network
    seeds : keras tensor
        Of dropout, int32 (n, 2).
    initializer : callable
        Makes the initialiser of one kernel at each call.
    dtype : str
        Keras dtype policy.
    """

    def __init__(self, settings: Network, seeds: Any, initializer: Callable[[], Any], dtype: str) -> None:
        self.settings, self.seeds, self.dtype = settings, seeds, dtype
        self.initializer = initializer

    def convolution(
        self, features: Any, filters: int, side: int, name: str, *, biased: bool, strides: int = 1
    ) -> Any:
        """A convolution with zeros around."""
        options = self._options(name, strides=strides, biased=biased)
        return keras.layers.Conv2D(filters, side, **options)(features)

    def _options(self, name: str, *, strides: int, biased: bool) -> dict[str, Any]:
        return {
            "strides": strides,
            "padding": "same",
            "use_bias": biased,
            "kernel_initializer": self.initializer(),
            "dtype": self.dtype,
            "name": name,
        }

    def doubling(self, features: Any, filters: int, name: str, *, biased: bool) -> Any:
        """Features of twice the side, by the way of the settings."""
        way = self.settings.upsampling
        if way in {"transposed", "smoothed"}:
            options = self._options(name, strides=2, biased=biased)
            features = keras.layers.Conv2DTranspose(filters, 4, **options)(features)
            return (
                features if way == "transposed" else Smooth(name=f"{name}_smooth", dtype=self.dtype)(features)
            )
        if way == "pixel_shuffle":
            features = self.convolution(features, 4 * filters, 3, name, biased=biased)
            return DepthToSpace(name=f"{name}_shuffled", dtype=self.dtype)(features)
        return self.convolution(self.enlarged(features, name), filters, 3, name, biased=biased)

    def enlarged(self, features: Any, name: str) -> Any:
        """Features of twice the side without any weight: each pixel four times, or values between them."""
        return Enlarge(self.settings.upsampling, name=f"{name}_enlarged", dtype=self.dtype)(features)

    def normalised(self, features: Any, mask: Any, name: str) -> Any:
        """The normalisation of the settings."""
        kind, epsilon = self.settings.normalisation, self.settings.epsilon
        options: dict[str, Any] = {"epsilon": epsilon, "name": f"{name}_norm", "dtype": self.dtype}
        if kind == "spade":
            return self.spade(features, mask, f"{name}_spade")
        if kind == "instance":
            return InstanceNorm(**options)(features)
        if kind == "batch":
            momentum = self.settings.batch_momentum
            return keras.layers.BatchNormalization(momentum=momentum, **options)(features)
        return features

    def spade(self, features: Any, conditions: Any, name: str) -> Any:
        """Features normalised and modulated by conditions of their own or a larger size."""
        layer = Spade(
            self.settings.spade_width,
            gamma_offset=self.settings.gamma_offset,
            moments=self.settings.moments,
            biases=self.settings.biases,
            epsilon=self.settings.epsilon,
            initializer=self.initializer,
            name=name,
            dtype=self.dtype,
        )
        return layer([features, conditions])

    def dropout(self, features: Any, level: int, name: str) -> Any:
        """Dropout, in the first blocks."""
        if level >= DROPOUT_BLOCKS:
            return features
        layer = SeededDropout(
            self.settings.dropout, level, name=f"{name}_dropout", dtype=self.dtype, autocast=False
        )
        return layer([features, self.seeds])

    def leaky(self, features: Any, name: str) -> Any:
        """Leaky ReLU."""
        return keras.layers.LeakyReLU(self.settings.leak, name=f"{name}_active", dtype=self.dtype)(features)

    def relu(self, features: Any, name: str) -> Any:
        """ReLU."""
        return keras.layers.ReLU(name=f"{name}_active", dtype=self.dtype)(features)

    def joined(self, parts: list[Any], name: str) -> Any:
        """Features side by side, as further channels."""
        return keras.layers.Concatenate(name=name, dtype=self.dtype)(parts)
