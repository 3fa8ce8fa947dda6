"""Finds how likely two ends of strokes at a hole belong together, from true signatures with holes of which the ink is known.

    python benchmarks/train_bridging.py CORPUS sigforensics/bridging/likelihood.json

CORPUS is a folder that ``sigforensics prepare`` made. Its training signatures are deformed as augmented inputs are, and a hole
is made near their ink, several times each. Of every curve that could join two ends it is known whether it follows true ink:
whether 0.8 of its length lies within 4 pixels of ink, or a tenth of the gap where that is more, and one piece of ink in the
hole touches both ends. A logistic regression on the features and their squares gives the likelihood. Figures are of the
validation frame.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.preprocessing import StandardScaler

from sigforensics.augmentation import Square, deform, draw_distortion, erase_squares
from sigforensics.bridging.ends import StrokeEnd, stroke_ends
from sigforensics.bridging.joining import Join, joined_ends, joins_of
from sigforensics.bridging.likelihood import FEATURES, bundled_likelihood
from sigforensics.corpus import read_frame
from sigforensics.gan.rows import load_row
from sigforensics.images import ByteImage
from sigforensics.settings import Bridging
from sigforensics.storage import atomic_file

FOLLOWED = 0.8
NEAR, NEAR_OF_GAP = 4.0, 0.1
"""Pixels, and of the gap."""
ASIDE = 50
"""Pixels by which the middle of a hole is moved from ink, at most, both ways."""


class Truth:
    """The true ink around a hole.

    Parameters
    ----------
    ink : uint8, shape (size, size)
    hole : (rows, columns)
    settings : Bridging
    """

    def __init__(self, ink: ByteImage, hole: Square, settings: Bridging) -> None:
        dark = ink >= settings.least_ink
        self._away = cv2.distanceTransform((~dark).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
        inside = np.zeros_like(dark)
        wider = tuple(slice(max(place.start - 2, 0), place.stop + 2) for place in hole)
        inside[wider] = ink[wider] >= settings.least_ink - 10
        _, self._pieces = cv2.connectedComponents(inside.astype(np.uint8), connectivity=8)

    def followed_by(self, join: Join, ends: list[StrokeEnd]) -> bool:
        """Whether a curve between two ends runs along one true stroke."""
        line = (join.outline[0] + join.outline[1]) / 2
        lengths = np.linalg.norm(np.diff(line, axis=0), axis=1)
        columns, rows = np.round((line[1:] + line[:-1]) / 2).astype(int).clip(0, len(self._away) - 1).T
        one, other = ends[join.one], ends[join.other]
        near = max(NEAR, NEAR_OF_GAP * float(np.linalg.norm(one.centre - other.centre)))
        along = (lengths * (self._away[rows, columns] <= near)).sum() >= FOLLOWED * lengths.sum()
        return bool(along and self._touched(one) & self._touched(other))

    def _touched(self, end: StrokeEnd) -> set[int]:
        column, row = np.round(end.centre).astype(int)
        return set(np.unique(self._pieces[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3])) - {0}


def draw_hole(ink: ByteImage, side: int, rng: np.random.Generator, settings: Bridging) -> Square:
    """A square near ink, within the image."""
    places = np.argwhere(ink >= settings.least_ink)
    middle = places[int(rng.integers(len(places)))] + rng.integers(-ASIDE, ASIDE + 1, 2)
    top, left = (int(one) for one in np.clip(middle - side // 2, 0, len(ink) - side))
    return slice(top, top + side), slice(left, left + side)


def collect(
    corpus: Path, frame: str, repeats: int, settings: Bridging
) -> tuple[NDArray[np.float64], NDArray[np.bool_], int, int]:
    """Features of all joins, whether they follow a stroke; and how many do, of how many, of those that are drawn."""
    features, right, drawn_right, drawn = [], [], 0, 0
    rows = [row for row in read_frame(corpus, frame) if not row.augmented]
    for number, row in enumerate(rows):
        edges, _, target = load_row(corpus, row, size=512)
        for repeat in range(repeats):
            rng = np.random.default_rng([9, number, repeat])
            field = draw_distortion(len(target), rng=rng).displacements
            ink, bent = deform(target, field), deform(edges, field)
            hole = draw_hole(ink, 128, rng, settings)
            ends = stroke_ends(
                erase_squares(ink, [hole]), erase_squares(bent, [hole]), hole, settings=settings
            )
            joins = joins_of(ends, hole, settings=settings)
            features.extend(join.features for join in joins)
            truth = Truth(ink, hole, settings)
            right.extend(truth.followed_by(join, ends) for join in joins)
            if frame == "validation":
                made = joined_ends(ends, hole, settings=settings)
                drawn += len(made)
                drawn_right += sum(truth.followed_by(join, ends) for join in made)
    return np.array(features).reshape(-1, len(FEATURES)), np.array(right, bool), drawn_right, drawn


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument(
        "out", type=Path, nargs="?", help="the file of the likelihood; only figures without it"
    )
    parser.add_argument("--repeats", type=int, default=3, help="holes a signature")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    settings = Bridging()
    if arguments.out:
        found, right, _, _ = collect(arguments.corpus, "training", arguments.repeats, settings)
        both = np.concatenate([found, found**2], axis=1)
        scaler = StandardScaler().fit(both)
        model = LogisticRegression(max_iter=3000).fit(scaler.transform(both), right)
        stored = {
            "features": FEATURES,
            "mean": scaler.mean_.tolist(),
            "scale": scaler.scale_.tolist(),
            "weights": model.coef_[0].tolist(),
            "offset": float(model.intercept_[0]),
            "training": {"joins": len(right), "right": int(right.sum()), "repeats": arguments.repeats},
        }
        with atomic_file(arguments.out) as temporary:
            temporary.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")
    for least in (0.3, 0.4, 0.5, 0.6, 0.7):
        limited = replace(settings, least_likely=least)
        found, right, drawn_right, drawn = collect(arguments.corpus, "validation", arguments.repeats, limited)
        precision = average_precision_score(right, bundled_likelihood()(found))
        print(
            f"least_likely {least}: {drawn_right} of {drawn} joins follow a stroke; average precision of all {precision:.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
