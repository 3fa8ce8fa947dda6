"""Scans of signatures to fakes of them, beside the true ones that went through the same last steps."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sigforensics.augmentation import augment, image_rng
from sigforensics.corpus import read_frame
from sigforensics.errors import InputError, SignatureNotFound
from sigforensics.images import ByteImage, FloatImage, bytes_to_unit, ink_to_grey, unit_to_bytes
from sigforensics.png import read_png, synthetic_texts, write_png
from sigforensics.preprocessing import ink_to_target, target_to_edges, targets_to_mask, threshold
from sigforensics.provenance import Record, file_sha256, write_record
from sigforensics.scans import list_images
from sigforensics.settings import Augmentation, Extraction, Forging, Preprocessing, Scanning
from sigforensics.storage import atomic_file, output_folder
from sigforensics.workflows.progress import Progress, SilentProgress
from sigforensics.workflows.taking import Choice, Taken, take_signatures

if TYPE_CHECKING:
    from sigforensics.gan.forger import Forger

__all__ = ["GenerateSettings", "Generated", "expand", "generate", "generate_frame"]

OVERLAY_PIXELS = 1400
"""Longer side of an overlay picture; larger pages are shrunk for looking at."""
SHEET_ROWS = 10
"""Most signatures on the contact sheet; of more, evenly spaced ones are shown."""


@dataclass(frozen=True, kw_only=True)
class GenerateSettings:
    """The stages of generation together. Those of preprocessing come from the generator, but for the resampling."""

    scanning: Scanning = field(default_factory=Scanning)
    extraction: Extraction = field(default_factory=Extraction)
    augmentation: Augmentation = field(default_factory=Augmentation)
    forging: Forging = field(default_factory=Forging)
    choice: Choice = field(default_factory=Choice)


@dataclass(frozen=True)
class Case:
    """One signature that is to be forged."""

    name: str
    target: ByteImage
    edges: ByteImage
    mask: ByteImage
    facts: dict[str, Any]
    """A row of ``signatures.csv``."""


@dataclass(frozen=True)
class Generated:
    """What ``generate`` made."""

    folder: Path
    names: tuple[str, ...]
    """``true/NAME.png`` and ``fake/NAME.png`` exist for each; further variants stand in ``fake-2/`` and so on."""
    generator: str
    """Name and hash of the generator."""
    skipped: tuple[InputError, ...]


def expand(paths: Iterable[Path]) -> list[Path]:
    """Files as given, folders as the images in them, sorted by name."""
    return [file for path in paths for file in (list_images(path) if path.is_dir() else [path])]


def generate(
    scans: Sequence[Path],
    output: Path,
    *,
    settings: GenerateSettings | None = None,
    generator: Path | None = None,
    specimens: Path | None = None,
    overwrite: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
) -> Generated:
    """Find the signatures of scans, prepare them, and forge them.

    Parameters
    ----------
    scans : sequence of Path
        Files, or folders of files.
    output : Path
        A new folder; ``docs/method.md`` describes it.
    settings : GenerateSettings, optional
    generator : Path, optional
        A model file, or a folder that ``train`` made; the bundled generator if None.
    specimens : Path, optional
        A folder of further signatures of the one writer of all scans, for the mask.
    overwrite, strict : bool
        Replace a folder that we made before; stop at the first scan that cannot be used.
    progress : Progress, optional

    Raises
    ------
    SigforensicsError
        As the errors module lists them; single scans that cannot be used are skipped and returned unless ``strict`` or
        none can be used.
    """
    settings = settings or GenerateSettings()
    progress = progress or SilentProgress()
    paths = expand(scans)
    known = expand([specimens]) if specimens else []
    skipped: list[InputError] = []
    with output_folder(output, overwrite=overwrite, inputs=[*paths, *known]) as folder:
        forger = _load(generator, progress)
        chain = forger.card.preprocessing
        further = [_specimen_target(path, settings, chain) for path in known]
        cases = []
        progress.stage("Finding signatures", len(paths))
        names: set[str] = set()
        for path in paths:
            try:
                cases += list(_cases(path, folder, names, further, settings, chain))
            except InputError as error:
                if strict or len(paths) == 1:
                    raise
                skipped.append(error)
                progress.say(f"skipped: {error}")
            progress.advance()
        if not cases:
            raise SignatureNotFound(output, "none of the scans could be used", "see the lines above")
        record = Record(
            command="generate",
            arguments={"scans": list(scans), "specimens": specimens, "generator": forger.path},
            settings={"generate": settings, "preprocessing": chain},
            inputs=[
                {"path": str(path), "sha256": file_sha256(path), "role": role}
                for role, group in (("scan", paths), ("specimen", known))
                for path in group
                if path.is_file()
            ],
            skipped=[{"path": e.where, "reason": e.what, "status": str(e.status)} for e in skipped],
            notes=_mask_notes(further),
        )
        return _forge(cases, folder, output, forger, settings, record, skipped, progress)


def generate_frame(
    data: Path,
    frame: str,
    output: Path,
    *,
    settings: GenerateSettings | None = None,
    generator: Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Generated:
    """Forge a frame of a prepared corpus: its own inputs and masks, augmented ones where the frame has them.

    Rows with a plain and an augmented input of one signature (validation) give the plain one, or with
    ``settings.forging.augmented`` the augmented one.
    """
    settings = settings or GenerateSettings()
    progress = progress or SilentProgress()
    rows = read_frame(data, frame)
    kinds = {row.augmented for row in rows}
    wanted = int(settings.forging.augmented) if len(kinds) > 1 else max(kinds, default=0)
    chosen = [row for row in rows if row.augmented == wanted]
    if not chosen:
        raise SignatureNotFound(data / f"{frame}.csv", "the frame has no rows", "choose another frame")
    with output_folder(output, overwrite=overwrite, inputs=[data / "manifest.csv"]) as folder:
        forger = _load(generator, progress)
        cases = [
            Case(
                f"{row.writer}-{row.sample}",
                read_png(data / row.target),
                read_png(data / row.input),
                read_png(data / row.mask),
                {
                    "writer": row.writer,
                    "source": row.source,
                    "source_sha256": row.source_sha256,
                    "how": f"{frame} frame",
                },
            )
            for row in chosen
        ]
        record = Record(
            command="generate",
            arguments={"data": data, "frame": frame, "augmented": bool(wanted), "generator": forger.path},
            settings={"generate": settings, "preprocessing": forger.card.preprocessing},
            inputs=[
                {
                    "path": str(data / "manifest.csv"),
                    "sha256": file_sha256(data / "manifest.csv"),
                    "role": "manifest",
                }
            ],
            notes=["Masks are those of the prepared corpus: means of training signatures or specimens."],
        )
        return _forge(cases, folder, output, forger, settings, record, [], progress)


def _load(generator: Path | None, progress: Progress) -> Forger:
    progress.stage("Loading the generator", None)
    from sigforensics.gan.forger import load_forger

    if generator is not None and generator.is_dir():
        generator = generator / "generator.safetensors"
    return load_forger(generator)


def _mask_notes(further: Sequence[ByteImage]) -> list[str]:
    if further:
        return [f"The mask of each signature is the mean of itself and {len(further)} further specimen(s)."]
    return ["Each signature is its own mask: no further specimens of the writer were given."]


def _specimen_target(path: Path, settings: GenerateSettings, chain: Preprocessing) -> ByteImage:
    choice = Choice(layout=settings.choice.layout, ink=settings.choice.ink)
    taken = next(
        take_signatures(
            path,
            choice=choice,
            scanning=settings.scanning,
            extraction=settings.extraction,
            preprocessing=chain,
        )
    )
    return ink_to_target(taken.signature.ink, settings=chain)


def _cases(
    path: Path,
    folder: Path,
    names: set[str],
    further: Sequence[ByteImage],
    settings: GenerateSettings,
    chain: Preprocessing,
) -> Iterator[Case]:
    """The signatures of one scan; writes the picture of what was taken."""
    from sigforensics.report.overlay import draw_overlay

    taken_here = take_signatures(
        path,
        choice=settings.choice,
        scanning=settings.scanning,
        extraction=settings.extraction,
        preprocessing=chain,
    )
    for taken in taken_here:
        name = _unique(taken.name, names)
        signature = taken.signature
        overlay = draw_overlay(taken.scan.pixels, taken.candidates, signature.box, longest=OVERLAY_PIXELS)
        write_png(folder / "overlays" / f"{name}.png", overlay, bright=False)
        found = unit_to_bytes(ink_to_grey(signature.ink))
        write_png(folder / "found" / f"{name}.png", found, bright=False)
        target = ink_to_target(signature.ink, settings=chain)
        edges = target_to_edges(target, settings=chain)
        mask = targets_to_mask([target, *further])
        if settings.forging.augmented:
            edges = augment(edges, rng=image_rng(settings.forging.seed, name), settings=settings.augmentation)
        yield Case(name, target, edges, mask, _facts(taken))


def _unique(name: str, names: set[str]) -> str:
    """The name, or the name with the first free number: two scans may have one file name in two folders."""
    unique, number = name, 1
    while unique in names:
        number += 1
        unique = f"{name}~{number}"
    names.add(unique)
    return unique


def _facts(taken: Taken) -> dict[str, Any]:
    signature = taken.signature
    return {
        "source": str(taken.scan.source.path),
        "source_sha256": signature.source_sha256,
        "page": signature.page,
        **asdict(signature.box),
        "confidence": "" if signature.confidence is None else round(signature.confidence, 4),
        "kind": signature.kind,
        "dpi": "" if signature.dpi is None else f"{signature.dpi[0]:g} x {signature.dpi[1]:g}",
        "how": taken.how,
        "background": signature.background,
        "reading": "; ".join(taken.scan.notes),
    }


def _forge(
    cases: Sequence[Case],
    folder: Path,
    output: Path,
    forger: Forger,
    settings: GenerateSettings,
    record: Record,
    skipped: Sequence[InputError],
    progress: Progress,
) -> Generated:
    """Write true, fakes, the contact sheet, the table and the record."""
    variants = settings.forging.variants
    identity = f"{forger.path.stem} {forger.card.sha256[:16]}"
    progress.stage("Forging", len(cases) * variants)
    shown = []
    for case in cases:
        write_png(folder / "true" / f"{case.name}.png", case.target)
        fakes = []
        for variant in range(1, variants + 1):
            fakes.append(_write_fake(case, variant, folder, forger, settings, identity))
            progress.advance()
        shown.append((case.name, [case.target, *fakes[:3]]))
    spaced = np.unique(np.linspace(0, len(shown) - 1, SHEET_ROWS).round().astype(int))
    _write_sheet(folder / "sheet.png", [shown[place] for place in spaced])
    _write_table(folder / "signatures.csv", cases)
    record.notes.append(
        f"true/ and fake/ went through the same last steps: 8 bits, values below {forger.card.preprocessing.threshold} to 0."
    )
    record.results = {
        "signatures": len(cases),
        "variants": variants,
        "generator": {"path": forger.path, "sha256": forger.card.sha256, "network": forger.card.network},
    }
    record.add_outputs(folder, (path for path in folder.rglob("*") if path.is_file()))
    write_record(folder, record)
    return Generated(output, tuple(case.name for case in cases), identity, tuple(skipped))


def _write_fake(
    case: Case, variant: int, folder: Path, forger: Forger, settings: GenerateSettings, identity: str
) -> ByteImage:
    forging = settings.forging
    seeds = None
    if forging.dropout or forging.variants > 1:
        rng = image_rng(forging.seed, case.name, str(variant))
        seeds = rng.integers(np.iinfo(np.int32).max, size=2, dtype=np.int32)
    fake = threshold(
        unit_to_bytes(forger.forge(case.edges, case.mask, seeds=seeds)),
        level=forger.card.preprocessing.threshold,
    )
    place = "fake" if variant == 1 else f"fake-{variant}"
    varied = seeds is not None or forging.augmented
    texts = synthetic_texts(generator=identity, seed=forging.seed if varied else None)
    write_png(folder / place / f"{case.name}.png", fake, texts=texts)
    return fake


def _write_sheet(path: Path, shown: Sequence[tuple[str, list[ByteImage]]]) -> None:
    from sigforensics.report.figures import draw_contact_sheet, save_figure

    columns = ["true", "fake", *(f"fake {number}" for number in range(2, len(shown[0][1])))]
    rows = {name: _cut_to_ink([bytes_to_unit(image) for image in images]) for name, images in shown}
    with atomic_file(path) as temporary:
        save_figure(draw_contact_sheet(rows, columns=columns), temporary)


def _cut_to_ink(images: Sequence[FloatImage]) -> list[FloatImage]:
    """The rows that bear ink in any of the images, with a margin: the square's empty parts say nothing."""
    inked = np.flatnonzero(np.max([image.max(axis=1) for image in images], axis=0))
    if not len(inked):
        return list(images)
    margin = len(images[0]) // 16
    rows = slice(max(inked[0] - margin, 0), inked[-1] + 1 + margin)
    return [image[rows] for image in images]


def _write_table(path: Path, cases: Sequence[Case]) -> None:
    columns = ["name", *cases[0].facts]
    with atomic_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows({"name": case.name, **case.facts} for case in cases)
