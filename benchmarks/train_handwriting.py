"""Trains the network that tells handwriting from print, on composed parts of pages alone, and measures it on others.

Parts held out bear hands that training never saw. Needs TensorFlow; finding does not.

Example: ``python benchmarks/train_handwriting.py handwriting.safetensors --data data``
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from composing import typefaces
from hands import Hands, scanned_signatures
from separation_data import HAND, PAPER, PRINT, Mixed, mix
from sigforensics.extraction.handwriting import (
    LEVELS,
    HandwritingModel,
    by_hand,
    network_input,
    read_handwriting,
    write_handwriting,
)
from sigforensics.settings import Extraction
from train_finder import DRAWN, HELD_OUT

CHANNELS = (24, 28, 48, 64, 80)
BATCH = 8
CROP = 192, 256
CONTACT = 9
"""Pixels: ink so near the other kind weighs more."""
AT_CONTACTS = 0.7
"""Of the crops: those where ink of one kind is near the other."""
SHARD = 50
"""Parts that a process composes at a time."""
LEAST_CONTACT = 70
"""Pixels of such ink in a part, at least."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="the network's file")
    parser.add_argument(
        "--data", type=Path, help="folder with cedar/ and nisdcc/; drawn hands alone without it"
    )
    parser.add_argument("--parts", type=int, default=3000, help="composed parts of pages to train on")
    parser.add_argument("--held-out", type=int, default=300)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start-from", type=Path, help="a network to go on from")
    parser.add_argument(
        "--keep",
        type=float,
        default=0.0,
        help="share of what it began with in the mean of weights (Wortsman et al. 2022)",
    )
    parser.add_argument("--rate", type=float, default=2e-3, help="largest learning rate")
    parser.add_argument("--fonts", type=Path, help="folder of typefaces to print with, too")
    parser.add_argument("--threads", type=int, default=1, help="of processors, to compose and to train")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    faces = typefaces(arguments.fonts)
    print(f"{len(faces)} typefaces", flush=True)
    train = gather("train", arguments.parts, arguments, faces)
    print(f"{len(train)} parts of pages", flush=True)
    weights = fit(train, arguments)
    if arguments.start_from:
        began = read_handwriting(arguments.start_from)
        weights = mean_of(began.weights, weights, arguments.keep) if arguments.keep else weights
    held = gather("hold", arguments.held_out, arguments, faces)
    record = {
        "parts": arguments.parts, "steps": arguments.steps, "seed": arguments.seed,
        "typefaces": sorted({Path(face).name for face in faces}),
        "scanned_hands": arguments.data is not None, "tensorflow": version("tensorflow"), "numpy": version("numpy"),
    }  # fmt: skip
    if arguments.start_from:
        record |= {"kept": arguments.keep, "began_with": dict(began.training)}
    model = HandwritingModel(weights, {**record, "held_out": figures(HandwritingModel(weights, {}), held)})
    write_handwriting(arguments.out, model)
    print(json.dumps(model.training["held_out"], indent=1))


def gather(name: str, parts: int, arguments: argparse.Namespace, faces: tuple[str, ...]) -> list[Mixed]:
    """Compose parts of pages; each has random numbers of its own. Those held out have other hands, and the same typefaces."""
    seed = [{"train": 21, "hold": 22}[name], arguments.seed if name == "train" else 0]
    jobs = [
        (name, seed, range(start, min(start + SHARD, parts)), arguments.data, faces)
        for start in range(0, parts, SHARD)
    ]
    spawn = multiprocessing.get_context("spawn")  # TensorFlow does not stand a fork
    with ProcessPoolExecutor(arguments.threads, mp_context=spawn) as pool:
        return [part for some in pool.map(composed, jobs) for part in some]


@cache
def people(name: str, data: Path | None) -> Hands:
    """The hands of training, or those held out."""
    by_writer = scanned_signatures(data) if data else {}
    files = [
        one
        for writer, group in by_writer.items()
        if (writer in HELD_OUT) == (name == "hold")
        for one in group
    ]
    return Hands(DRAWN[name], files)


def composed(job: tuple[str, list[int], range, Path | None, tuple[str, ...]]) -> list[Mixed]:
    """Some of the parts."""
    name, seed, numbers, data, faces = job
    cv2.setNumThreads(1)
    hands, settings = people(name, data), Extraction()
    return [
        mix(hands, np.random.default_rng([*seed, part]), settings=settings, faces=faces) for part in numbers
    ]


def crop(
    part: Mixed, middle: NDArray[np.int64] | None, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """A piece of a part, pens and scanners varied; what the network sees, and what is there.

    It holds the pixel ``middle``, or is anywhere, mostly where there is ink by hand.
    """
    height, width = CROP
    room = [max(side - own, 0) for side, own in zip(part.kind.shape, CROP, strict=True)]
    for _ in range(4):
        if middle is None:
            top, left = (int(rng.integers(most + 1)) for most in room)
        else:
            top, left = (
                int(np.clip(at - rng.integers(own), 0, most))
                for at, own, most in zip(middle, CROP, room, strict=True)
            )
        place = slice(top, top + height), slice(left, left + width)
        if middle is not None or (part.kind[place] == HAND).sum() > 150 or rng.random() < 0.1:
            break
    short = [(0, max(own - side, 0)) for own, side in zip(CROP, part.kind.shape, strict=True)]
    grey = np.pad(part.grey[place], short, mode="edge").astype(np.float32) / 255
    threshold = np.pad(part.threshold[place], short, mode="edge").astype(np.float32) / 255
    kind = np.pad(part.kind[place], short)
    seen = network_input(grey, threshold)
    seen[..., 1] **= np.exp(rng.normal(0, 0.3))
    return seen, kind


def importance(kind: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Weights of pixels: none without ink or where it is unsure, more where print and handwriting are near each other."""
    hand, print_ = ((kind == one).astype(np.uint8) for one in (HAND, PRINT))
    side = np.ones((2 * CONTACT + 1,) * 2, np.uint8)
    near = (cv2.dilate(hand, side) & cv2.dilate(print_, side)) > 0
    return (hand | print_) * np.where(near, np.float32(3), np.float32(1))


def fit(train: list[Mixed], arguments: argparse.Namespace) -> dict[str, NDArray[np.float32]]:
    """Train by Adam on the cross-entropy of pixels of ink."""
    import tensorflow as tf

    tf.keras.utils.set_random_seed(arguments.seed)
    tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    model, body = network(tf)
    if arguments.start_from:
        begin_with(body, read_handwriting(arguments.start_from).weights)
    rate = tf.keras.optimizers.schedules.CosineDecay(
        1e-4, arguments.steps, warmup_target=arguments.rate, warmup_steps=200, alpha=0.01
    )
    optimizer = tf.keras.optimizers.AdamW(rate, weight_decay=1e-4, clipnorm=1.0)

    @tf.function
    def step(seen, hand, weight):
        with tf.GradientTape() as tape:
            logits = model(seen)
            errors = tf.nn.sigmoid_cross_entropy_with_logits(hand, logits)
            loss = tf.reduce_sum(errors * weight) / (tf.reduce_sum(weight) + 1.0)
        optimizer.apply_gradients(
            zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables, strict=True)
        )
        return loss

    contacts = [np.argwhere(importance(part.kind) > 1) for part in train]
    crossed = [number for number, near in enumerate(contacts) if len(near) >= LEAST_CONTACT]

    def piece() -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        if crossed and rng.random() < AT_CONTACTS:
            number = int(rng.choice(crossed))
            return crop(train[number], rng.choice(contacts[number]), rng)
        return crop(train[int(rng.integers(len(train)))], None, rng)

    rng, losses, start = np.random.default_rng(arguments.seed), [], time.perf_counter()
    for number in range(arguments.steps):
        pieces = [piece() for _ in range(BATCH)]
        seen = np.stack([one for one, _ in pieces])
        hand = np.stack([kind == HAND for _, kind in pieces]).astype(np.float32)
        losses.append(float(step(seen, hand, np.stack([importance(kind) for _, kind in pieces]))))
        if number % 100 == 99:
            print(
                f"{number + 1}: {np.mean(losses[-100:]):.4f}, {time.perf_counter() - start:.0f} s", flush=True
            )
        if number % 500 == 499:
            write_handwriting(arguments.out, HandwritingModel(trained(body), {"steps": number + 1}))
    return trained(body)


def begin_with(body: list, weights: Mapping[str, NDArray[np.float32]]) -> None:
    """Set layers to the weights of a network whose first scale has as many channels or fewer; new ones begin small.

    Raises
    ------
    ValueError
        If another scale has other channels.
    """
    scales = tuple(len(weights[f"down{level}_1_b"]) for level in range(LEVELS))
    if scales[0] > CHANNELS[0] or scales[1:] != CHANNELS[1:]:
        raise ValueError(f"begins with channels {scales}, which do not fit {CHANNELS}")
    for layer in body:
        kernel, bias = layer.get_weights()
        known = weights[layer.name]
        blocks = 4 if layer.name.endswith("_0") else 1  # blocks of pixels were gathered as channels
        own, wide = known.shape[2] // blocks, kernel.shape[2] // blocks
        inputs = np.concatenate([block * wide + np.arange(own) for block in range(blocks)])
        kernel *= 0.05
        kernel[:, :, inputs, : known.shape[3]] = known
        bias[: known.shape[3]] = weights[f"{layer.name}_b"]
        layer.set_weights([kernel, bias])


def mean_of(
    began: Mapping[str, NDArray[np.float32]], ended: Mapping[str, NDArray[np.float32]], keep: float
) -> dict[str, NDArray[np.float32]]:
    """Weights between those before and after training, ``keep`` of the former; both have the same layers.

    Raises
    ------
    ValueError
        If their shapes differ.
    """
    for name, after in ended.items():
        if began[name].shape != after.shape:
            raise ValueError(f"{name}: {began[name].shape} and {after.shape} have no mean")
    return {name: keep * began[name] + (1 - keep) * after for name, after in ended.items()}


def trained(body: list) -> dict[str, NDArray[np.float32]]:
    """The weights of layers, by their names."""
    weights = {}
    for layer in body:
        weights[layer.name], weights[f"{layer.name}_b"] = layer.get_weights()
    return weights


def network(tf):
    """The network of ``sigforensics.extraction.handwriting`` in Keras, and its layers."""
    layers, body = tf.keras.layers, []

    def convolved(values, channels: int, name: str, activation: str | None = "relu"):
        body.append(
            layers.Conv2D(
                channels, 3, padding="same", activation=activation, name=name, kernel_initializer="he_normal"
            )
        )
        return body[-1](values)

    gathered = layers.Lambda(lambda values: tf.nn.space_to_depth(values, 2))
    seen = layers.Input((None, None, 2))
    now, kept = seen, []
    for level in range(LEVELS):
        now = gathered(now)
        for place in range(2):
            now = convolved(now, CHANNELS[level], f"down{level}_{place}")
        kept.append(now)
    for level in reversed(range(LEVELS - 1)):
        doubled = layers.UpSampling2D(2)(now)
        now = convolved(layers.Concatenate()([doubled, kept[level]]), CHANNELS[level], f"up{level}")
    out = convolved(now, 4, "out", None)
    return tf.keras.Model(
        seen, layers.Lambda(lambda values: tf.nn.depth_to_space(values, 2)[..., 0])(out)
    ), body


def figures(model: HandwritingModel, held: list[Mixed]) -> dict[str, float]:
    """Shares of ink by hand that is kept and of print that goes, of all and where the two are near each other."""
    counts = dict.fromkeys(
        (
            "hand",
            "hand kept",
            "print",
            "print gone",
            "near hand",
            "near hand kept",
            "near print",
            "near print gone",
        ),
        0,
    )
    for part in held:
        found = by_hand(model, *(one.astype(np.float32) / 255 for one in (part.grey, part.threshold))) >= 0.5
        near = importance(part.kind) > 1
        for prefix, where in (("", part.kind != PAPER), ("near ", near)):
            hand, print_ = where & (part.kind == HAND), where & (part.kind == PRINT)
            for name, one in (
                ("hand", hand),
                ("hand kept", hand & found),
                ("print", print_),
                ("print gone", print_ & ~found),
            ):
                counts[prefix + name] += int(one.sum())
    return {
        name: round(counts[name] / counts[whole], 4)
        for whole, name in (
            ("hand", "hand kept"),
            ("print", "print gone"),
            ("near hand", "near hand kept"),
            ("near print", "near print gone"),
        )
    }


if __name__ == "__main__":
    main()
