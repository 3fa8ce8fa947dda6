"""Whether fakes are copies of training signatures: each fake's nearest training target, beside what is near anyway.

    python benchmarks/nearest_neighbours.py TRAINING RUN [RUN ...] [--json FILE]

TRAINING is the folder that ``sigforensics prepare`` made and that the generator was trained on (its training frame is read),
or a folder with one folder of targets a writer. Each RUN is one of ``generate --data``, of writers that are not in
TRAINING.

*Similarity* of two images: both blurred by a Gaussian of 4 pixels at a size of 512, shrunk to 128 x 128, and divided by their
norms; the largest scalar product over all shifts of up to 16 of these pixels (an eighth of the side) across and down. It is
1 for a shifted copy and 0 where ink nowhere meets. *Overlap*: intersection over union of the dark parts of the ink, aligned to
the pixel. Rows of the table:

- fake and its own true signature: what a copy looks like, if the input was not augmented;
- fake and its nearest training target;
- true signature and its nearest training target: as near as strangers come;
- true signature and its nearest by the same hand, in the run: as near as one writer comes to repeating it;
- nearer than its true signature: the similarity of the fake to its nearest training target, less that of its true
  signature to its own nearest one; what drew fakes towards training signatures would show here;
- ratio of distances (1 - similarity): of the fake to its nearest training target, over to its own true signature.

A fake is called a copy where its nearest training target has a similarity of at least 0.9. On CEDAR, 96 pairs of strangers that
are each other's nearest reach 0.75, one hand's repetitions 0.91, and fakes from plain edges have 0.96 or more with their own
true signatures. Parts of signatures that are copied, and copies that are bent, are not found.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from runs import Run, Targets, read_run, read_targets, report
from sigforensics.errors import CorpusInvalid, SizesDiffer
from sigforensics.images import ByteImage
from verification import dark_part, image_key

SCHEMA = "sigforensics-benchmark-nearest-neighbours/1"
SIDE, BLUR, SHIFT = 128, 4 / 512, 16
"""Pixels a side, standard deviation of the blur as a share of the original side, largest shift in pixels."""
COPY = 0.9
BATCH = 16
"""Images whose products are held at once: more would leave the cache."""
QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
PADDED = SIDE + SHIFT
SHIFTS = np.r_[0 : SHIFT + 1, -SHIFT:0]

Array = NDArray[np.float64]
Compact = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Near:
    """Similarities of one image to many, and the shifts that give them."""

    similarity: Compact
    """Shape (n,)."""
    shift: NDArray[np.int_]
    """How far the other image must move down and right, compact pixels, shape (n, 2)."""


def compact(images: ByteImage) -> Compact:
    """Blurred, shrunk to 128 x 128, and of norm 1 (an image without ink: 0)."""
    found = []
    for image in images:
        blurred = cv2.GaussianBlur(image.astype(np.float32), (0, 0), BLUR * len(image))
        small = cv2.resize(blurred, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        found.append(small / max(np.linalg.norm(small), 1e-9))
    return np.stack(found).astype(np.float32)


def transformed(images: Compact) -> NDArray[np.complex64]:
    """Fourier transforms with room for the shifts, so that nothing comes back in at the other side."""
    return np.asarray(scipy.fft.rfft2(images, (PADDED, PADDED)), np.complex64)


def similarities(one: NDArray[np.complex64], others: NDArray[np.complex64]) -> Near:
    """The largest scalar product over the shifts of one transformed image with each of others, a few at a time."""
    values, places = [], []
    for start in range(0, len(others), BATCH):
        products = scipy.fft.irfft2(one * others[start : start + BATCH].conj(), (PADDED, PADDED))
        allowed = products[:, SHIFTS][:, :, SHIFTS].reshape(len(products), -1)
        values.append(allowed.max(axis=1))
        places.append(allowed.argmax(axis=1))
    down, across = np.divmod(np.concatenate(places), len(SHIFTS))
    return Near(np.concatenate(values), np.stack([SHIFTS[down], SHIFTS[across]], axis=1))


def moved(mask: NDArray[np.bool_], down: int, right: int) -> NDArray[np.bool_]:
    """A mask moved over an empty ground."""
    height, width = mask.shape
    out = np.zeros_like(mask)
    part = mask[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
    top, left = max(0, down), max(0, right)
    out[top : top + part.shape[0], left : left + part.shape[1]] = part
    return out


def overlap(one: ByteImage, other: ByteImage, shift: NDArray[np.int_]) -> float:
    """Intersection over union of dark ink, the best over shifts within a compact pixel around the given one."""
    mine, its = dark_part(one), dark_part(other)
    step = len(one) // SIDE
    total = int(mine.sum() + its.sum())
    best = 0.0
    for down in range(shift[0] * step - step, shift[0] * step + step + 1):
        for right in range(shift[1] * step - step, shift[1] * step + step + 1):
            common = int((mine & moved(its, down, right)).sum())
            best = max(best, common / max(total - common, 1))
    return best


def nearest(
    images: ByteImage, spectra: NDArray[np.complex64], others: ByteImage, other_spectra: NDArray[np.complex64]
) -> tuple[Array, Array, NDArray[np.int_]]:
    """Of each image the similarity and overlap with its nearest among others, and which that is."""
    found = []
    for image, spectrum in zip(images, spectra, strict=True):
        near = similarities(spectrum, other_spectra)
        place = int(near.similarity.argmax())
        found.append((near.similarity[place], overlap(image, others[place], near.shift[place]), place))
    similarity, overlaps, places = zip(*found, strict=True)
    return np.array(similarity, float), np.array(overlaps), np.array(places)


def by_same_hand(run: Run, spectra: NDArray[np.complex64]) -> tuple[Array, Array]:
    """Similarity and overlap of each true signature with its nearest other one of the same writer, where there is one."""
    similarity, overlaps = [np.zeros(0)], [np.zeros(0)]
    for place, writer in enumerate(run.writers):
        others = np.flatnonzero((run.writers == writer) & (np.arange(len(run.writers)) != place))
        if len(others):
            one = slice(place, place + 1)
            near = nearest(run.true[one], spectra[one], run.true[others], spectra[others])
            similarity.append(near[0])
            overlaps.append(near[1])
    return np.concatenate(similarity), np.concatenate(overlaps)


def quantiles(values: Array) -> list[float] | None:
    return np.quantile(values, QUANTILES).tolist() if len(values) else None


def measure_run(run: Run, training: Targets, spectra: NDArray[np.complex64]) -> dict[str, Any]:
    """The table of a run.

    Raises
    ------
    SizesDiffer
    CorpusInvalid
        If one of its true images is a training target: fakes of it should resemble it.
    """
    if run.true.shape[1:] != training.images.shape[1:]:
        raise SizesDiffer(run.name, "has images of another size than the training targets")
    keys = {image_key(image) for image in training.images}
    if any(image_key(image) in keys for image in run.true):
        raise CorpusInvalid(run.name, "has true images that are training targets", "give held-out writers")
    true, fake = (transformed(compact(images)) for images in (run.true, run.fake))
    own = [
        nearest(run.fake[i : i + 1], fake[i : i + 1], run.true[i : i + 1], true[i : i + 1])
        for i in range(len(fake))
    ]
    to_own, own_overlap = (np.concatenate([one[part] for one in own]) for part in (0, 1))
    of_fake = nearest(run.fake, fake, training.images, spectra)
    of_true = nearest(run.true, true, training.images, spectra)
    hand = by_same_hand(run, true)
    pairs = {
        "fake and its own true signature": (to_own, own_overlap),
        "fake and nearest training target": of_fake[:2],
        "true and nearest training target": of_true[:2],
        "true and nearest by the same hand": hand,
    }
    ratio = (1 - of_fake[0]) / np.maximum(1 - to_own, 1e-6)
    return {
        "run": run.name,
        "n": len(fake),
        "similarity": {name: quantiles(values[0]) for name, values in pairs.items()},
        "overlap": {name: quantiles(values[1]) for name, values in pairs.items()},
        "nearer_than_its_true_signature": quantiles(of_fake[0] - of_true[0]),
        "ratio_of_distances": quantiles(ratio),
        "copies": [str(name) for name in run.names[of_fake[0] >= COPY]],
    }


def measure(given: argparse.Namespace) -> dict[str, Any]:
    training = read_targets(given.training, frame="training")
    spectra = transformed(compact(training.images))
    return {
        "schema": SCHEMA,
        "training": len(training.images),
        "quantiles": QUANTILES,
        "copy_from": COPY,
        "runs": [measure_run(read_run(folder), training, spectra) for folder in given.runs],
    }


def show(document: Mapping[str, Any]) -> None:
    heads = "".join(f"{quantile:8.0%}" for quantile in QUANTILES)
    for run in document["runs"]:
        print(f"{run['run']}: {run['n']} fakes, {document['training']} training targets; quantiles")
        rows = [
            (f"{kind}: {name}", run[kind][name]) for kind in ("similarity", "overlap") for name in run[kind]
        ]
        rows.append(("similarity: fake less true", run["nearer_than_its_true_signature"]))
        rows.append(("ratio of distances", run["ratio_of_distances"]))
        print(f"  {'':48}{heads}")
        for name, values in rows:
            shown = "".join(f"{value:8.3f}" for value in values) if values else f"{'none':>8}"
            print(f"  {name:48}{shown}")
        print(f"  copies (similarity of {COPY:g} or more): {len(run['copies'])} {' '.join(run['copies'])}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("training", type=Path, metavar="TRAINING")
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    parser.add_argument("--json", metavar="FILE", help="write the figures as JSON; - is stdout")
    given = parser.parse_args()
    report(lambda: measure(given), show, given.json)


if __name__ == "__main__":
    main()
