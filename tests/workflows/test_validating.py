from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigforensics.corpus import Row
from sigforensics.settings import Validation
from sigforensics.workflows.validating import VALIDATION_COLUMNS, evenly_spaced, validate

SIDE = 64


def row(sample: int, *, augmented: int = 0) -> Row:
    return Row(
        writer="w", sample=str(sample), split="validation", augmented=augmented, mask="", input="", target="",
        source="", source_sha256="",
    )  # fmt: skip


ROWS = [row(sample, augmented=augmented) for sample in range(6) for augmented in (0, 1)]


def target_of(row: Row) -> np.ndarray:
    rng = np.random.default_rng(int(row.sample))
    points = rng.integers(8, SIDE - 8, (6, 1, 2))
    return cv2.polylines(np.zeros((SIDE, SIDE), np.uint8), [points], isClosed=False, color=200, thickness=2)


def a_run(generator, rows=ROWS) -> SimpleNamespace:
    """In place of a training: ``generator`` makes the fake of a row from its target."""

    def forge(trainer, row):
        target = target_of(row)
        return SimpleNamespace(edges=target, mask=target, fake=generator(row, target), target=target)

    return SimpleNamespace(validation=rows, forge=forge)


class Discriminator:
    """Scores an image by its mean ink: in [-1, 1], the more ink the higher."""

    def score(self, edges, image):
        assert edges.shape == image.shape == (SIDE, SIDE)
        assert image.min() >= -1
        return np.full((2, 2), image.mean(), np.float32) + np.array([[0, 2], [0, 0]], np.float32)


def perfect(_row, target):
    return target


def blank(_row, target):
    return 0 * target


def measured(generator, frame=ROWS, **settings):
    return validate(a_run(generator, frame), Discriminator(), settings=replace(Validation(), **settings))


def test_a_perfect_generator_differs_in_nothing():
    found = measured(perfect)
    assert tuple(found) == VALIDATION_COLUMNS
    for kind in ("plain", "augmented"):
        assert found[f"{kind}_l1"] == found[f"{kind}_spectrum"] == 0
        assert found[f"{kind}_ssim"] == pytest.approx(1)
    assert found["validation_l1"] == 0
    assert found["validation_variety"] == found["validation_ink"] == 1
    assert found["validation_true_score"] == found["validation_fake_score"]


def test_plain_and_augmented_inputs_are_told_apart():
    """A generator that loses half of the ink where the input was augmented."""
    found = measured(lambda one, target: target // 2 if one.augmented else target)
    lost = np.mean([(target_of(one) / 255).mean() / 2 for one in ROWS])
    assert (found["plain_l1"], found["plain_spectrum"]) == (0, 0)
    assert found["augmented_l1"] == pytest.approx(lost, rel=1e-5)
    assert found["augmented_ssim"] < 0.95 < found["plain_ssim"]
    assert found["augmented_spectrum"] == pytest.approx(math.log(2), rel=0.01)
    assert found["validation_l1"] == pytest.approx(lost / 2, rel=1e-5)
    assert found["validation_ink"] == 1  # plain inputs alone


def test_a_generator_that_makes_one_image_of_all_has_no_variety():
    one = target_of(ROWS[0])
    found = measured(lambda *_: one)
    assert found["validation_variety"] == 0
    assert found["validation_ink"] > 0.3
    assert measured(blank)["validation_ink"] == 0


def test_the_discriminators_state_is_measured_on_fakes_and_targets_of_plain_inputs():
    found = measured(blank)
    targets = [2 * (target_of(one) / 255).mean() - 1 for one in ROWS[::2]]
    assert found["validation_fake_score"] == pytest.approx(-0.5)
    assert found["validation_true_score"] == pytest.approx(np.mean(targets) + 0.5, rel=1e-5)
    assert found["validation_generator_accuracy"] == found["validation_discriminator_accuracy"] == 0.25


@pytest.mark.parametrize(("frame", "count"), [([], 64), (ROWS, 0)])
def test_without_rows_nothing_is_a_number(frame, count):
    found = measured(perfect, frame, rows=count)
    assert found.pop("validation_seconds") >= 0
    assert all(math.isnan(value) for value in found.values())


def test_a_frame_of_plain_inputs_alone_has_no_figures_for_others():
    found = measured(perfect, ROWS[::2])
    assert found["plain_l1"] == 0
    assert math.isnan(found["augmented_l1"])
    assert math.isnan(found["augmented_spectrum"])


def test_targets_that_are_all_equal_say_nothing_of_variety():
    assert math.isnan(measured(perfect, ROWS[:2])["validation_variety"])


@given(st.integers(1, 40), st.integers(0, 100), st.integers(1, 2))
def test_rows_are_whole_signatures_evenly_spaced(signatures, count, inputs):
    rows = [row(sample, augmented=kind) for sample in range(signatures) for kind in range(inputs)]
    chosen = evenly_spaced(rows, count)
    places = [int(one.sample) for one in chosen[::inputs]]
    assert chosen == [one for one in rows if int(one.sample) in places]
    assert len(chosen) <= max(count, inputs)
    if count:
        assert len(chosen) > min(count, len(rows)) - inputs
        gaps = np.diff(places)
        assert len(gaps) == 0 or gaps.max() - gaps.min() <= 1


def test_the_rows_are_spread_over_the_writers():
    rows = [replace(row(sample), writer=f"{writer}") for writer in range(8) for sample in range(12)]
    assert len({one.writer for one in evenly_spaced(rows, 8)}) == 8
