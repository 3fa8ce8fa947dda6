"""Traces that JPEG leaves in pixels, whatever file they are in now.

JPEG rounds the DCT coefficients of blocks of 8 x 8 pixels to multiples of a step. On the grid of these blocks, and on none of
the 63 others, small coefficients have become zero and the others lie at multiples (Fan & de Queiroz 2003).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from sigforensics.audit.quantisation import quality_to_table
from sigforensics.images import ByteImage
from sigforensics.settings import Auditing

__all__ = ["Compression", "find_compression"]

SIDE = 8
COEFFICIENTS = ((1, 1), (0, 3), (3, 0), (2, 2), (3, 3), (4, 4))
"""Frequencies, down and across: steps at quality 90 are 2 to 14, while writing and grain still have something there."""
QUALITIES = np.arange(20, 100)
"""At 100 every step is 1, and nothing shows."""


@dataclass(frozen=True)
class Compression:
    """What an image shows of JPEG."""

    grid: float
    """Share, 0 to 1, by which fewer coefficients are left on the best grid than on a grid in the middle of the 64."""
    found: bool
    quality: int | None
    """Estimated; None where nothing was found, or too little is left to estimate it by."""


def find_compression(image: ByteImage, *, settings: Auditing | None = None) -> Compression:
    """Look for the grid, and for the steps on it.

    Parameters
    ----------
    image : uint8, shape (height, width)
        At least 16 pixels a side.
    settings : Auditing, optional
    """
    settings = settings or Auditing()
    left = _coefficients_left(image, settings.vanishing)
    middle, least = float(np.median(left)), float(left.min())
    grid = 1 - least / middle if middle else 0.0
    found = grid >= settings.jpeg_grid and middle - least >= settings.jpeg_deviations * np.sqrt(middle)
    top, start = np.unravel_index(int(left.argmin()), left.shape)
    quality = _estimate_quality(image[top:, start:], settings) if found else None
    return Compression(grid, bool(found), quality)


def _coefficients_left(image: ByteImage, vanishing: float) -> NDArray[np.float64]:
    """How many coefficients have not vanished on each of the 64 grids, the mean over some frequencies; shape (8, 8)."""
    pixels = image.astype(np.float32)
    height, width = (SIDE * ((side - SIDE + 1) // SIDE) for side in image.shape)
    waves = scipy.fft.idct(np.eye(SIDE, dtype=np.float32), axis=1, norm="ortho")
    left = np.zeros((SIDE, SIDE))
    for down, across in COEFFICIENTS:
        sliding = cv2.sepFilter2D(
            pixels, cv2.CV_32F, waves[across], waves[down], anchor=(0, 0), borderType=cv2.BORDER_REFLECT_101
        )
        kept = (np.abs(sliding[:height, :width]) >= vanishing).view(np.uint8)
        rows = kept.reshape(height // SIDE, SIDE * width).sum(axis=0, dtype=np.int64)
        left += rows.reshape(SIDE, width // SIDE, SIDE).sum(axis=1)
    return left / len(COEFFICIENTS)


def _estimate_quality(image: ByteImage, settings: Auditing) -> int | None:
    """The quality whose steps make the coefficients of the blocks likeliest (Neelamani et al. 2006).

    A coefficient that has not vanished lies within rounding of a multiple of its step s or, with a small probability e,
    anywhere: beside an unquantised one its density is (1 - e) s N(distance; rounding) + e. Blocks with pixels at 0 or 255
    are left out: clipping has moved their coefficients.
    """
    values, frequencies = _quantised_values(image, settings)
    if not values.size:
        return None
    sd, strays = settings.jpeg_rounding, settings.jpeg_strays
    likelihood = []
    for quality in QUALITIES:
        steps = quality_to_table(int(quality)).ravel()[frequencies]
        distances = values - steps * np.rint(values / steps)
        density = steps * np.exp(-0.5 * (distances / sd) ** 2) / (np.sqrt(2 * np.pi) * sd)
        density = np.where(steps > 1, density, 1.0)  # a step of 1 says nothing
        likelihood.append(np.log((1 - strays) * density + strays).mean())
    best = int(np.argmax(likelihood))
    return int(QUALITIES[best]) if likelihood[best] >= settings.jpeg_likelihood else None


def _quantised_values(image: ByteImage, settings: Auditing) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Coefficients of whole, unclipped, uneven blocks that have not vanished, and their places 1 to 63 in the block."""
    rows, columns = (side // SIDE for side in image.shape)
    whole = image[: SIDE * rows, : SIDE * columns].reshape(rows, SIDE, columns, SIDE)
    blocks = whole.transpose(0, 2, 1, 3).reshape(-1, SIDE, SIDE)
    lowest, highest = blocks.min(axis=(1, 2)), blocks.max(axis=(1, 2))
    blocks = blocks[(lowest > 0) & (highest < 255) & (lowest < highest)]
    blocks = blocks[:: max(1, len(blocks) // settings.jpeg_blocks)].astype(np.float32)
    coefficients = scipy.fft.dctn(blocks, axes=(1, 2), norm="ortho").reshape(-1, SIDE * SIDE)
    coefficients[:, 0] = 0
    block, frequency = np.nonzero(np.abs(coefficients) >= settings.vanishing)
    return coefficients[block, frequency], frequency
