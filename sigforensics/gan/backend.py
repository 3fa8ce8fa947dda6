"""TensorFlow, brought in quietly: import ``tf`` and ``keras`` from here and nowhere else."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["keras", "standard_error_held_back", "tf"]

X86 = ("x86_64", "amd64")
"""What 64-bit processors by Intel and AMD are called."""


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
if platform.machine().lower() in X86:
    # TensorFlow leaves oneDNN off where the CPU lacks units for 8 or 16 bits; in float32 it pays there too. On a CPU with AVX2
    # alone, a training step of the default networks at 512 takes 0.57 of the time, and 0.74 at 256.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
with standard_error_held_back():
    import keras
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")
    tf.zeros(1)  # the first operation is what makes oneDNN announce itself
