"""How often sets that differ in nothing but their writers' numbers of images are found to differ, and small differences are.

    python benchmarks/uneven_level.py [--trials 400] [--permutations 199] [--seed 0]

Each image has 16 bands, a random walk; its writer adds another, of a third of its size, of the same, or of three times. The sets
have different writers, or the same ones. For each case stands the share of trials with p <= 0.05 of the corrected bands, the
energy distance, the AUC, and the three together: where nothing differs (0.05 is right, less is careful, more is wrong), and
where one band of one set is larger by 0.1 nats (of the same writers by 0.06), half of the spread of images or less.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

from sigforensics.settings import Comparing
from sigforensics.statistics import independent_units, permutation_test, whole_test

BANDS, PLANTED_BAND, SPREAD = 16, 5, 0.15
PLANTED_NATS = {False: 0.1, True: 0.06}
CASES = (
    # the same writers, images of each writer of one set, of the other, spread of writers in nats
    (False, [24] * 30, [2] * 8, 0.05),
    (False, [24] * 30, [2] * 8, 0.15),
    (False, [24] * 8, [2] * 30, 0.05),
    (False, [24] * 8, [2] * 30, 0.15),
    (False, [12] * 20, [3] * 6, 0.15),
    (False, [6] * 30, [6] * 8, 0.05),
    (True, [24] * 10, [2] * 10, 0.05),
    (True, [24] * 10, [2] * 10, 0.15),
    (True, [24] * 10, [2] * 10, 0.45),
    (True, [12] * 10, [12] * 10, 0.15),
)

Array = NDArray[np.float64]


def walks(n: int, rng: np.random.Generator) -> Array:
    return np.cumsum(rng.normal(size=(n, BANDS)), axis=1) / np.sqrt(np.arange(1, BANDS + 1))


def draw(case: tuple, planted: float, rng: np.random.Generator) -> tuple[list[Array], list[list[str]]]:
    """The features of both sets, and the writer of each image."""
    same, *counts, spread = case
    hands = [spread * walks(len(counts[0]), rng)]
    hands.append(hands[0] if same else spread * walks(len(counts[1]), rng))
    features, writers = [], []
    for side, (own, hand) in enumerate(zip(counts, hands, strict=True)):
        rows = np.repeat(np.arange(len(own)), own)
        features.append(hand[rows] + SPREAD * walks(len(rows), rng))
        writers.append([f"{0 if same else side} {row}" for row in rows])
    features[1][:, PLANTED_BAND] += planted
    return features, writers


def rates(case: tuple, planted: float, trials: int, permutations: int, seed: int) -> Array:
    settings, p = Comparing(permutations=permutations, partitions=3), []
    for trial in range(trials):
        rng = np.random.default_rng([seed, trial])
        (true, fake), (units_true, units_fake) = draw(case, planted, rng)
        units = independent_units(true, fake, paired=False, units_true=units_true, units_fake=units_fake)
        bands = permutation_test(units, permutations=permutations, rng=rng).p_corrected.min()
        whole = whole_test(units, settings=settings, rng=rng)
        p.append((bands, whole.p_energy, whole.p_auc, whole.p))
    return np.asarray((np.array(p) <= 0.05).mean(axis=0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--permutations", type=int, default=199)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print("sets, spread of writers: bands, energy distance, AUC, together | with a planted difference")
    for case in CASES:
        same, one, other, spread = case
        found = [
            rates(case, planted, options.trials, options.permutations, options.seed)
            for planted in (0.0, PLANTED_NATS[same])
        ]
        name = f"{len(one)} writers x {one[0]} against {'the same' if same else len(other)} x {other[0]}, {spread}"
        print(
            f"{name:52s} " + " | ".join(" ".join(f"{rate:.3f}" for rate in row) for row in found), flush=True
        )


if __name__ == "__main__":
    main()
