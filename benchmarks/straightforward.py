"""The reference's networks and step as one would write them today: plain Keras layers, two tapes, no thought of speed.

Written for comparison, from the papers and the reference's description alone; nothing here is shared with the package but
TensorFlow's start-up.
"""

from __future__ import annotations

import numpy as np

from sigforensics.gan.backend import keras, tf

EPSILON, LEAK, DROPOUT = 1e-5, 0.3, 0.5


def normal():
    return keras.initializers.RandomNormal(stddev=0.02)


class Spade(keras.layers.Layer):
    """SPADE as the reference has it: gamma without the 1, moments over the batch."""

    def __init__(self, filters: int, width: int) -> None:
        super().__init__()
        options = {"padding": "same", "use_bias": False}
        self.shared = keras.layers.Conv2D(width, 3, activation="relu", kernel_initializer=normal(), **options)
        self.gamma = keras.layers.Conv2D(filters, 3, kernel_initializer=normal(), **options)
        self.beta = keras.layers.Conv2D(filters, 3, kernel_initializer=normal(), **options)

    def call(self, features, mask):
        """Normalise and modulate."""
        hidden = self.shared(tf.image.resize(mask, features.shape[1:3], method="nearest"))
        mean, variance = tf.nn.moments(features, (0, 1, 2), keepdims=True)
        normalised = (features - mean) / tf.sqrt(variance + EPSILON)
        return normalised * self.gamma(hidden) + self.beta(hidden)


def generator(size: int, multiplier: int, width: int):
    options = {"strides": 2, "padding": "same", "use_bias": False}
    edges, mask = keras.Input((size, size, 1)), keras.Input((size, size, 1))
    down = [multiplier * min(2**level, 8) for level in range(int(np.log2(size)))]
    features, skips = edges, []
    for level, filters in enumerate(down):
        features = keras.layers.Conv2D(filters, 4, kernel_initializer=normal(), **options)(features)
        if level > 0:
            features = Spade(filters, width)(features, mask)
        features = keras.layers.LeakyReLU(LEAK)(features)
        skips.append(features)
    for level, filters in enumerate(down[-2::-1]):
        features = keras.layers.Conv2DTranspose(filters, 4, kernel_initializer=normal(), **options)(features)
        features = Spade(filters, width)(features, mask)
        if level < 3:
            features = keras.layers.Dropout(DROPOUT)(features)
        features = keras.layers.ReLU()(features)
        features = keras.layers.Concatenate()([features, skips[-2 - level]])
    image = keras.layers.Conv2DTranspose(1, 4, activation="tanh", kernel_initializer=normal(), **options)(
        features
    )
    return keras.Model([edges, mask], image)


def discriminator(size: int, multiplier: int):
    edges, image = keras.Input((size, size, 1)), keras.Input((size, size, 1))
    features = keras.layers.Concatenate()([edges, image])
    for level, (factor, stride) in enumerate(((1, 2), (2, 2), (4, 2), (8, 1))):
        features = keras.layers.Conv2D(
            factor * multiplier,
            4,
            strides=stride,
            padding="same",
            use_bias=False,
            kernel_initializer=normal(),
        )(features)
        if level > 0:
            features = keras.layers.GroupNormalization(groups=-1, epsilon=EPSILON)(features)
        features = keras.layers.LeakyReLU(LEAK)(features)
    scores = keras.layers.Conv2D(1, 4, padding="same", use_bias=False, kernel_initializer=normal())(features)
    return keras.Model([edges, image], scores)


class Straightforward:
    """A training step of the reference: hinge losses alone, one update of each network from one fake."""

    def __init__(self, *, size: int, multiplier: int, width: int) -> None:
        self.generator = generator(size, multiplier, width)
        self.discriminator = discriminator(size, multiplier)
        self.adams = [keras.optimizers.Adam(2e-4, beta_1=0.5, beta_2=0.999) for _ in range(2)]
        for adam, network in zip(self.adams, (self.generator, self.discriminator), strict=True):
            adam.build(network.trainable_variables)

    @tf.function
    def step(self, edges, mask, target):
        """Update both networks once."""
        with tf.GradientTape() as generator_tape, tf.GradientTape() as discriminator_tape:
            fake = self.generator([edges, mask], training=True)
            true_scores = self.discriminator([edges, target], training=True)
            fake_scores = self.discriminator([edges, fake], training=True)
            generator_loss = -tf.reduce_mean(fake_scores)
            discriminator_loss = tf.reduce_mean(tf.nn.relu(1.0 - true_scores)) + tf.reduce_mean(
                tf.nn.relu(1.0 + fake_scores)
            )
        for tape, loss, network, adam in (
            (generator_tape, generator_loss, self.generator, self.adams[0]),
            (discriminator_tape, discriminator_loss, self.discriminator, self.adams[1]),
        ):
            variables = network.trainable_variables
            adam.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return generator_loss, discriminator_loss
