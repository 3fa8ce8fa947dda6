"""Writing: atomic, never silently over something, never over an input."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sigforensics.errors import OutputExists, OutputHoldsInputs, OutputUnwritable

__all__ = [
    "RECORD_NAME",
    "atomic_file",
    "check_output_folder",
    "output_file",
    "output_folder",
    "replace_folder",
]

RECORD_NAME = "record.json"
"""Every output folder holds one: it is how we know a folder again that may be replaced."""


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its name when the block ends well, and vanishes when it does not."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=path.suffix)
        os.close(handle)
    except OSError as error:
        raise OutputUnwritable(path, error.strerror or str(error)) from error
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _refuse_inputs(output: Path, inputs: Iterable[Path]) -> None:
    target = output.resolve()
    for path in inputs:
        resolved = path.resolve()
        if resolved == target or target in resolved.parents:
            raise OutputHoldsInputs(output, f"holds the input {path}")


def check_output_folder(path: Path, *, overwrite: bool, inputs: Iterable[Path] = ()) -> None:
    """Refuse a folder that holds inputs, or that is not empty unless we wrote it and may overwrite it."""
    _refuse_inputs(path, inputs)
    if path.is_dir():
        ours = (path / RECORD_NAME).is_file()
        if any(path.iterdir()) and not (overwrite and ours):
            what = "folder exists and is not empty"
            if overwrite:
                raise OutputExists(path, f"{what}, and sigforensics did not write it", "choose another name")
            raise OutputExists(path, what)
    elif path.exists() or path.is_symlink():
        raise OutputExists(path, "is there and is no folder", "choose another name")


@contextmanager
def output_folder(path: Path, *, overwrite: bool = False, inputs: Iterable[Path] = ()) -> Iterator[Path]:
    """A new folder that appears under its name only when it is complete.

    Parameters
    ----------
    path : Path
        The folder to make.
    overwrite : bool
        Whether a folder that sigforensics wrote before (it holds a ``record.json``) may be replaced.
    inputs : iterable of Path
        Files that are read; the folder must not hold any of them.

    Yields
    ------
    Path
        A temporary folder beside it to write into. When the block fails, it is removed and ``path`` is as it was.

    Raises
    ------
    OutputExists, OutputHoldsInputs, OutputUnwritable
    """
    check_output_folder(path, overwrite=overwrite, inputs=inputs)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    except OSError as error:
        raise OutputUnwritable(path, error.strerror or str(error)) from error
    try:
        yield staging
        staging.chmod(0o777 & ~_umask())
        if path.is_dir():
            old = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.old."))
            path.replace(old / path.name)
            staging.replace(path)
            shutil.rmtree(old)
        else:
            staging.replace(path)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def replace_folder(path: Path, *, overwrite: bool = False, inputs: Iterable[Path] = ()) -> None:
    """An empty folder to write into step by step, for outputs that are themselves made of whole folders.

    Raises
    ------
    OutputExists, OutputHoldsInputs, OutputUnwritable
    """
    with output_folder(path, overwrite=overwrite, inputs=inputs):
        pass


@contextmanager
def output_file(path: Path, *, overwrite: bool = False, inputs: Iterable[Path] = ()) -> Iterator[Path]:
    """Like :func:`atomic_file`, but refuse to replace a file unless ``overwrite``, and an input always."""
    _refuse_inputs(path, inputs)
    if path.exists() and not overwrite:
        raise OutputExists(path, "exists")
    with atomic_file(path) as temporary:
        yield temporary
