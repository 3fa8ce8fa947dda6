"""Writing: atomic, never silently over something, never over an input or among the inputs."""

from __future__ import annotations

import errno
import glob
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sigforensics.errors import OutputExists, OutputHoldsInputs, OutputUnwritable

__all__ = [
    "RECORD_NAME",
    "RECORD_SCHEMA",
    "atomic_file",
    "check_output_file",
    "check_output_folder",
    "is_folder",
    "is_json_of",
    "output_file",
    "output_folder",
    "read_our_json",
    "refuse_inputs",
    "remove_leftovers",
]

RECORD_NAME = "record.json"
"""Every output folder holds one: it is how we know a folder again that may be replaced, and what in it is ours."""
RECORD_SCHEMA = "sigforensics-record/1"
SCHEMAS = "sigforensics-"
"""Every JSON document of ours says in ``schema`` what it is, and that begins so."""
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})
"""What the system says of a disk that takes no more."""
LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""What file managers leave in folders without being asked."""


@contextmanager
def _unwritable_at(path: Path, *, codes: frozenset[int] | None = None) -> Iterator[None]:
    """Name ``path`` in the errors of the file system, or in those with one of the codes."""
    try:
        yield
    except OSError as error:
        if codes is not None and (error.errno is None or error.errno not in codes):
            raise
        raise OutputUnwritable(path, error.strerror or str(error)) from error


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its name when the block ends well, and vanishes when it does not."""
    with _unwritable_at(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:100]}.", suffix=path.suffix)
        os.close(handle)
    temporary = Path(name)
    try:
        with _unwritable_at(path, codes=NO_ROOM):
            yield temporary
        with _unwritable_at(path):
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(path: Path) -> None:
    """Remove the temporary files of :func:`atomic_file` for ``path`` that a killed process could not remove.

    Only for a folder in which no other process is writing.
    """
    for temporary in path.parent.glob(f".{glob.escape(path.stem[:100])}.*{glob.escape(path.suffix)}"):
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def refuse_inputs(output: Path, inputs: Iterable[Path]) -> None:
    """Refuse an output that is an input, holds one, or lies inside a folder of inputs.

    Raises
    ------
    OutputHoldsInputs
    """
    target = output.resolve()
    for path in inputs:
        resolved = path.resolve()
        if resolved == target or target in resolved.parents:
            what = "is the input" if resolved == target else "holds the input"
            raise OutputHoldsInputs(output, f"{what} {path}")
        if resolved in target.parents:
            raise OutputHoldsInputs(output, f"lies inside the input folder {path}")


def is_folder(path: Path) -> bool:
    """Whether the path is a folder; False also where the file system refuses to look (a name too long, no permission)."""
    try:
        return path.is_dir()
    except OSError:
        return False


def read_our_json(path: Path) -> dict[str, Any] | None:
    """A JSON document that sigforensics wrote; None if the file is anything else."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    ours = isinstance(document, dict) and str(document.get("schema")).startswith(SCHEMAS)
    return document if ours else None


def is_json_of(path: Path, schema: str) -> bool:
    """Whether the file is a JSON document of ours of this very schema."""
    return (read_our_json(path) or {}).get("schema") == schema


def check_output_folder(path: Path, *, overwrite: bool, inputs: Iterable[Path] = ()) -> None:
    """Refuse an output folder that is not free for us.

    Raises
    ------
    OutputHoldsInputs
        If it holds an input, or lies inside a folder of inputs.
    OutputExists
        If it is not empty, unless ``overwrite`` and all that is in it is, byte for byte, what its own record says that we
        wrote.
    OutputUnwritable
        If the file system does not even let us look.
    """
    with _unwritable_at(path):
        refuse_inputs(path, inputs)
        if path.is_dir():
            _check_folder_free(path, overwrite=overwrite)
        elif path.exists() or path.is_symlink():
            raise OutputExists(path, "is there and is no folder", "choose another name")


def _check_folder_free(path: Path, *, overwrite: bool) -> None:
    if Path.cwd().is_relative_to(path.resolve()):
        raise OutputExists(path, "is the current folder or holds it", "name a folder in it")
    if not any(path.iterdir()):
        return
    if not overwrite:
        raise OutputExists(path, "folder exists and is not empty")
    record = read_our_json(path / RECORD_NAME)
    if record is None or record.get("schema") != RECORD_SCHEMA:
        raise OutputExists(
            path,
            "folder exists, and sigforensics did not write it: nothing is replaced",
            "choose another name",
        )
    stranger = _stranger(path, _hashes(record))
    if stranger is not None:
        what = f"folder holds {stranger}, which is not of the run that made it, or was changed since"
        raise OutputExists(path, what, "move it elsewhere, or choose another name")


def _hashes(record: Mapping[str, Any]) -> dict[str, Any]:
    """The SHA-256 that a record states of each output, by path."""
    outputs = record.get("outputs")
    entries = outputs if isinstance(outputs, list) else []
    return {str(entry.get("path")): entry.get("sha256") for entry in entries if isinstance(entry, dict)}


def _stranger(folder: Path, hashes: Mapping[str, Any]) -> str | None:
    """The first file of a folder that is not as its record says, if there is one; the record itself is as it is."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            return name
        if path.is_dir() or name == RECORD_NAME or path.name in LITTER:
            continue
        if name not in hashes or not path.is_file() or _sha256(path) != hashes[name]:
            return name
    return None


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def output_folder(path: Path, *, overwrite: bool = False, inputs: Iterable[Path] = ()) -> Iterator[Path]:
    """A new folder that appears under its name only when it is complete.

    Parameters
    ----------
    path : Path
        The folder to make.
    overwrite : bool
        Whether a folder that sigforensics wrote before may be replaced; see :func:`check_output_folder`.
    inputs : iterable of Path
        Files and folders that are read; none may lie in the folder, nor the folder in one of them.

    Yields
    ------
    Path
        A temporary folder beside it to write into. When the block fails, it is removed and ``path`` is as it was.

    Raises
    ------
    OutputExists, OutputHoldsInputs, OutputUnwritable
    """
    check_output_folder(path, overwrite=overwrite, inputs=inputs)
    with _unwritable_at(path):
        place = _behind_link(path)
        made = _make_parents(place)
        staging = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name[:100]}."))
    try:
        with _unwritable_at(path, codes=NO_ROOM), _named(path):
            yield staging
        with _unwritable_at(path):
            staging.chmod(0o777 & ~_umask())
            with _moved_aside(place):
                staging.replace(place)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        _remove_empty(made)
        raise


def _behind_link(path: Path) -> Path:
    """The folder itself where the path is a link to one: the link stays."""
    return path.resolve() if path.is_symlink() else path


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Name the folder that the user asked for where writing into the temporary one fails."""
    try:
        yield
    except OutputUnwritable as error:
        raise OutputUnwritable(path, error.what) from error


@contextmanager
def _moved_aside(path: Path) -> Iterator[None]:
    """Move a folder out of the way, for good if the block ends well, else back."""
    if not path.is_dir():
        yield
        return
    aside = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name[:100]}.old."))
    path.replace(aside / path.name)
    try:
        yield
    except BaseException:
        (aside / path.name).replace(path)
        aside.rmdir()
        raise
    shutil.rmtree(aside)


def _make_parents(path: Path) -> list[Path]:
    """Make the folders above ``path``; return those that were not there, innermost first."""
    missing = [parent for parent in path.parents if not parent.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    return missing


def _remove_empty(folders: Iterable[Path]) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def check_output_file(
    path: Path,
    *,
    overwrite: bool,
    ours: Callable[[Path], bool],
    inputs: Iterable[Path] = (),
) -> None:
    """Refuse an output file that is not free for us; ``ours`` says whether we wrote the one that is there.

    Raises
    ------
    OutputExists, OutputHoldsInputs, OutputUnwritable
    """
    with _unwritable_at(path):
        refuse_inputs(path, inputs)
        if path.is_dir():
            raise OutputExists(path, "is a folder", "name a file")
        if not (path.exists() or path.is_symlink()):
            return
        if not overwrite:
            raise OutputExists(path, "exists")
        if not ours(path):
            what = "exists, and is no output of this kind that sigforensics wrote"
            raise OutputExists(path, what, "choose another name")


@contextmanager
def output_file(
    path: Path,
    *,
    ours: Callable[[Path], bool],
    overwrite: bool = False,
    inputs: Iterable[Path] = (),
) -> Iterator[Path]:
    """Like :func:`atomic_file`, but refuse what :func:`check_output_file` refuses."""
    check_output_file(path, overwrite=overwrite, ours=ours, inputs=inputs)
    with atomic_file(path) as temporary:
        yield temporary
