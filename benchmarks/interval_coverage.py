"""How often intervals with a nominal coverage of 0.95 hold the true difference: studentised, percentile, Student's.

    python benchmarks/interval_coverage.py [--trials 2000] [--resamples 1000] [--seed 0]

"pairs" are differences of one sample; else two samples, both drawn alike. The percentile interval is of resamples of
the same data. The means over the trials of the intervals' widths stand behind, as shares of Student's.
"""

from __future__ import annotations

import argparse

import numpy as np

from sigforensics.settings import Comparing
from sigforensics.statistics import IndependentUnits, difference_intervals, independent_units

CASES = (
    # true, fake, pairs, distribution
    (5, 5, True, "normal"),
    (12, 12, True, "normal"),
    (10, 20, False, "normal"),
    (40, 40, False, "normal"),
    (5, 5, True, "exponential"),
    (12, 12, True, "exponential"),
    (10, 20, False, "exponential"),
    (40, 40, True, "exponential"),
)


def draw_units(case: tuple, rng: np.random.Generator) -> tuple[IndependentUnits, float]:
    """Units of one band, and the difference that is true of them."""
    n_true, n_fake, pairs, distribution = case
    draw = rng.normal if distribution == "normal" else rng.exponential
    mean = 0.0 if distribution == "normal" else 1.0
    fake = draw(size=(n_fake, 1))
    true = np.zeros((n_true, 1)) if pairs else draw(size=(n_true, 1))
    return independent_units(true, fake, paired=pairs), mean if pairs else 0.0


def percentile_interval(units: IndependentUnits, resamples: int, rng: np.random.Generator) -> np.ndarray:
    def means(table: np.ndarray) -> np.ndarray:
        return table[rng.integers(len(table), size=(resamples, len(table))), 0].mean(axis=1)

    differences = means(units.differences) if units.aligned else means(units.fake) - means(units.true)
    return np.quantile(differences, [0.025, 0.975])


def measure(case: tuple, trials: int, resamples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Coverage, and width over Student's, of the three kinds of interval."""
    covered, widths = np.zeros(3), np.zeros(3)
    resampling = Comparing(resamples=resamples, min_resampled=2)
    student = Comparing(min_resampled=10**6)
    for trial in range(trials):
        rng = np.random.default_rng([seed, trial])
        units, true_difference = draw_units(case, rng)
        found = [
            (one.low[0], one.high[0])
            for one in (
                difference_intervals(units, settings=settings, rng=rng) for settings in (resampling, student)
            )
        ]
        for place, (low, high) in enumerate([*found, percentile_interval(units, resamples, rng)]):
            covered[place] += low <= true_difference <= high
            widths[place] += high - low
    return covered / trials, widths / widths[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(f"{'':31}{'coverage':^34}{'width over Student':^24}")
    names = f"{'studentised':>12}{'Student':>9}{'percentile':>12}"
    print(f"{'true':>5}{'fake':>5}{'':8}{'values':12}{names}{'studentised':>13}{'percentile':>12}")
    for case in CASES:
        n_true, n_fake, pairs, distribution = case
        covered, widths = measure(case, options.trials, options.resamples, options.seed)
        kind = "pairs" if pairs else "samples"
        print(
            f"{n_true:5}{n_fake:5} {kind:8}{distribution:12}{covered[0]:11.3f}{covered[1]:9.3f}{covered[2]:12.3f}"
            f"{widths[0]:13.2f}{widths[2]:12.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
