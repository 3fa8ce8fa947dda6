"""A trained generator in use: edges and mask in, forged signature out; one by one, or many in a stream."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

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
"""Calls of the network under way at a time, at most: each holds the features of its images."""
PAIR = 2

Item = TypeVar("Item")


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

    Images go through a compiled graph for two, which takes half the time of two images one by one with oneDNN, wherever an image
    comes out of it the same to the last bit whatever its neighbour and its place; else through a graph for one. Which it is,
    this network on this machine is asked before the first fake. So no fake depends on its neighbours, not even by rounding.
    Several calls are under way at a time. The number of threads can change the last bits of a fake.
    """

    def __init__(self, generator: Any, card: ModelCard, path: Path) -> None:
        self.card = card
        self.path = path
        self._networks = {
            (together, dropout): self._compiled(generator, together, dropout)
            for together in (1, PAIR)
            for dropout in (False, True)
        }

    def _signature(self, together: int) -> tuple[Any, ...]:
        size = self.card.network.size
        image = tf.TensorSpec((together, size, size, 1), tf.float32)
        paper = (image,) if self.card.network.grain_width else ()
        return image, image, tf.TensorSpec((together, 2), tf.int32), *paper

    def _compiled(self, generator: Any, together: int, dropout: bool) -> Any:
        return tf.function(
            lambda *inputs: generator(inputs, training=dropout), input_signature=self._signature(together)
        )

    @cached_property
    def together(self) -> int:
        """How many images go through the network in one call: 2 where that cannot show in any of them, else 1.

        Two images of noise are forged beside each other, and one of them beside itself: neither neighbour nor place may show.
        """
        size = self.card.network.size
        noise = np.random.default_rng(0).integers(0, 256, (2, size, size)).astype(np.uint8)
        one, other = (
            Template(image, image[::-1], np.array([1, 2], np.int32), bytes_to_unit(image)) for image in noise
        )
        asked = [self._inputs([one, other], PAIR), self._inputs([one], PAIR)]
        pairs = self._stream(lambda: iter(asked), PAIR, dropout=False)
        beside_other, beside_itself = (pair.numpy() for pair in pairs)
        alike = [np.array_equal(image, beside_itself[0]) for image in (beside_other[0], beside_itself[1])]
        return PAIR if all(alike) else 1

    @property
    def traces(self) -> int:
        """How often a graph has been made of the network: once for what is asked first, and once for each kind of use."""
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
        together = self.together
        fakes = iter(self._stream(lambda: iter(waiting.get, None), together, dropout=dropout))
        under_way: deque[int] = deque()
        try:
            for part in _batched(templates, together):
                waiting.put(self._inputs(part, together))
                under_way.append(len(part))
                if len(under_way) > 2 * parallel_calls():
                    yield from _to_ink(next(fakes), under_way.popleft())
            waiting.put(None)
            for images, count in zip(fakes, under_way, strict=True):
                yield from _to_ink(images, count)
        finally:
            waiting.put(None)

    def _inputs(self, templates: Sequence[Template], together: int) -> tuple[NDArray[Any], ...]:
        """What the network takes for so many images; one without a neighbour is its own."""
        filled = [templates[k % len(templates)] for k in range(together)]
        inputs = (np.concatenate(of_each) for of_each in zip(*map(_to_tensors, filled), strict=True))
        return tuple(inputs)[: len(self._signature(together))]

    def _stream(self, source: Callable[[], Iterator[Any]], together: int, *, dropout: bool) -> Any:
        """The network as a stage of a pipeline, whose operations TensorFlow holds to one thread each."""
        options = tf.data.Options()
        options.deterministic = True
        options.threading.max_intra_op_parallelism = 1
        options.autotune.enabled = False
        stream = tf.data.Dataset.from_generator(source, output_signature=self._signature(together))
        network = self._networks[together, dropout]
        return stream.map(network, num_parallel_calls=parallel_calls()).with_options(options)


def _batched(items: Iterable[Item], n: int) -> Iterator[tuple[Item, ...]]:
    """Items by n, the last ones as they come (``itertools.batched`` from Python 3.12 on)."""
    rest = iter(items)
    while part := tuple(islice(rest, n)):
        yield part


def parallel_calls() -> int:
    """How many calls of the network are under way at a time: one a processor."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(processors, MOST_UNDER_WAY)


def _to_tensors(template: Template) -> tuple[NDArray[Any], ...]:
    edges, mask = (
        unit_to_signed(bytes_to_unit(image))[None, :, :, None] for image in (template.edges, template.mask)
    )
    paper = np.zeros(template.edges.shape, np.float32) if template.paper is None else template.paper
    return edges, mask, template.seeds[None], paper[None, :, :, None]


def _to_ink(images: Any, count: int) -> Iterator[FloatImage]:
    return map(signed_to_unit, images.numpy()[:count, :, :, 0])
