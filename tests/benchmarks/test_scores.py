"""Areas, shares and equal error rates against obvious slow versions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

import scores

levels = st.lists(st.integers(0, 6).map(float), min_size=1, max_size=12).map(np.array)
relaxed = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # a busy machine is no failure


@relaxed
@given(levels, levels)
def test_the_area_is_the_share_of_pairs_that_are_won(positive: np.ndarray, negative: np.ndarray) -> None:
    won = np.mean([(p > n) + (p == n) / 2 for p in positive for n in negative])
    both = np.concatenate([positive, negative])
    found = scores.auc(both, np.arange(len(both)) < len(positive))
    assert found == pytest.approx(won)


@relaxed
@given(levels, levels)
def test_no_threshold_brings_the_two_errors_nearer_to_each_other(
    genuine: np.ndarray, forged: np.ndarray
) -> None:
    def gap(threshold: float) -> float:
        return float(abs((genuine < threshold).mean() - (forged >= threshold).mean()))

    found = scores.equal_error(genuine, forged)
    errors = (genuine < found.threshold).mean(), (forged >= found.threshold).mean()
    assert found.rate == pytest.approx(sum(errors) / 2)
    assert gap(found.threshold) <= min(gap(threshold) for threshold in np.arange(-1, 8, 0.5)) + 1e-12


def test_the_area_over_resampled_writers_is_that_of_images_drawn_with_their_writers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    values, positive = rng.integers(0, 5, 40).astype(float), rng.random(40) < 0.4
    writers = np.repeat(["a", "b", "c", "d"], 10)
    counts = np.array([[2.0, 0, 1, 1], [0, 3, 0, 1]])
    monkeypatch.setattr(scores, "resampled_writers", lambda *_: counts)
    found = scores.auc_interval(values, positive, writers, rng=rng)
    slow = []
    for row in counts.astype(int):
        drawn = np.concatenate(
            [np.flatnonzero(writers == name) for name, n in zip("abcd", row, strict=True) for _ in range(n)]
        )
        slow.append(scores.auc(values[drawn], positive[drawn]))
    assert found.value == pytest.approx(scores.auc(values, positive))
    assert (found.low, found.high) == pytest.approx(scores.quantiles(np.array(slow)))


def test_an_interval_over_writers_is_wider_than_over_images_where_writers_differ() -> None:
    writers = np.repeat(np.arange(8).astype(str), 12)
    values = np.repeat([0.0, 1.0] * 4, 12)
    over = scores.mean_interval(values, writers, rng=np.random.default_rng(0))
    alone = scores.wilson(48, 96)
    assert over.value == alone.value == 0.5
    assert over.high - over.low > 2 * (alone.high - alone.low)


def test_writers_who_are_all_alike_leave_no_width() -> None:
    writers = np.repeat(np.arange(5).astype(str), 4)
    found = scores.mean_interval(np.tile([0.0, 1.0], 10), writers, rng=np.random.default_rng(0))
    assert (found.low, found.value, found.high) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(("count", "n"), [(0, 7), (3, 11), (96, 96)])
def test_wilsons_interval_is_scipys(count: int, n: int) -> None:
    expected = binomtest(count, n).proportion_ci(0.95, method="wilson")
    found = scores.wilson(count, n)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_the_equal_error_rate_over_writers_lies_between_its_best_and_worst_writer() -> None:
    genuine, forged = np.array([2.0, 3, 0, 1]), np.array([0.0, 1, 0, 1])
    writers = np.repeat(["clear", "mixed"], 2)
    low, high = scores.equal_error_interval(genuine, writers, forged, writers, rng=np.random.default_rng(0))
    assert (low, high) == (0.0, 0.5)
