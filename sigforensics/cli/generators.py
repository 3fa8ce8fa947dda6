"""``sigforensics generators``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from sigforensics.cli import options
from sigforensics.cli.console import STDOUT, check_json_target, emit_json, emit_text

if TYPE_CHECKING:
    from sigforensics.workflows.generators import GeneratorFacts

__all__ = ["generators"]

SCHEMA = "sigforensics-generators/1"
"""Of the document that ``--json`` writes."""
WIDEST = 120
"""Columns that the table may take where nobody's terminal limits it: a line a generator."""


@click.command(short_help="List the generators that ship, or show the card of one.")
@click.argument("name", required=False)
@click.option("--overwrite", is_flag=True, help="Replace the file of --json.")
@options.json_target
def generators(name: str | None, overwrite: bool, json_target: str | None) -> None:
    """List the generators that ship with sigforensics, or show the card of one.

    NAME is one of them, a model file, or a folder that 'sigforensics train' made. Without it, all that ship are listed: what
    they are, how they double the side of their features and normalise them, how many parameters they have, how long they were
    trained, and the hash of their weights, by which a fake names its generator. 'sigforensics generate --generator NAME'
    forges with one.

    \b
    sigforensics generators
    sigforensics generators cedar-16-smoothed
    sigforensics generators --json - | jq '.generators[].name'
    """
    from sigforensics.workflows.generators import bundled_generators, describe_generator

    check_json_target(json_target, SCHEMA, overwrite=overwrite)
    found = [describe_generator(name)] if name else bundled_generators()
    document = {"schema": SCHEMA, "generators": [one.document() for one in found]}
    emit_json(document, json_target, overwrite=overwrite)
    if json_target == STDOUT:
        return
    if name:
        _print_card(found[0])
    else:
        _print_table(found)


def _print_table(found: Sequence[GeneratorFacts]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(
        box=SIMPLE_HEAD, title="Generators that ship; * is used where none is named", title_justify="left"
    )
    for title in ("name", "size", "up-sampling", "normalisation"):
        table.add_column(title, overflow="fold")
    for title in ("parameters", "epochs"):
        table.add_column(title, justify="right", overflow="fold")
    table.add_column("SHA-256", overflow="fold")
    for one in found:
        network = one.card.network
        kinds = (network.upsampling, network.normalisation)
        counts = (f"{one.parameters:,}", str(one.epochs), one.card.sha256[:16])
        table.add_row(f"{one.name}{' *' if one.default else ''}", str(network.size), *kinds, *counts)
    Console(width=None if Console().is_terminal else WIDEST).print(table)


def _print_card(one: GeneratorFacts) -> None:
    for title, text in _card(one):
        emit_text(f"{title + ':':15}{text}")


def _card(one: GeneratorFacts) -> Iterator[tuple[str, str]]:
    document = one.document()
    yield "name", f"{one.name}{' (the default)' if one.default else ''}"
    if one.purpose:
        yield "purpose", one.purpose
    yield "file", f"{one.path} ({one.file_bytes / 1e6:.1f} MB)"
    yield "SHA-256", one.card.sha256
    yield "parameters", f"{one.parameters:,}"
    for part in ("network", "preprocessing"):
        yield part, _listed(document[part])
    training = one.card.training
    for title, part in (("training", "settings"), ("data", "data")):
        if isinstance(training.get(part), Mapping):
            yield title, _listed(training[part])
    start = training.get("start")
    if isinstance(start, Mapping):
        yield "started from", f"the generator with SHA-256 {start.get('sha256')}"
    yield "epochs", str(one.epochs)
    if one.log:
        yield "last epoch", _listed(one.log[-1])


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_shown(value)}" for name, value in values.items())


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
