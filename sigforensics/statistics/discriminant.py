"""A classifier two-sample test: how well a linear classifier tells fakes from true images that it has not seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.special
import scipy.stats
from numpy.typing import NDArray

from sigforensics.settings import Comparing
from sigforensics.statistics.labelled import LabelledImages
from sigforensics.statistics.units import FloatArray, IntArray

__all__ = ["Classifiers", "Separation", "classifiers", "partitions", "separation", "separations", "shrinkage"]

BoolArray = NDArray[np.bool_]
ROUNDING = 1e-12
"""Share of a band's mean square: a smaller variance may be rounding, and counts as none."""
LEAST = 1e-6
"""Share of the identity where Ledoit & Wolf's is less, so that bands that say the same leave a matrix with an inverse."""
RESOLUTION = 1e-9
"""Of a score, which is of the order of 1: what differs by less may be rounding, and equal images shall have equal scores."""


@dataclass(frozen=True)
class Separation:
    """An area under the ROC curve: the chance that of a true image and a fake, the classifier finds the fake; ties count half."""

    value: float
    """0.5 is guessing, 1 tells all, and less than 0.5 comes about by chance alone."""
    low: float
    """Lower end of its confidence interval."""
    high: float


@dataclass(frozen=True, eq=False)
class Classifiers:
    """What does not depend on the sets: of each fold of each partition, how images that are not in it are scattered."""

    features: FloatArray
    """Shape (images, bands), centred."""
    parts: tuple[IntArray, ...]
    """The images of each fold."""
    means: FloatArray
    """Shape (folds, bands): of the images that are not in it."""
    precisions: FloatArray
    """Shape (folds, bands, bands): inverse of their shrunken covariance."""


def partitions(
    n_true: int, n_fake: int, *, aligned: bool, settings: Comparing, rng: np.random.Generator
) -> IntArray | None:
    """Random partitions of the units into folds, without regard to the sets: shape (partitions, units).

    There are ``settings.folds`` folds, or fewer, so that each has at least two units, or four where a unit has images of one
    set only; None if there are fewer than ``settings.min_separated`` units a side.
    """
    if min(n_true, n_fake) < settings.min_separated:
        return None
    n = n_true if aligned else n_true + n_fake
    folds = min(settings.folds, n // (2 if aligned else 4))
    return np.array([rng.permutation(n) % folds for _ in range(settings.partitions)])


def shrinkage(values: FloatArray) -> float:
    """The share of the identity in the estimate of a covariance that errs least (Ledoit & Wolf 2004), 0 to 1.

    values, shape (n, bands): centred.
    """
    n = len(values)
    fourth = ((values**2).sum(axis=1) ** 2).mean()
    return float(_shrinkages(values.T @ values / n, np.array(fourth), np.array(n)))


def _shrinkages(covariances: FloatArray, fourths: FloatArray, n: FloatArray) -> FloatArray:
    """Of covariances, shape (..., bands, bands), from the mean fourth powers of the lengths of n values."""
    squares = (covariances**2).sum(axis=(-2, -1))
    distances = squares - np.trace(covariances, axis1=-2, axis2=-1) ** 2 / covariances.shape[-1]
    errors = np.minimum((fourths - squares) / n, distances)
    return np.where(distances > 0, errors / np.where(distances > 0, distances, 1.0), 1.0)


def classifiers(images: LabelledImages, folds: IntArray) -> Classifiers:
    """Prepare the classifiers of each fold, which images of the other folds of its partition will train.

    folds, shape (partitions, units): of :func:`partitions`.
    """
    features = images.features - images.features.mean(axis=0)
    parts = tuple(
        np.flatnonzero(partition[images.unit] == fold)
        for partition in folds
        for fold in range(int(partition.max()) + 1)
    )
    n = len(features) - np.array([part.size for part in parts])[:, np.newaxis]
    means = -np.stack([features[part].sum(axis=0) for part in parts]) / n
    products = features.T @ features - np.stack([features[part].T @ features[part] for part in parts])
    covariances = products / n[..., np.newaxis] - means[:, :, np.newaxis] * means[:, np.newaxis]
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    varies = variances > ROUNDING * (features**2).mean(axis=0)
    weights = np.where(varies, 1 / np.sqrt(np.where(varies, variances, 1.0)), 0.0)
    covariances = weights[:, :, np.newaxis] * covariances * weights[:, np.newaxis]
    lengths = (weights**2) @ (features**2).T - 2 * (means * weights**2) @ features.T
    lengths += ((means * weights) ** 2).sum(axis=1, keepdims=True)
    for row, part in zip(lengths, parts, strict=True):
        row[part] = 0.0
    shares = _shrinkages(covariances, (lengths**2).sum(axis=1) / n[:, 0], n[:, 0])
    shares = np.maximum(shares, LEAST)[:, np.newaxis, np.newaxis]
    shrunken = (1 - shares) * covariances + shares * np.eye(features.shape[1])
    precisions = weights[:, :, np.newaxis] * np.linalg.inv(shrunken) * weights[:, np.newaxis]
    return Classifiers(features, parts, means, precisions)


def separations(trained: Classifiers, sides: FloatArray) -> FloatArray:
    """The AUC for each labelling: shape (labellings,).

    The classifier is the linear discriminant with a shrunken covariance: on features standardised over the training
    folds, w = ((1 - d) S + d I)^-1 (difference of the sets' means), with d after Ledoit & Wolf. Neither the
    standardisation nor S and d know the sets, so that one inverse serves all labellings. Scores of the images of a
    fold come from the other folds, and only scores of one fold are compared, because those of different classifiers
    have no common scale: the AUC is the share of (true, fake) image pairs within folds, over all partitions, of which
    the fake has the higher score; equal scores count a half. 0.5 where there is no such pair.

    sides, shape (labellings, images): -1 of the true set, or 1.
    """
    won, compared = np.zeros(len(sides)), np.zeros(len(sides))
    for scores, part in _held_out_scores(trained, sides):
        is_fake = (sides[:, part] > 0).astype(np.int64)
        fakes = is_fake.sum(axis=1)
        rank_sums = (_rank_sums(scores, is_fake, 1) + _rank_sums(scores, is_fake, 0)) / 2
        won += rank_sums - fakes * (fakes + 1) / 2
        compared += fakes * (is_fake.shape[1] - fakes)
    return np.where(compared > 0, won / np.maximum(compared, 1), 0.5)


def _rank_sums(scores: IntArray, is_fake: IntArray, last: int) -> FloatArray:
    """Sums of the fakes' ranks in each row, those that tie with a true image ranked after it (1) or before it (0).

    The set rides in the lowest bit of the scores, so that sorting need not keep track of places.
    """
    ordered = np.sort(2 * scores + (is_fake if last else 1 - is_fake), axis=1) & 1
    ranks = np.arange(1, ordered.shape[1] + 1)
    return np.asarray((ordered if last else 1 - ordered) @ ranks, np.float64)


def separation(images: LabelledImages, trained: Classifiers, *, confidence: float) -> Separation:
    """The AUC with its interval.

    Over units: the standard error from how much each unit adds (DeLong et al. 1988, for clusters Obuchowski 1997), on the
    scale of the log odds, with Student's quantile for units less one. It takes the classifiers as given: what another
    sample would have taught them is not in it, which matters where there is little to learn. Where all pairs are told
    right, units without an error are all that is known, and the lower end is Clopper & Pearson's for the share of such
    units: tail^(1 / units).
    """
    won, compared = np.zeros(len(images.side)), np.zeros(len(images.side))
    for scores, part in _held_out_scores(trained, images.side[np.newaxis]):
        wins, pairs = _wins(scores[0], images.side[part] > 0)
        won[part] += wins
        compared[part] += pairs
    fake = images.side > 0
    if not compared[fake].any():
        return Separation(0.5, 0.0, 1.0)
    auc = float(won[fake].sum() / compared[fake].sum())
    shares = (won - auc * compared) / compared[fake].sum()
    added = np.asarray(np.bincount(images.unit, weights=shares), np.float64)
    sides = [added] if images.aligned else [added[np.unique(images.unit[part])] for part in (~fake, fake)]
    return Separation(auc, *_interval(auc, sides, tail=(1 - confidence) / 2))


def _interval(auc: float, sides: list[FloatArray], *, tail: float) -> tuple[float, float]:
    """sides: how much each unit adds, of both sets together or of each."""
    n = min(side.size for side in sides)
    if not 0 < auc < 1:
        certain = float(tail ** (1 / n))
        return (certain, 1.0) if auc == 1 else (0.0, 1 - certain)
    error = np.sqrt(sum(side.size / (side.size - 1) * (side**2).sum() for side in sides))
    reach = scipy.stats.t.ppf(1 - tail, n - 1) * error / (auc * (1 - auc))
    low, high = scipy.special.expit(scipy.special.logit(auc) + np.array([-reach, reach]))
    return float(low), float(high)


def _wins(scores: IntArray, is_fake: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Of each image, the images of the other set in the right order to it (a tie is half of one), and how many there are."""
    wins, pairs = np.empty(len(scores)), np.empty(len(scores))
    for side, against in ((is_fake, ~is_fake), (~is_fake, is_fake)):
        others = np.sort(scores[against])
        ends = (np.searchsorted(others, scores[side], end) for end in ("left", "right"))
        below = sum(ends) / 2
        wins[side] = below if side is is_fake else others.size - below
        pairs[side] = others.size
    return wins, pairs


def _held_out_scores(trained: Classifiers, sides: FloatArray) -> Iterator[tuple[IntArray, IntArray]]:
    """Of each fold the scores, shape (labellings, images of the fold), and which images they are of."""
    features = trained.features
    everything, every_side = sides @ features, sides.sum(axis=1, keepdims=True)
    for part, mean, precision in zip(trained.parts, trained.means, trained.precisions, strict=True):
        held_out = sides[:, part]
        known = everything - held_out @ features[part]
        # values with a mean of 0, summed by their sides: the difference of the sets' means, times what changes no order
        difference = known - (every_side - held_out.sum(axis=1, keepdims=True)) * mean
        scores = difference @ (precision @ (features[part] - mean).T) / len(features)
        yield np.asarray(np.round(scores / RESOLUTION), np.int64), part
