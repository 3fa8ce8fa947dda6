"""The peaks of up-sampling in sets of images: each set by itself, and against the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sigforensics.errors import TooFewImages
from sigforensics.settings import Comparing, Peaks
from sigforensics.spectra import peak_places
from sigforensics.statistics import PeakTest, peaks_between, peaks_of_set
from sigforensics.workflows.matching import Matched
from sigforensics.workflows.sets import ImageSet, writers_of

__all__ = ["SetPeaks", "find_peaks"]


@dataclass(frozen=True)
class SetPeaks:
    """The peaks of a set, or how they differ from those of the first."""

    name: str
    less: str | None
    """The set that was subtracted; None for the excess itself."""
    test: PeakTest


def find_peaks(
    sets: Mapping[str, ImageSet], matches: Mapping[str, Matched], *, settings: Comparing, peaks: Peaks
) -> tuple[tuple[SetPeaks, ...], tuple[str, ...]]:
    """Test the places of up-sampling in every set, and in every set less the first.

    The unit is the writer where the writers of all images of a set are known and there are two of them, else the image;
    between sets as in ``matches``: see :func:`sigforensics.workflows.differences.match_to_first`.

    Returns
    -------
    tests : tuple of SetPeaks
        As far as the images allow them.
    notes : tuple of str
        Why others are missing or cannot find anything.
    """
    places = peak_places(peaks.periods)
    small = {
        name: int(np.isnan(images.spectrum.peak_excess).any(axis=1).sum()) for name, images in sets.items()
    }
    least = 16 * (peaks.gap + 1)
    notes = [
        f"{count} of {sets[name].spectrum.n} images of the set {name} are smaller than {least} pixels a side: peaks of "
        "up-sampling were not looked for in the set"
        for name, count in small.items()
        if count
    ]
    large = {name: images for name, images in sets.items() if not small[name]}
    tests = []
    for number, (name, images) in enumerate(large.items()):
        rng = np.random.default_rng([settings.seed, number])
        excess = images.spectrum.peak_excess
        try:
            test = peaks_of_set(excess, places=places, writers=_writers(images), settings=settings, rng=rng)
        except TooFewImages:
            notes.append(f"the set {name} has one image: peaks of up-sampling were not tested in it")
            continue
        tests.append(SetPeaks(name, None, test))
        if not test.can_find:
            notes.append(f"{_too_few(test)} of the set {name}: no peak of up-sampling can be found in it")
    first = next(iter(sets))
    for number, name in enumerate(large):
        if name != first and first in large:
            rng = np.random.default_rng([settings.seed, 1, number])
            try:
                test = _between(sets[first], sets[name], matches[name], places, settings, rng)
            except TooFewImages as error:
                notes.append(f"peaks of up-sampling, {name} - {first}: {error.what}; they were not tested")
                continue
            tests.append(SetPeaks(name, first, test))
            if not test.can_find:
                notes.append(
                    f"{_too_few(test)} of {name} - {first}: no difference of their peaks can be found"
                )
    return tuple(tests), tuple(notes)


def _too_few(test: PeakTest) -> str:
    return f"no p below {test.smallest_p:.2g} can come out of the {test.n_units} {test.unit}s"


def _writers(images: ImageSet) -> list[str] | None:
    writers = writers_of(images)
    return writers if writers is not None and len(set(writers)) > 1 else None


def _between(
    one: ImageSet,
    other: ImageSet,
    matched: Matched,
    places: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    settings: Comparing,
    rng: np.random.Generator,
) -> PeakTest:
    return peaks_between(
        one.spectrum.peak_excess[matched.true],
        other.spectrum.peak_excess[matched.fake],
        places=places,
        paired=matched.paired,
        writers=matched.writers,
        settings=settings,
        rng=rng,
    )
