"""TensorFlow, brought in quietly: import ``tf`` and ``keras`` from here and nowhere else."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["keras", "standard_error_held_back", "tf"]


@contextmanager
def standard_error_held_back() -> Iterator[None]:
    """Hold back what TensorFlow's native code writes to file descriptor 2; show it if the block fails."""
    try:
        kept = os.dup(2)
    except OSError:  # no standard error at all
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except Exception:  # Ctrl-C is no failure that these lines could explain
            os.dup2(kept, 2)
            held.seek(0)
            sys.stderr.write(held.read().decode(errors="replace"))
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
with standard_error_held_back():
    import keras
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")
    tf.zeros(1)  # the first operation is what makes oneDNN announce itself
