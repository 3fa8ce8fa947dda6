"""A table that says who wrote which image."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from sigforensics.errors import FileUnreadable, TableInvalid

__all__ = ["writers_from_table"]

COLUMNS = ("file", "writer")


def writers_from_table(table: Path, paths: Sequence[Path]) -> list[str]:
    """The writer of each image, by a CSV table with the columns ``file`` and ``writer``.

    ``file`` is a path, relative to the table's folder if it is not absolute; or a name alone, which then stands for every
    image of that name. Other columns and other files may be in the table.

    Raises
    ------
    FileUnreadable
        If there is no such table.
    TableInvalid
        If it is none, lacks a column or an image, or gives a file two writers.
    """
    writers = _read(table)
    return [_writer(table, path, writers) for path in paths]


def _read(table: Path) -> dict[Path, str]:
    try:
        with table.open(newline="", encoding="utf-8-sig") as stream:
            rows = csv.DictReader(stream)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise TableInvalid(table, f"has no column {' and no column '.join(missing)}")
            return _writers(table, rows)
    except OSError as error:
        raise FileUnreadable(table, error.strerror or str(error)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableInvalid(table, f"is no CSV table in UTF-8 ({error})") from error


def _writers(table: Path, rows: csv.DictReader[str]) -> dict[Path, str]:
    writers: dict[Path, str] = {}
    for row in rows:
        file, writer = (row["file"] or "").strip(), (row["writer"] or "").strip()
        if not (file and writer):
            raise TableInvalid(table, f"line {rows.line_num} lacks a file or its writer")
        if writers.setdefault(Path(file), writer) != writer:
            raise TableInvalid(table, f"line {rows.line_num} gives {file} a second writer")
    return writers


def _writer(table: Path, path: Path, writers: dict[Path, str]) -> str:
    folder, place = table.resolve().parent, path.resolve()
    relative = Path(*place.relative_to(folder).parts) if place.is_relative_to(folder) else place
    for name in (relative, place, Path(path.name)):
        if name in writers:
            return writers[name]
    raise TableInvalid(table, f"does not say who wrote {path}")
