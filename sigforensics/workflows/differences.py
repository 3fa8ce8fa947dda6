"""Every set of images against the first: how they are matched, and how far their profiles lie apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sigforensics.settings import Comparing
from sigforensics.spectra import PROFILES, ProfileKind
from sigforensics.statistics import ProfileDifferences, differing_profiles
from sigforensics.statistics.units import FloatArray
from sigforensics.workflows.matching import Matched, match_sets, shared_files
from sigforensics.workflows.sets import ImageSet

__all__ = ["SetDifference", "find_differences", "match_to_first"]


@dataclass(frozen=True)
class SetDifference:
    """The profiles of a set less those of the first."""

    name: str
    less: str
    """The first set, which was subtracted."""
    profiles: ProfileDifferences


def match_to_first(sets: Mapping[str, ImageSet], settings: Comparing) -> dict[str, Matched]:
    """How each set but the first is set against it, as ``compare`` would do it."""
    first, *others = sets
    return {name: match_sets(sets[first], sets[name], settings.unit) for name in others}


def find_differences(
    sets: Mapping[str, ImageSet], matches: Mapping[str, Matched], *, settings: Comparing
) -> tuple[tuple[SetDifference, ...], tuple[str, ...]]:
    """The profiles of every set but the first, less those of the first, with intervals over the units.

    The intervals of the radial bands are those that ``compare`` gives with the same settings.

    Returns
    -------
    differences : tuple of SetDifference
        One for each of these sets.
    notes : tuple of str
        What a reader must know of the units.
    """
    first = next(iter(sets))
    found, notes = [], []
    for name, matched in matches.items():
        where = f"{name} - {first}"
        notes += [f"{where}: {note}" for note in matched.notes]
        profiles = _between(sets[first], sets[name], matched, settings)
        found.append(SetDifference(name, first, profiles))
        notes += [f"{where}: {note}" for note in (*profiles.notes, *_shared(sets[first], sets[name]))]
        if matched.known_writers:
            counted = f"{profiles.n_units} {profiles.unit}s were counted as independent"
            notes.append(f"{where}: {matched.known_writers} writers are known, but {counted}")
    return tuple(found), tuple(notes)


def _shared(one: ImageSet, other: ImageSet) -> list[str]:
    shared = len(shared_files(one, other))
    what = f"files in both sets, byte for byte: {shared}"
    return (
        [f"{what}; the sets are not independent, and no interval or p of their difference holds"]
        if shared
        else []
    )


def _between(one: ImageSet, other: ImageSet, matched: Matched, settings: Comparing) -> ProfileDifferences:
    return differing_profiles(
        _features(one, matched.true),
        _features(other, matched.fake),
        edges={kind: one.spectrum.profile_edges(kind) for kind in PROFILES},
        paired=matched.paired,
        writers=matched.writers,
        settings=settings,
        rng=np.random.default_rng(settings.seed),
    )


def _features(images: ImageSet, places: list[int]) -> dict[ProfileKind, FloatArray]:
    return {kind: images.spectrum.profile_features(kind)[places] for kind in PROFILES}
