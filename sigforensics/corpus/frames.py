"""The data frames of a prepared corpus: rows of mask, input and target."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from sigforensics.corpus.splits import MASK_SPLITS
from sigforensics.errors import FileUnreadable, TableInvalid
from sigforensics.provenance import printable
from sigforensics.storage import atomic_file

__all__ = ["FRAMES", "MANIFEST", "Row", "read_averaged", "read_frame", "write_frames"]

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
    """Empty for a specimen, which stands in no frame."""
    target: str
    source: str
    source_sha256: str


COLUMNS = tuple(column.name for column in fields(Row))


def write_frames(folder: Path, rows: Iterable[Row]) -> None:
    """Write ``manifest.csv`` and one table a frame."""
    rows = list(rows)
    _write_table(folder / MANIFEST, rows)
    for frame in FRAMES:
        _write_table(folder / f"{frame}.csv", [row for row in rows if row.split == frame])


def _write_table(path: Path, rows: Sequence[Row]) -> None:
    with atomic_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([printable(str(value)) for value in astuple(row)] for row in rows)


def read_frame(folder: Path, frame: str) -> list[Row]:
    """The rows of one frame of a prepared corpus.

    Raises
    ------
    FileUnreadable
        If the folder was not made by ``prepare``.
    TableInvalid
        If a column is missing, a value is impossible, or a file that a row names does not exist in the folder.
    """
    return _read_table(folder, folder / f"{frame}.csv")


def read_averaged(folder: Path) -> dict[str, list[Row]]:
    """The rows of a prepared corpus that each mask, a path in it, is the mean of.

    Raises
    ------
    FileUnreadable
        If the folder was not made by ``prepare``.
    TableInvalid
        As of :func:`read_frame`.
    """
    averaged: dict[str, list[Row]] = {}
    for row in _read_table(folder, folder / MANIFEST, splits=MASK_SPLITS):
        averaged.setdefault(row.mask, []).append(row)
    return averaged


def _read_table(folder: Path, path: Path, *, splits: Sequence[str] | None = None) -> list[Row]:
    """The rows of a table, or those of some splits, whose files exist."""
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            reader = csv.DictReader(stream)
            table = [(reader.line_num, entry) for entry in reader]
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    except OSError as error:
        advice = "give a folder that 'sigforensics prepare' made"
        raise FileUnreadable(path, error.strerror or str(error), advice) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableInvalid(path, f"is no CSV table in UTF-8 ({error})") from error
    if missing:
        raise TableInvalid(path, f"lacks the column {missing[0]}")
    return [
        _read_row(folder, entry, where=f"{path} line {line}")
        for line, entry in table
        if splits is None or entry["split"] in splits
    ]


def _read_row(folder: Path, entry: Mapping[str, str | None], *, where: str) -> Row:
    texts = {name: entry[name] or "" for name in COLUMNS}
    needed = set(COLUMNS) - ({"input"} if texts["split"] == "specimen" else set())
    if not all(texts[name] for name in needed):
        raise TableInvalid(where, "has an empty field or too few of them")
    augmented = texts.pop("augmented")
    if augmented not in {"0", "1"}:
        raise TableInvalid(where, f"says augmented {augmented}, which must be 0 or 1")
    row = Row(augmented=int(augmented), **texts)
    for name in filter(None, (row.mask, row.input, row.target)):
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise TableInvalid(where, f"names {name}, which lies outside the folder")
        if not (folder / name).is_file():
            raise TableInvalid(where, f"names {name}, which does not exist")
    return row
