"""Images in batches to one spectrum, in memory that does not grow with their number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sigforensics.errors import SizesDiffer, TooFewImages
from sigforensics.images import FloatImage
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra.bands import band_edges
from sigforensics.spectra.features import image_features
from sigforensics.spectra.grid import NYQUIST, FrequencyGrid, onto_grid, sampling_density
from sigforensics.spectra.spectrum import Spectrum
from sigforensics.spectra.sums import Arrays, Sums
from sigforensics.spectra.transform import dct_magnitude_log

__all__ = ["SpectrumAccumulator"]

Float = TypeVar("Float", np.float32, np.float64)


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
        self._sums: Sums | None = None
        self._blocks: list[NDArray[np.float64]] = []
        """The features, some rows each."""
        self._lines: list[NDArray[np.float32]] = []
        """The bands along lines, likewise: shape (some, directions, bands)."""
        self._n = 0

    @property
    def n(self) -> int:
        """Images seen."""
        return self._n

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
        self.grid, density = grid, sampling_density(nyquist)
        self._sums = sums = self._sums or Sums(grid.shape, self.settings)
        for image in images:
            contiguous = np.ascontiguousarray(image)
            log = dct_magnitude_log(contiguous[np.newaxis], floor=self.settings.floor, density=density)[0]
            sums.log.add(onto_grid(log, nyquist, grid))
            sums.image.add(contiguous, nyquist)
            self._blocks.append(features.row(log)[np.newaxis])
            self._lines.append(features.lines.means(log)[np.newaxis])
            self._n += 1

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
        if other._sums is None or other.grid is None or other.n == 0:
            return
        if self.grid is not None and self.grid != other.grid:
            raise SizesDiffer(
                where, f"{_size(other.grid.shape)} where the images before have {_size(self.grid.shape)}"
            )
        self.grid = other.grid
        self._sums = self._sums or Sums(other.grid.shape, self.settings)
        self._sums.merge(other._sums)
        self._blocks.append(_joined(other._blocks))
        self._lines.append(_joined(other._lines))
        self._n += other._n

    def settle(self) -> None:
        """Have sums that merge with others to the same bits wherever they come from."""
        if self._sums is not None:
            self._sums.settle()

    def clear(self) -> None:
        """Forget all images but their size, and keep the memory."""
        self._blocks, self._lines, self._n = [], [], 0
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
        moments, image = self._sums.log.settle(), self._sums.image
        rows = _joined(self._blocks)
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
            line_features=_joined(self._lines),
        )

    def arrays(self) -> Arrays:
        """All that :meth:`from_arrays` needs beside settings and grid; none before the first image.

        They are those of the accumulator itself, not copies: write them away before the next image comes.
        """
        if self._sums is None or self.grid is None or self.n == 0:
            return {}
        return {
            **self._sums.arrays(),
            "features": _joined(self._blocks),
            "lines": _joined(self._lines),
            "grid": np.array([self.grid.shape, self.grid.limits]),
        }

    @classmethod
    def from_arrays(
        cls,
        arrays: Mapping[str, NDArray[Any]],
        *,
        settings: SpectrumSettings,
        grid: FrequencyGrid | None = None,
    ) -> SpectrumAccumulator:
        """The accumulator again, equal to the last bit; ``settings`` and ``grid`` must be those that it had.

        Raises
        ------
        ValueError
            If the arrays are on another grid.
        """
        accumulator = cls(settings=settings, grid=grid)
        if not arrays:
            return accumulator
        (height, width), (down, across) = arrays["grid"].tolist()
        own = FrequencyGrid(
            (int(height), int(width)), (down, across), grid.unit if grid else "cycles per pixel"
        )
        if grid not in (None, own):
            raise ValueError(f"sums on {own} cannot go on with images on {grid}")
        accumulator.grid = own
        accumulator._sums = Sums.from_arrays(arrays, settings)
        accumulator._blocks, accumulator._lines = [arrays["features"]], [arrays["lines"]]
        accumulator._n = len(arrays["features"])
        return accumulator

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
    return replace(settings, batch=1, part=1, memory=0.0)


def _joined(blocks: list[NDArray[Float]]) -> NDArray[Float]:
    """The rows of all images, which are then one block; what is given away is never written to."""
    if len(blocks) != 1:
        blocks[:] = [np.concatenate(blocks)]
    return blocks[0]


def _size(shape: tuple[int, int], what: str = "pixels") -> str:
    return f"{shape[1]} x {shape[0]} {what}"
