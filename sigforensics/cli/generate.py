"""``sigforensics generate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click
from click.core import ParameterSource

from sigforensics.cli import options
from sigforensics.cli.console import STDOUT, check_json_target, console_progress, emit_json, emit_text
from sigforensics.errors import SkippedInputs
from sigforensics.gan.bundled import DEFAULT, find_generator
from sigforensics.settings import Extraction, Forging, Holes
from sigforensics.storage import is_folder

if TYPE_CHECKING:
    from sigforensics.scans import ListName

__all__ = ["generate"]

SCHEMA = "sigforensics-generate/1"
"""Of the document that ``--json`` writes."""
FORGE, FIND = Forging(), Extraction()
FRAME_ONLY = ("frame",)
SCANS_ONLY = (
    "specimens",
    "page",
    "box",
    "mask",
    "every",
    "min_confidence",
    "layout",
    "ink",
    "pdf_dpi",
    "dpi",
    "max_megapixels",
    "strict",
    "onto_scan",
)
"""Options that a prepared corpus has no use for: it was made with its own."""


@click.command(short_help="Find signatures on scans and forge them.")
@options.source_argument("scans", nargs=-1)
@options.output("The folder to make.")
@click.option(
    "--generator",
    metavar="NAME|PATH",
    help="One that ships ('sigforensics generators' lists them), a model file, or a folder that train made. A name without / and "
    "without an ending is one that ships, if there is one, whatever lies in the working directory; ./NAME is what lies there."
    f"  [default: {DEFAULT}]",
)
@click.option(
    "--specimens",
    type=options.PATH,
    help="A folder of further signatures of the same writer, for the mask and, with --augmented, for holes.",
)
@click.option("--data", type=options.PATH, help="Forge a frame of this prepared corpus instead of scans.")
@click.option(
    "--frame",
    type=click.Choice(["training", "validation", "testing"]),
    default="validation",
    help="With --data: which frame.",
)
@click.option(
    "--variants",
    type=click.IntRange(1),
    default=FORGE.variants,
    help="Fakes a signature; from two upward dropout is on. The noise of a grain head and dropout tell them apart.",
)
@click.option("--dropout", is_flag=True, help="Dropout while generating, as the reference has it.")
@click.option(
    "--augmented",
    is_flag=True,
    help="Feed the edges of the deformed signature with a hole, across which strokes are carried on, instead of the plain ones. "
    "With specimens the hole takes strokes away, and lies where a piece of one fits best of up to 16 places; without, it may lie "
    "on bare paper: another --seed puts it elsewhere.",
)
@click.option(
    "--holes",
    type=click.Choice(get_args(Holes)),
    default=FORGE.holes,
    help="With --augmented: how strokes go on across holes: as the writer's specimens have them, where a piece of one fits, else "
    "by a rule; by the rule; or not at all, as the reference's testing has it.",
)
@click.option(
    "--onto-scan",
    is_flag=True,
    help="Put fakes in the place of the true signature on copies of its page too, and the true one back on another.",
)
@options.seed(
    FORGE.seed,
    "Seed of all that is random: dropout, the noise of a grain head, augmented inputs, restored paper.",
)
@click.option("--page", type=click.IntRange(1), help="Take this page alone.  [default: all pages]")
@click.option(
    "--box",
    type=options.BoxType(),
    help="Where the signature is, in pixels of the page as its file stores it, from its upper left corner, as find gives it; "
    "overrules the finder.",
)
@click.option(
    "--mask",
    type=options.PATH,
    help="With --box, for one page: a picture of the box's size, upright as crops are, that is white where the signature is, in "
    "place of what is told from paper, print and lines; for instance one of find's masks/, corrected in an image editor.",
)
@click.option(
    "--all", "every", is_flag=True, help="Take every candidate that is confident enough, not the best alone."
)
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    default=FIND.min_confidence,
    help="Take no candidate below this: of the candidates said 0.9, about nine in ten are signatures (docs/finder-card.md).",
)
@click.option(
    "--cropped",
    "layout",
    flag_value="cropped",
    help="The scans are signatures alone; take them whole.  [default: decided for each scan]",
)
@click.option("--on-page", "layout", flag_value="page", help="The scans are pages; find the signatures.")
@options.ink
@options.pdf_dpi
@options.dpi
@options.max_megapixels
@options.overwrite
@options.strict
@options.json_target
@options.quiet
def generate(scans: tuple[Path | ListName, ...], output: Path, **choices: Any) -> None:
    """Find the signatures on scans, prepare them, and make fakes of them.

    SCANS are PNG, JPEG, TIFF or PDF files, or folders of them: document pages, or signatures that are cropped already. @FILE
    is a text file that names them, one a line or separated by NUL, and @- names them on stdin.
    The result holds true/NAME.png and fake/NAME.png, which differ in nothing but the generator, overlays/ with what was
    taken from each page, found/ with the signatures as cut out, sheet.png, signatures.csv and record.json. With --onto-scan,
    pages-fake/NAME.png is the page with the fake in the place of the signature, and pages-true/NAME.png its control: the page
    whose own signature was taken off and put back the same way. Fakes say in their metadata that they are synthetic.

    \b
    sigforensics generate contract.pdf -o out
    sigforensics generate page.png --box 1200,2100,400,150 -o out
    sigforensics generate page.png --onto-scan --seed 1 -o out
    sigforensics generate questioned.png --specimens known/ --variants 5 --seed 1 -o out
    """
    from sigforensics.scans import FileList, inputs_of
    from sigforensics.workflows.generate import generate as run
    from sigforensics.workflows.generate import generate_frame
    from sigforensics.workflows.skipping import skipped_entries

    data, target = choices["data"], choices["json_target"]
    if bool(scans) == bool(data):
        raise click.UsageError("give SCANS, or --data with a prepared corpus")
    _refuse_idle_options(FRAME_ONLY if scans else SCANS_ONLY, "--data" if scans else "SCANS")
    if not choices["augmented"] and (scans or choices["frame"] != "testing"):
        _refuse_idle_options(("holes",), "--augmented, or the testing frame,")
    if choices["mask"] and (not choices["box"] or choices["every"] or choices["layout"] == "cropped"):
        raise click.UsageError("--mask can be given with --box only, and not with --all or --cropped")
    sources = options.open_sources(scans)
    paths = [path for one in sources for path in (one.files if isinstance(one, FileList) else [one])]
    if choices["mask"] and (len(paths) > 1 or is_folder(paths[0])):
        raise click.UsageError("--mask is of one page: give one scan with it")
    inputs = [path for path in (*inputs_of(sources), data, choices["specimens"], choices["mask"]) if path]
    check_json_target(target, SCHEMA, overwrite=choices["overwrite"], inputs=inputs)
    generator = find_generator(choices["generator"]) if choices["generator"] else None
    common = {"generator": generator, "overwrite": choices["overwrite"], "settings": _settings(choices)}
    with console_progress(quiet=choices["quiet"]) as progress:
        if data:
            done = generate_frame(data, choices["frame"], output, progress=progress, **common)
        else:
            scan_options = {name: choices[name] for name in ("specimens", "strict")}
            done = run(paths, output, progress=progress, **scan_options, **common)
    document = {
        "schema": SCHEMA,
        "folder": output,
        "names": done.names,
        "generator": done.generator,
        "skipped": skipped_entries(done.skipped),
        "notes": done.notes,
    }
    emit_json(document, target, overwrite=choices["overwrite"])
    if target != STDOUT:
        emit_text(f"{len(done.names)} signature(s) forged; true and fake ones are in {output}.")
        for note in done.notes:
            emit_text(f"Note: {note}")
    if done.skipped:
        raise SkippedInputs(output, f"{len(done.skipped)} file(s) or page(s) were skipped")


def _refuse_idle_options(names: tuple[str, ...], needed: str) -> None:
    """Refuse options that would have no effect: whoever gives one expects that it has."""
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) == ParameterSource.COMMANDLINE:
            written = [option.opts[0] for option in context.command.params if option.name == name]
            raise click.UsageError(f"{' and '.join(written)} can be given with {needed} only")


def _settings(choices: dict[str, Any]) -> Any:
    from sigforensics.workflows.generate import GenerateSettings
    from sigforensics.workflows.taking import Choice

    return GenerateSettings(
        scanning=options.scanning(choices),
        extraction=options.extraction(choices),
        forging=Forging(
            variants=choices["variants"],
            seed=choices["seed"],
            dropout=choices["dropout"],
            augmented=choices["augmented"],
            holes=choices["holes"],
            onto_scan=choices["onto_scan"],
        ),
        choice=Choice(
            layout=choices["layout"] or "auto",
            page=choices["page"],
            box=choices["box"],
            mask=choices["mask"],
            every=choices["every"],
        ),
    )
