"""How far the reading of sets is, kept in a file beside the output, so that a run that was cut off can go on."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.errors import CheckpointDiffers, OutputExists, SigforensicsError
from sigforensics.provenance import file_sha256, to_json, versions
from sigforensics.scans import read_scan
from sigforensics.settings import Scanning
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra import Part
from sigforensics.storage import atomic_file, remove_leftovers
from sigforensics.workflows.checkpoint_file import (
    HEADER,
    SCHEMA,
    Kept,
    files_entry,
    framing_sums,
    kept_to_arrays,
    read_header,
    require_same,
    restore_kept,
    skipped_entries,
)
from sigforensics.workflows.framing import Framing
from sigforensics.workflows.interruption import Endings, endings_deferred
from sigforensics.workflows.loading import Facts
from sigforensics.workflows.progress import Progress

__all__ = ["Checkpoint", "checkpoint_path", "checkpoints", "unkept"]

SUFFIX = ".checkpoint"
EVERY_SECONDS = 60.0
"""Between two checkpoints."""
TOGETHER = 1024
"""Files whose hashes are waited for together."""


def checkpoint_path(output: Path) -> Path:
    """Where the checkpoint of a run is, by where its output will be."""
    return output.with_name(output.name + SUFFIX)


@contextmanager
def checkpoints(
    path: Path | None,
    identity: Mapping[str, Any],
    *,
    resume: bool,
    overwrite: bool = False,
    progress: Progress,
) -> Iterator[Checkpoint]:
    """The checkpoint of a run: written now and then, and when the block is interrupted; removed when it ends well.

    Parameters
    ----------
    path : Path, optional
        None keeps nothing.
    identity : mapping
        All that the sums depend on beside the files: a checkpoint that states anything else is refused.
    resume : bool
        Go on from the file, if it is there.
    overwrite : bool
        Begin anew although it is there.
    progress : Progress

    Raises
    ------
    OutputExists
        If it is there and neither was said.
    CheckpointDiffers
        If it is of another run.
    """
    checkpoint = Checkpoint(path, to_json({"schema": SCHEMA, "versions": versions(), **identity}), progress)
    if path is None:
        yield checkpoint
        return
    if path.exists() and resume:
        checkpoint.load()
    elif resume:
        progress.say(f"no {path}: beginning at the beginning")
    elif path.exists() and not (overwrite and read_header(path)):
        raise OutputExists(
            path, "an interrupted run left it", "go on with --resume, or begin anew with --overwrite"
        )
    try:
        yield checkpoint
    except Exception:
        raise
    except BaseException:  # interrupted, and not failed
        checkpoint.write_at_end()
        raise
    checkpoint.remove()


def unkept(progress: Progress) -> Checkpoint:
    """A checkpoint that keeps nothing."""
    return Checkpoint(None, {}, progress)


class Checkpoint:
    """The sums of the first images of each set; see :func:`checkpoints`."""

    def __init__(self, path: Path | None, identity: Mapping[str, Any], progress: Progress) -> None:
        self._path = path
        self._identity = identity
        self._progress = progress
        self._kept: dict[str, Kept] = {}
        self._written = time.monotonic()
        self._whole = True
        """Whether no set is being added to now."""
        self._fresh = True
        """Whether the file is as far as the sums are."""
        self.endings = Endings()

    def framed(self, *names: str) -> bool:
        """Whether one of these sets was found to be of different sizes."""
        return any(kept.framing["grid"] for name, kept in self._kept.items() if name in names)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A block in which sums are added to: endings wait for :meth:`keep`."""
        if self._path is None:
            yield
            return
        self._whole = False
        with endings_deferred() as self.endings:
            yield
            self._whole = True

    def begin(
        self,
        name: str,
        paths: Sequence[Path],
        framing: Framing,
        *,
        settings: SpectrumSettings,
        scanning: Scanning,
        workers: int,
    ) -> tuple[Part | None, dict[Path, Facts]]:
        """How far a set is, once it is known that what was read of it is as it was; None, if it is to be begun.

        Raises
        ------
        CheckpointDiffers
            If a file has changed since.
        """
        kept = self._kept.get(name)
        if kept is None or kept.framing != framing_sums(framing):
            self._kept[name] = Kept(framing_sums(framing), None, {}, paths)
        elif kept.arrays is not None:
            if list(kept.files) != files_entry(paths):
                what = f"is of other files: of the set {name} it has {kept.files[0]}, and now there are {len(paths)}"
                raise CheckpointDiffers(self._place, what)
            restore_kept(kept, paths, framing, settings)
            self._check_files(name, kept, scanning, workers)
        kept = self._kept[name]
        return kept.part, kept.facts

    def keep(self, name: str, part: Part) -> None:
        """After each part of a set: write the checkpoint if it is time, or the run is asked to end, which it then does."""
        self._kept[name].part, self._fresh = part, False
        if self._path is None:
            return
        if self.endings.asked or time.monotonic() - self._written > EVERY_SECONDS:
            self._write()
        if self.endings.asked:
            self._say()
            self.endings.strike()

    def load(self) -> None:
        """Read the file.

        Raises
        ------
        CheckpointDiffers
            If it is none of ours, or of another run.
        """
        path = self._place
        header = read_header(path)
        if not header:
            raise CheckpointDiffers(path, "is no checkpoint, or not a whole one")
        require_same(path, header["identity"], self._identity)
        with np.load(path, allow_pickle=False) as arrays:
            for place, (name, stated) in enumerate(header["sets"].items()):
                keys = [key for key in arrays.files if key.startswith(f"{place}/")]
                own = {key.split("/")[1]: arrays[key] for key in keys}
                self._kept[name] = Kept(
                    stated["framing"], None, {}, (), own, stated["skipped"], stated["files"]
                )

    def write_at_end(self) -> None:
        """Write the checkpoint of a run that is interrupted between or after its sets."""
        if self._whole and self._kept:
            if not self._fresh:
                self._write()
            self._say()

    def remove(self) -> None:
        """The run is done."""
        self._place.unlink(missing_ok=True)

    @property
    def _place(self) -> Path:
        if self._path is None:
            raise ValueError("nothing is kept")
        return self._path

    def _write(self) -> None:
        arrays: dict[str, NDArray[Any]] = {}
        sets = {}
        for place, (name, kept) in enumerate(self._kept.items()):
            own = kept_to_arrays(kept) if kept.arrays is None else kept.arrays
            arrays |= {f"{place}/{key}": array for key, array in own.items()}
            sets[name] = {
                "framing": kept.framing,
                "files": files_entry(kept.paths) if kept.arrays is None else kept.files,
                "skipped": skipped_entries(kept) if kept.arrays is None else kept.skipped,
            }
        header = json.dumps({"identity": self._identity, "sets": sets}).encode()
        remove_leftovers(self._place)
        with atomic_file(self._place) as temporary, temporary.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **{HEADER: np.frombuffer(header, np.uint8)}, **arrays)
            stream.flush()
            os.fsync(stream.fileno())
        self._written, self._fresh = time.monotonic(), True

    def _say(self) -> None:
        done = sum(kept.part.count for kept in self._kept.values() if kept.part is not None)
        self._progress.say(
            f"{done} image(s) are kept in {self._place}: the same command with --resume goes on"
        )

    def _check_files(self, name: str, kept: Kept, scanning: Scanning, workers: int) -> None:
        """Read the bytes again of all that is in the sums; what could not be used must still be unusable."""
        if kept.part is None:
            return
        self._progress.stage(f"Checking what was read of {name}", kept.part.count)
        with ThreadPoolExecutor(workers) as pool:
            for start in range(0, kept.part.count, TOGETHER):
                paths = kept.paths[start : min(start + TOGETHER, kept.part.count)]
                for path, same in zip(
                    paths, pool.map(lambda one: _is_same(one, kept.facts, scanning), paths), strict=True
                ):
                    if not same:
                        raise CheckpointDiffers(self._place, f"{path} has changed since it was read")
                self._progress.advance(len(paths))


def _is_same(path: Path, facts: Mapping[Path, Facts], scanning: Scanning) -> bool:
    try:
        if path in facts:
            return file_sha256(path) == facts[path].sha256
        read_scan(path, settings=scanning)
    except SigforensicsError:
        return path not in facts
    return False
