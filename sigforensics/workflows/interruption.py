"""Ctrl-C as a wish that long work asks after between two steps, instead of a blow in the middle of one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["interruption_deferred"]


@contextmanager
def interruption_deferred() -> Iterator[Callable[[], bool]]:
    """Within the block, the first Ctrl-C only makes the yielded function return True; a second one strikes at once.

    Where Ctrl-C does not raise KeyboardInterrupt anyhow (in another thread, or under another handler), nothing is changed and
    the function returns False.
    """
    asked = threading.Event()
    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not usual or threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, ask)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
