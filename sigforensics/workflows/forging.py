"""Prepared signatures to a folder of true and fake images, written as they come."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.augmentation import image_rng
from sigforensics.gan.template import Template
from sigforensics.images import ByteImage, bytes_to_unit, unit_to_bytes
from sigforensics.marking import composite_texts, processed_texts, sheet_texts, synthetic_texts
from sigforensics.png import read_png, write_png
from sigforensics.preprocessing import threshold
from sigforensics.provenance import printable
from sigforensics.settings import Forging
from sigforensics.storage import atomic_file, is_folder
from sigforensics.workflows.cases import Case
from sigforensics.workflows.pages import OpenPage, PlacedPages

if TYPE_CHECKING:
    from sigforensics.gan.forger import Forger
    from sigforensics.gan.model_file import ModelCard

__all__ = ["Fake", "Generator", "forge_cases", "seeds_of"]

SHEET_ROWS = 10
"""Most signatures on the contact sheet; of more, evenly spaced ones are shown."""
SHEET_FAKES = 3
"""Most variants of each on the contact sheet."""


class Generator:
    """A generator's file: its card at once, its network when the first signature is there to be forged.

    So a scan that cannot be used is refused without the seconds that TensorFlow takes to start.

    Parameters
    ----------
    path : Path, optional
        A model file, or a folder that ``train`` made; the bundled generator if None.

    Raises
    ------
    FileUnreadable, ModelInvalid
    """

    def __init__(self, path: Path | None) -> None:
        from sigforensics.gan.bundled import bundled_generator
        from sigforensics.gan.model_file import read_model

        if path is not None and is_folder(path):
            path = path / "generator.safetensors"
        self.path = path or bundled_generator()
        self.card: ModelCard = read_model(self.path)[1]

    @property
    def met_broad_strokes(self) -> bool:
        """Whether it was trained on varied signatures, parts of which were enlarged."""
        return bool(self.card.training.get("settings", {}).get("varied"))

    @cached_property
    def forger(self) -> Forger:
        """The network."""
        from sigforensics.gan.forger import load_forger

        return load_forger(self.path)

    @property
    def identity(self) -> str:
        """Name and hash, as fakes state them."""
        return f"{printable(self.path.stem)} {self.card.sha256[:16]}"

    def forge_many(self, cases: Iterable[Case], *, settings: Forging) -> Iterator[Fake]:
        """All variants of each case, case by case, through the last steps of its true image: 8 bits, threshold.

        Cases are taken a few ahead of the fakes. Variants are told apart by their seeds; without dropout, a network that has no
        other use for them makes them equal.
        """
        coming: deque[tuple[Case, int]] = deque()

        def templates() -> Iterator[Template]:
            for case in cases:
                for variant in range(1, settings.variants + 1):
                    coming.append((case, variant))
                    seeds = seeds_of(case.name, variant, settings.seed)
                    yield Template(case.edges, case.mask, seeds, case.paper)

        for fake in self.forger.forge_many(templates(), dropout=settings.dropout):
            image = threshold(unit_to_bytes(fake), level=self.card.preprocessing.threshold)
            yield Fake(*coming.popleft(), image)


@dataclass(frozen=True, eq=False)
class Fake:
    """A fake of a case."""

    case: Case
    variant: int
    """Counts from 1."""
    image: ByteImage
    """Ink bright on paper 0."""


def seeds_of(name: str, variant: int, seed: int) -> NDArray[np.int32]:
    """The seeds of a fake, shape (2,): they depend on the run's seed, the name and the variant alone."""
    rng = image_rng(seed, name, str(variant))
    return rng.integers(np.iinfo(np.int32).max, size=2, dtype=np.int32)


def forge_cases(
    cases: Iterable[Case],
    folder: Path,
    *,
    generator: Generator,
    settings: Forging,
    pages: PlacedPages | None = None,
) -> list[Mapping[str, Any]]:
    """Write ``true/NAME.png``, ``fake/NAME.png`` (and ``fake-2/`` and so on) of each case, a contact sheet and a table.

    Where a case says where it stands on a page, ``pages-true/NAME.png``, ``pages-fake/NAME.png`` and so on are written, too.
    Cases are taken as they come and not kept: there may be many. While some are read and written, the network works on others.

    Returns
    -------
    list of mapping
        The rows of ``signatures.csv``, in the order of the cases; empty if there was none, and then nothing was written.
    """
    rows: list[Mapping[str, Any]] = []
    page: OpenPage | None = None
    for fake in generator.forge_many(cases, settings=settings):
        case, stated = fake.case, _stated(generator, settings, fake)
        if fake.variant == 1:
            rows.append({"name": case.name, **case.facts})
            write_png(folder / "true" / f"{case.name}.png", case.target)
            page = _open_page(case, pages, settings)
            if page:
                page.write(f"pages-true/{case.name}.png", case.target, processed_texts())
        place = _place(fake.variant)
        write_png(folder / place / f"{case.name}.png", fake.image, texts=synthetic_texts(**stated))
        if page:
            page.write(f"pages-{place}/{case.name}.png", fake.image, composite_texts(**stated))
    if rows:
        shown = [_place(variant) for variant in range(1, min(settings.variants, SHEET_FAKES) + 1)]
        texts = sheet_texts(generator=generator.identity, seed=settings.seed)
        _write_sheet(folder, [row["name"] for row in rows], ["true", *shown], texts)
        _write_table(folder / "signatures.csv", rows)
    return rows


def _place(variant: int) -> str:
    """The folder of a variant."""
    return "fake" if variant == 1 else f"fake-{variant}"


def _stated(generator: Generator, settings: Forging, fake: Fake) -> dict[str, Any]:
    """What a fake says of how it was made."""
    return {
        "generator": generator.identity,
        "seed": settings.seed,
        "variant": fake.variant,
        "dropout": settings.dropout,
        "edges": _edges(settings, fake.case),
    }


def _edges(settings: Forging, case: Case) -> str:
    """From what edges a fake was made."""
    if not settings.augmented:
        return "as they are"
    if settings.holes == "leave":
        return "augmented, deformed as edges, holes left"
    facts, ways = case.facts, []
    if facts.get("specimens"):
        ways.append("in pieces of other specimens")
    if facts.get("joins") or facts.get("points"):
        ways.append("by rule")
    if not ways:
        return "augmented, traced after deforming, no stroke carried on across holes"
    return f"augmented, traced after deforming, strokes carried on across holes {' and '.join(ways)}"


def _open_page(case: Case, pages: PlacedPages | None, settings: Forging) -> OpenPage | None:
    if pages is None or case.spot is None:
        return None
    return pages.open(case.spot, image_rng(settings.seed, case.name, "paper"))


def _write_sheet(folder: Path, names: Sequence[str], places: Sequence[str], texts: Mapping[str, str]) -> None:
    from sigforensics.report.figures import cut_to_ink, draw_contact_sheet, save_figure

    spaced = np.unique(np.linspace(0, len(names) - 1, SHEET_ROWS).round().astype(int))
    rows = {
        names[index]: cut_to_ink(
            [bytes_to_unit(read_png(folder / place / f"{names[index]}.png")) for place in places]
        )
        for index in spaced
    }
    columns = [place.replace("-", " ") for place in places]
    with atomic_file(folder / "sheet.png") as temporary:
        save_figure(draw_contact_sheet(rows, columns=columns), temporary, texts=texts)


def _write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with atomic_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
