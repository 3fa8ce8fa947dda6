"""One step of a grain head's training, and its whole state as tensors by name."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.gan import texture
from sigforensics.gan.backend import keras, tf
from sigforensics.gan.crops import Crops
from sigforensics.gan.grain import CHANNELS, Grain, draw_noise
from sigforensics.settings import Graining

__all__ = ["METRICS", "Refiner"]

METRICS = ("loss", "stroke_distance", "paper_distance", "spectrum_difference", "low_error")
"""What a step returns, in this order: the whole loss; the sliced distances of patches near edges and elsewhere, in grey
levels; the root mean square over the bands of the crops' mean difference, in nats; the mean absolute error of the smoothed
images, on the scale of ink 0 to 1."""
OUTSIDE_WEIGHT = 5.0
"""Of the mean amount by which values leave the range, which clipping would hide from the gradient."""
LONGEST_GRADIENT = 1.0
"""Norm over all weights; longer ones are shortened to it."""
CROP_STREAM = 7919
"""Keeps the noise of the crops of a step apart."""


class Refiner:
    """A grain head, its optimiser, and the update that brings its texture to that of the true images.

    Parameters
    ----------
    settings : Graining
    leak : float
        Slope of the head's leaky ReLU below zero, as in the generator below it.
    threshold : int
        Grey level below which the preprocessing clears ink.
    """

    def __init__(self, settings: Graining, *, leak: float, threshold: int) -> None:
        self.settings, self.threshold = settings, threshold
        rng = np.random.default_rng([settings.seed, settings.width])
        self.grain = Grain(settings.width, layers=settings.layers, leak=leak, rng=rng, name="grain")
        self.grain.build([(None, None, None, CHANNELS)])
        self.adam = keras.optimizers.Adam(
            settings.rate, beta_1=settings.beta_1, beta_2=settings.beta_2, name="adam"
        )
        self.adam.build(self.grain.trainable_variables)
        self.averages = [tf.Variable(weight) for weight in self.grain.trainable_variables]
        self.bands = tf.constant(texture.radial_bands(settings.side, settings.spectrum_bands))
        side, size = settings.side, settings.patch**2
        self._compiled = tf.function(
            self._step,
            input_signature=[
                tf.TensorSpec((settings.crops, side, side, 4), tf.float32),
                tf.TensorSpec((settings.crops, side, side, 1), tf.float32),
                tf.TensorSpec((settings.directions, size), tf.float32),
                tf.TensorSpec((2,), tf.int32),
            ],
        )

    def step(self, crops: Crops, *, step: int) -> NDArray[np.float64]:
        """Update the head once and return :data:`METRICS`, as they were before.

        Noise, directions and places of patches depend on seed and step alone.
        """
        settings = self.settings
        self.adam.learning_rate.assign(settings.rate * min(1.0, 2 * (1 - step / settings.steps)))
        rng = np.random.default_rng([settings.seed, step, settings.directions])
        directions = texture.draw_directions(settings.directions, settings.patch, rng=rng)
        seed = np.array([settings.seed % 2**31, step % 2**31], np.int32)
        return np.asarray(self._compiled(*crops, directions, seed), np.float64)

    def _step(self, conditions: Any, true: Any, directions: Any, seed: Any) -> Any:
        numbers = tf.range(self.settings.crops)
        noise = tf.map_fn(
            lambda number: draw_noise(seed + [0, CROP_STREAM] * (number + 1), self.settings.side),
            numbers,
            fn_output_signature=tf.float32,
        )
        with tf.GradientTape() as tape:
            painted = self.grain.paint(conditions, noise)
            loss, metrics = self._loss(127.5 * (painted + 1), true, conditions[..., 1:2], directions, seed)
        variables = self.grain.trainable_variables
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, variables), LONGEST_GRADIENT)
        self.adam.apply_gradients(zip(gradients, variables, strict=True))
        for average, variable in zip(self.averages, variables, strict=True):
            average.assign(average + (1 - self.settings.averaging) * (variable - average))
        return tf.stack([loss, *metrics])

    def _loss(
        self, painted: Any, true: Any, edges: Any, directions: Any, seed: Any
    ) -> tuple[Any, tuple[Any, ...]]:
        """The weighted sum of the terms, and those that the log shows; images on the scale 0 to 255."""
        settings = self.settings
        fake = texture.finish(painted, threshold=self.threshold)
        zone = _dilated(tf.cast((true > 0) | (fake > 0), tf.float32), settings.patch)
        near = _dilated(tf.cast(edges > 0, tf.float32), 2 * settings.near + 1)
        common = {"directions": directions, "huber": settings.huber}
        stroke = texture.sliced_distance(
            fake, true, zone * near, patches=settings.stroke_patches, seed=seed, **common
        )
        paper = texture.sliced_distance(
            fake, true, zone * (1 - near), patches=settings.paper_patches, seed=seed + 1, **common
        )
        spectra = texture.spectrum_differences(fake, true, bands=self.bands, floor=settings.spectrum_floor)
        bias = tf.reduce_mean(tf.square(tf.reduce_mean(spectra, axis=0)))
        density = tf.reduce_mean(tf.square(_cell_means((fake - true) * (1 - near), settings.density_cell)))
        smooth = tf.abs(_smoothed(painted - true, settings.patch)) / 255
        low = tf.reduce_sum(smooth * zone) / (tf.reduce_sum(zone) + 1)
        outside = tf.reduce_mean(tf.nn.relu(-painted) + tf.nn.relu(painted - 255)) / 255
        loss = (
            settings.stroke_weight * stroke
            + settings.paper_weight * paper
            + settings.spectrum_weight * tf.reduce_mean(tf.square(spectra))
            + settings.bias_weight * bias
            + settings.density_weight * density
            + settings.low_weight * low
            + OUTSIDE_WEIGHT * outside
        )
        return loss, (stroke, paper, tf.sqrt(bias), low)

    def averaged(self) -> dict[str, NDArray[np.float32]]:
        """The running averages of the weights, by the names that a model file has for them."""
        variables = self.grain.trainable_variables
        return {
            f"grain/{variable.path.removeprefix('grain/')}": np.asarray(average)
            for variable, average in zip(variables, self.averages, strict=True)
        }

    def _variables(self) -> dict[str, Any]:
        parts = {"grain": self.grain.variables, "adam": self.adam.variables, "average": self.averages}
        return {f"{part}/{number:03d}": it for part, its in parts.items() for number, it in enumerate(its)}

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that the next step depends on, but for the data."""
        return {name: np.asarray(variable) for name, variable in self._variables().items()}

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Take up a state again.

        Raises
        ------
        ValueError
            If it is the state of another head.
        """
        variables = self._variables()
        if {n: tuple(it.shape) for n, it in variables.items()} != {n: it.shape for n, it in state.items()}:
            raise ValueError("it is the state of another grain head")
        for name, variable in variables.items():
            variable.assign(state[name])


def _dilated(zone: Any, side: int) -> Any:
    return tf.nn.max_pool2d(zone, side, 1, "SAME")


def _smoothed(images: Any, side: int) -> Any:
    return tf.nn.avg_pool2d(images, side, 1, "SAME")


def _cell_means(images: Any, cell: int) -> Any:
    return tf.nn.avg_pool2d(images, cell, cell, "VALID")
