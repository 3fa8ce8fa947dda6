"""Holes are filled with pieces of specimens whose strokes meet the cut ones."""

from __future__ import annotations

from itertools import permutations

import cv2
import numpy as np
import pytest

from sigforensics.augmentation import erase_squares
from sigforensics.bridging import Graft, StrokeEnd, bridge_strokes, graft
from sigforensics.bridging.grafting import _moved, _similarity, _stretch, pair_ends
from sigforensics.settings import Bridging, Grafting

from .drawing import SIZE, Drawn, line, square, strokes
from .test_alike import WRITTEN, turned

HOLE = square(200, 190, 128)
FEWER = Grafting(widths=(1.0,), heights=(1.0,), tried=40, brought_nearer=10, finished=6)
"""As the default, but faster."""


def grafted(whole: Drawn, *specimens: np.ndarray, hole: tuple[slice, slice] = HOLE) -> Graft | None:
    return graft(whole.ink, hole, specimens, bridging=Bridging(), settings=FEWER)


def distance_to(dark: np.ndarray) -> np.ndarray:
    return cv2.distanceTransform((~dark).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Pixels from the ink of either to that of the other, in the mean."""
    first, second = (image >= Bridging().least_ink for image in (one, other))
    return float(max(distance_to(second)[first].mean(), distance_to(first)[second].mean()))


@pytest.mark.parametrize(
    ("degrees", "factor", "shift", "within"),
    [(0, 1, (0, 0), 0.2), (0, 1, (25, -14), 0.5), (5, 1.06, (8, 3), 1.0), (-12, 0.92, (-6, 12), 1.0)],
)
def test_what_a_specimen_shows_elsewhere_comes_to_the_hole(
    degrees: float, factor: float, shift: tuple[float, float], within: float
) -> None:
    """Moved, turned and sized, as a writer's signatures are."""
    specimen = cv2.warpAffine(WRITTEN.ink, turned(WRITTEN.ink, degrees, factor, shift), (SIZE, SIZE))
    done = grafted(WRITTEN, np.zeros_like(specimen), specimen)
    assert done is not None
    assert done.specimen == 1
    assert done.met == len(WRITTEN.ends(HOLE)) > 4
    assert not done.left
    assert done.ink.shape == (128, 128)
    assert apart(done.ink, WRITTEN.ink[HOLE]) < within


def test_strokes_that_run_otherwise_are_bent_to_meet_the_cut_ones() -> None:
    whole = strokes(line((40, 230), (480, 230)), line((40, 280), (480, 280)), line((264, 60), (264, 460)))
    slanted = strokes(line((40, 236), (480, 222)), line((40, 276), (480, 284)), line((258, 60), (272, 460)))
    done = grafted(whole, slanted.ink)
    assert done is not None
    assert done.met == 6
    filled = whole.ink.copy()
    filled[HOLE] = done.ink
    for border in ("start", "stop"):
        column = getattr(HOLE[1], border)
        for rows in (slice(220, 240), slice(270, 290)):
            outside, inside = (
                np.argwhere(filled[rows, side] >= 128).ravel() for side in (column - 1, column)
            )
            assert inside[[0, -1]] == pytest.approx(outside[[0, -1]], abs=1)


def test_no_specimen_that_fits_gives_nothing() -> None:
    elsewhere = strokes(line((40, 60), (200, 60))).ink
    upright = strokes(*(line((column, 40), (column, 470)) for column in (100, 300))).ink
    level = strokes(line((40, 230), (480, 230)), line((40, 280), (480, 280)))
    assert grafted(level) is None
    assert grafted(level, np.zeros_like(elsewhere), elsewhere, upright) is None
    assert grafted(level, level.ink) is not None
    assert grafted(strokes(line((40, 60), (200, 60))), level.ink) is None  # cuts nothing


def test_cut_strokes_that_the_piece_has_not_are_left_and_those_that_it_has_more_begin_in_a_point() -> None:
    two = strokes(line((40, 220), (480, 220)), line((40, 290), (480, 290)))
    three = strokes(
        line((40, 220), (480, 220)), line((40, 290), (480, 290)), line((40, 255), (480, 255)), width=9
    )
    less = grafted(three, two.ink)
    assert less is not None
    assert (less.met, len(less.left)) == (4, 2)
    rows = {end.place: round(float(end.centre[1])) for end in three.ends(HOLE)}
    assert [rows[place] for place in less.left] == pytest.approx([255, 255], abs=1)
    more = grafted(two, three.ink)
    assert more is not None
    assert (more.met, more.left) == (4, frozenset())
    thickness = (more.ink[50:80] >= 128).sum(axis=0)
    assert thickness[0] <= 2
    assert thickness[64] >= 8
    assert (np.diff(thickness[:20].astype(int)) >= -1).all()


def test_the_best_of_several_specimens_is_taken() -> None:
    rng = np.random.default_rng(0)
    wrong = [
        strokes(*(np.cumsum(rng.normal(0, 40, (6, 2)), axis=0) + 256 for _ in range(3))).ink for _ in range(3)
    ]
    done = grafted(WRITTEN, *wrong, np.roll(WRITTEN.ink, 11, axis=1), wrong[0])
    assert done is not None
    assert done.specimen == 3


def test_nothing_is_written_to_and_what_was_in_the_hole_does_not_matter() -> None:
    before = WRITTEN.ink.copy()
    specimen = np.roll(WRITTEN.ink, 7, axis=0)
    known = grafted(WRITTEN, specimen)
    unknown = graft(
        erase_squares(WRITTEN.ink, [HOLE]), HOLE, [specimen], bridging=Bridging(), settings=Grafting()
    )
    assert known is not None
    assert unknown is not None
    np.testing.assert_array_equal(known.ink, unknown.ink)
    np.testing.assert_array_equal(WRITTEN.ink, before)


def test_a_hole_at_the_border_of_the_image_is_filled_within_it() -> None:
    whole = strokes(line((20, 10), (490, 40)), line((264, 0), (264, 300)))
    hole = square(200, 0, 100)
    done = grafted(whole, np.roll(whole.ink, 5, axis=1), hole=hole)
    assert done is not None
    assert done.met == 3
    assert apart(done.ink, whole.ink[hole]) < 1


def test_lengths_scale_with_the_size() -> None:
    small = Drawn(*(cv2.resize(image, (256, 256), interpolation=cv2.INTER_AREA) for image in WRITTEN))
    hole = square(100, 95, 64)
    specimen = np.roll(small.ink, (6, -9), axis=(0, 1))
    done = grafted(small, specimen, hole=hole)
    assert done is not None
    assert not done.left
    assert apart(done.ink, small.ink[hole]) < 0.7


def test_edges_in_the_hole_are_those_of_the_piece() -> None:
    specimen = np.roll(WRITTEN.ink, 9, axis=1)
    made = bridge_strokes(WRITTEN.cut(HOLE), [HOLE], ink=WRITTEN.ink, specimens=[specimen])
    assert (made.grafted, made.joins, made.points, made.specimens) == (len(WRITTEN.ends(HOLE)), 0, 0, (0,))
    assert distance_to(WRITTEN.edges > 0)[made.edges > 0].max() < 4
    assert distance_to(made.edges > 0)[WRITTEN.edges > 0].max() < 4
    with_gap = strokes(line((40, 220), (480, 220)), line((40, 255), (480, 255)), line((40, 290), (480, 290)))
    two = strokes(line((40, 220), (480, 220)), line((40, 290), (480, 290)))
    partly = bridge_strokes(with_gap.cut(HOLE), [HOLE], ink=with_gap.ink, specimens=[two.ink])
    assert (partly.grafted, partly.joins, partly.points) == (
        4,
        1,
        0,
    )  # what the piece lacks is joined by the rule
    by_rule = bridge_strokes(WRITTEN.cut(HOLE), [HOLE], ink=WRITTEN.ink)
    none_fits = bridge_strokes(
        WRITTEN.cut(HOLE), [HOLE], ink=WRITTEN.ink, specimens=[np.zeros_like(specimen)]
    )
    np.testing.assert_array_equal(none_fits.edges, by_rule.edges)
    assert (by_rule.grafted, by_rule.specimens) == (none_fits.grafted, none_fits.specimens) == (0, ())


def ends_at(*places: tuple[float, float, float]) -> list[StrokeEnd]:
    """Ends at columns and rows, in directions of degrees."""
    found = []
    for x, y, degrees in places:
        direction = np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))])
        aside = 3 * np.array([-direction[1], direction[0]])
        found.append(StrokeEnd(np.array([x, y]) - aside, np.array([x, y]) + aside, direction))
    return found


def test_ends_are_paired_at_least_cost() -> None:
    """Against all ways to pair them."""
    rng, settings = np.random.default_rng(4), Grafting()
    for _ in range(30):
        own, theirs = (
            ends_at(*rng.uniform((0, 0, -40), (40, 40, 40), (int(count), 3)))
            for count in rng.integers(1, 5, 2)
        )
        pairs, cost = pair_ends(own, theirs, scale=1.0, settings=settings)
        least = np.inf
        for order in permutations([*range(len(theirs)), *[None] * len(own)], len(own)):
            total = settings.unmet * (len(theirs) - sum(one is not None for one in order))
            for one, number in zip(own, order, strict=True):
                if number is None:
                    total += settings.unmet
                    continue
                gap = np.linalg.norm(one.centre - theirs[number].centre)
                cosine = one.direction @ theirs[number].direction
                if gap >= settings.meet or cosine <= settings.least_cosine:
                    total = np.inf
                else:
                    total += gap + settings.turned * (1 - cosine)
            least = min(least, total)
        assert cost == pytest.approx(least)
        assert len({one for one, _ in pairs}) == len({other for _, other in pairs}) == len(pairs)


def test_ends_that_point_elsewhere_or_are_far_are_no_pair() -> None:
    settings = Grafting()
    (here,) = ends_at((10, 10, 0))
    for other, count in (
        ((12, 11, 10), 1),
        ((12, 11, 90), 0),
        ((12, 11, 180), 0),
        ((10 + settings.meet, 10, 0), 0),
    ):
        assert len(pair_ends([here], ends_at(other), scale=1.0, settings=settings)[0]) == count
    assert len(pair_ends([here], ends_at((22, 10, 0)), scale=0.5, settings=settings)[0]) == 0


def test_a_similarity_is_found_from_points_and_its_size_kept_within_limits() -> None:
    rng = np.random.default_rng(2)
    points = rng.uniform(0, 100, (5, 2))
    true = turned(points, 13.0, 1.1, (4.0, -7.0))
    moved = points @ true[:, :2].T + true[:, 2]
    np.testing.assert_allclose(_similarity(points, moved, 1.15), true, atol=1e-9)
    limited = _similarity(points, 3 * points, 1.15)
    np.testing.assert_allclose(limited[:, :2], 1.15 * np.eye(2), atol=1e-9)
    np.testing.assert_allclose(limited[:, :2] @ points.mean(axis=0) + limited[:, 2], 3 * points.mean(axis=0))


def test_a_spline_takes_points_to_points_and_few_points_move_all_alike() -> None:
    own = np.array([[0.0, 0], [50, 0], [50, 60], [0, 60], [20, 30]])
    theirs = own + np.array([[1.0, 2], [-3, 0], [0, 4], [2, 2], [0, 0]])
    np.testing.assert_allclose(_moved(own, own, theirs, 0.0), theirs, atol=1e-6)
    line_ = np.array([[0.0, 0], [10, 10], [20, 20], [30, 30]])
    for few in (own[:3], line_):
        np.testing.assert_allclose(_moved(own, few, few + [3.0, -2.0], 0.5), own + [3.0, -2.0])


def test_stretch_is_the_largest_factor_or_its_inverse() -> None:
    """Against singular values."""
    y, x = np.mgrid[0:20, 0:20].astype(float)
    for linear in (
        [[1.5, 0], [0, 1]],
        [[1, 0], [0, 0.5]],
        [[0.8, 0.6], [-0.6, 0.8]],
        [[1.2, 0.7], [0.1, 0.9]],
    ):
        moved = np.stack([x, y], axis=2) @ np.array(linear).T
        factors = np.linalg.svd(np.array(linear), compute_uv=False)
        assert _stretch(moved) == pytest.approx(max(factors[0], 1 / factors[1]))
    folded = np.stack([np.abs(x - 10), y], axis=2)
    assert _stretch(folded) == np.inf
