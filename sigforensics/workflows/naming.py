"""Names of the files that are made of scans: fit for every system, and none twice."""

from __future__ import annotations

from unicodedata import category

__all__ = ["file_name", "unique_name"]


def file_name(name: str) -> str:
    """The name with bytes that are no UTF-8 and control characters replaced, and not hidden: spectra of the folder must see it.

    >>> file_name(".page"), file_name("two\\nlines")
    ('_.page', 'two_lines')
    """
    name = "".join("_" if category(character) in {"Cc", "Cs"} else character for character in name)
    return f"_{name}" if name.startswith(".") else name


def unique_name(name: str, names: set[str]) -> str:
    """The name, or the name with the first free number: two scans may have one file name in two folders.

    Names that differ in case alone count as equal: some file systems cannot tell them apart. The name is added to ``names``.
    """
    unique, number = name, 1
    while unique.casefold() in names:
        number += 1
        unique = f"{name}~{number}"
    names.add(unique.casefold())
    return unique
