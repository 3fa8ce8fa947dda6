"""How well candidates agree with boxes that somebody drew: recall, precision, calibration. Pure counting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sigforensics.extraction.box import Box

__all__ = [
    "Bin",
    "Evaluation",
    "Found",
    "JudgedPage",
    "KindFigures",
    "Share",
    "average_precision",
    "evaluate",
    "fails",
    "match",
    "wilson",
]

Kind = Literal["signature", "initials"]
KINDS: tuple[Kind, Kind] = ("signature", "initials")


class Found(Protocol):
    """What an evaluation wants to know of a candidate."""

    @property
    def box(self) -> Box:
        """Where it is."""

    @property
    def confidence(self) -> float:
        """0 to 1."""

    @property
    def kind(self) -> str:
        """``signature`` or ``initials``."""


@dataclass(frozen=True)
class JudgedPage:
    """A page with what is on it and what was found."""

    name: str
    truths: tuple[tuple[str, Box], ...]
    """Kind and box of each; none on a page without a signature."""
    found: tuple[Found, ...]
    """All candidates, those below the threshold, too."""
    seconds: float


@dataclass(frozen=True)
class Share:
    """A part of a whole, with Wilson's interval of 95 %."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval; None of nothing."""
        return wilson(self.part, self.whole) if self.whole else None


@dataclass(frozen=True)
class KindFigures:
    """How well one kind is found."""

    recall: Share
    """Of the truths of the kind, those that an accepted candidate of the kind meets."""
    precision: Share
    """Of the accepted candidates of the kind, those that meet a truth of the kind."""
    average_precision: float | None
    """Area under precision over recall, all candidates of the kind by falling confidence; None without truths."""
    as_other: int
    """Truths of the kind that are met by an accepted candidate of the other kind alone."""


@dataclass(frozen=True)
class Bin:
    """Candidates whose confidence lies between two figures."""

    low: float
    high: float
    said: float
    """Their mean confidence."""
    right: Share
    """Those that meet a truth of either kind."""


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation counts."""

    pages: int
    kinds: dict[Kind, KindFigures]
    either: KindFigures
    """The same where the kind does not matter."""
    false_pages: Share
    """Of the pages without a truth, those with an accepted candidate."""
    calibration: tuple[Bin, ...]
    """Bins that hold candidates, by rising confidence."""
    calibration_error: float | None
    """Mean over all candidates of the difference, in their bin, between what was said and what is right."""
    median_seconds: float
    worst_seconds: float


def evaluate(
    pages: Sequence[JudgedPage], *, threshold: float, overlap: float = 0.5, bins: int = 10
) -> Evaluation:
    """Count what was found.

    A candidate meets a truth where the area that they share is at least ``overlap`` of the area that they cover
    together. Candidates choose by falling confidence, the truth that fits best of those still free; so each
    truth is met once, and a second candidate on it counts as false.

    Parameters
    ----------
    pages : sequence of JudgedPage
        At least one.
    threshold : float
        Confidence from which a candidate is accepted.
    overlap : float
        Least intersection over union, 0 to 1.
    bins : int
        Of the calibration; of equal width.

    Raises
    ------
    ValueError
        If there is no page.
    """
    if not pages:
        raise ValueError("there is no page to evaluate")
    seconds = [page.seconds for page in pages]
    blank = [page for page in pages if not page.truths]
    false = sum(any(one.confidence >= threshold for one in page.found) for page in blank)
    table, error = _calibration(pages, overlap, bins)
    return Evaluation(
        pages=len(pages),
        kinds={kind: _figures(pages, kind, threshold, overlap) for kind in KINDS},
        either=_figures(pages, None, threshold, overlap),
        false_pages=Share(false, len(blank)),
        calibration=table,
        calibration_error=error,
        median_seconds=float(np.median(seconds)),
        worst_seconds=max(seconds),
    )


def match(found: Sequence[Found], truths: Sequence[Box], *, overlap: float) -> list[int | None]:
    """For each candidate the number of the truth that it meets, or None; the most confident choose first."""
    chosen: list[int | None] = [None] * len(found)
    free = set(range(len(truths)))
    for index in sorted(range(len(found)), key=lambda i: -found[i].confidence):
        fits = {truth: found[index].box.intersection_over_union(truths[truth]) for truth in sorted(free)}
        best = max(fits, key=lambda truth: fits[truth], default=None)
        if best is not None and fits[best] >= overlap:
            chosen[index] = best
            free.remove(best)
    return chosen


def fails(page: JudgedPage, *, threshold: float, overlap: float = 0.5) -> bool:
    """Whether a truth is missed, or an accepted candidate meets none of its kind."""
    for kind in KINDS:
        truths = [box for label, box in page.truths if label == kind]
        found = [one for one in page.found if one.kind == kind and one.confidence >= threshold]
        pairs = match(found, truths, overlap=overlap)
        if None in pairs or len(pairs) < len(truths):
            return True
    return False


def wilson(part: int, whole: int, *, level: float = 0.95) -> tuple[float, float]:
    """Interval of a share (Wilson 1927), which neither leaves [0, 1] nor shrinks to nothing at its ends.

    >>> low, high = wilson(9, 10)
    >>> round(low, 3), round(high, 3)
    (0.596, 0.982)
    """
    z = float(ndtri(0.5 + level / 2))
    share = part / whole
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z / (1 + z * z / whole) * np.sqrt(share * (1 - share) / whole + z * z / (4 * whole**2))
    low, high = float(middle - half), float(middle + half)
    return low if part else 0.0, high if part < whole else 1.0  # there exactly, whatever rounding says


def average_precision(confidence: NDArray[np.float64], right: NDArray[np.bool_], truths: int) -> float | None:
    """Area under the precision that is reached at each recall or beyond (all points, as PASCAL VOC from 2010 on)."""
    if not truths:
        return None
    order = np.argsort(-confidence, kind="stable")
    hits = np.cumsum(right[order])
    precision = hits / np.arange(1, len(hits) + 1)
    best_beyond = np.maximum.accumulate(precision[::-1])[::-1]
    return float(best_beyond[right[order]].sum() / truths)


def _figures(pages: Sequence[JudgedPage], kind: Kind | None, threshold: float, overlap: float) -> KindFigures:
    """The figures of one kind, or of both as if they were one."""
    confidence: list[float] = []
    right: list[bool] = []
    met = wanted = as_other = 0
    for page in pages:
        truths = [box for label, box in page.truths if kind in {None, label}]
        own = [one for one in page.found if kind in {None, one.kind}]
        pairs = match(own, truths, overlap=overlap)
        confidence += [one.confidence for one in own]
        right += [pair is not None for pair in pairs]
        taken = {pair for one, pair in zip(own, pairs, strict=True) if one.confidence >= threshold}
        left = [box for index, box in enumerate(truths) if index not in taken]
        rest = [one for one in page.found if one not in own and one.confidence >= threshold]
        as_other += sum(pair is not None for pair in match(rest, left, overlap=overlap))
        met += len(taken - {None})
        wanted += len(truths)
    accepted = np.array(confidence) >= threshold
    hits = np.array(right, bool)
    return KindFigures(
        Share(met, wanted),
        Share(int(hits[accepted].sum()), int(accepted.sum())),
        average_precision(np.array(confidence), hits, wanted),
        as_other,
    )


def _calibration(
    pages: Sequence[JudgedPage], overlap: float, bins: int
) -> tuple[tuple[Bin, ...], float | None]:
    """What was said against what is right, and the expected calibration error."""
    said, right = [], []
    for page in pages:
        said += [one.confidence for one in page.found]
        right += [
            pair is not None for pair in match(page.found, [box for _, box in page.truths], overlap=overlap)
        ]
    confidence, hits = np.array(said), np.array(right, bool)
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    table = []
    for index in np.unique(bin_of):
        on = bin_of == index
        share = Share(int(hits[on].sum()), int(on.sum()))
        table.append(Bin(index / bins, (index + 1) / bins, float(confidence[on].mean()), share))
    if not table:
        return (), None
    error = sum(abs(one.said - one.right.part / one.right.whole) * one.right.whole for one in table)
    return tuple(table), float(error / len(confidence))
