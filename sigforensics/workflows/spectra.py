"""Sets of images to averaged spectra: figures and the numbers that they draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from threadpoolctl import threadpool_limits

from sigforensics.images import FloatImage, grey_to_ink
from sigforensics.marking import sheet_texts
from sigforensics.png import png_texts
from sigforensics.provenance import Record, file_sha256, write_record
from sigforensics.scans import ImageSource, inputs_of, read_scan
from sigforensics.settings import Comparing, PixelChange, Scanning
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.storage import RECORD_NAME
from sigforensics.workflows.chains import source_notes
from sigforensics.workflows.checkpoint import checkpoint_path, checkpoints
from sigforensics.workflows.cluster import cluster_at
from sigforensics.workflows.differences import SetDifference, find_differences, match_to_first
from sigforensics.workflows.framing import Framing
from sigforensics.workflows.progress import Progress, SilentProgress
from sigforensics.workflows.sets import ImageSet, default_workers, read_sets
from sigforensics.workflows.skipping import skipped_entries
from sigforensics.workflows.spectra_files import (
    NUMBERS,
    PEAK_TABLE,
    PROFILE_TABLE,
    Places,
    numbers,
    places_for,
    write_peaks,
    write_profiles,
)
from sigforensics.workflows.upsampling import SetPeaks, find_peaks

__all__ = ["Averaged", "average_spectra"]

ERRORS_NOTE = (
    "Standard errors of a set's own profiles are over its images, as if each were independent. The intervals of differences "
    "are over the independent units, for each band by itself; p-values, corrected for all bands, are what compare finds."
)
PEAKS_NOTE = (
    "A peak at a place of up-sampling is no proof of it: JPEG's blocks leave peaks at multiples of 1/8 cycles per pixel, and "
    "scanners at 1/2. What true images of the same chain show is the measure."
)
EXAMPLES = 6
"""Images of a set on the contact sheet."""
EXAMPLE_SIDE = 480
"""Pixels: longer side of an image on it."""


@dataclass(frozen=True)
class Averaged:
    """What ``spectra`` made."""

    files: tuple[Path, ...]
    sets: Mapping[str, ImageSet]
    peaks: tuple[SetPeaks, ...]
    differences: tuple[SetDifference, ...]
    framing: Framing
    notes: tuple[str, ...]
    """What a reader must know of all sets together."""


def average_spectra(
    folders: Mapping[str, ImageSource],
    output: Path,
    *,
    scanning: Scanning | None = None,
    settings: SpectrumSettings | None = None,
    testing: Comparing | None = None,
    pixels: PixelChange | None = None,
    per_millimetre: bool = False,
    formats: Sequence[str] = (),
    workers: int | None = None,
    overwrite: bool = False,
    strict: bool = False,
    resume: bool = False,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> Averaged:
    """Average the log-spectra of one or more sets, draw them on one scale, and write every number drawn.

    Parameters
    ----------
    folders : mapping of str to Path or FileList
        The sets by name, in the order in which they are drawn; differences are each set less the first.
    output : Path
        A new folder; or a figure's name ending in .png, .pdf or .svg, beside which the other files go.
    scanning, settings : settings of the stages, optional
    testing : Comparing, optional
        Permutations and intervals of peaks and differences.
    pixels : {"pad", "crop", "resize"}, optional
        Bring images of different sizes to one by their pixels. Without it their spectra are averaged onto common frequencies.
    per_millimetre : bool
        Frequencies in cycles per millimetre, by the resolutions that the files state.
    formats : sequence of str
        ``png``, ``pdf``, ``svg``.
    workers : int, optional
        Threads; all processors if None. They have no influence on the figures.
    overwrite, strict : bool
    resume : bool
        Go on from the checkpoint that an interrupted run left beside the output, if there is one. The result is the same, to
        the last bit.
    scheduler : str, optional
        Address of a scheduler of dask.distributed whose workers read the files; the result is the same.
    progress : Progress, optional

    Raises
    ------
    CheckpointDiffers
        If the checkpoint is of another run, or a file that was read has changed.
    ClusterUnusable, PackageMissing
        If there is a scheduler and it, or one of its workers, cannot be used.
    ResolutionMissing
        If frequencies per millimetre are asked for and a file states no resolution.
    ValueError
        If there is no set, or pixels are to be resized and frequencies to be per millimetre.
    SigforensicsError
        As reading the sets raises it.
    """
    if not folders or (pixels == "resize" and per_millimetre):
        raise ValueError("no set, or frequencies per millimetre of images whose pixels are resized")
    scanning, settings = scanning or Scanning(), settings or SpectrumSettings()
    testing, progress = testing or Comparing(), progress or SilentProgress()
    inputs = inputs_of(list(folders.values()))
    identity = {
        "scanning": scanning,
        "spectrum": replace(settings, memory=0.0),
        "options": {"pixels": pixels, "per_millimetre": per_millimetre},
        "sets": {name: str(folder) for name, folder in folders.items()},
    }
    with (
        places_for(output, formats=formats, sets=folders, overwrite=overwrite, inputs=inputs) as places,
        checkpoints(
            checkpoint_path(output), identity, resume=resume, overwrite=overwrite, progress=progress
        ) as checkpoint,
        cluster_at(scheduler) as cluster,
    ):
        sets, framing = read_sets(
            folders,
            scanning=scanning,
            settings=settings,
            workers=workers or default_workers(),
            strict=strict,
            progress=progress,
            pixels=pixels,
            per_millimetre=per_millimetre,
            checkpoint=checkpoint,
            cluster=cluster,
        )
        sets = {name: replace(one, notes=(*one.notes, *_sources(name, one))) for name, one in sets.items()}
        progress.stage("Testing peaks", None)
        matches = match_to_first(sets, testing)
        with threadpool_limits(1, user_api="blas"):  # many small products: threads would wait for each other
            differences, matching = find_differences(sets, matches, settings=testing)
            peaks, untested = find_peaks(sets, matches, settings=testing, peaks=settings.peaks)
        notes = (
            *framing.notes,
            *matching,
            *untested,
            *((PEAKS_NOTE,) if any(one.test.risen for one in peaks) else ()),
        )
        progress.stage("Drawing", None)
        _draw(places, sets, peaks, differences, framing, scanning)
        with places.open(NUMBERS).open("wb") as stream:
            np.savez_compressed(
                stream, allow_pickle=False, **numbers(sets, peaks, differences, settings.peaks.periods)
            )
        write_profiles(places.open(PROFILE_TABLE), sets, differences)
        write_peaks(places.open(PEAK_TABLE), peaks)
        stages = {"scanning": scanning, "spectrum": settings, "comparing": testing}
        options = {"pixels": pixels, "per_millimetre": per_millimetre}
        _write_record(places, sets, peaks, framing, notes, stages, options)
    return Averaged(places.paths(), sets, peaks, differences, framing, notes)


def _sources(name: str, images: ImageSet) -> list[str]:
    """What is known of the scans that a set was made from."""
    return [f"the set {name}: {note}" for note in source_notes(images)]


def _draw(
    places: Places,
    sets: Mapping[str, ImageSet],
    peaks: Sequence[SetPeaks],
    profiles: Sequence[SetDifference],
    framing: Framing,
    scanning: Scanning,
) -> None:
    from sigforensics.report.figures import (
        draw_contact_sheet,
        draw_peaks,
        draw_profiles,
        draw_set,
        draw_spectra,
        save_figure,
    )

    spectra = {name: images.spectrum for name, images in sets.items()}
    excess = {one.name: one.test for one in peaks if one.less is None}
    differences = {one.name: one.test for one in peaks if one.less is not None}
    first = next(iter(sets))
    figures = {
        "spectra": draw_spectra(spectra, peaks=excess, differences=differences, caption=framing.caption),
        "profiles": draw_profiles(
            spectra, {one.name: one.profiles for one in profiles}, caption=framing.caption
        ),
    }
    if peaks:
        figures["peaks"] = draw_peaks(excess, differences, first=first, caption=framing.caption)
    figures |= {f"set-{name}": draw_set(spectra, name, caption=framing.caption) for name in spectra}
    for stem, figure in figures.items():
        for path in places.figures(stem):
            save_figure(figure, path)
    shown = {name: _examples(images) for name, images in sets.items()}
    rows = {
        f"{name}\n(n = {sets[name].spectrum.n})": [_example(path, framing, scanning) for path in paths]
        for name, paths in shown.items()
    }
    sheet = draw_contact_sheet(rows, title=framing.caption if framing.pixels else "")
    texts = _stated([path for paths in shown.values() for path in paths])
    for path in places.figures("sheet"):
        save_figure(sheet, path, texts=texts)


def _examples(images: ImageSet) -> list[Path]:
    """Some images of a set, evenly spaced in their order."""
    spaced = np.unique(np.linspace(0, len(images.paths) - 1, EXAMPLES).round().astype(int))
    return [images.paths[index] for index in spaced]


def _example(path: Path, framing: Framing, scanning: Scanning) -> FloatImage:
    """An image as its spectrum was taken, small enough for a sheet, as ink."""
    image = framing.change(read_scan(path, settings=scanning).pixels)
    scale = EXAMPLE_SIDE / max(image.shape)
    if scale < 1:
        height, width = (max(1, round(side * scale)) for side in image.shape)
        image = np.clip(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), 0, 1)
    return grey_to_ink(image)


def _stated(paths: Sequence[Path]) -> dict[str, str]:
    """What a picture of these images must say of itself: that there are synthetic ones among them, if they say so."""
    synthetic = [texts for texts in map(png_texts, paths) if texts.get("sigforensics:synthetic")]
    if not synthetic:
        return {}
    generators = sorted({texts.get("sigforensics:generator", "unknown") for texts in synthetic})
    seed = synthetic[0].get("sigforensics:seed", "")
    return sheet_texts(generator=", ".join(generators), seed=int(seed) if seed.isdigit() else 0)


def _write_record(
    places: Places,
    sets: Mapping[str, ImageSet],
    peaks: Sequence[SetPeaks],
    framing: Framing,
    notes: Sequence[str],
    stages: Mapping[str, Any],
    options: Mapping[str, Any],
) -> None:
    record = Record(
        command="spectra",
        arguments={"sets": {name: str(images.folder) for name, images in sets.items()}, **options},
        settings=stages,
        inputs=(entry for name, images in sets.items() for entry in images.named(set=name)),
        outputs=[
            {"path": places.name(plain).name, "sha256": file_sha256(path)}
            for plain, path in places.made.items()
        ],
        skipped=skipped_entries(error for images in sets.values() for error in images.skipped),
        notes=[*(note for images in sets.values() for note in images.notes), *notes, ERRORS_NOTE],
        results={
            "sets": {
                name: {"n": images.spectrum.n, "shape": images.spectrum.shape}
                for name, images in sets.items()
            },
            "grid": asdict(next(iter(sets.values())).spectrum.grid),
            "pixels": {"change": framing.pixels, "shape": framing.shape},
            "peaks": [asdict(one) for one in peaks],
        },
    )
    path = places.open(RECORD_NAME)
    write_record(path.parent, record, name=path.name)
