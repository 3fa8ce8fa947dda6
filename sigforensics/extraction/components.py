"""Connected pieces of ink with their measures."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.images import FloatImage
from sigforensics.settings import Extraction

__all__ = ["Components", "find_components"]


@dataclass(frozen=True)
class Components:
    """Connected pieces of ink (8 neighbours); index i is label i + 1 in ``labels``, 0 is paper."""

    labels: NDArray[np.int32]
    """Shape (height, width)."""
    left: NDArray[np.int64]
    top: NDArray[np.int64]
    width: NDArray[np.int64]
    height: NDArray[np.int64]
    area: NDArray[np.int64]
    """Pixels of ink."""
    axial: NDArray[np.float64]
    """Share, 0 to 1, of the piece's contours that run along the page's axes, weighted by contrast: about a
    third and more in print, 0.22 where the directions are uniform."""
    contour: NDArray[np.float64]
    """Sum of the gradient magnitudes: the weight of ``axial``."""
    solid: NDArray[np.float64]
    """Share of the ink, 0 to 1, that lies in areas too wide to be pen strokes."""

    def __len__(self) -> int:
        return len(self.area)

    @property
    def right(self) -> NDArray[np.int64]:
        """The first column beyond each."""
        return self.left + self.width

    @property
    def bottom(self) -> NDArray[np.int64]:
        """The first row beyond each."""
        return self.top + self.height

    def mask(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The ink of the chosen pieces, shape (height, width)."""
        table = np.concatenate([[False], chosen])
        return table[self.labels]


def find_components(
    ink: NDArray[np.bool_], grey: FloatImage, *, per_mm: float, settings: Extraction
) -> Components:
    """Label the pieces of ink and measure them.

    Parameters
    ----------
    ink : bool, shape (height, width)
    grey : float32, shape (height, width)
        Paper 1, ink 0; the direction of contours is taken from it.
    per_mm : float
        Pixels a millimetre.
    """
    image = ink.astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(image, connectivity=8, ltype=cv2.CV_32S)
    where = np.flatnonzero(image)
    label = labels.ravel()[where]
    magnitude, along = _contours(grey, where, settings)
    contour = np.bincount(label, magnitude, count)[1:]
    axial = np.bincount(label, along, count)[1:] / np.maximum(contour, 1e-9)
    side = max(round(settings.solid_width * per_mm), 3)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    thick = cv2.morphologyEx(image, cv2.MORPH_OPEN, disc)
    left, top, width, height, area = stats[1:].astype(np.int64).T
    wide = np.bincount(label[thick.ravel()[where] > 0], minlength=count)[1:]
    solid = (wide / area).astype(np.float64)
    weight = np.asarray(contour, np.float64)
    return Components(np.asarray(labels, np.int32), left, top, width, height, area, axial, weight, solid)


def _contours(
    grey: FloatImage, where: NDArray[np.intp], settings: Extraction
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Gradient magnitude at some places, and the same where the gradient points along an axis of the page."""
    smooth = cv2.GaussianBlur(grey, (0, 0), settings.contour_sigma)
    across, down = (
        np.abs(cv2.Sobel(smooth, cv2.CV_32F, *order).ravel()[where]) for order in ((1, 0), (0, 1))
    )
    magnitude = np.sqrt(across * across + down * down)
    limit = np.float32(np.sin(np.radians(settings.axial_angle)))
    along = np.where(np.minimum(across, down) <= limit * magnitude, magnitude, np.float32(0))
    return magnitude, np.asarray(along, np.float32)
