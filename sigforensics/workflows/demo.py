"""The whole chain on drawn material: writers are invented, pages drawn, signatures found, forged and compared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sigforensics.images import unit_to_bytes
from sigforensics.png import write_png
from sigforensics.provenance import Record, file_sha256, printable, write_record
from sigforensics.samples import Writer, draw_page, draw_signature, invent_writer
from sigforensics.settings import Demo, Splitting
from sigforensics.statistics import Comparison
from sigforensics.storage import RECORD_NAME, atomic_file, output_folder
from sigforensics.workflows.compare import compare, write_comparison
from sigforensics.workflows.generate import generate, generate_frame
from sigforensics.workflows.prepare import PrepareSettings, prepare
from sigforensics.workflows.progress import Progress, SilentProgress
from sigforensics.workflows.spectra import average_spectra

__all__ = ["Demonstrated", "demo"]

DRAWN = {
    "Description": "Drawn by sigforensics as sample material. Not a scan, and not the hand of any person."
}


@dataclass(frozen=True)
class Demonstrated:
    """What ``demo`` made."""

    folder: Path
    pages: int
    found: int
    """Signatures found on the pages."""
    comparison: Comparison


def demo(
    output: Path, *, settings: Demo | None = None, overwrite: bool = False, progress: Progress | None = None
) -> Demonstrated:
    """Draw sample material and run the whole chain on it with the bundled generator.

    The folders are numbered in the order of the method; ``index.html`` shows what is in them.

    Raises
    ------
    OutputExists
        If the folder is not empty; with ``overwrite``, if sigforensics did not write it.
    """
    settings, progress = settings or Demo(), progress or SilentProgress()
    with output_folder(output, overwrite=overwrite) as folder:
        made = _demonstrate(folder, settings, progress)
        _restate_paths(folder, folder, output)
        record = Record(command="demo", settings={"demo": settings})
        record.results = {"pages": made.pages, "signatures_found": made.found}
        record.add_outputs(folder, (path for path in folder.rglob("*") if path.is_file()))
        write_record(folder, record)
    return replace(made, folder=output)


def _demonstrate(output: Path, settings: Demo, progress: Progress) -> Demonstrated:
    """The chain, as a user would run it command by command."""
    writers = [invent_writer(number, seed=settings.seed) for number in range(1, settings.writers + 1)]
    pages = _draw_pages(output / "1-scans" / "pages", writers, settings, progress)
    _draw_signatures(output / "1-scans" / "signatures", writers, settings, progress)

    found = generate([output / "1-scans" / "pages"], output / "2-found-and-forged", progress=progress)
    splitting = Splitting(by="sample", validation_share=0.0, testing_share=0.0, seed=settings.seed)
    prepare(
        output / "1-scans" / "signatures",
        output / "3-prepared",
        settings=PrepareSettings(splitting=splitting),
        progress=progress,
    )
    generate_frame(output / "3-prepared", "training", output / "4-true-and-fake", progress=progress)
    true, fake = output / "4-true-and-fake" / "true", output / "4-true-and-fake" / "fake"
    average_spectra({"true": true, "fake": fake}, output / "5-spectra", progress=progress)
    compared = compare(true, fake, progress=progress)
    write_comparison(output / "6-comparison", compared)
    _write_index(output, compared.comparison)
    return Demonstrated(output, len(pages), len(found.names), compared.comparison)


def _restate_paths(folder: Path, before: Path, after: Path) -> None:
    """Let the tables and documents of a folder that is to be renamed state the paths that its files will have.

    The hashes that the documents state of the tables follow: tables come first, then documents, and the records last.
    """
    texts = [path for suffix in ("csv", "json") for path in sorted(folder.rglob(f"*.{suffix}"))]
    hashes: dict[str, str] = {}
    for path in sorted(texts, key=lambda text: (text.name == RECORD_NAME, text.suffix == ".json")):
        old_hash, text = file_sha256(path), path.read_text(encoding="utf-8")
        spelt = _in_json if path.suffix == ".json" else _in_csv
        text = text.replace(spelt(before), spelt(after))
        for old, new in hashes.items():
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8", newline="\n")
        hashes[old_hash] = file_sha256(path)


def _in_json(path: Path) -> str:
    return json.dumps(printable(str(path)), ensure_ascii=False)[1:-1]


def _in_csv(path: Path) -> str:
    return printable(str(path)).replace('"', '""')


def _draw_pages(folder: Path, writers: Sequence[Writer], settings: Demo, progress: Progress) -> list[Path]:
    """One page a writer, up to the number of pages."""
    progress.stage("Drawing pages", settings.pages)
    paths = []
    for number in range(1, settings.pages + 1):
        rng = np.random.default_rng([settings.seed, 1, number])
        page = draw_page([writers[(number - 1) % len(writers)]], rng=rng, dpi=settings.page_dpi)
        paths.append(folder / f"page-{number}.png")
        write_png(paths[-1], unit_to_bytes(page.pixels), texts=DRAWN, bright=False, dpi=page.dpi)
        progress.advance()
    return paths


def _draw_signatures(folder: Path, writers: Sequence[Writer], settings: Demo, progress: Progress) -> None:
    progress.stage("Drawing signatures", len(writers) * settings.signatures)
    for place, writer in enumerate(writers):
        for number in range(1, settings.signatures + 1):
            rng = np.random.default_rng([settings.seed, 2, place, number])
            signature = draw_signature(writer, rng=rng, dpi=settings.signature_dpi)
            path = folder / writer.name / f"signature-{number:02d}.png"
            write_png(path, unit_to_bytes(signature), texts=DRAWN, bright=False, dpi=settings.signature_dpi)
            progress.advance()


def _write_index(output: Path, comparison: Comparison) -> None:
    from sigforensics.report.index import demo_page

    with atomic_file(output / "index.html") as temporary:
        temporary.write_text(demo_page(output, comparison), encoding="utf-8")
