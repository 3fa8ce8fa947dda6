"""Ratios have intervals over writers, a perfect generator has no error, and every kind of variation is what it is called."""

from __future__ import annotations

import numpy as np
import pytest

import varied
from sigforensics.gan.varying import vary_row
from sigforensics.preprocessing import target_to_edges
from sigforensics.settings import Preprocessing

WRITERS = np.array(["a", "a", "b", "b"])


def test_the_ratio_of_sums_lies_within_its_interval_and_equal_writers_give_it_no_width() -> None:
    under = np.array([1.0, 3.0, 2.0, 2.0])
    even = varied.ratio_interval(under / 2, under, WRITERS)
    assert (even.value, even.low, even.high) == (0.5, 0.5, 0.5)
    uneven = varied.ratio_interval(under * [1, 1, 3, 3], under, WRITERS)
    assert uneven.value == 2
    assert (uneven.low, uneven.high) == pytest.approx((1, 3))


def signature() -> np.ndarray:
    target = np.zeros((128, 128), np.uint8)
    target[60:64, 20:110] = target[30:100, 50:54] = 120
    return target


def test_the_row_of_a_perfect_generator_says_so_and_that_of_a_fainter_one_how_much() -> None:
    targets = [signature()] * 4
    perfect = varied.described(targets, targets, WRITERS).split(" | ")
    assert [cell.split(",")[0] for cell in perfect] == ["0.0000", "1.00", "1.00", "0.00"]
    fainter = varied.described([target // 2 for target in targets], targets, WRITERS).split(" | ")
    assert float(fainter[0].split(",")[0]) == pytest.approx(signature().mean() / 2 / 255, abs=1e-4)
    assert fainter[2].startswith("0.50")


def test_the_kinds_change_what_they_are_called_by() -> None:
    made = {}
    for kind, settings in varied.KINDS.items():
        rng = np.random.default_rng(1)
        chain = Preprocessing()
        edges = target_to_edges(signature())
        made[kind] = vary_row(
            edges, signature(), signature(), settings=settings, preprocessing=chain, rng=rng
        )[2]
    np.testing.assert_array_equal(made["plain"], signature())
    assert int(made["bent"].max()) == pytest.approx(120, abs=25)
    assert (made["bent"] != signature()).any()
    assert made["darker"].max() == 204
    np.testing.assert_array_equal(made["darker"] > 0, signature() > 0)
    assert (made["enlarged"] > 0).sum() > 2 * (signature() > 0).sum()
