"""A hole filled from another specimen of the writer: with the piece that fits best, moved so that strokes meet the cut ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator
from scipy.optimize import linear_sum_assignment

from sigforensics.augmentation import REFERENCE_SIZE, Square, erase_squares
from sigforensics.bridging.alike import Affine, distances, places_alike
from sigforensics.bridging.ends import StrokeEnd, stroke_ends
from sigforensics.images import ByteImage
from sigforensics.settings import Bridging, Grafting

__all__ = ["Graft", "graft", "pair_ends", "surroundings"]

Points = NDArray[np.float64]
"""Columns and rows, shape (n, 2)."""
NEVER = 1e6


@dataclass(frozen=True, eq=False)
class Graft:
    """What a hole is filled with."""

    ink: ByteImage
    """Of the shape of the hole."""
    specimen: int
    """Number of the one that the piece is from."""
    met: int
    """Ends of cut strokes that one of the piece's comes as near as ``Grafting.touching``."""
    left: frozenset[int]
    """Places (``StrokeEnd.place``) of the other ends."""
    cost: float
    """The lower, the better it fits."""


def graft(
    ink: ByteImage, hole: Square, specimens: Sequence[ByteImage], *, bridging: Bridging, settings: Grafting
) -> Graft | None:
    """Fill a hole with the piece of a specimen that fits best; None if no stroke is cut or none fits.

    Exemplar-based filling as of Criminisi et al. 2004 and Hays & Efros 2007, for strokes: surroundings are compared first
    (:func:`sigforensics.bridging.alike.places_alike`), then ends of strokes are paired, and the piece is moved by a thin-plate
    spline (Bookstein 1989) that takes its ends to the cut ones.

    Parameters
    ----------
    ink : ndarray of uint8, shape (size, size)
        Paper 0; what is within the hole is not looked at.
    hole : (rows, columns)
    specimens : sequence of ndarray of uint8, shape (size, size)
        Other signatures of the writer.
    bridging : Bridging
        What makes an end of a stroke.
    settings : Grafting

    Raises
    ------
    ValueError
        If a specimen is of another size.
    """
    if any(specimen.shape != ink.shape for specimen in specimens):
        raise ValueError(f"specimens must be of shape {ink.shape}, as the picture is")
    cut = _Cut(erase_squares(ink, [hole]), hole, bridging, settings)
    if not cut.ends:
        return None
    places = places_alike(cut.ink, hole, specimens, settings=settings, least_ink=bridging.least_ink)
    fitted = [
        cut.fitted(specimens[place.specimen], place.specimen, place.to_specimen, place.apart)
        for place in places[: settings.tried]
    ]
    nearest = [cut.brought_nearer(one) for one in _cheapest(fitted, settings.brought_nearer)]
    enough = [one for one in nearest if len(one.pairs) >= settings.least_met * len(cut.ends)]
    best: Graft | None = None
    for one in _cheapest(enough, settings.finished):
        done = cut.finished(one)
        if done is not None and (best is None or done.cost < best.cost):
            best = done
    return best


@dataclass(frozen=True, eq=False)
class _Fitted:
    """A place in a specimen whose ends of strokes are paired with the cut ones."""

    image: ByteImage
    specimen: int
    to_specimen: Affine
    ends: list[StrokeEnd]
    """The piece's, columns and rows of the picture with the hole."""
    pairs: list[tuple[int, int]]
    """Numbers of the cut end and of the piece's."""
    apart: float
    cost: float


def _cheapest(fitted: list[_Fitted], count: int) -> list[_Fitted]:
    return sorted(fitted, key=lambda one: one.cost)[:count]


class _Cut:
    """A picture with a hole, the strokes that it cuts, and what is looked at of it."""

    def __init__(self, ink: ByteImage, hole: Square, bridging: Bridging, settings: Grafting) -> None:
        self.ink, self._hole, self._bridging, self._settings = ink, hole, bridging, settings
        self._scale = len(ink) / REFERENCE_SIZE
        margin = round(settings.meet * self._scale) + round(bridging.trace * self._scale) + 2
        self._window = surroundings(hole, margin, ink.shape)
        self.ends = self._ends(ink[self._window])

    def fitted(self, image: ByteImage, specimen: int, to_specimen: Affine, apart: float) -> _Fitted:
        """Pair the ends of a piece, where it is, with the cut ones."""
        seen = _seen(image, _shifted(to_specimen, self._window), self.ink[self._window].shape)
        ends = self._ends(seen)
        pairs, cost = pair_ends(self.ends, ends, scale=self._scale, settings=self._settings)
        cost += self._settings.unlike * apart
        return _Fitted(image, specimen, to_specimen, ends, pairs, apart, cost)

    def brought_nearer(self, one: _Fitted) -> _Fitted:
        """The place moved, turned and sized so that paired ends come nearer, and ends paired again, as long as that helps."""
        for _ in range(self._settings.times):
            if len(one.pairs) < 2:
                return one
            own, theirs = (
                np.array([end.centre for end in ends])
                for ends in (
                    [self.ends[number] for number, _ in one.pairs],
                    [one.ends[number] for _, number in one.pairs],
                )
            )
            nearer = _similarity(own, theirs, self._settings.resized)
            linear = one.to_specimen[:, :2] @ nearer[:, :2]
            to_specimen = np.column_stack(
                [linear, one.to_specimen[:, :2] @ nearer[:, 2] + one.to_specimen[:, 2]]
            )
            again = self.fitted(one.image, one.specimen, to_specimen, one.apart)
            if again.cost >= one.cost - self._settings.least_gain:
                return one
            one = again
        return one

    def finished(self, one: _Fitted) -> Graft | None:
        """Move a piece so that its ends meet the cut ones; None if that would stretch it too much."""
        source = self._met(one)
        if source is None:
            return None
        piece = np.zeros_like(self.ink)
        piece[self._window] = cv2.remap(one.image, source[0], source[1], cv2.INTER_LINEAR)
        ends = self._ends(piece[self._window])
        near = replace(self._settings, meet=self._settings.touching)
        pairs, cost = pair_ends(self.ends, ends, scale=self._scale, settings=near)
        if len(pairs) < self._settings.least_met * len(self.ends):
            return None
        cost += self._settings.unlike * one.apart + self._settings.seam * self._seam(piece)
        piece = self._as_dark(piece, [(self.ends[own].ink, ends[theirs].ink) for own, theirs in pairs])
        met = {theirs for _, theirs in pairs}
        for number, end in enumerate(ends):
            if number not in met:
                self._bring_to_point(piece, end)
        own = {number for number, _ in pairs}
        left = frozenset(end.place for number, end in enumerate(self.ends) if number not in own)
        return Graft(piece[self._hole], one.specimen, len(pairs), left, cost)

    def _as_dark(self, piece: ByteImage, inks: Sequence[tuple[int, int]]) -> ByteImage:
        """The piece with its ink as dark as that of the strokes that it meets, in the median."""
        factor = float(np.median([own / theirs for own, theirs in inks]))
        limited = float(np.clip(factor, 1 / self._settings.darkened, self._settings.darkened))
        return np.asarray(np.clip(np.round(piece * limited), 0, 255), np.uint8)

    def _ends(self, part: ByteImage) -> list[StrokeEnd]:
        """The ends at the hole, in columns and rows of the picture, of what is seen in the window."""
        rows, columns = self._window
        first = np.array([columns.start, rows.start])
        found = stroke_ends(
            part,
            np.zeros_like(part),
            _inner(self._hole, self._window),
            settings=self._bridging,
            scale=self._scale,
        )
        return [replace(end, left=end.left + first, right=end.right + first) for end in found]

    def _met(self, one: _Fitted) -> NDArray[np.float32] | None:
        """Columns and rows of the specimen for each pixel of the window, shape (2, height, width); None if all stretch it."""
        settings = self._settings
        rows, columns = self._window
        near = _inner(
            surroundings(self._hole, round(settings.border * self._scale), self.ink.shape), self._window
        )
        y, x = np.mgrid[rows, columns].astype(float)
        places = np.stack([x.ravel(), y.ravel()], axis=1)
        back = settings.back * self._scale
        own, theirs = (
            np.array(
                [point for end in ends for point in (end.left, end.right, end.centre - back * end.direction)]
            )
            for ends in (
                [self.ends[number] for number, _ in one.pairs],
                [one.ends[number] for _, number in one.pairs],
            )
        )
        for stiffness in settings.stiffnesses:
            moved = _moved(places, own, theirs, stiffness * self._scale**2).reshape(*x.shape, 2)
            if _stretch(moved[near]) <= settings.stretched:
                source = moved @ one.to_specimen[:, :2].T + one.to_specimen[:, 2]
                return np.ascontiguousarray(np.moveaxis(source, 2, 0), np.float32)
        return None

    def _seam(self, piece: ByteImage) -> float:
        """Mean distance, there and back, between the ink of both along the outside of the hole."""
        around = surroundings(self._hole, round(self._settings.border * self._scale), self.ink.shape)
        ring = np.zeros(piece.shape, bool)
        ring[around] = True
        ring[self._hole] = False
        own, theirs = (((image >= self._bridging.least_ink) & ring)[around] for image in (self.ink, piece))
        most = self._settings.border * self._scale
        total = sum(
            np.minimum(distances(other), most)[one].sum() for one, other in ((own, theirs), (theirs, own))
        )
        return float(total / self._scale / max(own.sum() + theirs.sum(), 1))

    def _bring_to_point(self, piece: ByteImage, end: StrokeEnd) -> None:
        """Let a stroke of the piece that meets none begin in a point."""
        shortest, longest = (length * self._scale for length in self._bridging.point)
        length = float(np.clip(self._bridging.pointed * end.width, shortest, longest))
        y, x = np.mgrid[self._hole].astype(float)
        away = np.stack([x, y], axis=2) - end.centre
        along = away @ end.direction
        across = np.abs(away @ np.array([-end.direction[1], end.direction[0]]))
        reach = end.width / 2 + self._settings.soft * self._scale
        beside = (along < length) & (across <= reach) & (across > reach * along / length)
        piece[self._hole][beside] = 0


def pair_ends(
    own: Sequence[StrokeEnd], theirs: Sequence[StrokeEnd], *, scale: float, settings: Grafting
) -> tuple[list[tuple[int, int]], float]:
    """Which ends belong together at least cost (Kuhn 1955), and that cost, pixels at size 512.

    Parameters
    ----------
    own, theirs : sequence of StrokeEnd
    scale : float
        Size of the picture over 512.
    settings : Grafting

    Returns
    -------
    pairs : list of (number in ``own``, number in ``theirs``)
    cost : float
    """
    here, there = len(own), len(theirs)
    costs = np.zeros((here + there,) * 2)
    costs[:here, :there] = NEVER
    costs[:here, there:] = costs[here:, :there] = settings.unmet
    for row, one in enumerate(own):
        for column, other in enumerate(theirs):
            apart = float(np.linalg.norm(one.centre - other.centre)) / scale
            cosine = float(one.direction @ other.direction)
            if apart < settings.meet and cosine > settings.least_cosine:
                uneven = settings.uneven * abs(np.log(one.width / other.width))
                costs[row, column] = apart + settings.turned * (1 - cosine) + uneven
    rows, columns = linear_sum_assignment(costs)
    pairs = [
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if row < here and column < there and costs[row, column] < NEVER
    ]
    return pairs, float(costs[rows, columns].sum())


def _similarity(own: Points, theirs: Points, resized: float) -> Affine:
    """Shift, turn and factor of size, within limits, that takes points nearest to others (Umeyama 1991); shape (2, 3)."""
    middle, target = own.mean(axis=0), theirs.mean(axis=0)
    here, there = own - middle, theirs - target
    real, imaginary = (here * there).sum(), (here[:, 0] * there[:, 1] - here[:, 1] * there[:, 0]).sum()
    spread = max(float((here**2).sum()), 1e-9)
    size = float(np.clip(np.hypot(real, imaginary) / spread, 1 / resized, resized))
    angle = float(np.arctan2(imaginary, real))
    linear = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.column_stack([linear, target - linear @ middle])


def _moved(places: Points, own: Points, theirs: Points, stiffness: float) -> Points:
    """Places moved as a thin-plate spline that takes points to points; by the points' mean way where they are too few."""
    if len(own) < 4 or np.linalg.matrix_rank(own - own.mean(axis=0), tol=1.0) < 2:
        return np.asarray(places + (theirs - own).mean(axis=0))
    spline = RBFInterpolator(own, theirs - own, kernel="thin_plate_spline", smoothing=stiffness)
    return np.asarray(places + spline(places))


def _stretch(moved: NDArray[np.float64]) -> float:
    """Largest factor by which neighbours, of an array of shape (height, width, 2), come apart or together; infinite at a fold."""
    x, y = moved[..., 0], moved[..., 1]
    (across_down, across_across), (down_down, down_across) = np.gradient(x), np.gradient(y)
    area = across_across * down_down - across_down * down_across
    if area.min() <= 0:
        return float("inf")
    total = (across_down**2 + down_down**2 + across_across**2 + down_across**2) / 2
    larger = np.sqrt(total + np.sqrt(np.maximum(total**2 - area**2, 0)))
    return float(np.maximum(larger, larger / area).max())


def _seen(image: ByteImage, to_image: Affine, shape: tuple[int, ...]) -> ByteImage:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(image, to_image, shape[::-1], flags=flags), np.uint8)


def _shifted(to_specimen: Affine, window: Square) -> Affine:
    """The same for columns and rows within a window."""
    first = np.array([window[1].start, window[0].start])
    return np.column_stack([to_specimen[:, :2], to_specimen[:, :2] @ first + to_specimen[:, 2]])


def surroundings(hole: Square, margin: int, shape: tuple[int, ...]) -> Square:
    """The hole and so many pixels on each side, within the picture."""
    rows, columns = (
        slice(max(place.start - margin, 0), min(place.stop + margin, side))
        for place, side in zip(hole, shape, strict=True)
    )
    return rows, columns


def _inner(place: Square, window: Square) -> Square:
    """A place in a window, in its rows and columns."""
    rows, columns = (
        slice(one.start - seen.start, one.stop - seen.start) for one, seen in zip(place, window, strict=True)
    )
    return rows, columns
