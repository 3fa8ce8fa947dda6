"""What may be concluded from a comparison: one of a few codes, and a sentence with the figures that it rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sigforensics.statistics.levels import level_of
from sigforensics.statistics.results import BandDifference, Conclusion, Control, ControlFigure, Whole
from sigforensics.statistics.units import IndependentUnits

__all__ = ["Deciding", "conclude", "deciding_statistic"]

MEASURES = {
    "AUC": "AUC",
    "energy distance": "energy distance",
    "largest band": "standardised difference of a band",
}
"""The three statistics, and what is compared with the control's."""


@dataclass(frozen=True)
class Deciding:
    """The statistic that says most clearly that the sets differ: the one that the control is asked about."""

    name: str
    """Of :data:`MEASURES`."""
    p: float
    """Its own p."""
    control: ControlFigure | None
    """None where there are too few true units for it."""


def deciding_statistic(whole: Whole, control: Control | None, *, level: float) -> Deciding:
    """Of the three statistics the one with the smallest p; of equal ones the AUC, then the energy distance.

    A difference that one statistic finds is set beside what true images differ by in that statistic: another may not see it
    at all. Those that find it by themselves (a p of at most ``level``) and have a control go first.
    """
    statistics = [
        Deciding("energy distance", whole.p_energy, control.energy if control else None),
        Deciding("largest band", whole.p_bands, control.standardised if control else None),
    ]
    if whole.p_auc is not None:
        statistics.insert(0, Deciding("AUC", whole.p_auc, control.auc if control else None))
    return min(statistics, key=lambda one: (one.p > level or one.control is None, one.p))


def conclude(
    units: IndependentUnits,
    bands: tuple[BandDifference, ...],
    whole: Whole,
    control: Control | None,
    *,
    confidence: float,
    power: float,
    acquisition_differs: bool = False,
) -> Conclusion:
    """Choose the code; each needs what stands before it to be ruled out.

    1. ``inconclusive`` where no p as small as 1 - ``confidence`` can come out of so few units;
    2. ``no_difference_found`` where the p of the whole is above that: with the smallest difference of a band that would have
       been found;
    3. ``difference_acquisition_differs`` where the sets were not acquired alike: that alone can explain it;
    4. ``inconclusive`` where there are too few true units for a control of that statistic;
    5. ``difference_within_control`` where true images differ as much from each other, in the statistic that found the
       difference (:func:`deciding_statistic`; below the percentile ``confidence``);
    6. ``difference_beyond_control``.

    None says what made the difference, and none that an image is genuine, forged or generated.

    Parameters
    ----------
    units : IndependentUnits
    bands, whole, control
        What was found.
    confidence : float
        Level of the decision, and percentile of the control from which a difference lies beyond it.
    power : float
        With which the smallest difference would have been found.
    acquisition_differs : bool
        Whether the sets differ in how they were acquired.
    """
    level = level_of(confidence)
    deciding = deciding_statistic(whole, control, level=level)
    if whole.smallest_p > level:
        return Conclusion(code="inconclusive", sentence=_too_few(units, whole, level))
    if whole.p > level:
        return Conclusion(code="no_difference_found", sentence=_nothing(bands, whole, power))
    found = _found(bands, whole, deciding, level)
    if acquisition_differs:
        rest = "the sets also differ in how they were acquired, which alone can explain it"
        return Conclusion(code="difference_acquisition_differs", sentence=f"{found}; {rest}.")
    figure = deciding.control
    if figure is None:
        rest = f"with {len(units.true)} true {units.unit}s there is no control to judge it by"
        return Conclusion(code="inconclusive", sentence=f"{found}; {rest}.")
    beyond = figure.percentile >= 100 * confidence
    rest = (
        f"true against fake has a larger {MEASURES[deciding.name]} ({figure.observed:.2f}) than {figure.percentile:.0f} % of the "
        f"true-against-true splits of that size (95 %: {figure.q95:.2f})"
    )
    if beyond:
        return Conclusion(code="difference_beyond_control", sentence=f"{found}, and {rest}.")
    return Conclusion(
        code="difference_within_control", sentence=f"{found}, but true images differ as much: {rest}."
    )


def _found(bands: tuple[BandDifference, ...], whole: Whole, deciding: Deciding, level: float) -> str:
    clearest = min(bands, key=lambda band: (band.p_corrected, -abs(band.effect_size or 0.0)))
    figures = [f"p = {whole.p:.2g}", _deciding(whole, deciding)]
    if clearest.p_corrected <= level:
        figures.append(
            f"clearest band {clearest.low:.3f}-{clearest.high:.3f} cycles/pixel, {clearest.difference_nats:+.3f} nats, "
            f"corrected p = {clearest.p_corrected:.2g}"
        )
    return f"The sets differ ({'; '.join(figures)})"


def _deciding(whole: Whole, deciding: Deciding) -> str:
    """What found the difference, with its figure."""
    value = {"energy distance": f", {whole.energy:.3f}", "largest band": ""}.get(deciding.name)
    if value is None and whole.auc is not None:
        value = f", {whole.auc.value:.2f} ({whole.auc.low:.2f} to {whole.auc.high:.2f})"
    return f"most clearly by the {deciding.name}{value}, p = {deciding.p:.2g}"


def _nothing(bands: tuple[BandDifference, ...], whole: Whole, power: float) -> str:
    smallest = min(band.p_corrected for band in bands)
    start = f"No difference was found (p = {whole.p:.2g}; smallest corrected p of a band {smallest:.2g})"
    limits = [band.detectable_nats for band in bands if band.detectable_nats is not None]
    if len(limits) < len(bands):
        return (
            f"{start}; with so few units no difference of a single band, however large, is sure to be found."
        )
    return (
        f"{start}; a difference of {min(limits):.2g} nats in the steadiest band, and of {max(limits):.2g} in the least "
        f"steady, would have been found with a probability of {power:.0%}."
    )


def _too_few(units: IndependentUnits, whole: Whole, level: float) -> str:
    have = f"{len(units.true)} {units.unit}s"
    if not units.aligned:
        have = f"{len(units.true)} true and {len(units.fake)} fake {units.unit}s"
    return (
        f"With {have} no p below {whole.smallest_p:.2g} can come out, however large the difference: at a level of {level:.2g} "
        f"nothing can be concluded but what the differences of these {units.unit}s are. {_needed(units, level)}"
    )


def _needed(units: IndependentUnits, level: float) -> str:
    n = 2
    while 2 / (2**n if units.aligned else math.comb(2 * n, n)) > level:
        n += 1
    return f"At least {n} {units.unit}s{'' if units.aligned else ' a side'} are needed."
