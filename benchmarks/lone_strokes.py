"""What joining lone strokes brings and costs: ink that comes out with accepted candidates, with it and without.

Pages are composed, with hands that neither network was trained on. Counted are accepted candidates that meet a
signature by half without it: ink by hand in the signature's box, ink by hand beside it, print, and what is none
of these (specks, grounds, borders of strokes more than two pixels wide).

Example: ``python benchmarks/lone_strokes.py --data data --pages 100``
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from composing import Composed, compose
from hands import Hands, scanned_signatures
from sigforensics.extraction import Box, Candidate, find_signatures
from sigforensics.settings import Extraction
from train_finder import DRAWN, HELD_OUT

VISIBLE = 0.25
"""Absorbance from which a layer counts where ink is."""
KINDS = "by hand, in the signature's box", "by hand, beside it", "print", "none of these"
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
    joining, never = Extraction(), replace(Extraction(), sure_lone=NEVER)
    rows = []
    for number in range(arguments.pages):
        made = compose(hands, np.random.default_rng([arguments.seed, number]))
        found = [find_signatures(made.scan, settings=one) for one in (never, joining)]
        for without, with_ in zip(*found, strict=True):
            true = max((box for _, box in made.truth), key=without.box.intersection_over_union, default=None)
            if without.confidence < never.min_confidence or true is None:
                continue
            if without.box.intersection_over_union(true) >= 0.5:
                rows.append([counted(made, without, true), counted(made, with_, true)])
    counts = np.array(rows, np.int64).reshape(-1, 2, len(KINDS))
    changed = int((counts[:, 0] != counts[:, 1]).any(axis=1).sum())
    print(f"{arguments.pages} pages, {len(counts)} candidates, {changed} of them changed")
    for kind, (before, after) in zip(KINDS, counts.sum(axis=0).T, strict=True):
        print(f"{kind}: {before} pixels without, {after} with lone strokes ({after - before:+d})")


def counted(made: Composed, found: Candidate, true: Box) -> list[int]:
    """Pixels of a candidate's mask of each of ``KINDS``."""
    mask, inside = np.zeros(made.pen.shape, bool), np.zeros(made.pen.shape, bool)
    mask[found.box.slices] = found.mask
    inside[true.slices] = True
    hand = made.pen > VISIBLE
    near = cv2.dilate(hand.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    print_ = (made.print_ > VISIBLE) & ~hand
    kinds = hand & inside, hand & ~inside, print_, ~near & ~print_
    return [int((mask & kind).sum()) for kind in kinds]


if __name__ == "__main__":
    main()
