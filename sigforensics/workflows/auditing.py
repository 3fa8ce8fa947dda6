"""The acquisition audit of two sets of files: read once more, measured by several threads, compared."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path

import numpy as np

from sigforensics.audit import Acquisition, AuditEntry, audit_sets, measure_acquisition
from sigforensics.errors import FileUnreadable
from sigforensics.scans import read_scan
from sigforensics.settings import Auditing, Scanning
from sigforensics.workflows.chains import one_chain
from sigforensics.workflows.matching import Matched
from sigforensics.workflows.progress import Progress
from sigforensics.workflows.sets import ImageSet

__all__ = ["audit_images", "sampling_notes", "write_audit"]


def audit_images(
    true: ImageSet,
    fake: ImageSet,
    matched: Matched,
    *,
    scanning: Scanning,
    settings: Auditing | None = None,
    seed: int,
    workers: int,
    progress: Progress,
) -> tuple[AuditEntry, ...]:
    """Audit the images that are compared, in the way in which they are set against each other.

    Raises
    ------
    FileUnreadable
        If a file is not as it was when its spectrum was taken.
    TooFewImages
    """
    settings = settings or Auditing()
    chosen = [_spread(places, settings.most_images) for places in (matched.true, matched.fake)]
    progress.stage("Auditing", sum(map(len, chosen)))
    measured = [
        _measure(images, [places[one] for one in among], scanning, settings, workers, progress)
        for images, places, among in zip((true, fake), (matched.true, matched.fake), chosen, strict=True)
    ]
    return audit_sets(
        *measured,
        paired=matched.paired,
        units_true=_chosen_units(matched.writers_true, chosen[0]),
        units_fake=_chosen_units(matched.writers_fake, chosen[1]),
        one_chain=one_chain(true, fake),
        settings=settings,
        rng=np.random.default_rng(seed),
    )


def sampling_notes(matched: Matched, settings: Auditing | None = None) -> tuple[str, ...]:
    """That not all images were audited, where there are too many."""
    most = (settings or Auditing()).most_images
    if max(len(matched.true), len(matched.fake)) <= most:
        return ()
    return (f"the acquisition was audited on {most} images a set, evenly spread over the files",)


def write_audit(path: Path, entries: Sequence[AuditEntry]) -> None:
    """A CSV file with a row a property and the columns of :class:`sigforensics.audit.AuditEntry`."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, [column.name for column in fields(AuditEntry)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(entry) for entry in entries)


def _spread(places: Sequence[int], most: int) -> list[int]:
    """So many positions of a list, evenly spread; all of a shorter one."""
    if len(places) <= most:
        return list(range(len(places)))
    return [int(position) for position in np.linspace(0, len(places) - 1, most)]


def _chosen_units(units: Sequence[str] | None, among: Sequence[int]) -> list[str] | None:
    return None if units is None else [units[one] for one in among]


def _measure(
    images: ImageSet,
    places: Sequence[int],
    scanning: Scanning,
    settings: Auditing,
    workers: int,
    progress: Progress,
) -> list[Acquisition]:
    measured = []
    with ThreadPoolExecutor(workers) as pool:
        for one in pool.map(partial(_measure_one, images, scanning, settings), places):
            measured.append(one)
            progress.advance(1)
    return measured


def _measure_one(images: ImageSet, scanning: Scanning, settings: Auditing, place: int) -> Acquisition:
    scan = read_scan(images.paths[place], settings=scanning)
    if scan.source.sha256 != images.sha256[place]:
        raise FileUnreadable(scan.source.path, "was changed while it was in use", "run the command again")
    return measure_acquisition(scan, settings=settings)
