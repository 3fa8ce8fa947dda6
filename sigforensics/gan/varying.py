"""Rows of a training varied: strokes as broad, as dark and as bent as those of scans that the corpus does not have."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.augmentation import REFERENCE_SIZE, displacement_field, draw_displacements
from sigforensics.images import ByteImage
from sigforensics.preprocessing import target_to_edges, threshold
from sigforensics.settings import Augmentation, Preprocessing, Training

__all__ = ["vary_row"]


def vary_row(
    edges: ByteImage,
    mask: ByteImage,
    target: ByteImage,
    *,
    settings: Training,
    preprocessing: Preprocessing,
    rng: np.random.Generator,
) -> tuple[ByteImage, ByteImage, ByteImage]:
    """Edges, mask and target as they are or, in the share of draws that the settings state, of a varied signature.

    Target and mask are moved alike, and their ink made darker or fainter alike; edges are traced from the varied target, whose
    paper is cleared as that of any other. Enlarging and bending are one step of bicubic interpolation. Blank rows stay as they
    are; one of faint ink can become blank.

    Parameters
    ----------
    edges, mask, target : ndarray of uint8, shape (size, size)
    settings : Training
    preprocessing : Preprocessing
        The corpus'.
    rng : numpy.random.Generator

    Returns
    -------
    tuple of ndarray of uint8, shape (size, size) each
    """
    inked = np.flatnonzero(target)
    if rng.random() >= settings.varied or not inked.size:
        return edges, mask, target
    size = len(target)
    displacements = draw_displacements(Augmentation().grid, settings.bent * size / REFERENCE_SIZE, rng=rng)
    factor = _between(settings.enlarged, rng) if rng.random() < settings.enlarged_share else 1.0
    centre = np.array(divmod(int(rng.choice(inked)), size))
    level = _between(settings.darkened, rng)
    start = np.clip(centre - size / factor / 2, 0, size - size / factor)
    places = _places(displacements, size=size, factor=factor, start=start)
    moved_target, moved_mask = (
        np.clip(np.rint(level * _move(image, places)), 0, 255).astype(np.uint8) for image in (target, mask)
    )
    moved_target = threshold(moved_target, level=preprocessing.threshold)
    return target_to_edges(moved_target, settings=preprocessing), moved_mask, moved_target


def _between(limits: tuple[float, float], rng: np.random.Generator) -> float:
    least, greatest = limits
    return math.exp(rng.uniform(math.log(least), math.log(greatest)))


def _places(
    displacements: NDArray[np.float64], *, size: int, factor: float, start: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Where in the image each pixel comes from: rows and columns, shape (2, size, size)."""
    pixels = np.mgrid[0:size, 0:size] + displacement_field(displacements, (size, size))
    return np.asarray((pixels + 0.5) / factor - 0.5 + start[:, None, None], np.float32)


def _move(image: ByteImage, places: NDArray[np.float32]) -> NDArray[np.float32]:
    moved = cv2.remap(
        image.astype(np.float32),
        places[1],
        places[0],
        interpolation=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    return np.asarray(moved, np.float32)
