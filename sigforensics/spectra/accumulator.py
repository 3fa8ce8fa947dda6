"""Images in batches to one spectrum, in memory that does not grow with their number."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.errors import SizesDiffer, TooFewImages
from sigforensics.images import FloatImage
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra.bands import radial_bands
from sigforensics.spectra.moments import Moments, PowerSums
from sigforensics.spectra.spectrum import Spectrum
from sigforensics.spectra.transform import dct_magnitude_log

__all__ = ["SpectrumAccumulator"]


class SpectrumAccumulator:
    """Running statistics of the log-spectra of images of one size.

    Neither the order of the images nor how they are cut into batches and parts changes the result by more
    than the rounding of float64. Memory does not grow with the number of images but for the band features,
    one row of numbers an image.

    Parameters
    ----------
    settings : settings.Spectrum, optional
        Floor of the logarithm, number of radial bands, images transformed together.

    Examples
    --------
    >>> images = np.random.default_rng(0).random((5, 64, 64), dtype=np.float32)
    >>> whole, part = SpectrumAccumulator(), SpectrumAccumulator()
    >>> whole.update(images[:3])
    >>> part.update(images[3:])
    >>> whole.merge(part)
    >>> whole.result().n
    5
    """

    def __init__(self, *, settings: SpectrumSettings | None = None) -> None:
        self.settings = settings or SpectrumSettings()
        self._sums: _Sums | None = None
        self._features: list[NDArray[np.float64]] = []

    @property
    def n(self) -> int:
        """Images seen."""
        return len(self._features)

    @property
    def shape(self) -> tuple[int, int] | None:
        """(height, width) of the images, once one has been seen."""
        return None if self._sums is None else self._sums.shape

    def update(self, images: FloatImage, *, where: object = "images") -> None:
        """Add a batch of images.

        Parameters
        ----------
        images : float32, shape (n, height, width)
            In [0, 1]; any n.
        where : object
            What an error names: a file or a set.

        Raises
        ------
        SizesDiffer
            If their size is not that of the images before.
        ImageTooSmall
            If a radial band holds no coefficient at this size.
        ValueError
            If they are no batch of float32 images in [0, 1].
        """
        if len(images) == 0:
            return
        sums = self._sums_for(images.shape[1:], where)
        bands = radial_bands(*sums.shape, self.settings.bands)
        for image in images:
            contiguous = np.ascontiguousarray(image)
            log = dct_magnitude_log(contiguous[np.newaxis], floor=self.settings.floor)[0]
            if sums.batch.n == self.settings.batch:
                sums.settle()
            sums.batch.add(log)
            cv2.accumulate(contiguous, sums.image)
            self._features.append(bands.means(log))

    def merge(self, other: SpectrumAccumulator, *, where: object = "images") -> None:
        """Add all that another accumulator has seen; the other is left as it is.

        Raises
        ------
        SizesDiffer
            If it has seen images of another size.
        ValueError
            If its floor or its bands are others: the statistics would be different ones.
        """
        mine, its = self.settings, other.settings
        if (mine.floor, mine.bands) != (its.floor, its.bands):
            raise ValueError("accumulators of different floors or bands cannot be merged")
        if other._sums is not None:
            self._sums_for(other._sums.shape, where).merge(other._sums)
            self._features.extend(other._features)

    def clear(self) -> None:
        """Forget all images but their size, and keep the memory."""
        self._features = []
        if self._sums is not None:
            self._sums.clear()

    def result(self, *, where: object = "images") -> Spectrum:
        """The spectrum of all images so far.

        Raises
        ------
        TooFewImages
            If there was none.
        """
        if self._sums is None or self.n == 0:
            raise TooFewImages(where, "no image to take the spectrum of", "give at least one image")
        moments = self._sums.settle()
        return Spectrum(
            n=self.n,
            floor=self.settings.floor,
            mean_of_log=moments.mean.copy(),
            variance_of_log=moments.m2 / (self.n - 1) if self.n > 1 else np.full_like(moments.m2, np.nan),
            mean_image=self._sums.image / self.n,
            band_edges=radial_bands(*self._sums.shape, self.settings.bands).edges,
            band_features=np.array(self._features),
        )

    def _sums_for(self, shape: tuple[int, ...], where: object) -> _Sums:
        height, width = shape
        if self._sums is None:
            radial_bands(
                height, width, self.settings.bands
            )  # refuse a size that is too small before keeping it
            self._sums = _Sums((height, width))
        if self._sums.shape != (height, width):
            before = "{1} x {0}".format(*self._sums.shape)
            raise SizesDiffer(where, f"{width} x {height} pixels where the images before have {before}")
        return self._sums


class _Sums:
    """All sums over images of one size; the last few logarithms stand apart until there is a batch of them.

    Three arrays of float64 as long as there is no more than a batch, five from then on.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = shape
        self.moments: Moments | None = None
        self.batch = PowerSums(shape)
        self.image = np.zeros(shape)

    def settle(self) -> Moments:
        """Merge the last few images into the moments."""
        if self.moments is None:
            self.moments = Moments(self.shape)
        self.moments.add(self.batch)
        self.batch.clear()
        return self.moments

    def merge(self, other: _Sums) -> None:
        moments = self.settle()
        if other.moments is not None:
            moments.merge(other.moments)
        moments.add(other.batch)
        self.image += other.image

    def clear(self) -> None:
        self.moments = None
        self.batch.clear()
        self.image.fill(0.0)
