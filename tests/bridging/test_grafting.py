"""Holes are filled with pieces of specimens whose strokes meet the cut ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import cv2
import numpy as np
import pytest

from sigforensics.augmentation import Square, erase_squares
from sigforensics.bridging import Graft, StrokeEnd, bridge_strokes, graft
from sigforensics.bridging.grafting import _Cut, _moved, _similarity, _stretch, pair_ends
from sigforensics.settings import Bridging, Grafting, Preprocessing

from .drawing import SIZE, Drawn, line, square, strokes
from .test_alike import WRITTEN, turned

HOLE = square(200, 190, 128)
FEWER = Grafting(widths=(1.0,), heights=(1.0,), tried=40, brought_nearer=10, finished=6)
"""As the default, but faster."""


LEVEL = [line((40, row), (480, row)) for row in (220, 255, 290)]


def grafted(
    whole: Drawn, *specimens: np.ndarray, hole: Square = HOLE, settings: Grafting = FEWER
) -> Graft | None:
    return graft(whole.ink, hole, specimens, bridging=Bridging(), settings=settings)


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
    unknown = graft(erase_squares(WRITTEN.ink, [HOLE]), HOLE, [specimen], bridging=Bridging(), settings=FEWER)
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
    made = bridge_strokes(WRITTEN.cut(HOLE), [HOLE], ink=WRITTEN.ink, specimens=[specimen], grafting=FEWER)
    assert (made.grafted, made.joins, made.points, made.specimens) == (len(WRITTEN.ends(HOLE)), 0, 0, (0,))
    assert distance_to(WRITTEN.edges > 0)[made.edges > 0].max() < 4
    assert distance_to(made.edges > 0)[WRITTEN.edges > 0].max() < 4
    by_rule = bridge_strokes(WRITTEN.cut(HOLE), [HOLE], ink=WRITTEN.ink)
    none_fits = bridge_strokes(
        WRITTEN.cut(HOLE), [HOLE], ink=WRITTEN.ink, specimens=[np.zeros_like(specimen)]
    )
    np.testing.assert_array_equal(none_fits.edges, by_rule.edges)
    assert (by_rule.grafted, by_rule.specimens) == (none_fits.grafted, none_fits.specimens) == (0, ())


def test_what_a_piece_lacks_is_joined_by_the_rule_and_not_closed_off_at_the_border() -> None:
    three, two = strokes(*LEVEL), strokes(*LEVEL[::2])
    made = bridge_strokes(three.cut(HOLE), [HOLE], ink=three.ink, specimens=[two.ink], grafting=FEWER)
    assert (made.grafted, made.joins, made.points) == (4, 1, 0)
    assert distance_to(three.edges > 0)[made.edges > 0].max() < 2
    assert distance_to(made.edges > 0)[three.edges > 0].max() < 3


@pytest.mark.parametrize("level", [60, 100, 255])
def test_a_specimen_in_another_pen_is_made_as_dark_as_the_strokes_that_it_meets(level: int) -> None:
    """So that no edge stands across them at the border of the hole."""
    whole, other = strokes(*LEVEL), strokes(*LEVEL, ink=level)
    made = bridge_strokes(whole.cut(HOLE), [HOLE], ink=whole.ink, specimens=[other.ink], grafting=FEWER)
    assert made.grafted == 6
    assert distance_to(whole.edges > 0)[made.edges > 0].max() < 2
    done = grafted(whole, other.ink)
    assert done is not None
    assert np.median(done.ink[done.ink > 100]) == pytest.approx(200, abs=4)


def test_two_holes_are_filled_each_by_itself() -> None:
    """With what either alone gives, where the ink of the other is not known."""
    holes = [square(200, 190, 128), square(345, 190, 128)]
    specimens = [np.roll(WRITTEN.ink, 5, axis=1)]
    both = bridge_strokes(WRITTEN.cut(*holes), holes, ink=WRITTEN.ink, specimens=specimens, grafting=FEWER)
    assert both.specimens == (0, 0)
    for hole, other in (holes, holes[::-1]):
        ink = erase_squares(WRITTEN.ink, [other])
        alone = bridge_strokes(WRITTEN.cut(*holes), [hole], ink=ink, specimens=specimens, grafting=FEWER)
        np.testing.assert_array_equal(both.edges[hole], alone.edges[hole])


def test_pieces_together_cost_what_they_cost_alone_and_a_cut_stroke_without_one_costs_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    holes, beside = [square(200, 190, 128), square(345, 190, 128)], square(440, 440, 64)
    specimens = [np.roll(WRITTEN.ink, 5, axis=1)]

    def cost(*chosen: Square) -> float:
        made = bridge_strokes(
            WRITTEN.cut(*chosen), chosen, ink=WRITTEN.ink, specimens=specimens, grafting=FEWER
        )
        return made.cost

    piece = graft(
        erase_squares(WRITTEN.ink, holes[:1]), holes[0], specimens, bridging=Bridging(), settings=FEWER
    )
    assert piece is not None
    assert cost(holes[0]) == cost(holes[0], beside) == piece.cost > 0
    alone = []
    for hole, other in (holes, holes[::-1]):
        ink = erase_squares(WRITTEN.ink, [other])
        done = graft(erase_squares(ink, [hole]), hole, specimens, bridging=Bridging(), settings=FEWER)
        assert done is not None
        alone.append(done.cost)
    assert cost(*holes) == pytest.approx(sum(alone))
    assert cost(beside) == np.inf
    monkeypatch.setattr(
        "sigforensics.bridging.joining.graft", lambda _, hole, *__, **___: piece if hole == holes[0] else None
    )
    assert cost(*holes) == np.inf
    monkeypatch.undo()
    specimens = [np.zeros_like(WRITTEN.ink)]
    assert cost(holes[0]) == np.inf


def test_the_pieces_of_holes_that_overlap_have_no_edge_where_the_other_begins() -> None:
    holes = [square(200, 190, 128), square(260, 190, 128)]
    specimens = [np.roll(WRITTEN.ink, 5, axis=1)]
    made = bridge_strokes(WRITTEN.cut(*holes), holes, ink=WRITTEN.ink, specimens=specimens, grafting=FEWER)
    assert distance_to(WRITTEN.edges > 0)[made.edges > 0].max() < 8
    assert distance_to(made.edges > 0)[WRITTEN.edges > 0].max() < 8


def test_neighbours_of_a_stroke_that_begins_in_a_point_stay_whole() -> None:
    two = strokes(*LEVEL[:2], width=9)
    near = strokes(*LEVEL[:2], line((40, 233), (480, 233)), width=9)
    done = grafted(two, near.ink)
    assert done is not None
    assert done.met == 4
    at_border = done.ink[20:50, 0] >= Bridging().least_ink
    assert at_border[220 - 190 - 20 - 4 : 220 - 190 - 20 + 5].all()


def test_a_share_of_the_cut_ends_must_be_met_after_bending_too() -> None:
    three, one = strokes(*LEVEL), strokes(LEVEL[0])
    assert grafted(three, one.ink) is None
    fewer = grafted(three, one.ink, settings=replace(FEWER, least_met=0.3))
    assert fewer is not None
    assert fewer.met == 2
    bent = strokes(line((40, 226), (480, 226)), line((40, 249), (480, 249)), line((40, 290), (480, 290)))
    assert grafted(three, bent.ink) is not None
    assert (
        grafted(three, bent.ink, settings=replace(FEWER, stiffnesses=(1e9,), touching=2.5, least_met=0.9))
        is None
    )


def test_each_part_of_the_cost_tells_which_piece_is_taken() -> None:
    """Of two specimens the one that is better in that part alone; the other stands first."""
    whole = strokes(*LEVEL)
    thick = strokes(*LEVEL, width=13).ink
    far = np.zeros_like(whole.ink)
    far[60:66, 150:400] = 200  # ink around the hole that the signature does not have
    for worse, without in (
        (thick, {"uneven": 0.0, "seam": 0.0, "unlike": 0.0}),
        (np.maximum(whole.ink, np.roll(far, 90, axis=0)), {"unlike": 0.0, "seam": 0.0}),
    ):
        better = grafted(whole, worse, whole.ink)
        assert better is not None
        assert better.specimen == 1
        worse_alone, indifferent = (
            grafted(whole, worse, settings=settings) for settings in (FEWER, replace(FEWER, **without))
        )
        assert worse_alone is not None
        assert indifferent is not None
        assert worse_alone.cost > better.cost
        assert worse_alone.cost > indifferent.cost


def test_places_are_brought_nearer_before_they_are_bent() -> None:
    """A specimen turned by more than is tried: without it fewer ends meet, or at higher cost."""
    affine = turned(WRITTEN.ink, 9, 1.1, (4, 0))
    specimen = cv2.warpAffine(WRITTEN.ink, affine, (SIZE, SIZE))
    nearer = grafted(WRITTEN, specimen)
    assert nearer is not None
    as_found = grafted(WRITTEN, specimen, settings=replace(FEWER, times=0))
    assert as_found is None or as_found.cost > nearer.cost + 1


def test_edges_of_pieces_are_told_as_the_chain_says() -> None:
    whole = strokes(*LEVEL)
    blind = Preprocessing(canny_low=60_000, canny_high=60_000)
    for chain, count in ((None, 6), (Preprocessing(), 6), (blind, 0)):
        made = bridge_strokes(
            whole.cut(HOLE), [HOLE], ink=whole.ink, specimens=[whole.ink], grafting=FEWER, chain=chain
        )
        assert (made.edges[HOLE][:, 64] > 0).sum() == count


def test_pieces_take_the_direction_of_cut_strokes_at_the_border() -> None:
    """Level strokes, and a specimen in which they are waves that cross the border steeply."""
    columns = np.linspace(40, 480, 400)
    waves = [
        np.stack([columns, row + 10 * np.sin((columns - 200) * np.pi / 64)], axis=1) for row in (225, 285)
    ]
    level, waved = strokes(line((40, 225), (480, 225)), line((40, 285), (480, 285))), strokes(*waves)
    slopes = []
    for back in (FEWER.back, 0.0):
        cut = _Cut(erase_squares(level.ink, [HOLE]), HOLE, Bridging(), replace(FEWER, back=back))
        done = cut.finished(cut.fitted(waved.ink, 0, np.eye(2, 3), 0.0))
        assert done is not None
        middles = [np.argwhere(done.ink[10:60, column] >= 128).mean() for column in (1, 9)]
        slopes.append(abs(middles[1] - middles[0]))
    assert slopes[0] < slopes[1] - 0.5


def test_a_spline_is_as_stiff_at_any_size() -> None:
    own = np.array([[0.0, 0], [100, 0], [100, 100], [0, 100], [50, 40]])
    theirs = own + np.array([[6.0, 0], [-6, 4], [0, -6], [3, 3], [-8, 2]])
    large = _moved(own, own, theirs, 50.0) - own
    small = _moved(own / 2, own / 2, theirs / 2, 50.0 / 4) - own / 2
    np.testing.assert_allclose(small, large / 2, atol=1e-6)


def test_specimens_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="must be of shape"):
        grafted(WRITTEN, np.zeros((256, 256), np.uint8))


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
