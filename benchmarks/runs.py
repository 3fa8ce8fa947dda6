"""What the benchmarks of fakes read: runs of ``sigforensics generate --data``, and folders of targets."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from sigforensics.cli.console import STDOUT, check_json_target, emit_json
from sigforensics.corpus import read_frame
from sigforensics.errors import FileUnreadable, NoImages, SigforensicsError, SizesDiffer, TableInvalid
from sigforensics.images import ByteImage
from sigforensics.png import read_png

MANIFEST = "manifest.csv"


@dataclass(frozen=True, eq=False)
class Run:
    """The true images and the fakes of a run: n of each, in one order."""

    name: str
    """Of the folder."""
    names: NDArray[np.str_]
    """Of the signatures, shape (n,)."""
    writers: NDArray[np.str_]
    """Whose signature each is, shape (n,)."""
    true: ByteImage
    """Ink bright on paper 0, shape (n, size, size)."""
    fake: ByteImage


@dataclass(frozen=True, eq=False)
class Targets:
    """Prepared genuine signatures, or prepared forgeries by hand."""

    writers: NDArray[np.str_]
    """Whose signature each is or pretends to be, shape (n,)."""
    images: ByteImage
    """Ink bright on paper 0, shape (n, size, size)."""


def read_run(folder: Path, *, fakes: str = "fake") -> Run:
    """A folder that ``generate --data`` made, with ``true/``, ``fake/`` and the writers in ``signatures.csv``.

    Parameters
    ----------
    folder : Path
    fakes : str
        Which subfolder's images are the fakes: ``fake-2`` for second variants.

    Raises
    ------
    FileUnreadable, TableInvalid, SizesDiffer
    """
    table = folder / "signatures.csv"
    try:
        with table.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
    except OSError as error:
        advice = "give a folder that 'sigforensics generate --data' made"
        raise FileUnreadable(table, error.strerror or str(error), advice) from error
    if not rows or not {"name", "writer"} <= set(rows[0]):
        raise TableInvalid(table, "does not say who wrote which signature", "use 'generate --data'")
    names = [row["name"] for row in rows]
    true, fake = (
        stack((folder / kind / f"{name}.png" for name in names), where=folder / kind)
        for kind in ("true", fakes)
    )
    if true.shape != fake.shape:
        raise SizesDiffer(folder, f"true images of {true.shape[1:]} and fakes of {fake.shape[1:]} pixels")
    return Run(folder.name, np.array(names), np.array([row["writer"] for row in rows]), true, fake)


def read_targets(folder: Path, *, frame: str | None = None) -> Targets:
    """Targets of a folder that ``prepare`` made, or of any folder that holds one folder of 8-bit PNG files a writer.

    Parameters
    ----------
    folder : Path
    frame : str, optional
        Take one frame of a prepared folder alone (``training``); ignored where there are no frames.

    Raises
    ------
    FileUnreadable, NoImages, SizesDiffer
    """
    prepared = (folder / MANIFEST).is_file()
    if prepared and frame is not None:
        found = {folder / row.target: row.writer for row in read_frame(folder, frame)}
    else:
        place = folder / "targets" if prepared else folder
        found = {path: path.parent.name for path in sorted(place.glob("*/*.png"))}
    if not found:
        raise NoImages(
            folder, "holds no folder of PNG files a writer, and no frame of 'sigforensics prepare'"
        )
    return Targets(np.array(list(found.values())), stack(found, where=folder))


def stack(paths: Iterable[Path], *, where: object) -> ByteImage:
    """Images of one size as one array, shape (n, height, width)."""
    images = [read_png(path) for path in paths]
    if len({image.shape for image in images}) > 1:
        raise SizesDiffer(where, "holds images of several sizes", "measure sets of one size")
    return np.stack(images)


def report(
    measure: Callable[[], Mapping[str, Any]], show: Callable[[Mapping[str, Any]], None], target: str | None
) -> None:
    """Measure, then print a table or, for ``--json``, write one document; errors of the input become one line.

    Parameters
    ----------
    measure : callable
        Gives the document; it has a ``schema``.
    show : callable
        Prints it for people.
    target : str, optional
        A new file for the document; ``-`` is stdout, with nothing else there.
    """
    try:
        check_json_target(target, "", overwrite=False)
        with threadpool_limits(
            1
        ):  # the matrices are small, and on a busy machine threads wait for each other
            document = measure()
        if target != STDOUT:
            show(document)
        emit_json(document, target, overwrite=False)
    except SigforensicsError as error:
        raise SystemExit(str(error)) from error
