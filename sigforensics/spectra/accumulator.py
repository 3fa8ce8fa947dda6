"""Images in batches to one spectrum, in memory that does not grow with their number."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.errors import SizesDiffer, TooFewImages
from sigforensics.images import FloatImage
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra.bands import band_edges
from sigforensics.spectra.features import image_features
from sigforensics.spectra.grid import NYQUIST, FrequencyGrid, onto_grid
from sigforensics.spectra.lines import DIRECTIONS
from sigforensics.spectra.moments import BatchedMoments
from sigforensics.spectra.spectrum import Spectrum
from sigforensics.spectra.transform import dct_magnitude_log

__all__ = ["SpectrumAccumulator"]


class SpectrumAccumulator:
    """Running statistics of the log-spectra of images.

    Neither the order of the images nor how they are cut into batches and parts changes the result by more
    than the rounding of float64. Memory does not grow with the number of images but for their features,
    one row of numbers an image.

    Parameters
    ----------
    settings : settings.Spectrum, optional
        Floor of the logarithm, number of radial bands, peaks, images transformed together.
    grid : FrequencyGrid, optional
        The frequencies of the maps, for images of different sizes: all that are at least as fine are taken.
        Without it, the first image's own coefficients are the grid, and all must have its size.

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

    def __init__(
        self, *, settings: SpectrumSettings | None = None, grid: FrequencyGrid | None = None
    ) -> None:
        self.settings = settings or SpectrumSettings()
        self.grid = grid
        """Of the maps; that of the first image where none was given."""
        self._own = grid is None
        self._sums: _Sums | None = None
        self._features: list[NDArray[np.float64]] = []

    @property
    def n(self) -> int:
        """Images seen."""
        return len(self._features)

    @property
    def shape(self) -> tuple[int, int] | None:
        """(height, width) of the maps, once an image has been seen."""
        return None if self._sums is None or self.grid is None else self.grid.shape

    def update(
        self, images: FloatImage, *, nyquist: tuple[float, float] = NYQUIST, where: object = "images"
    ) -> None:
        """Add a batch of images.

        Parameters
        ----------
        images : float32, shape (n, height, width)
            In [0, 1]; any n.
        nyquist : pair of float
            Their vertical and horizontal Nyquist frequency, in the grid's unit.
        where : object
            What an error names: a file or a set.

        Raises
        ------
        SizesDiffer
            If their size is not that of the images before, or, where a grid was given, too small for it.
        ImageTooSmall
            If a radial band holds no coefficient at this size.
        ValueError
            If they are no batch of float32 images in [0, 1].
        """
        if len(images) == 0:
            return
        shape = images.shape[1], images.shape[2]
        grid = self._grid_for(shape, nyquist, where)
        features = image_features(shape, nyquist, grid, self.settings)
        self.grid = grid
        self._sums = sums = self._sums or _Sums(grid.shape, self.settings)
        for image in images:
            contiguous = np.ascontiguousarray(image)
            log = dct_magnitude_log(contiguous[np.newaxis], floor=self.settings.floor)[0]
            sums.log.add(onto_grid(log, nyquist, grid))
            sums.lines.add(features.lines.means(log))
            sums.image.add(contiguous, nyquist)
            self._features.append(features.row(log))

    def merge(self, other: SpectrumAccumulator, *, where: object = "images") -> None:
        """Add all that another accumulator has seen; the other is left as it is.

        Raises
        ------
        SizesDiffer
            If its grid is another.
        ValueError
            If its floor, bands or peaks are others: the statistics would be different ones.
        """
        if _statistic(self.settings) != _statistic(other.settings):
            raise ValueError("accumulators of different floors, bands or peaks cannot be merged")
        if other._sums is None or other.grid is None:
            return
        if self.grid is not None and self.grid != other.grid:
            raise SizesDiffer(
                where, f"{_size(other.grid.shape)} where the images before have {_size(self.grid.shape)}"
            )
        self.grid = other.grid
        self._sums = self._sums or _Sums(other.grid.shape, self.settings)
        self._sums.merge(other._sums)
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
        if self._sums is None or self.grid is None or self.n == 0:
            raise TooFewImages(where, "no image to take the spectrum of", "give at least one image")
        moments, lines, image = self._sums.log.settle(), self._sums.lines.settle(), self._sums.image
        rows = np.array(self._features)
        return Spectrum(
            n=self.n,
            floor=self.settings.floor,
            grid=self.grid,
            mean_of_log=moments.mean.copy(),
            variance_of_log=moments.variance,
            mean_image=None if image.total is None else image.total / self.n,
            image_nyquist=image.nyquist,
            band_edges=band_edges(self.settings.bands, self.grid.limits),
            band_features=rows[:, : self.settings.bands],
            peak_excess=rows[:, self.settings.bands :],
            line_means=lines.mean.copy(),
            line_variances=lines.variance,
        )

    def _grid_for(self, shape: tuple[int, int], nyquist: tuple[float, float], where: object) -> FrequencyGrid:
        """The grid, once it is known that these images fit it."""
        grid = self.grid or FrequencyGrid(shape, nyquist)
        if self._own and (grid.shape, grid.limits) != (shape, nyquist):
            raise SizesDiffer(where, f"{_size(shape)} where the images before have {_size(grid.shape)}")
        if not grid.takes(shape, nyquist):
            raise SizesDiffer(
                where, f"{_size(shape)} are too few for a grid of {_size(grid.shape, 'frequencies')}"
            )
        return grid


def _statistic(settings: SpectrumSettings) -> SpectrumSettings:
    """The settings without those that have no influence on the figures."""
    return replace(settings, batch=1, memory=0.0)


def _size(shape: tuple[int, int], what: str = "pixels") -> str:
    return f"{shape[1]} x {shape[0]} {what}"


class _Sums:
    """All sums over images."""

    def __init__(self, shape: tuple[int, int], settings: SpectrumSettings) -> None:
        self.log = BatchedMoments(shape, batch=settings.batch)
        self.lines = BatchedMoments((len(DIRECTIONS), settings.bands), batch=settings.batch)
        self.image = _ImageSum()

    def merge(self, other: _Sums) -> None:
        self.log.merge(other.log)
        self.lines.merge(other.lines)
        self.image.merge(other.image)

    def clear(self) -> None:
        self.log.clear()
        self.lines.clear()
        self.image.clear()


class _ImageSum:
    """Sum of the images themselves, for as long as they are of one size."""

    def __init__(self) -> None:
        self.total: NDArray[np.float64] | None = None
        self.nyquist = NYQUIST
        self._n = 0
        self._mixed = False

    def add(self, image: FloatImage, nyquist: tuple[float, float]) -> None:
        total = self._total_for(image.shape, nyquist)
        if total is not None:
            cv2.accumulate(image, total)
        self._n += 1

    def merge(self, other: _ImageSum) -> None:
        if other._n == 0:
            return
        if other.total is None:
            self._mixed, self.total = True, None
        elif (total := self._total_for(other.total.shape, other.nyquist)) is not None:
            total += other.total
        self._n += other._n

    def clear(self) -> None:
        self._n, self._mixed = 0, False
        if self.total is not None:
            self.total.fill(0.0)

    def _total_for(self, shape: tuple[int, ...], nyquist: tuple[float, float]) -> NDArray[np.float64] | None:
        """The sum, if images of this size can be added to it: the first may have any."""
        if self._mixed:
            return None
        if self.total is None or (self.total.shape, self.nyquist) != (shape, nyquist):
            self._mixed = self._n > 0
            self.total = None if self._mixed else np.zeros(shape)
            self.nyquist = nyquist
        return self.total
