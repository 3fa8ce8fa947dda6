"""Folders of images to spectra: what spectra and compare have in common."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sigforensics.corpus.layouts import CEDAR_NAME
from sigforensics.errors import SigforensicsError, SkippedInputs
from sigforensics.images import FloatImage
from sigforensics.scans import list_images, read_scan
from sigforensics.settings import Scanning
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra import Spectrum, stream_spectrum
from sigforensics.workflows.progress import Progress

__all__ = ["ImageSet", "default_workers", "read_set", "writers_of"]


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

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """For the record."""
        return [{"path": str(path), "sha256": sha} for path, sha in zip(self.paths, self.sha256, strict=True)]


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
    NoImages, FileUnreadable, TooFewImages
    """
    paths = list_images(folder)
    progress.stage(f"Reading {name}", len(paths))
    facts: dict[Path, tuple[str, int, bool]] = {}

    def load(path: Path) -> FloatImage:
        scan = read_scan(path, settings=scanning)
        facts[path] = scan.source.sha256, scan.pages, _has_two_levels(scan.pixels)
        return scan.pixels

    def on_error(_path: Path, error: SigforensicsError) -> None:
        progress.say(f"skipped: {error}")

    streamed = stream_spectrum(
        paths,
        load,
        settings=settings,
        workers=workers,
        where=folder,
        progress=progress.advance,
        on_error=None if strict else on_error,
    )
    kept = tuple(paths[place] for place in streamed.kept)
    return ImageSet(
        folder,
        kept,
        tuple(facts[path][0] for path in kept),
        streamed.spectrum,
        tuple(skip.error for skip in streamed.skipped),
        tuple(_notes(name, [facts[path] for path in kept])),
    )


def _has_two_levels(pixels: FloatImage) -> bool:
    darkest, brightest = pixels.min(), pixels.max()
    return bool(np.all((pixels == darkest) | (pixels == brightest)))


def _notes(name: str, facts: Sequence[tuple[str, int, bool]]) -> list[str]:
    notes = []
    binary = sum(two_levels for _, _, two_levels in facts)
    if binary:
        notes.append(
            f"{binary} of {len(facts)} images of the set {name} have two grey levels only: their spectra cannot bear on "
            "artefacts in the grey levels."
        )
    several = sum(pages > 1 for _, pages, _ in facts)
    if several:
        notes.append(f"{several} files of the set {name} have several pages; the first page was used.")
    return notes


def writers_of(images: ImageSet) -> list[str] | None:
    """The writer of each image: from ``signatures.csv`` of the run that made the set, or from CEDAR names; None if unknown."""
    named = _writers_by_name(images.folder.parent / "signatures.csv")
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
    with table.open(newline="", encoding="utf-8") as stream:
        return {
            row["name"]: row["writer"]
            for row in csv.DictReader(stream)
            if row.get("writer") and row.get("name")
        }


def skipped_error(sets: Sequence[ImageSet]) -> SkippedInputs | None:
    """The error that says how many inputs were skipped, if any were."""
    count = sum(len(images.skipped) for images in sets)
    if not count:
        return None
    return SkippedInputs(", ".join(str(images.folder) for images in sets), f"{count} file(s) were skipped")
