"""Scans to candidates of signatures, and to a folder of crops and overlays if one is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sigforensics.errors import ImageBlank, InputError, NoImages, SigforensicsError
from sigforensics.extraction import Candidate, Levelled, find_on_page, looks_cropped, undithered
from sigforensics.extraction.sheet import MM_PER_INCH, resolution
from sigforensics.scans import Scan, check_exposure, read_scans
from sigforensics.scans.orientation import TRANSPOSED
from sigforensics.settings import Extraction, Levelling, Scanning
from sigforensics.storage import output_folder
from sigforensics.workflows.crops import FoundFolder
from sigforensics.workflows.inputs import expand
from sigforensics.workflows.progress import Progress, SilentProgress
from sigforensics.workflows.skipping import Skips

__all__ = ["FindSettings", "Found", "FoundCandidate", "FoundPage", "find"]

LOOKS_CROPPED = (
    "looks like a signature alone: generate takes it whole, and the finder, made for pages, may miss it"
)


@dataclass(frozen=True, kw_only=True)
class FindSettings:
    """The stages of finding together."""

    scanning: Scanning = field(default_factory=Scanning)
    extraction: Extraction = field(default_factory=Extraction)
    levelling: Levelling = field(default_factory=Levelling)
    page: int | None = None
    """This page alone; all pages of each file if None."""
    as_is: bool = False
    """Crops are left as they are: nothing is removed from them."""


@dataclass(frozen=True)
class FoundCandidate:
    """A place that may bear a signature; pixels are those of the page as it is stored."""

    file: Path
    page: int
    """Counts from 1."""
    left: int
    top: int
    width: int
    height: int
    left_mm: float
    top_mm: float
    width_mm: float
    height_mm: float
    kind: str
    confidence: float
    accepted: bool
    """Whether the confidence reaches the least."""
    crop: str | None = None
    """Picture within the output folder; None where there is none."""
    mask: str | None = None
    removed: str | None = None
    pixels: dict[str, int] | None = None
    """How many pixels of the crop were kept, and how many removed, by what they were."""
    by_colour: bool = False
    """Whether the colour of the ink helped to tell strokes from print."""


@dataclass(frozen=True)
class FoundPage:
    """A page that was looked at."""

    file: Path
    page: int
    pages: int
    """How many the file has."""
    width: int
    """Pixels of the stored page."""
    height: int
    dpi: tuple[float, float]
    """Dots per inch across and down of the stored page, by which its millimetres are reckoned."""
    dpi_stated: bool
    """Whether the file, or the user, states them; else they were estimated."""
    orientation: int
    """EXIF's orientation, 1 to 8, by which the stored page stands upright, as the file says and its print shows."""
    orientation_told: bool
    """Whether its print shows which way it stands."""
    skew: float
    """Degrees by which its print falls to the right once it is upright."""
    candidates: int
    accepted: int
    overlay: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What ``find`` found."""

    folder: Path | None
    min_confidence: float
    pages: tuple[FoundPage, ...]
    candidates: tuple[FoundCandidate, ...]
    """By file and page, best first."""
    skipped: tuple[SigforensicsError, ...]
    """Files, and pages of files, that could not be used."""


def find(
    scans: Sequence[Path],
    output: Path | None = None,
    *,
    settings: FindSettings | None = None,
    overwrite: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
) -> Found:
    """Look for signatures on all pages of some files.

    Parameters
    ----------
    scans : sequence of Path
        Files, or folders of files.
    output : Path, optional
        A new folder for crops and overlays; ``docs/method.md`` describes it.
    settings : FindSettings, optional
    overwrite, strict : bool
        Replace a folder that we made before; stop at the first file or page that cannot be used.
    progress : Progress, optional

    Raises
    ------
    InputError
        If there is only one file, and none of its pages can be used.
    NoImages
        If there are several, and none can be used.
    SigforensicsError
        As the errors module lists them. Other files and pages that cannot be used are skipped and returned.
    """
    settings, progress = settings or FindSettings(), progress or SilentProgress()
    paths = expand(scans)
    skips = Skips(strict=strict, progress=progress)
    if output is None:
        finder = _Finder(settings, skips, None)
        return finder.find(paths, progress)
    with output_folder(output, overwrite=overwrite, inputs=[*scans, *paths]) as making:
        folder = FoundFolder(making)
        finder = _Finder(settings, skips, folder)
        found = replace(finder.find(paths, progress), folder=output)
        folder.write_record(found, scans, paths, finder.hashes, settings)
    return found


class _Finder:
    """Goes through files and pages, and keeps what it finds."""

    def __init__(self, settings: FindSettings, skips: Skips, folder: FoundFolder | None) -> None:
        self.hashes: dict[Path, str] = {}
        self._settings = settings
        self._skips = skips
        self._folder = folder
        self._pages: list[FoundPage] = []
        self._candidates: list[FoundCandidate] = []

    def find(self, paths: Sequence[Path], progress: Progress) -> Found:
        """Look at every page of the files."""
        progress.stage("Finding signatures", len(paths))
        for path in paths:
            self._look_at_file(path, alone=len(paths) == 1)
            progress.advance()
        if not self._pages:
            raise NoImages("the scans", f"none of the {len(paths)} can be used", "see the lines above")
        return Found(
            None,
            self._settings.extraction.min_confidence,
            tuple(self._pages),
            tuple(self._candidates),
            self._skips.errors,
        )

    def _look_at_file(self, path: Path, *, alone: bool) -> None:
        """All pages of a file; where a page cannot be used the others still are."""
        looked_at = len(self._pages)
        failed: list[InputError] = []
        try:
            for scan in read_scans(path, settings=self._settings.scanning, only=self._settings.page):
                self.hashes[path] = scan.source.sha256
                try:
                    self._look_at_page(scan)
                except InputError as error:
                    failed.append(error)
        except InputError as error:
            failed.append(error)  # the pages before it were whole
        if alone and failed and len(self._pages) == looked_at:
            raise failed[0]
        for one in failed:
            self._skips.add(one)

    def _look_at_page(self, scan: Scan) -> None:
        settings = self._settings
        try:
            check_exposure(undithered(scan, settings=settings.levelling), settings=settings.scanning)
        except ImageBlank:
            self._add_page(scan, None, [], ("no ink on it",))
            return
        page, candidates = find_on_page(scan, settings=settings.extraction, levelling=settings.levelling)
        cropped = looks_cropped(scan, settings=settings.extraction)
        self._add_page(scan, page, candidates, (LOOKS_CROPPED,) if cropped else ())

    def _add_page(
        self, scan: Scan, page: Levelled | None, candidates: list[Candidate], notes: tuple[str, ...]
    ) -> None:
        """Note a page and its candidates; ``page`` is None where it is blank."""
        settings = self._settings
        upright = page.scan if page else scan
        shape = (upright.pixels.shape[0], upright.pixels.shape[1])
        turned = upright.orientation in TRANSPOSED
        height, width = shape[::-1] if turned else shape
        upright_dpi = page.dpi if page else resolution(scan, settings=settings.extraction)
        dpi = upright_dpi[::-1] if turned else upright_dpi
        found = [self._candidate(upright, one, shape, dpi) for one in candidates]
        overlay = None
        if self._folder and page:
            overlay, found = self._folder.write_page(page, candidates, found, settings)
        elif self._folder:
            overlay = self._folder.write_blank(scan)
        told = page is not None and page.stand.axis_told and page.stand.way_up_told
        self._candidates += found
        self._pages.append(
            FoundPage(
                file=scan.source.path,
                page=scan.page,
                pages=scan.pages,
                width=width,
                height=height,
                dpi=dpi,
                dpi_stated=upright_dpi == upright.dpi,
                orientation=upright.orientation,
                orientation_told=told,
                skew=page.stand.skew if page else 0.0,
                candidates=len(found),
                accepted=sum(one.accepted for one in found),
                overlay=overlay,
                notes=(*upright.notes, *(page.notes if page else ()), *notes),
            )
        )

    def _candidate(
        self, upright: Scan, one: Candidate, shape: tuple[int, int], dpi: tuple[float, float]
    ) -> FoundCandidate:
        box = one.box.stored(upright.orientation, shape)
        across, down = (MM_PER_INCH / value for value in dpi)
        return FoundCandidate(
            file=upright.source.path,
            page=upright.page,
            left=box.left,
            top=box.top,
            width=box.width,
            height=box.height,
            left_mm=round(box.left * across, 2),
            top_mm=round(box.top * down, 2),
            width_mm=round(box.width * across, 2),
            height_mm=round(box.height * down, 2),
            kind=one.kind,
            confidence=one.confidence,
            accepted=one.confidence >= self._settings.extraction.min_confidence,
            by_colour=one.by_colour,
        )
