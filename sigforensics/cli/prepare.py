"""``sigforensics prepare``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sigforensics.cli import options
from sigforensics.cli.console import STDOUT, check_json_target, console_progress, emit_json, emit_text
from sigforensics.errors import SkippedInputs
from sigforensics.settings import Augmentation, Preprocessing, Scanning, Splitting

__all__ = ["prepare"]

SCHEMA = "sigforensics-prepare/1"
"""Of the document that ``--json`` writes."""
SPLIT, CHAIN, BEND = Splitting(), Preprocessing(), Augmentation()


@click.command(short_help="Prepare a corpus of cropped signatures for training.")
@options.path_argument("corpus")
@options.output("The folder to make.")
@click.option(
    "--size", type=click.IntRange(16), default=CHAIN.size, help="Pixels: side of the square images."
)
@options.threshold
@click.option(
    "--resampling",
    type=click.Choice(["area", "bilinear"]),
    default=CHAIN.resampling,
    help="How images shrink: averaging, or as the reference does, which aliases.",
)
@click.option(
    "--canny",
    type=click.IntRange(0),
    nargs=2,
    default=(CHAIN.canny_low, CHAIN.canny_high),
    help="Lower and upper threshold of the edge detector, of 255.",
)
@click.option(
    "--split",
    "by",
    type=click.Choice(["sample", "writer"]),
    default=SPLIT.by,
    help="Hold out some signatures of every writer, or all signatures of some writers.",
)
@click.option(
    "--validation",
    "validation_share",
    type=click.FloatRange(0, 1),
    default=SPLIT.validation_share,
    help="Share of the signatures or writers held out for validation.",
)
@click.option(
    "--testing",
    "testing_share",
    type=click.FloatRange(0, 1),
    default=SPLIT.testing_share,
    help="Share held out for testing.",
)
@click.option("--writers", type=options.WritersType(), default=(), help="Use only these writers, e.g. 1-10.")
@click.option(
    "--validation-writers",
    type=options.WritersType(),
    default=(),
    help="With --split writer: hold these out instead of a random share, e.g. 37-44.",
)
@click.option(
    "--testing-writers",
    type=options.WritersType(),
    default=(),
    help="Likewise, for testing.",
)
@click.option(
    "--specimens",
    type=click.IntRange(1),
    default=SPLIT.specimens,
    help="With --split writer: signatures of each held-out writer that only its mask is averaged from.",
)
@click.option(
    "--displacement",
    type=click.FloatRange(0),
    default=BEND.max_displacement,
    help="Augmented inputs: largest displacement of the elastic deformation, pixels at size 512.",
)
@click.option(
    "--hole",
    type=click.IntRange(0),
    default=BEND.hole,
    help="Augmented inputs: side of the erased square, pixels at size 512.",
)
@options.seed(SPLIT.seed, "Seed of the split and of the augmented inputs.")
@options.ink
@options.max_megapixels
@options.overwrite
@options.strict
@options.json_target
@options.quiet
def prepare(corpus: Path, output: Path, **choices: Any) -> None:
    """Prepare a corpus of cropped signatures for training.

    CORPUS is a folder with CEDAR's file names (original_WRITER_SAMPLE.png), a folder with one folder a writer, or a CSV
    file with the columns file and writer. The result holds targets, edges, writers' mean signatures (masks) and the
    data frames training.csv, validation.csv and testing.csv.

    \b
    sigforensics prepare signatures/ -o data --split sample
    sigforensics prepare cedar/full_org -o data --validation-writers 37-44
    """
    from sigforensics.workflows.prepare import PrepareSettings
    from sigforensics.workflows.prepare import prepare as run
    from sigforensics.workflows.skipping import skipped_entries

    target = choices["json_target"]
    check_json_target(target, SCHEMA, overwrite=choices["overwrite"], inputs=[corpus])
    low, high = choices["canny"]
    settings = PrepareSettings(
        scanning=Scanning(ink=choices["ink"], max_megapixels=choices["max_megapixels"]),
        preprocessing=Preprocessing(
            size=choices["size"],
            threshold=choices["threshold"],
            resampling=choices["resampling"],
            canny_low=low,
            canny_high=high,
        ),
        augmentation=Augmentation(max_displacement=choices["displacement"], hole=choices["hole"]),
        splitting=Splitting(
            by=choices["by"],
            validation_share=choices["validation_share"],
            testing_share=choices["testing_share"],
            specimens=choices["specimens"],
            seed=choices["seed"],
        ),
    )
    with console_progress(quiet=choices["quiet"]) as progress:
        done = run(
            corpus,
            output,
            settings=settings,
            writers=choices["writers"],
            validation_writers=choices["validation_writers"],
            testing_writers=choices["testing_writers"],
            overwrite=choices["overwrite"],
            strict=choices["strict"],
            progress=progress,
        )
    document = {
        "schema": SCHEMA,
        "folder": output,
        "writers": done.writers,
        "rows": done.rows,
        "skipped": skipped_entries(done.skipped),
    }
    emit_json(document, target, overwrite=choices["overwrite"])
    if target != STDOUT:
        rows = ", ".join(f"{count} {name}" for name, count in done.rows.items())
        emit_text(f"{done.writers} writers; rows: {rows}. Written to {output}.")
    if done.skipped:
        raise SkippedInputs(corpus, f"{len(done.skipped)} file(s) were skipped")
