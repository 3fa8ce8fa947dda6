"""``sigforensics demo``."""

from __future__ import annotations

from pathlib import Path

import click

from sigforensics.cli import options
from sigforensics.cli.console import console_progress, emit_text

__all__ = ["demo"]


@click.command(short_help="Run the whole chain on material that it draws.")
@options.output("The folder to make.")
@options.overwrite
@options.quiet
def demo(output: Path, *, overwrite: bool, quiet: bool) -> None:
    """Run the whole chain on drawn material: scans, found signatures, fakes, spectra, comparison.

    Writers are invented and their signatures and some document pages drawn; the default generator forges them. Open
    index.html in the folder that it leaves.

    \b
    sigforensics demo -o demo
    """
    from sigforensics.workflows.demo import demo as run

    with console_progress(quiet=quiet) as progress:
        done = run(output, overwrite=overwrite, progress=progress)
    emit_text(f"{done.found} signatures found and forged on {done.pages} pages.")
    emit_text(f"Open {output / 'index.html'} to see everything that was made.")
