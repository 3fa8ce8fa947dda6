"""Where the holes of augmented edges are put, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from sigforensics.augmentation import Square, deform, draw_distortion, draw_squares, erase_squares
from sigforensics.bridging import CarriedOn
from sigforensics.preprocessing import target_to_edges
from sigforensics.settings import Augmentation, Bridging, Grafting, Holes, Preprocessing
from sigforensics.workflows.holes import Named, carry_on

SIZE = 128
CHAIN = Preprocessing(size=SIZE)
TARGET = np.zeros((SIZE, SIZE), np.uint8)
TARGET[::12], TARGET[:, ::12] = 200, 200
OTHER = np.roll(TARGET, 9, axis=1)
GOOD, POOR = 6.0, 7.0
Bridge = Callable[..., CarriedOn]
Run = Callable[..., tuple[dict[str, Any], list[tuple[Square, ...]]]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """``carry_on`` with pieces that cost and meet what the test says, in the order of the draws; gives facts and all holes."""

    def carried(
        costs: list[tuple[int, float]],
        *,
        how: Holes = "graft",
        specimens: tuple[np.ndarray, ...] = (OTHER,),
        holes: int = 1,
        draws: int = 5,
        seed: int = 4,
        target: np.ndarray = TARGET,
        side: int = 128,
    ) -> tuple[dict[str, Any], list[tuple[Square, ...]]]:
        given: list[tuple[Square, ...]] = []
        left: Iterator[tuple[int, float]] = iter(costs)

        def bridge(
            edges: np.ndarray, places: tuple[Square, ...], *, ink: np.ndarray, **_: object
        ) -> CarriedOn:
            bent = deform(target, distortion.displacements)
            np.testing.assert_array_equal(ink, bent)
            traced = erase_squares(target_to_edges(bent, settings=CHAIN), places)
            np.testing.assert_array_equal(edges, traced)
            given.append(places)
            grafted, cost = next(left)
            return CarriedOn(np.full_like(edges, len(given)), 0, 0, grafted, (0,) if grafted else (), cost)

        monkeypatch.setattr("sigforensics.workflows.holes.bridge_strokes", bridge)
        rng = np.random.default_rng(seed)
        distortion = draw_distortion(SIZE, rng=rng, settings=Augmentation(holes=holes, hole=side))
        edges, facts = carry_on(
            distortion.apply(target_to_edges(target, settings=CHAIN)),
            target,
            distortion,
            [Named(f"s{number}", one) for number, one in enumerate(specimens)],
            rng=rng,
            how=how,
            chain=CHAIN,
            bridging=Bridging(),
            grafting=Grafting(draws=draws, enough=6.5, least_ends=2),
        )
        chosen = int(edges.max()) - 1
        assert facts["holes"] == "; ".join(
            f"{columns.start} {rows.start} {columns.stop - columns.start} {rows.stop - rows.start}"
            for rows, columns in given[chosen]
        )
        assert facts["grafted"] == costs[chosen][0]
        facts["chosen"] = chosen
        return facts, given

    return carried


@pytest.mark.parametrize(
    ("costs", "drawn", "chosen"),
    [
        ([(2, GOOD)], 1, 0),
        ([(2, POOR), (3, GOOD)], 2, 1),
        ([(0, np.inf), (1, 0.0), (2, GOOD)], 3, 2),
        ([(2, 30.0), (4, 20.0), (2, 25.0), (3, 90.0), (2, 20.0)], 5, 1),
        ([(0, np.inf), (1, 1.0), (2, 50.0), (1, 0.5), (0, np.inf)], 5, 2),
        ([(0, np.inf), (1, 9.0), (0, np.inf), (1, 4.0), (0, np.inf)], 5, 3),
        ([(0, np.inf)] * 5, 5, 0),
    ],
    ids=[
        "the first is good enough",
        "the second is",
        "one end is no stroke across a hole",
        "the best, the earlier of equals",
        "a poor one with ends before a good one without",
        "none has ends enough",
        "none is filled",
    ],
)
def test_places_are_drawn_until_a_piece_fits(
    run: Run, costs: list[tuple[int, float]], drawn: int, chosen: int
) -> None:
    facts, given = run(costs)
    assert (len(given), facts["hole_draws"], facts["chosen"]) == (drawn, drawn, chosen)


def test_further_places_come_from_the_same_random_numbers_the_first_is_the_corpus_own(run: Run) -> None:
    _, given = run([(0, np.inf)] * 5)
    rng = np.random.default_rng(4)
    distortion = draw_distortion(SIZE, rng=rng)
    further = [draw_squares((SIZE, SIZE), side=32, count=1, rng=rng) for _ in range(4)]
    assert given == [distortion.holes, *further]
    assert run([(0, np.inf)] * 5)[1] == given
    assert run([(0, np.inf)] * 5, seed=5)[1] != given


def test_limits_are_for_a_hole_and_hold_for_all_together(run: Run) -> None:
    facts, given = run([(3, 1.0), (4, 13.5), (4, 13.0)], holes=2)
    assert (facts["hole_draws"], facts["chosen"]) == (3, 2)
    assert all(len(one) == 2 for one in given)


@pytest.mark.parametrize(
    ("how", "specimens"), [("rule", (OTHER,)), ("graft", ()), ("graft", (TARGET,))], ids=str
)
def test_without_specimens_there_is_nothing_to_choose_by(
    run: Run, how: Holes, specimens: tuple[np.ndarray, ...]
) -> None:
    facts, given = run([(0, np.inf)], how=how, specimens=specimens)
    assert (facts["hole_draws"], len(given)) == (1, 1)


def taking(seed: int, target: np.ndarray, holes: int) -> tuple[tuple[Square, ...], Callable[[Square], bool]]:
    """The own place of holes by a seed, and whether a hole has deformed ink in its middle 16 x 16 of 32 x 32 pixels."""
    distortion = draw_distortion(SIZE, rng=np.random.default_rng(seed), settings=Augmentation(holes=holes))
    ink = deform(target, distortion.displacements) >= Bridging().least_ink
    return distortion.holes, lambda hole: bool(
        ink[hole[0].start + 8 : hole[0].stop - 8, hole[1].start + 8 : hole[1].stop - 8].any()
    )


def test_a_hole_takes_ink_away_and_does_not_only_touch_it(run: Run) -> None:
    """A short stroke, which the hole's own place misses more often than not."""
    target = np.zeros((SIZE, SIZE), np.uint8)
    target[40:44, 60:80] = 200
    took = []
    for seed in range(6):
        ((own,), takes) = taking(seed, target, 1)
        facts, given = run([(0, np.inf)] * 5, seed=seed, target=target)
        assert facts["hole_draws"] == 5
        assert all(takes(hole) for (hole,) in given)
        assert (given[0] == (own,)) == takes(own)
        took.append(takes(own))
    assert not all(took)


def test_every_hole_takes_ink_away(run: Run) -> None:
    """A signature in one corner, and two holes of which now and then one takes of it."""
    target = np.zeros((SIZE, SIZE), np.uint8)
    target[30:60, 30:60] = 200
    took = []
    for seed in range(12):
        own, takes = taking(seed, target, 2)
        _, given = run([(0, np.inf)] * 5, seed=seed, target=target, holes=2)
        assert (given[0] == own) == all(takes(hole) for hole in own)
        took.append(sum(takes(hole) for hole in own))
    assert took.count(1) > 1


def test_holes_that_are_nothing_or_all_are_not_moved(run: Run) -> None:
    for holes, side in ((0, 128), (1, 512)):
        facts, given = run([(0, np.inf)], holes=holes, side=side)
        assert (facts["hole_draws"], len(given)) == (1, 1)


def test_the_smallest_hole_takes_ink_away_too(run: Run) -> None:
    _, given = run([(0, np.inf)] * 5, side=4)
    ink = deform(TARGET, draw_distortion(SIZE, rng=np.random.default_rng(4)).displacements) >= 40
    assert all(ink[hole].any() for holes in given for hole in holes)


def test_a_blank_signature_has_its_holes_somewhere(run: Run) -> None:
    facts, given = run([(0, np.inf)] * 5, target=np.zeros((SIZE, SIZE), np.uint8))
    assert (facts["hole_draws"], facts["specimens"]) == (5, "")
    assert all(rows.stop - rows.start == 32 for ((rows, _),) in given)
