"""The acquisition audit of two sets of files: read once more, measured by several threads, compared."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from sigforensics.audit import Acquisition, AuditEntry, audit_sets, measure_acquisition
from sigforensics.errors import FileUnreadable
from sigforensics.scans import read_scan
from sigforensics.settings import Auditing, Scanning
from sigforensics.statistics import Comparison
from sigforensics.workflows.chains import one_chain
from sigforensics.workflows.matching import Matched
from sigforensics.workflows.progress import Progress
from sigforensics.workflows.sets import ImageSet

__all__ = ["audit_images", "sampling_notes", "write_audit"]

Item = TypeVar("Item")


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

    Of more than ``settings.most_images`` a set, about so many, evenly spread over the files; where writers are the units,
    over the writers, and the same ones in both sets. Images of writers who are in one set only, where others are in both, are
    not compared, and not audited either.

    Raises
    ------
    FileUnreadable
        If a file is not as it was when its spectrum was taken.
    TooFewImages
    """
    settings = settings or Auditing()
    chosen = _chosen(matched, settings.most_images)
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


def sampling_notes(audit: Sequence[AuditEntry], comparison: Comparison) -> tuple[str, ...]:
    """That not all images were audited, where there are too many."""
    audited, compared = (audit[0].n_true, audit[0].n_fake), (comparison.n_true, comparison.n_fake)
    if audited == compared:
        return ()
    counts = " and ".join(
        f"{some} of the {n} images of the set {name}"
        for some, n, name in zip(audited, compared, comparison.names, strict=True)
    )
    spread = "writers" if comparison.unit == "writer" else "files"
    return (f"the acquisition was audited on {counts}, evenly spread over the {spread}",)


def write_audit(path: Path, entries: Sequence[AuditEntry]) -> None:
    """A CSV file with a row a property and the columns of :class:`sigforensics.audit.AuditEntry`."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, [column.name for column in fields(AuditEntry)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(entry) for entry in entries)


def _chosen(matched: Matched, most: int) -> list[list[int]]:
    """Positions in the lists of images that are compared, for either set."""
    if matched.writers is None:
        return [_spread(range(len(places)), most) for places in (matched.true, matched.fake)]
    sets = [set(writers) for writers in matched.writers]
    common = sets[0] & sets[1]
    return [
        _of_writers(writers, sorted(common or own), most)
        for writers, own in zip(matched.writers, sets, strict=True)
    ]


def _of_writers(writers: Sequence[str], names: Sequence[str], most: int) -> list[int]:
    """Positions of images by these writers: all, or about ``most``, as many of each writer as there are or can be."""
    positions: dict[str, list[int]] = {name: [] for name in names}
    for position, writer in enumerate(writers):
        if writer in positions:
            positions[writer].append(position)
    if sum(map(len, positions.values())) > most:
        names = _spread(names, most)
        positions = {name: _spread(positions[name], most // len(names)) for name in names}
    return sorted(position for own in positions.values() for position in own)


def _spread(items: Sequence[Item], most: int) -> list[Item]:
    """So many of a list, evenly spread; all of a shorter one."""
    if len(items) <= most:
        return list(items)
    return [items[int(position)] for position in np.linspace(0, len(items) - 1, most)]


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
