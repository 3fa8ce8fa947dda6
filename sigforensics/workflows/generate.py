"""Scans of signatures to fakes of them, beside the true ones that went through the same last steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sigforensics.corpus import read_frame
from sigforensics.corpus.frames import MANIFEST
from sigforensics.errors import CorpusInvalid, NoImages, SigforensicsError
from sigforensics.preprocessing import preprocessing_of
from sigforensics.provenance import Record, read_record, write_record
from sigforensics.settings import Holes, Preprocessing
from sigforensics.storage import output_folder
from sigforensics.workflows.cases import GenerateSettings, ScanCases, frame_cases
from sigforensics.workflows.forging import Generator, forge_cases
from sigforensics.workflows.inputs import expand, input_entry
from sigforensics.workflows.pages import PlacedPages
from sigforensics.workflows.progress import Progress, SilentProgress
from sigforensics.workflows.skipping import Skips, skipped_entries

CARRIED_ON = (
    "Across the holes of the augmented edges, before the generator saw them, {grafted} end(s) of cut strokes go on in a piece of "
    "a specimen, {joins} pair(s) of ends were joined by a rule where they are likely to belong together, and {points} end(s) "
    "brought to a point, in {signatures} of {all} signature(s): see the columns holes to specimens of "
    "signatures.csv. What stands in a hole is not what the signature has there, unless a specimen is another scan of it."
)
OF_SPECIMENS = "Whether specimens are the same writer's is not checked: look at the fakes. --holes rule takes no pieces of them."
OF_NONE = "No hole was filled from a specimen: none was given, or none fits."
NOT_CUT = "The holes of the augmented edges cut no stroke of {all} signature(s) that could be carried on."
LEFT = "The holes of the augmented edges were left to the generator, which bridges hardly any stroke."
ONTO_SCAN = (
    "pages-fake/ and pages-true/ are altered documents: the signature was taken off the page, the paper restored, and a fake, or "
    "the true signature as in true/, put there, in the colour and darkness of the true ink. They differ in nothing but the "
    "generator; neither is the scan. The results state what was changed."
)

__all__ = ["GenerateSettings", "Generated", "generate", "generate_frame"]


@dataclass(frozen=True)
class Generated:
    """What ``generate`` made."""

    folder: Path
    names: tuple[str, ...]
    """``true/NAME.png`` and ``fake/NAME.png`` exist for each; further variants stand in ``fake-2/`` and so on."""
    generator: str
    """Name and hash of the generator."""
    skipped: tuple[SigforensicsError, ...]
    """Files, and pages of files, that could not be used."""
    notes: tuple[str, ...] = ()
    """What a reader must know before using the images."""


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
        A folder of further signatures of the one writer of all scans, for the mask and for holes.
    overwrite, strict : bool
        Replace a folder that we made before; stop at the first scan that cannot be used.
    progress : Progress, optional

    Raises
    ------
    SigforensicsError
        As the errors module lists them. Single scans and specimens that cannot be used are skipped and returned, unless
        ``strict`` is set or there is only one.
    """
    settings = _as_used(settings or GenerateSettings())
    progress = progress or SilentProgress()
    paths, known = expand(scans), expand([specimens] if specimens else [])
    masks = [settings.choice.mask] if settings.choice.mask else []
    inputs = [*scans, *paths, *known, *([specimens] if specimens else []), *masks]
    skips = Skips(strict=strict, progress=progress)
    with output_folder(output, overwrite=overwrite, inputs=inputs) as folder:
        model = Generator(generator)
        batch = ScanCases(
            folder,
            settings=settings,
            chain=model.card.preprocessing,
            skips=skips,
            met_broad_strokes=model.met_broad_strokes,
        )
        batch.read_specimens(known, progress)
        progress.stage("Finding and forging signatures", len(paths))
        pages = PlacedPages(
            folder,
            chain=model.card.preprocessing,
            scanning=settings.scanning,
            placing=settings.placing,
        )
        cases = batch.cases(paths, progress)
        rows = forge_cases(cases, folder, generator=model, settings=settings.forging, pages=pages)
        if not rows:
            raise NoImages("the scans", f"none of the {len(paths)} can be used", "see the lines above")
        record = Record(
            command="generate",
            arguments={"scans": list(scans), "specimens": specimens, "generator": model.path},
            inputs=[
                input_entry(path, role, batch.hashes.get(path))
                for role, group in (("scan", paths), ("specimen", known), ("mask", masks))
                for path in group
            ],
            skipped=skipped_entries(skips.errors),
            notes=[*batch.notes, *([ONTO_SCAN] if pages.facts else [])],
            results={
                "pages": pages.facts,
                "passed_over": skipped_entries(batch.passed_over),
                "two_level_sources": batch.two_level_sources,
                "heavy_jpeg_sources": batch.heavy_jpeg_sources,
                "enlarged_sources": batch.enlarged_sources,
                "black_sources": batch.black_sources,
            },
        )
        return _finish(folder, output, rows, model, settings, record, skips.errors)


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

    Raises
    ------
    CorpusInvalid
        If the corpus was prepared otherwise than the generator's, so that true and fake images would differ in more than the
        generator.
    SigforensicsError
        As reading the corpus and the generator raises it.
    """
    settings = _as_used(settings or GenerateSettings())
    progress = progress or SilentProgress()
    rows = read_frame(data, frame)
    kinds = {row.augmented for row in rows}
    wanted = int(settings.forging.augmented) if len(kinds) > 1 else max(kinds, default=0)
    chosen = [row for row in rows if row.augmented == wanted]
    if not chosen:
        raise NoImages(data / f"{frame}.csv", "the frame has no rows", "choose another frame")
    if settings.forging.augmented and not wanted:
        raise NoImages(
            data / f"{frame}.csv",
            "the frame has no augmented rows",
            "leave --augmented out, or choose another frame",
        )
    settings = replace(settings, forging=replace(settings.forging, augmented=bool(wanted)))
    with output_folder(output, overwrite=overwrite, inputs=[data]) as folder:
        model = Generator(generator)
        notes = _check_chain(data, model.card.preprocessing)
        record = Record(
            command="generate",
            arguments={"data": data, "frame": frame, "augmented": bool(wanted), "generator": model.path},
            inputs=[input_entry(data / MANIFEST, "manifest")],
            notes=[
                "Masks are those of the prepared corpus: means of training signatures or specimens.",
                *notes,
            ],
        )
        progress.stage("Forging", len(chosen))
        cases = frame_cases(data, frame, chosen, settings, progress)
        made = forge_cases(cases, folder, generator=model, settings=settings.forging)
        return _finish(folder, output, made, model, settings, record, ())


def _as_used(settings: GenerateSettings) -> GenerateSettings:
    """The settings as they take effect, for the run and its record: from two variants upward dropout is on."""
    forging = settings.forging
    return replace(settings, forging=replace(forging, dropout=forging.dropout or forging.variants > 1))


def _finish(
    folder: Path,
    output: Path,
    rows: Sequence[Mapping[str, Any]],
    model: Generator,
    settings: GenerateSettings,
    record: Record,
    skipped: Sequence[SigforensicsError],
) -> Generated:
    """Complete and write the record."""
    card = model.card
    if settings.forging.augmented:
        record.notes.append(_holes_note(rows, settings.forging.holes))
    record.settings = {"generate": settings, "preprocessing": card.preprocessing}
    level = card.preprocessing.threshold
    record.notes.append(
        f"true/ and fake/ went through the same last steps: 8 bits, values below {level} to 0."
    )
    record.notes.append(
        f"The folders named fake and pages-fake, and sheet.png, show synthetic signatures by {model.identity} with seed "
        f"{settings.forging.seed}; each of their files says so."
    )
    record.results = {
        **record.results,
        "signatures": len(rows),
        "variants": settings.forging.variants,
        "generator": {"path": model.path, "sha256": card.sha256, "network": card.network},
    }
    record.add_outputs(folder, (path for path in folder.rglob("*") if path.is_file()))
    write_record(folder, record)
    names = tuple(row["name"] for row in rows)
    return Generated(output, names, model.identity, tuple(skipped), tuple(record.notes))


def _holes_note(rows: Sequence[Mapping[str, Any]], how: Holes) -> str:
    """What became of the holes of augmented edges, of the rows of ``signatures.csv``."""
    if how == "leave":
        return LEFT
    counts = [[int(row[column]) for column in ("grafted", "joins", "points")] for row in rows]
    grafted, joins, points = (sum(column) for column in zip(*counts, strict=True))
    if not grafted + joins + points:
        return NOT_CUT.format(all=len(rows))
    signatures = sum(any(one) for one in counts)
    said = CARRIED_ON.format(
        grafted=grafted, joins=joins, points=points, signatures=signatures, all=len(rows)
    )
    if how == "rule":
        return said
    return f"{said} {OF_SPECIMENS if grafted else OF_NONE}"


def _check_chain(data: Path, chain: Preprocessing) -> list[str]:
    """Refuse a corpus of other size or threshold than the generator's; note what else differs."""
    prepared, trained = (
        asdict(settings) for settings in (preprocessing_of(read_record(data), where=data), chain)
    )
    differing = {
        name: f"{name} {prepared[name]} instead of {trained[name]}"
        for name in prepared
        if prepared[name] != trained[name]
    }
    for name in ("size", "threshold"):
        if name in differing:
            advice = f"prepare it with --{name} {trained[name]}, or choose another generator"
            raise CorpusInvalid(
                data, f"was prepared otherwise than the generator's: {differing[name]}", advice
            )
    return [f"The corpus was prepared with {text}." for text in differing.values()]
