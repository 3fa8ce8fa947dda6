from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigforensics.extraction.choosing import choose

HYPOTHESES = st.lists(
    st.tuples(st.integers(0, 100), st.frozensets(st.integers(0, 6), min_size=1)), min_size=0, max_size=8
)


def chosen(hypotheses: list[tuple[float, Any]], least: float = 0.0) -> list[int]:
    return choose(
        np.array([one for one, _ in hypotheses], float),
        [np.array(sorted(pieces)) for _, pieces in hypotheses],
        least=least,
    )


def worth(hypotheses: list[tuple[float, Any]], chosen: Any) -> float:
    return sum(-np.log1p(-hypotheses[index][0]) for index in chosen)


def disjoint(hypotheses: list[tuple[float, Any]], chosen: Any) -> bool:
    return all(not hypotheses[a][1] & hypotheses[b][1] for a, b in combinations(chosen, 2))


@given(HYPOTHESES)
def test_no_other_set_without_shared_ink_is_worth_more(drawn) -> None:
    hypotheses = [(percent / 101, pieces) for percent, pieces in drawn]
    found = chosen(hypotheses, least=0.1)
    able = [index for index, (confidence, _) in enumerate(hypotheses) if confidence >= 0.1]
    every = (some for count in range(len(able) + 1) for some in combinations(able, count))
    best = max(worth(hypotheses, some) for some in every if disjoint(hypotheses, some))
    assert set(found) <= set(able)
    assert disjoint(hypotheses, found)
    assert worth(hypotheses, found) == pytest.approx(best)
    assert [hypotheses[index][0] for index in found] == sorted(
        (hypotheses[i][0] for i in found), reverse=True
    )


@pytest.mark.parametrize(
    ("whole", "parts", "expected"),
    [(0.8, (0.4, 0.5), [0]), (0.6, (0.55, 0.5), [1, 2]), (0.6, (0.9, 0.1), [1, 2]), (1.0, (0.9, 0.9), [0])],
)
def test_a_whole_gives_way_to_parts_that_are_good(whole, parts, expected) -> None:
    hypotheses = [(whole, {0, 1, 2}), (parts[0], {0, 1}), (parts[1], {2})]
    assert chosen(hypotheses) == expected


def test_none_below_the_least() -> None:
    assert chosen([(0.2, {0}), (0.1, {1})], least=0.3) == []


def test_of_a_thousand_in_a_row_the_best_stay() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0, 1, 999)
    members = [np.array([index, index + 1]) for index in range(999)]  # each shares ink with its neighbours
    weights = -np.log1p(-confidence)
    without, with_ = 0.0, 0.0  # the best sums so far, the last hypothesis being left out or taken
    for weight in weights:
        without, with_ = max(without, with_), without + weight
    assert weights[choose(confidence, members, least=0.0)].sum() == pytest.approx(max(without, with_))
