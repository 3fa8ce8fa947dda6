"""What a training leaves in its folder after each epoch: the log, the curves, pictures of validation rows; and its warnings."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sigforensics.images import bytes_to_unit
from sigforensics.marking import sheet_texts
from sigforensics.settings import Validation
from sigforensics.storage import atomic_file
from sigforensics.workflows.validating import VALIDATION_COLUMNS, evenly_spaced

if TYPE_CHECKING:
    from sigforensics.gan.trainer import Trainer
    from sigforensics.gan.training import TrainingRun

__all__ = ["epoch_line", "new_warnings", "warning_notes", "write_log", "write_losses", "write_pictures"]

Log = Sequence[Mapping[str, float]]

PICTURED = 8
"""Validation rows on the pictures: four signatures, each with its plain and its augmented input."""
CELL_WIDTH, DPI = 2.4, 150.0
"""Inches, and dots per inch: width of an image on them."""


def write_log(output: Path, log: Log, *, settings: Validation) -> Path:
    """``log.csv``: a row an epoch; columns that a row lacks, such as those of an earlier version, are no numbers."""
    from sigforensics.gan.diagnosis import diagnose
    from sigforensics.gan.training import TRAINING_COLUMNS

    path = output / "log.csv"
    columns = [*TRAINING_COLUMNS, *VALIDATION_COLUMNS, "warnings"]
    with atomic_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, restval="nan", lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "warnings": "; ".join(diagnose(row, settings=settings))} for row in log)
    return path


def write_losses(output: Path, log: Log, *, settings: Validation) -> Path:
    """``losses.png``: the curves so far, with the epochs of the warnings shaded."""
    from sigforensics.gan.diagnosis import history
    from sigforensics.report.figures import draw_losses, save_figure

    path = output / "losses.png"
    with atomic_file(path) as temporary:
        save_figure(draw_losses(log, warnings=history(log, settings=settings)), temporary)
    return path


def write_pictures(output: Path, run: TrainingRun, trainer: Trainer, epoch: int) -> None:
    """``validation/epoch-NNNN.png``: some validation rows as the generator now gives them; marked as synthetic."""
    from sigforensics.report.figures import cut_to_ink, draw_contact_sheet, save_figure

    rows = {}
    for row in evenly_spaced(run.validation, PICTURED)[:PICTURED]:
        one = run.forge(trainer, row)
        images = [bytes_to_unit(image) for image in (one.edges, one.mask, one.fake, one.target)]
        label = f"{row.writer}\n{row.sample}" + ("\naugmented" if row.augmented else "")
        rows[label] = cut_to_ink(images)
    if not rows:
        return
    figure = draw_contact_sheet(
        rows,
        columns=["input", "mask", "output (synthetic)", "target"],
        title=f"epoch {epoch}",
        cell_width=CELL_WIDTH,
    )
    texts = sheet_texts(generator=f"{output.name} in training, epoch {epoch}", seed=run.training.seed)
    with atomic_file(output / "validation" / f"epoch-{epoch:04d}.png") as temporary:
        save_figure(figure, temporary, dpi=DPI, texts=texts)


def epoch_line(row: Mapping[str, float]) -> str:
    """A row of the log in words."""
    return (
        f"epoch {row['epoch']:.0f}: G loss {row['generator_loss']:.3f}, D loss {row['discriminator_loss']:.3f}, "
        f"patches above zero G {row['generator_accuracy']:.3f} D {row['discriminator_accuracy']:.3f}, "
        f"L1 {row['l1']:.4f} (validation: plain {row['plain_l1']:.4f}, augmented {row['augmented_l1']:.4f}), "
        f"SSIM on the ink {row['plain_ssim']:.3f} and {row['augmented_ssim']:.3f}, "
        f"spectra {row['plain_spectrum']:.2f} and {row['augmented_spectrum']:.2f} nats apart, "
        f"{row['seconds']:.0f} + {row['validation_seconds']:.0f} s"
    )


def new_warnings(log: Log, *, settings: Validation) -> list[str]:
    """What is wrong after the last epoch and was not after the one before."""
    from sigforensics.gan.diagnosis import EXPLANATIONS, diagnose

    known = diagnose(log[-2], settings=settings) if len(log) > 1 else ()
    return [
        f"{name}: {EXPLANATIONS[name]}" for name in diagnose(log[-1], settings=settings) if name not in known
    ]


def warning_notes(log: Log, *, settings: Validation) -> list[str]:
    """What was wrong in which epochs, for the record."""
    from sigforensics.gan.diagnosis import EXPLANATIONS, history

    return [
        f"Warning, {name} in {len(epochs)} of {len(log)} epochs, the last of them {epochs[-1]}: {EXPLANATIONS[name]}."
        for name, epochs in history(log, settings=settings).items()
    ]
