"""What libraries in other languages write to the standard error output, past Python."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["ERROR_OUTPUT", "error_output_held"]

ERROR_OUTPUT = 2
"""File descriptor."""
_in_use = threading.RLock()


@contextmanager
def error_output_held() -> Iterator[list[bytes]]:
    """Hold back what is written to file descriptor 2 within the block, by whatever thread; one thread at a time.

    Yields
    ------
    list of bytes
        After the block it holds what was written; nothing where there is no standard error output.
    """
    written: list[bytes] = []
    with _in_use:
        try:
            kept = os.dup(ERROR_OUTPUT)
        except OSError:
            yield written
            return
        with tempfile.TemporaryFile() as held:
            os.dup2(held.fileno(), ERROR_OUTPUT)
            try:
                yield written
            finally:
                os.dup2(kept, ERROR_OUTPUT)
                os.close(kept)
                held.seek(0)
                written.append(held.read())
