"""Trains the networks that decide what a signature is, on composed pages alone, and calibrates them on others.

The pages of calibration bear hands that training never saw. What several thresholds would give there is
printed; the default, 0.5, is where a candidate is more likely than not. Needs TensorFlow; finding does not.
Hypotheses are kept in ``--cache``, under names that change with the code that makes them.

Example: ``python benchmarks/train_finder.py finder.safetensors --data data --cache /some/folder``
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from finder_data import Examples, gather, joined
from hands import Hands, scanned_signatures
from sigforensics import extraction
from sigforensics.extraction.choosing import choose
from sigforensics.extraction.finding import MEASURES, log_odds
from sigforensics.extraction.network import LEAST, Calibration, FinderModel, probabilities, write_finder
from sigforensics.settings import Extraction

HELD_OUT = {
    *(f"cedar-{number}" for number in range(37, 45)),
    *(f"nisdcc-{number:03d}" for number in (10, 11, 12)),
}
"""Scanned hands for calibration alone."""
DRAWN = {"train": range(400), "hold": range(400, 500)}
SHARD = 20
CHANNELS = (24, 32, 48, 48)
PARTS = ("both", "measures", "picture")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="the finder's file")
    parser.add_argument(
        "--data", type=Path, help="folder with cedar/ and nisdcc/; drawn hands alone without it"
    )
    parser.add_argument("--cache", type=Path, required=True, help="folder for hypotheses")
    parser.add_argument("--pages", type=int, default=2200, help="composed pages to train on")
    parser.add_argument("--held-out", type=int, default=320, help="composed pages to calibrate on")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--networks", type=int, default=3, help="their mean decides")
    parser.add_argument("--seed", type=int, default=0, help="of the first network; the next has the next")
    parser.add_argument("--part", choices=PARTS, default="both", help="what the network may look at")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--only-gather", action="store_true", help="fill the cache and stop")
    arguments = parser.parse_args()
    train = collect("train", arguments.pages, arguments)
    hold = collect("hold", arguments.held_out, arguments)
    for name, part in (("training", train), ("held out", hold)):
        print(
            f"{name}: {len(part.page)} hypotheses; {part.missed} of {part.truths} signatures have none that meets them by half"
        )
    if arguments.only_gather:
        return
    networks = fit_all(train, hold, arguments)
    weights = {name: np.stack([one[name] for one in networks]) for name in networks[0]}
    record = {
        "networks": arguments.networks, "pages": arguments.pages, "held_out_pages": arguments.held_out,
        "epochs": arguments.epochs, "seed": arguments.seed, "hypotheses": len(train.page),
        "scanned_hands": arguments.data is not None, "tensorflow": version("tensorflow"), "numpy": version("numpy"),
    }  # fmt: skip
    model = FinderModel(weights, MEASURES, Calibration(1.0, 0.0), record)
    model = calibrated(model, hold)
    write_finder(arguments.out, model)
    report(model, hold)


def collect(name: str, pages: int, arguments: argparse.Namespace) -> Examples:
    """Hypotheses of so many pages, from the cache where it has them."""
    arguments.cache.mkdir(parents=True, exist_ok=True)
    jobs = [(name, start, arguments.data, arguments.cache) for start in range(0, pages, SHARD)]
    with ProcessPoolExecutor(arguments.processes) as pool:
        parts = list(pool.map(shard, jobs))
    return joined([Examples(**part) for part in parts])


def shard(job: tuple[str, int, Path | None, Path]) -> dict[str, NDArray]:
    name, start, data, cache = job
    path = cache / f"{code_hash()}-{name}-{start:05d}-{'scanned' if data else 'drawn'}.npz"
    if not path.exists():
        cv2.setNumThreads(1)
        by_writer = scanned_signatures(data) if data else {}
        files = [
            one
            for writer, group in by_writer.items()
            if (writer in HELD_OUT) == (name == "hold")
            for one in group
        ]
        hands = Hands(DRAWN[name], files)
        made = gather(hands, range(start, start + SHARD), Extraction(), seed={"train": 11, "hold": 12}[name])
        temporary = path.with_suffix(f".{os.getpid()}.npz")
        np.savez_compressed(temporary, **vars(made))
        temporary.replace(path)
    with np.load(path) as stored:
        return dict(stored)


def code_hash() -> str:
    """Of everything that decides what the hypotheses are."""
    here = Path(__file__).parent
    sources = [here / name for name in ("composing.py", "hands.py", "finder_data.py")]
    folder = Path(extraction.__file__).parent
    names = (
        "components",
        "finding",
        "grouping",
        "measuring",
        "printing",
        "proposing",
        "ruling",
        "sheet",
        "surroundings",
    )
    settings = replace(
        Extraction(), min_confidence=0.0, least_listed=0.0
    )  # they decide nothing about hypotheses
    digest = hashlib.sha256(repr(settings).encode())
    for path in [*sources, *(folder / f"{name}.py" for name in names)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def targets(examples: Examples) -> NDArray[np.float32]:
    """Soft classes, shape (n, 3): the better a hypothesis fits its signature, the less it is `other`."""
    fit_ = np.clip((examples.overlap - 0.4) / 0.4, 0, 1)
    soft = np.zeros((len(fit_), 3), np.float32)
    soft[np.arange(len(fit_)), examples.kind] = fit_
    soft[:, 2] = 1 - fit_
    return soft


def importance(examples: Examples) -> NDArray[np.float32]:
    """Weights, shape (n,): initials are rarer than signatures and count twice."""
    return np.where((examples.kind == 1) & (examples.overlap > 0.4), 2, 1).astype(np.float32)


def fit_all(
    train: Examples, hold: Examples, arguments: argparse.Namespace
) -> list[dict[str, NDArray[np.float32]]]:
    """The networks' weights, trained one beside the other as far as there are processes for it."""
    seeds = range(arguments.seed, arguments.seed + arguments.networks)
    spawn = multiprocessing.get_context("spawn")  # TensorFlow does not stand a fork
    with ProcessPoolExecutor(arguments.processes, mp_context=spawn) as pool:
        begun = [pool.submit(fit, train, hold, arguments, seed) for seed in seeds]
        return [one.result() for one in begun]


def fit(
    train: Examples, hold: Examples, arguments: argparse.Namespace, seed: int
) -> dict[str, NDArray[np.float32]]:
    """Train by Adam on cross-entropy; pictures are shifted and made fainter or fuller."""
    import tensorflow as tf

    tf.keras.utils.set_random_seed(seed)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    logs = np.log(LEAST + np.maximum(train.measures, 0))
    mean, scale = logs.mean(axis=0), np.maximum(logs.std(axis=0), 0.1)
    model, body = network(tf, arguments.part)
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, arguments.epochs * (len(train.page) // 64 + 1))
    model.compile(
        tf.keras.optimizers.AdamW(rate, weight_decay=1e-3), tf.keras.losses.CategoricalCrossentropy(True)
    )

    def inputs(examples: Examples) -> list[NDArray]:
        facts = (np.log(LEAST + np.maximum(examples.measures, 0)) - mean) / scale
        return [facts.astype(np.float32), examples.pictures]

    model.fit(
        inputs(train), targets(train), sample_weight=importance(train), batch_size=64, epochs=arguments.epochs, verbose=2,
        validation_data=(inputs(hold), targets(hold)),
    )  # fmt: skip
    weights = {"mean": mean.astype(np.float32), "scale": scale.astype(np.float32)}
    for layer in body:
        kernel, bias = layer.get_weights()
        weights[layer.name], weights[f"{layer.name}_b"] = kernel, bias
    return weights


def network(tf, part: str):
    """The network of ``sigforensics.extraction.network`` in Keras, and its layers that have weights."""
    layers = tf.keras.layers
    facts, pictures = layers.Input((len(MEASURES),)), layers.Input((48, 96, 3))
    body = []

    def dense(size: int, name: str, activation: str | None = "relu"):
        body.append(layers.Dense(size, activation=activation, name=name))
        return body[-1]

    seen = layers.Rescaling(1 / 255)(pictures)
    seen = layers.RandomTranslation(0.06, 0.04, fill_mode="constant")(seen)
    seen = gains(tf)(seen)
    for index, channels in enumerate(CHANNELS):
        seen = layers.ZeroPadding2D(((1, 0), (1, 0)))(seen)
        body.append(layers.Conv2D(channels, 3, strides=2, activation="relu", name=f"c{index}"))
        seen = body[-1](seen)
    looks = dense(64, "d_picture")(layers.Dropout(0.3)(layers.Flatten()(seen)))
    known = dense(32, "d_measures")(layers.Dropout(0.1)(layers.GaussianNoise(0.15)(facts)))
    if part != "both":  # the other part is silenced, not removed: the file stays the same
        looks, known = ((0 * looks), known) if part == "measures" else (looks, 0 * known)
    both = dense(32, "d_both")(layers.Dropout(0.2)(layers.Concatenate()([looks, known])))
    return tf.keras.Model([facts, pictures], dense(3, "d_out", None)(both)), body


def gains(tf):
    """A layer that makes the ink of each channel fainter or fuller while training: pens and scanners differ."""

    class Gains(tf.keras.layers.Layer):
        def call(self, pictures, training=False):
            if not training:
                return pictures
            factors = tf.exp(tf.random.normal([tf.shape(pictures)[0], 1, 1, 3], 0.0, 0.3))
            return tf.minimum(pictures * factors, 1.0)

    return Gains()


def finds(model: FinderModel, examples: Examples) -> tuple[NDArray, NDArray, NDArray]:
    """Of what stays on each page: log odds, whether it meets a signature by half, and its place among the examples."""
    classes = probabilities(model, examples.measures, examples.pictures)
    odds = log_odds(classes)
    pieces = np.split(examples.ink, np.cumsum(examples.sizes)[:-1])
    stays: list[int] = []
    for page in np.unique(examples.page):
        on = np.flatnonzero(examples.page == page)
        stays.extend(on[choose(expit(odds[on]), [pieces[index] for index in on], least=0.0)])
    index = np.array(stays)
    return odds[index], examples.overlap[index] >= 0.5, index


def calibrated(model: FinderModel, hold: Examples) -> FinderModel:
    """Platt's slope and offset on what stays on the held-out pages."""
    odds, right, _ = finds(model, hold)

    def loss(parameters: NDArray) -> float:
        raised = parameters[0] * odds + parameters[1]
        return float(np.mean(np.logaddexp(0, np.where(right, -raised, raised))))

    found = minimize(loss, [1.0, 0.0], method="Nelder-Mead").x
    return FinderModel(
        model.weights, model.measures, Calibration(float(found[0]), float(found[1])), model.training
    )


def report(model: FinderModel, hold: Examples) -> None:
    """Figures on the held-out pages for several thresholds."""
    odds, right, index = finds(model, hold)
    confidence = model.calibration(odds)
    print(json.dumps({"slope": model.calibration.slope, "offset": model.calibration.offset}))
    blank = hold.pages - hold.signed_pages
    for threshold in np.arange(0.2, 0.96, 0.05):
        taken = confidence >= threshold
        false_pages = np.unique(hold.page[index[taken & (hold.signed[index] == 0)]])
        print(
            f"threshold {threshold:.2f}: recall {right[taken].sum() / hold.truths:.3f}, precision "
            f"{right[taken].mean():.3f}, blank pages with a find {len(false_pages)}/{blank}"
        )


if __name__ == "__main__":
    main()
