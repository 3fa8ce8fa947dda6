"""``sigforensics compare``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sigforensics.cli import options
from sigforensics.cli.batching import run_cases
from sigforensics.cli.console import STDOUT, check_json_target, console_progress, emit_json, one_line
from sigforensics.settings import Comparing, Scanning, UnitChoice
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.storage import check_output_folder

if TYPE_CHECKING:
    from sigforensics.scans import ListName
    from sigforensics.statistics import Comparison
    from sigforensics.workflows.compare import Compared

__all__ = ["compare"]

COMPARING, STATISTIC = Comparing(), SpectrumSettings()


def _two_names(names: tuple[str, str] | None) -> tuple[str, str] | None:
    if names and names[0] == names[1]:
        raise click.BadParameter(f"both sets are called {names[0]!r}: give each a name of its own")
    return names


@click.command(short_help="Say how the spectra of two sets differ, with a control.")
@options.source_argument("true", required=False)
@options.source_argument("fake", required=False)
@click.option(
    "-o", "--output", type=options.PATH, help="A folder to make, with figure, table, JSON and record."
)
@click.option(
    "--batch",
    type=options.PATH,
    metavar="CASES",
    help="Compare the sets of every row of a CSV table with the columns case, true, fake, and if need be unit; - reads it from "
    "stdin. --output names the folder with a JSON line and a CSV row a case.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on where an interrupted run of the same command stopped, by OUTPUT.checkpoint, which it left while it read files. "
    "With --batch: go on in the folder; cases that went through stay.",
)
@click.option(
    "--unit",
    type=click.Choice(["auto", "image", "pair", "writer"]),
    default=COMPARING.unit,
    help="What counts as independent; auto: writers where known, else pairs of one file name, else images.",
)
@click.option(
    "--pairs", is_flag=True, help="The same as --unit pair: fake i was made from the true image of its name."
)
@click.option("--writers", is_flag=True, help="The same as --unit writer: signatures of one hand are alike.")
@click.option(
    "--writers-from",
    type=options.PATH,
    help="A CSV table with the columns file and writer, and --writers: who wrote which image.",
)
@click.option(
    "--leave-out-shared",
    is_flag=True,
    help="Leave files that are in both sets, byte for byte, out of both; without it such sets are refused.",
)
@click.option(
    "--map/--no-map",
    "frequency_map",
    default=COMPARING.frequency_map,
    help="Test single frequencies, too, corrected for all of them; --no-map saves the time for it.",
)
@click.option("--bands", type=click.IntRange(1), default=STATISTIC.bands, help="Radial bands.")
@click.option(
    "--confidence",
    type=click.FloatRange(0.5, 1, max_open=True),
    default=COMPARING.confidence,
    help="Coverage of the intervals; bands with a corrected p of at most 1 less this are marked.",
)
@click.option(
    "--permutations",
    type=click.IntRange(19),
    default=COMPARING.permutations,
    help="Permutations for the p-values: all that exist, or so many random ones if there are more.",
)
@options.seed(COMPARING.seed, "Seed of intervals, permutations and control.")
@click.option(
    "--exit-on",
    type=click.Choice(["difference", "no-difference"]),
    help="Make this finding the exit status (60, 61), or 62 where there is too little to tell; 0 if it is not found.",
)
@options.workers
@options.scheduler
@options.max_megapixels
@options.overwrite
@options.strict
@options.json_target
@click.option("--csv", "csv_target", type=options.PATH, help="Write the bands as a CSV table.")
@click.option(
    "--names",
    type=(str, str),
    metavar="NAME NAME",
    callback=lambda _context, _option, names: _two_names(names),
    help="What the two sets are called.  [default: as their folders are]",
)
@options.quiet
def compare(true: Path | ListName | None, fake: Path | ListName | None, **choices: Any) -> None:
    """Say how the spectra of two folders of images differ, with intervals, corrected p-values and a control.

    The difference is fake less true, per radial band, in nats and dB of amplitude. The control compares random parts of the
    true set with each other. A difference is evidence only where both sets went through the same chain of processing.
    How the acquisition of the sets compares is said first: where it differs, that alone can explain the rest.
    Where the writers of all images are known, writers are the independent units, even if the file names make pairs; else
    images of the same file names are pairs. Sets are called as their folders are, or by --names.
    The last line says what may be concluded, by one of a few codes. In the place of a folder, @FILE is a
    text file that names images, one a line or separated by NUL, and @- names them on stdin; ./@NAME is a folder.

    \b
    sigforensics compare out/true out/fake
    sigforensics compare out/true out/fake --exit-on difference
    find . -name 'fake*.png' | sigforensics compare scans @-
    sigforensics compare out/true out/fake --json - | jq '.bands[] | select(.p_corrected < 0.05)'
    sigforensics compare --batch cases.csv -o results
    """
    if choices["batch"]:
        run_cases(true, choices, _settings(choices))
        return
    if true is None or fake is None:
        raise click.UsageError("give two folders, TRUE and FAKE, or a table with --batch")
    if choices["resume"] and not choices["output"]:
        raise click.UsageError(
            "--resume goes with --output, beside which a run keeps how far it is, or with --batch"
        )
    from sigforensics.scans import inputs_of
    from sigforensics.workflows.compare import (
        SCHEMA,
        check_table,
        comparison_document,
        kept_reading,
        write_comparison,
        write_table,
    )
    from sigforensics.workflows.compare import compare as run
    from sigforensics.workflows.findings import finding_error
    from sigforensics.workflows.sets import skipped_error

    one, other = options.open_sources([true, fake])
    output, table, target = choices["output"], choices["csv_target"], choices["json_target"]
    rights: dict[str, Any] = {"overwrite": choices["overwrite"], "inputs": inputs_of([one, other])}
    if output:
        check_output_folder(output, **rights)
    if table:
        check_table(table, **rights)
    check_json_target(target, SCHEMA, **rights)
    settings = _settings(choices)
    with (
        console_progress(quiet=choices["quiet"]) as progress,
        kept_reading(
            one,
            other,
            output,
            scanning=settings["scanning"],
            spectrum=settings["spectrum"],
            resume=choices["resume"],
            overwrite=choices["overwrite"],
            progress=progress,
        ) as checkpoint,
    ):
        compared = run(
            one,
            other,
            **settings,
            writers=choices["writers_from"],
            workers=choices["workers"],
            strict=choices["strict"],
            names=choices["names"],
            checkpoint=checkpoint,
            scheduler=choices["scheduler"],
            progress=progress,
        )
        if output:
            write_comparison(output, compared, overwrite=choices["overwrite"])
    if table:
        write_table(table, compared, overwrite=choices["overwrite"])
    emit_json(comparison_document(compared), target, overwrite=choices["overwrite"])
    if target != STDOUT:
        _print_table(compared)
    finding = finding_error(compared.comparison, choices["exit_on"], where=f"{true} and {fake}")
    if error := finding or skipped_error([compared.true, compared.fake]):
        raise error


def _settings(choices: dict[str, Any]) -> dict[str, Any]:
    """The settings of the stages, as the options have them."""
    return {
        "scanning": Scanning(max_megapixels=choices["max_megapixels"]),
        "spectrum": SpectrumSettings(bands=choices["bands"]),
        "settings": Comparing(
            unit=_unit(choices),
            leave_out_shared=choices["leave_out_shared"],
            confidence=choices["confidence"],
            permutations=choices["permutations"],
            frequency_map=choices["frequency_map"],
            seed=choices["seed"],
        ),
    }


def _unit(choices: dict[str, Any]) -> UnitChoice:
    """The unit by whichever option names it; naming two is a mistake."""
    asked: dict[UnitChoice, bool] = {
        "pair": choices["pairs"],
        "writer": choices["writers"] or choices["writers_from"] is not None,
    }
    units = {unit for unit, said in asked.items() if said} | ({choices["unit"]} - {COMPARING.unit})
    if len(units) > 1:
        raise click.UsageError("--unit, --pairs and --writers name different units; choose one")
    return units.pop() if units else COMPARING.unit


def _print_table(compared: Compared) -> None:
    from rich.console import Console
    from rich.table import Table

    comparison, percent = compared.comparison, f"{100 * compared.comparison.confidence:g}"
    one, other = comparison.names
    table = Table(title=f"Difference, {other} less {one}, by radial frequency", title_justify="left")
    for title in ("cycles/pixel", "nats", f"{percent} % interval", "dB", "corrected p", "control"):
        table.add_column(title, justify="right", no_wrap=True)
    control = comparison.control
    for place, band in enumerate(comparison.bands):
        found = band.p_corrected <= comparison.level
        table.add_row(
            f"{band.low:.3f}-{band.high:.3f}",
            f"{band.difference_nats:+.3f}",
            f"{band.ci_low:+.3f} to {band.ci_high:+.3f}",
            f"{band.difference_db:+.2f}",
            f"{'* ' if found else ''}{band.p_corrected:.4f}",
            "none" if control is None else f"±{control.bands[place].q95:.3f}",
            style="bold" if found else None,
        )
    console = Console()
    for line in _audit_lines(compared):
        console.print(one_line(line), highlight=False, markup=False, soft_wrap=True)
    console.print(table)
    for line in _lines(compared):
        console.print(one_line(line), highlight=False, markup=False, soft_wrap=True)


def _audit_lines(compared: Compared) -> list[str]:
    """The properties in which the sets differ, then the names of the others."""
    from sigforensics.audit import audit_explains

    audit, names = compared.audit, compared.comparison.names
    differing = [entry for entry in audit if entry.differs]
    alike = ", ".join(entry.property for entry in audit if not entry.differs)
    counts = f"the sets differ in {len(differing)} of {len(audit)} properties"
    lines = [f"Acquisition audit of {compared.audited}: {counts}."]
    for entry in differing:
        values = f" | {names[1]} ".join(
            value if isinstance(value, str) else f"{value:.3g}" for value in (entry.true, entry.fake)
        )
        unit = "" if entry.unit == "kind" else f", {entry.unit}"
        tested = entry.alpha is not None and entry.p <= entry.alpha
        why = f"corrected p {entry.p:.4f}" if tested else "no value in common"
        lines.append(f"{'!' if entry.explains else ' '} {entry.property}{unit}: {names[0]} {values} ({why})")
    if audit_explains(audit):
        lines.append("!: these differences alone can explain what follows.")
    return [*lines, *([f"No difference found in: {alike}."] if alike else []), ""]


def _lines(compared: Compared) -> list[str]:
    comparison = compared.comparison
    paired = ", paired" if comparison.paired and comparison.unit != "pair" else ""
    one, other = comparison.names
    counts = f"{comparison.n_true} {one}, {comparison.n_fake} {other}; {comparison.n_units} independent units"
    made = "all" if comparison.exhaustive else "random"
    permutations = f"{comparison.n_permutations} ({made}); smallest p possible: {comparison.smallest_p:.2g}"
    lines = [
        f"n: {counts} ({comparison.unit}s{paired}).",
        f"*: corrected p of at most {comparison.level:.2g}; the conclusion rests on the whole. Permutations: {permutations}.",
    ]
    control = comparison.control
    if control is None:
        lines.append(f"Control: none ({comparison.control_unavailable}).")
    else:
        lines.append(
            f"Control, {control.n_splits} {one}-against-{one} splits of {control.size_a_side} {control.unit}s a "
            f"side{control.repeats} (its column, in nats: 95 % of them differ by less): largest difference of a band "
            f"{control.max_abs_difference_median:.3f} nats (median; 95 %: {control.max_abs_difference_q95:.3f}). At that size "
            f"{one} against {other}: {control.observed_max_abs_difference:.3f} nats, above {control.percentile:.0f} % of the "
            "splits."
        )
    lines += [_whole_line(comparison), _map_line(compared)]
    notes = (f"Note: {note}" for note in compared.notes)
    return [*lines, *notes, f"Conclusion: {comparison.conclusion.code}. {comparison.conclusion.sentence}"]


def _map_line(compared: Compared) -> str:
    found = compared.mapped.map
    if found is None:
        return f"Single frequencies: not tested ({compared.mapped.unavailable})."
    level = f"{found.level:.2g}"
    text = (
        f"Single frequencies: {found.found.sum()} of {found.n_frequencies} with corrected p <= {level} (smallest possible: "
        f"{found.smallest_p:.2g}), {found.found_fdr.sum()} at a false discovery rate of {level}"
    )
    if not found.found.any():
        return f"{text}."
    first = found.summary()["strongest"][0]
    where = f"{first['vertical']:.3f} vertical and {first['horizontal']:.3f} horizontal"
    one, other = compared.comparison.names
    rows = f"{found.rows_true}" if found.paired else f"{found.rows_true} and {found.rows_fake}"
    units = f"{found.unit}s" if found.group == 1 else f"groups of {found.unit}s"
    size = f"{first['difference_nats']:+.2f} nats (standard error {first['standard_error']:.2f}, over {rows} {units})"
    return f"{text}; clearest at {where} cycles/pixel: {other} less {one} {size}."


def _whole_line(comparison: Comparison) -> str:
    whole, percent = comparison.whole, f"{100 * comparison.confidence:g}"
    auc = "no AUC: too few units"
    if whole.auc is not None:
        interval = f"{percent} % interval {whole.auc.low:.2f} to {whole.auc.high:.2f}"
        auc = f"AUC {whole.auc.value:.2f} ({interval}; p = {whole.p_auc:.2g})"
    energy = f"energy distance {whole.energy:.3f} standard deviations of a band (p = {whole.p_energy:.2g})"
    return f"Whole sets: {auc}; {energy}; bands, AUC and energy distance together: p = {whole.p:.2g}."
