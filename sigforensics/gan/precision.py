"""The arithmetic of a training: bfloat16 where the machine has units for it, float32 elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sigforensics.gan.backend import tf
from sigforensics.settings import Precision

__all__ = ["Arithmetic", "choose_arithmetic", "decide"]

CPUINFO = Path("/proc/cpuinfo")
CPU_UNITS = ("avx512_bf16", "amx_bf16")
"""What Linux calls a CPU's instructions for bfloat16 that oneDNN makes use of."""
GPU_SINCE = (8, 0)
"""Compute capability from which NVIDIA's GPUs have units for bfloat16."""


@dataclass(frozen=True)
class Arithmetic:
    """What was chosen."""

    dtype: Literal["float32", "mixed_bfloat16"]
    """Keras' name of it: ``float32`` or ``mixed_bfloat16``."""
    reason: str
    """A clause for the record."""


def choose_arithmetic(wanted: Precision) -> Arithmetic:
    """The arithmetic for this machine, unless the user has chosen."""
    if wanted != "auto":
        return Arithmetic(wanted, "as asked for")
    gpus = tf.config.list_physical_devices("GPU")
    details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
    capabilities = [found.get("compute_capability", (0, 0)) for found in details]
    return decide(capabilities, CPUINFO.read_text(encoding="utf-8") if CPUINFO.is_file() else "")


def decide(capabilities: Sequence[tuple[int, int]], cpuinfo: str) -> Arithmetic:
    """The arithmetic for a machine's GPUs, by their compute capabilities, or without one for its CPU.

    Where nothing is known of the CPU, as on systems other than Linux, float32 it is: without units for it, bfloat16 is several
    times slower.

    >>> decide([], "flags : fma avx2 avx512_bf16").dtype
    'mixed_bfloat16'
    >>> decide([(7, 5)], "flags : avx512_bf16").dtype
    'float32'
    """
    if capabilities:
        able = min(capabilities) >= GPU_SINCE
        what = "the GPU has" if able else "a GPU here has no"
        return _arithmetic(able, f"{what} units for bfloat16")
    units = [name for name in CPU_UNITS if name in cpuinfo.split()]
    if units:
        return _arithmetic(True, f"the CPU has units for bfloat16 ({units[0]})")
    known = "the CPU has no units for bfloat16" if cpuinfo else "it is not known what units the CPU has"
    return _arithmetic(False, known)


def _arithmetic(able: bool, reason: str) -> Arithmetic:
    return Arithmetic("mixed_bfloat16" if able else "float32", reason)
