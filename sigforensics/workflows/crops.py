"""The folder that ``find`` makes: crops, masks, what was removed and why, and overlays."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.audit import heavily_compressed
from sigforensics.extraction import Box, Candidate, Levelled
from sigforensics.extraction.cutting import kept_pixels
from sigforensics.extraction.removal import Fate, Removal
from sigforensics.png import HEAVY_JPEG, SOURCE_KEY, write_png
from sigforensics.provenance import Record, to_json, write_record
from sigforensics.scans import PageValues, Scan, read_values
from sigforensics.storage import atomic_file
from sigforensics.workflows.inputs import input_entry
from sigforensics.workflows.naming import file_name, unique_name
from sigforensics.workflows.skipping import skipped_entries

if TYPE_CHECKING:
    from sigforensics.workflows.find import FindSettings, Found, FoundCandidate

__all__ = ["FoundFolder"]

OVERLAY_PIXELS = 1400
"""Longer side of an overlay picture; larger pages are shrunk for looking at."""
SEPARATED = (
    "crops/ has the values of the page's file under the mask, untouched; all other pixels were set to paper. removed/ says of "
    "each pixel what it was: kept 0, other ink 51, stamp 102, print 153, ruled line 204, paper 255."
)
AS_IS = (
    "crops/ has the pixels of the page's file, nothing removed; masks/ and removed/ say what would have been."
)

CANDIDATE_COLUMNS = (
    "file",
    "page",
    "left",
    "top",
    "width",
    "height",
    "left_mm",
    "top_mm",
    "width_mm",
    "height_mm",
    "kind",
    "confidence",
    "accepted",
    "crop",
    "mask",
    "removed",
    "by_colour",
)
"""Of ``candidates.csv``, before the counts of pixels."""


class FoundFolder:
    """Writes the pictures of pages and candidates, then the table and the record.

    Parameters
    ----------
    folder : Path
        Where they go; empty.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: set[str] = set()

    def write_page(
        self,
        page: Levelled,
        candidates: Sequence[Candidate],
        found: Sequence[FoundCandidate],
        settings: FindSettings,
    ) -> tuple[str, list[FoundCandidate]]:
        """Write the overlay of a page and the crops of its accepted candidates; return its name, and theirs in ``found``."""
        scan, accepted = page.scan, [one.accepted for one in found]
        name = self._name(scan)
        taken = [one.box for one, wanted in zip(candidates, accepted, strict=True) if wanted]
        overlay = self._write_overlay(name, scan, candidates, taken)
        if not taken:
            return overlay, list(found)
        values = read_values(scan.source, page=scan.page, pages=scan.pages, settings=settings.scanning)
        upright = replace(values, values=np.rot90(values.values, -page.stand.quarters))
        removal = Removal(page, settings=settings.extraction)
        named, number = [], 0
        for candidate, one in zip(candidates, found, strict=True):
            number += one.accepted
            files = (
                self._write_crop(f"{name}-{number}", upright, scan, candidate, removal, settings)
                if one.accepted
                else {}
            )
            named.append(replace(one, **files))
        return overlay, named

    def write_blank(self, scan: Scan) -> str:
        """Write the overlay of a page without ink; return its name."""
        return self._write_overlay(self._name(scan), scan, [], [])

    def write_record(
        self,
        found: Found,
        scans: Sequence[Path],
        paths: Sequence[Path],
        hashes: Mapping[Path, str],
        settings: FindSettings,
    ) -> None:
        """Complete the folder with ``candidates.csv`` and its record."""
        self._write_table(found.candidates)
        record = Record(
            command="find",
            arguments={"scans": list(scans), "page": settings.page, "as_is": settings.as_is},
            settings={"find": settings},
            inputs=[input_entry(path, "scan", hashes.get(path)) for path in paths],
            skipped=skipped_entries(found.skipped),
            notes=[AS_IS if settings.as_is else SEPARATED],
            results={
                "pages": [asdict(page) for page in found.pages],
                "candidates": len(found.candidates),
            },
        )
        record.add_outputs(self._folder, (path for path in self._folder.rglob("*") if path.is_file()))
        write_record(self._folder, record)

    def _name(self, scan: Scan) -> str:
        """Of the pictures of a page."""
        stem = scan.source.path.stem + (f"-p{scan.page}" if scan.pages > 1 else "")
        return unique_name(file_name(stem), self._names)

    def _write_overlay(
        self, name: str, scan: Scan, candidates: Sequence[Candidate], taken: Sequence[Box]
    ) -> str:
        from sigforensics.report.overlay import draw_overlay

        picture = draw_overlay(scan.pixels, candidates, taken, longest=OVERLAY_PIXELS, dpi=scan.dpi)
        place = f"overlays/{name}.png"
        write_png(self._folder / place, picture, bright=False)
        return place

    def _write_crop(
        self,
        name: str,
        values: PageValues,
        scan: Scan,
        candidate: Candidate,
        removal: Removal,
        settings: FindSettings,
    ) -> dict[str, Any]:
        """Write the pictures of a candidate; return their names and the counts of pixels."""
        kept = kept_pixels(candidate.mask, candidate.foreign, settings=settings.extraction)
        fates = removal.fates(candidate.box, kept, candidate.printed)
        part = values.values[candidate.box.slices]
        crop = part if settings.as_is else _on_bare_paper(part, kept, bright=values.bright)
        pictures: dict[str, tuple[NDArray[Any], bool]] = {
            "crop": (np.ascontiguousarray(crop), values.bright),
            "mask": (kept, True),
            "removed": (fates, False),
        }
        places = {"crop": "crops", "mask": "masks", "removed": "removed"}
        texts = {SOURCE_KEY: HEAVY_JPEG} if heavily_compressed(scan) else None
        for kind, (picture, bright) in pictures.items():
            path = self._folder / places[kind] / f"{name}.png"
            write_png(path, picture, texts=texts if kind == "crop" else None, bright=bright, dpi=scan.dpi)
        counts = {fate.name.lower(): int(np.sum(fates == fate)) for fate in Fate}
        return {**{kind: f"{place}/{name}.png" for kind, place in places.items()}, "pixels": counts}

    def _write_table(self, candidates: Sequence[FoundCandidate]) -> None:
        """A row a candidate; the counts of pixels have a column each."""
        rows = [to_json(one) for one in candidates]
        fates = [fate.name.lower() for fate in Fate]
        counted = [{**row, **(row["pixels"] or {})} for row in rows]
        with (
            atomic_file(self._folder / "candidates.csv") as temporary,
            temporary.open("w", newline="", encoding="utf-8") as stream,
        ):
            columns = [*CANDIDATE_COLUMNS, *fates]
            writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(counted)


def _on_bare_paper(part: NDArray[Any], kept: NDArray[np.bool_], *, bright: bool) -> NDArray[Any]:
    """A part of a page with all that is not kept set to white, or to black where ink is bright."""
    highest = 1 if part.dtype == np.bool_ else np.iinfo(part.dtype).max
    paper = np.asarray(0 if bright else highest, part.dtype)
    where = kept[..., None] if part.ndim == 3 else kept
    return np.where(where, part, paper)
