"""Finds how likely two ends of strokes at a hole belong together, from true signatures with holes of which the ink is known.

    python benchmarks/train_bridging.py CORPUS sigforensics/bridging/likelihood.json

CORPUS is a folder that ``sigforensics prepare`` made. Its training signatures are deformed as augmented inputs are, and a hole
is made near their ink, several times each. Of every curve that could join two ends it is known whether it follows true ink:
whether 0.8 of its length lies within 4 pixels of ink, or a tenth of the gap where that is more, and one piece of ink in the
hole touches both ends. A logistic regression on the features and their squares gives the likelihood. Figures are of the
validation frame. Holes are of 128 pixels at size 512, and as much smaller as the corpus is.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.preprocessing import StandardScaler

from sigforensics.augmentation import REFERENCE_SIZE, Square, deform, draw_distortion, erase_squares
from sigforensics.bridging.ends import StrokeEnd, stroke_ends
from sigforensics.bridging.joining import Join, joined_ends, joins_of
from sigforensics.bridging.likelihood import FEATURES, Likelihood, bundled_likelihood, read_likelihood
from sigforensics.corpus import read_frame
from sigforensics.gan.rows import load_row
from sigforensics.images import ByteImage
from sigforensics.png import read_png
from sigforensics.settings import Augmentation, Bridging
from sigforensics.storage import atomic_file

INK = 40
"""Grey level of 255 from which true ink counts, whatever ``Bridging.least_ink`` is."""
FOLLOWED = 0.8
NEAR, NEAR_OF_GAP = 4.0, 0.1
"""Pixels at size 512, and of the gap."""
ASIDE = 50
"""Pixels by which the middle of a hole is moved from ink, at most, both ways."""
LIMITS = (0.3, 0.4, 0.5, 0.6, 0.7)
"""Values of ``Bridging.least_likely`` of which figures are shown."""


class Truth:
    """The true ink around a hole.

    Parameters
    ----------
    ink : uint8, shape (size, size)
    hole : (rows, columns)
    """

    def __init__(self, ink: ByteImage, hole: Square) -> None:
        dark = ink >= INK
        self._near = NEAR * len(ink) / REFERENCE_SIZE
        self._away = cv2.distanceTransform((~dark).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
        inside = np.zeros_like(dark)
        wider = tuple(slice(max(place.start - 2, 0), place.stop + 2) for place in hole)
        inside[wider] = ink[wider] >= INK - 10
        _, self._pieces = cv2.connectedComponents(inside.astype(np.uint8), connectivity=8)

    def followed_by(self, join: Join, ends: list[StrokeEnd]) -> bool:
        """Whether a curve between two ends runs along one true stroke."""
        line = (join.outline[0] + join.outline[1]) / 2
        lengths = np.linalg.norm(np.diff(line, axis=0), axis=1)
        columns, rows = np.round((line[1:] + line[:-1]) / 2).astype(int).clip(0, len(self._away) - 1).T
        one, other = ends[join.one], ends[join.other]
        near = max(self._near, NEAR_OF_GAP * float(np.linalg.norm(one.centre - other.centre)))
        along = (lengths * (self._away[rows, columns] <= near)).sum() >= FOLLOWED * lengths.sum()
        return bool(along and self._touched(one) & self._touched(other))

    def _touched(self, end: StrokeEnd) -> set[int]:
        column, row = np.round(end.centre).astype(int)
        return set(np.unique(self._pieces[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3])) - {0}


class Collected(NamedTuple):
    """All joins at holes in signatures of one frame."""

    features: NDArray[np.float64]
    """Shape (n, f), named by ``FEATURES``."""
    right: NDArray[np.bool_]
    """Shape (n,): whether they follow a stroke."""
    drawn: NDArray[np.int64]
    """Shape (limits, 2): of those that are drawn at each of ``LIMITS``, how many follow a stroke, and how many there are."""


def draw_hole(ink: ByteImage, rng: np.random.Generator) -> Square:
    """A square near ink, within the image."""
    side, aside = (round(one * len(ink) / REFERENCE_SIZE) for one in (Augmentation().hole, ASIDE))
    places = np.argwhere(ink >= INK)
    middle = places[int(rng.integers(len(places)))] + rng.integers(-aside, aside + 1, 2)
    top, left = (int(one) for one in np.clip(middle - side // 2, 0, len(ink) - side))
    return slice(top, top + side), slice(left, left + side)


def collect(
    corpus: Path, frame: str, repeats: int, settings: Bridging, likelihood: Likelihood | None
) -> Collected:
    """The joins of so many holes a signature; without a likelihood nothing is counted of those that would be drawn."""
    features, right, drawn = [], [], np.zeros((len(LIMITS), 2), np.int64)
    rows = [row for row in read_frame(corpus, frame) if not row.augmented]
    if not rows:
        raise SystemExit(f"{corpus}: its {frame} frame is empty")
    size = len(read_png(corpus / rows[0].target))
    for number, row in enumerate(rows):
        edges, _, target = load_row(corpus, row, size=size)
        for repeat in range(repeats):
            rng = np.random.default_rng([9, number, repeat])
            field = draw_distortion(size, rng=rng).displacements
            ink, bent = deform(target, field), deform(edges, field)
            hole = draw_hole(ink, rng)
            ends = stroke_ends(
                erase_squares(ink, [hole]), erase_squares(bent, [hole]), hole, settings=settings
            )
            truth = Truth(ink, hole)
            joins = joins_of(ends, hole, settings=settings)
            features.extend(join.features for join in joins)
            right.extend(truth.followed_by(join, ends) for join in joins)
            for place, least in enumerate(LIMITS if likelihood else ()):
                limited = replace(settings, least_likely=least)
                made = joined_ends(ends, hole, settings=limited, likelihood=likelihood)
                drawn[place] += sum(truth.followed_by(join, ends) for join in made), len(made)
    return Collected(np.array(features).reshape(-1, len(FEATURES)), np.array(right, bool), drawn)


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
        found = collect(arguments.corpus, "training", arguments.repeats, settings, None)
        both = np.concatenate([found.features, found.features**2], axis=1)
        scaler = StandardScaler().fit(both)
        model = LogisticRegression(max_iter=3000).fit(scaler.transform(both), found.right)
        stored = {
            "features": FEATURES,
            "mean": scaler.mean_.tolist(),
            "scale": scaler.scale_.tolist(),
            "weights": model.coef_[0].tolist(),
            "offset": float(model.intercept_[0]),
            "training": {
                "joins": len(found.right),
                "right": int(found.right.sum()),
                "repeats": arguments.repeats,
            },
        }
        with atomic_file(arguments.out) as temporary:
            temporary.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")
    likelihood = read_likelihood(arguments.out) if arguments.out else bundled_likelihood()
    held = collect(arguments.corpus, "validation", arguments.repeats, settings, likelihood)
    precision = average_precision_score(held.right, likelihood(held.features))
    print(f"{len(held.right)} joins, {held.right.sum()} follow a stroke; average precision {precision:.3f}")
    for least, (right, drawn) in zip(LIMITS, held.drawn, strict=True):
        print(f"least_likely {least}: {right} of {drawn} joins that are drawn follow a stroke")


if __name__ == "__main__":
    main()
