from __future__ import annotations

from dataclasses import replace

import pytest

from sigforensics.gan.bundled import bundled_generator
from sigforensics.gan.diagnosis import EXPLANATIONS, diagnose, history
from sigforensics.gan.model_file import read_model
from sigforensics.settings import Validation

HEALTHY = {
    "epoch": 1,
    "generator_loss": 0.4,
    "discriminator_loss": 1.4,
    "generator_accuracy": 0.3,
    "discriminator_accuracy": 0.7,
    "validation_variety": 0.95,
    "validation_ink": 1.02,
}
REFERENCE = {
    "generator_loss": 1.909,
    "discriminator_loss": 0.426,
    "generator_accuracy": 0.072,
    "discriminator_accuracy": 0.924,
}
"""The last row of the reference's log."""


def test_a_healthy_training_gets_no_warning():
    assert diagnose(HEALTHY) == ()


def test_the_end_of_the_references_log_is_a_discriminator_that_wins():
    assert diagnose(REFERENCE) == ("discriminator wins",)
    assert diagnose(HEALTHY | REFERENCE) == ("discriminator wins",)


def test_a_discriminator_that_is_good_on_one_side_alone_has_not_won():
    assert diagnose(HEALTHY | {"discriminator_accuracy": 0.99}) == ()
    assert diagnose(HEALTHY | {"generator_accuracy": 0.01}) == ()


def test_the_log_of_a_discriminator_that_stayed_a_coin_is_called_idle():
    row = {"discriminator_loss": 1.969, "generator_accuracy": 0.372, "discriminator_accuracy": 0.4169}
    assert diagnose(row) == ("discriminator idle",)
    assert diagnose(row | {"discriminator_accuracy": 0.6}) == ()
    assert diagnose(row | {"discriminator_loss": 1.6}) == ()


def test_the_bundled_generators_own_log_can_be_diagnosed():
    log = read_model(bundled_generator())[1].training["log"]
    found = history(log)
    assert set(found) <= set(EXPLANATIONS)
    assert [epoch for epochs in found.values() for epoch in epochs] == sorted(
        int(row["epoch"]) for row in log for _ in diagnose(row)
    )


@pytest.mark.parametrize("column", ["validation_variety", "validation_ink"])
def test_equal_or_blank_images_are_a_collapse(column):
    assert diagnose(HEALTHY | {column: 0.05}) == ("generator collapsed",)
    assert diagnose(HEALTHY | {column: float("nan")}) == ()


def test_what_a_row_does_not_say_counts_for_nothing():
    assert diagnose({"epoch": 3}) == ()


def test_thresholds_are_settings():
    assert diagnose(REFERENCE, settings=replace(Validation(), winning_accuracy=0.95)) == ()
    strict = replace(Validation(), least_variety=0.99)
    assert diagnose(HEALTHY, settings=strict) == ("generator collapsed",)


def test_a_history_names_the_epochs_of_each_warning():
    bad = {2: REFERENCE, 3: REFERENCE | {"validation_ink": 0.0}}
    log = [HEALTHY | {"epoch": epoch} | bad.get(epoch, {}) for epoch in (1, 2, 3, 4)]
    assert history(log) == {"discriminator wins": [2, 3], "generator collapsed": [3]}
