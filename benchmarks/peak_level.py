"""How often a peak of up-sampling is found where there is none, and where a pattern of known strength was planted.

    python benchmarks/peak_level.py [--trials 400] [--size 96]

Draws sets of noise images, white or smoothed, with and without a pattern of period 4 along the rows, and prints the share of
sets in which any place rises (corrected p <= 0.05) and in which the planted place does, with the largest share of any other.
"""

from __future__ import annotations

import argparse

import cv2
import numpy as np

from sigforensics.settings import Comparing, Spectrum
from sigforensics.spectra import dct_magnitude_log, peak_excess, peak_places
from sigforensics.statistics import peaks_of_set

POOL = 3000
"""Images of a kind, from which sets are drawn without repetition."""
PLACE = (0.0, 0.25)
SMOOTHING = (0.0, 0.7)
"""Pixels: standard deviation of the Gaussian; none leaves the noise white."""
SIZES = (6, 10, 20, 60)
"""Images of a set."""
AMPLITUDES = (0.0, 0.5, 1.0, 2.0)
"""Grey levels of the pattern, in noise of 13 grey levels."""


def excess_of(smoothing: float, amplitude: float, size: int, rng: np.random.Generator) -> np.ndarray:
    settings = Spectrum()
    excess = peak_excess(size, size, settings.peaks)
    if excess is None:
        raise SystemExit(f"images of {size} pixels a side are too small to look for peaks in")
    pattern = amplitude / 255 * np.cos(2 * np.pi * PLACE[1] * np.arange(size) + 0.6)
    rows = []
    for _ in range(POOL):
        noise = rng.normal(0, 0.05, (size, size))
        smooth = cv2.GaussianBlur(noise, (0, 0), smoothing) if smoothing else noise
        image = np.clip(0.5 + smooth + pattern, 0, 1).astype(np.float32)
        rows.append(excess.of(dct_magnitude_log(image[np.newaxis], floor=settings.floor)[0]))
    return np.array(rows)


def shares(pool: np.ndarray, n: int, trials: int, rng: np.random.Generator) -> tuple[float, float, float]:
    """Of the trials in which any place rises, in which the planted one does, and the largest of another."""
    places = peak_places(Spectrum().peaks.periods)
    settings = Comparing(permutations=500, resamples=20)
    risen = np.zeros((trials, len(places)), bool)
    for trial in range(trials):
        drawn = pool[rng.choice(len(pool), n, replace=False)]
        test = peaks_of_set(drawn, places=places, settings=settings, rng=rng)
        risen[trial] = [peak in test.risen for peak in test.peaks]
    planted = [tuple(place) for place in places].index(PLACE)
    each = risen.mean(axis=0)
    return float(risen.any(axis=1).mean()), float(each[planted]), float(np.delete(each, planted).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--size", type=int, default=96)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    print(f"{'smoothing':>9}{'pattern':>9}{'images':>8}{'any':>8}{'planted':>9}{'other':>8}")
    for smoothing in SMOOTHING:
        for amplitude in AMPLITUDES:
            pool = excess_of(smoothing, amplitude, options.size, rng)
            for n in SIZES:
                found = "".join(f"{share:8.3f} " for share in shares(pool, n, options.trials, rng))
                print(f"{smoothing:9.1f}{amplitude:9.1f}{n:8d} {found}", flush=True)


if __name__ == "__main__":
    main()
