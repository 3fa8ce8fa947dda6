"""What was found, for scripts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sigforensics.errors import DifferenceFound, Inconclusive, NoDifferenceFound
from sigforensics.settings import Comparing
from sigforensics.statistics import CODES, Comparison, Conclusion, compare_sets
from sigforensics.workflows.findings import finding_error, whole_fields


def compared(n: int) -> Comparison:
    rng = np.random.default_rng(0)
    true, fake = rng.normal(size=(2, n, 3))
    settings = Comparing(permutations=19, control_splits=4, resamples=20, partitions=1)
    return compare_sets(true, fake, edges=np.linspace(0, 0.7, 4), paired=False, settings=settings, rng=rng)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("exit_on", ["difference", "no-difference", None])
def test_each_finding_gives_the_status_that_was_asked_for(code: str, exit_on: str | None) -> None:
    comparison = replace(compared(8), conclusion=Conclusion(code=code, sentence="It is so."))
    error = finding_error(comparison, exit_on, where="two sets")
    differs = code.startswith("difference")
    expected = {
        ("difference", True): DifferenceFound,
        ("no-difference", False): NoDifferenceFound,
    }.get((exit_on, differs))
    if code == "inconclusive" and exit_on is not None:
        expected = Inconclusive
    assert (None if error is None else type(error)) is expected
    if error is not None:
        assert str(error).startswith(f"two sets: {code}: It is so; ")


def test_the_percentile_is_that_of_the_statistic_that_decides() -> None:
    comparison, no_control = compared(8), compared(3)
    names = {"p_auc": "auc", "p_energy": "energy", "p_bands": "standardised"}
    spoken = {"p_auc": "AUC", "p_energy": "energy distance", "p_bands": "largest band"}
    for p, name in names.items():
        whole = replace(comparison.whole, **(dict.fromkeys(names, 0.5) | {p: 0.01}))
        fields = whole_fields(replace(comparison, whole=whole))
        assert fields["control_percentile"] == getattr(comparison.control, name).percentile
        assert fields["control_statistic"] == spoken[p]
    assert whole_fields(no_control)["control_percentile"] is None


def test_where_there_is_no_auc_its_fields_are_none() -> None:
    fields = whole_fields(compared(3))
    assert [fields[name] for name in ("auc", "auc_low", "auc_high")] == [None] * 3
    assert fields["whole"]["p_auc"] is None
