"""Images a second out of a generator: ours as it is used, and the reference's way, called eagerly one by one.

    python benchmarks/generation_speed.py [--counts 1 8 64] [--rounds 3] [--generator FILE] [--largest]

Forges drawn signatures. All ways are timed side by side in one process, one after the other in every round; printed are the
medians over the rounds, in seconds of the clock and of the processors, and apart from them how long loading and the first image
take. Then it counts the pixels that differ after rounding to 8 bits from what each image gives alone: of images in a stream, of a
batch of eight, and of direct calls, where TensorFlow divides the work of one image among threads.

The reference's network has the multiplier 16 here and is else as it was, random weights included: its speed does not depend on
them. ``--largest`` adds it with its own multiplier of 64.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sigforensics.gan.template import Template
from sigforensics.images import bytes_to_unit, grey_to_ink, unit_to_signed
from sigforensics.preprocessing import ink_to_target, target_to_edges
from sigforensics.samples import draw_signature, invent_writer
from sigforensics.settings import REFERENCE_NETWORK, Network, Preprocessing

DRAWN = 8
BATCH = 8

Way = Callable[[Sequence[Template]], Any]


def draw_templates(size: int) -> list[Template]:
    found = []
    for number in range(DRAWN):
        grey = draw_signature(invent_writer(number, seed=0), rng=np.random.default_rng(number), dpi=300.0)
        target = ink_to_target(grey_to_ink(grey), settings=Preprocessing(size=size))
        seeds = np.array([number, 0], np.int32)
        found.append(Template(target_to_edges(target), target, seeds, np.zeros((size, size), np.float32)))
    return found


def stack(templates: Sequence[Template], inputs: int) -> list[Any]:
    """The inputs of a network for several images."""
    edges, mask = (
        unit_to_signed(bytes_to_unit(np.stack([getattr(one, name) for one in templates])))[..., None]
        for name in ("edges", "mask")
    )
    paper = np.stack([one.paper for one in templates])[..., None]
    return [edges, mask, np.stack([one.seeds for one in templates]), paper][:inputs]


def one_by_one(call: Callable[[list[Any]], Any], inputs: int) -> Way:
    def way(templates: Sequence[Template]) -> list[Any]:
        return [np.asarray(call(stack([one], inputs)))[0, :, :, 0] for one in templates]

    return way


def in_batches(call: Callable[[list[Any]], Any], inputs: int) -> Way:
    def way(templates: Sequence[Template]) -> list[Any]:
        parts = [templates[first : first + BATCH] for first in range(0, len(templates), BATCH)]
        return [image for part in parts for image in np.asarray(call(stack(part, inputs)))[..., 0]]

    return way


def timed(way: Way, templates: Sequence[Template]) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    way(templates)
    return time.perf_counter() - clock, time.process_time() - processor


def eager(network: Network) -> tuple[Any, int]:
    from sigforensics.gan.networks import build_generator

    model = build_generator(network)
    return lambda inputs: model(inputs, training=False), len(model.inputs)


def compiled(path: Path) -> tuple[Any, int]:
    """The generator of a file as a graph, called directly."""
    from sigforensics.gan.backend import tf
    from sigforensics.gan.forger import named_weights
    from sigforensics.gan.model_file import read_model
    from sigforensics.gan.networks import build_generator

    values, card = read_model(path)
    model = build_generator(card.network)
    for name, variable in named_weights(model).items():
        variable.assign(values[name])
    return tf.function(lambda inputs: model(inputs, training=False), reduce_retracing=False), len(
        model.inputs
    )


def differing(found: Sequence[Any], alone: Sequence[Any]) -> str:
    """Pixels that differ after rounding, of how many, and in how many images; both in [-1, 1]."""
    rounded = [
        np.stack([np.rint((np.asarray(one) + 1) * 127.5) for one in images]) for images in (found, alone)
    ]
    different = rounded[0] != rounded[1]
    return f"{different.sum()} of {different.size} pixels, {different.any(axis=(1, 2)).sum()} of {len(found)} images"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--generator", type=Path)
    parser.add_argument("--largest", action="store_true")
    options = parser.parse_args()

    start = time.perf_counter()
    from sigforensics.gan.forger import load_forger

    imported = time.perf_counter()
    forger = load_forger(options.generator)
    loaded = time.perf_counter()
    drawn = draw_templates(forger.card.network.size)
    first = timed(lambda given: list(forger.forge_many(given)), drawn[:1])[0]
    print(
        f"start of TensorFlow {imported - start:.1f} s, weights {loaded - imported:.1f} s, first image {first:.1f} s"
    )

    call, inputs = compiled(forger.path)
    reference = replace(REFERENCE_NETWORK, multiplier=16, size=forger.card.network.size)
    ways: dict[str, Way] = {
        "ours: a stream": lambda given: list(forger.forge_many(given)),
        "its graph, one by one": one_by_one(call, inputs),
        f"its graph, batches of {BATCH}": in_batches(call, inputs),
        "its network, eager": one_by_one(*eager(forger.card.network)),
        "reference at 16, eager": one_by_one(*eager(reference)),
    }
    if options.largest:
        ways["reference at 64, eager"] = one_by_one(*eager(replace(reference, multiplier=64)))
    for way in ways.values():
        way(drawn)
    print(f"{len(os.sched_getaffinity(0))} processors; images a second (processor seconds an image)")
    print("images".ljust(28) + "".join(f"{count:>16}" for count in options.counts))
    measured: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for _ in range(options.rounds):
        for name, way in ways.items():
            for count in options.counts:
                given = [drawn[k % DRAWN] for k in range(count)]
                measured.setdefault((name, count), []).append(timed(way, given))
    for name in ways:
        cells = []
        for count in options.counts:
            clock, processor = (statistics.median(side) for side in zip(*measured[name, count], strict=True))
            cells.append(f"{count / clock:.2f} ({processor / count:.2f})".rjust(16))
        print(name.ljust(28) + "".join(cells))

    alone = [2 * forger.forge(one.edges, one.mask, seeds=one.seeds, paper=one.paper) - 1 for one in drawn]
    stream = [2 * image - 1 for image in forger.forge_many(drawn)]
    print("differ from each image alone, after rounding to 8 bits:")
    print(f"  in a stream: {differing(stream, alone)}")
    direct, batch = (ways[name](drawn) for name in list(ways)[1:3])
    print(f"  batch of {BATCH}, from direct calls: {differing(batch, direct)}")
    print(f"  direct calls, from the stream: {differing(direct, alone)}")


if __name__ == "__main__":
    main()
