"""How the images of two sets are set against each other: by their writers, as pairs, or as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sigforensics.errors import SharedFiles, TooFewImages
from sigforensics.settings import UnitChoice
from sigforensics.workflows.sets import ImageSet, writers_of
from sigforensics.workflows.writer_table import writers_from_table

__all__ = ["Matched", "match_sets", "shared_error", "shared_files"]


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
    known_writers: int = 0
    """Where pairs or images are the units: how many writers are known to have made them, if one made several; else 0."""

    @property
    def writers(self) -> tuple[list[str], list[str]] | None:
        """Of the images of both sets, where writers are the units."""
        if self.writers_true is None or self.writers_fake is None:
            return None
        return self.writers_true, self.writers_fake


def shared_files(true: ImageSet, fake: ImageSet) -> frozenset[str]:
    """SHA-256 of the files that are in both sets, under whatever names."""
    return frozenset(true.sha256) & frozenset(fake.sha256)


def shared_error(true: ImageSet, fake: ImageSet, shared: frozenset[str]) -> SharedFiles:
    """The error that names the first of them."""
    place = next(place for place, sha in enumerate(true.sha256) if sha in shared)
    one, other = true.paths[place], fake.paths[fake.sha256.index(true.sha256[place])]
    many = "1 file is" if len(shared) == 1 else f"{len(shared)} files are"
    return SharedFiles(f"{true.folder} and {fake.folder}", f"{many} in both sets; {one} is {other}")


def match_sets(
    true: ImageSet,
    fake: ImageSet,
    unit: UnitChoice,
    *,
    writers: Path | None = None,
    without: frozenset[str] = frozenset(),
) -> Matched:
    """Match two sets.

    ``writer``: the writers of all images must be known, and two of them be in both sets, or two in each and none in both.
    ``pair``: images of one file name are a pair; others are left out. ``image``: each image stands for itself. ``auto``:
    writers if that goes, else pairs if both folders hold the same file names, else images. ``writers`` is a table that
    tells the writers (:func:`sigforensics.workflows.writer_table.writers_from_table`); without one they are known from what
    made the sets, or from CEDAR's file names. Files whose SHA-256 is in ``without`` are left out of both sets, with a note.

    Raises
    ------
    TooFewImages
        If the sets cannot be matched in the way that was asked for.
    TableInvalid
        If a table that tells the writers is damaged or incomplete.
    """
    if without:
        return _match_others(true, fake, unit, writers, without)
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
    matched = _by_name_or_as_they_are(true, fake, unit)
    return replace(matched, known_writers=_known_writers(true, fake, matched, writers))


def _by_name_or_as_they_are(true: ImageSet, fake: ImageSet, unit: UnitChoice) -> Matched:
    names_true, names_fake = _names(true), _names(fake)
    common = [name for name in names_true if name in names_fake]
    if unit == "pair" or (unit == "auto" and len(common) >= 2 and _same_names(true, fake)):
        return _by_name(true, fake, common)
    notes: tuple[str, ...] = ()
    if unit == "auto" and common:
        notes = (
            f"file names in both sets: {len(common)}; if these are pairs, 'compare --pairs' compares them so",
        )
    return Matched(list(range(len(true.paths))), list(range(len(fake.paths))), notes=notes)


def _match_others(
    true: ImageSet, fake: ImageSet, unit: UnitChoice, writers: Path | None, without: frozenset[str]
) -> Matched:
    """Match what is left of both sets, and tell its places in the whole sets."""
    places = [
        [place for place, sha in enumerate(images.sha256) if sha not in without] for images in (true, fake)
    ]
    for images, kept in zip((true, fake), places, strict=True):
        if len(kept) < 2:
            raise TooFewImages(images.folder, f"has {len(kept)} image(s) that the other set does not have")
    matched = match_sets(_part(true, places[0]), _part(fake, places[1]), unit, writers=writers)
    gone = [len(images.paths) - len(kept) for images, kept in zip((true, fake), places, strict=True)]
    note = f"files that are in both sets were left out of both: {gone[0]} of the first and {gone[1]} of the second"
    return replace(
        matched,
        true=[places[0][place] for place in matched.true],
        fake=[places[1][place] for place in matched.fake],
        notes=(note, *matched.notes),
    )


def _part(images: ImageSet, places: Sequence[int]) -> ImageSet:
    """Some images of a set, as far as matching needs them."""
    return replace(
        images,
        paths=tuple(images.paths[place] for place in places),
        sha256=tuple(images.sha256[place] for place in places),
    )


def _known_writers(true: ImageSet, fake: ImageSet, matched: Matched, table: Path | None) -> int:
    """Writers of the images that are compared, as far as they are known of a whole set; 0 if none made several units."""
    known: list[list[str]] = []
    for images, places in ((true, matched.true), (fake, matched.fake)):
        writers = writers_of(images) if table is None else writers_from_table(table, images.paths)
        if writers is not None:
            known.append([writers[place] for place in places])
    names = {writer for side in known for writer in side}
    sizes = [len(side) for side in known]
    units = max(sizes, default=0) if matched.paired else sum(sizes)
    return len(names) if len(names) < units else 0


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
