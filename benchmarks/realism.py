"""How easily simple linear classifiers tell fakes from true images, cross-validated by writer.

    python benchmarks/realism.py RUN [RUN ...] [--groups] [--no-reference] [--json FILE]

A RUN is a folder that ``sigforensics generate --data`` made: ``true/`` and ``fake/`` with the same names, both through one
chain, and ``signatures.csv`` with the writer of each. AUC 0.5 is chance, 1 tells all.

*Features.* Of each image,

- radial bands: the mean of ln(|DCT| + floor) in 64 radial bands (see ``docs/method.md``, section 11);
- residuals, in and around the ink. The *zone* is every pixel at most two pixels (across, down, or both) from one that is not 0.
  First and second differences of the grey values (0 to 255), down and across, give (a) a *histogram* of the differences in the
  zone, 21 bins of 6 grey levels from -63 to 63, what lies beyond counted in the outermost; (b) *co-occurrences*: differences
  are divided by 6 (second ones by 12), rounded, and clipped to -2 .. 2; the 125 kinds of three such levels in a row, down or
  across, are counted where the middle one lies in the zone. Of all counts, the square roots of their shares are taken.

*Classifier.* Ridge regression on standardised features, trained on all writers but one and tried on that one; the held-out
scores of all writers are pooled. The *penalty* is chosen among four in the training writers alone, cross-validated by writer
once more: "AUC" is that, with an interval over resampled writers (``scores.py``). The AUC of each penalty stands beside
it, and "maximum" is the largest of them: it is chosen by the outcome, so that it is the careful figure for whoever claims
that fakes are hard to tell, and too good a one for whoever claims to tell them.

*Reference.* How sensitive the detector is to less than a generator: the true images of the first run against themselves in
random halves of each writer (median of several), with noise of standard deviation 1 grey level in the ink, and mirrored. A
generator whose fakes reach the figure of the noise is as close as this detector can be asked to judge.

``--groups`` prints the AUC of each group of features alone: what carries the separation.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve

from runs import Run, read_run, report
from scores import Estimate, auc, auc_interval
from sigforensics.images import ByteImage, bytes_to_unit
from sigforensics.settings import Spectrum
from sigforensics.spectra import SpectrumAccumulator

SCHEMA = "sigforensics-benchmark-realism/1"
STEP, LIMIT = 6, 2
PENALTIES = (1.0, 10.0, 100.0, 1000.0)
DIGITS = 9
"""Decimal places of the scores: what differs further behind is rounding, and equal images shall have equal scores."""
INNER_FOLDS = 8
"""Most parts into which training writers are cut to choose the penalty; with fewer writers, one part a writer."""
SPLITS = 15
"""Random halves of the true images whose median stands in the reference."""
NOISE = 1.0
"""Grey levels of 255, standard deviation."""

Array = NDArray[np.float64]


def residual_features(image: ByteImage) -> NDArray[np.float64]:
    """Square roots of shares: histograms of differences, and co-occurrences of three quantised ones in a row."""
    values = image.astype(int)
    zone = cv2.dilate((image > 0).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    features = []
    for order, axis in product((1, 2), (0, 1)):
        difference = np.diff(values, n=order, axis=axis)
        inside = zone[: difference.shape[0], : difference.shape[1]]
        counts, _ = np.histogram(np.clip(difference[inside], -61, 61), bins=np.arange(-63, 64, STEP))
        features.append(counts / counts.sum())
        levels = np.clip(np.round(difference / (STEP * order)), -LIMIT, LIMIT).astype(int) + LIMIT
        for lead in (0, 1):
            along, mask = (levels, inside) if lead == 0 else (levels.T, inside.T)
            code = (along[:-2] * 5 + along[1:-1]) * 5 + along[2:]
            counts = np.bincount(code[mask[1:-1]], minlength=125)
            features.append(counts / counts.sum())
    return np.sqrt(np.concatenate(features))


def residual_groups() -> dict[str, slice]:
    """Where each group stands in :func:`residual_features`."""
    groups, start = {}, 0
    for order, axis in product(("first", "second"), ("down", "across")):
        kinds = {"histogram": 21, "co-occurrences down": 125, "co-occurrences across": 125}
        for kind, width in kinds.items():
            groups[f"{order} differences {axis}, {kind}"] = slice(start, start + width)
            start += width
    return groups


def band_features(image: ByteImage) -> NDArray[np.float64]:
    """The mean of ln(|DCT| + floor) in 64 radial bands."""
    accumulator = SpectrumAccumulator(settings=Spectrum(bands=64))
    accumulator.update(bytes_to_unit(image)[None])
    return accumulator.result().band_features[0]


def band_groups() -> dict[str, slice]:
    """Quarters of :func:`band_features`, by frequency."""
    names = ("lowest", "second", "third", "highest")
    return {f"radial bands, {name} quarter": slice(16 * i, 16 * i + 16) for i, name in enumerate(names)}


KINDS = {"radial bands": (band_features, band_groups), "residuals": (residual_features, residual_groups)}


def fold_scores(features: Array, target: Array, known: NDArray[np.bool_]) -> Array:
    """Scores of what is not known by ridge regression on what is, one row a penalty."""
    mean, spread = features[known].mean(axis=0), features[known].std(axis=0) + 1e-9
    design, held_out = ((features[part] - mean) / spread for part in (known, ~known))
    gram, across = design @ design.T, held_out @ design.T
    centred = target[known] - target[known].mean()
    scores = [
        across @ solve(gram + penalty * np.eye(len(gram)), centred, assume_a="pos") for penalty in PENALTIES
    ]
    return np.round(scores, DIGITS)


def held_out_scores(features: Array, target: Array, parts: NDArray[np.int_]) -> Array:
    """Scores of every image by a classifier that has not seen its part, shape (penalties, n)."""
    scores = np.zeros((len(PENALTIES), len(target)))
    for part in np.unique(parts):
        scores[:, parts == part] = fold_scores(features, target, parts != part)
    return scores


def choose_penalty(features: Array, fake: NDArray[np.bool_], writers: NDArray[np.int_]) -> int:
    """Which penalty separates held-out writers best among these writers; of equals, the largest."""
    _, order = np.unique(writers, return_inverse=True)
    scores = held_out_scores(features, np.where(fake, 1.0, -1.0), order % INNER_FOLDS)
    areas = [auc(row, fake) for row in scores]
    return max(range(len(PENALTIES)), key=lambda place: (areas[place], place))


def separate(
    features: Array, fake: NDArray[np.bool_], writers: NDArray[np.str_], *, seed: int
) -> dict[str, Any]:
    """How well fakes are told apart: nested AUC with its interval, AUC by penalty, and the largest."""
    _, places = np.unique(writers, return_inverse=True)
    by_penalty = held_out_scores(features, np.where(fake, 1.0, -1.0), places)
    nested = np.zeros(len(fake))
    for place in np.unique(places):
        known = places != place
        nested[~known] = by_penalty[choose_penalty(features[known], fake[known], places[known])][~known]
    areas = [auc(row, fake) for row in by_penalty]
    found: Estimate = auc_interval(nested, fake, writers, rng=np.random.default_rng(seed))
    return {
        "n_true": int((~fake).sum()),
        "n_fake": int(fake.sum()),
        "auc": asdict(found),
        "by_penalty": dict(zip(map("{:g}".format, PENALTIES), areas, strict=True)),
        "maximum": max(areas),
    }


def median_of(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The separation whose AUC is the median of several."""
    return sorted(found, key=lambda one: one["auc"]["value"])[len(found) // 2]


def with_noise(images: ByteImage, *, rng: np.random.Generator) -> ByteImage:
    """Noise on everything but paper, through the last steps of the chain: rounding, and the threshold that the images show."""
    level = images[images > 0].min()
    noisy = np.rint(np.clip(images + rng.normal(0, NOISE, images.shape), 0, 255))
    return np.where((images > 0) & (noisy >= level), noisy, 0).astype(np.uint8)


def random_halves(writers: NDArray[np.str_], *, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Half of each writer's images, rounded down."""
    chosen = np.zeros(len(writers), bool)
    for writer in np.unique(writers):
        own = rng.permutation(np.flatnonzero(writers == writer))
        chosen[own[: len(own) // 2]] = True
    return chosen


def against(true: Array, other: Array, writers: NDArray[np.str_], *, seed: int) -> dict[str, Any]:
    fake = np.repeat([False, True], len(writers))
    return separate(np.concatenate([true, other]), fake, np.tile(writers, 2), seed=seed)


def references(run: Run, kind: str, true: Array, *, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """The detector on true images alone: halves, noise, mirrored ones."""
    extract = KINDS[kind][0]
    rng = np.random.default_rng(seed)
    halves = [random_halves(run.writers, rng=rng) for _ in range(SPLITS)]
    yield "random halves", median_of([separate(true, half, run.writers, seed=seed) for half in halves])
    noisy = with_noise(run.true, rng=rng)
    changed = {f"with noise of sd {NOISE:g}": noisy, "mirrored": run.true[:, :, ::-1]}
    for name, images in changed.items():
        yield name, against(true, np.stack([extract(image) for image in images]), run.writers, seed=seed)


def measure(given: argparse.Namespace) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for number, folder in enumerate(given.runs):
        run = read_run(folder)
        facts = {"run": run.name, "writers": len(set(run.writers))}
        for kind, (extract, groups) in KINDS.items():
            true, fake = (np.stack([extract(image) for image in images]) for images in (run.true, run.fake))
            rows.append(
                {
                    "features": kind,
                    "fakes": "fakes",
                    **facts,
                    **against(true, fake, run.writers, seed=given.seed),
                }
            )
            for name, part in groups().items() if given.groups else ():
                found = against(true[:, part], fake[:, part], run.writers, seed=given.seed)
                rows.append({"features": name, "fakes": "fakes", **facts, **found})
            if number == 0 and not given.no_reference:
                for name, found in references(run, kind, true, seed=given.seed):
                    rows.append({"features": kind, "fakes": f"true, {name}", **facts, **found})
    return {"schema": SCHEMA, "seed": given.seed, "rows": rows}


def show(document: Mapping[str, Any]) -> None:
    rows = document["rows"]
    widths = {name: max(len(str(row[name])) for row in rows) + 2 for name in ("run", "features", "fakes")}
    penalties = "".join(f"{penalty:>7g}" for penalty in PENALTIES)
    print("AUC with its interval of 95 % over writers; the same by penalty; the largest of these")
    print("".join(name.ljust(width) for name, width in widths.items()), end="")
    print(f"{'true':>4}{'fake':>6}{'writers':>9}   {'AUC':22}{penalties}{'maximum':>9}")
    for row in rows:
        area, counts = row["auc"], f"{row['n_true']:4}{row['n_fake']:6}{row['writers']:9}"
        print("".join(str(row[name]).ljust(width) for name, width in widths.items()), end="")
        print(f"{counts}   {area['value']:.3f} ({area['low']:.3f} to {area['high']:.3f})", end="")
        print("".join(f"{value:7.3f}" for value in row["by_penalty"].values()), end="")
        print(f"{row['maximum']:9.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    parser.add_argument("--groups", action="store_true", help="each group of features alone, too")
    parser.add_argument("--no-reference", action="store_true", help="leave true against true out")
    parser.add_argument("--seed", type=int, default=0, help="of intervals, halves, and noise")
    parser.add_argument("--json", metavar="FILE", help="write the figures as JSON; - is stdout")
    given = parser.parse_args()
    report(lambda: measure(given), show, given.json)


if __name__ == "__main__":
    main()
