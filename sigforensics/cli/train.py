"""``sigforensics train``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import click
from click.core import ParameterSource

from sigforensics.cli import options
from sigforensics.cli.console import STDOUT, check_json_target, console_progress, emit_json, emit_text
from sigforensics.recipes import RECIPES
from sigforensics.settings import Architecture, Network, Normalisation, Upsampling, Validation

__all__ = ["train"]

SCHEMA = "sigforensics-train/1"
"""Of the document that ``--json`` writes."""


@click.command(short_help="Train a generator on a prepared corpus.")
@options.path_argument("data")
@options.output("The folder to make, or with --resume to go on in.")
@click.option(
    "--preset",
    type=click.Choice(list(RECIPES)),
    default="default",
    help="Settings to start from, which the options below change: ours, ours with varied signatures, the reference's, or those "
    "of a small generator for detection research (docs/generators.md says what each is for).",
)
@click.option(
    "--start-from",
    metavar="NAME|PATH",
    help="Go on from the weights of a generator (a bundled name, a model file, or a folder that 'train' made) instead of random "
    "ones: less time and fewer signatures, as for writers of one's own. Its network replaces the preset's; a grain head is "
    "left out.",
)
@click.option("--epochs", type=click.IntRange(1), help="Passes over the training frame.")
@click.option("--batch", type=click.IntRange(1), help="Rows a step.")
@click.option(
    "--size",
    type=click.IntRange(16),
    help="Pixels: side of the images, a power of two.  [default: the --size that they were prepared with]",
)
@click.option(
    "--architecture",
    type=click.Choice(get_args(Architecture)),
    help="The generator: a U-Net, or SPADE's residual blocks without an encoder.",
)
@click.option(
    "--upsampling",
    type=click.Choice(get_args(Upsampling)),
    help="How the generator doubles the side of features.",
)
@click.option(
    "--normalisation",
    type=click.Choice(get_args(Normalisation)),
    help="What follows the generator's convolutions.",
)
@click.option("--multiplier", type=click.IntRange(1), help="Filters of the generator's first block.")
@click.option("--spade-width", type=click.IntRange(1), help="Hidden channels of SPADE.")
@click.option(
    "--discriminator-multiplier", type=click.IntRange(1), help="Filters of the discriminator's first layer."
)
@click.option("--generator-rate", type=click.FloatRange(0), help="Adam's step size for the generator.")
@click.option(
    "--discriminator-rate", type=click.FloatRange(0), help="Adam's step size for the discriminator."
)
@click.option("--generator-updates", type=click.IntRange(1), help="Updates of the generator a step.")
@click.option("--discriminator-updates", type=click.IntRange(1), help="Updates of the discriminator a step.")
@click.option(
    "--adversarial-weight",
    type=click.FloatRange(0),
    help="Weight of the adversarial loss; 0 trains by the mean absolute error alone.",
)
@click.option(
    "--l1-weight",
    type=click.FloatRange(0),
    help="Weight of the mean absolute error beside the adversarial loss.",
)
@click.option(
    "--varied",
    type=click.FloatRange(0, 1),
    help="Share of the rows that are bent, made darker or fainter and, half of them, enlarged, drawn anew in each epoch.",
)
@click.option(
    "--precision",
    type=click.Choice(["auto", "float32", "mixed_bfloat16"]),
    help="Arithmetic of the convolutions; auto: bfloat16 where the CPU or the GPU has units for it, and when resuming that of "
    "the run.",
)
@click.option(
    "--devices",
    type=options.DevicesType(),
    default="1",
    show_default=True,
    help="GPUs that share each batch: a number, or all. The batch stays the same.",
)
@click.option(
    "--validation-rows",
    type=click.IntRange(0),
    help=f"Rows of the validation frame to measure on after each epoch.  [default: {Validation().rows}]",
)
@click.option("--seed", type=click.IntRange(0), help="Seed of weights, order, variations, holes and dropout.")
@click.option(
    "--resume",
    is_flag=True,
    help="Go on from the checkpoint in the folder, with the settings that the training was begun with; the model and plots of "
    "a training that was done are replaced.",
)
@click.option("--half", is_flag=True, help="Write the generator's weights as float16.")
@click.option("--overwrite", is_flag=True, help="Replace the file of --json; the folder is never replaced.")
@options.json_target
@options.quiet
def train(data: Path, output: Path, preset: str, start_from: str | None, **choices: Any) -> None:
    """Train a generator and its discriminator on a prepared corpus.

    DATA is a folder that 'sigforensics prepare' made. The folder that it makes holds log.csv (a row an epoch), losses.png and
    pictures of validation rows, all renewed after each epoch; checkpoint.safetensors, from which --resume goes on; and, once
    all epochs are done, generator.safetensors. Options that are not given have the preset's figures. Step sizes fall towards
    the last epoch, so that a training is begun for all its epochs; --start-from goes on from what it gave. A training that
    goes wrong says so: when the discriminator wins or learns nothing, or the generator makes the same of all.

    \b
    sigforensics train data -o model --epochs 40
    sigforensics train data -o model --resume
    sigforensics train data -o mine --start-from cedar-16-smoothed --epochs 10
    sigforensics train data-256 -o nearest --preset pix2pix-nearest --half
    """
    from sigforensics.workflows.train import begun, prepared_size
    from sigforensics.workflows.train import train as run

    network, training = RECIPES[preset].network, RECIPES[preset].training
    beginning, validation_rows, half = None, Validation().rows, choices["half"]
    preset_given = click.get_current_context().get_parameter_source("preset") is not ParameterSource.DEFAULT
    goes_on = choices["resume"] and not preset_given and start_from is None
    if start_from is not None:
        beginning, network = _beginning(start_from)
    target, overwrite = choices["json_target"], choices["overwrite"]
    check_json_target(target, SCHEMA, overwrite=overwrite, inputs=[data, beginning] if beginning else [data])
    if goes_on:
        network, training, beginning, validation_rows, kept_half = begun(output)
        half |= kept_half
    given = {name: value for name, value in choices.items() if value is not None}
    try:
        network = replace(network, **{name: given[name] for name in vars(network) if name in given})
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    training = replace(training, **{name: given[name] for name in vars(training) if name in given})
    if network.size & (network.size - 1):
        raise click.BadParameter("is no power of two", param_hint="--size")
    if not ("size" in given or beginning or goes_on):
        network = replace(network, size=prepared_size(data))
    with console_progress(quiet=choices["quiet"]) as progress:
        done = run(
            data,
            output,
            network=network,
            training=training,
            validation=replace(Validation(), rows=given.get("validation_rows", validation_rows)),
            beginning=beginning,
            devices=choices["devices"] or None,
            resume=choices["resume"],
            half=half,
            progress=progress,
        )
    document = {
        "schema": SCHEMA,
        "model": done.model,
        "sha256": done.sha256,
        "epochs": done.epochs,
        "log": done.log,
        "notes": done.notes,
    }
    emit_json(document, target, overwrite=overwrite)
    if target != STDOUT:
        emit_text(f"{done.epochs} epochs; the generator is {done.model}.")


def _beginning(named: str) -> tuple[Path, Network]:
    """The file of a generator to go on from, and its network without a grain head."""
    from sigforensics.gan.bundled import find_generator
    from sigforensics.gan.model_file import read_model, without_grain

    path = find_generator(named)
    return path, without_grain(*read_model(path))[1].network
