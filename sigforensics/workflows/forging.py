"""Prepared signatures to a folder of true and fake images, written one by one as they come."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sigforensics.augmentation import image_rng
from sigforensics.errors import FileUnreadable
from sigforensics.images import ByteImage, bytes_to_unit, unit_to_bytes
from sigforensics.png import read_png, synthetic_texts, write_png
from sigforensics.preprocessing import threshold
from sigforensics.provenance import file_sha256, printable
from sigforensics.settings import Forging
from sigforensics.storage import atomic_file, is_folder
from sigforensics.workflows.cases import Case

if TYPE_CHECKING:
    from sigforensics.gan.forger import Forger
    from sigforensics.gan.model_file import ModelCard

__all__ = ["Generator", "forge_cases", "input_entry"]

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

    @cached_property
    def forger(self) -> Forger:
        """The network."""
        from sigforensics.gan.forger import load_forger

        return load_forger(self.path)

    @property
    def identity(self) -> str:
        """Name and hash, as fakes state them."""
        return f"{printable(self.path.stem)} {self.card.sha256[:16]}"

    def forge(self, case: Case, *, variant: int, settings: Forging) -> ByteImage:
        """One fake, through the last steps of its true image: 8 bits, threshold. Without dropout, variants are equal."""
        seeds = None
        if settings.dropout:
            rng = image_rng(settings.seed, case.name, str(variant))
            seeds = rng.integers(np.iinfo(np.int32).max, size=2, dtype=np.int32)
        fake = self.forger.forge(case.edges, case.mask, seeds=seeds)
        return threshold(unit_to_bytes(fake), level=self.card.preprocessing.threshold)


def forge_cases(
    cases: Iterable[Case], folder: Path, *, generator: Generator, settings: Forging
) -> list[Mapping[str, Any]]:
    """Write ``true/NAME.png``, ``fake/NAME.png`` (and ``fake-2/`` and so on) of each case, a contact sheet and a table.

    Cases are taken one by one and not kept: there may be many.

    Returns
    -------
    list of mapping
        The rows of ``signatures.csv``, in the order of the cases; empty if there was none, and then nothing was written.
    """
    varied = settings.dropout or settings.augmented
    texts = synthetic_texts(generator=generator.identity, seed=settings.seed if varied else None)
    places = ["fake", *(f"fake-{variant}" for variant in range(2, settings.variants + 1))]
    rows: list[Mapping[str, Any]] = []
    for case in cases:
        write_png(folder / "true" / f"{case.name}.png", case.target)
        for variant, place in enumerate(places, start=1):
            fake = generator.forge(case, variant=variant, settings=settings)
            write_png(folder / place / f"{case.name}.png", fake, texts=texts)
        rows.append({"name": case.name, **case.facts})
    if rows:
        _write_sheet(folder, [row["name"] for row in rows], ["true", *places[:SHEET_FAKES]])
        _write_table(folder / "signatures.csv", rows)
    return rows


def input_entry(path: Path, role: str, sha256: str | None = None) -> dict[str, Any]:
    """A file that was read, for the record; one that cannot be read has no hash."""
    try:
        return {"path": path, "sha256": sha256 or file_sha256(path), "role": role}
    except FileUnreadable:
        return {"path": path, "sha256": None, "role": role}


def _write_sheet(folder: Path, names: Sequence[str], places: Sequence[str]) -> None:
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
        save_figure(draw_contact_sheet(rows, columns=columns), temporary)


def _write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with atomic_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
