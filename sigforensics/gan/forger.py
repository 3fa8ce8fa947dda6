"""A trained generator in use: edges and mask in, forged signature out."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.errors import ModelInvalid
from sigforensics.gan.backend import tf
from sigforensics.gan.model_file import ModelCard, read_model
from sigforensics.gan.networks import build_generator
from sigforensics.images import ByteImage, FloatImage, bytes_to_unit, signed_to_unit, unit_to_signed

__all__ = ["Forger", "bundled_generator", "load_forger", "named_weights"]

BUNDLED = "cedar-16.safetensors"


def bundled_generator() -> Path:
    """The generator that ships with the package."""
    return Path(str(resources.files("sigforensics.gan") / "weights" / BUNDLED))


def named_weights(network: Any) -> dict[str, Any]:
    """The weights of a network by name, as the model file keeps them."""
    return {weight.path: weight for weight in network.weights}


def load_forger(path: Path | None = None) -> Forger:
    """The generator of a file, or the bundled one.

    Raises
    ------
    FileUnreadable, ModelInvalid
    """
    path = path or bundled_generator()
    values, card = read_model(path)
    generator = build_generator(card.network)
    variables = named_weights(generator)
    if set(variables) != set(values):
        raise ModelInvalid(path, "its weights are not those of the network that it states")
    for name, variable in variables.items():
        if tuple(variable.shape) != values[name].shape:
            raise ModelInvalid(path, f"its weight {name} has the wrong shape")
        variable.assign(values[name])
    return Forger(generator, card, path)


class Forger:
    """A loaded generator. Images go through one by one, so that no fake depends on its neighbours, not even by rounding."""

    def __init__(self, generator: Any, card: ModelCard, path: Path) -> None:
        self.card = card
        self.path = path
        size = card.network.size
        image = tf.TensorSpec((1, size, size, 1), tf.float32)
        seeds = tf.TensorSpec((1, 2), tf.int32)

        @tf.function(input_signature=[image, image, seeds, tf.TensorSpec((), tf.bool)])
        def call(edges: Any, mask: Any, seeds: Any, dropout: Any) -> Any:
            return tf.cond(
                dropout,
                lambda: generator([edges, mask, seeds], training=True),
                lambda: generator([edges, mask, seeds], training=False),
            )

        self._call = call

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
        pair = (0, 0) if seeds is None else seeds
        image = self._call(
            _to_tensor(edges), _to_tensor(mask), np.asarray([pair], np.int32), tf.constant(seeds is not None)
        )
        return signed_to_unit(image.numpy()[0, :, :, 0])


def _to_tensor(image: ByteImage) -> Any:
    return tf.constant(unit_to_signed(bytes_to_unit(image))[None, :, :, None])
