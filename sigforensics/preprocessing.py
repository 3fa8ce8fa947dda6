"""From a cropped signature to what the networks see: target, edges and the writer's mean (mask).

The chain of the reference, with its two slips mended: padding is exact for odd differences, and shrinking averages instead of
aliasing (see :class:`sigforensics.settings.Preprocessing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.errors import PaperTooDark, SizesDiffer, SpecimensMissing, TableInvalid
from sigforensics.images import ByteImage, FloatImage, bytes_to_unit, unit_to_bytes
from sigforensics.settings import Paper, Preprocessing, Resampling

__all__ = [
    "check_paper",
    "dark_ink",
    "ink_to_target",
    "pad_to_square",
    "paper_map",
    "preprocessing_of",
    "resize_square",
    "target_to_edges",
    "target_to_ink",
    "targets_to_mask",
    "threshold",
]

REFERENCE_SIZE = 512
"""Pixels: the image side that the figures of :class:`sigforensics.settings.Paper` are stated for."""
LEAST_PAPER = 0.02
"""Share of paper within the window, below which it says little: the map goes to 0 there."""


def ink_to_target(ink: FloatImage, *, settings: Preprocessing | None = None) -> ByteImage:
    """The target: padded to a square, resized, rounded to 8 bits, paper cleared.

    Parameters
    ----------
    ink : ndarray of float32, shape (height, width)
        Ink image: ink 1 on paper 0.
    settings : Preprocessing, optional

    Returns
    -------
    ndarray of uint8, shape (size, size)
        Ink bright on paper 0; no value between 1 and the threshold less 1.
    """
    settings = settings or Preprocessing()
    square = resize_square(pad_to_square(ink), size=settings.size, resampling=settings.resampling)
    return threshold(unit_to_bytes(square), level=settings.threshold)


def target_to_ink(
    target: ByteImage, shape: tuple[int, int], *, settings: Preprocessing | None = None
) -> FloatImage:
    """The ink image of that shape whose target this could be: the same geometry, backwards.

    Detail that shrinking averaged away does not come back, nor does ink below the threshold. Enlarging is bicubic.

    Parameters
    ----------
    target : ndarray of uint8, shape (size, size)
    shape : tuple of int
        Height and width of the ink image.
    settings : Preprocessing, optional

    Returns
    -------
    ndarray of float32, shape ``shape``
        Ink image: ink 1 on paper 0.
    """
    settings = settings or Preprocessing()
    height, width = shape
    side = max(shape)
    square = bytes_to_unit(target)
    if side > len(square):
        square = np.asarray(cv2.resize(square, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)
    else:
        square = resize_square(square, size=side, resampling=settings.resampling)
    top, left = (side - height) // 2, (side - width) // 2
    return np.clip(square[top : top + height, left : left + width], 0, 1)


def check_paper(ink: FloatImage, *, where: object, settings: Preprocessing | None = None) -> None:
    """Refuse an image whose paper the threshold would not clear: it would turn the whole image into "ink".

    Raises
    ------
    PaperTooDark
        If the median ink value, which is paper in any picture of a signature, is not below the threshold.
    """
    level = (settings or Preprocessing()).threshold
    paper = 255 * float(np.median(ink))
    if paper >= level:
        raise PaperTooDark(where, f"the paper has ink value {paper:.0f} of 255, and the threshold is {level}")


def pad_to_square(ink: FloatImage) -> FloatImage:
    """Centre the image in the smallest square of paper; an odd difference leaves the larger half right or below.

    >>> pad_to_square(np.ones((2, 5), np.float32)).sum(axis=1).tolist()
    [0.0, 5.0, 5.0, 0.0, 0.0]
    """
    height, width = ink.shape
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    return np.pad(ink, ((top, side - height - top), (left, side - width - left)))


def resize_square(square: FloatImage, *, size: int, resampling: Resampling) -> FloatImage:
    """Resize to (size, size); values stay in [0, 1]. An image that has that size already is returned as it is."""
    if square.shape == (size, size):
        return square.copy()
    shrinks = square.shape[0] > size
    method = cv2.INTER_AREA if shrinks and resampling == "area" else cv2.INTER_LINEAR
    resized = cv2.resize(square, (size, size), interpolation=method)
    return np.clip(resized, 0, 1).astype(np.float32)  # means of values in [0, 1] overshoot by rounding alone


def threshold(image: ByteImage, *, level: int) -> ByteImage:
    """Values below ``level`` become 0: the last step of true and generated images alike.

    >>> threshold(np.array([24, 25, 26], np.uint8), level=25).tolist()
    [0, 25, 26]
    """
    return np.where(image < level, np.uint8(0), image)


def target_to_edges(target: ByteImage, *, settings: Preprocessing | None = None) -> ByteImage:
    """The network's input: Gaussian blur, then Canny's edges (OpenCV's), 255 on 0.

    Source: Canny 1986 in OpenCV's form (Sobel gradients, |gx| + |gy|, hysteresis on the 8-bit scale), as in the reference.
    """
    settings = settings or Preprocessing()
    kernel = (settings.blur_size, settings.blur_size)
    blurred = cv2.GaussianBlur(target, kernel, settings.blur_sigma, borderType=cv2.BORDER_REFLECT_101)
    edges = cv2.Canny(
        blurred,
        settings.canny_low,
        settings.canny_high,
        apertureSize=settings.canny_aperture,
        L2gradient=settings.canny_l2,
    )
    return np.asarray(edges, np.uint8)


def paper_map(target: ByteImage, edges: ByteImage, *, settings: Paper | None = None) -> FloatImage:
    """How specked the paper is around each pixel: the square root of the share of ink away from all edges.

    A normalised convolution (Knutsson & Westin 1993): share = blur(specks) / blur(pixels that are no stroke).

    Parameters
    ----------
    target : ndarray of uint8, shape (size, size)
    edges : ndarray of uint8, shape (size, size)
        The target's own, not augmented ones.
    settings : Paper, optional

    Returns
    -------
    ndarray of float32, shape (size, size), in [0, 1]
    """
    settings = settings or Paper()
    scale = target.shape[0] / REFERENCE_SIZE
    side = 2 * round(settings.reach * scale) + 1
    paper = cv2.dilate(edges, np.ones((side, side), np.uint8)) == 0
    share = _blur(paper & (target > 0), settings.sigma * scale) / (
        _blur(paper, settings.sigma * scale) + LEAST_PAPER
    )
    return np.asarray(np.sqrt(np.clip(share, 0, 1)), np.float32)


def dark_ink(target: ByteImage, *, dark: int) -> float:
    """Mean ink, 0 (paper) to 1, of a target's dark pixels; 0 where it has none.

    Parameters
    ----------
    target : uint8, shape (height, width)
        Paper 0.
    dark : int
        Of 255: pixels from there on are dark.
    """
    ink = target[target >= dark]
    return float(ink.mean()) / 255 if len(ink) else 0.0


def _blur(values: NDArray[np.bool_], sigma: float) -> FloatImage:
    blurred = cv2.GaussianBlur(values.astype(np.float32), (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(blurred, np.float32)


def targets_to_mask(targets: Iterable[ByteImage], *, writer: str = "the writer") -> ByteImage:
    """The writer's average signature: the mean of the targets, rounded half to even, in the memory of one image.

    Raises
    ------
    SpecimensMissing
        If there are no targets.
    SizesDiffer
    """
    total: NDArray[np.float64] | None = None
    count = 0
    for target in targets:
        if total is None:
            total = np.zeros(target.shape)
        elif target.shape != total.shape:
            raise SizesDiffer(writer, f"targets of {total.shape} and of {target.shape} pixels")
        total += target
        count += 1
    if total is None:
        raise SpecimensMissing(writer, "no signature to average into the mask")
    return np.asarray(np.rint(total / count), np.uint8)


def preprocessing_of(record: Mapping[str, Any], *, where: object) -> Preprocessing:
    """The settings that a prepared corpus was made with, from its record.

    Raises
    ------
    TableInvalid
        If the record is not that of ``prepare``.
    """
    try:
        return Preprocessing(**record["settings"]["prepare"]["preprocessing"])
    except (KeyError, TypeError) as error:
        raise TableInvalid(
            where, "has no record of 'sigforensics prepare'", "prepare the corpus again"
        ) from error
