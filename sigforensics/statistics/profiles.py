"""How far the profiles of a set are from those of another, with intervals over the independent units."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

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
    before, after = (np.concatenate([values[kind] for kind in PROFILES], axis=1) for values in (one, other))
    columns = {name: np.full(before.shape[1], np.nan) for name in ("standard_error", "ci_low", "ci_high")}
    if min(len(before), len(after)) < 2:
        difference = after.mean(axis=0) - before.mean(axis=0)
        profiles = _to_bands({"difference_nats": difference, **columns}, edges)
        return ProfileDifferences(
            None, 0, len(before) + len(after), settings.confidence, None, profiles, (SINGLE,)
        )
    known = np.isfinite(before).all(axis=0) & np.isfinite(after).all(axis=0)
    first, second = writers or (None, None)
    units = independent_units(
        before[:, known], after[:, known], paired=paired, units_true=first, units_fake=second
    )
    (for_intervals,) = rng.spawn(1)
    intervals = difference_intervals(units, settings=settings, rng=for_intervals)
    columns["difference_nats"] = np.full(known.size, np.nan)
    columns["difference_nats"][known] = units.difference
    columns["standard_error"][known] = np.sqrt(sum(units.squared_errors))
    columns["ci_low"][known], columns["ci_high"][known] = intervals.low, intervals.high
    return ProfileDifferences(
        unit=units.unit,
        n_units=units.n_units,
        n_images=units.n_true + units.n_fake,
        confidence=settings.confidence,
        interval=intervals.method,
        profiles=_to_bands(columns, edges),
        notes=units.notes,
    )


def _to_bands(
    columns: Mapping[str, FloatArray], edges: Mapping[ProfileKind, FloatArray]
) -> dict[ProfileKind, tuple[ProfileBand, ...]]:
    """The columns of all profiles, one profile after another, as bands of each."""
    table = {
        "low": np.concatenate([edges[kind][:-1] for kind in PROFILES]),
        "high": np.concatenate([edges[kind][1:] for kind in PROFILES]),
        **columns,
        "difference_db": nats_to_db(1.0) * columns["difference_nats"],
    }
    rows = np.stack(list(table.values()), axis=1).tolist()
    bands = iter([ProfileBand(**dict(zip(table, row, strict=True))) for row in rows])
    return {kind: tuple(itertools.islice(bands, len(edges[kind]) - 1)) for kind in PROFILES}
