"""``sigforensics spectra``."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sigforensics.cli import options
from sigforensics.cli.console import STDOUT, check_json_target, console_progress, emit_json, emit_text
from sigforensics.settings import Comparing, Scanning
from sigforensics.settings import Spectrum as SpectrumSettings

if TYPE_CHECKING:
    from sigforensics.scans import ListName
    from sigforensics.workflows.spectra import Averaged
    from sigforensics.workflows.upsampling import SetPeaks

__all__ = ["spectra"]

SCHEMA = "sigforensics-spectra/1"
"""Of the document that ``--json`` writes."""
STATISTIC = SpectrumSettings()
FORMATS = ("png", "pdf", "svg")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""What can name a set, and its files on every system."""
NAMED = ("--true", "--fake")
"""Options that are short for ``--set`` with their own name."""


class SetsCommand(click.Command):
    """A command whose sets keep the order in which they are given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write ``--true DIR`` as ``--set true=DIR``: click would otherwise sort the values by option."""
        written, rest = [], list(args)
        while rest:
            word = rest.pop(0)
            option, equals, folder = word.partition("=")
            if option in NAMED and (equals or rest):
                written += ["--set", f"{option[2:]}={folder if equals else rest.pop(0)}"]
            else:
                written.append(word)
        return super().parse_args(ctx, written)


class SetType(options.ParamType):
    """NAME=DIR: a set by name."""

    name = "NAME=DIR"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Path | ListName]:
        """Read the text."""
        if isinstance(value, tuple):
            return value
        name, _, folder = str(value).partition("=")
        if not folder:
            self.fail(f"{value!r} is not NAME=DIR: a name, an equals sign and a folder", param, ctx)
        if not NAME.fullmatch(name):
            what = "a name has letters, digits, '.', '_' and '-', begins with a letter or digit, and has at most 40"
            self.fail(f"{name!r} cannot name a set and its files: {what}", param, ctx)
        return name, options.SourceType().convert(folder, param, ctx)


class FormatsType(options.ParamType):
    """Formats of figures, separated by commas."""

    name = "png|pdf|svg"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Read the text."""
        formats = (
            value if isinstance(value, tuple) else tuple(part.strip().lower() for part in value.split(","))
        )
        for one in formats:
            if one not in FORMATS:
                self.fail(f"{one!r} is none of {', '.join(FORMATS)}", param, ctx)
        return formats


@click.command(cls=SetsCommand, short_help="Average and draw the log-DCT spectra of sets.")
@click.option("--true", type=options.SourceType(), help="A folder of true images: the set called true.")
@click.option("--fake", type=options.SourceType(), help="A folder of fake ones: the set called fake.")
@click.option(
    "--set",
    "sets",
    type=SetType(),
    multiple=True,
    help="A folder of images and what to call it, as often as there are sets. Differences are each set less the first. "
    "@FILE in its place is a text file that names images, one a line or separated by NUL; @- names them on stdin.",
)
@options.output(
    "The folder to make; or a figure's name ending in .png, .pdf or .svg, beside which the rest goes."
)
@click.option(
    "--format",
    "formats",
    type=FormatsType(),
    metavar="png|pdf|svg",
    multiple=True,
    help="Formats of the figures, repeated or separated by commas.  [default: that of the figure's name, or png]",
)
@click.option(
    "--pixels",
    type=click.Choice(["pad", "crop", "resize"]),
    help="Bring images of different sizes to one size by changing their pixels: pad to the largest height and width, crop or "
    "resize to the smallest. Without it their spectra are averaged onto common frequencies, and no pixel is changed.",
)
@click.option(
    "--per-millimetre",
    is_flag=True,
    help="Frequencies in cycles per millimetre, by the resolution that every file must state, and |DCT| divided by the dots per "
    "millimetre, so that one picture has one spectrum at any resolution.",
)
@click.option(
    "--floor",
    type=click.FloatRange(0, min_open=True),
    default=STATISTIC.floor,
    help="Added to |DCT| before the logarithm, on the scale of 8-bit values. Part of the statistic: see docs/method.md.",
)
@click.option(
    "--bands", type=click.IntRange(1), default=STATISTIC.bands, help="Radial bands of the profiles."
)
@options.seed(
    Comparing().seed,
    "Seed of the intervals of differences, and of the permutations and intervals of the peaks.",
)
@options.workers
@options.scheduler
@click.option(
    "--resume",
    is_flag=True,
    help="Go on where an interrupted run of the same command stopped: by OUTPUT.checkpoint, which it left.",
)
@options.max_megapixels
@options.overwrite
@options.strict
@options.json_target
@options.quiet
def spectra(sets: tuple[tuple[str, Path | ListName], ...], output: Path, **choices: Any) -> None:
    """Average the log-DCT spectra of sets of images, draw them on one scale, and test the peaks that up-sampling leaves.

    Both statistics are computed: the mean over the set of ln|DCT|, and ln of |the mean of the signed DCT|. The result is
    the spectra and their differences from the first set, the statistics of each set, profiles with standard errors and
    their differences with intervals, the excess at every place of up-sampling with interval and corrected p-value, a sheet
    of example images, and every number drawn as NPZ and CSV. Images may differ in size: their spectra are then averaged
    onto common frequencies.

    \b
    sigforensics spectra --true out/true --fake out/fake -o spectra
    sigforensics spectra --set genuine=scans --set forged=out/fake -o figure.pdf --format svg
    """
    from sigforensics.scans import inputs_of
    from sigforensics.workflows.sets import skipped_error
    from sigforensics.workflows.spectra import average_spectra

    if choices["pixels"] == "resize" and choices["per_millimetre"]:
        raise click.UsageError(
            "Resized pixels have no size in millimetres: leave out --pixels or --per-millimetre."
        )
    named = _by_name(sets)
    folders = dict(zip(named, options.open_sources(list(named.values())), strict=True))
    target = choices["json_target"]
    check_json_target(
        target, SCHEMA, overwrite=choices["overwrite"], inputs=inputs_of(list(folders.values()))
    )
    with console_progress(quiet=choices["quiet"]) as progress:
        done = average_spectra(
            folders,
            output,
            scanning=Scanning(max_megapixels=choices["max_megapixels"]),
            settings=SpectrumSettings(floor=choices["floor"], bands=choices["bands"]),
            testing=Comparing(seed=choices["seed"]),
            pixels=choices["pixels"],
            per_millimetre=choices["per_millimetre"],
            formats=[one for formats in choices["formats"] for one in formats],
            workers=choices["workers"],
            overwrite=choices["overwrite"],
            strict=choices["strict"],
            resume=choices["resume"],
            scheduler=choices["scheduler"],
            progress=progress,
        )
    emit_json(_document(done), target, overwrite=choices["overwrite"])
    if target != STDOUT:
        for line in _lines(done):
            emit_text(line)
    if error := skipped_error(list(done.sets.values())):
        raise error


def _by_name(sets: tuple[tuple[str, Path | ListName], ...]) -> dict[str, Path | ListName]:
    """The sets by name; names that differ by case alone would be one file on some systems."""
    if not sets:
        raise click.UsageError("Give at least one set: --true DIR, --fake DIR or --set NAME=DIR.")
    name, count = Counter(name.casefold() for name, _ in sets).most_common(1)[0]
    if count > 1:
        given = " and ".join(repr(other) for other, _ in sets if other.casefold() == name)
        raise click.UsageError(
            f"{count} sets have one name ({given}): give each its own with --set NAME=DIR."
        )
    return dict(sets)


def _document(done: Averaged) -> dict[str, Any]:
    from dataclasses import asdict

    from sigforensics.workflows.skipping import skipped_entries

    grid = next(iter(done.sets.values())).spectrum.grid
    return {
        "schema": SCHEMA,
        "files": done.files,
        "unit": grid.unit,
        "highest": {"vertical": grid.limits[0], "horizontal": grid.limits[1]},
        "pixels": done.framing.pixels,
        "notes": done.notes,
        "sets": {
            name: {
                "folder": str(images.folder),
                "n": images.spectrum.n,
                "height": images.spectrum.shape[0],
                "width": images.spectrum.shape[1],
                "smallest": [min(sides) for sides in zip(*images.shapes, strict=True)],
                "largest": [max(sides) for sides in zip(*images.shapes, strict=True)],
                "skipped": skipped_entries(images.skipped),
                "notes": images.notes,
            }
            for name, images in done.sets.items()
        },
        "differences": [
            {"set": one.name, "less": one.less, **asdict(one.profiles)} for one in done.differences
        ],
        "peaks": [{"set": one.name, "less": one.less, **asdict(one.test)} for one in done.peaks],
    }


def _lines(done: Averaged) -> list[str]:
    """What is said on stdout."""
    counts = ", ".join(f"{images.spectrum.n} {name}" for name, images in done.sets.items())
    lines = [f"{counts}. Written: {', '.join(str(path) for path in done.files)}"]
    lines += [_peak_line(one) for one in done.peaks]
    notes = [*(note for images in done.sets.values() for note in images.notes), *done.notes]
    return [*lines, *(f"Note: {note}" for note in notes)]


def _peak_line(one: SetPeaks) -> str:
    test, name = one.test, one.name if one.less is None else f"{one.name} - {one.less}"
    units = f"{test.n_units} {test.unit}s"
    if not test.can_find:
        few = f"{units}, smallest p possible {test.smallest_p:.2g}"
        return f"{name}: peaks at the {len(test.peaks)} places of up-sampling cannot be tested ({few})."
    level = f"corrected p <= {test.level:.2g}, {units}"
    if one.less is None:
        return f"{name}: the spectrum rises at {len(test.risen)} of {len(test.peaks)} places of up-sampling ({level})."
    return (
        f"{name}: the peaks differ at {len(test.found)} of {len(test.peaks)} places of up-sampling, and are higher at "
        f"{len(test.risen)} of these ({level})."
    )
