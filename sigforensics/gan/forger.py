"""A trained generator in use: edges and mask in, forged signature out; one by one, or many in a stream."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.gan.backend import tf
from sigforensics.gan.bundled import bundled_generator
from sigforensics.gan.model_file import ModelCard, read_model, without_grain
from sigforensics.gan.networks import build_generator
from sigforensics.gan.template import Template
from sigforensics.images import ByteImage, FloatImage, bytes_to_unit, signed_to_unit, unit_to_signed

__all__ = ["Forger", "load_forger", "named_weights", "parallel_calls"]

MOST_UNDER_WAY = 16
"""Images that the network works on at a time, at most: each holds its features."""


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
    with tf.device("/CPU:0"):  # where tf.data runs it
        generator = build_generator(card.network)
    for name, variable in named_weights(generator).items():
        variable.assign(values[name])
    generator.trainable = False  # so that dropout leaves batch normalisation with its running means
    return Forger(generator, card, path)


class Forger:
    """A loaded generator.

    Each image goes through a compiled graph for one image, so that no fake depends on its neighbours, not even by rounding.
    Several images are under way at a time instead. The number of threads can change the last bits of a fake.
    """

    def __init__(self, generator: Any, card: ModelCard, path: Path) -> None:
        self.card = card
        self.path = path
        image = tf.TensorSpec((1, card.network.size, card.network.size, 1), tf.float32)
        paper = (image,) if card.network.grain_width else ()
        self._signature = (image, image, tf.TensorSpec((1, 2), tf.int32), *paper)
        self._networks = {dropout: self._compiled(generator, dropout) for dropout in (False, True)}

    def _compiled(self, generator: Any, dropout: bool) -> Any:
        return tf.function(
            lambda *inputs: generator(inputs, training=dropout), input_signature=self._signature
        )

    @property
    def traces(self) -> int:
        """How often a graph has been made of the network; 1 from the first fake on, and 2 once dropout was used, too."""
        return sum(network.experimental_get_tracing_count() for network in self._networks.values())

    def forge(
        self,
        edges: ByteImage,
        mask: ByteImage,
        *,
        seeds: NDArray[np.int32],
        paper: FloatImage | None = None,
        dropout: bool = False,
    ) -> FloatImage:
        """One fake.

        Parameters
        ----------
        edges, mask : ndarray of uint8, shape (size, size)
        seeds : ndarray of int32, shape (2,)
        paper : ndarray of float32, shape (size, size), in [0, 1], optional
            For a grain head: see :class:`sigforensics.gan.template.Template`.
        dropout : bool
            Whether dropout is on; its pattern follows from the seeds.

        Returns
        -------
        ndarray of float32, shape (size, size)
            Ink image: ink 1 on paper 0.
        """
        return next(self.forge_many([Template(edges, mask, seeds, paper)], dropout=dropout))

    def forge_many(self, templates: Iterable[Template], *, dropout: bool = False) -> Iterator[FloatImage]:
        """Fakes of templates, in their order, each equal to the last bit to what :meth:`forge` makes of it alone.

        Templates are taken in the caller's thread, a few ahead of the fakes, while the network works in others.
        """
        waiting: SimpleQueue[Any] = SimpleQueue()
        fakes = iter(self._stream(lambda: iter(waiting.get, None), dropout))
        ahead, under_way = 2 * parallel_calls(), 0
        try:
            for template in templates:
                waiting.put(_to_tensors(template)[: len(self._signature)])
                under_way += 1
                if under_way > ahead:
                    yield _to_ink(next(fakes))
                    under_way -= 1
            waiting.put(None)
            yield from map(_to_ink, fakes)
        finally:
            waiting.put(None)

    def _stream(self, source: Callable[[], Iterator[Any]], dropout: bool) -> Any:
        """The network as a stage of a pipeline, whose operations TensorFlow holds to one thread each."""
        options = tf.data.Options()
        options.deterministic = True
        options.threading.max_intra_op_parallelism = 1
        options.autotune.enabled = False
        stream = tf.data.Dataset.from_generator(source, output_signature=self._signature)
        return stream.map(self._networks[dropout], num_parallel_calls=parallel_calls()).with_options(options)


def parallel_calls() -> int:
    """How many images are under way at a time: one a processor."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(processors, MOST_UNDER_WAY)


def _to_tensors(template: Template) -> tuple[NDArray[Any], ...]:
    edges, mask = (
        unit_to_signed(bytes_to_unit(image))[None, :, :, None] for image in (template.edges, template.mask)
    )
    paper = np.zeros(template.edges.shape, np.float32) if template.paper is None else template.paper
    return edges, mask, template.seeds[None], paper[None, :, :, None]


def _to_ink(image: Any) -> FloatImage:
    return signed_to_unit(image.numpy()[0, :, :, 0])
