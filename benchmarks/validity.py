"""Whether ``compare`` errs as often as it says: true against true, and effects of known size where they were planted.

    python benchmarks/validity.py FOLDER [--writers-from TABLE] [--splits 200] [--permutations 199] [--mapped 40]
        [--map-splits 20] [--seed 0] [--design NAME ...] [--json FILE]

FOLDER holds images of one size by true hands, all through one chain; the writers are known by their names (CEDAR's), or by
a table with the columns ``file`` and ``writer``. Each random split sets images of FOLDER against other images of it, so that
nothing differs but by chance. Designs:

- images: halves of the images, each image a unit;
- pairs: images put together at random, one of each pair on either side;
- writers: halves of the writers, each writer a unit (where they are known, at least eight);
- within: halves of each writer's images, so that each writer is compared with itself (likewise);
- writers, uneven: three quarters of the writers with all their images, and the others with two of each (at least four writers);
- within, uneven: two images of each writer, and all the others of the same writer.

*Level.* The share of splits with p <= 0.05, of the smallest corrected p of the bands, the energy distance, the AUC, and
the three together. Beside it stands between which shares 95 % of exact tests lie with so many splits (binomial), and
the p of Kolmogorov & Smirnov's test that p is uniform. Splits share their images, but the exchange of labels makes p uniform
over random splits of one and the same images, too.
*Coverage.* The share of intervals that hold the truth: 0 nats (mean over the bands, and the band with least), an AUC of 0.5.
*Power.* 0.1 nats added to one band, another in each split, of one side: how often that band has a corrected p of at most
0.05, and how often any other.
*Single frequencies.* A pattern of period 2 (columns brighter and darker by turns) of a few hundredths of a grey level, added
to one side of ``--mapped`` pairs of images before any rounding: how often its frequency is found among all of the
spectrum (corrected p at most 0.05), and how often any is that is not purely horizontal: where such a pattern has nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from runs import report
from sigforensics.images import FloatImage
from sigforensics.scans import read_scan
from sigforensics.settings import Comparing, Scanning, Spectrum
from sigforensics.spectra.transform import GREY_SCALE, dct_coefficients
from sigforensics.statistics import (
    difference_intervals,
    frequency_test,
    independent_units,
    permutation_test,
    whole_test,
)
from sigforensics.workflows.progress import SilentProgress
from sigforensics.workflows.sets import ImageSet, default_workers, read_set, writers_of
from sigforensics.workflows.writer_table import writers_from_table

SCHEMA = "sigforensics-benchmark-validity/1"
LEVEL = 0.05
PLANTED_NATS = 0.1
PLANTED_GREYS = (0.0, 0.01, 0.02, 0.05, 0.1)
LEAST_WRITERS = 8
LEAST_SEPARATED = Comparing().min_separated
FEW_IMAGES = 2
LEAST_PAIRS = 6
"""Of fewer no corrected p can be small."""

Array = NDArray[np.float64]
Names = NDArray[np.str_]


@dataclass(frozen=True)
class Split:
    """Which images stand on either side, and how they belong together."""

    one: NDArray[np.intp]
    other: NDArray[np.intp]
    paired: bool = False
    by_writer: bool = False


@dataclass(frozen=True)
class Level:
    """How often p is at most 0.05 where nothing differs."""

    test: str
    rejected: float
    low: float
    """95 % of exact tests lie between these."""
    high: float
    uniform_p: float


@dataclass(frozen=True)
class DesignResult:
    """What the splits of one design gave."""

    design: str
    splits: int
    units: int
    levels: tuple[Level, ...]
    coverage_mean: float
    coverage_least: float
    coverage_auc: float
    power: float
    elsewhere: float


@dataclass(frozen=True)
class MapResult:
    """What a pattern of one strength gave in the map of single frequencies."""

    grey_levels: float
    splits: int
    found: float
    elsewhere: float


def images_split(n: int, _writers: Names | None, rng: np.random.Generator) -> Split:
    order = rng.permutation(n)
    return Split(np.sort(order[: n // 2]), np.sort(order[n // 2 : 2 * (n // 2)]))


def pairs_split(n: int, _writers: Names | None, rng: np.random.Generator) -> Split:
    order = rng.permutation(n)
    return Split(order[: n // 2], order[n // 2 : 2 * (n // 2)], paired=True)


def writers_split(_n: int, writers: Names, rng: np.random.Generator) -> Split:
    names = rng.permutation(np.unique(writers))
    half = len(names) // 2
    one, other = (np.flatnonzero(np.isin(writers, part)) for part in (names[:half], names[half : 2 * half]))
    return Split(one, other, by_writer=True)


def within_split(_n: int, writers: Names, rng: np.random.Generator) -> Split:
    sides: tuple[list[int], list[int]] = ([], [])
    for name in np.unique(writers):
        own = rng.permutation(np.flatnonzero(writers == name))
        half = len(own) // 2
        sides[0].extend(own[:half])
        sides[1].extend(own[half : 2 * half])
    return Split(np.array(sides[0]), np.array(sides[1]), by_writer=True)


def uneven_writers_split(_n: int, writers: Names, rng: np.random.Generator) -> Split:
    names = rng.permutation(np.unique(writers))
    fewer = max(LEAST_SEPARATED, len(names) // 4)
    one = np.flatnonzero(np.isin(writers, names[fewer:]))
    return Split(one, _few_of_each(writers, names[:fewer], rng), by_writer=True)


def uneven_within_split(_n: int, writers: Names, rng: np.random.Generator) -> Split:
    few = _few_of_each(writers, np.unique(writers), rng)
    return Split(np.setdiff1d(np.arange(len(writers)), few), few, by_writer=True)


def _few_of_each(writers: Names, names: Names, rng: np.random.Generator) -> NDArray[np.intp]:
    own = (rng.permutation(np.flatnonzero(writers == name))[:FEW_IMAGES] for name in names)
    return np.concatenate(list(own))


Maker = Callable[[int, Names, np.random.Generator], Split]
DESIGNS: dict[str, Maker] = {"images": images_split, "pairs": pairs_split}
WRITER_DESIGNS: dict[str, Maker] = {
    "writers": writers_split,
    "within": within_split,
    "writers, uneven": uneven_writers_split,
    "within, uneven": uneven_within_split,
}


def study_design(
    name: str, features: Array, writers: Names | None, *, splits: int, settings: Comparing, seed: int
) -> DesignResult:
    """Levels, coverage and power of one design."""
    p: list[tuple[float, ...]] = []
    covered, auc_covered, found, elsewhere, units = [], [], 0, 0, None
    for place in range(splits):
        rng = np.random.default_rng([seed, place])
        split = (DESIGNS | WRITER_DESIGNS)[name](len(features), writers, rng)
        ways = {"paired": split.paired}
        if split.by_writer:
            ways |= {"units_true": writers[split.one], "units_fake": writers[split.other]}
        one, other = features[split.one], features[split.other]
        units = independent_units(one, other, **ways)
        bands = permutation_test(units, permutations=settings.permutations, rng=rng)
        whole = whole_test(units, settings=settings, rng=rng)
        interval = difference_intervals(units, settings=settings, rng=rng)
        p.append((bands.p_corrected.min(), whole.p_energy, whole.p_auc, whole.p))
        covered.append((interval.low <= 0) & (interval.high >= 0))
        auc_covered.append(whole.auc.low <= 0.5 <= whole.auc.high)
        band = int(rng.integers(features.shape[1]))
        planted = other + PLANTED_NATS * np.eye(features.shape[1])[band]
        again = permutation_test(
            independent_units(one, planted, **ways), permutations=settings.permutations, rng=rng
        ).p_corrected
        found += again[band] <= LEVEL
        elsewhere += (np.delete(again, band) <= LEVEL).any()
    tests = ("bands, corrected", "energy distance", "AUC", "together")
    coverage = np.mean(covered, axis=0)
    return DesignResult(
        name,
        splits,
        units.n_units,
        tuple(level(test, values) for test, values in zip(tests, np.array(p).T, strict=True)),
        float(coverage.mean()),
        float(coverage.min()),
        float(np.mean(auc_covered)),
        found / splits,
        elsewhere / splits,
    )


def level(test: str, p: Array) -> Level:
    """The share of rejections, with what exact tests would give."""
    low, high = scipy.stats.binom.interval(0.95, p.size, LEVEL)
    uniform = scipy.stats.kstest(p - np.random.default_rng(0).random(p.size) * step(p), "uniform").pvalue
    return Level(test, float((p <= LEVEL + 1e-9).mean()), low / p.size, high / p.size, float(uniform))


def step(p: Array) -> float:
    """The grid that p lies on: smoothed over it, p of an exact test is uniform and not in steps."""
    distances = np.diff(np.unique(np.round(p, 9)))
    return float(distances.min()) if distances.size else 1.0


def study_map(
    images: Sequence[FloatImage], *, splits: int, permutations: int, seed: int
) -> Iterator[MapResult]:
    """The pattern of period 2 in the map, for each strength; a strength of 0 is none."""
    if len(images) < 2 * LEAST_PAIRS:
        return
    coefficients = dct_coefficients(np.stack(images))
    pattern = stripes(*coefficients.shape[1:])
    for greys in PLANTED_GREYS:
        found = elsewhere = 0
        for place in range(splits):
            rng = np.random.default_rng([seed, place, 1])
            split = pairs_split(len(coefficients), None, rng)
            one, other = coefficients[split.one], coefficients[split.other] + np.float32(greys) * pattern
            test = frequency_test(logs(one), logs(other), paired=True, permutations=permutations, rng=rng)
            # DC is left out: a frequency stands one place earlier, and the purely horizontal ones come first
            columns = pattern.shape[1] - 1
            found += test.p_corrected[columns - 1] <= LEVEL
            elsewhere += (test.p_corrected[columns:] <= LEVEL).any()
        yield MapResult(greys, splits, found / splits, elsewhere / splits)


def stripes(height: int, width: int) -> NDArray[np.float32]:
    """The transform of columns that are one grey level (of 255) brighter and darker by turns."""
    unit = np.tile((np.arange(width) + 1) % 2, (height, 1)).astype(np.float32)
    pattern = 2 * dct_coefficients(unit[np.newaxis])[0] / np.float32(GREY_SCALE)
    pattern[0, 0] = 0
    return pattern


def logs(coefficients: NDArray[np.float32]) -> NDArray[np.float32]:
    """What is compared, without DC: shape (images, frequencies)."""
    flat = np.abs(coefficients).reshape(len(coefficients), -1)[:, 1:]
    return np.asarray(np.log(flat + np.float32(Spectrum().floor)), np.float32)


def read(folder: Path, table: Path | None) -> tuple[ImageSet, Names | None]:
    images = read_set(
        "true",
        folder,
        scanning=Scanning(),
        settings=Spectrum(),
        workers=default_workers(),
        strict=True,
        progress=SilentProgress(),
    )
    writers = writers_of(images) if table is None else writers_from_table(table, images.paths)
    return images, None if writers is None else np.array(writers)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    images, writers = read(options.folder, options.writers_from)
    features, settings = images.spectrum.band_features, Comparing(permutations=options.permutations)
    known = writers is not None and np.unique(writers).size >= LEAST_WRITERS
    possible = (*DESIGNS, *(WRITER_DESIGNS if known else ()))
    designs = [
        study_design(name, features, writers, splits=options.splits, settings=settings, seed=options.seed)
        for name in options.design or possible
    ]
    chosen = np.random.default_rng(options.seed).permutation(images.paths)[: 2 * options.mapped]
    maps = study_map(
        [read_scan(path).pixels for path in chosen],
        splits=options.map_splits,
        permutations=options.permutations,
        seed=options.seed,
    )
    return {
        "schema": SCHEMA,
        "folder": str(options.folder),
        "n_images": len(features),
        "designs": [asdict(one) for one in designs],
        "n_mapped": len(chosen) // 2,
        "maps": [asdict(one) for one in maps],
    }


def show(document: Mapping[str, Any]) -> None:
    for design in document["designs"]:
        print(f"\n{design['design']}: {design['splits']} splits, {design['units']} units")
        for one in design["levels"]:
            right = f"{one['low']:.3f} to {one['high']:.3f} is right"
            print(
                f"  p <= {LEVEL} in {one['rejected']:.3f} ({right}; uniform: p = {one['uniform_p']:.2f})  {one['test']}"
            )
        print(
            f"  intervals hold 0 nats in {design['coverage_mean']:.3f} (least of a band {design['coverage_least']:.3f}), an "
            f"AUC of 0.5 in {design['coverage_auc']:.3f}"
        )
        print(
            f"  {PLANTED_NATS} nats in a band: found in {design['power']:.3f}, in another in {design['elsewhere']:.3f}"
        )
    print(f"\nperiod 2 in one of {document['n_mapped']} pairs each, single frequencies")
    for one in document["maps"]:
        print(
            f"  {one['grey_levels']:5.2f} grey levels: found in {one['found']:.2f}, elsewhere in {one['elsewhere']:.2f} of "
            f"{one['splits']} splits"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--writers-from", type=Path)
    parser.add_argument("--splits", type=int, default=200)
    parser.add_argument("--permutations", type=int, default=199)
    parser.add_argument("--mapped", type=int, default=40, help="pairs of images in the map; 0 for no map")
    parser.add_argument("--map-splits", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--design", action="append", choices=[*DESIGNS, *WRITER_DESIGNS], help="these alone")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    report(lambda: measure(options), show, options.json)


if __name__ == "__main__":
    main()
