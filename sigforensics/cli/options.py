"""Options that several commands share, with their texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sigforensics.settings import Preprocessing, Scanning

if TYPE_CHECKING:
    from sigforensics.extraction import Box

__all__ = [
    "BoxType",
    "DevicesType",
    "WritersType",
    "ink",
    "json_target",
    "max_megapixels",
    "output",
    "overwrite",
    "path_argument",
    "quiet",
    "scheduler",
    "seed",
    "strict",
    "threshold",
    "workers",
]

if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
else:
    ParamType = click.ParamType  # generic only for type checkers in the older versions that we allow

Decorator = Callable[[Any], Any]
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


def path_argument(name: str, **options: Any) -> Decorator:
    """A file or folder to read; whether it exists is checked by the workflow, which says what to do."""
    return click.argument(name, type=PATH, **options)


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


def seed(value: int, text: str) -> Decorator:
    """A seed."""
    return click.option("--seed", type=click.IntRange(0), default=value, help=text)
