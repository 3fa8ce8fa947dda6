"""What may be concluded from a comparison: one of a few codes, and a sentence with the figures that it rests on."""

from __future__ import annotations

import math

from sigforensics.statistics.levels import level_of
from sigforensics.statistics.results import BandDifference, Conclusion, Control, ControlFigure, Whole
from sigforensics.statistics.units import IndependentUnits

__all__ = ["conclude", "deciding_figure"]


def deciding_figure(control: Control | None) -> tuple[str, ControlFigure] | None:
    """By what true against fake is set beside true against true: the AUC, or the energy distance where there is none."""
    if control is None:
        return None
    return ("AUC", control.auc) if control.auc is not None else ("energy distance", control.energy)


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
    4. ``inconclusive`` where there are too few true units for a control;
    5. ``difference_within_control`` where true images differ as much from each other (below the percentile ``confidence``);
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
    deciding = deciding_figure(control)
    if whole.smallest_p > level:
        return Conclusion(code="inconclusive", sentence=_too_few(units, whole, level))
    if whole.p > level:
        return Conclusion(code="no_difference_found", sentence=_nothing(bands, whole, power))
    found = _found(bands, whole)
    if acquisition_differs:
        rest = "the sets also differ in how they were acquired, which alone can explain it"
        return Conclusion(code="difference_acquisition_differs", sentence=f"{found}; {rest}.")
    if deciding is None:
        rest = f"with {len(units.true)} true {units.unit}s there is no control to judge it by"
        return Conclusion(code="inconclusive", sentence=f"{found}; {rest}.")
    name, figure = deciding
    beyond = figure.percentile >= 100 * confidence
    rest = (
        f"true against fake has a larger {name} ({figure.observed:.2f}) than {figure.percentile:.0f} % of the "
        f"true-against-true splits of that size (95 %: {figure.q95:.2f})"
    )
    if beyond:
        return Conclusion(code="difference_beyond_control", sentence=f"{found}, and {rest}.")
    return Conclusion(
        code="difference_within_control", sentence=f"{found}, but true images differ as much: {rest}."
    )


def _found(bands: tuple[BandDifference, ...], whole: Whole) -> str:
    clearest = min(bands, key=lambda band: (band.p_corrected, -abs(band.effect_size or 0.0)))
    auc = (
        ""
        if whole.auc is None
        else f", AUC {whole.auc.value:.2f} ({whole.auc.low:.2f} to {whole.auc.high:.2f})"
    )
    return (
        f"The sets differ (p = {whole.p:.2g}{auc}; clearest band {clearest.low:.3f}-{clearest.high:.3f} cycles/pixel, "
        f"{clearest.difference_nats:+.3f} nats, corrected p = {clearest.p_corrected:.2g})"
    )


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
