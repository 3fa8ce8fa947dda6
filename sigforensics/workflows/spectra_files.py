"""The files of ``spectra``: their names, and the numbers and tables in them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from sigforensics.errors import OutputFormat
from sigforensics.provenance import file_sha256, printable
from sigforensics.spectra import DB_PER_NAT, PROFILES, line_edges, peak_places
from sigforensics.statistics import Peak, ProfileBand
from sigforensics.storage import (
    RECORD_NAME,
    RECORD_SCHEMA,
    atomic_file,
    check_output_file,
    output_folder,
    read_our_json,
)
from sigforensics.workflows.differences import SetDifference
from sigforensics.workflows.sets import ImageSet
from sigforensics.workflows.upsampling import SetPeaks

__all__ = [
    "FIGURE_SUFFIXES",
    "NUMBERS",
    "PEAK_TABLE",
    "PROFILE_TABLE",
    "Places",
    "numbers",
    "places_for",
    "write_peaks",
    "write_profiles",
]

FIGURE_SUFFIXES = (".png", ".pdf", ".svg")
NUMBERS, PROFILE_TABLE, PEAK_TABLE = "spectra.npz", "profiles.csv", "peaks.csv"
PROFILE_COLUMNS = (
    "set", "n", "profile", "low", "high", "mean_nats", "standard_error_nats", "mean_db", "unit", "n_units", "difference_nats",
    "difference_standard_error", "difference_ci_low", "difference_ci_high", "difference_db",
)  # fmt: skip


@dataclass(frozen=True)
class Places:
    """Where files are written, and the names that they will have."""

    target: Path
    """The folder, or the main figure beside which the others stand."""
    stack: ExitStack
    folder: Path | None
    """The folder to write into; None where files stand beside a figure."""
    endings: tuple[str, ...]
    """Of the figures, with their dots."""
    made: dict[str, Path] = field(default_factory=dict)
    """By the name in a folder: where it is written."""

    def name(self, plain: str) -> Path:
        """The path that the user will find, for the name of a file in a folder."""
        if self.folder is not None:
            return self.target / plain
        stem, ending = Path(plain).stem, Path(plain).suffix
        bare = stem == "spectra" or plain in (PROFILE_TABLE, RECORD_NAME)
        return self.target.with_name(f"{self.target.stem}{'' if bare else f'-{stem}'}{ending}")

    def open(self, plain: str) -> Path:
        """Where to write a file now."""
        if plain not in self.made:
            self.made[plain] = (
                self.stack.enter_context(atomic_file(self.name(plain)))
                if self.folder is None
                else self.folder / plain
            )
        return self.made[plain]

    def figures(self, stem: str) -> list[Path]:
        """Where to write a figure, in all formats."""
        return [self.open(f"{stem}{ending}") for ending in self.endings]

    def paths(self) -> tuple[Path, ...]:
        """What the user will find, in the order in which it was made."""
        return tuple(self.name(plain) for plain in self.made)


@contextmanager
def places_for(
    output: Path, *, formats: Sequence[str], sets: Iterable[str], overwrite: bool, inputs: list[Path]
) -> Iterator[Places]:
    """A folder, or files that stand beside a figure; they appear when the block ends well.

    Parameters
    ----------
    output : Path
        A new folder; or a figure's name ending in .png, .pdf or .svg.
    formats : sequence of str
        Of the figures: ``png``, ``pdf``, ``svg``; none means that of the figure's name, or PNG.
    sets : iterable of str
        Names of the sets.
    overwrite : bool
    inputs : list of Path

    Raises
    ------
    OutputFormat, OutputExists, OutputHoldsInputs, OutputUnwritable
    """
    ending = output.suffix
    endings = [f".{name}" for name in formats]
    if ending.lower() not in FIGURE_SUFFIXES:
        if ending[1:].isalpha() and not output.is_dir():
            advice = "end the name in .png, .pdf or .svg, or name a folder without an ending"
            raise OutputFormat(output, f"figures are not written as {ending}", advice)
        with output_folder(output, overwrite=overwrite, inputs=inputs) as folder, ExitStack() as stack:
            yield Places(output, stack, folder, tuple(dict.fromkeys(endings)) or (".png",))
        return
    others = [other for other in dict.fromkeys(endings) if other != ending.lower()]
    with ExitStack() as stack:
        places = Places(output, stack, None, (ending, *others))
        before = _recorded(places.name(RECORD_NAME))
        _check_beside(places, sets, before, overwrite=overwrite, inputs=inputs)
        yield places
    _remove_stale(places, before)


def _check_beside(
    places: Places, sets: Iterable[str], before: Mapping[str, str], *, overwrite: bool, inputs: list[Path]
) -> None:
    """Refuse names that are not free before any work is done."""
    stems = ("spectra", "profiles", "peaks", "sheet", *(f"set-{name}" for name in sets))
    plain = [f"{stem}{ending}" for stem in stems for ending in places.endings]
    record = places.name(RECORD_NAME)

    def ours(path: Path) -> bool:
        return _unchanged(path, before) or (path == record and bool(before))

    for path in map(places.name, (*plain, NUMBERS, PROFILE_TABLE, PEAK_TABLE, RECORD_NAME)):
        check_output_file(path, overwrite=overwrite, ours=ours, inputs=inputs)


def _recorded(record: Path) -> dict[str, str]:
    """The files beside a record that it says were written with it: name to SHA-256."""
    document = read_our_json(record) or {}
    if (document.get("schema"), document.get("command")) != (RECORD_SCHEMA, "spectra"):
        return {}
    return {str(entry.get("path")): str(entry.get("sha256")) for entry in document.get("outputs", [])}


def _unchanged(path: Path, before: Mapping[str, str]) -> bool:
    """Whether a file is, byte for byte, what the record beside it says that was written."""
    return path.name in before and path.is_file() and file_sha256(path) == before[path.name]


def _remove_stale(places: Places, before: Mapping[str, str]) -> None:
    """Remove what the run that was replaced had written and this one has not, sets that are no longer drawn, say.

    Files that were changed since stay, and so does whatever is no plain name beside the figure.
    """
    kept = {path.name for path in places.paths()}
    for name in before:
        path = places.target.with_name(name) if Path(name).name == name else None
        if path is not None and name not in kept and not path.is_symlink() and _unchanged(path, before):
            path.unlink()


def numbers(
    sets: Mapping[str, ImageSet],
    peaks: Sequence[SetPeaks],
    differences: Sequence[SetDifference],
    periods: Sequence[int],
) -> dict[str, Any]:
    """Every array by name: ``NAME_mean_of_log`` and so on, and the frequencies of the axes."""
    first = next(iter(sets.values())).spectrum
    bands = len(first.band_edges) - 1
    arrays: dict[str, Any] = {
        "row_frequencies": first.row_frequencies,
        "column_frequencies": first.column_frequencies,
        "frequency_unit": first.grid.unit,
        "band_edges": first.band_edges,
        "line_edges": line_edges(bands, first.grid.limits),
        "peak_places": peak_places(periods),
    }
    for name, images in sets.items():
        arrays |= {f"{name}_{what}": values for what, values in _of_set(images).items()}
        if images.spectrum is not first:
            arrays |= {f"{name}_{what}": values for what, values in _less(images, first).items()}
    for test in peaks:
        what = f"{test.name}_peaks" if test.less is None else f"{test.name}_peaks_difference"
        columns = [column.name for column in fields(Peak)][2:]
        arrays[what] = np.array([[getattr(peak, column) for column in columns] for peak in test.test.peaks])
        arrays["peak_columns"] = np.array(columns)
    for one in differences:
        columns = [column.name for column in fields(ProfileBand)][2:]
        arrays[f"{one.name}_profile_differences"] = np.array(
            [
                [[getattr(band, column) for column in columns] for band in bands]
                for bands in one.profiles.profiles.values()
            ]
        )
        arrays["profile_columns"] = np.array(columns)
    return arrays


def _of_set(images: ImageSet) -> dict[str, Any]:
    spectrum = images.spectrum
    profiles = [spectrum.profile(kind) for kind in PROFILES[1:]]
    arrays = {
        "n": spectrum.n,
        "floor": spectrum.floor,
        "mean_of_log": spectrum.mean_of_log,
        "standard_deviation": spectrum.standard_deviation,
        "standard_error": spectrum.standard_error,
        "band_features": spectrum.band_features,
        "line_means": np.stack([profile.mean for profile in profiles]),
        "line_standard_errors": np.stack([profile.standard_error for profile in profiles]),
        "peak_excess": spectrum.peak_excess,
        "files": np.array([printable(path.name) for path in images.paths]),
        "shapes": np.array(images.shapes),
    }
    return arrays if spectrum.log_of_mean is None else arrays | {"log_of_mean": spectrum.log_of_mean}


def _less(images: ImageSet, first: Any) -> dict[str, Any]:
    """Differences of the maps, this set less the first."""
    spectrum = images.spectrum
    arrays = {"mean_of_log_difference": spectrum.mean_of_log - first.mean_of_log}
    if spectrum.log_of_mean is not None and first.log_of_mean is not None:
        arrays["log_of_mean_difference"] = spectrum.log_of_mean - first.log_of_mean
    return arrays


def write_profiles(path: Path, sets: Mapping[str, ImageSet], differences: Sequence[SetDifference]) -> None:
    """One row a set, profile and band; differences are those from the first set, with intervals over the units."""
    by_name = {one.name: one.profiles for one in differences}
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(PROFILE_COLUMNS)
        for name, images in sets.items():
            for kind in PROFILES:
                one, less = images.spectrum.profile(kind), by_name.get(name)
                units = ["", ""] if less is None else [less.unit, less.n_units]
                for band, (mean, error) in enumerate(zip(one.mean, one.standard_error, strict=True)):
                    row = (one.edges[band], one.edges[band + 1], mean, error, mean * DB_PER_NAT)
                    values = [] if less is None else list(asdict(less.profiles[kind][band]).values())[2:]
                    writer.writerow([name, one.n, kind, *row, *units, *(values or 5 * [""])])


def write_peaks(path: Path, peaks: Sequence[SetPeaks]) -> None:
    """One row a set, or difference from the first set, and place."""
    columns = [column.name for column in fields(Peak)]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["set", "less", "unit", "n_units", "n_images", "smallest_p", *columns])
        for one in peaks:
            test = one.test
            known = [one.name, one.less or "", test.unit, test.n_units, test.n_images, test.smallest_p]
            writer.writerows([*known, *asdict(peak).values()] for peak in test.peaks)
