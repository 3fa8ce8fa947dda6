"""The layers that Keras lacks, or has otherwise: normalisations, enlarging, dropout seeded per image, spectral convolution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sigforensics.gan.backend import keras, tf

__all__ = ["DepthToSpace", "Enlarge", "InstanceNorm", "SeededDropout", "Smooth", "Spade", "SpectralConv2D"]


def _standardised(features: Any, axes: tuple[int, ...], epsilon: float) -> Any:
    """Features (n, h, w, c) without their mean and scale over some axes; the moments are float32 whatever the features are."""
    mean, variance = tf.nn.moments(tf.cast(features, "float32"), axes, keepdims=True)
    scale = tf.math.rsqrt(variance + epsilon)
    return (features - tf.cast(mean, features.dtype)) * tf.cast(scale, features.dtype)


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
        """Normalise ``features`` (n, h, w, c) and modulate them by ``mask`` (n, H, W, m), H a multiple of h."""
        features, mask = inputs
        cell = mask.shape[1] // features.shape[1]
        hidden = self.shared(mask[:, ::cell, ::cell])
        normalised = _standardised(features, self.moment_axes, self.epsilon)
        return normalised * (self.gamma_offset + self.gamma(hidden)) + self.beta(hidden)

    def compute_output_shape(self, shapes: Any) -> Any:
        """The features' own."""
        return shapes[0]


class InstanceNorm(keras.layers.Layer):
    """Instance normalisation: each channel of each image without its mean and scale, times gamma, plus beta.

    Source: Ulyanov et al. 2016, arXiv 1607.08022. (Keras' ``GroupNormalization`` of one channel a group computes the same, in
    five dimensions and several times as long.)
    """

    def __init__(self, *, epsilon: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, shape: Any) -> None:
        """Add a scale and a shift for each channel."""
        self.gamma = self.add_weight(name="gamma", shape=(shape[-1],), initializer="ones")
        self.beta = self.add_weight(name="beta", shape=(shape[-1],), initializer="zeros")

    def call(self, features: Any) -> Any:
        """Normalise features (n, h, w, c)."""
        return _standardised(features, (1, 2), self.epsilon) * self.gamma + self.beta


class Enlarge(keras.layers.Layer):
    """Features (n, h, w, c) of twice the side, (n, 2 h, 2 w, c).

    Parameters
    ----------
    method : {"nearest", "bilinear"}
        Each pixel four times; or values between the pixels' centres, 3/4 of the nearer and 1/4 of the farther in each
        direction, the outermost pixels repeated beyond the border.
    """

    def __init__(self, method: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.method = method

    def call(self, features: Any) -> Any:
        """Enlarge."""
        height, width = features.shape[1:3]
        larger = tf.image.resize(features, (2 * height, 2 * width), self.method, antialias=False)
        return tf.cast(larger, features.dtype)

    def compute_output_shape(self, shape: Any) -> Any:
        """Twice the height and width."""
        return (shape[0], 2 * shape[1], 2 * shape[2], shape[3])


class Smooth(keras.layers.Layer):
    """Weighted means of neighbours, 1 : 2 : 1 down and across, the outermost pixels repeated beyond the border.

    A pattern that alternates from pixel to pixel, as a transposed convolution of stride 2 makes of constant features, becomes
    exactly its mean. Source: Zhang 2019, arXiv 1904.11486; after transposed convolutions Karras et al. 2019, arXiv 1812.04948.
    """

    def call(self, features: Any) -> Any:
        """Smooth features (n, h, w, c)."""
        kernel = np.tile(np.outer((1, 2, 1), (1, 2, 1))[..., None, None] / 16, (1, 1, features.shape[-1], 1))
        padded = tf.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], "SYMMETRIC")
        return tf.nn.depthwise_conv2d(padded, tf.constant(kernel, features.dtype), [1, 1, 1, 1], "VALID")

    def compute_output_shape(self, shape: Any) -> Any:
        """The features' own."""
        return shape


class DepthToSpace(keras.layers.Layer):
    """Every four channels become the four pixels of a 2 x 2 cell: (n, h, w, 4 c) to (n, 2 h, 2 w, c).

    Source: Shi et al. 2016, arXiv 1609.05158.
    """

    def call(self, features: Any) -> Any:
        """Rearrange."""
        return tf.nn.depth_to_space(features, 2)

    def compute_output_shape(self, shape: Any) -> Any:
        """Twice the height and width, a quarter of the channels."""
        return (shape[0], 2 * shape[1], 2 * shape[2], shape[3] // 4)


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
