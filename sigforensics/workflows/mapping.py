"""Two sets of images to the map of single frequencies: files read once more, one mean map a unit, all frequencies tested."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.errors import FileUnreadable
from sigforensics.scans import read_scan
from sigforensics.settings import Comparing, Scanning
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra import NYQUIST, FrequencyGrid, common_grid, dct_magnitude_log, onto_grid
from sigforensics.spectra.streaming import BYTES_PER_PIXEL
from sigforensics.statistics import (
    FrequencyMap,
    Members,
    frequency_map,
    frequency_test,
    group_units,
    level_of,
    smallest_frequency_p,
)
from sigforensics.workflows.framing import smallest_images
from sigforensics.workflows.matching import Matched
from sigforensics.workflows.progress import Progress
from sigforensics.workflows.sets import ImageSet

__all__ = ["NO_MAP", "Mapped", "map_frequencies", "write_map"]


@dataclass(frozen=True)
class Mapped:
    """The map of single frequencies, or why there is none."""

    map: FrequencyMap | None = None
    unavailable: str | None = "it was not asked for"
    notes: tuple[str, ...] = ()
    """What a reader must know of it."""
    caption: str = ""
    """What its figure must say: onto which grid spectra were averaged, if they were."""


NO_MAP = Mapped()
"""Where none was asked for."""


def map_frequencies(
    true: ImageSet,
    fake: ImageSet,
    matched: Matched,
    *,
    scanning: Scanning,
    spectrum: SpectrumSettings,
    settings: Comparing,
    workers: int,
    progress: Progress,
) -> Mapped:
    """Test every frequency, if the units allow for it.

    Which images make up a unit is known only when those are known that cannot be used, and the frequencies that images of
    different sizes have in common only when all sizes are: so the files are read once more.

    Raises
    ------
    FileUnreadable
        If a file is not as it was when its spectrum was taken.
    """
    rng = np.random.default_rng([settings.seed, 1])
    units = group_units(
        len(matched.true),
        len(matched.fake),
        paired=matched.paired,
        units_true=matched.writers_true,
        units_fake=matched.writers_fake,
        settings=settings,
        rng=rng,
    )
    permutations = min(settings.permutations, settings.map_permutations)
    sides = units.true.n_rows, units.fake.n_rows
    smallest = smallest_frequency_p(*sides, paired=units.aligned, permutations=permutations)
    if smallest > level_of(settings.confidence):
        counts = f"{sides[0]} {units.unit}s" if units.aligned else f"{sides[0]} and {sides[1]} {units.unit}s"
        what = (
            f"with {counts} no corrected p below {smallest:.2g} can come out, however large a difference is"
        )
        return Mapped(unavailable=what)
    used = {
        images.paths[places[one]]: images.shapes[places[one]]
        for images, places, members in _sides(true, fake, matched, units.true, units.fake)
        for one in members.images
    }
    grid = _grid(list(used.values()), settings.map_side)
    threads = _threads(list(used.values()), workers, spectrum.memory)
    progress.stage("Mapping frequencies", len(used))
    tables = [
        _unit_means(images, places, members, grid, scanning, spectrum.floor, threads, progress)
        for images, places, members in _sides(true, fake, matched, units.true, units.fake)
    ]
    progress.stage("Testing frequencies", None)
    test = frequency_test(*tables, paired=units.aligned, permutations=permutations, rng=rng, workers=workers)
    found = frequency_map(test, units, grid, confidence=settings.confidence)
    return Mapped(found, None, tuple(_notes(found, used, units.left_out)), _caption(found, used))


def _sides(
    true: ImageSet, fake: ImageSet, matched: Matched, *members: Members
) -> Iterator[tuple[ImageSet, list[int], Members]]:
    return zip((true, fake), (matched.true, matched.fake), members, strict=True)


def _grid(shapes: Sequence[tuple[int, int]], side: int) -> FrequencyGrid:
    """The frequencies that all images have in common, and no more of them than ``side`` a direction."""
    height, width = common_grid((shape, NYQUIST) for shape in set(shapes)).shape
    return FrequencyGrid((min(height, side), min(width, side)))


def _threads(shapes: Sequence[tuple[int, int]], workers: int, memory: float) -> int:
    """Threads that keep within so many megabytes together."""
    largest = max(height * width for height, width in shapes)
    return max(1, min(workers, int(memory * 1e6 / (BYTES_PER_PIXEL * largest))))


def _unit_means(
    images: ImageSet,
    places: Sequence[int],
    members: Members,
    grid: FrequencyGrid,
    scanning: Scanning,
    floor: float,
    workers: int,
    progress: Progress,
) -> NDArray[np.float32]:
    """The mean map of each row without DC: float32, shape (rows, frequencies); sums are in float64 and in the order of rows."""
    table = np.empty((members.n_rows, grid.shape[0] * grid.shape[1] - 1), np.float32)
    total, current, step = np.zeros(grid.shape), 0, 4 * workers

    def load(place: int) -> NDArray[np.float32]:
        return _log_spectrum(images, place, grid, scanning, floor)

    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, members.images.size, step):  # no more of them at once, however fast they come
            some = slice(start, start + step)
            logs = pool.map(load, [places[one] for one in members.images[some]])
            for log, row, weight in zip(logs, members.rows[some], members.weights[some], strict=True):
                if row != current:
                    total.fill(0.0)
                    current = row
                total += log * weight
                table[row] = total.ravel()[1:]
                progress.advance(1)
    return table


def _log_spectrum(
    images: ImageSet, place: int, grid: FrequencyGrid, scanning: Scanning, floor: float
) -> NDArray[np.float32]:
    scan = read_scan(images.paths[place], settings=scanning)
    if scan.source.sha256 != images.sha256[place]:
        raise FileUnreadable(scan.source.path, "was changed while it was in use", "run the command again")
    return onto_grid(dct_magnitude_log(scan.pixels[np.newaxis], floor=floor)[0], NYQUIST, grid)


def _notes(found: FrequencyMap, used: Mapping[Path, tuple[int, int]], left_out: int) -> Iterator[str]:
    if found.group > 1:
        sides = f"{found.rows_true}" if found.paired else f"{found.rows_true} and {found.rows_fake}"
        yield (
            f"the map of single frequencies exchanges {sides} means of random groups of up to {found.group} {found.unit}s, not "
            f"single {found.unit}s"
        )
    if left_out:
        yield (
            f"{left_out} {found.unit}s, drawn at random, were left out of the map of single frequencies, so that all its groups "
            "are equally large"
        )
    if caption := _caption(found, used):
        spans = {path: (shape, NYQUIST) for path, shape in used.items()}
        smallest = f"; {smallest_images(spans)}" if len(set(used.values())) > 1 else ""
        yield f"the map of single frequencies: {caption[0].lower()}{caption[1:-1]}{smallest}"


def _caption(found: FrequencyMap, used: Mapping[Path, tuple[int, int]]) -> str:
    if set(used.values()) == {found.grid.shape}:
        return ""
    return f"Spectra, not pixels, were averaged onto a grid of {found.grid.shape[1]} x {found.grid.shape[0]} frequencies."


def write_map(path: Path, found: FrequencyMap) -> None:
    """An NPZ file with every number of the map."""
    arrays: dict[str, Any] = {
        "row_frequencies": found.grid.row_frequencies,
        "column_frequencies": found.grid.column_frequencies,
        "frequency_unit": found.grid.unit,
    }
    arrays |= {
        name: getattr(found, name).astype(np.float32)
        for name in ("difference", "standard_error", "p_corrected", "p_fdr")
    }
    names = ("unit", "group", "rows_true", "rows_fake", "n_true", "n_fake", "n_permutations", "smallest_p")
    arrays |= {name: getattr(found, name) for name in names}
    with path.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)
