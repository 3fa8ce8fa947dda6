"""What is known of a generator, from its file: for a list of those that ship, and for the card of one."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sigforensics.gan.bundled import DEFAULT, bundled_generator, bundled_names, find_generator
from sigforensics.gan.model_file import ModelCard, read_model
from sigforensics.recipes import RECIPES

__all__ = ["GeneratorFacts", "bundled_generators", "describe_generator"]

PURPOSES = {
    "cedar-16-varied": "For signatures of few pixels or thick, black pens: made from the default by further training (recipe "
    "varied), half the signatures bent and made darker or fainter, and a part of half of these enlarged. Detectors find its "
    "fakes more easily, and faint strokes come out too dark: see its section of the model card.",
    "cedar-16": "What the default was trained on from, under an older recipe: transposed up-sampling, no holes in the edges, "
    "and a grain head, which paints the grain of ink and the specks of paper.",
}
"""Of bundled generators that are not called as their recipe."""


@dataclass(frozen=True)
class GeneratorFacts:
    """A generator as its file states it."""

    name: str
    """Of its file, without the ending; that of the folder where ``train`` made it."""
    path: Path
    default: bool
    """Whether it is the one that is used where none is named."""
    purpose: str | None
    """What it is for, where it is bundled."""
    parameters: int
    """Numbers in its weights."""
    file_bytes: int
    card: ModelCard

    @property
    def epochs(self) -> int:
        """Epochs that its log counts."""
        return len(self.log)

    @property
    def log(self) -> list[dict[str, Any]]:
        """A row an epoch of its training; empty where its file states none."""
        log = self.card.training.get("log")
        return [row for row in log if isinstance(row, dict)] if isinstance(log, list) else []

    def document(self) -> dict[str, Any]:
        """The facts as a JSON document states them."""
        card = self.card
        return {
            "name": self.name,
            "default": self.default,
            "purpose": self.purpose,
            "path": self.path,
            "file_bytes": self.file_bytes,
            "sha256": card.sha256,
            "parameters": self.parameters,
            "epochs": self.epochs,
            "network": asdict(card.network),
            "preprocessing": asdict(card.preprocessing),
            "training": card.training,
        }


def bundled_generators() -> list[GeneratorFacts]:
    """The generators that ship with the package, the default first.

    Raises
    ------
    ModelInvalid, FileUnreadable
        If one of their files is damaged.
    """
    return [_facts(name, bundled_generator(name), bundled=True) for name in bundled_names()]


def describe_generator(named: str) -> GeneratorFacts:
    """One generator: bundled, a file, or in a folder that ``train`` made.

    Raises
    ------
    GeneratorUnknown, FileUnreadable, ModelInvalid
    """
    path = find_generator(named)
    bundled = path == bundled_generator(path.stem)
    folder_names_it = path.name == "generator.safetensors" and not bundled
    return _facts(path.absolute().parent.name if folder_names_it else path.stem, path, bundled=bundled)


def _facts(name: str, path: Path, *, bundled: bool) -> GeneratorFacts:
    weights, card = read_model(path)
    return GeneratorFacts(
        name=name,
        path=path,
        default=bundled and name == DEFAULT,
        purpose=_purpose(name) if bundled else None,
        parameters=sum(math.prod(value.shape) for value in weights.values()),
        file_bytes=path.stat().st_size,
        card=card,
    )


def _purpose(name: str) -> str | None:
    if name in PURPOSES:
        return PURPOSES[name]
    recipe = RECIPES.get("default" if name == DEFAULT else name)
    return recipe.purpose if recipe else None
