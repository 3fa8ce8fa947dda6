"""How long a training step takes, beside a straightforward implementation of the reference in the same run.

    python benchmarks/training_step.py --size 256 --size 512

Four contenders train on rows of random strokes, by turns, a few steps each: the straightforward implementation
(``straightforward.py``: plain Keras layers, two tapes, float32, SPADE's width 128), the same with SPADE as wide as our default's,
ours with the very same mathematics as the first (float32), and our default preset in the arithmetic that ``--precision auto``
takes. The parameters of the first and the third are counted and must agree. Printed are medians and minima over all steps but
those that compile, of the time that passes and of processor time: the latter also means something while other programs keep
the machine busy.

Then the parts of a step of the default preset: reading a batch, waiting for it (it is read one ahead, by a thread), the
generator's forward pass, the discriminator's two, and what is left, backward passes and updates; and a step of the generator
alone, without a discriminator.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from sigforensics.corpus import Row
from sigforensics.gan.backend import standard_error_held_back, tf
from sigforensics.gan.precision import choose_arithmetic
from sigforensics.gan.rows import load_row, step_batches
from sigforensics.gan.trainer import Trainer
from sigforensics.png import write_png
from sigforensics.preprocessing import target_to_edges
from sigforensics.settings import (
    REFERENCE_NETWORK,
    REFERENCE_TRAINING,
    Network,
    Precision,
    Preprocessing,
    Training,
)
from straightforward import Straightforward

REFERENCE_WIDTH = 128


@dataclass
class Timing:
    """Seconds of steps: those that passed, and the processor's."""

    passed: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)

    def measure(self, work: Callable[[], Any]) -> None:
        """Do it once, and note how long it took."""
        passed, worked = time.perf_counter(), time.process_time()
        work()
        self.passed.append(time.perf_counter() - passed)
        self.worked.append(time.process_time() - worked)

    def cells(self) -> str:
        """Median and least of both, in milliseconds."""
        figures = (
            summary(values) for values in (self.passed, self.worked) for summary in (statistics.median, min)
        )
        return "".join(f"{1e3 * figure:10.1f}" for figure in figures)


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


def by_turns(work: dict[str, Callable[[], Any]], *, rounds: int, steps: int) -> dict[str, Timing]:
    """Timings of each, a few steps at a time, so that a busy spell of the machine falls on all; the first step is not counted."""
    for once in work.values():
        with standard_error_held_back():
            once()
    timings = {name: Timing() for name in work}
    for _ in range(rounds):
        for name, once in work.items():
            once()  # brings back what the others have driven from the caches
            for _ in range(steps):
                timings[name].measure(once)
    return timings


def parameters(*networks: Any) -> int:
    return sum(network.count_params() for network in networks)


def contenders(
    size: int, multiplier: int, precision: Precision, batch: Sequence[Any]
) -> dict[str, Callable[[], Any]]:
    plain = Straightforward(size=size, multiplier=multiplier, width=REFERENCE_WIDTH)
    same = Trainer(
        replace(
            REFERENCE_NETWORK,
            size=size,
            multiplier=multiplier,
            spade_width=REFERENCE_WIDTH,
            discriminator_multiplier=multiplier,
        ),
        replace(REFERENCE_TRAINING, precision="float32"),
    )
    counts = [parameters(one.generator, one.discriminator) for one in (plain, same)]
    if counts[0] != counts[1]:
        raise SystemExit(f"the contenders have {counts[0]} and {counts[1]} parameters")
    narrow = Straightforward(size=size, multiplier=multiplier, width=spade_width(multiplier))
    preset = default_trainer(size, multiplier, precision)

    def step(one: Straightforward) -> Any:
        losses = one.step(*map(tf.constant, batch[:3]))
        return losses[0].numpy()

    return {
        "straightforward": lambda: step(plain),
        "straightforward, narrow": lambda: step(narrow),
        "ours, same mathematics": lambda: same.step(*batch),
        "ours, default preset": lambda: preset.step(*batch),
    }


def spade_width(multiplier: int) -> int:
    """In step with the multiplier, as in our default."""
    return multiplier * Network().spade_width // Network().multiplier


def default_trainer(size: int, multiplier: int, precision: Precision) -> Trainer:
    network = Network(
        size=size,
        multiplier=multiplier,
        spade_width=spade_width(multiplier),
        discriminator_multiplier=multiplier,
    )
    return Trainer(network, Training(precision=precision))


def parts(trainer: Trainer, batch: Sequence[Any]) -> dict[str, Callable[[], Any]]:
    """Growing parts of a step; differences between them are what each adds."""
    edges, mask, target, seeds = map(tf.constant, batch)

    @tf.function
    def forward() -> Any:
        return tf.reduce_sum(trainer.generator([edges, mask, seeds], training=True))

    @tf.function
    def both_forward() -> Any:
        fake = trainer.generator([edges, mask, seeds], training=True)
        scores = [trainer.discriminator([edges, image], training=True) for image in (fake, target)]
        return sum(tf.reduce_sum(one) for one in scores)

    @tf.function
    def generator_alone() -> Any:
        with tf.GradientTape() as tape:
            error = tf.reduce_mean(tf.abs(trainer.generator([edges, mask, seeds], training=True) - target))
        variables = trainer.generator.trainable_variables
        trainer.generator_adam.apply_gradients(zip(tape.gradient(error, variables), variables, strict=True))
        return error

    return {
        "forward": lambda: forward().numpy(),
        "both forward": lambda: both_forward().numpy(),
        "generator alone": lambda: generator_alone().numpy(),
        "step": lambda: trainer.step(*batch),
    }


def print_parts(timings: dict[str, Timing], reading: float, waiting: float) -> None:
    median = {name: 1e3 * statistics.median(timing.worked) for name, timing in timings.items()}
    forward, both, step = (median[name] for name in ("forward", "both forward", "step"))
    rows = {
        "reading a batch": 1e3 * reading,
        "waiting for it (passed)": 1e3 * waiting,
        "generator, forward": forward,
        "discriminator, forward twice": both - forward,
        "backward and updates": step - both,
        "the whole step": step,
        "a step of the generator alone": median["generator alone"],
    }
    print("parts of a step of the default preset, ms of processor time, medians")
    for name, value in rows.items():
        print(f"  {name:32}{value:10.1f}{value / step:8.0%}")


def read_and_wait(folder: Path, rows: Sequence[Row], size: int, trainer: Trainer) -> tuple[float, float]:
    """Median seconds: of the processor to read a row, passed in waiting for it while training."""
    reading, waiting = Timing(), Timing()
    for row in rows:
        reading.measure(lambda row=row: load_row(folder, row, size=size))
    batches = step_batches(
        folder, rows, size=size, training=Training(), preprocessing=Preprocessing(), epoch=0, start=0
    )
    for _ in rows:
        given: list[Any] = []
        waiting.measure(lambda given=given: given.append(next(batches)))
        trainer.step(*given[0])
    return statistics.median(reading.worked), statistics.median(waiting.passed[1:])


def run(size: int, given: argparse.Namespace) -> None:
    print(f"\nsize {size}, multiplier {given.multiplier}, batch {given.batch}; ms a step")
    print(f"{'':26}{'median':>10}{'least':>10}{'median':>10}{'least':>10}   (passed; processor)")
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (3, given.batch, size, size, 1)).astype(np.float32)
    batch = [*images, rng.integers(1000, size=(given.batch, 2), dtype=np.int32)]
    work = contenders(size, given.multiplier, given.precision, batch)
    timings = by_turns(work, rounds=given.rounds, steps=given.steps)
    for name, timing in timings.items():
        print(f"{name:26}{timing.cells()}")
    plain, narrow, same, preset = (statistics.median(timing.worked) for timing in timings.values())
    print(
        f"straightforward over ours: same mathematics {plain / same:.2f}, default preset {plain / preset:.2f}, "
        f"and as narrow as it {narrow / preset:.2f}"
    )
    del work
    with tempfile.TemporaryDirectory() as name:
        rows = [write_row(Path(name), number, size) for number in range(given.steps + 2)]
        trainer = default_trainer(size, given.multiplier, given.precision)
        shares = by_turns(parts(trainer, batch), rounds=given.rounds, steps=given.steps)
        print_parts(shares, *read_and_wait(Path(name), rows, size, trainer))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, action="append", help="may be given several times; 256 and 512")
    parser.add_argument("--multiplier", type=int, default=Network().multiplier)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--precision", choices=["auto", "float32", "mixed_bfloat16"], default="auto")
    given = parser.parse_args()
    chosen = choose_arithmetic(given.precision)
    print(f"default preset in {chosen.dtype}: {chosen.reason}")
    for size in given.size or [256, 512]:
        run(size, given)


if __name__ == "__main__":
    main()
