"""Images in batches to one spectrum, in memory that does not grow with their number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigforensics.errors import SizesDiffer, TooFewImages
from sigforensics.images import FloatImage
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra.bands import radial_bands
from sigforensics.spectra.moments import Moments
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
        self._moments: Moments | None = None
        self._image_sum = np.zeros(())
        self._features: list[NDArray[np.float64]] = []

    @property
    def n(self) -> int:
        """Images seen."""
        return 0 if self._moments is None else self._moments.n

    @property
    def shape(self) -> tuple[int, int] | None:
        """(height, width) of the images, once one has been seen."""
        return None if self._moments is None else (self._moments.mean.shape[0], self._moments.mean.shape[1])

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
        moments = self._moments_for(images.shape[1:], where)
        bands = radial_bands(*moments.mean.shape, self.settings.bands)
        for start in range(0, len(images), self.settings.batch):
            batch = images[start : start + self.settings.batch]
            logs = dct_magnitude_log(batch, floor=self.settings.floor)
            moments.add_batch(logs)
            for image in batch:
                self._image_sum += image
            self._features.extend(bands.means(log) for log in logs)

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
        if other._moments is None:
            return
        self._moments_for(other._moments.mean.shape, where).merge(other._moments)
        self._image_sum += other._image_sum
        self._features.extend(other._features)

    def result(self, *, where: object = "images") -> Spectrum:
        """The spectrum of all images so far.

        Raises
        ------
        TooFewImages
            If there was none.
        """
        if self._moments is None:
            raise TooFewImages(where, "no image to take the spectrum of", "give at least one image")
        n = self._moments.n
        variance = self._moments.m2 / (n - 1) if n > 1 else np.full_like(self._moments.m2, np.nan)
        return Spectrum(
            n=n,
            floor=self.settings.floor,
            mean_of_log=self._moments.mean.copy(),
            variance_of_log=variance,
            mean_image=self._image_sum / n,
            band_edges=radial_bands(*self._moments.mean.shape, self.settings.bands).edges,
            band_features=np.array(self._features),
        )

    def _moments_for(self, shape: tuple[int, ...], where: object) -> Moments:
        height, width = shape
        if self._moments is None:
            radial_bands(
                height, width, self.settings.bands
            )  # refuse a size that is too small before keeping it
            self._moments = Moments((height, width))
            self._image_sum = np.zeros((height, width))
        if self._moments.mean.shape != (height, width):
            before = "{1} x {0}".format(*self._moments.mean.shape)
            raise SizesDiffer(where, f"{width} x {height} pixels where the images before have {before}")
        return self._moments
