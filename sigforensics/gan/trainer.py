"""One training step, and the whole state of a training as tensors by name."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.gan import losses
from sigforensics.gan.backend import keras, standard_error_held_back, tf
from sigforensics.gan.networks import build_discriminator, build_generator
from sigforensics.gan.precision import choose_arithmetic
from sigforensics.gan.replicas import Replicas, repeatable
from sigforensics.images import FloatImage
from sigforensics.settings import Network, Training

__all__ = ["METRICS", "Trainer"]

METRICS = ("generator_loss", "discriminator_loss", "generator_accuracy", "discriminator_accuracy", "l1")
"""What a step returns, in this order: the adversarial loss of G, the loss of D, share of fake and of true patches that D scores
above zero, weighted as in the losses, and the mean absolute error in [-1, 1]."""


class Trainer:
    """The two networks, their optimisers and the update that plays one against the other.

    Parameters
    ----------
    network : Network
    training : Training
    replicas : Replicas, optional
        The devices among which a batch is shared; one if not given.
    """

    def __init__(self, network: Network, training: Training, replicas: Replicas | None = None) -> None:
        repeatable()
        self.training = training
        self.replicas = replicas or Replicas()
        options: dict[str, Any] = {
            "initial_deviation": training.initial_deviation,
            "dtype": choose_arithmetic(training.precision).dtype,
            "rng": np.random.default_rng(training.seed),
        }
        with self.replicas.scope():
            self.generator = build_generator(network, **options)
            self.discriminator = build_discriminator(network, **options)
            self.generator_adam = self._adam(self.generator, training.generator_rate)
            self.discriminator_adam = self._adam(self.discriminator, training.discriminator_rate)
        image = tf.TensorSpec((None, network.size, network.size, 1), tf.float32)
        seeds = tf.TensorSpec((None, 2), tf.int32)
        step = self.replicas.step(self._step)
        self._compiled_step = tf.function(step, input_signature=[image, image, image, seeds])
        self._compiled_generate = tf.function(self._generate, input_signature=[image, image])
        self._compiled_score = tf.function(self._score, input_signature=[image, image])
        self._stepped = False

    def _adam(self, network: Any, rate: float) -> Any:
        adam = keras.optimizers.Adam(
            rate,
            beta_1=self.training.beta_1,
            beta_2=self.training.beta_2,
            name="adam",  # the names of a state must not depend on how many Keras has made before
        )
        adam.build(network.trainable_variables)
        return adam

    def step(
        self,
        edges: NDArray[np.float32],
        mask: NDArray[np.float32],
        target: NDArray[np.float32],
        seeds: NDArray[np.int32],
    ) -> NDArray[np.float64]:
        """Update both networks once, from the same fake; then each as often again as the settings say.

        Parameters
        ----------
        edges, mask, target : ndarray of float32, shape (n, size, size, 1), in [-1, 1]
        seeds : ndarray of int32, shape (n, 2)
            Of dropout.

        Returns
        -------
        ndarray of float64, shape (5,)
            As :data:`METRICS`, from before the update.
        """
        # TensorFlow's graph optimiser complains, at the first call, of a fusion that it then does without.
        with nullcontext() if self._stepped else standard_error_held_back():
            metrics = self._compiled_step(edges, mask, target, seeds)
        self._stepped = True
        return np.asarray(metrics, np.float64)

    def set_rates(self, share: float) -> None:
        """Let both optimisers take steps of this share of the sizes that the settings state."""
        self.generator_adam.learning_rate = share * self.training.generator_rate
        self.discriminator_adam.learning_rate = share * self.training.discriminator_rate

    def generate(self, edges: FloatImage, mask: FloatImage) -> FloatImage:
        """The generator's image without dropout: float32 (size, size) in [-1, 1], as its arguments."""
        image = self._compiled_generate(edges[None, ..., None], mask[None, ..., None])
        return np.asarray(image)[0, ..., 0]

    def _generate(self, edges: Any, mask: Any) -> Any:
        return self.generator([edges, mask, tf.zeros((1, 2), tf.int32)], training=False)

    def score(self, edges: FloatImage, image: FloatImage) -> FloatImage:
        """The discriminator's scores of an image's patches: float32 (size / 8, size / 8), above zero for "true".

        Its arguments are float32 (size, size) in [-1, 1].
        """
        scores = self._compiled_score(edges[None, ..., None], image[None, ..., None])
        return np.asarray(scores)[0, ..., 0]

    def _score(self, edges: Any, image: Any) -> Any:
        return self.discriminator([edges, image], training=False)

    def _step(self, edges: Any, mask: Any, target: Any, seeds: Any, *, share: Any) -> Any:
        weights = losses.patch_weights(edges, target, self.training.blank_weight)
        metrics = self._joint_update(edges, mask, target, seeds, weights, share)
        for extra in range(1, self.training.generator_updates):
            self._generator_update(edges, mask, target, seeds + [extra, 0], weights, share)
        for extra in range(1, self.training.discriminator_updates):
            self._discriminator_update(edges, mask, target, seeds + [extra, 1], weights, share)
        return metrics

    def _joint_update(
        self, edges: Any, mask: Any, target: Any, seeds: Any, weights: Any, share: Any = None
    ) -> Any:
        with tf.GradientTape() as generator_tape, tf.GradientTape() as discriminator_tape:
            fake = self.generator([edges, mask, seeds], training=True)
            fake_scores = self.discriminator([edges, fake], training=True)
            true_scores = self.discriminator([edges, target], training=True)
            adversarial, error, total = self._generator_loss(fake, target, fake_scores, weights)
            discriminator_loss = losses.discriminator_hinge(true_scores, fake_scores, weights)
        self._apply(generator_tape, total, self.generator, self.generator_adam, share)
        self._apply(
            discriminator_tape, discriminator_loss, self.discriminator, self.discriminator_adam, share
        )
        shares = losses.accuracy(fake_scores, weights), losses.accuracy(true_scores, weights)
        return tf.stack([adversarial, discriminator_loss, *shares, error])

    def _generator_loss(self, fake: Any, target: Any, scores: Any, weights: Any) -> tuple[Any, Any, Any]:
        adversarial = losses.generator_hinge(scores, weights)
        error = losses.mean_absolute_error(fake, target)
        total = self.training.adversarial_weight * adversarial + self.training.l1_weight * error
        return adversarial, error, total

    def _generator_update(
        self, edges: Any, mask: Any, target: Any, seeds: Any, weights: Any, share: Any = None
    ) -> None:
        with tf.GradientTape() as tape:
            fake = self.generator([edges, mask, seeds], training=True)
            scores = self.discriminator([edges, fake], training=True)
            _, _, total = self._generator_loss(fake, target, scores, weights)
        self._apply(tape, total, self.generator, self.generator_adam, share)

    def _discriminator_update(
        self, edges: Any, mask: Any, target: Any, seeds: Any, weights: Any, share: Any = None
    ) -> None:
        fake = self.generator([edges, mask, seeds], training=True)
        with tf.GradientTape() as tape:
            fake_scores = self.discriminator([edges, fake], training=True)
            true_scores = self.discriminator([edges, target], training=True)
            loss = losses.discriminator_hinge(true_scores, fake_scores, weights)
        self._apply(tape, loss, self.discriminator, self.discriminator_adam, share)

    @staticmethod
    def _apply(tape: Any, loss: Any, network: Any, adam: Any, share: Any) -> None:
        """Move the network along the gradients of the loss, times ``share``, which the optimiser adds up over the devices."""
        variables = network.trainable_variables
        gradients = tape.gradient(loss, variables, output_gradients=share)
        adam.apply_gradients(zip(gradients, variables, strict=True))

    def _variables(self) -> dict[str, Any]:
        parts = {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "generator_adam": self.generator_adam,
            "discriminator_adam": self.discriminator_adam,
        }
        return {
            f"{part}/{number:03d}/{variable.path}": variable
            for part, owner in parts.items()
            for number, variable in enumerate(owner.variables)
        }

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that the next step depends on, but for the data: weights, power iterations, Adam's moments."""
        return {name: np.asarray(variable) for name, variable in self._variables().items()}

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Take up a state again.

        Raises
        ------
        ValueError
            If it is the state of other networks.
        """
        variables = self._variables()
        if {name: tuple(it.shape) for name, it in variables.items()} != {
            n: it.shape for n, it in state.items()
        }:
            raise ValueError("it is the state of other networks")
        for name, variable in variables.items():
            variable.assign(state[name])
