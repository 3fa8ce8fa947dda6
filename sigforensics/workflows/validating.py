"""What a generator in training makes of signatures that it never saw, in figures: the validation columns of the log."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import nan
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sigforensics.corpus import Row
from sigforensics.images import ByteImage, bytes_to_unit, unit_to_signed
from sigforensics.likeness import band_profile, ink_similarity, spectral_difference
from sigforensics.settings import Validation

if TYPE_CHECKING:
    from sigforensics.gan.trainer import Trainer
    from sigforensics.gan.training import Forged, TrainingRun

__all__ = ["VALIDATION_COLUMNS", "evenly_spaced", "validate"]

LIKENESS = ("l1", "ssim", "spectrum")
GAME = ("true_score", "fake_score", "generator_accuracy", "discriminator_accuracy", "variety", "ink")
VALIDATION_COLUMNS = (
    "validation_l1",
    *(f"{kind}_{measure}" for kind in ("plain", "augmented") for measure in LIKENESS),
    *(f"validation_{measure}" for measure in GAME),
    "validation_seconds",
)
"""Of a log row, what validation gives; ``docs/method.md`` says what each is."""


def evenly_spaced(rows: Sequence[Row], count: int) -> list[Row]:
    """About ``count`` of the rows of a frame: all rows of some signatures, evenly spaced over the frame, and at least one."""
    signatures: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        signatures.setdefault((row.writer, row.sample), []).append(row)
    if not signatures or count < 1:
        return []
    taken = min(max(count * len(signatures) // len(rows), 1), len(signatures))
    places = np.linspace(0, len(signatures) - 1, taken).round().astype(int)
    groups = list(signatures.values())
    return [row for place in places for row in groups[place]]


def validate(run: TrainingRun, trainer: Trainer, *, settings: Validation) -> dict[str, float]:
    """The columns :data:`VALIDATION_COLUMNS`; NaN where there are no rows to measure on.

    Fakes are taken as ``generate`` would write them: without dropout, in 8 bits, through the threshold. What belongs to the
    game of the two networks is measured on plain inputs.

    Raises
    ------
    FileUnreadable, TableInvalid, TrainingDiverged
        As forging a row raises them.
    """
    began = time.monotonic()
    rows = evenly_spaced(run.validation, settings.rows)
    forged = {
        kind: [run.forge(trainer, row) for row in rows if row.augmented == augmented]
        for kind, augmented in (("plain", 0), ("augmented", 1))
    }
    everything = [one for group in forged.values() for one in group]
    columns = {"validation_l1": _mean(_error(one.fake, one.target) for one in everything)}
    for kind, group in forged.items():
        columns |= {f"{kind}_{name}": value for name, value in _likeness(group, settings).items()}
    game = _scores(trainer, forged["plain"]) | _variety(forged["plain"])
    columns |= {f"validation_{name}": value for name, value in game.items()}
    return columns | {"validation_seconds": time.monotonic() - began}


def _error(one: ByteImage, other: ByteImage) -> float:
    """The mean absolute difference, on the scale of ink from 0 to 1."""
    return float(np.abs(bytes_to_unit(one) - bytes_to_unit(other)).mean(dtype=np.float64))


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return float(np.mean(found)) if found else nan


def _likeness(group: Sequence[Forged], settings: Validation) -> dict[str, float]:
    return {
        "l1": _mean(_error(one.fake, one.target) for one in group),
        "ssim": _mean(ink_similarity(one.fake, one.target, settings=settings) for one in group),
        "spectrum": spectral_difference(
            np.stack([band_profile(one.fake) for one in group]),
            np.stack([band_profile(one.target) for one in group]),
        )
        if group
        else nan,
    }


def _scores(trainer: Trainer, group: Sequence[Forged]) -> dict[str, float]:
    """What the discriminator makes of the targets and the fakes."""

    def scored(one: Forged, image: ByteImage) -> NDArray[np.float32]:
        return trainer.score(*(unit_to_signed(bytes_to_unit(it)) for it in (one.edges, image)))

    true, fake = ([scored(one, getattr(one, kind)) for one in group] for kind in ("target", "fake"))
    return {
        "true_score": _mean(float(scores.mean()) for scores in true),
        "fake_score": _mean(float(scores.mean()) for scores in fake),
        "generator_accuracy": _mean(float((scores > 0).mean()) for scores in fake),
        "discriminator_accuracy": _mean(float((scores > 0).mean()) for scores in true),
    }


def _variety(group: Sequence[Forged]) -> dict[str, float]:
    """How much fakes of neighbours in the frame differ, and how much ink they bear, each over the same of the targets."""

    def over_targets(values: dict[str, float]) -> float:
        return values["fake"] / values["target"] if values["target"] else nan

    images = {kind: [getattr(one, kind) for one in group] for kind in ("fake", "target")}
    differences = {kind: sum(_error(*pair) for pair in pairwise(several)) for kind, several in images.items()}
    ink = {kind: float(sum(image.mean() for image in several)) for kind, several in images.items()}
    return {"variety": over_targets(differences), "ink": over_targets(ink)}
