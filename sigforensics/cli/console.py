"""Progress on stderr, tables and JSON on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from sigforensics.storage import output_file

__all__ = ["ConsoleProgress", "console_progress", "emit_json"]


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
        """Print a line above the bar; errors are said even to a quiet console."""
        if self._bars is not None:
            self._bars.console.print(message, highlight=False, markup=False, soft_wrap=True)
        elif not self._quiet or message.startswith("skipped"):
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


def emit_json(document: Any, target: str | None, *, overwrite: bool) -> None:
    """Write a JSON document to stdout (``-``) or a file; nothing if there is no target."""
    if target is None:
        return
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    if target == "-":
        click.echo(text)
        return
    with output_file(Path(target), overwrite=overwrite) as path:
        path.write_text(text + "\n", encoding="utf-8")
