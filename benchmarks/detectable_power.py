"""How often the smallest detectable difference, planted into sets that were not seen, is found.

    python benchmarks/detectable_power.py [--trials 600] [--seed 0]

In each trial the smallest difference that ``compare`` says it would find with its stated power is estimated on two sets that
differ in nothing, and planted into one band of two new ones. Images have 32 bands, a part in common and a random walk. Shown
is the share of trials in which that band's corrected p is at most 0.05; the estimate is as good as that share is near the
power.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

from sigforensics.settings import Comparing
from sigforensics.statistics.detectable import detectable_differences
from sigforensics.statistics.permutation import permutation_test
from sigforensics.statistics.units import independent_units

BANDS, PLANTED, SPREAD = 32, 16, 0.15
DESIGNS = ((True, 8), (True, 20), (True, 100), (False, 10), (False, 20), (False, 100))
SETTINGS = Comparing(permutations=499)


def bands(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Of n images, in nats."""
    walk = np.cumsum(rng.normal(size=(n, BANDS)), axis=1) / np.sqrt(np.arange(1, BANDS + 1))
    return SPREAD * (rng.normal(size=(n, 1)) + walk)


def found(n: int, rng: np.random.Generator, *, paired: bool) -> bool:
    """Whether what is said to be detectable is found in new sets."""
    units = independent_units(bands(n, rng), bands(n, rng), paired=paired)
    test = permutation_test(units, permutations=SETTINGS.permutations, rng=rng)
    true, fake = bands(n, rng), bands(n, rng)
    fake[:, PLANTED] += detectable_differences(units, test, settings=SETTINGS)[PLANTED]
    units = independent_units(true, fake, paired=paired)
    return bool(
        permutation_test(units, permutations=SETTINGS.permutations, rng=rng).p_corrected[PLANTED] <= 0.05
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    for paired, n in DESIGNS:
        hits = sum(
            found(n, np.random.default_rng([trial, n, given.seed]), paired=paired)
            for trial in range(given.trials)
        )
        print(
            f"{n:4} {'pairs' if paired else 'a side'}: found in {hits} of {given.trials} ({hits / given.trials:.0%})"
        )


if __name__ == "__main__":
    main()
