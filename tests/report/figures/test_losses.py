from __future__ import annotations

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


def test_no_epoch_is_refused():
    with pytest.raises(ValueError, match="no epoch"):
        draw_losses([])
