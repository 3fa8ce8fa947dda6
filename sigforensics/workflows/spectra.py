"""Sets of images to averaged spectra: figures and the numbers that they draw."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sigforensics.errors import SizesDiffer
from sigforensics.provenance import Record, write_record
from sigforensics.settings import Scanning
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra import DB_PER_NAT
from sigforensics.storage import output_file, output_folder
from sigforensics.workflows.progress import Progress, SilentProgress
from sigforensics.workflows.sets import ImageSet, default_workers, read_set

__all__ = ["FIGURE_SUFFIXES", "Averaged", "average_spectra"]

FIGURE_SUFFIXES = (".png", ".pdf", ".svg")


@dataclass(frozen=True)
class Averaged:
    """What ``spectra`` made."""

    files: tuple[Path, ...]
    sets: Mapping[str, ImageSet]


@dataclass(frozen=True)
class _Places:
    """Where each file goes; in one folder, or beside a figure that the user named."""

    spectra: Path
    profiles: Path
    numbers: Path
    table: Path
    record: Path


def average_spectra(
    folders: Mapping[str, Path],
    output: Path,
    *,
    scanning: Scanning | None = None,
    settings: SpectrumSettings | None = None,
    workers: int | None = None,
    overwrite: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
) -> Averaged:
    """Average the log-spectra of one or more sets, draw them on one scale, and write every number drawn.

    Parameters
    ----------
    folders : mapping of str to Path
        The sets by name; with two, the difference is the second less the first.
    output : Path
        A new folder; or a figure's name ending in .png, .pdf or .svg, beside which the other files go.
    scanning, settings : settings of the stages, optional
    workers : int, optional
        Threads; all processors if None. They have no influence on the figures.
    overwrite, strict : bool
    progress : Progress, optional

    Raises
    ------
    SizesDiffer
        If the sets' images differ in size: their spectra have different frequencies.
    SigforensicsError
        As reading the sets raises it.
    """
    scanning, settings = scanning or Scanning(), settings or SpectrumSettings()
    progress = progress or SilentProgress()
    workers = workers or default_workers()
    with _output(output, overwrite=overwrite, inputs=list(folders.values())) as places:
        sets = {
            name: read_set(
                name,
                folder,
                scanning=scanning,
                settings=settings,
                workers=workers,
                strict=strict,
                progress=progress,
            )
            for name, folder in folders.items()
        }
        check_one_size(sets)
        progress.stage("Drawing", None)
        files = _write(sets, places, settings, output)
    return Averaged(files, sets)


def check_one_size(sets: Mapping[str, ImageSet]) -> None:
    """Refuse sets whose images differ in size."""
    shapes = {name: images.spectrum.shape for name, images in sets.items()}
    if len(set(shapes.values())) > 1:
        sizes = ", ".join(f"{name} {width} x {height}" for name, (height, width) in shapes.items())
        raise SizesDiffer("the sets", f"have images of different sizes ({sizes})")


@contextmanager
def _output(output: Path, *, overwrite: bool, inputs: list[Path]) -> Iterator[_Places]:
    if output.suffix.lower() not in FIGURE_SUFFIXES:
        with output_folder(output, overwrite=overwrite, inputs=inputs) as folder:
            names = ("spectra.png", "profiles.png", "spectra.npz", "profiles.csv", "record.json")
            yield _Places(*(folder / name for name in names))
        return
    stem, ending = output.with_suffix(""), output.suffix
    beside = (f"{stem}{ending}", f"{stem}-profiles{ending}", f"{stem}.npz", f"{stem}.csv", f"{stem}.json")
    with ExitStack() as stack:
        writable = [
            stack.enter_context(output_file(Path(path), overwrite=overwrite, inputs=inputs))
            for path in beside
        ]
        yield _Places(*writable)


def _write(
    sets: Mapping[str, ImageSet], places: _Places, settings: SpectrumSettings, output: Path
) -> tuple[Path, ...]:
    from sigforensics.report.figures import draw_profiles, draw_spectra, save_figure

    spectra = {name: images.spectrum for name, images in sets.items()}
    save_figure(draw_spectra(spectra), places.spectra)
    save_figure(draw_profiles(spectra), places.profiles)
    np.savez_compressed(places.numbers, allow_pickle=False, **_numbers(sets))
    _write_profiles(places.table, sets)
    record = Record(
        command="spectra",
        arguments={name: images.folder for name, images in sets.items()},
        settings={"spectrum": settings},
        inputs=[{"set": name, **entry} for name, images in sets.items() for entry in images.inputs],
        skipped=[
            {"path": e.where, "reason": e.what, "status": str(e.status)}
            for images in sets.values()
            for e in images.skipped
        ],
        notes=[note for images in sets.values() for note in images.notes],
        results={
            name: {"n": images.spectrum.n, "shape": images.spectrum.shape} for name, images in sets.items()
        },
    )
    write_record(places.record.parent, record, name=places.record.name)
    if output.suffix.lower() in FIGURE_SUFFIXES:
        stem = output.with_suffix("")
        return (
            output,
            Path(f"{stem}-profiles{output.suffix}"),
            *(Path(f"{stem}.{e}") for e in ("npz", "csv", "json")),
        )
    return tuple(output / path.name for path in vars(places).values())


def _numbers(sets: Mapping[str, ImageSet]) -> dict[str, Any]:
    """Every array by name: ``NAME_mean_of_log`` and so on, and the frequencies of the axes."""
    first = next(iter(sets.values())).spectrum
    arrays: dict[str, Any] = {
        "row_frequencies": first.row_frequencies,
        "column_frequencies": first.column_frequencies,
        "band_edges": first.band_edges,
    }
    for name, images in sets.items():
        spectrum = images.spectrum
        arrays |= {
            f"{name}_n": spectrum.n,
            f"{name}_floor": spectrum.floor,
            f"{name}_mean_of_log": spectrum.mean_of_log,
            f"{name}_log_of_mean": spectrum.log_of_mean,
            f"{name}_standard_error": spectrum.standard_error,
            f"{name}_band_features": spectrum.band_features,
            f"{name}_files": np.array([path.name for path in images.paths]),
        }
    if len(sets) == 2:
        one, other = (images.spectrum for images in sets.values())
        arrays["difference_mean_of_log"] = other.mean_of_log - one.mean_of_log
        arrays["difference_log_of_mean"] = other.log_of_mean - one.log_of_mean
    return arrays


def _write_profiles(path: Path, sets: Mapping[str, ImageSet]) -> None:
    """One row a band and set; the difference of two sets as a set of its own."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["set", "n", "low", "high", "mean_nats", "standard_error_nats", "mean_db"])
        for name, images in sets.items():
            edges, profile = images.spectrum.band_edges, images.spectrum.radial_profile()
            rows = zip(edges[:-1], edges[1:], profile.mean, profile.standard_error, strict=True)
            writer.writerows(
                [name, profile.n, low, high, mean, se, mean * DB_PER_NAT] for low, high, mean, se in rows
            )
