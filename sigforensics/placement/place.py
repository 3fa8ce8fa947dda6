"""The place of a signature on its page: emptied once, and filled as often as one likes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.extraction import Box, Signature
from sigforensics.images import ByteImage
from sigforensics.placement.paper import restore_paper, to_luma
from sigforensics.placement.pen import colour_of_ink, darkness_of_pen, lay_ink
from sigforensics.preprocessing import ink_to_target, target_to_ink
from sigforensics.scans import PageValues
from sigforensics.settings import Placing, Preprocessing

__all__ = ["Place", "Placed"]

BoolImage = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Placed:
    """A page with a signature that was put on it."""

    values: NDArray[Any]
    """Of the type, layout and polarity of the page; equal to it, to the bit, beyond what was changed."""
    changed: Box
    """The smallest box around all pixels that may differ from the page's."""
    emptied: int
    """Pixels from which the true ink was taken."""
    inked: int
    """Pixels that bear ink of the signature that was put there."""
    ink_factor: float
    """Factor by which its ink values were multiplied to have the darkness of the true pen; 1 for the true signature."""


class Place:
    """Where a signature stands on a page.

    Parameters
    ----------
    page : PageValues
    signature : Signature
        As it was taken from that page: its box and its ink.
    per_mm : float
        Pixels of the page a millimetre.
    rng : numpy.random.Generator
        Of the grain of the paper that is restored.
    chain : Preprocessing
        Of the images that are to be put there.
    settings : Placing, optional
    """

    def __init__(
        self,
        page: PageValues,
        signature: Signature,
        *,
        per_mm: float,
        rng: np.random.Generator,
        chain: Preprocessing,
        settings: Placing | None = None,
    ) -> None:
        settings = settings or Placing()
        height, width = page.values.shape[:2]
        reach = round(settings.reach * per_mm)
        self._page, self._chain, self._box = page, chain, signature.box
        self._around = signature.box.grown(reach, reach, (height, width))
        part = PageValues(page.values[self._around.slices], page.bright).brightness()
        strokes = self._placed(255 * signature.ink >= chain.threshold)
        self._hole = widened(strokes, to_luma(part), round(settings.border * per_mm))
        self._ground = restore_paper(part, self._hole, per_mm=per_mm, rng=rng, settings=settings)
        self._colour = colour_of_ink(part, self._ground, strokes, reach=settings.shade * per_mm)
        self._strokes = strokes
        self._dark_share = settings.dark_share
        self._darkness = self._darkness_of(ink_to_target(signature.on_white, settings=chain))

    @property
    def colour(self) -> tuple[float, ...]:
        """Absorbance of the true ink in each channel over that of its luma, mean over its strokes; see :func:`colour_of_ink`."""
        return tuple(float(value) for value in self._colour[self._strokes].mean(axis=0))

    def put(self, image: ByteImage) -> Placed:
        """A copy of the page with a prepared signature, true or generated, in the place of its own, as dark as that one's pen.

        Parameters
        ----------
        image : ndarray of uint8, shape (size, size)
            Ink bright on paper 0, as :func:`sigforensics.preprocessing.ink_to_target` gives it.
        """
        drawn = self._darkness_of(image)
        factor = self._darkness / drawn if drawn and self._darkness else 1.0
        ink = target_to_ink(image, (self._box.height, self._box.width), settings=self._chain)
        ink = np.minimum(ink * np.float32(factor), 1)
        laid = lay_ink(self._ground, self._placed(ink), colour=self._colour)
        inked = np.any(laid != self._ground.brightness, axis=-1)
        changed = self._hole | inked
        values = self._page.values.copy()
        values[self._around.slices][changed] = self._page.from_brightness(laid[changed])
        return Placed(values, self._bounds(changed), int(self._hole.sum()), int(inked.sum()), factor)

    def _darkness_of(self, image: ByteImage) -> float:
        return darkness_of_pen(image, share=self._dark_share)

    def _placed(self, crop: NDArray[Any]) -> NDArray[Any]:
        """What lies in the box of the signature, in a frame of zeros as wide as the part of the page that is worked on."""
        whole = np.zeros((self._around.height, self._around.width), crop.dtype)
        row, column = self._box.top - self._around.top, self._box.left - self._around.left
        whole[row : row + self._box.height, column : column + self._box.width] = crop
        return whole

    def _bounds(self, changed: BoolImage) -> Box:
        rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        if not len(rows):
            return Box(self._box.left, self._box.top, 0, 0)
        left, top = self._around.left, self._around.top
        return Box.spanning(
            left + int(columns[0]), top + int(rows[0]), left + int(columns[-1]) + 1, top + int(rows[-1]) + 1
        )


def widened(strokes: BoolImage, luma: NDArray[np.float32], border: int) -> BoolImage:
    """Strokes with their soft borders, without the print beside them.

    A pixel of the border is print if it is dark and within the border's width of a dark pixel that lies beyond the border.

    Parameters
    ----------
    strokes : ndarray of bool, shape (height, width)
    luma : ndarray of float32, shape (height, width)
        Paper bright.
    border : int
        Pixels.
    """
    kernel = np.ones((2 * max(border, 1) + 1,) * 2, np.uint8)
    wide = cv2.dilate(strokes.astype(np.uint8), kernel) > 0
    paper = float(np.median(luma))
    dark = luma < (paper + float(luma.min())) / 2
    beyond = cv2.dilate((dark & ~wide).astype(np.uint8), kernel) > 0
    return np.asarray(wide & ~(beyond & dark & ~strokes), np.bool_)
