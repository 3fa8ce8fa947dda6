"""Augmented edges: a random elastic deformation and random holes, from an explicit generator of random numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from sigforensics.images import ByteImage
from sigforensics.settings import Augmentation

__all__ = [
    "Distortion",
    "Square",
    "augment",
    "deform",
    "displacement_field",
    "draw_displacements",
    "draw_distortion",
    "draw_squares",
    "erase_squares",
    "image_rng",
]

Square = tuple[slice, slice]

REFERENCE_SIZE = 512
"""Pixels: the image side that the figures of :class:`sigforensics.settings.Augmentation` are stated for."""


def image_rng(seed: int, *names: str) -> np.random.Generator:
    """A generator that depends on the seed and the names (writer, sample, purpose) alone, not on any order of work."""
    joined = "\0".join(names).encode("utf-8", "surrogateescape")  # no name of a file holds a NUL
    digest = hashlib.sha256(joined).digest()
    return np.random.default_rng([seed, int.from_bytes(digest, "little")])


@dataclass(frozen=True, eq=False)
class Distortion:
    """What happens to one signature's edges."""

    displacements: NDArray[np.float64]
    """Pixels down and across at the control points, shape (2, points, points)."""
    holes: tuple[Square, ...]
    """Rows and columns of the squares that are erased after that."""

    def apply(self, edges: ByteImage) -> ByteImage:
        """Edges of the size that it was drawn for, deformed and with the squares set to zero."""
        return erase_squares(deform(edges, self.displacements), self.holes)


def draw_distortion(
    size: int, *, rng: np.random.Generator, settings: Augmentation | None = None
) -> Distortion:
    """A random distortion for edges of shape (size, size).

    Parameters
    ----------
    size : int
    rng : numpy.random.Generator
    settings : Augmentation, optional
        Displacements and holes are stated for 512 pixels and scale with the size.
    """
    settings = settings or Augmentation()
    scale = size / REFERENCE_SIZE
    displacements = draw_displacements(settings.grid, settings.max_displacement * scale, rng=rng)
    holes = draw_squares((size, size), side=round(settings.hole * scale), count=settings.holes, rng=rng)
    return Distortion(displacements, holes)


def augment(edges: ByteImage, *, rng: np.random.Generator, settings: Augmentation | None = None) -> ByteImage:
    """Deform the edges, then erase squares: :func:`draw_distortion`, applied.

    Parameters
    ----------
    edges : ndarray of uint8, shape (size, size)
    rng : numpy.random.Generator
    settings : Augmentation, optional

    Returns
    -------
    ndarray of uint8, shape (size, size)
    """
    return draw_distortion(len(edges), rng=rng, settings=settings).apply(edges)


def draw_displacements(grid: int, limit: float, *, rng: np.random.Generator) -> NDArray[np.float64]:
    """Displacements of the control points, uniform in [-limit, limit] pixels both ways: shape (2, grid, grid), rows first."""
    return rng.uniform(-limit, limit, size=(2, grid, grid))


def deform(image: ByteImage, displacements: NDArray[np.float64]) -> ByteImage:
    """Move the image along a smooth field: cubic splines between control points that span the image, zero outside.

    The value at (y, x) comes, bilinearly (in OpenCV's steps of 1/32 pixel), from (y, x) plus the displacement there.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width)
    displacements : ndarray, shape (2, points, points)
        Pixels down and across at the control points.
    """
    down, across = displacement_field(displacements, image.shape)
    y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]]
    moved = cv2.remap(
        image,
        (x + across).astype(np.float32),
        (y + down).astype(np.float32),
        interpolation=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    return np.asarray(moved, np.uint8)


def displacement_field(displacements: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """What cubic splines between control points that span an image of that height and width say of each of its pixels.

    Parameters
    ----------
    displacements : ndarray, shape (2, points, points)
        Pixels down and across at the control points.
    shape : tuple of int
        Height and width.

    Returns
    -------
    ndarray of float64, shape (2, height, width)
    """
    points = displacements.shape[1]
    places = np.meshgrid(*(np.linspace(0, points - 1, side) for side in shape), indexing="ij")
    return np.stack([map_coordinates(one, places, order=3, mode="nearest") for one in displacements])


def draw_squares(
    shape: tuple[int, int], *, side: int, count: int, rng: np.random.Generator
) -> tuple[Square, ...]:
    """Rows and columns of ``count`` squares that lie wholly within an image of that height and width; every pixel can be hit."""
    height, width = shape
    found = []
    for _ in range(count):
        top = int(rng.integers(0, max(height - side, 0), endpoint=True))
        left = int(rng.integers(0, max(width - side, 0), endpoint=True))
        found.append((slice(top, min(top + side, height)), slice(left, min(left + side, width))))
    return tuple(found)


def erase_squares(image: ByteImage, squares: Sequence[Square]) -> ByteImage:
    """A copy of the image in which the squares, rows and columns each, are zero."""
    erased = image.copy()
    for square in squares:
        erased[square] = 0
    return erased
