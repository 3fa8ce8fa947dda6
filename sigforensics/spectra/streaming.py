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

from sigforensics.errors import SigforensicsError, SizesDiffer
from sigforensics.images import FloatImage
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra.accumulator import SpectrumAccumulator
from sigforensics.spectra.spectrum import Spectrum

__all__ = ["Skipped", "StreamedSpectrum", "stream_spectrum"]

BYTES_PER_PIXEL = 40
"""That a thread holds: three sums in float64, and the image, its file, its transform and a copy in float32."""

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
        Item to image: float32, shape (height, width), in [0, 1]. Called from several threads. The first image
        that loads sets the size of all.
    settings : settings.Spectrum, optional
        Floor, bands and chunk.
    workers : int
        The most threads, at least 1; fewer where their images would take more than ``settings.memory``.
    where : object
        What an error about the whole set names.
    progress : callable, optional
        Called in the calling thread with the number of items done since the last call, skipped ones included.
    on_error : callable, optional
        Called in the calling thread, in the order of the input, with an item that raised a
        ``SigforensicsError`` (or is of another size: ``SizesDiffer``), which is then skipped. Without it the
        first such error is raised.

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
        If a radial band holds no coefficient at this size.
    """
    settings = settings or SpectrumSettings()
    first = _first_image(items, load)
    size = None if first is None else first[1].shape
    held = {} if first is None else dict([first])
    workers = min(workers, _threads_that_fit(size, settings.memory))

    def load_once(index: int) -> FloatImage:
        image = held.pop(index, None)
        return load(items[index]) if image is None else image

    idle: SimpleQueue[SpectrumAccumulator] = (
        SimpleQueue()
    )  # used again: fresh memory costs more than the sums

    def work(start: int) -> _Chunk[Item]:
        try:
            spectrum = idle.get_nowait()
        except Empty:
            spectrum = SpectrumAccumulator(settings=settings)
        return _process_chunk(start, items[start : start + settings.batch], load_once, spectrum, size)

    total = SpectrumAccumulator(settings=settings)
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


def _process_chunk(
    start: int,
    items: Sequence[Item],
    load: Callable[[int], FloatImage],
    spectrum: SpectrumAccumulator,
    size: tuple[int, ...] | None,
) -> _Chunk[Item]:
    errors: dict[int, SigforensicsError] = {}
    for offset, item in enumerate(items):
        try:
            image = load(start + offset)
        except SigforensicsError as error:
            errors[offset] = error
            continue
        if image.shape == size:
            spectrum.update(image[np.newaxis])
        else:
            errors[offset] = SizesDiffer(
                item, f"{_pixels(image.shape)} where the first image has {_pixels(size)}"
            )
    return _Chunk(start, items, spectrum, errors)


def _pixels(shape: tuple[int, ...] | None) -> str:
    return " x ".join(str(side) for side in reversed(shape or ())) + " pixels"


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
