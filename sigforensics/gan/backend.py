"""TensorFlow, brought in quietly: import ``tf`` and ``keras`` from here and nowhere else."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sigforensics.native import error_output_held

__all__ = ["keras", "standard_error_held_back", "tf"]

X86 = ("x86_64", "amd64")
"""What 64-bit processors by Intel and AMD are called."""


@contextmanager
def standard_error_held_back() -> Iterator[None]:
    """Hold back what TensorFlow's native code writes to file descriptor 2; show it if the block fails."""
    held: list[bytes] = []
    try:
        with error_output_held() as held:
            yield
    except Exception:  # Ctrl-C is no failure that these lines could explain
        sys.stderr.write(b"".join(held).decode(errors="replace"))
        raise


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
