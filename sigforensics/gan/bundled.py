"""The generators that ship with the package, and how a user names one."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from sigforensics.errors import GeneratorUnknown
from sigforensics.storage import is_folder

__all__ = ["DEFAULT", "bundled_generator", "bundled_names", "find_generator"]

DEFAULT = "cedar-16-smoothed"
"""The generator that is used where none is named."""
ENDING = ".safetensors"


def _folder() -> Path:
    return Path(str(resources.files("sigforensics.gan") / "weights"))


def bundled_names() -> list[str]:
    """Names of the generators that ship with the package: the default first, then by the alphabet."""
    names = {path.stem for path in _folder().glob(f"*{ENDING}")}
    return sorted(names, key=lambda name: (name != DEFAULT, name))


def bundled_generator(name: str = DEFAULT) -> Path:
    """The file of a generator that ships with the package."""
    return _folder() / f"{name}{ENDING}"


def find_generator(named: str) -> Path:
    """The file of a generator as a user names it: a bundled name, a model file, or a folder that ``train`` made.

    A text without a path separator and without an ending is a bundled name if there is one such, even where a file or folder
    of that name lies in the working directory: what a name means must not depend on where it is said. ``./NAME`` is the file
    or folder.

    Raises
    ------
    GeneratorUnknown
        If it looks like a name, and neither a bundled generator nor a file or folder has it.
    """
    path = Path(named)
    if path.name == named and not path.suffix:
        if named in bundled_names():
            return bundled_generator(named)
        if not path.exists():
            advice = (
                f"give {', '.join(bundled_names())}, a model file, or a folder that 'sigforensics train' made"
            )
            raise GeneratorUnknown(named, "no bundled generator has this name, and no file or folder", advice)
    return path / f"generator{ENDING}" if is_folder(path) else path
