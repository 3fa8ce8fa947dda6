"""The grain head: paints what a scan has and a smooth drawing lacks over the generator's image, from noise, pixel by pixel.

A U-Net trained on an L1 term gives the mean of what it cannot predict: strokes without grain on paper without specks. The
head is a few 3 x 3 convolutions at full resolution. It sees the drawing, the edges, the mask, the local share of specks on
the true scan's paper, and noise on several scales; nothing is resampled after it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sigforensics.gan.backend import keras, tf

__all__ = ["CHANNELS", "Grain", "draw_noise"]

NOISES = ((1, 4), (2, 2), (4, 2))
"""Pixels a side of a cell, and channels: noise on three scales, the coarse ones interpolated."""
MOODS = 2
"""Channels of noise that are constant over an image: images of one hand differ in their grain, too."""
CONDITIONS = 4
"""Drawing, edges, mask, paper."""
CHANNELS = CONDITIONS + MOODS + sum(channels for _, channels in NOISES)
"""Of the head's input."""
INTERPOLATED = 1.25
"""Factor of coarse noise: it gives back part of the variance that interpolation takes, and leaves 0.6 to 0.7."""
PAPER_SCALE = 8.0
"""Brings the square root of a share of specks, some hundredths to a few tenths, near 1."""
INITIAL_DEVIATION = 0.01
"""Standard deviation of the last kernel before training."""
STREAM = 1000
"""Keeps the head's random numbers apart from those of dropout."""


def draw_noise(seed: Any, size: int) -> Any:
    """Noise of one image, from its seed alone.

    Parameters
    ----------
    seed : tensor of int32, shape (2,)
    size : int
        Pixels: side of the image, a multiple of 4.

    Returns
    -------
    tensor of float32, shape (size, size, 10)
        Normal, of mean 0. Variance 1 on the finest scale and of what is constant over the image; on the coarse scales 0.6 to 0.7,
        the mean over pixels. Channels stand from fine to coarse, the constant ones last.
    """
    noises = []
    for cell, channels in NOISES:
        shape = (1, size // cell, size // cell, channels)
        noise = tf.random.stateless_normal(shape, seed + [0, STREAM + cell])
        if cell > 1:
            noise = INTERPOLATED * tf.image.resize(noise, (size, size), "bilinear")
        noises.append(noise[0])
    moods = tf.random.stateless_normal((1, 1, MOODS), seed + [0, STREAM])
    return tf.concat([*noises, tf.broadcast_to(moods, (size, size, MOODS))], axis=-1)


class Grain(keras.layers.Layer):
    """Adds grain to a drawing. Called with ``[drawing, edges, mask, paper, seeds]``.

    The first three are float32 (n, size, size, 1) in [-1, 1]; ``paper`` likewise, in [0, 1]: the square root of the local
    share of specks (:func:`sigforensics.preprocessing.paper_map`); ``seeds`` int32 (n, 2). Gives float32 (n, size, size, 1)
    in [-1, 1].

    Parameters
    ----------
    width : int
        Channels of the hidden convolutions.
    layers : int
        Hidden convolutions.
    leak : float
        Slope of the leaky ReLU below zero.
    rng : numpy.random.Generator
        Of the initial kernels (He et al. 2015; those of the last one are small, so that training begins at the drawing).
    """

    def __init__(
        self, width: int, *, layers: int, leak: float, rng: np.random.Generator, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.leak = leak
        seeds = [int(seed) for seed in rng.integers(2**31, size=layers + 1)]
        hidden = [keras.initializers.HeNormal(seed) for seed in seeds[:-1]]
        self.hidden = [_convolution(width, f"conv_{number}", it) for number, it in enumerate(hidden)]
        self.last = _convolution(
            1, "last", keras.initializers.RandomNormal(stddev=INITIAL_DEVIATION, seed=seeds[-1])
        )

    def build(self, shapes: Any) -> None:
        """Make the kernels; all that is used of the shapes is how many axes the first has."""
        channels = CHANNELS
        for convolution in (*self.hidden, self.last):
            convolution.build((*shapes[0][:-1], channels))
            channels = convolution.filters

    def paint(self, conditions: Any, noise: Any) -> Any:
        """The image before it is clipped to [-1, 1].

        Parameters
        ----------
        conditions : tensor, shape (n, height, width, 4)
            Drawing, edges, mask and paper.
        noise : tensor, shape (n, height, width, 10)
        """
        features = tf.concat([conditions * [1.0, 1.0, 1.0, PAPER_SCALE], noise], axis=-1)
        for convolution in self.hidden:
            features = tf.nn.leaky_relu(convolution(features), self.leak)
        return conditions[..., :1] + self.last(features)

    def call(self, inputs: Any) -> Any:
        """Draw the noise of each image, and paint."""
        *conditions, seeds = inputs
        size = conditions[0].shape[1]
        noise = tf.map_fn(lambda seed: draw_noise(seed, size), seeds, fn_output_signature=tf.float32)
        return tf.clip_by_value(self.paint(tf.concat(conditions, axis=-1), noise), -1.0, 1.0)

    def compute_output_shape(self, shapes: Any) -> Any:
        """The drawing's own."""
        return shapes[0]


def _convolution(filters: int, name: str, initializer: Any) -> Any:
    return keras.layers.Conv2D(
        filters, 3, padding="same", kernel_initializer=initializer, dtype="float32", name=name
    )
