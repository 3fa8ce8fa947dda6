"""Many files to one spectrum: loaded in chunks, by several threads, merged in the order of the input."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

import numpy as np

from sigforensics.errors import ImageTooSmall, SigforensicsError, SizesDiffer
from sigforensics.images import FloatImage
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra.accumulator import SpectrumAccumulator
from sigforensics.spectra.features import image_features
from sigforensics.spectra.grid import NYQUIST, FrequencyGrid
from sigforensics.spectra.spectrum import Spectrum

__all__ = ["Skipped", "StreamedSpectrum", "stream_spectrum"]

BYTES_PER_PIXEL = 40
"""That a thread holds: three sums in float64, and the image, its file, its transform and a copy in float32. What a grid takes
of an image of another size comes on top, and is no larger."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Skipped:
    """An item that was left out, and why."""

    index: int
    """Its place in the input, from 0."""
    error: SigforensicsError


@dataclass(frozen=True)
class StreamedSpectrum:
    """The spectrum of the items that could be loaded."""

    spectrum: Spectrum
    """Row i of its band features belongs to item ``kept[i]``."""
    kept: tuple[int, ...]
    """Places in the input of the items in the spectrum, ascending."""
    skipped: tuple[Skipped, ...]
    """The others."""


@dataclass(frozen=True)
class _Chunk(Generic[Item]):
    """What a thread made of consecutive items."""

    start: int
    items: Sequence[Item]
    spectrum: SpectrumAccumulator
    errors: dict[int, SigforensicsError]


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
) -> StreamedSpectrum:
    """Take the spectrum of a set of files without holding more than a few of them.

    Chunks of ``settings.batch`` items are loaded, transformed and averaged by a thread each and merged in the
    order of the input: the result does not depend on the number of threads, to the last bit.

    Parameters
    ----------
    items : sequence
        What ``load`` takes, paths for example.
    load : callable
        Item to image: float32, shape (height, width), in [0, 1]. Called from several threads. Where no grid is
        given, the first image that loads sets the size of all.
    settings : settings.Spectrum, optional
        Floor, bands, peaks and chunk.
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
    first = _first_image(items, load)
    size = None if first is None else (first[1].shape[0], first[1].shape[1])
    workers = min(workers, _threads_that_fit(largest or size, settings.memory))
    if grid is None and size is not None:
        image_features(size, NYQUIST, FrequencyGrid(size), settings)  # refuse a size before any work is done
    adder = _Adder(items, load, nyquist, None if grid else size, {} if first is None else dict([first]))
    idle: SimpleQueue[SpectrumAccumulator] = (
        SimpleQueue()
    )  # used again: fresh memory costs more than the sums

    def work(start: int) -> _Chunk[Item]:
        try:
            spectrum = idle.get_nowait()
        except Empty:
            spectrum = SpectrumAccumulator(settings=settings, grid=grid)
        return _process_chunk(start, items[start : start + settings.batch], adder, spectrum)

    total = SpectrumAccumulator(settings=settings, grid=grid)
    skipped: list[Skipped] = []
    with closing(_map_in_order(work, range(0, len(items), settings.batch), workers)) as chunks:
        for chunk in chunks:
            for offset, error in chunk.errors.items():
                if on_error is None:
                    raise error
                on_error(chunk.items[offset], error)
                skipped.append(Skipped(chunk.start + offset, error))
            total.merge(chunk.spectrum)
            chunk.spectrum.clear()
            idle.put(chunk.spectrum)
            if progress is not None:
                progress(len(chunk.items))
    left_out = {skip.index for skip in skipped}
    kept = tuple(index for index in range(len(items)) if index not in left_out)
    return StreamedSpectrum(total.result(where=where), kept, tuple(skipped))


def _first_image(items: Sequence[Item], load: Callable[[Item], FloatImage]) -> tuple[int, FloatImage] | None:
    """The first image that loads, and its place: its size is known to all threads before they start."""
    for index, item in enumerate(items):
        try:
            return index, load(item)
        except SigforensicsError:  # reported when its turn comes
            continue
    return None


def _threads_that_fit(size: tuple[int, ...] | None, memory: float) -> int:
    """How many threads keep within so many megabytes, at least 1."""
    return max(1, int(memory * 1e6 / (BYTES_PER_PIXEL * math.prod(size or (1,)))))


@dataclass(frozen=True)
class _Adder(Generic[Item]):
    """Loads items and adds them to spectra."""

    items: Sequence[Item]
    load: Callable[[Item], FloatImage]
    nyquist: Callable[[Item], tuple[float, float]] | None
    size: tuple[int, int] | None
    """That all must have; None where a grid takes different ones."""
    held: dict[int, FloatImage]
    """What was loaded before."""

    def add(self, index: int, spectrum: SpectrumAccumulator) -> None:
        item = self.items[index]
        image = self.held.pop(index, None)
        image = self.load(item) if image is None else image
        if self.size is not None and image.shape != self.size:
            raise SizesDiffer(item, f"{_pixels(image.shape)} where the first image has {_pixels(self.size)}")
        nyquist = NYQUIST if self.nyquist is None else self.nyquist(item)
        try:
            spectrum.update(image[np.newaxis], nyquist=nyquist, where=item)
        except ImageTooSmall as error:
            raise ImageTooSmall(item, f"{_pixels(image.shape)}: {error.what}", error.advice) from error


def _process_chunk(
    start: int, items: Sequence[Item], adder: _Adder[Item], spectrum: SpectrumAccumulator
) -> _Chunk[Item]:
    errors: dict[int, SigforensicsError] = {}
    for offset in range(len(items)):
        try:
            adder.add(start + offset, spectrum)
        except SigforensicsError as error:
            errors[offset] = error
    return _Chunk(start, items, spectrum, errors)


def _pixels(shape: tuple[int, ...]) -> str:
    return " x ".join(str(side) for side in reversed(shape)) + " pixels"


def _map_in_order(
    work: Callable[[int], _Chunk[Item]], starts: Sequence[int], workers: int
) -> Generator[_Chunk[Item], None, None]:
    """The results of ``work`` in the order of ``starts``, with few of them under way or waiting."""
    if workers == 1:
        yield from map(work, starts)
        return
    with ThreadPoolExecutor(workers) as pool:
        pending: deque[Future[_Chunk[Item]]] = deque()
        try:
            for start in starts:
                pending.append(pool.submit(work, start))
                if len(pending) > workers:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
