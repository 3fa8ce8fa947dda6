"""Two sets of images to a comparison, band by band, with its control."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from sigforensics.audit import AuditEntry, audit_explains, audit_notes, audit_traces
from sigforensics.errors import SigforensicsError
from sigforensics.provenance import Record, file_sha256, to_json, versions, write_record
from sigforensics.scans import ImageSource, inputs_of
from sigforensics.settings import Auditing, Comparing, Scanning
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.statistics import BandDifference, Comparison, compare_sets
from sigforensics.storage import atomic_file, check_output_file, output_folder
from sigforensics.workflows.auditing import audit_images, sampling_notes, write_audit
from sigforensics.workflows.chains import chain_notes
from sigforensics.workflows.checkpoint import Checkpoint, checkpoint_path, checkpoints
from sigforensics.workflows.cluster import cluster_at
from sigforensics.workflows.findings import whole_fields
from sigforensics.workflows.framing import size_notes
from sigforensics.workflows.mapping import NO_MAP, Mapped, map_frequencies, write_map
from sigforensics.workflows.matching import match_sets, shared_error, shared_files
from sigforensics.workflows.progress import Progress, SilentProgress
from sigforensics.workflows.set_names import set_names
from sigforensics.workflows.sets import ImageSet, default_workers, read_set
from sigforensics.workflows.skipping import skipped_entries

__all__ = [
    "SCHEMA",
    "Compared",
    "check_table",
    "compare",
    "comparison_document",
    "kept_reading",
    "write_comparison",
    "write_table",
]

SCHEMA = "sigforensics-compare/1"
"""Of the JSON document of a comparison."""
COLUMNS = tuple(column.name for column in fields(BandDifference))


@dataclass(frozen=True)
class Compared:
    """What ``compare`` found."""

    audit: tuple[AuditEntry, ...]
    """How the acquisition of the sets compares, to be read before anything else."""
    comparison: Comparison
    true: ImageSet
    fake: ImageSet
    settings: Comparing
    spectrum: SpectrumSettings
    writers: Path | None = None
    """The table that told the writers."""
    matching: tuple[str, ...] = ()
    """What a reader must know of where the sets come from, and how their images were set against each other."""
    mapped: Mapped = NO_MAP
    """Single frequencies."""

    @property
    def skipped(self) -> tuple[SigforensicsError, ...]:
        """The inputs of both sets that could not be used."""
        return (*self.true.skipped, *self.fake.skipped)

    @property
    def sources(self) -> list[Path]:
        """What no output may replace or hold."""
        return inputs_of([self.true.folder, self.fake.folder])

    @property
    def notes(self) -> tuple[str, ...]:
        """All that a reader must know before using the figures."""
        sets = (*self.true.notes, *self.fake.notes, *self.matching)
        return (*audit_notes(self.audit), *sets, *self.comparison.notes, *self.mapped.notes)

    @property
    def audited(self) -> str:
        """How many images the audit is of, and how many independent units."""
        one, (first, second) = self.audit[0], self.comparison.names
        images = f"{one.n_true} {first} and {one.n_fake} {second} images"
        return (
            images if one.independent_unit == "image" else f"{images} ({one.n_units} {one.independent_unit}s)"
        )

    @property
    def banner(self) -> str:
        """What every figure must say: the conclusion, and before it what the audit found."""
        explaining = ", ".join(entry.property for entry in self.audit if entry.explains)
        found = (
            f"the acquisition differs ({explaining}), which alone can explain what is shown"
            if explaining
            else "no difference of the acquisition that explains what is shown was found"
        )
        return f"Audit of {self.audited}: {found}. Conclusion: {self.comparison.conclusion.code}."

    @property
    def tables(self) -> list[dict[str, Any]]:
        """What was read beside the images, for the record."""
        if self.writers is None:
            return []
        return [{"table": "writers", "path": str(self.writers), "sha256": file_sha256(self.writers)}]


def compare(
    true: ImageSource,
    fake: ImageSource,
    *,
    scanning: Scanning | None = None,
    spectrum: SpectrumSettings | None = None,
    settings: Comparing | None = None,
    writers: Path | None = None,
    workers: int | None = None,
    strict: bool = False,
    names: tuple[str, str] | None = None,
    checkpoint: Checkpoint | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> Compared:
    """Compare two folders or lists of images.

    Parameters
    ----------
    true, fake : Path or FileList
    scanning, spectrum, settings : settings of the stages, optional
        For ``settings.unit``, see :func:`sigforensics.workflows.matching.match_sets`.
    writers : Path, optional
        A table of who wrote which image.
    workers : int, optional
        Threads; all processors if None.
    strict : bool
    names : pair of str, optional
        What the sets are called; as their folders are, if None: see :func:`sigforensics.workflows.set_names.set_names`.
    checkpoint : Checkpoint, optional
        Where to keep how far the reading of the files is; see :func:`kept_reading`.
    scheduler : str, optional
        Address of a scheduler of dask.distributed whose workers read the files for their spectra; the result is the same.
    progress : Progress, optional

    Raises
    ------
    TooFewImages, CheckpointDiffers, SigforensicsError
    SharedFiles
        If a file is in both sets, byte for byte, and ``settings.leave_out_shared`` is not set.
    """
    scanning, spectrum = scanning or Scanning(), spectrum or SpectrumSettings()
    settings, progress = settings or Comparing(), progress or SilentProgress()
    workers, names = workers or default_workers(), names or set_names(true, fake)
    with cluster_at(scheduler) as cluster:
        one, other = (
            read_set(
                name,
                folder,
                scanning=scanning,
                settings=spectrum,
                workers=workers,
                strict=strict,
                progress=progress,
                checkpoint=checkpoint,
                cluster=cluster,
            )
            for name, folder in zip(names, (true, fake), strict=True)
        )
    shared = shared_files(one, other)
    if shared and not settings.leave_out_shared:
        raise shared_error(one, other, shared)
    matched = match_sets(one, other, settings.unit, writers=writers, without=shared)
    audit = audit_images(
        one, other, matched, scanning=scanning, seed=settings.seed, workers=workers, progress=progress
    )
    progress.stage("Permuting and resampling", None)
    with threadpool_limits(1, user_api="blas"):  # many small products: threads would wait for each other
        comparison = compare_sets(
            one.spectrum.band_features[matched.true],
            other.spectrum.band_features[matched.fake],
            edges=one.spectrum.band_edges,
            paired=matched.paired,
            units_true=matched.writers_true,
            units_fake=matched.writers_fake,
            acquisition_differs=audit_explains(audit),
            known_writers=matched.known_writers,
            traces=audit_traces(audit),
            names=names,
            settings=settings,
            rng=np.random.default_rng(settings.seed),
        )
        mapped = NO_MAP
        if settings.frequency_map:
            mapped = map_frequencies(
                one,
                other,
                matched,
                scanning=scanning,
                spectrum=spectrum,
                settings=settings,
                workers=workers,
                progress=progress,
            )
    sizes = size_notes(dict(zip(names, (one.shapes, other.shapes), strict=True)))
    notes = (*sampling_notes(audit, comparison), *chain_notes(one, other), *sizes, *matched.notes)
    return Compared(audit, comparison, one, other, settings, spectrum, writers, notes, mapped)


@contextmanager
def kept_reading(
    true: ImageSource,
    fake: ImageSource,
    output: Path | None,
    *,
    scanning: Scanning,
    spectrum: SpectrumSettings,
    resume: bool,
    overwrite: bool,
    progress: Progress,
) -> Iterator[Checkpoint]:
    """Around a comparison and the writing of its results: how far the reading is stays beside ``output`` if it is interrupted.

    See :func:`sigforensics.workflows.checkpoint.checkpoints`.
    """
    path = checkpoint_path(output) if output else None
    identity = {
        "scanning": scanning,
        "spectrum": replace(spectrum, memory=0.0),
        "sets": {"true": str(true), "fake": str(fake)},
    }
    with checkpoints(path, identity, resume=resume, overwrite=overwrite, progress=progress) as checkpoint:
        yield checkpoint


def comparison_document(compared: Compared) -> dict[str, Any]:
    """The JSON document of a comparison; its schema is described in ``docs/compare-json.md``."""
    comparison = asdict(compared.comparison) | whole_fields(compared.comparison)
    document = {
        "schema": SCHEMA,
        "true": str(compared.true.folder),
        "fake": str(compared.fake.folder),
        "audit": [asdict(entry) for entry in compared.audit],
        **comparison,
        "map": compared.mapped.map and compared.mapped.map.summary(),
        "map_unavailable": compared.mapped.unavailable,
        "notes": compared.notes,
        "floor": compared.spectrum.floor,
        "seed": compared.settings.seed,
        "shape": compared.true.spectrum.shape,
        "inputs": {"true": compared.true.inputs, "fake": compared.fake.inputs},
        "skipped": skipped_entries(compared.skipped),
        "versions": versions(),
    }
    result: dict[str, Any] = to_json(document)
    return result


def check_table(path: Path, *, overwrite: bool, inputs: Sequence[Path] = ()) -> None:
    """Refuse a table's place that is not free; a table of ours is known by its columns.

    Raises
    ------
    OutputExists, OutputHoldsInputs
    """
    check_output_file(path, overwrite=overwrite, ours=_is_our_table, inputs=inputs)


def write_table(path: Path, compared: Compared, *, overwrite: bool = False) -> None:
    """A CSV file with a row a band."""
    check_table(path, overwrite=overwrite, inputs=compared.sources)
    with atomic_file(path) as temporary:
        _write_bands(temporary, compared.comparison)


def _is_our_table(path: Path) -> bool:
    header = ",".join(COLUMNS).encode()
    with path.open("rb") as stream:
        return stream.readline(len(header) + 2).rstrip(b"\r\n") == header


def _write_bands(path: Path, comparison: Comparison) -> None:
    """One row a band, with the columns of :class:`sigforensics.statistics.BandDifference`."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(band) for band in comparison.bands)


def write_comparison(output: Path, compared: Compared, *, overwrite: bool = False) -> None:
    """A folder with the figures, the tables, the numbers of the map, the JSON document and the record."""
    from sigforensics.report.figures import draw_comparison, draw_frequency_map, save_figure

    with output_folder(output, overwrite=overwrite, inputs=compared.sources) as folder:
        save_figure(draw_comparison(compared.comparison, banner=compared.banner), folder / "comparison.png")
        if compared.mapped.map is not None:
            figure = draw_frequency_map(
                compared.mapped.map,
                names=compared.comparison.names,
                banner=f"{compared.mapped.caption} {compared.banner}".strip(),
            )
            save_figure(figure, folder / "map.png")
            write_map(folder / "map.npz", compared.mapped.map)
        write_audit(folder / "audit.csv", compared.audit)
        _write_bands(folder / "bands.csv", compared.comparison)
        document = json.dumps(comparison_document(compared), indent=2, ensure_ascii=False, allow_nan=False)
        (folder / "comparison.json").write_text(document + "\n", encoding="utf-8")
        record = Record(
            command="compare",
            arguments={"true": str(compared.true.folder), "fake": str(compared.fake.folder)},
            settings={
                "auditing": Auditing(),
                "comparing": compared.settings,
                "spectrum": compared.spectrum,
            },
            inputs=[
                {"set": name, **entry}
                for name, images in (("true", compared.true), ("fake", compared.fake))
                for entry in images.inputs
            ]
            + compared.tables,
            skipped=skipped_entries(compared.skipped),
            notes=list(compared.notes),
        )
        record.add_outputs(folder, list(folder.iterdir()))
        write_record(folder, record)
