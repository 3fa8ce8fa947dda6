"""Fakes in the place of the true signature on copies of the page, and the true one put back as their control."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sigforensics.extraction import Signature
from sigforensics.extraction.sheet import MM_PER_INCH, resolution
from sigforensics.images import ByteImage
from sigforensics.placement import Place
from sigforensics.png import write_png
from sigforensics.scans import Source, read_values
from sigforensics.settings import Extraction, Placing, Preprocessing, Scanning
from sigforensics.workflows.taking import Taken

__all__ = ["OpenPage", "PlacedPages", "Spot", "spot_of"]


@dataclass(frozen=True, eq=False)
class Spot:
    """Where a signature stands, without the page itself, which is read again when it is needed."""

    source: Source
    page: int
    pages: int
    signature: Signature
    per_mm: float
    """Pixels of the page a millimetre."""
    quarters: int = 0
    """Quarter turns to the right that made the page upright after it was read."""


def spot_of(taken: Taken, settings: Extraction) -> Spot:
    """The spot of a signature that was taken from a scan."""
    scan = taken.scan
    per_mm = sum(resolution(scan, settings=settings)) / 2 / MM_PER_INCH
    return Spot(scan.source, scan.page, scan.pages, taken.signature, per_mm, taken.quarters)


class PlacedPages:
    """Writes pages with signatures put on them; keeps what was changed, for the record.

    Parameters
    ----------
    folder : Path
        Of the run.
    chain : Preprocessing
        Of the generator.
    scanning : Scanning
        With which the scans were read.
    placing : Placing
    """

    def __init__(self, folder: Path, *, chain: Preprocessing, scanning: Scanning, placing: Placing) -> None:
        self.facts: list[Mapping[str, Any]] = []
        """A page that was written each: what was done to it, where, and to how many pixels."""
        self._folder = folder
        self._chain = chain
        self._scanning = scanning
        self._placing = placing

    def open(self, spot: Spot, rng: np.random.Generator) -> OpenPage:
        """Read a page and take its signature off."""
        values = read_values(spot.source, page=spot.page, pages=spot.pages, settings=self._scanning)
        values = replace(values, values=np.ascontiguousarray(np.rot90(values.values, -spot.quarters)))
        place = Place(
            values, spot.signature, per_mm=spot.per_mm, rng=rng, chain=self._chain, settings=self._placing
        )
        return OpenPage(place, spot, values.bright, self._folder, self.facts)


@dataclass(frozen=True, eq=False)
class OpenPage:
    """A page whose signature was taken off."""

    place: Place
    spot: Spot
    bright: bool
    """Whether its ink is bright."""
    folder: Path
    facts: list[Mapping[str, Any]]

    def write(self, name: str, image: ByteImage, texts: Mapping[str, str]) -> None:
        """Write the page with a prepared signature on it to the file ``name`` of the folder."""
        placed = self.place.put(image)
        dpi = self.spot.signature.dpi
        write_png(self.folder / name, placed.values, texts=texts, bright=self.bright, dpi=dpi)
        self.facts.append(
            {
                "path": name,
                "changed": asdict(placed.changed),
                "pixels_emptied": placed.emptied,
                "pixels_inked": placed.inked,
                "ink_factor": round(placed.ink_factor, 3),
                "ink_colour": [round(value, 3) for value in self.place.colour],
            }
        )
