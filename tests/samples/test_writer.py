from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigforensics.samples import invent_writer
from sigforensics.samples.planning import plan_signature
from sigforensics.samples.writer import KINDS
from sigforensics.settings import Sampling


@given(number=st.integers(0, 500), seed=st.integers(0, 50))
@settings(max_examples=50, deadline=None)
def test_a_number_and_a_seed_always_give_the_same_writer_within_the_ranges(number, seed):
    writer = invent_writer(number, seed=seed)
    assert writer == invent_writer(number, seed=seed)
    limits = Sampling()
    for field in fields(writer):
        if field.name in {"name", "text", "habit", "flourish", "x_height"}:
            continue
        low, high = getattr(limits, field.name)
        assert low <= getattr(writer, field.name) <= high
    assert 1 < writer.x_height <= limits.x_height[1]


def test_writers_of_successive_numbers_have_different_words_and_flourishes():
    writers = [invent_writer(number) for number in range(24)]
    assert len({writer.text.split()[-1] for writer in writers}) == 24
    assert {writer.flourish for writer in writers[:5]} == set(KINDS)
    assert writers[3].name == "writer-3"


def test_another_seed_gives_other_writers():
    assert invent_writer(1, seed=1) != invent_writer(1, seed=2)


def test_a_writer_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        invent_writer(0).slant = 1.0


def test_a_negative_number_is_refused():
    with pytest.raises(ValueError, match="from 0"):
        invent_writer(-1)


STEADY = Sampling(wobble=0.0, bowing=0.0, scaling=0.0, turning=0.0)


def test_without_variation_a_writer_always_means_the_same():
    first, second = (
        plan_signature(invent_writer(3), rng=np.random.default_rng(seed), settings=STEADY) for seed in (1, 2)
    )
    assert np.array_equal(first.targets, second.targets)


def test_variation_moves_every_point_but_keeps_the_order_of_strokes():
    writer, rng = invent_writer(3), np.random.default_rng(0)
    first, second = (plan_signature(writer, rng=rng, settings=Sampling()) for _ in range(2))
    assert (first.targets != second.targets).all()
    assert np.array_equal(first.down, second.down)


def test_the_pen_is_lifted_between_words_and_for_dots_and_bars():
    writer = invent_writer(2)
    plan = plan_signature(writer, rng=np.random.default_rng(0), settings=STEADY)
    assert writer.text == "Thistle"
    assert writer.flourish == "underline"
    assert (~plan.down).sum() == 4  # to the stem of T, the dot of i, the bar of t, and the underline
