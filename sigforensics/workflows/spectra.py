"""Sets of images to averaged spectra: figures and the numbers that they draw."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sigforensics.errors import OutputFormat
from sigforensics.provenance import Record, file_sha256, printable, write_record
from sigforensics.settings import Scanning
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra import DB_PER_NAT
from sigforensics.storage import (
    RECORD_NAME,
    RECORD_SCHEMA,
    atomic_file,
    check_output_file,
    output_folder,
    read_our_json,
)
from sigforensics.workflows.progress import Progress, SilentProgress
from sigforensics.workflows.sets import ImageSet, check_one_size, default_workers, read_set
from sigforensics.workflows.skipping import skipped_entries

__all__ = ["FIGURE_SUFFIXES", "Averaged", "average_spectra"]

ERRORS_NOTE = (
    "Standard errors are over the images of one set, as if each were independent; the uncertainty of a difference is "
    "what compare finds, which knows of pairs and writers."
)

FIGURE_SUFFIXES = (".png", ".pdf", ".svg")


@dataclass(frozen=True)
class Averaged:
    """What ``spectra`` made."""

    files: tuple[Path, ...]
    sets: Mapping[str, ImageSet]


@dataclass(frozen=True)
class _Places:
    """Where each file is written, and the name that it will have there."""

    files: Mapping[str, Path]
    """By kind: spectra, profiles, numbers, table, record."""
    names: Mapping[str, Path]
    """What the user will find, by kind."""


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
        _write(sets, places, settings)
    return Averaged(tuple(places.names.values()), sets)


@contextmanager
def _output(output: Path, *, overwrite: bool, inputs: list[Path]) -> Iterator[_Places]:
    """A folder, or five files of one stem; they appear when the block ends well."""
    ending = output.suffix
    if ending.lower() not in FIGURE_SUFFIXES:
        if ending[1:].isalpha() and not output.is_dir():
            advice = "end the name in .png, .pdf or .svg, or name a folder without an ending"
            raise OutputFormat(output, f"figures are not written as {ending}", advice)
        names = _by_kind(output, "spectra.png", "profiles.png", "spectra.npz", "profiles.csv", RECORD_NAME)
        with output_folder(output, overwrite=overwrite, inputs=inputs) as folder:
            yield _Places({kind: folder / path.name for kind, path in names.items()}, names)
        return
    stem = output.stem
    beside = (output.name, f"{stem}-profiles{ending}", f"{stem}.npz", f"{stem}.csv", f"{stem}.json")
    names = _by_kind(output.parent, *beside)
    written = _recorded(names["record"])
    for path in names.values():
        check_output_file(path, overwrite=overwrite, ours=lambda found: found.name in written, inputs=inputs)
    with ExitStack() as stack:
        yield _Places({kind: stack.enter_context(atomic_file(path)) for kind, path in names.items()}, names)


def _by_kind(folder: Path, *names: str) -> dict[str, Path]:
    kinds = ("spectra", "profiles", "numbers", "table", "record")
    return {kind: folder / name for kind, name in zip(kinds, names, strict=True)}


def _recorded(record: Path) -> set[str]:
    """The files beside a record that it says were written with it, and its own name."""
    document = read_our_json(record) or {}
    if document.get("schema") != RECORD_SCHEMA:
        return set()
    return {record.name, *(str(entry.get("path")) for entry in document.get("outputs", []))}


def _write(sets: Mapping[str, ImageSet], places: _Places, settings: SpectrumSettings) -> None:
    from sigforensics.report.figures import draw_profiles, draw_spectra, save_figure

    spectra = {name: images.spectrum for name, images in sets.items()}
    save_figure(draw_spectra(spectra), places.files["spectra"])
    save_figure(draw_profiles(spectra), places.files["profiles"])
    np.savez_compressed(places.files["numbers"], allow_pickle=False, **_numbers(sets))
    _write_profiles(places.files["table"], sets)
    record = Record(
        command="spectra",
        arguments={name: images.folder for name, images in sets.items()},
        settings={"spectrum": settings},
        inputs=[{"set": name, **entry} for name, images in sets.items() for entry in images.inputs],
        outputs=[
            {"path": places.names[kind].name, "sha256": file_sha256(path)}
            for kind, path in places.files.items()
            if kind != "record"
        ],
        skipped=skipped_entries(error for images in sets.values() for error in images.skipped),
        notes=[*(note for images in sets.values() for note in images.notes), ERRORS_NOTE],
        results={
            name: {"n": images.spectrum.n, "shape": images.spectrum.shape} for name, images in sets.items()
        },
    )
    write_record(places.files["record"].parent, record, name=places.files["record"].name)


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
            f"{name}_files": np.array([printable(path.name) for path in images.paths]),
        }
    if len(sets) == 2:
        one, other = (images.spectrum for images in sets.values())
        arrays["difference_mean_of_log"] = other.mean_of_log - one.mean_of_log
        arrays["difference_log_of_mean"] = other.log_of_mean - one.log_of_mean
    return arrays


def _write_profiles(path: Path, sets: Mapping[str, ImageSet]) -> None:
    """One row a band and set; of two sets also their difference, the second less the first, without an error."""
    profiles = {name: images.spectrum.radial_profile() for name, images in sets.items()}
    edges = next(iter(sets.values())).spectrum.band_edges
    columns: list[tuple[str, Any, Any, Any]] = [
        (name, one.n, one.mean, one.standard_error) for name, one in profiles.items()
    ]
    if len(columns) == 2:
        (_, _, mean, _), (_, _, other_mean, _) = columns
        columns.append(("difference", "", other_mean - mean, [""] * len(mean)))
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["set", "n", "low", "high", "mean_nats", "standard_error_nats", "mean_db"])
        for name, n, means, errors in columns:
            rows = zip(edges[:-1], edges[1:], means, errors, strict=True)
            writer.writerows(
                [name, n, low, high, mean, se, mean * DB_PER_NAT] for low, high, mean, se in rows
            )
