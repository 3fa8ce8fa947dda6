"""A trained generator in use: edges and mask in, forged signature out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.gan.backend import tf
from sigforensics.gan.bundled import bundled_generator
from sigforensics.gan.model_file import ModelCard, read_model, without_grain
from sigforensics.gan.networks import build_generator
from sigforensics.images import ByteImage, FloatImage, bytes_to_unit, signed_to_unit, unit_to_signed

__all__ = ["Forger", "load_forger", "named_weights"]


def named_weights(network: Any) -> dict[str, Any]:
    """The weights of a network by name, as the model file keeps them."""
    return {weight.path: weight for weight in network.weights}


def load_forger(path: Path | None = None, *, grain: bool = True) -> Forger:
    """The generator of a file, or the bundled one; with ``grain`` False without its grain head, if it has one.

    Raises
    ------
    FileUnreadable, ModelInvalid
    """
    path = path or bundled_generator()
    values, card = read_model(path)
    if not grain:
        values, card = without_grain(values, card)
    generator = build_generator(card.network)
    for name, variable in named_weights(generator).items():
        variable.assign(values[name])
    generator.trainable = False  # so that dropout leaves batch normalisation with its running means
    return Forger(generator, card, path)


class Forger:
    """A loaded generator. Images go through one by one, so that no fake depends on its neighbours, not even by rounding."""

    def __init__(self, generator: Any, card: ModelCard, path: Path) -> None:
        self.card = card
        self.path = path
        image = tf.TensorSpec((1, card.network.size, card.network.size, 1), tf.float32)
        seeds = tf.TensorSpec((1, 2), tf.int32)
        self._plain = tf.function(
            lambda *inputs: generator(inputs, training=False), input_signature=[image, image, seeds]
        )
        self._varied = tf.function(
            lambda *inputs: generator(inputs, training=True), input_signature=[image, image, seeds]
        )

    def forge(
        self, edges: ByteImage, mask: ByteImage, *, seeds: NDArray[np.int32] | None = None
    ) -> FloatImage:
        """One fake.

        Parameters
        ----------
        edges, mask : ndarray of uint8, shape (size, size)
        seeds : ndarray of int32, shape (2,), optional
            Switches dropout on, with this seed.

        Returns
        -------
        ndarray of float32, shape (size, size)
            Ink image: ink 1 on paper 0.
        """
        call = self._plain if seeds is None else self._varied
        pair = np.zeros(2, np.int32) if seeds is None else seeds
        image = call(_to_tensor(edges), _to_tensor(mask), pair[None])
        return signed_to_unit(np.asarray(image)[0, :, :, 0])


def _to_tensor(image: ByteImage) -> FloatImage:
    return unit_to_signed(bytes_to_unit(image))[None, :, :, None]
