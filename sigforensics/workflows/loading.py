"""A file to the image whose spectrum is taken, and the facts that are kept of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sigforensics.audit import heavily_compressed
from sigforensics.images import FloatImage, count_levels
from sigforensics.scans import read_scan
from sigforensics.settings import Scanning
from sigforensics.workflows.framing import Framing

__all__ = ["Facts", "Loader"]


class Facts(NamedTuple):
    """What is kept of an image beside its spectrum."""

    sha256: str
    pages: int
    levels: int
    """See :func:`sigforensics.images.count_levels`."""
    shape: tuple[int, int]
    dpi: tuple[float, float] | None
    heavy_jpeg: bool
    """Whether it is heavily compressed JPEG, or was cut from such; see :func:`sigforensics.audit.heavily_compressed`."""


@dataclass(frozen=True)
class Loader:
    """Reads files, and notes what is kept of them."""

    scanning: Scanning
    framing: Framing
    facts: dict[Path, Facts]
    """Of all that were read."""
    _shapes: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    """Of many images there are few, and no two need the same memory."""

    def __call__(self, path: Path) -> FloatImage:
        """The image of a file, with other pixels only where that was asked for."""
        scan = read_scan(path, settings=self.scanning)
        height, width = scan.pixels.shape
        shape = self._shapes.setdefault((height, width), (height, width))
        levels = count_levels(scan.pixels)
        heavy = heavily_compressed(scan)
        self.facts[path] = Facts(scan.source.sha256, scan.pages, levels, shape, scan.dpi, heavy)
        return self.framing.change(scan.pixels)

    def nyquist(self, path: Path) -> tuple[float, float]:
        """The Nyquist frequencies of an image that was read."""
        return self.framing.nyquist(self.facts[path].dpi)
