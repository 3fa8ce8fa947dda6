"""The layers that Keras lacks: SPADE, dropout seeded per image, and spectrally normalised convolution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sigforensics.gan.backend import keras, tf

__all__ = ["SeededDropout", "Spade", "SpectralConv2D"]


class Spade(keras.layers.Layer):
    """Spatially adaptive normalisation: x without its mean and scale, times (offset + gamma(mask)), plus beta(mask).

    gamma and beta are 3 x 3 convolutions of a shared 3 x 3 convolution (ReLU) of the mask, brought to the feature map's grid
    by taking the first pixel of every cell (nearest). Source: Park et al. 2019, arXiv 1903.07291.

    Parameters
    ----------
    width : int
        Channels of the shared convolution.
    gamma_offset : float
        1 in Park et al.'s implementation, 0 in the reference.
    moments : {"image", "batch"}
        Mean and variance over the pixels of one image, or of the whole batch as in the reference.
    biases : bool
    epsilon : float
        Added to the variance.
    initializer : callable
        Makes the initialiser of one kernel at each call.
    """

    def __init__(
        self,
        width: int,
        *,
        gamma_offset: float,
        moments: str,
        biases: bool,
        epsilon: float,
        initializer: Callable[[], Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.gamma_offset = gamma_offset
        self.moment_axes = (1, 2) if moments == "image" else (0, 1, 2)
        self.biases = biases
        self.epsilon = epsilon
        self.initializer = initializer
        self.shared = self._convolution(width, "shared", activation="relu")

    def _convolution(self, filters: int, name: str, activation: str | None = None) -> Any:
        return keras.layers.Conv2D(
            filters,
            3,
            padding="same",
            activation=activation,
            use_bias=self.biases,
            kernel_initializer=self.initializer(),
            dtype=self.dtype_policy,
            name=name,
        )

    def build(self, shapes: Any) -> None:
        """Make gamma and beta as wide as the features."""
        features, mask = shapes
        self.gamma = self._convolution(features[-1], "gamma")
        self.beta = self._convolution(features[-1], "beta")
        self.shared.build((*features[:-1], mask[-1]))
        hidden = (*features[:-1], self.shared.filters)
        self.gamma.build(hidden)
        self.beta.build(hidden)

    def call(self, inputs: Any) -> Any:
        """Normalise ``features`` (n, h, w, c) and modulate them by ``mask`` (n, H, W, 1), H a multiple of h."""
        features, mask = inputs
        cell = mask.shape[1] // features.shape[1]
        hidden = self.shared(mask[:, ::cell, ::cell])
        mean, variance = tf.nn.moments(tf.cast(features, "float32"), self.moment_axes, keepdims=True)
        scale = tf.math.rsqrt(variance + self.epsilon)
        normalised = (features - tf.cast(mean, features.dtype)) * tf.cast(scale, features.dtype)
        return normalised * (self.gamma_offset + self.gamma(hidden)) + self.beta(hidden)

    def compute_output_shape(self, shapes: Any) -> Any:
        """The features' own."""
        return shapes[0]


class SeededDropout(keras.layers.Layer):
    """Dropout whose pattern depends on the seed of each image alone: not on its batch, nor on any earlier call.

    Called with ``(features, seeds)``; seeds are int32, shape (n, 2). Active where ``training`` is true.
    """

    def __init__(self, rate: float, position: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate
        self.position = position

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Drop each feature with the layer's rate and scale the others up."""
        features, seeds = inputs
        if not training or self.rate == 0:
            return features
        shape = features.shape[1:]
        draws = tf.map_fn(
            lambda seed: tf.random.stateless_uniform(shape, seed + [0, self.position]),
            seeds,
            fn_output_signature=tf.float32,
        )
        kept = tf.cast(draws >= self.rate, features.dtype)
        return features * kept / (1 - self.rate)

    def compute_output_shape(self, shapes: Any) -> Any:
        """The features' own."""
        return shapes[0]


class SpectralConv2D(keras.layers.Conv2D):
    """A convolution whose kernel is divided by its largest singular value, estimated by one power iteration a training call.

    The kernel is reshaped to (everything else, filters); gradients flow through the division, the vectors are constants.
    Source: Miyato et al. 2018, arXiv 1802.05957. (Keras' own wrapper overwrites the kernel instead.)
    """

    def build(self, shape: Any) -> None:
        """Add the vector that the power iteration keeps; its direction matters, its length does not."""
        super().build(shape)
        self.vector = self.add_weight(
            name="vector",
            shape=(1, self.filters),
            initializer=self.kernel_initializer,
            trainable=False,
            dtype="float32",
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Convolve with the normalised kernel."""
        kernel = tf.cast(self._kernel, "float32")
        matrix = tf.reshape(kernel, (-1, self.filters))
        left = tf.math.l2_normalize(tf.matmul(self.vector, matrix, transpose_b=True))
        right = tf.math.l2_normalize(tf.matmul(left, matrix))
        left, right = tf.stop_gradient(left), tf.stop_gradient(right)
        if training:
            self.vector.assign(right)
        largest = tf.reduce_sum(tf.matmul(left, matrix) * right)
        normalised = tf.cast(kernel / largest, self.compute_dtype)
        outputs = tf.nn.conv2d(inputs, normalised, self.strides, self.padding.upper())
        return outputs if self.bias is None else outputs + tf.cast(self.bias, outputs.dtype)
