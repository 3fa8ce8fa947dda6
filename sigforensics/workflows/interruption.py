"""Ctrl-C and other endings as a wish that long work asks after between two steps, instead of a blow in the middle of one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["Endings", "endings_deferred"]

ENDING_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""What asks a command to end: Ctrl-C, a scheduler, a closed terminal. Windows lacks one of them."""


class Endings:
    """The first signal that asks to end, held back until :meth:`strike`; a second one strikes at once."""

    def __init__(self) -> None:
        self._number: int | None = None
        self._before: dict[int, Any] = {}

    @property
    def asked(self) -> bool:
        """Whether one came."""
        return self._number is not None

    def strike(self) -> None:
        """Let the signal that came do what it would have done."""
        self.restore()
        if self._number is not None:
            signal.raise_signal(self._number)

    def hold(self) -> None:
        """Hold back all signals that nobody ignores."""
        for number in ENDING_SIGNALS:
            if (handler := signal.getsignal(number)) not in (signal.SIG_IGN, None):
                self._before[number] = handler
                signal.signal(number, self._ask)

    def restore(self) -> None:
        """Let signals do again what they did."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        self._number = number
        self.restore()


@contextmanager
def endings_deferred() -> Iterator[Endings]:
    """A block at whose end, or before if it says so, a signal that asked the process to end takes effect.

    In another thread than the main one nothing is held back.
    """
    endings = Endings()
    if threading.current_thread() is not threading.main_thread():
        yield endings
        return
    endings.hold()
    try:
        yield endings
    finally:
        endings.strike()
