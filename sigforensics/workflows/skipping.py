"""Batches: what cannot be used is named and left out, or with ``strict`` ends the run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sigforensics.errors import SigforensicsError
from sigforensics.workflows.progress import Progress

__all__ = ["Skips", "skipped_entries"]


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


def skipped_entries(errors: Iterable[SigforensicsError]) -> list[dict[str, Any]]:
    """For records and JSON documents: which input, why, and the exit status that it would have alone."""
    return [{"path": error.where, "reason": error.what, "status": error.status} for error in errors]
