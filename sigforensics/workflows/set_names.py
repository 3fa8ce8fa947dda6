"""What two sets are called: as their folders or lists are."""

from __future__ import annotations

from sigforensics.provenance import printable
from sigforensics.scans import FileList, ImageSource

__all__ = ["PLAIN", "set_names"]

PLAIN = ("true", "fake")
"""The names of sets whose folders have none of their own, or the same."""


def set_names(one: ImageSource, other: ImageSource) -> tuple[str, str]:
    """The names of the folders, or of the lists without their endings; ``true`` and ``fake`` where these are equal."""
    names = (_name(one), _name(other))
    if not all(names) or names[0].casefold() == names[1].casefold():
        return PLAIN
    return names


def _name(source: ImageSource) -> str:
    if isinstance(source, FileList):
        return printable(source.name.path.stem).strip("-")
    return printable(source.resolve().name)
