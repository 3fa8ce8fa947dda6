"""A page with what was found and what was taken drawn over it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from sigforensics.extraction import Box, Candidate
from sigforensics.images import ByteImage, FloatImage, unit_to_bytes

__all__ = ["draw_judged", "draw_overlay"]

TAKEN = (0, 114, 178)
"""Red, green, blue: Okabe and Ito's blue, told from the other by any kind of colour vision."""
PROPOSED = (213, 94, 0)
"""Their vermilion."""


def draw_overlay(
    grey: FloatImage,
    candidates: Sequence[Candidate],
    taken: Sequence[Box],
    *,
    longest: int,
    dpi: tuple[float, float] | None = None,
) -> ByteImage:
    """The page in grey, the candidates' boxes and confidences in vermilion, the taken boxes and their ink in blue.

    Parameters
    ----------
    grey : ndarray of float32, shape (height, width)
        Grey image: paper 1, ink 0.
    candidates : sequence of Candidate
    taken : sequence of Box
    longest : int
        Pixels: a longer picture is shrunk.
    dpi : pair of float, optional
        Dots per inch of the page across and down, where they are known: the finer direction is shrunk to the other.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        Red, green, blue.
    """
    page = np.repeat(unit_to_bytes(grey)[..., None], 3, axis=-1)
    for candidate in candidates:
        if any(box.intersection_over_union(candidate.box) > 0.5 for box in taken):
            page[candidate.box.slices][candidate.mask] = TAKEN
    shrunk, scale = _shrunk(page, longest, dpi)
    for candidate in candidates:
        _frame(shrunk, candidate.box, scale, PROPOSED, f"{candidate.confidence:.2f}")
    for box in taken:
        _frame(shrunk, box, scale, TAKEN, "taken", below=True)
    return shrunk


def draw_judged(
    grey: FloatImage,
    truths: Sequence[tuple[str, Box]],
    found: Sequence[tuple[str, Box]],
    *,
    longest: int,
    dpi: tuple[float, float] | None = None,
) -> ByteImage:
    """The page in grey, with the boxes that somebody drew in blue and what was found in vermilion; each with its text.

    Shapes and dtypes as those of :func:`draw_overlay`.
    """
    page, scale = _shrunk(np.repeat(unit_to_bytes(grey)[..., None], 3, axis=-1), longest, dpi)
    for boxes, colour, below in ((truths, TAKEN, True), (found, PROPOSED, False)):
        for text, box in boxes:
            _frame(page, box, scale, colour, text, below=below)
    return page


def _shrunk(
    page: ByteImage, longest: int, dpi: tuple[float, float] | None
) -> tuple[ByteImage, tuple[float, float]]:
    """A copy no longer than that, of square pixels where those of the page are known, and its factors across and down."""
    across, down = dpi or (1.0, 1.0)
    width, height = page.shape[1] * min(1.0, down / across), page.shape[0] * min(1.0, across / down)
    scale = min(1.0, longest / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    factors = size[0] / page.shape[1], size[1] / page.shape[0]
    if factors == (1.0, 1.0):
        return page.copy(), factors
    return np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), np.uint8), factors


def _frame(
    page: ByteImage,
    box: Box,
    scale: tuple[float, float],
    colour: tuple[int, int, int],
    text: str,
    *,
    below: bool = False,
) -> None:
    """Draw into ``page``, which belongs to the caller's caller."""
    edges = (box.left, box.top, box.right - 1, box.bottom - 1)
    corners = [round(edge * factor) for edge, factor in zip(edges, (*scale, *scale), strict=True)]
    cv2.rectangle(page, (corners[0], corners[1]), (corners[2], corners[3]), colour, 2)
    line = corners[3] + 16 if below else corners[1] - 5
    place = (corners[0], min(max(line, 12), page.shape[0] - 4))
    cv2.putText(page, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 1, cv2.LINE_AA)
