"""What was given as inputs: as a list of files, and as entries of the record."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sigforensics.errors import FileUnreadable
from sigforensics.provenance import file_sha256
from sigforensics.scans import list_images
from sigforensics.storage import is_folder

__all__ = ["expand", "input_entry"]


def expand(paths: Iterable[Path]) -> list[Path]:
    """Files as given, folders as the images in them, sorted by name; none twice."""
    files = (file for path in paths for file in (list_images(path) if is_folder(path) else [path]))
    return list(dict.fromkeys(files))


def input_entry(path: Path, role: str, sha256: str | None = None) -> dict[str, Any]:
    """A file that was read, for the record; one that cannot be read has no hash."""
    try:
        return {"path": path, "sha256": sha256 or file_sha256(path), "role": role}
    except FileUnreadable:
        return {"path": path, "sha256": None, "role": role}
