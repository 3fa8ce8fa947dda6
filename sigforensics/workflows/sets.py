"""Folders of images to spectra: what spectra and compare have in common."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from sigforensics.images import FloatImage, count_levels
from sigforensics.scans import list_images, read_scan
from sigforensics.settings import Scanning
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra import Spectrum, stream_spectrum
from sigforensics.workflows.progress import Progress
from sigforensics.workflows.skipping import Skips

__all__ = ["ImageSet", "check_one_size", "default_workers", "read_set", "skipped_error", "writers_of"]


@dataclass(frozen=True)
class ImageSet:
    """A folder of images, read, with its spectrum."""

    folder: Path
    paths: tuple[Path, ...]
    """The images in the spectrum, in its order."""
    sha256: tuple[str, ...]
    spectrum: Spectrum
    skipped: tuple[SigforensicsError, ...]
    notes: tuple[str, ...]
    """What a reader must know of these images."""
    left_out: tuple[Path, ...] = ()
    """The images that were skipped."""

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """For the record."""
        return [{"path": str(path), "sha256": sha} for path, sha in zip(self.paths, self.sha256, strict=True)]


@dataclass(frozen=True)
class _Facts:
    """What is kept of an image beside its spectrum."""

    sha256: str
    pages: int
    levels: int
    """See :func:`sigforensics.images.count_levels`."""


def default_workers() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_set(
    name: str,
    folder: Path,
    *,
    scanning: Scanning,
    settings: SpectrumSettings,
    workers: int,
    strict: bool,
    progress: Progress,
) -> ImageSet:
    """Read all images of a folder, in batches and by several threads, into one spectrum.

    Parameters
    ----------
    name : str
        What the set is called in progress and errors.
    folder : Path
    scanning, settings : settings of the stages
    workers : int
        Threads; have no influence on the result.
    strict : bool
        Raise for the first file that cannot be used instead of skipping it.
    progress : Progress

    Raises
    ------
    NoImages
        If the folder has none, or none that can be used.
    FileUnreadable
        If there is no such folder.
    SizesDiffer
        If most images are not of the size of the first: then it is the odd one.
    InputError
        If its only image cannot be used, or with ``strict`` the first that cannot.
    """
    paths = list_images(folder)
    progress.stage(f"Reading {name}", len(paths))
    skips = Skips(strict=strict or len(paths) == 1, progress=progress)
    facts: dict[Path, _Facts] = {}

    def load(path: Path) -> FloatImage:
        scan = read_scan(path, settings=scanning)
        facts[path] = _Facts(scan.source.sha256, scan.pages, count_levels(scan.pixels))
        return scan.pixels

    try:
        streamed = stream_spectrum(
            paths,
            load,
            settings=settings,
            workers=workers,
            where=folder,
            progress=progress.advance,
            on_error=lambda _, error: skips.add(error),
        )
    except TooFewImages as error:
        raise NoImages(
            folder, f"none of its {len(paths)} images can be used", "see the lines above"
        ) from error
    kept = tuple(paths[place] for place in streamed.kept)
    others = sum(isinstance(error, SizesDiffer) for error in skips.errors)
    if others > len(kept):
        what = f"{others} of its images are not of the size of the first, and {len(kept)} are"
        raise SizesDiffer(folder, what)
    return ImageSet(
        folder,
        kept,
        tuple(facts[path].sha256 for path in kept),
        streamed.spectrum,
        skips.errors,
        tuple(_notes(name, [facts[path] for path in kept])),
        tuple(paths[skip.index] for skip in streamed.skipped),
    )


def check_one_size(sets: Mapping[str, ImageSet]) -> None:
    """Refuse sets whose images differ in size.

    Raises
    ------
    SizesDiffer
    """
    shapes = {name: images.spectrum.shape for name, images in sets.items()}
    if len(set(shapes.values())) > 1:
        sizes = ", ".join(f"{name} {width} x {height}" for name, (height, width) in shapes.items())
        raise SizesDiffer("the sets", f"have images of different sizes ({sizes})")


def _notes(name: str, facts: Sequence[_Facts]) -> list[str]:
    constant = sum(one.levels == 1 for one in facts)
    binary = sum(one.levels == 2 for one in facts)
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
    if several:
        notes.append(f"{several} files of the set {name} have several pages; the first page was used.")
    return notes


def writers_of(images: ImageSet) -> list[str] | None:
    """The writer of each image: from ``signatures.csv`` of the run that made the set, or from CEDAR names; None if unknown.

    Raises
    ------
    TableInvalid
        If ``signatures.csv`` is no table.
    """
    named = _writers_by_name(images.folder.resolve().parent / "signatures.csv")
    writers = []
    for path in images.paths:
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
