"""What the eye sees of fakes, as figures: darkness and evenness of ink, specks and lattices of paper.

    python benchmarks/ink_and_paper.py RUN [RUN ...]

Each RUN is a folder that ``sigforensics generate`` made, with ``true/`` and ``fake/``. Dark ink is a pixel of at least 100 of
255. Printed are, for the true images and the fakes of each run, means over images:

- *dark ink*: its mean grey level;
- *second differences*: mean absolute second difference across, of pixels that are dark with both neighbours: the grain of ink;
- *specks near*, *specks far*: share of the pixels above 0, from 10 to 25 pixels from dark ink, and from 25 on;
- *lattice*: the paper from 25 pixels from dark ink on, of all images together, is divided by row and column modulo 32; the
  largest share of pixels above 0 at one of these 1024 places;
- *spot*: the cell of 32 x 32 pixels in which more fakes than true images bear anything above 0 from 25 pixels from dark ink on,
  the one with the largest difference, and the share of the images that do: a mark at one place gives it away.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.images import ByteImage
from sigforensics.png import read_png

DARK, NEAR, FAR, PERIOD = 100, 10, 25, 32

Reals = NDArray[np.float64]


def distance(image: ByteImage) -> Reals:
    """Pixels from the nearest dark ink; the image's side where there is none."""
    dark = (image >= DARK).astype(np.uint8)
    if not dark.any():
        return np.full(image.shape, float(max(image.shape)))
    return np.asarray(cv2.distanceTransform(1 - dark, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), float)


def ink(image: ByteImage) -> tuple[float, float]:
    """Mean grey level of dark ink, and mean absolute second difference across within it; nan where there is none."""
    dark, grey = image >= DARK, image.astype(float)
    inner = dark[:, :-2] & dark[:, 1:-1] & dark[:, 2:]
    second = np.abs(grey[:, :-2] - 2 * grey[:, 1:-1] + grey[:, 2:])
    level, grain = (float(values.mean()) if values.size else np.nan for values in (grey[dark], second[inner]))
    return level, grain


def specks(images: list[ByteImage]) -> tuple[float, float]:
    """Shares of pixels above 0 near and far from dark ink, means over images."""
    shares: tuple[list[float], list[float]] = [], []
    for image in images:
        away = distance(image)
        for found, zone in zip(shares, ((away >= NEAR) & (away < FAR), away >= FAR), strict=True):
            if zone.any():
                found.append(float((image[zone] > 0).mean()))
    near, far = (float(np.mean(found)) if found else float("nan") for found in shares)
    return near, far


def lattice(images: list[ByteImage]) -> float:
    """Largest share of pixels above 0 at one place of a lattice on the paper."""
    lit, paper = np.zeros((PERIOD, PERIOD)), np.zeros((PERIOD, PERIOD))
    for image in images:
        far = distance(image) >= FAR
        rows, columns = np.nonzero(far)
        place = rows % PERIOD * PERIOD + columns % PERIOD
        count = PERIOD * PERIOD
        paper += np.bincount(place, minlength=count).reshape(PERIOD, PERIOD)
        lit += np.bincount(place, (image[far] > 0).astype(float), count).reshape(PERIOD, PERIOD)
    return float((lit / np.maximum(paper, 1)).max())


def spots(images: list[ByteImage]) -> Reals:
    """Share of the images with anything above 0 on the paper of each cell of 32 x 32 pixels."""
    found = []
    for image in images:
        lit = (image > 0) & (distance(image) >= FAR)
        side = len(image) // PERIOD
        cells = lit[: side * PERIOD, : side * PERIOD].reshape(side, PERIOD, side, PERIOD)
        found.append(cells.any(axis=(1, 3)))
    return np.mean(found, axis=0)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", type=Path, nargs="+")
    print("| images | n | dark ink | second differences | specks near, % | far, % | lattice, % | spot |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for run in parser.parse_args().runs:
        sets = {
            kind: [read_png(path) for path in sorted((run / kind).glob("*.png"))] for kind in ("true", "fake")
        }
        cells = {kind: spots(images) for kind, images in sets.items()}
        worst = np.unravel_index((cells["fake"] - cells["true"]).argmax(), cells["fake"].shape)
        for kind, images in sets.items():
            dark, second = np.nanmean([ink(image) for image in images], axis=0)
            near, far = specks(images)
            spot = (
                f"{100 * cells[kind][worst]:.0f} % in rows {PERIOD * worst[0]}-, columns {PERIOD * worst[1]}-"
            )
            shares = f"{100 * near:.2f} | {100 * far:.2f} | {100 * lattice(images):.1f}"
            print(f"| {run.name} {kind} | {len(images)} | {dark:.0f} | {second:.1f} | {shares} | {spot} |")


if __name__ == "__main__":
    main()
