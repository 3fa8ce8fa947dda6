"""Evaluate the finder on pages whose signatures somebody marked: a table in, figures for each folder out."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sigforensics.errors import FileUnreadable, TableInvalid
from sigforensics.extraction import Box, Candidate, find_signatures
from sigforensics.extraction.evaluating import Evaluation, JudgedPage, evaluate
from sigforensics.scans import Scan, read_scan
from sigforensics.settings import Extraction, Scanning
from sigforensics.workflows.progress import Progress, SilentProgress

__all__ = ["LABELS", "EvaluatedFolder", "evaluate_finder", "read_truth"]

NEEDED = ("file", "label", "left", "top", "width", "height")
LABELS = ("signature", "initials", "none")
Truth = dict[tuple[Path, int], list[tuple[str, Box]]]
Finder = Callable[[Scan], list[Candidate]]
Look = Callable[[Scan, JudgedPage], None]


@dataclass(frozen=True)
class EvaluatedFolder:
    """How well the finder does on the pages of one folder."""

    folder: str
    """Its name; empty for all folders together."""
    figures: Evaluation


def read_truth(table: Path) -> Truth:
    """The boxes of a table, by file and page.

    The table is CSV in UTF-8 with a header. Columns: ``file``, a path from where the table lies or from the folder
    above it; ``page``, from 1, if files have several; ``label``, which is ``signature``, ``initials``, or ``none`` on a page
    without either; ``left``, ``top``, ``width``, ``height``, whole pixels of the page as it is read, empty for ``none``.

    Raises
    ------
    FileUnreadable
        If the table cannot be read.
    TableInvalid
        If it lacks a column, is empty, or a line does not say what it should; the line is named.
    """
    try:
        with table.open(newline="", encoding="utf-8") as stream:
            reader = csv.DictReader(stream)
            missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                raise TableInvalid(table, f"has no column {', '.join(missing)}", f"give {', '.join(NEEDED)}")
            rows = [(reader.line_num, row) for row in reader]
    except OSError as error:
        raise FileUnreadable(table, error.strerror or str(error)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableInvalid(table, f"is no CSV in UTF-8 ({error})") from error
    if not rows:
        raise TableInvalid(table, "has no rows", "give one for each signature, and one for each page without")
    truth: Truth = {}
    for line, row in rows:
        key, box = _row(f"{table} line {line}", table, row)
        truth.setdefault(key, [])
        if box is not None:
            truth[key].append(box)
    return truth


def _row(where: str, table: Path, row: dict[str, str]) -> tuple[tuple[Path, int], tuple[str, Box] | None]:
    try:
        page, label = int(row.get("page") or 1), row["label"].strip()
        if label not in LABELS:
            raise TableInvalid(where, f"has the label {label!r}", f"give {', '.join(LABELS)}")
        key = _file(table, row["file"].strip()), page
        if label == "none":
            return key, None
        return key, (label, Box(*(int(row[name]) for name in ("left", "top", "width", "height"))))
    except (ValueError, TypeError, AttributeError) as error:
        raise TableInvalid(where, "does not give whole pixels of a box", "correct that line") from error


def _file(table: Path, name: str) -> Path:
    beside = table.parent / name
    above = table.parent.parent / name
    return above if above.exists() and not beside.exists() else beside


def evaluate_finder(
    table: Path,
    *,
    also: Path | None = None,
    extraction: Extraction | None = None,
    scanning: Scanning | None = None,
    finder: Finder | None = None,
    look: Look | None = None,
    progress: Progress | None = None,
) -> list[EvaluatedFolder]:
    """Find signatures on all pages of a table and count, folder by folder and in all.

    Parameters
    ----------
    table : Path
        See :func:`read_truth`.
    also : Path, optional
        A second such table whose boxes are added to those of the first, for pages that the first names.
    extraction, scanning : optional
        Settings; the threshold is ``extraction.min_confidence``.
    finder : callable, optional
        What finds candidates on a scan; :func:`sigforensics.extraction.find_signatures` by default.
    look : callable, optional
        Called with each page and what was found on it, for pictures.
    progress : Progress, optional

    Raises
    ------
    InputError
        As the table, or a page that it names, cannot be read. Nothing is left out: figures without a page would be others.
    """
    extraction, scanning, progress = (
        extraction or Extraction(),
        scanning or Scanning(),
        progress or SilentProgress(),
    )
    truth = read_truth(table)
    for key, boxes in (read_truth(also) if also else {}).items():
        if key not in truth:
            raise TableInvalid(
                also, f"names {key[0]} page {key[1]}, which {table} does not", "correct that line"
            )
        truth[key].extend(boxes)
    progress.stage("Finding signatures", len(truth))
    judged: dict[str, list[JudgedPage]] = {}
    for (path, number), boxes in truth.items():
        scan = read_scan(path, number, settings=scanning)
        start = time.perf_counter()
        found = finder(scan) if finder else find_signatures(scan, settings=extraction)
        page = JudgedPage(scan.where, tuple(boxes), tuple(found), time.perf_counter() - start)
        judged.setdefault(path.parent.name, []).append(page)
        if look:
            look(scan, page)
        progress.advance(detail=path.name)
    groups = dict(judged)
    if len(judged) > 1:
        groups[""] = [page for pages in judged.values() for page in pages]
    return [
        EvaluatedFolder(name, evaluate(pages, threshold=extraction.min_confidence))
        for name, pages in groups.items()
    ]
