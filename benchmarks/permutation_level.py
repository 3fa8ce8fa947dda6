"""How often the corrected p of two sets that do not differ in their means is 0.05 or less.

    python benchmarks/permutation_level.py [--trials 1000] [--permutations 399] [--seed 0]

Values are normal (or exponential, less their mean), one row a unit; bands correlate by 0.7 or not at all. 0.05 is
right, less is careful, more is wrong.
"""

from __future__ import annotations

import argparse

import numpy as np

from sigforensics.statistics import independent_units, permutation_test

CASES = (
    # true, fake, spread of the fakes over that of the true, bands, correlation, distribution
    (12, 12, 1, 32, 0.7, "normal"),
    (5, 5, 1, 32, 0.7, "normal"),
    (10, 20, 1, 32, 0.7, "normal"),
    (20, 20, 1.5, 32, 0.7, "normal"),
    (20, 20, 4, 32, 0.0, "normal"),
    (40, 10, 2, 32, 0.7, "normal"),
    (40, 10, 4, 8, 0.0, "normal"),
    (40, 10, 4, 32, 0.0, "normal"),
    (10, 40, 4, 32, 0.7, "normal"),
    (8, 8, 2, 32, 0.7, "normal"),
    (8, 8, 3, 32, 0.7, "normal"),
    (8, 8, 3, 32, 0.0, "normal"),
    (5, 5, 3, 32, 0.7, "normal"),
    (12, 6, 4, 32, 0.0, "normal"),
    (12, 4, 4, 32, 0.7, "normal"),
    (12, 3, 4, 32, 0.7, "normal"),
    (8, 8, 1, 32, 0.7, "exponential"),
    (20, 20, 3, 32, 0.7, "exponential"),
    (40, 10, 4, 32, 0.0, "exponential"),
)


def draw(n: int, bands: int, correlation: float, distribution: str, rng: np.random.Generator) -> np.ndarray:
    def values(*shape: int) -> np.ndarray:
        return rng.normal(size=shape) if distribution == "normal" else rng.exponential(size=shape) - 1

    return np.sqrt(correlation) * values(n, 1) + np.sqrt(1 - correlation) * values(n, bands)


def level(case: tuple, trials: int, permutations: int, seed: int) -> float:
    n_true, n_fake, spread, bands, correlation, distribution = case
    rejected = 0
    for trial in range(trials):
        rng = np.random.default_rng([seed, trial])
        true = draw(n_true, bands, correlation, distribution, rng)
        fake = spread * draw(n_fake, bands, correlation, distribution, rng)
        units = independent_units(true, fake, paired=False)
        rejected += permutation_test(units, permutations=permutations, rng=rng).p_corrected.min() <= 0.05
    return rejected / trials


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--permutations", type=int, default=399)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(f"{'true':>5}{'fake':>5}{'spread':>8}{'bands':>6}{'corr.':>7}  {'values':12} p <= 0.05 in")
    for case in CASES:
        n_true, n_fake, spread, bands, correlation, distribution = case
        share = level(case, options.trials, options.permutations, options.seed)
        start = f"{n_true:5}{n_fake:5}{spread:8g}{bands:6}{correlation:7g}  {distribution:12}"
        print(f"{start} {share:.3f}", flush=True)


if __name__ == "__main__":
    main()
