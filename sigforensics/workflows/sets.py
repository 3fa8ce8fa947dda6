"""Folders of images to spectra: what spectra and compare have in common."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sigforensics.corpus.layouts import CEDAR_NAME
from sigforensics.errors import (
    NoImages,
    SigforensicsError,
    SizesDiffer,
    SkippedInputs,
    TableInvalid,
    TooFewImages,
)
from sigforensics.scans import ImageSource, images_of
from sigforensics.settings import Auditing, PixelChange, Scanning
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra import Spectrum, stream_spectrum
from sigforensics.workflows.checkpoint import Checkpoint, unkept
from sigforensics.workflows.cluster import Cluster
from sigforensics.workflows.framing import Framing, measure_images, plan_framing
from sigforensics.workflows.loading import Facts, Loader
from sigforensics.workflows.progress import Progress, SilentProgress
from sigforensics.workflows.skipping import NamedOnce, Skips

__all__ = [
    "ImageSet",
    "default_workers",
    "read_set",
    "read_sets",
    "skipped_error",
    "writers_of",
]


@dataclass(frozen=True)
class ImageSet:
    """A folder of images, or a list of them, read, with its spectrum."""

    folder: ImageSource
    paths: tuple[Path, ...]
    """The images in the spectrum, in its order."""
    sha256: tuple[str, ...]
    spectrum: Spectrum
    skipped: tuple[SigforensicsError, ...]
    notes: tuple[str, ...]
    """What a reader must know of these images."""
    left_out: tuple[Path, ...] = ()
    """The images that were skipped."""
    shapes: tuple[tuple[int, int], ...] = ()
    """(height, width) of each image in the spectrum, as it was read."""

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """For the record."""
        return list(self.named())

    def named(self, **more: Any) -> Iterator[dict[str, Any]]:
        """The same, one by one, with more that they say."""
        for path, sha in zip(self.paths, self.sha256, strict=True):
            yield {**more, "path": str(path), "sha256": sha}


def default_workers() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_set(
    name: str,
    folder: ImageSource,
    *,
    scanning: Scanning,
    settings: SpectrumSettings,
    workers: int,
    strict: bool,
    progress: Progress,
    framing: Framing | None = None,
    checkpoint: Checkpoint | None = None,
    cluster: Cluster | None = None,
) -> ImageSet:
    """Read all images of a folder or a list, in batches and by several threads, into one spectrum.

    Parameters
    ----------
    name : str
        What the set is called in progress and errors.
    folder : Path or FileList
    scanning, settings : settings of the stages
    workers : int
        Threads; have no influence on the result.
    strict : bool
        Raise for the first file that cannot be used instead of skipping it.
    progress : Progress
    framing : Framing, optional
        How images of different sizes come to the same frequencies. Without it, images of one size keep their own, and
        of others the maps, but not bands, lines and peaks, are averaged onto the coarsest of their frequencies.
    checkpoint : Checkpoint, optional
        Where to go on from, and to keep how far the set is.
    cluster : Cluster, optional
        What reads the files instead of threads of this process; has no influence on the result either.

    Raises
    ------
    NoImages
        If the folder has none, or none that can be used.
    FileUnreadable
        If there is no such folder.
    InputError
        If its only image cannot be used, or with ``strict`` the first that cannot.
    """
    paths = images_of(folder)
    stages = (scanning, settings, workers, strict, checkpoint or unkept(progress), cluster)
    if framing is not None:
        return _read(name, folder, paths, *stages, progress, framing)
    progress = NamedOnce(progress)
    if not (checkpoint and checkpoint.framed(name)):
        try:
            return _read(name, folder, paths, *stages, progress, Framing())
        except SizesDiffer:
            pass
    progress.stage(f"Sizes differ: measuring {name}", len(paths))
    measured = measure_images(paths, scanning=scanning, progress=progress)
    framing = plan_framing(measured, bands=settings.bands)
    return _read(name, folder, paths, *stages, progress, framing)


def read_sets(
    folders: Mapping[str, ImageSource],
    *,
    scanning: Scanning,
    settings: SpectrumSettings,
    workers: int,
    strict: bool,
    progress: Progress,
    pixels: PixelChange | None = None,
    per_millimetre: bool = False,
    checkpoint: Checkpoint | None = None,
    cluster: Cluster | None = None,
) -> tuple[dict[str, ImageSet], Framing]:
    """Read several folders onto the same frequencies; see :func:`read_set` and :func:`plan_framing`.

    Raises
    ------
    ResolutionMissing
        If frequencies per millimetre are asked for and a file states no resolution.
    SigforensicsError
        As :func:`read_set` raises it.
    """
    progress = NamedOnce(progress)
    stages = (scanning, settings, workers, strict, checkpoint or unkept(progress), cluster)
    listed = {name: images_of(folder) for name, folder in folders.items()}
    if pixels is None and not per_millimetre and not (checkpoint and checkpoint.framed(*listed)):
        try:
            sets = {
                name: _read(name, folders[name], paths, *stages, progress, Framing())
                for name, paths in _unless_the_first_differ(listed, scanning).items()
            }
            if len({images.spectrum.grid for images in sets.values()}) == 1:
                return sets, Framing()
        except SizesDiffer:
            pass
    progress.stage("Measuring sizes", sum(map(len, listed.values())))
    every = [path for paths in listed.values() for path in paths]
    measured = measure_images(every, scanning=scanning, progress=progress)
    framing = plan_framing(measured, bands=settings.bands, pixels=pixels, per_millimetre=per_millimetre)
    return {
        name: _read(name, folders[name], paths, *stages, progress, framing) for name, paths in listed.items()
    }, framing


def _unless_the_first_differ(
    listed: Mapping[str, Sequence[Path]], scanning: Scanning
) -> Mapping[str, Sequence[Path]]:
    """The sets, if it may be that all images have one size; else SizesDiffer is raised before anything is read for nothing."""
    first = measure_images(
        [paths[0] for paths in listed.values()], scanning=scanning, progress=SilentProgress()
    )
    if len({extent.shape for extent in first.values()}) > 1:
        raise SizesDiffer("the sets", "have images of different sizes")
    return listed


def _read(
    name: str,
    folder: ImageSource,
    paths: Sequence[Path],
    scanning: Scanning,
    settings: SpectrumSettings,
    workers: int,
    strict: bool,
    checkpoint: Checkpoint,
    cluster: Cluster | None,
    progress: Progress,
    framing: Framing,
) -> ImageSet:
    """Read a set; SizesDiffer is raised where images differ in size and the framing does nothing about it."""
    begin, facts = checkpoint.begin(
        name, paths, framing, settings=settings, scanning=scanning, workers=workers
    )
    progress.stage(f"Reading {name}", len(paths))
    skips = Skips(strict=strict or len(paths) == 1, progress=progress)

    load = Loader(scanning, framing, facts)

    def leave_out(_: Path, error: SigforensicsError) -> None:
        if isinstance(error, SizesDiffer) and framing.grid is None:
            raise error
        skips.add(error)

    if begin is not None:
        progress.advance(begin.count)
        for skip in begin.skipped:
            leave_out(paths[skip.index], skip.error)
    try:
        with checkpoint.reading():
            streamed = stream_spectrum(
                paths,
                load,
                settings=settings,
                grid=framing.grid,
                largest=framing.largest,
                nyquist=load.nyquist,
                workers=workers,
                where=folder,
                progress=progress.advance,
                on_error=leave_out,
                begin=begin,
                keep=partial(checkpoint.keep, name),
                reader=None
                if cluster is None
                else cluster.reader(paths, load, settings, leave_out, progress),
            )
    except TooFewImages as error:
        raise NoImages(
            folder, f"none of its {len(paths)} images can be used", "see the lines above"
        ) from error
    kept = tuple(paths[place] for place in streamed.kept)
    return ImageSet(
        folder,
        kept,
        tuple(facts[path].sha256 for path in kept),
        streamed.spectrum,
        skips.errors,
        tuple(_notes(name, [facts[path] for path in kept])),
        tuple(paths[skip.index] for skip in streamed.skipped),
        tuple(facts[path].shape for path in kept),
    )


def _notes(name: str, facts: Sequence[Facts]) -> list[str]:
    constant = sum(one.levels == 1 for one in facts)
    binary = sum(one.levels == 2 for one in facts)
    heavy = sum(one.heavy_jpeg for one in facts)
    several = sum(one.pages > 1 for one in facts)
    notes = []
    if constant:
        notes.append(
            f"{constant} of {len(facts)} images of the set {name} are of one grey value: all of their spectrum but DC is the "
            "floor of the logarithm."
        )
    if binary:
        notes.append(
            f"{binary} of {len(facts)} images of the set {name} have two grey levels only: their spectra cannot bear on "
            "artefacts in the grey levels."
        )
    if heavy:
        notes.append(
            f"{heavy} of {len(facts)} images of the set {name} are heavily compressed JPEG files, or were cut from such "
            f"(quality {Auditing().heavy_jpeg} or less): their spectra cannot bear on artefacts in the grey levels: "
            "compression takes those away and leaves its own."
        )
    if several:
        notes.append(f"{several} files of the set {name} have several pages; the first page was used.")
    return notes


def writers_of(images: ImageSet) -> list[str] | None:
    """The writer of each image: from ``signatures.csv`` of the run that made its folder, or from CEDAR names; None if unknown.

    Raises
    ------
    TableInvalid
        If ``signatures.csv`` is no table.
    """
    tables = {
        folder: _writers_by_name(folder.resolve().parent / "signatures.csv")
        for folder in {path.parent for path in images.paths}
    }
    writers = []
    for path in images.paths:
        named = tables[path.parent]
        match = CEDAR_NAME.match(path.stem)
        writer = named.get(path.stem) or (match["writer"] if match else None)
        if writer is None:
            return None
        writers.append(writer)
    return writers


def _writers_by_name(table: Path) -> dict[str, str]:
    if not table.is_file():
        return {}
    try:
        with table.open(newline="", encoding="utf-8") as stream:
            return {
                row["name"]: row["writer"]
                for row in csv.DictReader(stream)
                if row.get("writer") and row.get("name")
            }
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        advice = "move it elsewhere: beside a set it is read for the writers"
        raise TableInvalid(table, f"is no CSV table in UTF-8 ({error})", advice) from error


def skipped_error(sets: Sequence[ImageSet]) -> SkippedInputs | None:
    """The error that says how many inputs were skipped, if any were."""
    count = sum(len(images.skipped) for images in sets)
    if not count:
        return None
    return SkippedInputs(", ".join(str(images.folder) for images in sets), f"{count} file(s) were skipped")
