"""Scans, or the rows of a prepared corpus, to the cases that a generator forges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from sigforensics.audit import heavily_compressed
from sigforensics.augmentation import draw_distortion, image_rng
from sigforensics.corpus import Row, read_averaged
from sigforensics.corpus.layouts import safe_name
from sigforensics.errors import ImageBlank, InputError, SignatureNotFound, SpecimensMissing
from sigforensics.extraction import UNSEPARATED, Signature
from sigforensics.images import ByteImage, FloatImage, count_levels, ink_to_grey, unit_to_bytes
from sigforensics.png import read_png, write_png
from sigforensics.preprocessing import (
    dark_ink,
    ink_to_target,
    paper_map,
    preprocessing_of,
    target_to_edges,
    targets_to_mask,
)
from sigforensics.provenance import printable, read_record
from sigforensics.settings import (
    Auditing,
    Augmentation,
    Bridging,
    Extraction,
    Forging,
    Grafting,
    Levelling,
    Placing,
    Preprocessing,
    Scanning,
)
from sigforensics.workflows.holes import Named, carry_on, distortion_of
from sigforensics.workflows.naming import file_name, unique_name
from sigforensics.workflows.pages import Spot, spot_of
from sigforensics.workflows.progress import Progress
from sigforensics.workflows.skipping import Skips
from sigforensics.workflows.taking import Choice, Taken, take_signatures

__all__ = ["Case", "GenerateSettings", "ScanCases", "frame_cases"]

BROAD_STROKES = (
    "--generator cedar-16-varied often draws thick and black strokes better, for a price: detectors find its fakes more easily, "
    "and faint strokes come out too dark (sigforensics generators cedar-16-varied)."
)
"""What may help where strokes are thicker or blacker than those that the default has learnt from."""
OVERLAY_PIXELS = 1400
"""Longer side of an overlay picture; larger pages are shrunk for looking at."""


@dataclass(frozen=True)
class Case:
    """One signature that is to be forged."""

    name: str
    """Of its files; unique."""
    target: ByteImage
    edges: ByteImage
    mask: ByteImage
    paper: FloatImage
    """How specked the true scan's paper is: see :func:`sigforensics.preprocessing.paper_map`."""
    facts: Mapping[str, Any]
    """A row of ``signatures.csv``."""
    spot: Spot | None = None
    """Where it stands on a page, if fakes are to be put there."""


@dataclass(frozen=True, kw_only=True)
class GenerateSettings:
    """The stages of generation together. Those of preprocessing come from the generator: it was trained with them."""

    scanning: Scanning = field(default_factory=Scanning)
    extraction: Extraction = field(default_factory=Extraction)
    levelling: Levelling = field(default_factory=Levelling)
    augmentation: Augmentation = field(default_factory=Augmentation)
    bridging: Bridging = field(default_factory=Bridging)
    grafting: Grafting = field(default_factory=Grafting)
    forging: Forging = field(default_factory=Forging)
    placing: Placing = field(default_factory=Placing)
    choice: Choice = field(default_factory=Choice)


class ScanCases:
    """Scans on their way to cases: with the writer's specimens, the hashes of what was read, and what was left out.

    Parameters
    ----------
    folder : Path
        Where the pictures of what was taken go: ``overlays/`` and ``found/``.
    settings : GenerateSettings
    chain : Preprocessing
        Of the generator.
    skips : Skips
        Takes the files and pages that cannot be used.
    met_broad_strokes : bool
        Whether the generator was trained on enlarged signatures, too.
    """

    def __init__(
        self,
        folder: Path,
        *,
        settings: GenerateSettings,
        chain: Preprocessing,
        skips: Skips,
        met_broad_strokes: bool = False,
    ) -> None:
        self._met_broad_strokes = met_broad_strokes
        self.hashes: dict[Path, str] = {}
        self.passed_over: list[InputError] = []
        """Pages of files of several that bear no signature."""
        self.two_level_sources = 0
        """Signatures from scans of two grey levels."""
        self.heavy_jpeg_sources = 0
        """Signatures from heavily compressed JPEG."""
        self.unseparated = 0
        """Boxes of the user in which print and lines are hardly told from a signature."""
        self.enlarged_sources = 0
        """Signatures of few pixels."""
        self.black_sources = 0
        """Signatures whose ink is blacker than any that the bundled generators but one have learnt from."""
        self._folder = folder
        self._settings = settings
        self._chain = chain
        self._skips = skips
        self._names: set[str] = set()
        self._specimens: dict[tuple[str, int], Named] = {}
        self._rivalled = 0
        self._masked = ""

    def read_specimens(self, paths: Sequence[Path], progress: Progress) -> None:
        """The targets of all signatures of the writer's further files, one a page.

        Raises
        ------
        InputError
            If there is only one file, and it cannot be used.
        SpecimensMissing
            If there are several, and none gives a signature.
        """
        if not paths:
            return
        progress.stage("Reading specimens", len(paths))
        choice = replace(self._settings.choice, page=None, box=None, mask=None, every=False)
        for path in paths:
            for taken in self._take(path, choice, alone=len(paths) == 1):
                self._specimens[_origin(taken)] = self._specimen(taken)
            progress.advance()
        if not self._specimens:
            raise SpecimensMissing(
                "the specimens", f"none of the {len(paths)} can be used", "see the lines above"
            )

    def cases(self, paths: Sequence[Path], progress: Progress) -> Iterator[Case]:
        """Every signature that is taken from the scans; writes a picture of what was taken.

        Raises
        ------
        InputError
            If there is only one scan, and it cannot be used.
        """
        for path in paths:
            for taken in self._take(path, self._settings.choice, alone=len(paths) == 1):
                yield self._case(taken)
            progress.advance()

    @property
    def notes(self) -> list[str]:
        """What a reader must know of the cases that have come."""
        notes = [self._mask_note(), *([self._masked] if self._masked else [])]
        if self._rivalled:
            notes.append(
                f"On {self._rivalled} page(s) other candidates are confident enough, too: look at overlays/, and take them "
                "with --box or --all if the wrong one was taken."
            )
        if self.passed_over:
            notes.append(
                f"{len(self.passed_over)} page(s) gave no signature; the record lists them as passed over."
            )
        if self.two_level_sources:
            notes.append(
                f"{self.two_level_sources} signature(s) come from scans of two grey levels: the levels of their true images "
                "were made by resizing, and cannot bear on artefacts in the grey levels."
            )
        if self.heavy_jpeg_sources:
            notes.append(
                f"{self.heavy_jpeg_sources} signature(s) come from heavily compressed JPEG (quality "
                f"{Auditing().heavy_jpeg} or less): their true images cannot bear on artefacts in the grey levels."
            )
        if self.unseparated:
            notes.append(
                f"In {self.unseparated} box(es) hardly any ink is left without print and lines: all of it was kept. Look at "
                "overlays/ whether it is a signature."
            )
        if self.enlarged_sources:
            notes.append(
                f"{self.enlarged_sources} signature(s) were enlarged more than {self._settings.forging.enlarged:g} times to the "
                f"generator's size (column enlarged of signatures.csv): {self._broad_strokes}, and grey levels between the "
                "scan's own were made by resizing. Scan at a higher resolution."
            )
        if self._met_broad_strokes:
            return notes
        if self.black_sources:
            notes.append(
                f"The ink of {self.black_sources} signature(s) is blacker than any that the bundled generators but one have "
                f"learnt from (column dark_ink of signatures.csv, above {self._settings.forging.darkest:g}): it may come "
                "out grey."
            )
        if self.enlarged_sources or self.black_sources:
            notes.append(BROAD_STROKES)
        return notes

    @property
    def _broad_strokes(self) -> str:
        if self._met_broad_strokes:
            return "the thickest strokes may be welded or have grey patches, and faint ones come out too dark"
        return "strokes thicker than any it has learnt from come out grey or hollow"

    def _mask_note(self) -> str:
        if not self._specimens:
            return "Each signature is its own mask: no further specimens of the writer were given."
        return (
            f"The mask of each signature is the mean of itself and {len(self._specimens)} further specimen(s) of the "
            "writer; a specimen that is the signature itself counts once."
        )

    def _take(self, path: Path, choice: Choice, *, alone: bool) -> Iterator[Taken]:
        """The signatures of a file. Pages that bear none are noted; what else cannot be used is skipped."""
        settings = self._settings
        try:
            for taken in take_signatures(
                path,
                choice=choice,
                scanning=settings.scanning,
                extraction=settings.extraction,
                levelling=settings.levelling,
                preprocessing=self._chain,
            ):
                if isinstance(taken, Taken):
                    self.hashes[path] = taken.signature.source_sha256
                    yield taken
                elif isinstance(taken, ImageBlank | SignatureNotFound):
                    self.passed_over.append(taken)
                else:
                    self._skips.add(taken)
        except InputError as error:
            if alone:
                raise
            self._skips.add(error)

    def _specimen(self, taken: Taken) -> Named:
        page = taken.signature.page
        where = printable(str(taken.scan.source.path)) + (f" page {page}" if page > 1 else "")
        return Named(where, self._target(taken))

    def _target(self, taken: Taken) -> ByteImage:
        return ink_to_target(taken.signature.on_white, settings=self._chain)

    def _case(self, taken: Taken) -> Case:
        settings, name = self._settings, unique_name(file_name(taken.name), self._names)
        self._write_pictures(name, taken)
        self._rivalled += taken.rivals > 0
        self.two_level_sources += count_levels(taken.scan.pixels) == 2
        self.heavy_jpeg_sources += heavily_compressed(taken.scan)
        self.unseparated += taken.signature.background == UNSEPARATED
        self._masked = taken.signature.background if settings.choice.mask else ""
        enlarged = round(self._chain.size / max(taken.signature.ink.shape), 2)  # as the table states it
        self.enlarged_sources += enlarged > settings.forging.enlarged
        target = self._target(taken)
        darkness = round(dark_ink(target, dark=settings.forging.dark), 2)
        self.black_sources += darkness > settings.forging.darkest
        more: dict[str, Any] = {"enlarged": f"{enlarged:.2f}", "dark_ink": f"{darkness:.2f}"}
        further = [one for origin, one in self._specimens.items() if origin != _origin(taken)]
        edges = target_to_edges(target, settings=self._chain)
        paper = paper_map(target, edges)
        if settings.forging.augmented:
            rng = image_rng(settings.forging.seed, name)
            distortion = draw_distortion(len(edges), rng=rng, settings=settings.augmentation)
            edges, carried_on = carry_on(
                distortion.apply(edges),
                target,
                distortion,
                further,
                rng=rng,
                how=settings.forging.holes,
                chain=self._chain,
                bridging=settings.bridging,
                grafting=settings.grafting,
            )
            more |= carried_on
        mask = targets_to_mask([target, *(one.target for one in further)])
        spot = spot_of(taken, settings.extraction) if settings.forging.onto_scan else None
        return Case(name, target, edges, mask, paper, {**_facts(taken), **more}, spot)

    def _write_pictures(self, name: str, taken: Taken) -> None:
        """The page with what was taken from it, and the signature as it was cut out."""
        from sigforensics.report.overlay import draw_overlay

        scan, signature = taken.scan, taken.signature
        overlay = draw_overlay(
            scan.pixels, taken.candidates, [signature.box], longest=OVERLAY_PIXELS, dpi=scan.dpi
        )
        write_png(self._folder / "overlays" / f"{name}.png", overlay, bright=False)
        found = unit_to_bytes(ink_to_grey(signature.ink))
        write_png(self._folder / "found" / f"{name}.png", found, bright=False)


def frame_cases(
    data: Path, frame: str, rows: Sequence[Row], settings: GenerateSettings, progress: Progress
) -> Iterator[Case]:
    """The rows of a frame of a prepared corpus, with their own inputs and masks.

    Raises
    ------
    FileUnreadable
        If a picture cannot be read.
    TableInvalid
        If the corpus' record is not that of ``prepare``, or an augmented picture has ink where that says its holes are.
    """
    names: set[str] = set()
    record = read_record(data)
    grafts = settings.forging.holes == "graft" and any(row.augmented for row in rows)
    averaged = read_averaged(data) if grafts else {}
    specimens: dict[str, list[Named]] = {}
    chain = preprocessing_of(record, where=data)
    for row in rows:
        facts = {
            "writer": printable(row.writer),
            "source": printable(row.source),
            "source_sha256": row.source_sha256,
            "how": f"{frame} frame",
        }
        target, edges, mask = (read_png(data / place) for place in (row.target, row.input, row.mask))
        if row.augmented and settings.forging.holes != "leave":
            if row.mask not in specimens:  # rows of a writer follow each other: no other writer's are kept
                specimens = {
                    row.mask: [
                        Named(printable(one.sample), read_png(data / one.target))
                        for one in averaged.get(row.mask, ())
                    ]
                }
            distortion, rng = distortion_of(data, row, edges, record)
            edges, more = carry_on(
                edges,
                target,
                distortion,
                specimens[row.mask],
                rng=rng,
                how=settings.forging.holes,
                chain=chain,
                bridging=settings.bridging,
                grafting=settings.grafting,
            )
            facts |= more
        paper = paper_map(target, target_to_edges(target, settings=chain))
        yield Case(
            unique_name(safe_name(f"{row.writer}-{row.sample}"), names), target, edges, mask, paper, facts
        )
        progress.advance()


def _origin(taken: Taken) -> tuple[str, int]:
    return taken.signature.source_sha256, taken.signature.page


def _facts(taken: Taken) -> dict[str, Any]:
    signature = taken.signature
    return {
        "source": printable(str(taken.scan.source.path)),
        "source_sha256": signature.source_sha256,
        "page": signature.page,
        **asdict(taken.stored_box),
        "confidence": "" if signature.confidence is None else round(signature.confidence, 4),
        "rivals": taken.rivals,
        "kind": signature.kind,
        "dpi": "" if signature.dpi is None else f"{signature.dpi[0]:g} x {signature.dpi[1]:g}",
        "how": taken.how,
        "background": _background(signature),
        "reading": "; ".join(taken.notes),
    }


def _background(signature: Signature) -> str:
    ground = f"{signature.ground:.2f}"
    if signature.soft is None or float(ground) == 0:
        return signature.background
    return (
        f"{signature.background} found/ shows that. For true/ and the fakes, the ink value of the paper, {ground}, was taken off "
        "the soft borders beside the ink."
    )
