"""The data frames of a prepared corpus: rows of mask, input and target."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from sigforensics.errors import FileUnreadable, TableInvalid
from sigforensics.storage import atomic_file

__all__ = ["FRAMES", "MANIFEST", "Row", "read_frame", "write_frames"]

FRAMES = ("training", "validation", "testing")
MANIFEST = "manifest.csv"
"""All rows, those of specimens too; each frame stands in a file of its own as well: ``training.csv`` and so on."""


@dataclass(frozen=True)
class Row:
    """One row of a frame; paths are relative to the data folder."""

    writer: str
    sample: str
    split: str
    augmented: int
    """1 where the input is augmented."""
    mask: str
    input: str
    target: str
    source: str
    source_sha256: str


def write_frames(folder: Path, rows: Iterable[Row]) -> None:
    """Write ``manifest.csv`` and one table a frame."""
    rows = list(rows)
    _write_table(folder / MANIFEST, rows)
    for frame in FRAMES:
        _write_table(folder / f"{frame}.csv", [row for row in rows if row.split == frame])


def _write_table(path: Path, rows: Sequence[Row]) -> None:
    with atomic_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([column.name for column in fields(Row)])
        writer.writerows(astuple(row) for row in rows)


def read_frame(folder: Path, frame: str) -> list[Row]:
    """The rows of one frame of a prepared corpus.

    Raises
    ------
    FileUnreadable
        If the folder was not made by ``prepare``.
    TableInvalid
        If columns are missing or a file that a row names does not exist.
    """
    path = folder / f"{frame}.csv"
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            table = list(csv.DictReader(stream))
    except OSError as error:
        raise FileUnreadable(
            path, error.strerror or str(error), "give a folder that 'sigforensics prepare' made"
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableInvalid(path, f"is no CSV table in UTF-8 ({error})") from error
    names = [column.name for column in fields(Row)]
    rows = []
    for line, entry in enumerate(table, start=2):
        if any(entry.get(name) is None for name in names):
            raise TableInvalid(f"{path} line {line}", "lacks a column of the manifest")
        row = Row(**{name: entry[name] for name in names} | {"augmented": int(entry["augmented"] == "1")})
        for name in (row.mask, row.input, row.target):
            if not (folder / name).is_file():
                raise TableInvalid(f"{path} line {line}", f"names {name}, which does not exist")
        rows.append(row)
    return rows
