"""How easily simple linear classifiers tell fakes from true images, cross-validated by writer.

    python benchmarks/realism.py RUN

RUN is a folder that ``sigforensics generate --data`` made: ``true/`` and ``fake/`` with the same names, both through one
chain, and ``signatures.csv`` with the writer of each. Two kinds of features: 64 radial bands of the log-DCT, and histograms
and co-occurrences of first and second differences in and around the ink. The classifier is ridge regression on standardised
features, trained on all writers but one and tried on that one, with several penalties. AUC 0.5 is chance.
"""

from __future__ import annotations

import argparse
import csv
from itertools import product
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve
from scipy.stats import rankdata

from sigforensics.images import ByteImage, bytes_to_unit
from sigforensics.png import read_png
from sigforensics.settings import Spectrum
from sigforensics.spectra import SpectrumAccumulator

STEP, LIMIT = 6, 2
PENALTIES = (1.0, 10.0, 100.0, 1000.0)


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


def band_features(image: ByteImage) -> NDArray[np.float64]:
    """The mean of ln(|DCT| + floor) in 64 radial bands."""
    accumulator = SpectrumAccumulator(settings=Spectrum(bands=64))
    accumulator.update(bytes_to_unit(image)[None])
    return accumulator.result().band_features[0]


def auc_by_writer(
    features: NDArray[np.float64], fake: NDArray[np.bool_], writers: NDArray[np.str_], penalty: float
) -> float:
    """Area under the ROC curve of the held-out scores, all writers pooled."""
    scores = np.zeros(len(fake))
    for writer in np.unique(writers):
        known = writers != writer
        mean, spread = features[known].mean(axis=0), features[known].std(axis=0) + 1e-9
        design = (features[known] - mean) / spread
        target = np.where(fake[known], 1.0, -1.0)
        dual = solve(
            design @ design.T + penalty * np.eye(len(design)), target - target.mean(), assume_a="pos"
        )
        scores[~known] = ((features[~known] - mean) / spread) @ (design.T @ dual)
    ranks, fakes, trues = rankdata(scores), fake.sum(), (~fake).sum()
    return float((ranks[fake].sum() - fakes * (fakes + 1) / 2) / (fakes * trues))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    run = parser.parse_args().run
    with (run / "signatures.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    images = [read_png(run / kind / f"{row['name']}.png") for row in rows for kind in ("true", "fake")]
    fake = np.array([kind == "fake" for _ in rows for kind in ("true", "fake")])
    writers = np.array([row["writer"] for row in rows for _ in range(2)])
    print(f"{len(rows)} true and as many fake images of {len(set(writers))} writers; AUC by penalty")
    for name, extract in (("radial bands", band_features), ("residuals", residual_features)):
        features = np.stack([extract(image) for image in images])
        found = (auc_by_writer(features, fake, writers, penalty) for penalty in PENALTIES)
        print(
            f"{name:13s}",
            "  ".join(f"{penalty:g}: {auc:.3f}" for penalty, auc in zip(PENALTIES, found, strict=True)),
        )


if __name__ == "__main__":
    main()
