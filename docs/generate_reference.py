"""Fill in the parts of the documentation that are made from the program itself.

A page marks such a part with ``<!-- generated: NAME -->`` and ``<!-- end of generated part -->``; everything between is
replaced. The command reference comes from the commands, the exit statuses from the error tree, the settings from
``settings.py``, the recipes from ``recipes.py``, and the figures of the model card and the list of generators from the files
that ship. The same program gives the same pages, and the tests fail where a page is behind.

Example: ``python docs/generate_reference.py``
"""

from __future__ import annotations

import ast
import inspect
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
from safetensors import safe_open

from sigforensics import errors, settings
from sigforensics.cli.main import cli
from sigforensics.gan.bundled import bundled_generator
from sigforensics.recipes import RECIPES
from sigforensics.workflows.generators import bundled_generators

DOCS = Path(__file__).parent
MODEL = bundled_generator()
MARK = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end of generated part -->)", re.DOTALL)
NETWORK = (
    "size",
    "architecture",
    "upsampling",
    "normalisation",
    "multiplier",
    "spade_width",
    "gamma_offset",
    "moments",
    "normalise_bottleneck",
    "biases",
    "discriminator_multiplier",
    "spectral_normalisation",
)
"""Fields of the network that the model card shows."""
LOGGED = {
    "generator_loss",
    "discriminator_loss",
    "generator_accuracy",
    "discriminator_accuracy",
    "l1",
    "validation_l1",
    "plain_ssim",
    "augmented_ssim",
    "plain_spectrum",
    "augmented_spectrum",
}
"""Columns of the log that it shows."""


def pages() -> list[Path]:
    """The pages that have a generated part."""
    return [path for path in sorted(DOCS.glob("*.md")) if MARK.search(path.read_text(encoding="utf-8"))]


def filled(text: str) -> str:
    """The text of a page with its generated parts made anew."""
    return MARK.sub(lambda match: f"{match[1]}\n{PARTS[match['name']]()}\n{match[3]}", text)


def table(titles: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """A Markdown table; bars within cells are escaped."""
    lines = [titles, ("---",) * len(titles), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def commands() -> str:
    """Every command with its arguments and options."""
    return "\n".join(_command(name, command) for name, command in cli.commands.items())


def _command(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name)
    facts = command.to_info_dict(context)["params"]
    parameters = list(zip(facts, command.get_params(context), strict=True))[:-1]  # the last is --help
    arguments = [
        one["name"].upper() + ("..." if one["nargs"] == -1 else "")
        for one, _ in parameters
        if one["param_type_name"] == "argument"
    ]
    text, _, examples = inspect.cleandoc(command.help or "").partition("\b\n")
    options = (_option(one, option) for one, option in parameters if one["param_type_name"] == "option")
    usage = " ".join(["sigforensics", name, *arguments, "[OPTIONS]"])
    return (
        f"## sigforensics {name}\n\n```text\n{usage}\n```\n\n{text.strip()}\n\n```text\n{examples.strip()}\n```\n\n"
        + table(("option", "what it does", "default"), options)
    )


def _option(facts: Mapping[str, Any], option: click.Parameter) -> tuple[str, str, str]:
    written = ", ".join(f"`{name}`" for name in facts["opts"])
    if not facts["is_flag"]:
        written += f" `{option.metavar or _values(facts['type'])}`"
    meaning, _, stated = (facts["help"] or "").partition("  [default: ")
    default = facts["default"]
    if facts["required"]:
        shown = "required"
    elif stated:
        shown = stated.rstrip("]")
    else:
        shown = "" if default is None or default is False or default == () else f"`{_plain(default)}`"
    return written, meaning, shown


def _values(kind: Mapping[str, Any]) -> str:
    if "choices" in kind:
        return "|".join(kind["choices"])
    name = str(kind["name"]).upper().removesuffix(" RANGE")
    low, high = kind.get("min"), kind.get("max")
    if low is None and high is None:
        return name
    least = "" if low is None else f"{low}{'<' if kind['min_open'] else '≤'}"
    most = "" if high is None else f"{'<' if kind['max_open'] else '≤'}{high}"
    return f"{least}{name}{most}"


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def exit_statuses() -> str:
    """The error tree, by status."""
    classes = sorted(_subclasses(errors.SigforensicsError), key=lambda one: one.status)
    rows = (
        (str(one.status), f"`{one.__name__}`", _first_line(one.__doc__), one.advice)
        for one in [errors.SigforensicsError, *classes]
    )
    return table(("status", "error", "what happened", "what to do"), rows)


def _subclasses(parent: type[errors.SigforensicsError]) -> Iterator[type[errors.SigforensicsError]]:
    for child in parent.__subclasses__():
        yield child
        yield from _subclasses(child)


def _first_line(docstring: str | None) -> str:
    return inspect.cleandoc(docstring or "").split("\n\n")[0].replace("\n", " ")


def every_setting() -> str:
    """Every field of every stage with its default and what its docstring says."""
    tree = ast.parse(inspect.getsource(settings))
    stages = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return "\n".join(_stage(node) for node in stages)


def _stage(node: ast.ClassDef) -> str:
    stage = getattr(settings, node.name)()
    meanings = dict(_documented_fields(node))
    rows = ((f"`{name}`", shown, meanings[name]) for name, shown in _defaults(stage))
    return f"## {node.name}\n\n{_prose(ast.get_docstring(node) or '')}\n\n" + table(
        ("field", "default", "meaning, unit and source"), rows
    )


def _documented_fields(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, meaning in zip(node.body, node.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(meaning, ast.Expr):
            text = ast.literal_eval(meaning.value)
            yield ast.unparse(field.target), _prose(text)


def _defaults(stage: Any) -> Iterator[tuple[str, str]]:
    for field in fields(stage):
        value = getattr(stage, field.name)
        if isinstance(value, Mapping):
            yield field.name, "<br>".join(f"`{name}` {_numbers(one)}" for name, one in value.items())
        else:
            yield field.name, f"`{_numbers(value) if isinstance(value, tuple) else _plain(value)}`"


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _prose(docstring: str) -> str:
    return " ".join(inspect.cleandoc(docstring).replace("``", "`").split())


def model_card() -> str:
    """What the bundled generator's file says of itself."""
    with safe_open(MODEL, framework="np") as stream:
        metadata = stream.metadata()
        slices = [stream.get_slice(name) for name in sorted(stream.keys())]
    kinds = sorted({piece.get_dtype() for piece in slices})
    chain, training = (json.loads(metadata[name]) for name in ("preprocessing", "training"))
    network = bundled_generators()[0].card.network  # older files do not state all of it
    learnt, data = training["settings"], training.get("data", {})
    rows = {
        "file": f"`{MODEL.name}`, {MODEL.stat().st_size / 1e6:.1f} MB",
        "SHA-256 of the weights": f"`{metadata['sha256']}`",
        "weights": f"{sum(math.prod(piece.get_shape()) for piece in slices):,} numbers, {', '.join(kinds)}",
        "network": ", ".join(f"{name} {getattr(network, name)}" for name in NETWORK),
        "preprocessing": ", ".join(f"{name} {value}" for name, value in sorted(chain.items())),
        "optimisation": f"Adam, rates {learnt['generator_rate']:g} and {learnt['discriminator_rate']:g}, "
        f"beta {learnt['beta_1']:g} and {learnt['beta_2']:g}, batch {learnt['batch']}, weight of L1 {learnt['l1_weight']:g}",
        "holes, blank patches, decay": ", ".join(
            f"{name.replace('_', ' ')} {learnt.get(name, 'none')}"
            for name in ("holes", "blank_weight", "decay")
        ),
        "arithmetic": str(learnt["precision"]),
        "seed": str(learnt["seed"]),
        "data": ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in sorted(data.items()))
        or "not stated in the file; see below",
        "epochs": str(len(training["log"])),
        "time": f"{sum(row['seconds'] for row in training['log']) / 3600:.1f} hours",
    }
    rows |= _started(training.get("start")) | _grain_head(training.get("graining"))
    return table(("what", "value"), iter(rows.items())) + "\n" + _log(training["log"])


def _started(start: dict[str, Any] | None, prefix: str = "") -> dict[str, str]:
    """Rows on the generator whose weights the training began with, if it did not begin with random ones, and on its own."""
    if start is None:
        return {}
    settings, log = start["training"]["settings"], start["training"]["log"]
    hours = sum(row["seconds"] for row in log) / 3600
    shipped = {one.card.sha256: one.name for one in bundled_generators()}  # whatever its file was called then
    rows = {
        f"{prefix}started from": f"{shipped.get(start['sha256'], start['name'])}, `{start['sha256'][:16]}`",
        f"{prefix}... its training": f"{len(log)} epochs, {hours:.1f} hours, {settings['precision']}, seed {settings['seed']}",
    }
    return rows | _started(start["training"].get("start"), f"{prefix}... ")


def _grain_head(graining: dict[str, Any] | None) -> dict[str, str]:
    """What the file says of the second stage; empty without one."""
    if graining is None:
        return {}
    settings, log = graining["settings"], graining["log"]
    hours = sum(row["seconds"] for row in log) / 3600
    return {
        "grain head": f"layers {settings['layers']}, width {settings['width']}, seed {settings['seed']}, "
        f"{log[-1]['steps']} steps, {hours:.1f} hours",
        "grain head, over the drawings of": f"{graining['drawn_by']['name']}, `{graining['drawn_by']['sha256'][:16]}`",
        "grain head, data": ", ".join(
            f"{name.replace('_', ' ')} {value}" for name, value in sorted(graining["data"].items())
        ),
    }


def _log(log: list[dict[str, float]]) -> str:
    """The first, the best and the last epoch; the best has the lowest validation error."""
    best = min(log, key=lambda row: row["validation_l1"])
    chosen = {"first": log[0], "lowest validation L1": best, "last": log[-1]}
    columns = [name for name in log[0] if name in LOGGED]
    rows = (
        (which, f"{row['epoch']:.0f}", *(f"{row[name]:.4f}" for name in columns))
        for which, row in chosen.items()
    )
    return table(("epoch", "number", *(name.replace("_", " ") for name in columns)), rows)


def every_bundled_generator() -> str:
    """The generators that ship, as their files state them."""
    titles = (
        "name",
        "size",
        "architecture",
        "up-sampling",
        "normalisation",
        "parameters",
        "file",
        "epochs",
        "SHA-256",
    )
    rows = (
        (
            f"`{one.name}`",
            str(one.card.network.size),
            one.card.network.architecture,
            one.card.network.upsampling,
            one.card.network.normalisation,
            f"{one.parameters:,}",
            f"{one.file_bytes / 1e6:.1f} MB",
            str(one.epochs),
            f"`{one.card.sha256[:16]}`",
        )
        for one in bundled_generators()
    )
    return table(titles, rows)


def every_recipe() -> str:
    """The recipes with what tells them apart."""
    titles = (
        "`--preset`",
        "architecture",
        "up-sampling",
        "normalisation",
        "losses",
        "what it is for",
        "source",
    )
    rows = (
        (
            f"`{name}`",
            one.network.architecture,
            one.network.upsampling,
            one.network.normalisation,
            _losses(one.training),
            one.purpose,
            one.source,
        )
        for name, one in RECIPES.items()
    )
    return table(titles, rows)


def _losses(training: settings.Training) -> str:
    weights = {"hinge": training.adversarial_weight, "L1": training.l1_weight}
    return ", ".join(f"{weight:g} {name}" for name, weight in weights.items() if weight)


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "exit-statuses": exit_statuses,
    "settings": every_setting,
    "model-card": model_card,
    "bundled-generators": every_bundled_generator,
    "recipes": every_recipe,
}


def main() -> None:
    """Write the pages that are behind."""
    for path in pages():
        text = path.read_text(encoding="utf-8")
        made = filled(text)
        if made != text:
            path.write_text(made, encoding="utf-8")
            click.echo(f"wrote {path.name}")


if __name__ == "__main__":
    main()
