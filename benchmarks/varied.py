"""How like their targets fakes of varied signatures are: bent, enlarged, darker, as scans that a corpus does not have.

    python benchmarks/varied.py DATA GENERATOR [GENERATOR ...] [--rows N] [--sheet PNG]

DATA is a folder that ``sigforensics prepare`` made; the signatures are those of its validation frame, evenly spaced, which no
GENERATOR (a name, a model file or a folder that ``train`` made) should have seen. Each is varied as in training
(``sigforensics/gan/varying.py``), from one seed, so that all generators meet the same: not at all; bent; a part of it enlarged
twice to four times; its ink 1.7 times as dark. Edges are traced from the varied target.

Printed for each kind and generator, with 95 % intervals over resampled writers: the mean absolute error, ink from 0 to 1; the
structural similarity on the ink; the sum of the fakes' ink over that of their targets; and, without an interval, how far the
radial bands are apart, in nats.
``--sheet`` draws every eighth: target, and the fake of each generator.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from scores import Estimate, mean_interval, quantiles, resampled_writers
from sigforensics.corpus import read_frame
from sigforensics.gan.bundled import find_generator
from sigforensics.gan.forger import Forger, load_forger
from sigforensics.gan.rows import load_row
from sigforensics.gan.template import Template
from sigforensics.gan.varying import vary_row
from sigforensics.images import ByteImage, unit_to_bytes
from sigforensics.likeness import band_profile, ink_similarity, spectral_difference
from sigforensics.preprocessing import paper_map, preprocessing_of, threshold
from sigforensics.provenance import read_record
from sigforensics.settings import Preprocessing, Training

SEED, EVERY = 7, 8
STILL = Training(varied=1.0, enlarged=(1.0, 1.0), darkened=(1.0, 1.0), bent=0.0)
KINDS = {
    "plain": replace(STILL, varied=0.0),
    "bent": replace(STILL, bent=50.0),
    "enlarged": replace(STILL, enlarged=(2.0, 4.0), enlarged_share=1.0),
    "darker": replace(STILL, darkened=(1.7, 1.7)),
}

Varied = tuple[ByteImage, ByteImage, ByteImage]


def ratio_interval(over: np.ndarray, under: np.ndarray, writers: np.ndarray) -> Estimate:
    """Sum over sum, with an interval over resampled writers."""
    _, places = np.unique(writers, return_inverse=True)
    counts = resampled_writers(places.max() + 1, np.random.default_rng(SEED))
    sums = [counts @ np.bincount(places, weights=values) for values in (over, under)]
    return Estimate(float(over.sum() / under.sum()), *quantiles(sums[0] / sums[1]))


def forge(forger: Forger, rows: list[Varied], *, level: int) -> list[ByteImage]:
    """The fakes, finished as ``generate`` writes them."""
    seeds = np.array([0, 0], np.int32)
    fakes = forger.forge_many(
        Template(edges, mask, seeds, paper_map(target, edges)) for edges, mask, target in rows
    )
    return [threshold(unit_to_bytes(fake), level=level) for fake in fakes]


def described(fakes: list[ByteImage], targets: list[ByteImage], writers: np.ndarray) -> str:
    """A row of the table."""
    rng = np.random.default_rng(SEED)
    pairs = list(zip(fakes, targets, strict=True))
    error = np.array([np.abs(fake.astype(float) - target).mean() / 255 for fake, target in pairs])
    alike = np.array([ink_similarity(fake, target) for fake, target in pairs])
    ink = ratio_interval(*(np.array([one.mean() for one in them]) for them in (fakes, targets)), writers)
    apart = spectral_difference(*(np.stack([band_profile(one) for one in them]) for them in (fakes, targets)))
    cells = [
        f"{e.value:.{n}f}, {e.low:.{n}f} to {e.high:.{n}f}"
        for e, n in (
            (mean_interval(error, writers, rng=rng), 4),
            (mean_interval(alike, writers, rng=rng), 2),
            (ink, 2),
        )
    ]
    return " | ".join([*cells, f"{apart:.2f}"])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("generators", nargs="+")
    parser.add_argument("--rows", type=int, default=96)
    parser.add_argument("--sheet", type=Path)
    given = parser.parse_args()
    preprocessing: Preprocessing = preprocessing_of(read_record(given.data), where=given.data)
    rows = [row for row in read_frame(given.data, "validation") if not row.augmented]
    rows = [rows[k] for k in np.unique(np.linspace(0, len(rows) - 1, given.rows).round().astype(int))]
    writers = np.array([row.writer for row in rows])
    forgers = {name: load_forger(find_generator(name)) for name in given.generators}
    images = [load_row(given.data, row, size=preprocessing.size) for row in rows]
    drawn = []
    print(f"{len(rows)} signatures of {len(set(writers))} writers")
    print("| kind | generator | error | similarity on the ink | ink over the target's | bands apart |")
    print("| --- | --- | --- | --- | --- | --- |")
    for kind, settings in KINDS.items():
        varied = [
            vary_row(
                *image,
                settings=settings,
                preprocessing=preprocessing,
                rng=np.random.default_rng([SEED, number]),
            )
            for number, image in enumerate(images)
        ]
        targets = [target for _, _, target in varied]
        columns = [targets]
        for name, forger in forgers.items():
            fakes = forge(forger, varied, level=preprocessing.threshold)
            print(f"| {kind} | {Path(name).name} | {described(fakes, targets, writers)} |", flush=True)
            columns.append(fakes)
        drawn += [np.hstack(row) for row in zip(*columns, strict=True)][::EVERY]
    if given.sheet:
        cv2.imwrite(str(given.sheet), 255 - np.vstack(drawn))


if __name__ == "__main__":
    main()
