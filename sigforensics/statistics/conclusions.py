"""What may be concluded from a comparison: one of a few codes, and a sentence with the figures that it rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from sigforensics.settings import Comparing
from sigforensics.statistics.control import different_splits
from sigforensics.statistics.deciding import MEASURES, Deciding, deciding_statistic
from sigforensics.statistics.levels import level_of
from sigforensics.statistics.results import (
    BandDifference,
    Conclusion,
    ConclusionCode,
    Control,
    ControlFigure,
    Whole,
)
from sigforensics.statistics.units import IndependentUnits

__all__ = ["conclude"]

FEW = 30
"""Units a side: with fewer, the smallest difference is found more rarely than was asked for; measured in the method."""


def conclude(
    units: IndependentUnits,
    bands: tuple[BandDifference, ...],
    whole: Whole,
    control: Control | None,
    *,
    confidence: float,
    power: float,
    acquisition_differs: bool = False,
    known_writers: int = 0,
    traces: Sequence[str] = (),
    names: tuple[str, str] = ("true", "fake"),
    control_splits: int = Comparing.control_splits,
) -> Conclusion:
    """Choose the code; each needs what stands before it to be ruled out.

    1. ``inconclusive`` where no p as small as 1 - ``confidence`` can come out of so few units or permutations;
    2. ``no_difference_found`` where the p of the whole is above that: with the smallest difference of a band that would have
       been found;
    3. ``difference_acquisition_differs`` where the sets were not acquired alike: that alone can explain it;
    4. ``inconclusive`` where there are too few true units for a control of that statistic, or where the difference is larger
       than in the control, but so few different splits exist, or were drawn, that none could lie beyond the percentile
       ``confidence``;
    5. ``difference_within_control`` where true images differ as much from each other, in the statistic that found the
       difference (:func:`sigforensics.statistics.deciding_statistic`; below the percentile ``confidence``);
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
    known_writers : int
        Writers who are known though they are not the units; the sentence then says so. 0 if none.
    traces : sequence of str
        Properties in which the audit tells sets of one chain apart.
    names : pair of str
        What the sets are called.
    control_splits : int
        The most that are drawn for a control.
    """
    conclusion = _conclusion(
        units,
        bands,
        whole,
        control,
        confidence=confidence,
        power=power,
        acquisition_differs=acquisition_differs,
        traces=traces,
        names=names,
        control_splits=control_splits,
    )
    if not known_writers:
        return conclusion
    hands = f"though some are by the same writer ({known_writers} writers are known)"
    counted = f"{units.n_units} {units.unit}s were counted as independent, {hands}"
    return replace(conclusion, sentence=f"{conclusion.sentence.removesuffix('.')}; {counted}.")


def _conclusion(
    units: IndependentUnits,
    bands: tuple[BandDifference, ...],
    whole: Whole,
    control: Control | None,
    *,
    confidence: float,
    power: float,
    acquisition_differs: bool,
    traces: Sequence[str],
    names: tuple[str, str],
    control_splits: int,
) -> Conclusion:
    level = level_of(confidence)
    deciding = deciding_statistic(whole, control, level=level)
    one = names[0]
    if whole.smallest_p > level:
        sentence = f"{_too_few(units, whole, level, names)} {_needed(units, whole, level, control_splits)}"
        return Conclusion(code="inconclusive", sentence=sentence)
    if whole.p > level:
        return Conclusion(
            code="no_difference_found", sentence=_nothing(units, bands, whole, level, power, names)
        )
    found = _found(units, bands, whole, deciding, confidence, names)
    if acquisition_differs:
        rest = "the sets also differ in how they were acquired, which alone can explain it"
        return Conclusion(code="difference_acquisition_differs", sentence=f"{found}; {rest}.")
    figure = deciding.control
    if figure is None:
        rest = f"with {len(units.true)} {units.unit}s of the set {one} there is no control to judge it by"
        return Conclusion(code="inconclusive", sentence=f"{found}; {rest}.")
    return _judged(found, figure, deciding, control, confidence, traces, names)


def _judged(
    found: str,
    figure: ControlFigure,
    deciding: Deciding,
    control: Control | None,
    confidence: float,
    traces: Sequence[str],
    names: tuple[str, str],
) -> Conclusion:
    """What the control makes of a difference that was found."""
    one, other = names
    beyond = figure.percentile >= 100 * confidence
    rest = (
        f"{one} against {other} has a larger {MEASURES[deciding.name]} ({figure.observed:.2f}) than {figure.percentile:.0f} % of "
        f"the {one}-against-{one} splits of that size{control.repeats if control else ''} (95 %: {figure.q95:.2f})"
    )
    splits = min(control.n_different, control.n_splits) if control else 0
    judged = splits * level_of(confidence) >= 1
    if beyond and not judged:
        few = (
            f"{splits} different splits are too few for anything to lie beyond {100 * confidence:g} % of them"
        )
        rest += f"; but {few}"
    if traces:
        rest += (
            f". Both sets went through one chain, and the audit tells them apart, too ({', '.join(traces)}): traces that only "
            "one of them has may be all that this is"
        )
    if beyond:
        code: ConclusionCode = "difference_beyond_control" if judged else "inconclusive"
        return Conclusion(code=code, sentence=f"{found}, and {rest}.")
    return Conclusion(
        code="difference_within_control",
        sentence=f"{found}, but images of the set {one} differ as much from each other: {rest}.",
    )


def _found(
    units: IndependentUnits,
    bands: tuple[BandDifference, ...],
    whole: Whole,
    deciding: Deciding,
    confidence: float,
    names: tuple[str, str],
) -> str:
    clearest = _clearest(bands)
    figures = [
        _counts(units, names),
        f"p = {whole.p:.2g} for the sets as wholes",
        _deciding(whole, deciding, confidence),
    ]
    if clearest.p_corrected <= level_of(confidence):
        figures.append(f"clearest band {_band(clearest, confidence, names)}")
    return f"The sets differ ({'; '.join(figures)})"


def _clearest(bands: tuple[BandDifference, ...]) -> BandDifference:
    return min(bands, key=lambda band: (band.p_corrected, -abs(band.effect_size or 0.0)))


def _counts(units: IndependentUnits, names: tuple[str, str]) -> str:
    """``40 true and 40 fake images, 8 writers``."""
    counts = f"{units.n_true} {names[0]} and {units.n_fake} {names[1]} images"
    if units.unit == "image":
        return counts
    if units.aligned:
        return f"{counts}, {len(units.true)} {units.unit}s"
    return f"{counts}, {len(units.true)} and {len(units.fake)} {units.unit}s"


def _band(band: BandDifference, confidence: float, names: tuple[str, str]) -> str:
    return (
        f"{band.low:.3f}-{band.high:.3f} cycles/pixel, {names[1]} less {names[0]} {band.difference_nats:+.3f} nats "
        f"({100 * confidence:g} % interval {band.ci_low:+.3f} to {band.ci_high:+.3f}), corrected p = {band.p_corrected:.2g}"
    )


def _deciding(whole: Whole, deciding: Deciding, confidence: float) -> str:
    """What found the difference, with its figure."""
    value = {"energy distance": f", {whole.energy:.3f}", "largest band": ""}.get(deciding.name)
    if value is None and whole.auc is not None:
        interval = f"{100 * confidence:g} % interval {whole.auc.low:.2f} to {whole.auc.high:.2f}"
        value = f", {whole.auc.value:.2f} ({interval})"
    return f"most clearly by the {deciding.name}{value}, p = {deciding.p:.2g}"


def _nothing(
    units: IndependentUnits,
    bands: tuple[BandDifference, ...],
    whole: Whole,
    level: float,
    power: float,
    names: tuple[str, str],
) -> str:
    clearest = _clearest(bands)
    start = (
        f"No difference was found ({_counts(units, names)}; p = {whole.p:.2g} for the sets as wholes; smallest corrected p of a "
        f"band {clearest.p_corrected:.2g})"
    )
    if clearest.p_corrected <= level:
        start += (
            f". The band {clearest.low:.3f}-{clearest.high:.3f} cycles/pixel by itself has a small p, which is corrected for all "
            "bands but not for AUC and energy distance, at which was looked as well: what decides is the p of the wholes"
        )
    if not any(band.standard_error > 0 for band in bands):
        return f"{start}; nothing varies, so that it cannot be said what would have been found."
    bands = tuple(band for band in bands if band.standard_error > 0)
    limits = [band.detectable_nats for band in bands if band.detectable_nats is not None]
    if len(limits) < len(bands):
        return (
            f"{start}; with so few units no difference of a single band, however large, is sure to be found."
        )
    few = units.smallest_side < FEW
    chance = (
        f"less than {100 * power:g} %, since so few units tell little of how they scatter"
        if few
        else f"about {100 * power:g} %"
    )
    return (
        f"{start}; a difference of {min(limits):.2g} nats in the steadiest band, and of {max(limits):.2g} in the least steady, "
        f"would have been found by its band with a probability of {chance}."
    )


def _too_few(units: IndependentUnits, whole: Whole, level: float, names: tuple[str, str]) -> str:
    have = f"{len(units.true)} {units.unit}s"
    if not units.aligned:
        have = f"{len(units.true)} {names[0]} and {len(units.fake)} {names[1]} {units.unit}s"
    if not whole.exhaustive:
        have += f" and {whole.n_permutations} random permutations"
    return (
        f"With {have} no p below {whole.smallest_p:.2g} can come out, however large the difference: at a level of {level:.2g} "
        f"nothing can be concluded but what the differences of these {units.unit}s are."
    )


def _needed(units: IndependentUnits, whole: Whole, level: float, control_splits: int) -> str:
    n = 2
    while 2 / (2**n if units.aligned else math.comb(2 * n, n)) > level:
        n += 1
    judged = n
    while different_splits(judged, judged // 2) * level < 1:
        judged += 1
    needed = [] if whole.exhaustive else [f"{math.ceil(1 / level) - 1} permutations"]
    if whole.exhaustive or units.smallest_side < n:
        needed.append(f"{n} {units.unit}s{'' if units.aligned else ' a side'}")
    else:
        judged = n
    more = f", and {judged} to say that it lies beyond the control" if judged > n else ""
    if control_splits * level < 1:
        more = f"; the {control_splits} splits of the control are too few to say that it lies beyond it"
    return f"At least {' and '.join(needed)} are needed to find one{more}."
