"""The record of a run: what went in, what came out, with which settings, versions and seed."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from sigforensics import __version__
from sigforensics.errors import FileUnreadable, TableInvalid
from sigforensics.storage import RECORD_NAME, RECORD_SCHEMA, atomic_file

__all__ = ["Record", "file_sha256", "printable", "read_record", "to_json", "versions", "write_record"]

PACKAGES = (
    "numpy",
    "scipy",
    "scikit-image",
    "opencv-python-headless",
    "pillow",
    "pypdfium2",
    "tensorflow",
    "keras",
)


def file_sha256(path: Path) -> str:
    """SHA-256 of the bytes of a file, in hexadecimal.

    Raises
    ------
    FileUnreadable
        If it is missing or may not be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise FileUnreadable(path, error.strerror or str(error)) from error


def printable(text: str) -> str:
    r"""A file's name as Unicode that can be written: bytes of it that are no UTF-8 become ``\udc..`` in letters."""
    if text.isascii():  # as it is, and not once more: a record may name a hundred thousand files
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def versions() -> dict[str, str]:
    """Versions of Python, the platform and every package that can change a figure, without importing them."""
    found = {
        "sigforensics": __version__,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
    }
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


@dataclass(kw_only=True)
class Record:
    """What a run did. ``settings`` holds the dataclasses of the stages that it used."""

    command: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    inputs: Iterable[dict[str, Any]] = field(default_factory=list)
    """Each at least ``path`` and ``sha256``; an iterator, where they are too many to hold twice, is used up by writing."""
    outputs: list[dict[str, Any]] = field(default_factory=list)
    """Each at least ``path`` (within the output folder) and ``sha256``."""
    skipped: list[dict[str, Any]] = field(default_factory=list)
    """Inputs that could not be used: ``path``, ``reason``, and ``status``, the exit status that each would have alone."""
    notes: list[str] = field(default_factory=list)
    """What a reader must know before using the outputs."""
    results: Mapping[str, Any] = field(default_factory=dict)

    def add_outputs(self, folder: Path, paths: Iterable[Path]) -> None:
        """Note files within ``folder`` with their hashes, sorted by name."""
        for path in sorted(paths):
            self.outputs.append({"path": path.relative_to(folder).as_posix(), "sha256": file_sha256(path)})


def to_json(value: object) -> Any:
    """Dataclasses, paths, NumPy numbers and arrays as what JSON knows; NaN and infinities become null."""
    if is_dataclass(value) and not isinstance(value, type):
        value = {one.name: getattr(value, one.name) for one in fields(value)}
    if hasattr(value, "tolist"):  # NumPy scalars and arrays
        value = value.tolist()
    if isinstance(value, Mapping):
        return {printable(str(key)): to_json(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        value = sorted(value, key=str)  # in the same order in every run
    if isinstance(value, list | tuple | Iterator):
        return [to_json(item) for item in value]
    if isinstance(value, str | Path):
        return printable(str(value))
    if isinstance(value, float) and not (-float("inf") < value < float("inf")):
        return None
    return value


def write_record(folder: Path, record: Record, *, name: str = RECORD_NAME) -> Path:
    """Write the record into an output folder; return its path."""
    document = {
        "schema": RECORD_SCHEMA,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        **to_json(record),
    }
    path = folder / name
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        json.dump(document, stream, indent=2, ensure_ascii=False, allow_nan=False)  # there may be many inputs
        stream.write("\n")
    return path


def read_record(folder: Path) -> dict[str, Any]:
    """The record of an output folder.

    Raises
    ------
    FileUnreadable
        If the folder has none.
    TableInvalid
        If it is no record of ours.
    """
    path = folder / RECORD_NAME
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileUnreadable(
            path, error.strerror or str(error), "give a folder that sigforensics made"
        ) from error
    except ValueError as error:
        raise TableInvalid(path, f"is no JSON document ({error})") from error
    if not isinstance(record, dict) or record.get("schema") != RECORD_SCHEMA:
        raise TableInvalid(path, "is no record of sigforensics")
    return record
