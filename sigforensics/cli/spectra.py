"""``sigforensics spectra``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sigforensics.cli import options
from sigforensics.cli.console import STDOUT, check_json_target, console_progress, emit_json, emit_text
from sigforensics.settings import Scanning
from sigforensics.settings import Spectrum as SpectrumSettings

__all__ = ["spectra"]

SCHEMA = "sigforensics-spectra/1"
"""Of the document that ``--json`` writes."""
STATISTIC = SpectrumSettings()


@click.command(short_help="Average and draw the log-DCT spectra of sets.")
@click.option("--true", "true", type=options.PATH, required=True, help="A folder of true images.")
@click.option(
    "--fake",
    "fake",
    type=options.PATH,
    help="A folder of fake ones; without it, the true set is averaged alone.",
)
@options.output(
    "The folder to make; or a figure's name ending in .png, .pdf or .svg, beside which the rest goes."
)
@click.option(
    "--floor",
    type=click.FloatRange(0, min_open=True),
    default=STATISTIC.floor,
    help="Added to |DCT| before the logarithm, on the scale of 8-bit values. Part of the statistic: see docs/method.md.",
)
@click.option(
    "--bands", type=click.IntRange(1), default=STATISTIC.bands, help="Radial bands of the profiles."
)
@options.workers
@options.max_megapixels
@options.overwrite
@options.strict
@options.json_target
@options.quiet
def spectra(true: Path, fake: Path | None, output: Path, **choices: Any) -> None:
    """Average the log-DCT spectra of true and fake images, and draw them on one scale.

    Both statistics are computed: the mean over the set of ln|DCT| (drawn), and ln of |the mean of the signed DCT| (with
    the numbers). The images of the sets must have one size. The result is the two spectra and their difference, the
    radial profiles with standard errors, and every number drawn as NPZ and CSV.

    \b
    sigforensics spectra --true out/true --fake out/fake -o spectra
    sigforensics spectra --true out/true --fake out/fake -o figure.pdf
    """
    from sigforensics.workflows.sets import skipped_error
    from sigforensics.workflows.skipping import skipped_entries
    from sigforensics.workflows.spectra import average_spectra

    folders = {"true": true} | ({"fake": fake} if fake else {})
    target = choices["json_target"]
    check_json_target(target, SCHEMA, overwrite=choices["overwrite"], inputs=list(folders.values()))
    with console_progress(quiet=choices["quiet"]) as progress:
        done = average_spectra(
            folders,
            output,
            scanning=Scanning(max_megapixels=choices["max_megapixels"]),
            settings=SpectrumSettings(floor=choices["floor"], bands=choices["bands"]),
            workers=choices["workers"],
            overwrite=choices["overwrite"],
            strict=choices["strict"],
            progress=progress,
        )
    document = {
        "schema": SCHEMA,
        "files": done.files,
        "sets": {
            name: {
                "folder": images.folder,
                "n": images.spectrum.n,
                "height": images.spectrum.shape[0],
                "width": images.spectrum.shape[1],
                "skipped": skipped_entries(images.skipped),
                "notes": images.notes,
            }
            for name, images in done.sets.items()
        },
    }
    emit_json(document, target, overwrite=choices["overwrite"])
    if target != STDOUT:
        counts = ", ".join(f"{images.spectrum.n} {name}" for name, images in done.sets.items())
        emit_text(f"{counts}. Written: {', '.join(str(path) for path in done.files)}")
        for images in done.sets.values():
            for note in images.notes:
                emit_text(f"Note: {note}")
    if error := skipped_error(list(done.sets.values())):
        raise error
