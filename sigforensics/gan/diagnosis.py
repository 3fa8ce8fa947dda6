"""What is wrong with a training, by its log: who has won, who has stopped learning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan

from sigforensics.settings import Validation

__all__ = ["EXPLANATIONS", "diagnose", "history"]

EXPLANATIONS = {
    "discriminator wins": (
        "it tells nearly all patches of fakes from those of targets, and the generator no longer learns how to deceive it; "
        "lower --discriminator-rate, or raise --generator-updates"
    ),
    "discriminator idle": (
        "it scores fakes and targets alike, and the generator learns nothing from it; raise --discriminator-rate, or "
        "--discriminator-updates, or accept a generator made by the L1 term alone"
    ),
    "generator collapsed": (
        "its images of different signatures are nearly equal, or blank; go back to an earlier model, and train with "
        "lower rates"
    ),
}
"""By the name of what is wrong: why it matters, and what may help."""


def diagnose(row: Mapping[str, float], *, settings: Validation | None = None) -> tuple[str, ...]:
    """What is wrong after an epoch, by its log row: names of :data:`EXPLANATIONS`. Columns that it lacks count for nothing.

    The last row of the reference's log, where the discriminator wins:

    >>> diagnose({"discriminator_loss": 0.426, "generator_accuracy": 0.072, "discriminator_accuracy": 0.924})
    ('discriminator wins',)
    """
    settings = settings or Validation()
    loss, deceived, known, variety, ink = (
        row.get(name, nan)
        for name in (
            "discriminator_loss",
            "generator_accuracy",
            "discriminator_accuracy",
            "validation_variety",
            "validation_ink",
        )
    )
    found = {
        "discriminator wins": deceived <= settings.deceived and known >= settings.winning_accuracy,
        "discriminator idle": loss >= settings.idle_loss and abs(known - deceived) <= settings.idle_gap,
        "generator collapsed": variety < settings.least_variety or ink < settings.least_ink,
    }
    return tuple(name for name, holds in found.items() if holds)


def history(
    log: Sequence[Mapping[str, float]], *, settings: Validation | None = None
) -> dict[str, list[int]]:
    """The epochs in which each thing was wrong, for those that ever were."""
    epochs: dict[str, list[int]] = {}
    for row in log:
        for name in diagnose(row, settings=settings):
            epochs.setdefault(name, []).append(int(row["epoch"]))
    return epochs
