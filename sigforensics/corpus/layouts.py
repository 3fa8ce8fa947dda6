"""Layouts of a corpus: CEDAR's file names, one folder a writer, or a CSV manifest."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
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
    try:
        if source.is_file():
            found = list(_from_table(source))
        elif source.is_dir():
            found = list(_from_folder(source))
        else:
            raise FileUnreadable(source, "there is no such file or folder")
    except OSError as error:
        raise FileUnreadable(error.filename or source, error.strerror or str(error)) from error
    if not found:
        raise CorpusInvalid(source, "holds no signatures in a layout that we know")
    return _collect(source, found)


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """A sort key that counts: ``writer_2`` before ``writer_10``.

    >>> sorted(["w10", "w2"], key=natural_key)
    ['w2', 'w10']
    """
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts]


def safe_name(name: str) -> str:
    """A name as a file name: everything but letters, digits, dot, dash and underscore becomes an underscore.

    >>> safe_name("../a b")
    '_.._a_b'
    """
    safe = re.sub(r"[^\w.-]", "_", name)
    return f"_{safe}" if name != safe or safe.startswith(".") else safe


def _images_and_folders(folder: Path) -> tuple[list[Path], list[Path]]:
    """What a folder holds that is not hidden, each sorted by name."""
    try:
        shown = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        folders = {path for path in shown if path.is_dir()}
    except OSError as error:
        raise FileUnreadable(folder, error.strerror or str(error)) from error
    images = [path for path in shown if path.suffix.lower() in IMAGE_SUFFIXES and path not in folders]
    return images, sorted(folders)


def _from_folder(folder: Path) -> Iterable[Sample]:
    """CEDAR's names, or one folder a writer; a folder that is a little of both is refused."""
    images, folders = _images_and_folders(folder)
    matches = [(CEDAR_NAME.fullmatch(path.stem), path) for path in images]
    named = [Sample(match["writer"], path.stem, path) for match, path in matches if match]
    strangers = [path.name for match, path in matches if not match]
    if named and strangers:
        what = f"{strangers[0]} does not have a CEDAR name like the others"
        raise CorpusInvalid(folder, what, "rename or remove it")
    if named:
        return named
    of_writers = [
        Sample(writer.name, path.stem, path) for writer in folders for path in _images_and_folders(writer)[0]
    ]
    if of_writers and strangers:
        what = f"{strangers[0]} lies beside the writers' folders and not in one"
        raise CorpusInvalid(folder, what, "move it into its writer's folder, or remove it")
    return of_writers


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


def _collect(source: Path, found: Sequence[Sample]) -> Corpus:
    _refuse_mixture(source, found)
    by_writer: dict[str, list[Sample]] = {}
    for sample in found:
        safe = Sample(sample.writer, safe_name(sample.name), sample.path)
        by_writer.setdefault(sample.writer, []).append(safe)
    samples = {}
    for writer in sorted(by_writer, key=natural_key):
        of_writer = sorted(by_writer[writer], key=lambda sample: natural_key(sample.name))
        for one, other in pairwise(of_writer):
            if one.name == other.name:
                what = f"writer {writer} has two signatures called {one.name}"
                raise CorpusInvalid(source, what, "rename one")
        samples[writer] = tuple(of_writer)
    if len({safe_name(writer) for writer in samples}) < len(samples):
        raise CorpusInvalid(source, "two writers' names become the same folder name", "rename one")
    return Corpus(samples)


def _refuse_mixture(source: Path, found: Iterable[Sample]) -> None:
    """CEDAR's names tell genuine from forged: a mask or a generator of both would be neither's."""
    owners: dict[Path, str] = {}
    kinds = set()
    for sample in found:
        if owners.setdefault(sample.path, sample.writer) != sample.writer:
            raise CorpusInvalid(
                source, f"{sample.path.name} is given to two writers", "remove one of the lines"
            )
        match = CEDAR_NAME.fullmatch(sample.path.stem)
        kinds |= {match["kind"]} if match else set()
    if len(kinds) > 1:
        what = "mixes genuine signatures (original_...) and forgeries (forgeries_...)"
        raise CorpusInvalid(source, what, "put them into folders of their own")
