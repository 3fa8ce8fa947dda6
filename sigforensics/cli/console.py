"""Progress on stderr, tables and JSON on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unicodedata import category

import click

from sigforensics.errors import SigforensicsError
from sigforensics.storage import RECORD_NAME, check_output_file, is_json_of, output_file

__all__ = [
    "STDOUT",
    "ConsoleProgress",
    "check_json_target",
    "console_progress",
    "emit_json",
    "emit_text",
    "one_line",
]

STDOUT = "-"
"""The target that stands for standard output."""


class ConsoleProgress:
    """A bar with the time left on a terminal; plain lines, one a stage, where stderr is none."""

    def __init__(self, bars: Any | None, *, quiet: bool) -> None:
        self._bars = bars
        self._quiet = quiet
        self._task: Any = None

    def stage(self, title: str, total: int | None) -> None:
        """Begin a stage; the bar of the one before is left as done."""
        if self._quiet:
            return
        if self._bars is None:
            click.echo(title if total is None else f"{title} ({total})", err=True)
            return
        self._close()
        self._task = self._bars.add_task(title, total=total, detail="")

    def advance(self, steps: int = 1, *, detail: str = "") -> None:
        """Move the bar."""
        if self._bars is not None and self._task is not None:
            self._bars.update(self._task, advance=steps, **({"detail": detail} if detail else {}))

    def say(self, message: str) -> None:
        """Print a line above the bar."""
        if not self._quiet:
            self._print(message)

    def skip(self, error: SigforensicsError) -> None:
        """Name an input that is left out, even on a quiet console."""
        self._print(f"skipped: {error}")

    def _print(self, message: str) -> None:
        message = one_line(message)
        if self._bars is not None:
            self._bars.console.print(message, highlight=False, markup=False, soft_wrap=True)
        else:
            click.echo(message, err=True)

    def _close(self) -> None:
        if self._bars is not None and self._task is not None and self._bars.tasks[-1].total is None:
            self._bars.update(self._task, total=1, completed=1)


@contextmanager
def console_progress(*, quiet: bool) -> Iterator[ConsoleProgress]:
    """The progress of a command, cleared away at its end."""
    if quiet or not sys.stderr.isatty():
        yield ConsoleProgress(None, quiet=quiet)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[detail]}", style="dim"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        yield ConsoleProgress(bars, quiet=False)


def check_json_target(
    target: str | None, schema: str, *, overwrite: bool, inputs: Iterable[Path] = ()
) -> None:
    """Refuse a place for a JSON document before the work rather than after it.

    Only a document of the same schema may be replaced, and none may be called as the record of a run is: a folder
    whose record is gone is no longer known as ours.

    Raises
    ------
    click.BadParameter
        If the file is called ``record.json``.
    OutputExists, OutputHoldsInputs, OutputUnwritable
    """
    if target is None or target == STDOUT:
        return
    if Path(target).name.casefold() == RECORD_NAME:
        raise click.BadParameter(
            f"{RECORD_NAME} is the name of the records of runs; choose another", param_hint="--json"
        )
    ours = partial(is_json_of, schema=schema)
    check_output_file(Path(target), overwrite=overwrite, ours=ours, inputs=inputs)


def emit_text(text: str) -> None:
    """Write a line to stdout; bytes of file names that are no UTF-8, and control characters, are written out."""
    click.echo(one_line(text.encode("utf-8", "backslashreplace").decode("utf-8")))


def one_line(text: str) -> str:
    """Control characters written out as Python would: a file's name must neither break a table nor steer a terminal.

    >>> print(one_line("two\\nlines"))
    two\\nlines
    """
    return "".join(repr(character)[1:-1] if category(character) == "Cc" else character for character in text)


def emit_json(document: Mapping[str, Any], target: str | None, *, overwrite: bool) -> None:
    """Write a JSON document to stdout (``-``) or a file; nothing if there is no target."""
    if target is None:
        return
    from sigforensics.provenance import to_json

    text = json.dumps(to_json(document), indent=2, ensure_ascii=False, allow_nan=False)
    if target == STDOUT:
        click.echo(text)
        return
    ours = partial(is_json_of, schema=document["schema"])
    with output_file(Path(target), overwrite=overwrite, ours=ours) as path:
        path.write_text(text + "\n", encoding="utf-8")
