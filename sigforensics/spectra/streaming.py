"""Many files to one spectrum: in parts, which several threads or a cluster make, merged in the order of the input."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TypeVar

from sigforensics.errors import SigforensicsError
from sigforensics.images import FloatImage
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra.accumulator import SpectrumAccumulator
from sigforensics.spectra.features import image_features
from sigforensics.spectra.grid import NYQUIST, FrequencyGrid
from sigforensics.spectra.parts import Adder, Part, Skipped, read_parts
from sigforensics.spectra.spectrum import Spectrum

__all__ = ["PartReader", "StreamedSpectrum", "stream_spectrum"]

BYTES_PER_PIXEL = 40
"""That a thread holds: three sums in float64, and the image, its file, its transform and a copy in float32. What a grid takes
of an image of another size comes on top, and is no larger."""
Item = TypeVar("Item")


@dataclass(frozen=True)
class StreamedSpectrum:
    """The spectrum of the items that could be loaded."""

    spectrum: Spectrum
    """Row i of its band features belongs to item ``kept[i]``."""
    kept: tuple[int, ...]
    """Places in the input of the items in the spectrum, ascending."""
    skipped: tuple[Skipped, ...]
    """The others."""


PartReader = Callable[[int, tuple[int, int] | None], Generator[Part, None, None]]
"""From the place of the first item, and the size that all images must have (None where a grid takes different ones), to the
parts of the input from there on, in its order: ``settings.part`` items each, but for the last."""


def stream_spectrum(
    items: Sequence[Item],
    load: Callable[[Item], FloatImage],
    *,
    settings: SpectrumSettings | None = None,
    grid: FrequencyGrid | None = None,
    largest: tuple[int, int] | None = None,
    nyquist: Callable[[Item], tuple[float, float]] | None = None,
    workers: int = 1,
    where: object = "images",
    progress: Callable[[int], None] | None = None,
    on_error: Callable[[Item, SigforensicsError], None] | None = None,
    begin: Part | None = None,
    keep: Callable[[Part], None] | None = None,
    reader: PartReader | None = None,
) -> StreamedSpectrum:
    """Take the spectrum of a set of files without holding more than a few of them.

    Chunks of ``settings.batch`` items are loaded, transformed and averaged by a thread each and merged in the
    order of the input to parts of ``settings.part``, and these to the whole: the result depends neither on the
    number of threads, nor on who made the parts, nor on where it was gone on from, to the last bit.

    Parameters
    ----------
    items : sequence
        What ``load`` takes, paths for example.
    load : callable
        Item to image: float32, shape (height, width), in [0, 1]. Called from several threads. Where no grid is
        given, the first image that loads sets the size of all.
    settings : settings.Spectrum, optional
        Floor, bands, peaks, chunk and part.
    grid : FrequencyGrid, optional
        The frequencies of the maps, for images of different sizes.
    largest : pair of int, optional
        (height, width) of the largest image, where that is known; that of the first if not given. Threads are counted by it.
    nyquist : callable, optional
        Vertical and horizontal Nyquist frequency of an item that was loaded, in the grid's unit; 1/2 if not given.
    workers : int
        The most threads, at least 1; fewer where their images would take more than ``settings.memory``.
    where : object
        What an error about the whole set names.
    progress : callable, optional
        Called in the calling thread with the number of items done since the last call, skipped ones included.
    on_error : callable, optional
        Called in the calling thread, in the order of the input, with an item that raised a
        ``SigforensicsError`` (or is of another size: ``SizesDiffer``; with a grid, too small for it or for the
        bands), which is then skipped. Without it the first such error is raised.
    begin : Part, optional
        The first items of the same input, done before with the same settings and grid: what ``keep`` was given. It is
        added to.
    keep : callable, optional
        Called in the calling thread after every part with the sums of all items so far: to be written away at once, since
        they are added to afterwards.
    reader : callable, optional
        What makes the parts instead of threads of this process, and then calls ``progress`` and ``on_error``.

    Returns
    -------
    StreamedSpectrum

    Raises
    ------
    SigforensicsError
        What ``load`` raises, where ``on_error`` is not given.
    TooFewImages
        If no item is left.
    ImageTooSmall
        If a radial band holds no coefficient at the size of all.
    """
    settings = settings or SpectrumSettings()
    done = begin or Part(0, 0, SpectrumAccumulator(settings=settings, grid=grid), ())
    size, first = done.spectrum.shape, None
    if grid is not None or size is None:
        first = _first_image(items, load, done.count)
        size = None if first is None else (first[1].shape[0], first[1].shape[1])
    if grid is None and size is not None:
        image_features(size, NYQUIST, FrequencyGrid(size), settings)  # refuse a size before any work is done
    required = None if grid else size
    if reader is None:
        adder = Adder(items, load, nyquist, required, {} if first is None else dict([first]))
        fitting = min(workers, _threads_that_fit(largest or size, settings.memory))
        parts = read_parts(adder, done.count, settings, grid, fitting, progress, on_error)
    else:
        parts = reader(done.count, required)
    with closing(parts):
        for part in parts:
            done.spectrum.merge(part.spectrum)
            done = replace(done, count=done.count + part.count, skipped=(*done.skipped, *part.skipped))
            if keep is not None:
                keep(done)
    left_out = {skip.index for skip in done.skipped}
    kept = tuple(index for index in range(len(items)) if index not in left_out)
    return StreamedSpectrum(done.spectrum.result(where=where), kept, done.skipped)


def _first_image(
    items: Sequence[Item], load: Callable[[Item], FloatImage], start: int
) -> tuple[int, FloatImage] | None:
    """The first image from ``start`` on that loads, and its place: its size is known to all threads before they start."""
    for index in range(start, len(items)):
        try:
            return index, load(items[index])
        except SigforensicsError:  # reported when its turn comes
            continue
    return None


def _threads_that_fit(size: tuple[int, ...] | None, memory: float) -> int:
    """How many threads keep within so many megabytes, at least 1."""
    return max(1, int(memory * 1e6 / (BYTES_PER_PIXEL * math.prod(size or (1,)))))
