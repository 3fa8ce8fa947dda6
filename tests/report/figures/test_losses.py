from __future__ import annotations

import numpy as np
import pytest

from sigforensics.report.figures import draw_losses

ROWS = [
    {
        "epoch": epoch,
        "generator_loss": 2.0 / epoch,
        "discriminator_loss": 0.5,
        "generator_accuracy": 0.1,
        "discriminator_accuracy": 0.9,
    }
    for epoch in range(1, 5)
]


def test_losses_stand_above_accuracies():
    above, below = draw_losses(ROWS).axes
    assert (above.get_ylabel(), below.get_ylabel(), below.get_xlabel()) == ("loss", "accuracy", "epoch")
    for axes, quantity in ((above, "loss"), (below, "accuracy")):
        for line, network in zip(axes.lines, ("generator", "discriminator"), strict=True):
            assert list(line.get_xdata()) == [1, 2, 3, 4]
            assert list(line.get_ydata()) == [row[f"{network}_{quantity}"] for row in ROWS]
            assert line.get_label() == network


def test_accuracies_have_their_whole_range():
    low, high = draw_losses(ROWS).axes[1].get_ylim()
    assert low <= 0
    assert high >= 1


def test_a_single_epoch_can_be_seen():
    assert draw_losses(ROWS[:1]).axes[0].lines[0].get_marker() == "o"


@pytest.mark.parametrize("epochs", [1, 2, 4])
def test_epochs_are_whole_numbers(epochs):
    figure = draw_losses(ROWS[:epochs])
    figure.draw_without_rendering()
    assert all(float(tick).is_integer() for tick in figure.axes[1].get_xticks())


WHOLE = [
    row
    | {
        "l1": 0.03 / row["epoch"],
        "plain_l1": 0.011,
        "augmented_l1": 0.02,
        "plain_ssim": 0.8,
        "augmented_ssim": 0.6,
        "plain_spectrum": 0.5 / row["epoch"],
        "augmented_spectrum": 0.7,
        "validation_true_score": 0.4,
        "validation_fake_score": -0.4,
    }
    for row in ROWS
]


def panels(rows, **options):
    return {axes.get_ylabel(): axes for axes in draw_losses(rows, **options).axes if axes.get_visible()}


def test_likeness_stands_beside_the_game_with_plain_and_augmented_inputs_apart():
    found = panels(WHOLE)
    assert list(found) == [
        "loss", "L1", "accuracy", "SSIM on the ink", "mean score, validation", "spectral difference, nats",
    ]  # fmt: skip
    for quantity, column in (
        ("L1", "l1"),
        ("SSIM on the ink", "ssim"),
        ("spectral difference, nats", "spectrum"),
    ):
        lines = {line.get_label(): list(line.get_ydata()) for line in found[quantity].lines}
        for kind in ("plain", "augmented"):
            assert lines[kind] == [row[f"{kind}_{column}"] for row in WHOLE]
    assert {name for name, axes in found.items() if axes.get_yscale() == "log"} == {
        "L1",
        "spectral difference, nats",
    }


def test_what_no_row_has_gets_no_panel():
    without = [{name: value for name, value in row.items() if "ssim" not in name} for row in WHOLE]
    missing = [row | {"plain_ssim": float("nan"), "augmented_ssim": float("nan")} for row in without]
    for rows in (without, missing):
        assert list(panels(rows)) == [
            "loss", "L1", "accuracy", "spectral difference, nats", "mean score, validation",
        ]  # fmt: skip


def test_a_column_that_early_rows_lack_begins_later():
    line = panels([*ROWS[:2], *WHOLE[2:]])["L1"].lines[0]
    assert list(line.get_ydata())[2:] == [WHOLE[2]["l1"], WHOLE[3]["l1"]]
    assert np.isnan(line.get_ydata()[:2]).all()


def test_logarithmic_scales_have_plain_numbers():
    figure = draw_losses(WHOLE)
    figure.draw_without_rendering()
    (axes,) = (axes for axes in figure.axes if axes.get_ylabel() == "L1")
    labels = [label.get_text() for label in axes.get_yticklabels() if label.get_text()]
    assert labels
    assert all(float(label) > 0 for label in labels)


def test_epochs_of_a_warning_are_shaded_in_every_panel_and_named_below():
    figure = draw_losses(WHOLE, warnings={"discriminator wins": [1, 2, 4]})
    for axes in figure.axes:
        spans = sorted((patch.get_x(), patch.get_x() + patch.get_width()) for patch in axes.patches)
        assert spans == [(0.5, 2.5), (3.5, 4.5)]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["discriminator wins"]
    assert draw_losses(WHOLE).legends == []


def test_no_epoch_is_refused():
    with pytest.raises(ValueError, match="no epoch"):
        draw_losses([])
