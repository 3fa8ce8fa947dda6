"""Batches: what cannot be used is named and left out, or with ``strict`` ends the run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sigforensics.errors import SigforensicsError
from sigforensics.workflows.progress import Progress

__all__ = ["NamedOnce", "Skips", "skipped_entries"]


class Skips:
    """The inputs of a run that could not be used."""

    def __init__(self, *, strict: bool, progress: Progress) -> None:
        self._strict = strict
        self._progress = progress
        self._errors: list[SigforensicsError] = []

    @property
    def errors(self) -> tuple[SigforensicsError, ...]:
        """In the order in which they came."""
        return tuple(self._errors)

    def add(self, error: SigforensicsError) -> None:
        """Name an input that is left out; with ``strict``, raise its error instead."""
        if self._strict:
            raise error
        self._errors.append(error)
        self._progress.skip(error)


class NamedOnce:
    """A progress that names no input twice, for inputs that may have to be read again."""

    def __init__(self, progress: Progress) -> None:
        self._named: set[str] = set()
        self.stage, self.advance, self.say = progress.stage, progress.advance, progress.say
        self._skip = progress.skip

    def skip(self, error: SigforensicsError) -> None:
        """Name an input, if it was not named before."""
        if str(error) not in self._named:
            self._named.add(str(error))
            self._skip(error)


def skipped_entries(errors: Iterable[SigforensicsError]) -> list[dict[str, Any]]:
    """For records and JSON documents: which input, why, and the exit status that it would have alone."""
    return [{"path": error.where, "reason": error.what, "status": error.status} for error in errors]
