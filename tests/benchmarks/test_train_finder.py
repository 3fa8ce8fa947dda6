"""Composed pages are the same twice, know where their ink is, and give hypotheses of it."""

from __future__ import annotations

import numpy as np
import pytest

import composing
import finder_data
import hands
from sigforensics.settings import Extraction

PEOPLE = hands.Hands(range(5), [])


@pytest.fixture(scope="module")
def made() -> list[composing.Composed]:
    return [composing.compose(PEOPLE, np.random.default_rng([3, number])) for number in range(6)]


def test_the_same_random_numbers_compose_the_same_page(made: list[composing.Composed]) -> None:
    again = composing.compose(PEOPLE, np.random.default_rng([3, 2]))
    assert np.array_equal(again.scan.pixels, made[2].scan.pixels)
    assert again.truth == made[2].truth
    assert not np.array_equal(made[1].scan.pixels, made[2].scan.pixels)


def test_there_is_ink_in_every_box_and_most_of_it_is_paper(made: list[composing.Composed]) -> None:
    boxes = [(page, kind, box) for page in made for kind, box in page.truth]
    assert {kind for _, kind, _ in boxes} <= {"signature", "initials"}
    assert boxes
    for page, _, box in boxes:
        inside = page.scan.pixels[box.slices]
        dark = inside < 0.8 * np.median(page.scan.pixels)
        assert 0.002 < dark.mean() < 0.6


def test_pages_have_margins_of_values_between_black_and_white(made: list[composing.Composed]) -> None:
    for page in made:
        assert page.scan.pixels.dtype == np.float32
        assert page.scan.pixels.min() >= 0
        assert page.scan.pixels.max() <= 1


def test_hypotheses_meet_most_signatures_and_say_which(made: list[composing.Composed]) -> None:
    parts = [finder_data.examples_of(page, number, Extraction()) for number, page in enumerate(made)]
    found = finder_data.joined(parts)
    assert found.truths == sum(len(page.truth) for page in made)
    assert found.missed <= found.truths / 3
    assert len(found.measures) == len(found.pictures) == len(found.overlap) == len(found.sizes)
    assert found.sizes.sum() == len(found.ink)
    best = max(range(len(found.overlap)), key=lambda index: found.overlap[index])
    kind, box = made[found.page[best]].truth[found.truth[best]]
    assert kind == ("signature", "initials")[found.kind[best]]
    left, top, right, bottom = found.bounds[best]
    assert abs((left + right) / 2 - (box.left + box.width / 2)) < box.width / 2
    assert abs((top + bottom) / 2 - (box.top + box.height / 2)) < box.height / 2
