"""How far the profiles of a set are from those of another, with intervals over the independent units."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from sigforensics.settings import Comparing
from sigforensics.spectra import PROFILES, ProfileKind, nats_to_db
from sigforensics.statistics.bootstrap import difference_intervals
from sigforensics.statistics.units import FloatArray, Unit, independent_units

__all__ = ["ProfileBand", "ProfileDifferences", "differing_profiles"]

SINGLE = "a set is a single image: the difference has no interval"


@dataclass(frozen=True, kw_only=True)
class ProfileBand:
    """The difference in one band of a profile: positive where the set has more than the one that was subtracted."""

    low: float
    """Lower edge, in the unit of the spectra's frequencies."""
    high: float
    difference_nats: float
    """Mean of the set's units less mean of the other's; NaN where an image has no coefficient, as all that follows."""
    standard_error: float
    """Nats: of the difference, from the spread over the units; NaN without units, as the interval."""
    ci_low: float
    """Nats: lower end of the confidence interval of the difference, for this band by itself."""
    ci_high: float
    difference_db: float
    """dB of amplitude."""


@dataclass(frozen=True)
class ProfileDifferences:
    """All profiles of a set less those of another."""

    unit: Unit | None
    """What counts as independent; None where a set is a single image, so that there are no errors and no intervals."""
    n_units: int
    """Units behind the differences: pairs, or writers in both sets; else images or writers of both together."""
    n_images: int
    """Images of both sets behind them."""
    confidence: float
    """Coverage of the intervals."""
    interval: str | None
    """How they were made."""
    profiles: Mapping[ProfileKind, tuple[ProfileBand, ...]]
    notes: tuple[str, ...]
    """What a reader must know of the units."""


def differing_profiles(
    one: Mapping[ProfileKind, FloatArray],
    other: Mapping[ProfileKind, FloatArray],
    *,
    edges: Mapping[ProfileKind, FloatArray],
    paired: bool = False,
    writers: tuple[Sequence[str], Sequence[str]] | None = None,
    settings: Comparing | None = None,
    rng: np.random.Generator,
) -> ProfileDifferences:
    """The profiles of a set less those of the first, band by band.

    What belongs together is compared with itself, as in :func:`sigforensics.statistics.compare_sets`, and with the same
    ``rng`` the intervals of the radial bands are the same.

    Parameters
    ----------
    one, other : mapping of ProfileKind to float64, shape (n, bands)
        Nats: of each image its mean of ln(|DCT| + floor) in each band; NaN where it has no coefficient.
    edges : mapping of ProfileKind to float64, shape (bands + 1,)
    paired : bool
        Whether row i of one belongs to row i of the other.
    writers : pair of sequences of str, optional
        Of the images of both: then writers are the units.
    settings : Comparing, optional
        Intervals.
    rng : numpy.random.Generator

    Raises
    ------
    TooFewImages
        If a set has several images, and fewer than two units.
    """
    settings = settings or Comparing()
    n_images = len(one["radial"]) + len(other["radial"])
    if min(len(one["radial"]), len(other["radial"])) < 2:
        profiles = {
            kind: _to_bands(edges[kind], other[kind].mean(axis=0) - one[kind].mean(axis=0))
            for kind in PROFILES
        }
        return ProfileDifferences(None, 0, n_images, settings.confidence, None, profiles, (SINGLE,))
    (for_intervals,) = rng.spawn(1)
    first, second = writers or (None, None)
    profiles = {}
    for kind in PROFILES:  # one after the other: of very many images, all profiles together take much memory
        known = np.asarray(np.isfinite(one[kind]).all(axis=0) & np.isfinite(other[kind]).all(axis=0))
        units = independent_units(
            one[kind][:, known], other[kind][:, known], paired=paired, units_true=first, units_fake=second
        )
        intervals = difference_intervals(units, settings=settings, rng=copy.deepcopy(for_intervals))
        error = np.sqrt(sum(units.squared_errors))
        columns = [
            _spread(values, known) for values in (units.difference, error, intervals.low, intervals.high)
        ]
        profiles[kind] = _to_bands(edges[kind], *columns)
    return ProfileDifferences(
        unit=units.unit,
        n_units=units.n_units,
        n_images=units.n_true + units.n_fake,
        confidence=settings.confidence,
        interval=intervals.method,
        profiles=profiles,
        notes=units.notes,
    )


def _spread(values: FloatArray, known: NDArray[np.bool_]) -> FloatArray:
    """Values in the places that are known, and NaN in the others."""
    filled = np.full(known.size, np.nan)
    filled[known] = values
    return filled


def _to_bands(edges: FloatArray, difference: FloatArray, *columns: FloatArray) -> tuple[ProfileBand, ...]:
    """The bands of a profile: of standard error and ends of the interval, which may be missing, the columns in this order."""
    error, low, high = columns or 3 * (np.full(difference.size, np.nan),)
    table = np.stack(
        [edges[:-1], edges[1:], difference, error, low, high, nats_to_db(1.0) * difference], axis=1
    )
    names = [field.name for field in fields(ProfileBand)]
    return tuple(ProfileBand(**dict(zip(names, row, strict=True))) for row in table.tolist())
