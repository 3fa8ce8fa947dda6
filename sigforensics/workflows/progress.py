"""How a workflow tells whoever started it how far it is; the command line draws it, a script may ignore it."""

from __future__ import annotations

from typing import Protocol

from sigforensics.errors import SigforensicsError

__all__ = ["Progress", "SilentProgress"]


class Progress(Protocol):
    """A sequence of stages, each with a number of steps."""

    def stage(self, title: str, total: int | None) -> None:
        """Begin a stage; ``total`` is None where the number of steps is not known."""

    def advance(self, steps: int = 1, *, detail: str = "") -> None:
        """Some steps of the stage are done."""

    def say(self, message: str) -> None:
        """Something that the user may want to know, now."""

    def skip(self, error: SigforensicsError) -> None:
        """An input cannot be used, and is left out: the user must know."""


class SilentProgress:
    """Says nothing."""

    def stage(self, title: str, total: int | None) -> None:
        """Say nothing."""

    def advance(self, steps: int = 1, *, detail: str = "") -> None:
        """Say nothing."""

    def say(self, message: str) -> None:
        """Say nothing."""

    def skip(self, error: SigforensicsError) -> None:
        """Say nothing."""
