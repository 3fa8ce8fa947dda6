"""``sigforensics find``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sigforensics.cli import options
from sigforensics.cli.console import STDOUT, check_json_target, console_progress, emit_json, emit_text
from sigforensics.cli.evaluation import evaluate
from sigforensics.errors import SignatureNotFound, SkippedInputs
from sigforensics.settings import Extraction, Scanning

if TYPE_CHECKING:
    from sigforensics.workflows.find import Found, FoundCandidate

__all__ = ["find"]

SCHEMA = "sigforensics-find/1"
"""Of the document that ``--json`` writes."""
FIND, SCAN = Extraction(), Scanning()
COLUMNS = "{:>4}  {:24}  {:28}  {:10}  {:>10}  {}"


@click.command(short_help="Find signatures on scans.")
@options.path_argument("scans", nargs=-1)
@click.option(
    "-o", "--output", type=options.PATH, help="A folder to make, with crops, masks, overlays and a record."
)
@click.option("--as-is", is_flag=True, help="With -o: leave the crops as the page is; remove nothing.")
@click.option("--page", type=click.IntRange(1), help="Look at this page alone.  [default: all pages]")
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    default=FIND.min_confidence,
    help="Accept no candidate below this.",
)
@click.option(
    "--evaluate",
    "tables",
    type=options.PATH,
    multiple=True,
    help="In place of SCANS: a CSV table of pages and of the boxes of their signatures (docs/method.md, section 2), on which the "
    "finder is measured. May be given several times: the boxes of all count. With -o, failures/ has the pages with a miss or a "
    "false find.",
)
@options.dpi
@options.ink
@options.pdf_dpi
@options.max_megapixels
@click.option(
    "--exit-on",
    type=click.Choice(["nothing"]),
    help="Make it the exit status (23) if no candidate is accepted on any page.",
)
@options.overwrite
@options.strict
@options.json_target
@options.quiet
def find(scans: tuple[Path, ...], output: Path | None, tables: tuple[Path, ...], **choices: Any) -> None:
    """Find the handwritten signatures and initials on scans, and say how sure that is.

    SCANS are PNG, JPEG, TIFF or PDF files, or folders of them; every page of each is looked at. Pages may lie on their side or
    head, be skewed by a few degrees, and be unevenly lit. What comes out is a table of candidates, best first: page, place in
    pixels of the page as its file stores it, and in millimetres, kind, confidence, and whether it is accepted. With -o, crops/
    has the accepted ones separated from paper, print, stamps and ruled lines, with the page's own values under the mask; masks/
    has these masks, removed/ what each removed pixel was, and overlays/ every page. The exit status is 0 whatever was found, and
    3 if some files or pages could not be used.

    \b
    sigforensics find contract.pdf
    sigforensics find scans/ --json - -q
    sigforensics find contract.pdf letter.tif -o found
    sigforensics find --evaluate boxes.csv -o evaluation
    """
    from sigforensics.workflows.find import FindSettings
    from sigforensics.workflows.find import find as run

    if choices["as_is"] and output is None:
        raise click.UsageError("--as-is can be given with -o only")
    if bool(scans) == bool(tables):
        raise click.UsageError("give SCANS, or --evaluate TABLE in their place")
    settings = FindSettings(
        scanning=options.scanning(choices),
        extraction=options.extraction(choices),
        page=choices["page"],
        as_is=choices["as_is"],
    )
    target = choices["json_target"]
    if tables:
        _refuse_of_scans(choices)
        evaluate(
            tables, output, settings, target=target, overwrite=choices["overwrite"], quiet=choices["quiet"]
        )
        return
    check_json_target(target, SCHEMA, overwrite=choices["overwrite"], inputs=scans)
    with console_progress(quiet=choices["quiet"]) as progress:
        done = run(
            scans,
            output,
            settings=settings,
            overwrite=choices["overwrite"],
            strict=choices["strict"],
            progress=progress,
        )
    emit_json(_document(done), target, overwrite=choices["overwrite"])
    if target != STDOUT:
        for line in _lines(done):
            emit_text(line)
    _end(done, choices["exit_on"])


def _refuse_of_scans(choices: dict[str, Any]) -> None:
    """Options that say nothing about an evaluation."""
    for name in ("as_is", "page", "exit_on", "strict"):
        if choices[name]:
            raise click.UsageError(f"--{name.replace('_', '-')} has no meaning with --evaluate")


def _end(done: Found, exit_on: str | None) -> None:
    """Raise what makes the exit status, where it is not 0."""
    where = done.folder or "the scans"
    if exit_on and not any(one.accepted for one in done.candidates):
        advice = "see the table: lower --min-confidence accepts more, and more that are none"
        raise SignatureNotFound(where, f"no candidate reaches confidence {done.min_confidence:g}", advice)
    if done.skipped:
        raise SkippedInputs(where, f"{len(done.skipped)} file(s) or page(s) were skipped")


def _document(done: Found) -> dict[str, Any]:
    from sigforensics.workflows.skipping import skipped_entries

    return {
        "schema": SCHEMA,
        "folder": done.folder,
        "min_confidence": done.min_confidence,
        "candidates": done.candidates,
        "pages": done.pages,
        "skipped": skipped_entries(done.skipped),
    }


def _lines(done: Found) -> list[str]:
    """What is said on stdout: a table a file, then a sentence."""
    lines: list[str] = []
    for file in dict.fromkeys(page.file for page in done.pages):
        lines += [str(file), COLUMNS.format("page", "left,top,width,height", "mm", "kind", "confidence", "")]
        for page in (page for page in done.pages if page.file == file):
            found = [one for one in done.candidates if (one.file, one.page) == (file, page.page)]
            lines += [_row(one) for one in found] or [
                COLUMNS.format(page.page, "none", "", "", "", "").rstrip()
            ]
            lines += [f"      note: {note}" for note in page.notes]
    accepted = sum(one.accepted for one in done.candidates)
    without = sum(not page.accepted for page in done.pages)
    total = f"{accepted} of {len(done.candidates)} candidate(s) accepted on {len(done.pages)} page(s)"
    lines.append(total + (f", none on {without} of them." if without else "."))
    return [*lines, *([f"Crops and overlays are in {done.folder}."] if done.folder else [])]


def _row(one: FoundCandidate) -> str:
    pixels = f"{one.left},{one.top},{one.width},{one.height}"
    millimetres = f"{one.left_mm:.1f},{one.top_mm:.1f},{one.width_mm:.1f},{one.height_mm:.1f}"
    accepted = "accepted" if one.accepted else ""
    return COLUMNS.format(one.page, pixels, millimetres, one.kind, f"{one.confidence:.2f}", accepted).rstrip()
