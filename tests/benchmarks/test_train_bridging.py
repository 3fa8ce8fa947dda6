"""Which joins count as right when the likelihood of joins is fitted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

import train_bridging
from sigforensics.bridging import stroke_ends
from sigforensics.bridging.joining import joins_of
from sigforensics.bridging.likelihood import read_likelihood
from sigforensics.settings import Bridging
from tests.bridging.drawing import line, square, strokes

HOLE = square(200, 200, 100)
TWO = strokes(line((40, 225), (470, 225)), line((40, 275), (470, 275)))


def test_a_join_is_right_where_it_follows_one_stroke() -> None:
    ends = stroke_ends(TWO.ink, TWO.cut(HOLE), HOLE, settings=Bridging())
    truth = train_bridging.Truth(TWO.ink, HOLE)
    followed = {
        (join.one, join.other): truth.followed_by(join, ends)
        for join in joins_of(ends, HOLE, settings=Bridging())
    }
    rows = [round(end.centre[1]) for end in ends]
    assert len(followed) > 2
    for (one, other), right in followed.items():
        assert right == (rows[one] == rows[other]), (rows[one], rows[other])


def test_a_join_along_ink_that_is_not_one_piece_is_wrong() -> None:
    """The stroke has a gap in the hole, too short to be noticed by how near ink is."""
    gap = TWO.ink.copy()
    gap[:, 248:252] = 0
    ends = stroke_ends(gap, TWO.cut(HOLE), HOLE, settings=Bridging())
    truth = train_bridging.Truth(gap, HOLE)
    assert not any(truth.followed_by(join, ends) for join in joins_of(ends, HOLE, settings=Bridging()))


def test_holes_are_near_ink_and_a_quarter_of_the_side() -> None:
    for seed in range(20):
        rows, columns = train_bridging.draw_hole(TWO.ink, np.random.default_rng(seed))
        assert rows.stop - rows.start == columns.stop - columns.start == len(TWO.ink) // 4
        away = train_bridging.ASIDE
        around = [slice(max(place.start - away, 0), place.stop + away) for place in (rows, columns)]
        assert TWO.ink[tuple(around)].any()


def test_what_is_fitted_can_be_read_and_figures_are_of_the_validation_frame(
    corpus: Path, tmp_path: Path, printed: Callable[..., str]
) -> None:
    out = tmp_path / "likelihood.json"
    said = printed(train_bridging, corpus, out, "--repeats", 2)
    likely = read_likelihood(out)
    collected = train_bridging.collect(corpus, "training", 2, Bridging(), None)
    assert likely.training["joins"] == len(collected.right) > 20
    assert likely.training["right"] == collected.right.sum() > 0
    right, wrong = (likely(collected.features[collected.right == one]).mean() for one in (True, False))
    assert right > wrong
    held = train_bridging.collect(corpus, "validation", 2, Bridging(), likely)
    assert said.startswith(f"{len(held.right)} joins, {held.right.sum()} follow a stroke")
    assert f"least_likely 0.5: {held.drawn[2, 0]} of {held.drawn[2, 1]} joins" in said
    assert (held.drawn[:-1, 1] >= held.drawn[1:, 1]).all()
    assert (held.drawn[:, 0] <= held.drawn[:, 1]).all()
