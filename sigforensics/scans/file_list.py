"""Files named one by one in a text, instead of a folder that holds them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sigforensics.errors import FileUnreadable, NoImages, TableInvalid
from sigforensics.scans.reading import list_images

__all__ = [
    "STDIN",
    "FileList",
    "ImageSource",
    "ListName",
    "images_of",
    "inputs_of",
    "open_source",
    "parse_file_list",
]

STDIN = Path("-")
MARK = "@"
"""What a list's name begins with, where a folder might stand as well."""


@dataclass(frozen=True)
class ListName:
    """Where a list is: ``@FILE``, or ``@-`` for standard input."""

    path: Path

    def __str__(self) -> str:
        return f"{MARK}{self.path}"


@dataclass(frozen=True)
class FileList:
    """A list that was read."""

    name: ListName
    files: tuple[Path, ...]
    """In the order of the list, each once."""

    def __str__(self) -> str:
        return str(self.name)


ImageSource = Path | FileList
"""A folder of images, or a list of them."""


def open_source(given: Path | ListName) -> ImageSource:
    """A folder as it is; a list, read.

    Raises
    ------
    FileUnreadable, NoImages, TableInvalid
        As :func:`parse_file_list`, and if the list itself cannot be read.
    """
    if isinstance(given, Path):
        return given
    try:
        data = sys.stdin.buffer.read() if given.path == STDIN else given.path.read_bytes()
    except (OSError, ValueError) as error:
        raise FileUnreadable(given, getattr(error, "strerror", None) or str(error)) from error
    return parse_file_list(given, data)


def parse_file_list(name: ListName, data: bytes) -> FileList:
    """The files that a text names, one a line; or separated by NUL, as ``find -print0`` writes them, if there is one in it.

    Relative paths are relative to the working directory, wherever the list lies. Empty lines are passed over; everything else
    in a line, blanks at its ends too, belongs to the name. Any bytes may be in it that the file system takes.

    Raises
    ------
    FileUnreadable
        If there is no such file.
    NoImages
        If the list is empty.
    TableInvalid
        If it names a file twice.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    zeros = b"\0" in data
    lines = data.split(b"\0") if zeros else [line.rstrip(b"\r") for line in data.split(b"\n")]
    numbered = {number: Path(os.fsdecode(line)) for number, line in enumerate(lines, start=1) if line}
    if not numbered:
        raise NoImages(name, "the list names no file", "name one a line")
    kind = "entry" if zeros else "line"
    first: dict[Path, int] = {}
    for number, path in numbered.items():
        where = f"{name} {kind} {number}"
        if not path.is_file():
            what = "is no file" if path.exists() else "there is no such file"
            advice = f"correct the list; relative paths are relative to {Path.cwd()}"
            raise FileUnreadable(f"{where}: {path}", what, advice)
        before = first.setdefault(path.resolve(), number)
        if before != number:
            raise TableInvalid(where, f"names {path} again, as {kind} {before} does", "name each file once")
    return FileList(name, tuple(numbered.values()))


def images_of(source: ImageSource) -> list[Path]:
    """The images of a folder, sorted by name; or those of a list, in its order.

    Raises
    ------
    FileUnreadable, NoImages
        As :func:`sigforensics.scans.list_images`.
    """
    return list(source.files) if isinstance(source, FileList) else list_images(source)


def inputs_of(sources: Sequence[ImageSource | ListName]) -> list[Path]:
    """What no output may replace or hold: folders; lists, and the files that they name."""
    inputs: list[Path] = []
    for source in sources:
        name = source.name if isinstance(source, FileList) else source
        if isinstance(source, FileList):
            inputs += source.files
        if not isinstance(name, ListName):
            inputs.append(name)
        elif name.path != STDIN:
            inputs.append(name.path)
    return inputs
