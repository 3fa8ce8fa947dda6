"""All sums over images that a spectrum is made of, as arrays that merge and can be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.images import FloatImage
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra.grid import NYQUIST
from sigforensics.spectra.moments import BatchedMoments

__all__ = ["Arrays", "ImageSum", "Sums"]

Arrays = dict[str, NDArray[Any]]


class Sums:
    """All sums over images."""

    def __init__(self, shape: tuple[int, int], settings: SpectrumSettings) -> None:
        self.log = BatchedMoments(shape, batch=settings.part)
        self.image = ImageSum()

    def merge(self, other: Sums) -> None:
        """Add all sums of others; they are left as they are."""
        self.log.merge(other.log)
        self.image.merge(other.image)

    def settle(self) -> None:
        """Give up what is kept only to add images faster."""
        self.log.settle()

    def clear(self) -> None:
        """Forget all images, and keep the memory."""
        self.log.clear()
        self.image.clear()

    def arrays(self) -> Arrays:
        """All that :meth:`from_arrays` needs; the arrays are those of the sums themselves."""
        log = self.log.settle()
        return {"n": np.array(log.n), "log_mean": log.mean, "log_m2": log.m2, **self.image.arrays()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], settings: SpectrumSettings) -> Sums:
        """The sums again, equal to the last bit."""
        n = int(arrays["n"])
        sums = cls(arrays["log_mean"].shape, settings)
        sums.log.begin(n, arrays["log_mean"], arrays["log_m2"])
        sums.image.begin(n, arrays)
        return sums


class ImageSum:
    """Sum of the images themselves, for as long as they are of one size."""

    def __init__(self) -> None:
        self.total: NDArray[np.float64] | None = None
        self.nyquist = NYQUIST
        self._n = 0
        self._mixed = False

    def add(self, image: FloatImage, nyquist: tuple[float, float]) -> None:
        """Add one image."""
        total = self._total_for(image.shape, nyquist)
        if total is not None:
            cv2.accumulate(image, total)
        self._n += 1

    def merge(self, other: ImageSum) -> None:
        """Add the sum of others; it is left as it is."""
        if other._n == 0:
            return
        if other.total is None:
            self._mixed, self.total = True, None
        elif (total := self._total_for(other.total.shape, other.nyquist)) is not None:
            total += other.total
        self._n += other._n

    def clear(self) -> None:
        """Forget all images, and keep the memory."""
        self._n, self._mixed = 0, False
        if self.total is not None:
            self.total.fill(0.0)

    def arrays(self) -> Arrays:
        """What :meth:`begin` needs: nothing where the images differ in size."""
        return {} if self.total is None else {"image": self.total, "image_nyquist": np.array(self.nyquist)}

    def begin(self, n: int, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over the sum of ``n`` images, at least one."""
        self._n, self._mixed = n, "image" not in arrays
        if not self._mixed:
            down, across = arrays["image_nyquist"].tolist()
            self.total, self.nyquist = arrays["image"], (down, across)

    def _total_for(self, shape: tuple[int, ...], nyquist: tuple[float, float]) -> NDArray[np.float64] | None:
        """The sum, if images of this size can be added to it: the first may have any."""
        if self._mixed:
            return None
        if self.total is None or (self.total.shape, self.nyquist) != (shape, nyquist):
            self._mixed = self._n > 0
            self.total = None if self._mixed else np.zeros(shape)
            self.nyquist = nyquist
        return self.total
