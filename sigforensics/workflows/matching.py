"""How the images of two sets are set against each other: by their writers, as pairs, or as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sigforensics.errors import TooFewImages
from sigforensics.settings import UnitChoice
from sigforensics.workflows.sets import ImageSet, writers_of
from sigforensics.workflows.writer_table import writers_from_table

__all__ = ["Matched", "match_sets"]


@dataclass(frozen=True)
class Matched:
    """Which images are compared, in which order."""

    true: list[int]
    """Places in the set."""
    fake: list[int]
    paired: bool = False
    """Whether the images at one place of both lists are a pair."""
    writers_true: list[str] | None = None
    """Where writers are the units: of each image."""
    writers_fake: list[str] | None = None
    notes: tuple[str, ...] = ()


def match_sets(true: ImageSet, fake: ImageSet, unit: UnitChoice, *, writers: Path | None = None) -> Matched:
    """Match two sets.

    ``writer``: the writers of all images must be known, and two of them be in both sets, or two in each and none in both.
    ``pair``: images of one file name are a pair; others are left out. ``image``: each image stands for itself. ``auto``:
    writers if that goes, else pairs if both folders hold the same file names, else images. ``writers`` is a table that
    tells the writers (:func:`sigforensics.workflows.writer_table.writers_from_table`); without one they are known from what
    made the sets, or from CEDAR's file names.

    Raises
    ------
    TooFewImages
        If the sets cannot be matched in the way that was asked for.
    TableInvalid
        If a table that tells the writers is damaged or incomplete.
    """
    if unit in {"auto", "writer"}:
        matched = _by_writer(true, fake, writers)
        if matched is not None:
            return matched
        if unit == "writer":
            raise TooFewImages(
                f"{true.folder} and {fake.folder}",
                "their writers are not known, or too few are in both",
                "name them with --writers-from, or give sets that 'sigforensics generate' made from a prepared corpus",
            )
    names_true, names_fake = _names(true), _names(fake)
    common = [name for name in names_true if name in names_fake]
    if unit == "pair" or (unit == "auto" and len(common) >= 2 and _same_names(true, fake)):
        return _by_name(true, fake, common)
    notes: tuple[str, ...] = ()
    if unit == "auto" and common:
        notes = (f"{len(common)} file names are in both sets; if they are pairs, say --pairs",)
    return Matched(list(range(len(true.paths))), list(range(len(fake.paths))), notes=notes)


def _by_writer(true: ImageSet, fake: ImageSet, table: Path | None) -> Matched | None:
    writers_true, writers_fake = (
        writers_of(images) if table is None else writers_from_table(table, images.paths)
        for images in (true, fake)
    )
    if writers_true is None or writers_fake is None:
        return None
    common = set(writers_true) & set(writers_fake)
    fewest = len(common) if common else min(len(set(writers_true)), len(set(writers_fake)))
    if fewest < 2:
        return None
    places = list(range(len(writers_true))), list(range(len(writers_fake)))
    return Matched(*places, writers_true=writers_true, writers_fake=writers_fake)


def _by_name(true: ImageSet, fake: ImageSet, common: Sequence[str]) -> Matched:
    if len(common) < 2:
        raise TooFewImages(
            f"{true.folder} and {fake.folder}",
            f"share {len(common)} file name(s)",
            "pairs need the same file names",
        )
    places_true, places_fake = _names(true), _names(fake)
    alone = len(true.paths) + len(fake.paths) - 2 * len(common)
    notes = (f"{alone} images without a partner of the same file name were left out",) if alone else ()
    return Matched(
        [places_true[name] for name in common],
        [places_fake[name] for name in common],
        paired=True,
        notes=notes,
    )


def _names(images: ImageSet) -> dict[str, int]:
    """Places by file name without its ending; names that stand twice (a.png, a.tif) are no one's partner."""
    names = [path.stem for path in images.paths]
    counts = Counter(names)
    return {name: place for place, name in enumerate(names) if counts[name] == 1}


def _same_names(true: ImageSet, fake: ImageSet) -> bool:
    """Whether both folders hold the same names, those of skipped files included."""
    names = [sorted(path.stem for path in (*images.paths, *images.left_out)) for images in (true, fake)]
    return names[0] == names[1]
