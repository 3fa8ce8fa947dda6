"""Reading sets on a cluster that runs already: a scheduler of dask.distributed hands their parts to its workers.

The parts, and the order in which they are merged, are those of a run in one process, so the figures are, too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sigforensics.errors import ClusterUnusable, FileUnreadable, PackageMissing, SigforensicsError
from sigforensics.provenance import file_sha256, versions
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra import Part, PartReader, Skipped, read_part
from sigforensics.workflows.loading import Facts, Loader
from sigforensics.workflows.progress import Progress

if TYPE_CHECKING:
    from distributed import Client, Future

__all__ = ["Cluster", "cluster_at"]

READING = ("sigforensics", "numpy", "scipy", "opencv-python-headless", "pillow", "pypdfium2")
"""Packages whose versions can change a spectrum."""
CONNECT_SECONDS = 10.0
"""That the scheduler and its first worker have to answer."""
AHEAD = 3
"""Parts that are handed out for each thread of a worker: one that it does, and some that wait, so that it never does."""
SHARED = "files must be under the same paths on all workers as here, as on a disk that they share"
RETRIES = 2
"""Of a part that failed in a way that may pass, as a file that could not be fetched."""


class Done(NamedTuple):
    """What a worker sends back."""

    worker: str
    part: Part
    facts: list[Facts | None]
    """Of each item; None where it could not be read."""


@contextmanager
def cluster_at(address: str | None) -> Iterator[Cluster | None]:
    """The cluster of the scheduler at an address, as ``tcp://host:8786``; None without one.

    Raises
    ------
    PackageMissing
        If dask.distributed is not installed.
    ClusterUnusable
        If no scheduler answers there, it has no worker, or a worker has other versions of what reads images.
    """
    if address is None:
        yield None
        return
    if find_spec("distributed") is None:
        raise PackageMissing(
            "--scheduler",
            "needs dask.distributed, which is not installed",
            'install it with pip install "sigforensics[cluster]", or leave out --scheduler',
        )
    from distributed import Client

    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:  # a timeout is an OSError
        advice = "give the address that the scheduler states when it starts, as tcp://host:8786"
        raise ClusterUnusable(address, f"no scheduler answers ({error})", advice) from error
    with client:
        cluster = Cluster(client, address)
        cluster.require_workers()
        yield cluster


class Cluster:
    """The workers of a scheduler; see :func:`cluster_at`."""

    def __init__(self, client: Client, address: str) -> None:
        self._client = client
        self._address = address

    def require_workers(self) -> None:
        """Refuse a cluster without workers, or with one that would not read as this process does."""
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except OSError as error:
            raise ClusterUnusable(self._address, "the scheduler has no worker", "start some") from error
        for worker, stated in self._versions_there().items():
            _require_versions(worker, stated, versions())

    def reader(
        self,
        paths: Sequence[Path],
        load: Loader,
        settings: SpectrumSettings,
        on_error: Callable[[Path, SigforensicsError], None],
        progress: Progress,
    ) -> PartReader:
        """What reads the parts of a set; see :func:`sigforensics.spectra.stream_spectrum`."""

        def read(start: int, size: tuple[int, int] | None) -> Generator[Part, None, None]:
            self._require_file(paths[0])
            for done in self._read(paths, load, settings, start, size):
                part = replace(done.part, skipped=tuple(_as_given(paths, skip) for skip in done.part.skipped))
                for place, facts in enumerate(done.facts, start=part.start):
                    if facts is not None:
                        load.facts[paths[place]] = facts
                for skip in part.skipped:
                    _require_readable(done.worker, skip.error, paths[skip.index])
                    on_error(paths[skip.index], skip.error)
                progress.advance(part.count)
                yield part

        return read

    def _read(
        self,
        paths: Sequence[Path],
        load: Loader,
        settings: SpectrumSettings,
        start: int,
        size: tuple[int, int] | None,
    ) -> Iterator[Done]:
        """What the workers send, in the order of the parts."""
        waiting: deque[Future] = deque()
        begun = Loader(load.scanning, load.framing, {})
        here = versions()
        try:
            for first in range(start, len(paths), settings.part):
                those = [path.absolute() for path in paths[first : first + settings.part]]
                waiting.append(
                    self._client.submit(
                        read_part_there,
                        those,
                        begun,
                        settings,
                        first,
                        size,
                        here,
                        pure=False,
                        retries=RETRIES,
                    )
                )
                if len(waiting) > AHEAD * max(1, sum(self._client.nthreads().values())):
                    yield self._result(waiting.popleft())
            while waiting:
                yield self._result(waiting.popleft())
        finally:
            self._client.cancel(list(waiting))

    def _result(self, future: Future) -> Done:
        from concurrent.futures import CancelledError

        from distributed import KilledWorker
        from distributed.comm import CommClosedError

        try:
            done: Done = future.result()
        except KilledWorker as error:
            what = f"every worker that was given one part of the files was ended ({error})"
            raise ClusterUnusable(self._address, what, "see the logs of the workers") from error
        except (CancelledError, CommClosedError) as error:
            raise ClusterUnusable(self._address, f"the scheduler has gone ({error})") from error
        return done

    def _require_file(self, path: Path) -> None:
        """Refuse a cluster with a worker that has not the same file under the same path."""
        if path.is_file():
            here = file_sha256(path)
            for worker, stated in self._hashes_there(path.absolute()).items():
                _require_same_file(worker, stated, here, path)

    def _versions_there(self) -> dict[str, dict[str, str] | Exception]:
        stated: dict[str, dict[str, str] | Exception] = self._client.run(versions, on_error="return")
        return stated

    def _hashes_there(self, path: Path) -> dict[str, str | Exception]:
        stated: dict[str, str | Exception] = self._client.run(file_sha256, path, on_error="return")
        return stated


def read_part_there(
    paths: Sequence[Path],
    load: Loader,
    settings: SpectrumSettings,
    start: int,
    size: tuple[int, int] | None,
    here: Mapping[str, str],
) -> Done:
    """What a worker does: the part of a set that begins at ``start``; ``here`` are the versions where it was asked for.

    Raises
    ------
    ClusterUnusable
        If this worker, which may have come late, has other versions.
    """
    from distributed import get_worker

    worker = get_worker().address
    _require_versions(worker, versions(), here)
    load = Loader(load.scanning, load.framing, {})
    part = read_part(
        paths, load, start=start, size=size, settings=settings, grid=load.framing.grid, nyquist=load.nyquist
    )
    return Done(worker, part, [load.facts.get(path) for path in paths])


def _as_given(paths: Sequence[Path], skip: Skipped) -> Skipped:
    """The error with the name that the file has here, where a worker named its absolute path."""
    path, error = paths[skip.index], skip.error
    where = error.where.replace(str(path.absolute()), str(path), 1)
    return Skipped(skip.index, type(error)(where, error.what, error.advice))


def _require_versions(worker: str, there: Mapping[str, str] | Exception, here: Mapping[str, str]) -> None:
    where = f"the worker {worker}"
    if isinstance(there, Exception):
        raise ClusterUnusable(
            where, f"cannot run sigforensics ({there!r})", f"install {here['sigforensics']} there"
        )
    for name in READING:
        if there[name] != here[name]:
            what = f"has {name} {there[name]}, and here it is {here[name]}: figures might differ"
            raise ClusterUnusable(where, what, "install the same versions on all workers")


def _require_same_file(worker: str, there: str | Exception, here: str, path: Path) -> None:
    if isinstance(there, Exception):
        why = there.what if isinstance(there, SigforensicsError) else there
        raise ClusterUnusable(f"the worker {worker}", f"cannot read {path} ({why})", SHARED)
    if there != here:
        raise ClusterUnusable(f"the worker {worker}", f"has another file under the path {path}", SHARED)


def _require_readable(worker: str, error: SigforensicsError, path: Path) -> None:
    """Raise if a file that a worker could not read can be read here: then it is the worker's fault, not the file's."""
    if not isinstance(error, FileUnreadable):
        return
    try:
        file_sha256(path)
    except FileUnreadable:
        return
    raise ClusterUnusable(f"the worker {worker}", f"cannot read {path} ({error.what})", SHARED)
