"""A signature verifier of the classical kind: HOG and LBP features of the cut-out signature, and an SVM for each writer.

After Yilmaz, Yanikoglu, Tirkaz & Kholmatov 2011, *Offline signature verification using classifier combination of HOG and LBP
features* (IJCB): local histograms of gradient directions (Dalal & Triggs 2005) and of local binary patterns (Ojala et al.
2002), and user-dependent support vector machines. Grids and sizes are our own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.feature import hog, local_binary_pattern
from skimage.filters import threshold_otsu
from sklearn.svm import SVC

from sigforensics.images import ByteImage

Array = NDArray[np.float64]
LOOKS = ("shape", "grey", "grey, loose")
"""What the verifier sees: where the dark part of the ink is; all grey values in the box of that part; or in the box of every
pixel above 0."""
HEIGHT, WIDTH = 128, 256
"""Pixels: the frame that the cut-out signature is fitted into, aspect ratio kept."""
CELL, ORIENTATIONS = 16, 9
"""HOG: pixels a side of a cell, bins of direction; 2 x 2 cells a block."""
NEIGHBOURS, RADIUS = 8, 2
"""LBP: points on a circle, its radius in pixels; uniform, rotation-invariant patterns."""
ROWS, COLUMNS = 3, 6
"""Zones of the frame with a histogram of patterns each."""
PENALTY = 10.0
"""C of the support vector machine."""


def dark_part(image: ByteImage) -> NDArray[np.bool_]:
    """What lies above Otsu's threshold of the pixels that are not paper."""
    inked = image[image > 0]
    level = threshold_otsu(inked) if inked.size and inked.min() < inked.max() else 0
    return np.asarray(image > level)


def cut_out(image: ByteImage, look: str) -> ByteImage:
    """The ink, cropped to the box of its dark part and fitted into the frame; grey values 0 to 255, ink bright.

    With "shape" and "grey" the box follows the dark part. With "grey, loose" it follows every pixel above 0: specks of paper
    that survived the target's threshold, which true images have far from the ink, then decide the crop.
    """
    dark = image > 0 if look == "grey, loose" else dark_part(image)
    if not dark.any():
        return np.zeros((HEIGHT, WIDTH), np.uint8)
    down, across = (np.flatnonzero(dark.any(axis=axis)) for axis in (1, 0))
    values = np.where(dark, np.uint8(255), np.uint8(0)) if look == "shape" else image
    part = values[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
    scale = min(HEIGHT / part.shape[0], WIDTH / part.shape[1])
    height, width = (max(1, round(side * scale)) for side in part.shape)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    top, left = (HEIGHT - height) // 2, (WIDTH - width) // 2
    frame = np.zeros((HEIGHT, WIDTH), np.uint8)
    frame[top : top + height, left : left + width] = cv2.resize(part, (width, height), interpolation=method)
    return frame


def hog_features(frame: ByteImage) -> Array:
    """Histograms of gradient directions, normalised in blocks (L2, clipped at 0.2, L2 again)."""
    found = hog(
        frame / 255.0,
        orientations=ORIENTATIONS,
        pixels_per_cell=(CELL, CELL),
        cells_per_block=(2, 2),
        block_norm="L2-Hys",
        transform_sqrt=False,
        feature_vector=True,
    )
    return np.asarray(found, np.float64)


def lbp_features(frame: ByteImage) -> Array:
    """Square roots of the shares of each pattern in each zone of the frame."""
    patterns = local_binary_pattern(frame, NEIGHBOURS, RADIUS, method="uniform").astype(int)
    zones = [
        zone for band in np.array_split(patterns, ROWS) for zone in np.array_split(band, COLUMNS, axis=1)
    ]
    counts = np.stack([np.bincount(zone.ravel(), minlength=NEIGHBOURS + 2) / zone.size for zone in zones])
    return np.sqrt(counts).ravel()


BLOCKS: tuple[Callable[[ByteImage], Array], ...] = (hog_features, lbp_features)


class FeatureTable:
    """Features of images, computed once an image: HOG and LBP side by side."""

    def __init__(self, look: str) -> None:
        self.look = look
        self.widths: tuple[int, ...] = ()
        """Numbers of features in each block."""
        self._known: dict[str, Array] = {}

    def __call__(self, images: Iterable[ByteImage]) -> Array:
        """Shape (n, features)."""
        return np.stack([self._of(image) for image in images])

    def _of(self, image: ByteImage) -> Array:
        key = image_key(image)
        if key not in self._known:
            frame = cut_out(image, self.look)
            parts = [block(frame) for block in BLOCKS]
            self.widths = tuple(map(len, parts))
            self._known[key] = np.concatenate(parts)
        return self._known[key]


def image_key(image: ByteImage) -> str:
    """The same for images of the same pixels."""
    return hashlib.sha256(repr(image.shape).encode() + image.tobytes()).hexdigest()


def train_verifier(genuine: Array, others: Array, *, widths: tuple[int, ...]) -> Callable[[Array], Array]:
    """A scorer for one writer: the higher, the more genuine; 0 is the machine's own border.

    Parameters
    ----------
    genuine, others : ndarray, shape (n, features)
        Of this writer's known signatures, and of other writers' as random forgeries.
    widths : tuple of int
        Blocks of features; each is centred and divided by one number, so that all weigh alike.
    """
    known = np.concatenate([genuine, others])
    mean = known.mean(axis=0)
    edges = np.cumsum(widths)[:-1]
    spreads = [np.sqrt(part.var(axis=0).sum()) or 1.0 for part in np.split(known, edges, axis=1)]
    divisor = np.repeat(spreads, widths)
    machine = SVC(kernel="rbf", C=PENALTY, gamma=1 / len(widths), class_weight="balanced")
    machine.fit((known - mean) / divisor, np.repeat([1, -1], [len(genuine), len(others)]))

    def score(features: Array) -> Array:
        return np.asarray(machine.decision_function((features - mean) / divisor), np.float64)

    return score
