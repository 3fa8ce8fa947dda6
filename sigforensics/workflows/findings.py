"""What a comparison found, for scripts: the fields of the whole, and a finding as an exit status."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from sigforensics.errors import DifferenceFound, Inconclusive, NoDifferenceFound, SigforensicsError
from sigforensics.statistics import Comparison, deciding_statistic

__all__ = ["ExitOn", "finding_error", "whole_fields"]

ExitOn = Literal["difference", "no-difference"]


def whole_fields(comparison: Comparison) -> dict[str, Any]:
    """The fields of the JSON document that are about the sets as wholes."""
    auc = comparison.whole.auc
    deciding = deciding_statistic(comparison.whole, comparison.control, level=comparison.level)
    whole = asdict(comparison.whole)
    del whole["auc"]
    return {
        "auc": None if auc is None else auc.value,
        "auc_low": None if auc is None else auc.low,
        "auc_high": None if auc is None else auc.high,
        "whole": whole,
        "control_percentile": None if deciding.control is None else deciding.control.percentile,
        "control_statistic": deciding.name,
        "conclusion": comparison.conclusion.code,
        "sentence": comparison.conclusion.sentence,
    }


def finding_error(comparison: Comparison, exit_on: ExitOn | None, *, where: str) -> SigforensicsError | None:
    """The error that makes what was found the exit status, if that was asked for; None if it was not found.

    Where nothing could be said, that has a status of its own, whichever was asked for: no script shall take it for an answer.
    """
    if exit_on is None:
        return None
    conclusion = comparison.conclusion
    what = f"{conclusion.code}: {conclusion.sentence.rstrip('.')}"
    if conclusion.difference_found is None:
        return Inconclusive(where, what)
    if exit_on == "difference":
        return DifferenceFound(where, what) if conclusion.difference_found else None
    return None if conclusion.difference_found else NoDifferenceFound(where, what)
