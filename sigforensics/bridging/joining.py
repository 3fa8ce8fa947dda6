"""What is drawn in a hole: a piece of another specimen, or strokes from one end to another, and points on ends that are left."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.augmentation import REFERENCE_SIZE, Square, erase_squares
from sigforensics.bridging.ends import StrokeEnd, stroke_ends
from sigforensics.bridging.grafting import graft, surroundings
from sigforensics.bridging.likelihood import Likelihood, bundled_likelihood, features_of
from sigforensics.images import ByteImage
from sigforensics.preprocessing import target_to_edges
from sigforensics.settings import Bridging, Grafting, Preprocessing

__all__ = ["CarriedOn", "Join", "bridge_strokes", "joined_ends", "joins_of", "outline"]

Curve = NDArray[np.float64]
EDGE = 255
STEPS = 64
"""Points of a drawn curve."""


class CarriedOn(NamedTuple):
    """Edges in which strokes go on across holes."""

    edges: ByteImage
    """Shape (size, size)."""
    joins: int
    """How many strokes go on from one end to another."""
    points: int
    """How many end in the hole, in a point."""
    grafted: int
    """How many cut ends go on in a piece of a specimen: a stroke across the hole has two."""
    specimens: tuple[int, ...]
    """Numbers of the specimens that pieces are from, in the order of the holes that have one."""
    cost: float = float("inf")
    """Of the pieces together (:attr:`sigforensics.bridging.grafting.Graft.cost`), the lower, the better they fit; infinite if a
    hole that cuts strokes has none, or no hole has one."""


class Join(NamedTuple):
    """A stroke that may go on from one end to another."""

    one: int
    """Number of the end."""
    other: int
    features: list[float]
    """See :data:`sigforensics.bridging.likelihood.FEATURES`."""
    outline: tuple[Curve, Curve]
    """Its two edges: columns and rows, shape (n, 2) each."""


def bridge_strokes(
    edges: ByteImage,
    holes: Sequence[Square],
    *,
    ink: ByteImage,
    specimens: Sequence[ByteImage] = (),
    settings: Bridging | None = None,
    grafting: Grafting | None = None,
    chain: Preprocessing | None = None,
) -> CarriedOn:
    """Edges with the outlines of cut strokes carried on within holes, and nothing else but up to where they meet old edges.

    A hole is filled with a piece of a specimen where one fits. The ends that this leaves, or else all of them, are joined by rule
    or brought to a point.

    Parameters
    ----------
    edges : ndarray of uint8, shape (size, size)
    holes : sequence of (rows, columns)
        Squares in which the edges were erased.
    ink : ndarray of uint8, shape (size, size)
        The ink of which these are the edges, paper 0; what it has within the holes is not looked at.
    specimens : sequence of ndarray of uint8, shape (size, size)
        Other signatures of the writer.
    settings : Bridging, optional
        Lengths are stated for 512 pixels and scale with the size.
    grafting : Grafting, optional
    chain : Preprocessing, optional
        By which edges of pieces of specimens are told.

    Returns
    -------
    CarriedOn
        The edges, with lines of 255 where strokes are carried on.
    """
    settings, grafting = settings or Bridging(), grafting or Grafting()
    bridged, joins, points, grafted, used, cost = edges.copy(), 0, 0, 0, [], 0.0
    seen, scale = erase_squares(ink, holes), len(edges) / REFERENCE_SIZE
    filled, grafts = seen.copy(), []
    for hole in holes:
        if any(place.stop <= place.start for place in hole):
            continue
        ends = stroke_ends(seen, edges, hole, settings=settings)
        piece = graft(seen, hole, specimens, bridging=settings, settings=grafting) if specimens else None
        if piece is not None:
            filled[hole] = piece.ink
            ends = [end for end in ends if end.place in piece.left]
            grafted, cost = grafted + piece.met, cost + piece.cost
            used.append(piece.specimen)
        elif ends:
            cost = float("inf")
        drawn = joined_ends(ends, hole, settings=settings)
        joined = {end for join in drawn for end in (join.one, join.other)}
        left = [end for number, end in enumerate(ends) if number not in joined]
        outlines = [(join.outline, min(ends[join.one].ink, ends[join.other].ink)) for join in drawn]
        pointed = [
            (curves, end.ink) for end in left if (curves := _point(end, hole, scale, settings)) is not None
        ]
        around = surroundings(hole, round(settings.snap) + 1, edges.shape)
        if piece is not None:  # drawn as ink, so that no edge closes them off where the piece has nothing
            for (one, other), level in [*outlines, *pointed]:
                _fill(filled, hole, one, other, level)
            grafts.append(around)
        else:
            lines = np.zeros_like(bridged)
            for curves, _ in [*outlines, *pointed]:
                cv2.polylines(lines, [np.round(curve).astype(np.int32) for curve in curves], False, EDGE)
            bridged[around] = np.maximum(bridged[around], lines[around])
        joins, points = joins + len(drawn), points + len(pointed)
    if grafts:
        traced = target_to_edges(filled, settings=chain)
        for around in grafts:
            bridged[around] = traced[around]
    return CarriedOn(bridged, joins, points, grafted, tuple(used), cost if used else float("inf"))


def _fill(ink: ByteImage, hole: Square, one: Curve, other: Curve, level: int) -> None:
    """Draw a stroke between two edges as ink of that level, within a hole."""
    drawn = np.zeros_like(ink)
    cv2.fillPoly(drawn, [np.round(np.concatenate([one, other[::-1]])).astype(np.int32)], level)
    ink[hole] = np.maximum(ink[hole], drawn[hole])


def joined_ends(
    ends: Sequence[StrokeEnd], hole: Square, *, settings: Bridging, likelihood: Likelihood | None = None
) -> list[Join]:
    """Which ends of a hole are joined: each once at most, the likeliest joins first, as long as they are likely.

    By the bundled likelihood if none is given.
    """
    joins = joins_of(ends, hole, settings=settings)
    if not joins:
        return []
    likely = (likelihood or bundled_likelihood())(np.array([join.features for join in joins]))
    free, found = set(range(len(ends))), []
    for index in np.argsort(-likely, kind="stable"):
        join = joins[index]
        if likely[index] >= settings.least_likely and {join.one, join.other} <= free:
            free -= {join.one, join.other}
            found.append(join)
    return found


def joins_of(ends: Sequence[StrokeEnd], hole: Square, *, settings: Bridging) -> list[Join]:
    """All strokes from one end to another, of each stiffness, that stay within the hole."""
    side = max(place.stop - place.start for place in hole)
    found = []
    for one, other in combinations(range(len(ends)), 2):
        thinner, thicker = sorted((ends[one].width, ends[other].width))
        if (
            np.linalg.norm(ends[other].centre - ends[one].centre) < 1
            or thicker > settings.most_uneven * thinner
        ):
            continue
        for stiffness in settings.stiffnesses:
            curves = outline(ends[one], ends[other], stiffness)
            if _stays_within(curves, hole):
                features = features_of(ends[one], ends[other], side=side, ends=len(ends), stiffness=stiffness)
                found.append(Join(one, other, features, curves))
    return found


def outline(one: StrokeEnd, other: StrokeEnd, stiffness: float) -> tuple[Curve, Curve]:
    """The two edges of a stroke from one end to the other: cubic curves along both directions, shape (n, 2) each."""
    reach = stiffness * float(np.linalg.norm(other.centre - one.centre))
    t = np.linspace(0, 1, STEPS)[:, None]
    start, end = 2 * t**3 - 3 * t**2 + 1, 3 * t**2 - 2 * t**3
    leave, arrive = t**3 - 2 * t**2 + t, t**3 - t**2
    left, right = (
        start * begin + leave * reach * one.direction + end * finish - arrive * reach * other.direction
        for begin, finish in ((one.left, other.right), (one.right, other.left))
    )
    return left, right


def _point(end: StrokeEnd, hole: Square, scale: float, settings: Bridging) -> tuple[Curve, Curve] | None:
    """The two edges of a stroke that ends in a point, bending on as it came: quadratic curves (Bezier), shape (n, 2) each.

    The longest of three lengths with which it stays within the hole; None if there is none, or the stroke only grazes the hole.
    """
    if end.followed < end.width:
        return None
    shortest, longest = (length * scale for length in settings.point)
    whole = float(np.clip(settings.pointed * end.width, shortest, longest))
    across = np.array([-end.direction[1], end.direction[0]])
    t = np.linspace(0, 1, STEPS)[:, None]
    for length in (whole, whole / 2, whole / 4):
        aside = np.clip(end.curvature * length**2 / 2, -length / 2, length / 2)
        tip = end.centre + length * end.direction + aside * across
        left, right = (
            (1 - t) ** 2 * edge + 2 * t * (1 - t) * (edge + length / 2 * end.direction) + t**2 * tip
            for edge in (end.left, end.right)
        )
        if _stays_within((left, right), hole) and _holds(hole, tip):
            return left, right
    return None


def _holds(hole: Square, point: NDArray[np.float64]) -> bool:
    """Whether a point, column and row, lies in the hole."""
    rows, columns = hole
    return bool(columns.start <= point[0] < columns.stop and rows.start <= point[1] < rows.stop)


def _stays_within(curves: tuple[Curve, Curve], hole: Square) -> bool:
    """Whether the curves leave the hole by no more than the rows and columns that their ends stand in."""
    rows, columns = hole
    low, high = np.array([columns.start, rows.start]), np.array([columns.stop, rows.stop]) - 1
    points = np.concatenate(curves)
    ends = np.concatenate([curve[[0, -1]] for curve in curves])
    least, most = np.minimum(ends.min(axis=0), low), np.maximum(ends.max(axis=0), high)
    return bool(((points >= least - 0.5) & (points <= most + 0.5)).all())
