"""``sigforensics compare --batch``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sigforensics.cli.console import STDOUT, check_json_target, console_progress, emit_json, emit_text

if TYPE_CHECKING:
    from sigforensics.scans import ListName
    from sigforensics.workflows.batch import BatchDone
    from sigforensics.workflows.case_table import Case

__all__ = ["run_cases"]

SCHEMA = "sigforensics-compare-batch/1"
"""Of the summary that ``--json`` writes."""
SINGLE = {
    "csv_target": "--csv",
    "writers_from": "--writers-from",
    "exit_on": "--exit-on",
    "scheduler": "--scheduler",
    "names": "--names",
}
"""Options that a batch does not take, by the names of their values."""


def run_cases(true: Path | ListName | None, choices: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Compare the cases of the table that ``--batch`` names.

    Raises
    ------
    click.UsageError
        If folders were given, too, or options that are for a single comparison, or no ``--output``.
    SkippedInputs
        If a case did not go through as it should.
    """
    _check_options(true, choices)
    from sigforensics.scans import inputs_of
    from sigforensics.workflows.batch import run_batch
    from sigforensics.workflows.sets import default_workers

    cases, output, target = _cases(choices["batch"]), choices["output"], choices["json_target"]
    folders = inputs_of([source for case in cases for source in (case.true, case.fake)])
    check_json_target(target, SCHEMA, overwrite=choices["overwrite"], inputs=folders)
    with console_progress(quiet=choices["quiet"]) as progress:
        done = run_batch(
            cases,
            output,
            **settings,
            jobs=choices["workers"] or default_workers(),
            strict=choices["strict"],
            resume=choices["resume"],
            progress=progress,
        )
    emit_json(_summary(done), target, overwrite=choices["overwrite"])
    if target != STDOUT:
        emit_text(f"{len(done.statuses)} case(s); the results are in {done.folder}.")
    if error := done.error:
        raise error


def _check_options(true: Path | ListName | None, choices: Mapping[str, Any]) -> None:
    if true is not None:
        raise click.UsageError("give two folders or a table with --batch, not both")
    if choices["output"] is None:
        raise click.UsageError("--batch needs --output, the folder for its results")
    for name, option in SINGLE.items():
        if choices[name]:
            raise click.UsageError(f"{option} is for a single comparison, and not for --batch")


def _cases(path: Path) -> list[Case]:
    from sigforensics.errors import FileUnreadable, TableInvalid
    from sigforensics.workflows.case_table import read_cases

    try:
        text = sys.stdin.read() if str(path) == STDOUT else path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableInvalid(
            path, f"is no text in UTF-8 ({error})", "save the table as CSV in UTF-8"
        ) from error
    except OSError as error:
        raise FileUnreadable(path, error.strerror or str(error)) from error
    return read_cases(path, text)


def _summary(done: BatchDone) -> dict[str, Any]:
    return {"schema": SCHEMA, "folder": done.folder, "statuses": done.statuses}
