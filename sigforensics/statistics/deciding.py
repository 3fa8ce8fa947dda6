"""Which of the statistics of whole sets the control is asked about."""

from __future__ import annotations

from dataclasses import dataclass

from sigforensics.statistics.results import Control, ControlFigure, Whole

__all__ = ["MEASURES", "Deciding", "deciding_statistic"]

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
