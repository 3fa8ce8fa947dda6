"""What joining lone strokes brings: ink of signatures that comes out, and print that does, with it and without.

Pages are composed, with hands that neither network was trained on; of every pixel of ink it is known whether it
is by hand. Counted are accepted candidates that meet a signature by half, each with the pixels of its box.

Example: ``python benchmarks/lone_strokes.py --data data --pages 100``
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from composing import Composed, compose
from hands import Hands, scanned_signatures
from sigforensics.extraction import find_signatures
from sigforensics.settings import Extraction
from train_finder import DRAWN, HELD_OUT

VISIBLE = 0.25
"""Absorbance from which a layer counts where ink is."""
NEVER = 2.0
"""A likelihood that nothing reaches."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder with cedar/ and nisdcc/; drawn hands without it")
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--seed", type=int, default=31)
    arguments = parser.parse_args()
    by_writer = scanned_signatures(arguments.data) if arguments.data else {}
    hands = Hands(
        DRAWN["hold"], [one for writer in sorted(HELD_OUT & set(by_writer)) for one in by_writer[writer]]
    )
    settings = {
        "with lone strokes": Extraction(),
        "without": replace(Extraction(), sure_lone=NEVER),
    }
    counts = {name: np.zeros((0, 3), np.int64) for name in settings}
    for number in range(arguments.pages):
        made = compose(hands, np.random.default_rng([arguments.seed, number]))
        for name, one in settings.items():
            counts[name] = np.concatenate([counts[name], counted(made, one)])
    before, after = counts["without"], counts["with lone strokes"]
    changed = int((before != after).any(axis=1).sum())
    print(f"{arguments.pages} pages, {len(after)} candidates, {changed} of them changed")
    for name, found in counts.items():
        whole, kept, foreign = found.sum(axis=0)
        print(
            f"{name}: {kept} pixels of signatures come out, of {whole} with their soft borders; {foreign} of print"
        )


def counted(made: Composed, settings: Extraction) -> np.ndarray:
    """For each candidate that meets a signature: its ink, what of that comes out, print that does; shape (n, 3)."""
    rows = []
    for found in find_signatures(made.scan, settings=settings):
        if found.confidence < settings.min_confidence:
            continue
        true = max((box for _, box in made.truth), key=found.box.intersection_over_union, default=None)
        if true is None or found.box.intersection_over_union(true) < 0.5:
            continue
        mask = np.zeros(made.pen.shape, bool)
        mask[found.box.slices] = found.mask
        ink = np.zeros(made.pen.shape, bool)
        ink[true.slices] = made.pen[true.slices] > VISIBLE
        print_ = (made.print_ > VISIBLE) & (made.pen < VISIBLE)
        kept, whole = int((mask & ink).sum()), int(ink.sum())
        rows.append([whole, kept, int((mask & print_).sum())])
    return np.array(rows, np.int64).reshape(-1, 3)


if __name__ == "__main__":
    main()
