"""``sigforensics refine``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from sigforensics.cli import options
from sigforensics.cli.console import STDOUT, check_json_target, console_progress, emit_json, emit_text
from sigforensics.gan.bundled import DEFAULT
from sigforensics.settings import Graining

__all__ = ["refine"]

SCHEMA = "sigforensics-refine/1"
"""Of the document that ``--json`` writes."""
GRAIN = Graining()


@click.command(short_help="Add grain of ink and paper to a trained generator.")
@options.path_argument("data")
@options.output("The folder to make, or with --resume to go on in.")
@click.option(
    "--generator",
    metavar="NAME|PATH",
    help="One that ships, a model file, or a folder that train made; a grain head that it has is replaced.  "
    f"[default: {DEFAULT}]",
)
@click.option("--steps", type=click.IntRange(1), default=GRAIN.steps, help="Updates of the grain head.")
@click.option("--width", type=click.IntRange(1), default=GRAIN.width, help="Channels of the grain head.")
@options.seed(GRAIN.seed, "Seed of weights, crops, noise and directions.")
@click.option("--resume", is_flag=True, help="Go on from the checkpoint in the folder.")
@click.option("--half", is_flag=True, help="Write the weights as float16.")
@click.option("--overwrite", is_flag=True, help="Replace the file of --json; the folder is never replaced.")
@options.json_target
@options.quiet
def refine(data: Path, output: Path, **choices: Any) -> None:
    """Train a grain head over a generator, so that its strokes have the grain of ink, and its paper specks.

    DATA is a folder that 'sigforensics prepare' made as for the generator itself. The rest of the generator stays as it is.
    The folder that it makes holds generator.safetensors, log.csv and checkpoint.safetensors, from which --resume goes on.

    \b
    sigforensics refine data --generator model -o refined
    """
    from sigforensics.gan.bundled import find_generator
    from sigforensics.workflows.refine import refine as run

    settings = replace(GRAIN, **{name: choices[name] for name in ("steps", "width", "seed")})
    generator = find_generator(choices["generator"]) if choices["generator"] else None
    target, overwrite = choices["json_target"], choices["overwrite"]
    inputs = [data, generator] if generator else [data]
    check_json_target(target, SCHEMA, overwrite=overwrite, inputs=inputs)
    with console_progress(quiet=choices["quiet"]) as progress:
        done = run(
            data,
            output,
            generator=generator,
            settings=settings,
            resume=choices["resume"],
            half=choices["half"],
            progress=progress,
        )
    document = {
        "schema": SCHEMA,
        "model": done.model,
        "sha256": done.sha256,
        "steps": done.steps,
        "log": done.log,
    }
    emit_json(document, target, overwrite=overwrite)
    if target != STDOUT:
        emit_text(f"{done.steps} steps; the generator is {done.model}.")
