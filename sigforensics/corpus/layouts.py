"""Layouts of a corpus: CEDAR's file names, one folder a writer, or a CSV manifest."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sigforensics.errors import CorpusInvalid, FileUnreadable, TableInvalid
from sigforensics.scans import IMAGE_SUFFIXES

__all__ = ["Corpus", "Sample", "natural_key", "read_corpus", "safe_name"]

CEDAR_NAME = re.compile(r"(?P<kind>original|forgeries)_(?P<writer>\d+)_(?P<sample>\d+)$")


@dataclass(frozen=True)
class Sample:
    """One signature file of one writer; ``name`` is unique within the writer and fit for a file name."""

    writer: str
    name: str
    path: Path


@dataclass(frozen=True)
class Corpus:
    """The signatures of each writer; writers and signatures in natural order (2 before 10)."""

    samples: dict[str, tuple[Sample, ...]]

    @property
    def writers(self) -> tuple[str, ...]:
        """The writers' names in order."""
        return tuple(self.samples)

    def __len__(self) -> int:
        return sum(map(len, self.samples.values()))


def read_corpus(source: Path) -> Corpus:
    """Find the signatures of a corpus; the images themselves are not opened.

    Parameters
    ----------
    source : Path
        A folder with CEDAR's names (``original_WRITER_SAMPLE.png``), a folder with one folder a writer, or a CSV file with the
        columns ``file`` (relative to the CSV file) and ``writer``.

    Raises
    ------
    FileUnreadable, CorpusInvalid, TableInvalid
    """
    if source.is_file():
        found = list(_from_table(source))
    elif source.is_dir():
        found = list(_from_cedar_names(source)) or list(_from_folders(source))
    else:
        raise FileUnreadable(source, "there is no such file or folder")
    if not found:
        raise CorpusInvalid(source, "holds no signatures in a layout that we know")
    return _collect(source, found)


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Sort key that counts: ``writer_2`` before ``writer_10``.

    >>> sorted(["w10", "w2"], key=natural_key)
    ['w2', 'w10']
    """
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), part) if part.isdigit() else (1, 0, part) for part in parts]


def safe_name(name: str) -> str:
    """A name as a file name: everything but letters, digits, dot, dash and underscore becomes an underscore.

    >>> safe_name("../a b")
    '_.._a_b'
    """
    safe = re.sub(r"[^\w.-]", "_", name)
    return f"_{safe}" if name != safe or safe.startswith(".") else safe


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")


def _from_cedar_names(folder: Path) -> Iterable[Sample]:
    matches = [(CEDAR_NAME.match(path.stem), path) for path in folder.iterdir() if _is_image(path)]
    kinds = {match["kind"] for match, _ in matches if match}
    if len(kinds) > 1:
        raise CorpusInvalid(
            folder,
            "mixes genuine signatures (original_...) and forgeries (forgeries_...)",
            "put them into folders of their own",
        )
    strangers = [path.name for match, path in matches if not match]
    if kinds and strangers:
        raise CorpusInvalid(
            folder, f"{min(strangers)} does not have a CEDAR name like the others", "rename or remove it"
        )
    return [Sample(match["writer"], path.stem, path) for match, path in matches if match]


def _from_folders(folder: Path) -> Iterable[Sample]:
    for writer in folder.iterdir():
        if writer.is_dir() and not writer.name.startswith("."):
            yield from (Sample(writer.name, path.stem, path) for path in writer.iterdir() if _is_image(path))


def _from_table(table: Path) -> Iterable[Sample]:
    try:
        with table.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            if not {"file", "writer"} <= set(reader.fieldnames or ()):
                raise TableInvalid(table, "lacks the columns file and writer", "add them to its first line")
            rows = [(reader.line_num, row["file"], row["writer"]) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableInvalid(table, f"is no CSV table in UTF-8 ({error})") from error
    except OSError as error:
        raise FileUnreadable(table, error.strerror or str(error)) from error
    for line, file, writer in rows:
        if not file or not writer:
            raise TableInvalid(f"{table} line {line}", "names no file or no writer")
        yield Sample(writer, Path(file).stem, table.parent / file)


def _collect(source: Path, found: list[Sample]) -> Corpus:
    samples: dict[str, tuple[Sample, ...]] = {}
    for writer in sorted({sample.writer for sample in found}, key=natural_key):
        of_writer = [sample for sample in found if sample.writer == writer]
        names = [safe_name(sample.name) for sample in of_writer]
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            raise CorpusInvalid(
                source, f"writer {writer} has two signatures called {min(doubled)}", "rename one"
            )
        renamed = [Sample(writer, name, sample.path) for name, sample in zip(names, of_writer, strict=True)]
        samples[writer] = tuple(sorted(renamed, key=lambda sample: natural_key(sample.name)))
    folders = [safe_name(writer) for writer in samples]
    if len(set(folders)) < len(folders):
        raise CorpusInvalid(source, "two writers' names become the same folder name", "rename one")
    return Corpus(samples)
