"""Hypotheses of composed pages with what they are: the data that the finder is trained and calibrated on."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from composing import Composed, compose
from hands import Hands
from sigforensics.extraction import Box
from sigforensics.extraction.finding import hypotheses_of, parse_page
from sigforensics.settings import Extraction

__all__ = ["Examples", "examples_of", "gather", "joined"]


@dataclass(frozen=True)
class Examples:
    """Hypotheses of many pages; n of them."""

    measures: NDArray[np.float32]
    """Shape (n, m)."""
    pictures: NDArray[np.uint8]
    """Shape (n, 48, 96, 3)."""
    overlap: NDArray[np.float32]
    """Intersection over union with the truth that it meets best, 0 to 1; margins included."""
    kind: NDArray[np.int64]
    """Of that truth: 0 signature, 1 initials."""
    truth: NDArray[np.int64]
    """Number of that truth on its page."""
    page: NDArray[np.int64]
    bounds: NDArray[np.int64]
    """Shape (n, 4): left, top, right, bottom on the sheet; margin included."""
    signed: NDArray[np.int64]
    """How many signatures and initials its page has."""
    ink: NDArray[np.int64]
    """The pieces of all hypotheses, one after the other ..."""
    sizes: NDArray[np.int64]
    """... and how many each has."""
    missed: int
    """Truths that no hypothesis meets by half."""
    truths: int
    pages: int
    signed_pages: int
    """Pages with a truth."""


COUNTS = ("missed", "truths", "pages", "signed_pages")


def joined(parts: list[Examples]) -> Examples:
    """The examples of several sets of pages as one."""
    names = [field.name for field in fields(Examples)]
    return Examples(**{
        name: sum(int(getattr(part, name)) for part in parts)
        if name in COUNTS
        else np.concatenate([getattr(part, name) for part in parts])
        for name in names
    })  # fmt: skip


def examples_of(made: Composed, page: int, settings: Extraction) -> Examples:
    """The hypotheses of one page."""
    parsed = parse_page(made.scan, settings=settings)
    found = hypotheses_of(parsed, settings=settings)
    per_mm, shape = parsed.sheet.per_mm, parsed.sheet.ink.shape
    margin = round(settings.margin * per_mm)
    truths = [parsed.sheet.from_page(box).grown(margin, margin, shape) for _, box in made.truth]
    boxes = [Box.spanning(*one).grown(margin, margin, shape) for one in found.bounds]
    table = np.array([[box.intersection_over_union(true) for true in truths] for box in boxes])
    table = table.reshape(len(boxes), len(truths)) if truths else np.zeros((len(boxes), 1))
    best = table.argmax(axis=1) if boxes else np.zeros(0, np.int64)
    kinds = np.array([int(kind == "initials") for kind, _ in made.truth] or [0])
    missed = sum(float(column.max(initial=0)) < 0.5 for column in table.T) if truths else 0
    return Examples(
        found.measures, found.pictures, table.max(axis=1, initial=0).astype(np.float32), kinds[best], best,
        np.full(len(boxes), page), np.array([[b.left, b.top, b.right, b.bottom] for b in boxes]).reshape(-1, 4),
        np.full(len(boxes), len(truths)), np.concatenate([np.zeros(0, np.int64), *found.members]),
        np.array([len(one) for one in found.members], np.int64), missed, len(truths), 1,
        int(bool(truths)),
    )  # fmt: skip


def gather(hands: Hands, pages: range, settings: Extraction, *, seed: int) -> Examples:
    """Compose pages and take their hypotheses; each page has random numbers of its own."""
    parts = [
        examples_of(compose(hands, np.random.default_rng([seed, page])), page, settings) for page in pages
    ]
    return joined(parts)
