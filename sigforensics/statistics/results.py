"""What a comparison finds. ``dataclasses.asdict`` of it is what the JSON of a comparison holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from sigforensics.statistics.discriminant import Separation
from sigforensics.statistics.levels import level_of
from sigforensics.statistics.units import Unit

__all__ = [
    "CODES",
    "BandDifference",
    "Comparison",
    "Conclusion",
    "ConclusionCode",
    "Control",
    "ControlBand",
    "ControlFigure",
    "Whole",
]


ConclusionCode = Literal[
    "inconclusive",
    "no_difference_found",
    "difference_acquisition_differs",
    "difference_within_control",
    "difference_beyond_control",
]
CODES: tuple[ConclusionCode, ...] = get_args(ConclusionCode)


@dataclass(frozen=True, kw_only=True)
class BandDifference:
    """Fake minus true in one radial band: positive where the fakes have more."""

    low: float
    """Cycles per pixel: lower edge of the band."""
    high: float
    """Cycles per pixel: upper edge."""
    mean_true: float
    """Nats: mean of the true set's units."""
    mean_fake: float
    """Nats: mean of the fake set's units."""
    difference_nats: float
    """Mean of the fake units less mean of the true ones."""
    ci_low: float
    """Nats: lower end of the confidence interval of the difference, for this band by itself."""
    ci_high: float
    """Nats: upper end."""
    difference_db: float
    """The difference in decibels of amplitude: 20 / ln 10 times as many."""
    standard_error: float
    """Nats: of the difference, from the spread over the units."""
    effect_size: float | None
    """Hedges' g: the difference in standard deviations (of the pairs' differences where paired or by the same
    writers, else the root mean square of the two sets'), corrected for few units. None where nothing
    varies."""
    p: float
    """Permutation p-value of this band by itself, two-sided; where units are not paired, not below that of
    sign flips, which allow for different spreads."""
    p_corrected: float
    """The same, corrected for all bands (maximum statistic): the chance that any band at all would show so
    much."""
    p_fdr: float
    """Benjamini-Hochberg's: the false discovery rate at which this band is found."""
    detectable_nats: float | None
    """The smallest difference, either way, that would have given this band a corrected p of at most the level with the
    power of the settings. None where none would, with so few units, and where nothing varies."""


@dataclass(frozen=True, kw_only=True)
class Whole:
    """The sets as wholes: one question, asked in three ways."""

    p_bands: float
    """How often exchanges of true and fake give as large a studentised difference of any band."""
    auc: Separation | None
    """How well a linear classifier tells fakes from true images of units that it was not trained on; above 0.5 they can be told.
    None where there are too few units."""
    p_auc: float | None
    """How often exchanges of true and fake give as high an AUC."""
    energy: float
    """Energy distance, in standard deviations of a band over both sets: 0 where the sets have one distribution."""
    p_energy: float
    """How often exchanges give as large a one."""
    p: float
    """Of the smallest of three p-values (of the largest studentised band difference, the energy distance, the AUC), corrected
    for choosing it."""
    smallest_p: float
    """A bound below which none of these p-values could have come out."""
    n_permutations: int
    exhaustive: bool
    """Whether these are all exchanges that exist; random ones otherwise."""
    n_images: int
    """Images that AUC and energy distance are of, of both sets; where there are more, random ones."""


@dataclass(frozen=True, kw_only=True)
class ControlBand:
    """True against true in one radial band."""

    low: float
    """Cycles per pixel: lower edge of the band."""
    high: float
    """Cycles per pixel: upper edge."""
    q95: float
    """Nats: 95 % of the true-against-true splits differ by less, either way."""
    observed: float
    """Nats: median over the splits of |fake - true| at the same sizes."""
    percentile: float
    """Per cent of the true-against-true splits that differ by less than ``observed``."""


@dataclass(frozen=True, kw_only=True)
class ControlFigure:
    """One figure of whole sets in the control."""

    median: float
    """Over the splits, true against true."""
    q95: float
    """95 % of the true-against-true splits have less."""
    observed: float
    """Median over the splits of true against fake, at the same sizes."""
    percentile: float
    """Per cent of the true-against-true splits that have less than ``observed``."""


@dataclass(frozen=True, kw_only=True)
class Control:
    """How far random parts of the true set differ from each other, in the statistic of the comparison.

    Parts of ``size_a_side`` are noisier than the whole sets, so the fakes are compared at that size too: each
    split sets one part of the true units against another, and the same first part against as many fakes.
    """

    n_splits: int
    """Random splits. They share their units, so they describe this true set and are no independent
    samples."""
    n_different: int
    """Different splits that exist, whichever part is called A: of fewer than ``n_splits``, some were drawn several times."""
    size_a_side: int
    """Independent units a side, in the control and in ``observed_max_abs_difference``."""
    unit: Unit
    """What those units are."""
    max_abs_difference_median: float
    """Nats: median over the splits of the largest |true - true| over the bands."""
    max_abs_difference_q95: float
    """Nats: its 95 % quantile."""
    observed_max_abs_difference: float
    """Nats: median over the splits of the largest |fake - true| over the bands, at the same sizes."""
    percentile: float
    """Per cent of the splits whose largest |true - true| is below ``observed_max_abs_difference``."""
    auc: ControlFigure | None
    """The AUC; None where the parts have too few units."""
    energy: ControlFigure
    """The energy distance, in standard deviations of a band over both sets."""
    standardised: ControlFigure
    """The largest difference of a band, each in root mean squares of what it differs by from true to true: a band in which true
    images are alike weighs as much as one in which they are not."""
    bands: tuple[ControlBand, ...]

    @property
    def repeats(self) -> str:
        """A remark where there are fewer different splits than were drawn, else nothing."""
        return (
            "" if self.n_different >= self.n_splits else f", of which {self.n_different} different ones exist"
        )


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """What may be concluded, and why."""

    code: ConclusionCode
    """Chosen by :func:`sigforensics.statistics.conclude`."""
    sentence: str
    """The same in words, with the figures that it rests on."""

    @property
    def difference_found(self) -> bool | None:
        """Whether a difference was found; None where the units could not have shown one, or there is nothing to judge it by."""
        return None if self.code == "inconclusive" else self.code != "no_difference_found"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Fake against true, band by band."""

    names: tuple[str, str] = ("true", "fake")
    """What the two sets are called: the first stands as true in the names of fields, the second as fake."""
    n_true: int
    """True images that were used."""
    n_fake: int
    """Fake images that were used."""
    unit: Unit
    """What is independent of each other, and so is resampled and exchanged as a whole."""
    n_units: int
    """How many there are: pairs, writers, or images of both sets."""
    paired: bool
    """Whether each fake was compared with the true image that it was made from."""
    bands: tuple[BandDifference, ...]
    confidence: float
    """Coverage of ``ci_low`` to ``ci_high``."""
    interval: Literal["studentised bootstrap", "Student's t"]
    """How the intervals were made."""
    n_permutations: int
    """Permutations behind the p-values."""
    exhaustive: bool
    """Whether they were all that exist; random ones otherwise."""
    smallest_p: float
    """A bound below which no p-value could have come out: that of the clearest difference where all permutations
    are made, 1 / (1 + permutations) for random ones."""
    whole: Whole
    control: Control | None
    control_unavailable: str | None
    """Why there is no control, where there is none."""
    conclusion: Conclusion
    notes: tuple[str, ...]
    """What a reader must know before using the figures."""

    @property
    def level(self) -> float:
        """A p of it, or below it, is found: one less the confidence."""
        return level_of(self.confidence)
