"""Shares, areas under curves and equal error rates of scores, with intervals that allow for writers.

Signatures of one writer resemble each other, so that the writer is the unit: intervals come from resampling whole writers. They
are percentile intervals and hold the classifier as given; with eight writers they tend to be too short, and where nothing
varies between writers (every image told apart) they have no width, which is no certainty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from sigforensics.extraction import evaluating

Array = NDArray[np.float64]
RESAMPLES = 2000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A figure and the ends of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class EqualError:
    """Where as large a share of genuine signatures is refused as of forgeries accepted."""

    rate: float
    """The mean of the two shares, which finite sets need not let be equal."""
    threshold: float
    """Scores of at least this are accepted; it lies midway between two scores."""


def auc(scores: Array, positive: NDArray[np.bool_]) -> float:
    """The chance that a positive has the higher score than a negative, ties half: the area under the ROC curve.

    >>> auc(np.array([0.1, 0.4, 0.4, 0.9]), np.array([False, True, False, True]))
    0.875
    """
    ranks, n, m = rankdata(scores), positive.sum(), (~positive).sum()
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * m))


def auc_interval(
    scores: Array, positive: NDArray[np.bool_], writers: NDArray[np.str_], *, rng: np.random.Generator
) -> Estimate:
    """The area with an interval over resampled writers, each with its positives and negatives.

    Won comparisons are counted once for each pair of writers; a resample weighs them.
    """
    _, places = np.unique(writers, return_inverse=True)
    n = places.max() + 1
    wins, pairs = np.zeros((n, n)), np.zeros((n, n))
    order = np.argsort(scores[~positive], kind="stable")
    negatives, owners = scores[~positive][order], places[~positive][order]
    before = np.concatenate([np.zeros((1, n)), np.cumsum(np.eye(n)[owners], axis=0)])
    for score, place in zip(scores[positive], places[positive], strict=True):
        below, up_to = (before[np.searchsorted(negatives, score, side)] for side in ("left", "right"))
        wins[place] += (below + up_to) / 2
        pairs[place] += before[-1]
    counts = resampled_writers(n, rng)
    drawn = np.einsum("ri,ij,rj->r", counts, wins, counts) / np.einsum("ri,ij,rj->r", counts, pairs, counts)
    return Estimate(float(wins.sum() / pairs.sum()), *quantiles(drawn))


def mean_interval(values: Array, writers: NDArray[np.str_], *, rng: np.random.Generator) -> Estimate:
    """The mean over images with an interval over resampled writers."""
    _, places = np.unique(writers, return_inverse=True)
    sums, sizes = np.bincount(places, weights=values), np.bincount(places)
    counts = resampled_writers(len(sums), rng)
    return Estimate(float(values.mean()), *quantiles((counts @ sums) / (counts @ sizes)))


def resampled_writers(n: int, rng: np.random.Generator) -> Array:
    """How often each of n writers is drawn in each resample, shape (resamples, n)."""
    return rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(float)


def quantiles(values: Array) -> tuple[float, float]:
    """The ends between which the middle 95 % of the values lie."""
    low, high = np.quantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def wilson(count: int, n: int) -> Estimate:
    """A share with Wilson's interval (Wilson 1927), which takes the n images for independent.

    >>> estimate = wilson(8, 10)
    >>> round(estimate.low, 3), round(estimate.high, 3)
    (0.49, 0.943)
    """
    return Estimate(count / n, *evaluating.wilson(count, n, level=CONFIDENCE))


def equal_error(genuine: Array, forged: Array) -> EqualError:
    """The equal error rate, and the threshold that gives it.

    >>> equal_error(np.array([1.0, 2.0, 3.0, 4.0]), np.array([-1.0, 0.0, 0.5, 1.5]))
    EqualError(rate=0.25, threshold=1.25)
    """
    levels = np.unique(np.concatenate([genuine, forged]))
    thresholds = np.concatenate([[levels[0] - 1], (levels[1:] + levels[:-1]) / 2, [levels[-1] + 1]])
    refused = np.searchsorted(np.sort(genuine), thresholds) / len(genuine)
    accepted = 1 - np.searchsorted(np.sort(forged), thresholds) / len(forged)
    best = int(np.argmin(np.abs(refused - accepted)))
    return EqualError(float((refused[best] + accepted[best]) / 2), float(thresholds[best]))


def equal_error_interval(
    genuine: Array,
    genuine_writers: NDArray[np.str_],
    forged: Array,
    forged_writers: NDArray[np.str_],
    *,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """The ends of the interval of the equal error rate over resampled writers, each with both kinds of signature."""
    writers = np.unique(genuine_writers)
    parts = [(genuine[genuine_writers == name], forged[forged_writers == name]) for name in writers]
    rates = []
    for drawn in rng.integers(len(writers), size=(RESAMPLES, len(writers))):
        sides = zip(*(parts[place] for place in drawn), strict=True)
        rates.append(equal_error(*map(np.concatenate, sides)).rate)
    return quantiles(np.array(rates))
