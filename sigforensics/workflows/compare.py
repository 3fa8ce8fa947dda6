"""Two sets of images to a comparison, band by band, with its control."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from sigforensics.errors import TooFewImages
from sigforensics.provenance import Record, to_json, versions, write_record
from sigforensics.settings import Comparing, Scanning
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.statistics import Comparison, compare_sets
from sigforensics.storage import output_file, output_folder
from sigforensics.workflows.progress import Progress, SilentProgress
from sigforensics.workflows.sets import ImageSet, default_workers, read_set, writers_of
from sigforensics.workflows.spectra import check_one_size

__all__ = ["Compared", "UnitChoice", "compare", "comparison_document", "write_comparison", "write_table"]

UnitChoice = Literal["auto", "image", "pair", "writer"]
SCHEMA = "sigforensics-compare/1"


@dataclass(frozen=True)
class Compared:
    """What ``compare`` found."""

    comparison: Comparison
    true: ImageSet
    fake: ImageSet
    settings: Comparing
    spectrum: SpectrumSettings


def compare(
    true: Path,
    fake: Path,
    *,
    unit: UnitChoice = "auto",
    scanning: Scanning | None = None,
    spectrum: SpectrumSettings | None = None,
    settings: Comparing | None = None,
    workers: int | None = None,
    strict: bool = False,
    progress: Progress | None = None,
) -> Compared:
    """Compare two folders of images.

    Parameters
    ----------
    true, fake : Path
    unit : {"auto", "image", "pair", "writer"}
        What is independent. ``auto``: writers where those of both sets are known and there are at least two, else pairs where
        both sets have the same file names, else images.
    scanning, spectrum, settings : settings of the stages, optional
    workers : int, optional
        Threads; all processors if None.
    strict : bool
    progress : Progress, optional

    Raises
    ------
    SizesDiffer, TooFewImages, SigforensicsError
    """
    scanning, spectrum = scanning or Scanning(), spectrum or SpectrumSettings()
    settings, progress = settings or Comparing(), progress or SilentProgress()
    workers = workers or default_workers()
    one, other = (
        read_set(
            name,
            folder,
            scanning=scanning,
            settings=spectrum,
            workers=workers,
            strict=strict,
            progress=progress,
        )
        for name, folder in (("true", true), ("fake", fake))
    )
    check_one_size({"true": one, "fake": other})
    progress.stage("Permuting and resampling", None)
    writers = _writers(one, other, unit)
    order_true, order_fake, paired = _pairs(one, other, unit)
    comparison = compare_sets(
        one.spectrum.band_features[order_true],
        other.spectrum.band_features[order_fake],
        edges=one.spectrum.band_edges,
        paired=paired and writers is None,
        units_true=[writers[0][place] for place in order_true] if writers else None,
        units_fake=[writers[1][place] for place in order_fake] if writers else None,
        settings=settings,
        rng=np.random.default_rng(settings.seed),
    )
    return Compared(comparison, one, other, settings, spectrum)


def _writers(one: ImageSet, other: ImageSet, unit: UnitChoice) -> tuple[list[str], list[str]] | None:
    if unit not in {"auto", "writer"}:
        return None
    known = writers_of(one), writers_of(other)
    if known[0] and known[1] and min(len(set(known[0])), len(set(known[1]))) >= 2:
        return known[0], known[1]
    if unit == "writer":
        raise TooFewImages(
            f"{one.folder} and {other.folder}",
            "their writers are not known, or fewer than two a set",
            "give sets that 'sigforensics generate' made from a prepared corpus, or CEDAR's file names",
        )
    return None


def _pairs(one: ImageSet, other: ImageSet, unit: UnitChoice) -> tuple[list[int], list[int], bool]:
    """Places of the images to compare: those with a partner of the same name where sets are paired, else all."""
    names = [[path.stem for path in images.paths] for images in (one, other)]
    if unit == "image" or (unit == "auto" and set(names[0]) != set(names[1])):
        return list(range(len(names[0]))), list(range(len(names[1]))), False
    if unit == "writer":
        return list(range(len(names[0]))), list(range(len(names[1]))), False
    common = sorted(set(names[0]) & set(names[1]))
    if len(common) < 2:
        raise TooFewImages(
            f"{one.folder} and {other.folder}",
            f"share {len(common)} file name(s)",
            "pairs need the same file names",
        )
    return [names[0].index(name) for name in common], [names[1].index(name) for name in common], True


def comparison_document(compared: Compared) -> dict[str, Any]:
    """The JSON document of a comparison; its schema is described in ``docs/compare-json.md``."""
    comparison = asdict(compared.comparison)
    notes = [*compared.true.notes, *compared.fake.notes, *comparison.pop("notes")]
    document = {
        "schema": SCHEMA,
        "true": str(compared.true.folder),
        "fake": str(compared.fake.folder),
        **comparison,
        "notes": notes,
        "floor": compared.spectrum.floor,
        "seed": compared.settings.seed,
        "shape": compared.true.spectrum.shape,
        "inputs": {"true": compared.true.inputs, "fake": compared.fake.inputs},
        "skipped": [
            {"path": error.where, "reason": error.what, "status": error.status}
            for images in (compared.true, compared.fake)
            for error in images.skipped
        ],
        "versions": versions(),
    }
    result: dict[str, Any] = to_json(document)
    return result


def write_table(path: Path, compared: Compared, *, overwrite: bool = False) -> None:
    """A CSV file with a row a band."""
    with output_file(
        path, overwrite=overwrite, inputs=[*compared.true.paths, *compared.fake.paths]
    ) as temporary:
        _write_bands(temporary, compared.comparison)


def _write_bands(path: Path, comparison: Comparison) -> None:
    """One row a band, with the columns of :class:`sigforensics.statistics.BandDifference`."""
    rows: Sequence[dict[str, Any]] = [asdict(band) for band in comparison.bands]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_comparison(output: Path, compared: Compared, *, overwrite: bool = False) -> None:
    """A folder with the figure, the table, the JSON document and the record."""
    from sigforensics.report.figures import draw_comparison, save_figure

    inputs = [*compared.true.paths, *compared.fake.paths]
    with output_folder(output, overwrite=overwrite, inputs=inputs) as folder:
        save_figure(draw_comparison(compared.comparison), folder / "comparison.png")
        _write_bands(folder / "bands.csv", compared.comparison)
        document = json.dumps(comparison_document(compared), indent=2, ensure_ascii=False, allow_nan=False)
        (folder / "comparison.json").write_text(document + "\n", encoding="utf-8")
        record = Record(
            command="compare",
            arguments={"true": compared.true.folder, "fake": compared.fake.folder},
            settings={"comparing": compared.settings, "spectrum": compared.spectrum},
            inputs=[
                {"set": name, **entry}
                for name, images in (("true", compared.true), ("fake", compared.fake))
                for entry in images.inputs
            ],
            notes=list(compared.comparison.notes),
        )
        record.add_outputs(folder, list(folder.iterdir()))
        write_record(folder, record)
