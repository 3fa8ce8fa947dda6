"""Consecutive items to the sums of their spectra: loaded in chunks, by several threads, merged in the order of the input."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

import numpy as np

from sigforensics.errors import ImageTooSmall, SigforensicsError, SizesDiffer
from sigforensics.images import FloatImage
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra.accumulator import SpectrumAccumulator
from sigforensics.spectra.grid import NYQUIST, FrequencyGrid

__all__ = ["Adder", "Part", "Skipped", "read_part", "read_parts"]

Item = TypeVar("Item")


@dataclass(frozen=True)
class Skipped:
    """An item that was left out, and why."""

    index: int
    """Its place in the input, from 0."""
    error: SigforensicsError


@dataclass(frozen=True)
class Part:
    """The sums of consecutive items; of the first ones, also how far a set is read."""

    start: int
    """Place in the input of the first of them."""
    count: int
    """Items, skipped ones included."""
    spectrum: SpectrumAccumulator
    skipped: tuple[Skipped, ...]
    """In the order of the input, with places in the whole input."""


@dataclass(frozen=True)
class Adder(Generic[Item]):
    """Loads items and adds them to spectra."""

    items: Sequence[Item]
    load: Callable[[Item], FloatImage]
    nyquist: Callable[[Item], tuple[float, float]] | None
    size: tuple[int, int] | None
    """That all must have; None where a grid takes different ones."""
    held: dict[int, FloatImage]
    """What was loaded before."""

    def add(self, index: int, spectrum: SpectrumAccumulator) -> None:
        """Add one item.

        Raises
        ------
        SigforensicsError
            What ``load`` raises; SizesDiffer or ImageTooSmall, if its image does not fit the others.
        """
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


def read_part(
    items: Sequence[Item],
    load: Callable[[Item], FloatImage],
    *,
    start: int,
    size: tuple[int, int] | None,
    settings: SpectrumSettings,
    grid: FrequencyGrid | None = None,
    nyquist: Callable[[Item], tuple[float, float]] | None = None,
) -> Part:
    """The part of an input that begins at ``start``, by the calling thread; see :func:`stream_spectrum`.

    Parameters
    ----------
    items : sequence
        Those of the part alone, no more than ``settings.part``.
    load, settings, grid, nyquist
        As for :func:`stream_spectrum`.
    start : int
        Place of the first of them in the whole input.
    size : pair of int, optional
        (height, width) that all must have; None where there is a grid.
    """
    adder = Adder(items, load, nyquist, size, {})
    (part,) = read_parts(adder, 0, settings, grid, 1, None, lambda _item, _error: None)
    skipped = tuple(Skipped(start + skip.index, skip.error) for skip in part.skipped)
    return replace(part, start=start, skipped=skipped)


def read_parts(
    adder: Adder[Item],
    start: int,
    settings: SpectrumSettings,
    grid: FrequencyGrid | None,
    workers: int,
    progress: Callable[[int], None] | None,
    on_error: Callable[[Item, SigforensicsError], None] | None,
) -> Generator[Part, None, None]:
    """The parts from the item ``start`` on, in order, by threads that take a chunk each."""
    idle: SimpleQueue[SpectrumAccumulator] = (
        SimpleQueue()
    )  # used again: fresh memory costs more than the sums

    def work(span: tuple[int, int]) -> _Chunk[Item]:
        try:
            spectrum = idle.get_nowait()
        except Empty:
            spectrum = SpectrumAccumulator(settings=settings, grid=grid)
        return _process_chunk(span[0], adder.items[slice(*span)], adder, spectrum)

    total = len(adder.items)
    sums, skipped = SpectrumAccumulator(settings=settings, grid=grid), list[Skipped]()
    with closing(_map_in_order(work, _spans(start, total, settings), workers)) as chunks:
        for chunk in chunks:
            for offset, error in chunk.errors.items():
                if on_error is None:
                    raise error
                on_error(chunk.items[offset], error)
                skipped.append(Skipped(chunk.start + offset, error))
            sums.merge(chunk.spectrum)
            chunk.spectrum.clear()
            idle.put(chunk.spectrum)
            if progress is not None:
                progress(len(chunk.items))
            end = chunk.start + len(chunk.items)
            if end == total or (end - start) % settings.part == 0:
                sums.settle()
                yield Part(start, end - start, sums, tuple(skipped))
                start, sums, skipped = end, SpectrumAccumulator(settings=settings, grid=grid), []


def _spans(start: int, total: int, settings: SpectrumSettings) -> Iterator[tuple[int, int]]:
    """Where chunks begin and end; none reaches over the end of a part."""
    for part in range(start, total, settings.part):
        last = min(part + settings.part, total)
        for first in range(part, last, settings.batch):
            yield first, min(first + settings.batch, last)


@dataclass(frozen=True)
class _Chunk(Generic[Item]):
    """What a thread made of consecutive items."""

    start: int
    items: Sequence[Item]
    spectrum: SpectrumAccumulator
    errors: dict[int, SigforensicsError]


def _process_chunk(
    start: int, items: Sequence[Item], adder: Adder[Item], spectrum: SpectrumAccumulator
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
    work: Callable[[tuple[int, int]], _Chunk[Item]], spans: Iterable[tuple[int, int]], workers: int
) -> Generator[_Chunk[Item], None, None]:
    """The results of ``work`` in the order of ``spans``, with few of them under way or waiting."""
    if workers == 1:
        yield from map(work, spans)
        return
    with ThreadPoolExecutor(workers) as pool:
        pending: deque[Future[_Chunk[Item]]] = deque()
        try:
            for span in spans:
                pending.append(pool.submit(work, span))
                if len(pending) > workers:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
