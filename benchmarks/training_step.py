"""How long a training step takes, and how much of it is waiting for the data.

Writes rows of random strokes into a temporary folder, trains on them with the default networks, and prints the median over the
steps after the first, which compiles. Data are read one batch ahead by a thread: "reading" is what they would cost without
it, "waiting" what is left of that.

Example: ``python benchmarks/training_step.py --size 512 --steps 20``
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from sigforensics.corpus import Row
from sigforensics.gan.rows import load_row, step_batches
from sigforensics.gan.trainer import Trainer
from sigforensics.png import write_png
from sigforensics.preprocessing import target_to_edges
from sigforensics.settings import Network, Training

PRECISIONS = ("float32", "mixed_bfloat16")


def write_row(folder: Path, number: int, size: int) -> Row:
    rng = np.random.default_rng(number)
    points = rng.integers(size // 8, size - size // 8, (30, 1, 2))
    target = cv2.polylines(np.zeros((size, size), np.uint8), [points], False, 200, 3)
    images = {"targets": target, "edges": target_to_edges(target), "masks": target}
    for kind, image in images.items():
        write_png(folder / kind / f"{number}.png", image)
    names = {kind: f"{kind}/{number}.png" for kind in images}
    return Row(
        writer="w",
        sample=str(number),
        split="training",
        augmented=0,
        mask=names["masks"],
        input=names["edges"],
        target=names["targets"],
        source="",
        source_sha256="",
    )


def timed(batches: Iterator, trainer: Trainer) -> tuple[list[float], list[float]]:
    """Seconds of waiting for each batch, and of each step."""
    waits, steps = [], []
    began = time.perf_counter()
    for batch in batches:
        got = time.perf_counter()
        trainer.step(*batch)
        waits.append(got - began)
        began = time.perf_counter()
        steps.append(began - got)
    return waits, steps


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--multiplier", type=int, default=Network().multiplier)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--steps", type=int, default=20)
    given = parser.parse_args()
    network = Network(
        size=given.size,
        multiplier=given.multiplier,
        spade_width=2 * given.multiplier,
        discriminator_multiplier=given.multiplier,
    )
    print(
        f"size {given.size}, multiplier {given.multiplier}, batch {given.batch}: medians of {given.steps} steps, ms"
    )
    print(f"{'precision':16}{'compiling, s':>14}{'reading':>10}{'waiting':>10}{'step':>10}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [write_row(folder, number, given.size) for number in range((given.steps + 1) * given.batch)]
        began = time.perf_counter()
        for row in rows:
            load_row(folder, row, size=given.size)
        reading = (time.perf_counter() - began) / len(rows) * given.batch
        for precision in PRECISIONS:
            trainer = Trainer(network, replace(Training(), precision=precision))
            batches = step_batches(folder, rows, size=given.size, batch=given.batch, seed=0, epoch=0, start=0)
            waits, steps = timed(batches, trainer)
            medians = [1e3 * value for value in (reading, *map(statistics.median, (waits[1:], steps[1:])))]
            print(f"{precision:16}{steps[0]:14.1f}" + "".join(f"{value:10.1f}" for value in medians))


if __name__ == "__main__":
    main()
