"""Options that several commands share, with their texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sigforensics.settings import Extraction, Preprocessing, Scanning

if TYPE_CHECKING:
    from sigforensics.extraction import Box
    from sigforensics.scans import ImageSource, ListName

__all__ = [
    "BoxType",
    "DevicesType",
    "DpiType",
    "SourceType",
    "WritersType",
    "dpi",
    "extraction",
    "ink",
    "json_target",
    "max_megapixels",
    "open_sources",
    "output",
    "overwrite",
    "path_argument",
    "pdf_dpi",
    "quiet",
    "scanning",
    "scheduler",
    "seed",
    "source_argument",
    "strict",
    "threshold",
    "workers",
]

if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
else:
    ParamType = click.ParamType  # generic only for type checkers in the older versions that we allow

Decorator = Callable[[Any], Any]
DPI: Any = click.FloatRange(10, 10_000)
ANY_SIZE = 1e6
"""Millimetres."""
PATH = click.Path(path_type=Path, readable=False)
"""Whether it may be read is for the workflow to say: with a status of its own, and in a batch only of that one file."""


class BoxType(ParamType):
    """LEFT,TOP,WIDTH,HEIGHT in pixels."""

    name = "LEFT,TOP,WIDTH,HEIGHT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Box:
        """Read the text."""
        from sigforensics.extraction import Box

        try:
            return value if isinstance(value, Box) else Box.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class SourceType(ParamType):
    """A folder of images, or ``@FILE``: a list of them, and ``@-`` the list on standard input."""

    name = "FOLDER|@FILE"

    def convert(
        self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None
    ) -> Path | ListName:
        """Read the text; the list itself is read when the command runs."""
        from sigforensics.scans import ListName

        if isinstance(value, Path | ListName):  # converted before
            return value
        return ListName(Path(value[1:])) if value.startswith("@") and len(value) > 1 else Path(value)


def open_sources(given: Sequence[Path | ListName]) -> list[ImageSource]:
    """Folders as they are and lists read.

    Raises
    ------
    click.UsageError
        If a list is given twice: standard input can be read only once, and a set is not compared with itself.
    """
    from sigforensics.scans import ListName, open_source

    lists = [str(one) for one in given if isinstance(one, ListName)]
    for name in lists:
        if lists.count(name) > 1:
            raise click.UsageError(f"{name} is given {lists.count(name)} times: give each list once")
    return [open_source(one) for one in given]


class WritersType(ParamType):
    """Writers' names and ranges of numbers, separated by commas."""

    name = "WRITERS"

    def convert(
        self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Read the text."""
        from sigforensics.corpus import parse_writers

        return value if isinstance(value, tuple) else parse_writers(value)


class DevicesType(ParamType):
    """A number of devices, or ``all``, which becomes 0: a value of None would mean that the option was not given."""

    name = "all|N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the text."""
        return 0 if value in ("all", 0) else int(click.IntRange(1).convert(value, param, ctx))


class DpiType(ParamType):
    """Dots per inch: one number, or two, across and down."""

    name = "DPI|ACROSS,DOWN"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        """Read the text."""
        if isinstance(value, tuple):
            return value
        parts = str(value).split(",")
        numbers = [DPI.convert(part, param, ctx) for part in parts]
        if len(numbers) > 2:
            self.fail(f"{value!r} is not one number or two, across and down", param, ctx)
        return numbers[0], numbers[-1]


def path_argument(name: str, **options: Any) -> Decorator:
    """A file or folder to read; whether it exists is checked by the workflow, which says what to do."""
    return click.argument(name, type=PATH, **options)


def source_argument(name: str, **options: Any) -> Decorator:
    """A folder of images, or a list of them."""
    return click.argument(name, type=SourceType(), **options)


def output(text: str) -> Decorator:
    """Where the results go."""
    return click.option("-o", "--output", type=PATH, required=True, help=text)


overwrite = click.option(
    "--overwrite", is_flag=True, help="Replace an output that sigforensics wrote before."
)
strict = click.option(
    "--strict", is_flag=True, help="Stop at the first file that cannot be used instead of skipping it."
)
quiet = click.option("-q", "--quiet", is_flag=True, help="No progress on stderr; errors are still said.")
json_target = click.option(
    "--json",
    "json_target",
    metavar="FILE",
    help="Write the results as one JSON document; - writes it to stdout, with nothing else there.",
)
workers = click.option(
    "--jobs",
    "workers",
    type=click.IntRange(1),
    help="Threads; they do not change the result.  [default: all processors]",
)
scheduler = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Let the workers of a running scheduler of dask.distributed (tcp://HOST:8786) read the files, which they must have "
    'under the same paths; the result is the same. Needs the extra: pip install "sigforensics[cluster]".',
)
ink = click.option(
    "--ink",
    type=click.Choice(["dark", "bright"]),
    default=Scanning().ink,
    help="Whether ink is dark or bright in the files. PNG files that sigforensics wrote say it themselves.",
)
dpi = click.option(
    "--dpi",
    type=DpiType(),
    help="Dots per inch of the scans as they are stored, across and down where they differ.  [default: what the files state, "
    "or else an estimate by page and print]",
)
pdf_dpi = click.option(
    "--pdf-dpi",
    type=click.FloatRange(50),
    default=Scanning().pdf_dpi,
    help="Dots per inch at which PDF pages that are no single image are rendered.",
)
max_megapixels = click.option(
    "--max-megapixels",
    type=click.FloatRange(min=0, min_open=True),
    default=Scanning().max_megapixels,
    help="Refuse images of more megapixels before decoding them.",
)
threshold = click.option(
    "--threshold",
    type=click.IntRange(0, 255),
    default=Preprocessing().threshold,
    help="Values of 255 (ink bright) below this become 0, paper.",
)


def scanning(choices: Mapping[str, Any]) -> Scanning:
    """How scans are read, by :data:`ink`, :data:`max_megapixels`, :data:`pdf_dpi` and :data:`dpi`."""
    return Scanning(
        ink=choices["ink"],
        max_megapixels=choices["max_megapixels"],
        pdf_dpi=choices["pdf_dpi"],
        dpi=choices["dpi"],
    )


def extraction(choices: Mapping[str, Any]) -> Extraction:
    """How signatures are found, by ``--min-confidence``; a resolution that the user states is believed for any size."""
    chosen = Extraction(min_confidence=choices["min_confidence"])
    return replace(chosen, longest_page=ANY_SIZE) if choices["dpi"] else chosen


def seed(value: int, text: str) -> Decorator:
    """A seed."""
    return click.option("--seed", type=click.IntRange(0), default=value, help=text)
