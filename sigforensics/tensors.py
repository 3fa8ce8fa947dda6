"""Named tensors in a file: safetensors, which holds numbers and text and cannot run code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from sigforensics.errors import FileUnreadable, ModelInvalid
from sigforensics.storage import atomic_file

__all__ = ["finite_weights", "read_tensors", "read_texts", "write_tensors"]


def write_tensors(
    path: Path, tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str], *, form: str
) -> None:
    """Write tensors and texts atomically; ``form`` names what kind of file it is."""
    with atomic_file(path) as temporary:
        save_file(
            {name: np.asarray(tensor, order="C") for name, tensor in tensors.items()},
            temporary,
            {"format": form, **metadata},
        )


def read_tensors(path: Path, *, form: str) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Tensors and texts of a file that :func:`write_tensors` wrote.

    Raises
    ------
    FileUnreadable
        If there is no such file, or it may not be read.
    ModelInvalid
        If it is damaged, or of another kind.
    """
    with _opened(path, form) as (stream, texts):
        return {name: stream.get_tensor(name) for name in stream.keys()}, texts  # noqa: SIM118 - no mapping


def finite_weights(tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    """Tensors as float32; ValueError names the first that holds infinite numbers, or what is none."""
    weights = {name: np.asarray(tensor, np.float32) for name, tensor in tensors.items()}
    for name, values in weights.items():
        if not np.isfinite(values).all():
            raise ValueError(f"{name} holds numbers that are not finite")
    return weights


def read_texts(path: Path, *, form: str) -> dict[str, str]:
    """The texts of such a file alone, without its tensors; raises as :func:`read_tensors`."""
    with _opened(path, form) as (_, texts):
        return texts


@contextmanager
def _opened(path: Path, form: str) -> Iterator[tuple[Any, dict[str, str]]]:
    """A file of that form, with its texts."""
    _check_readable(path)
    try:
        with safe_open(path, framework="np") as stream:
            texts = stream.metadata() or {}
            if texts.get("format") == form:
                yield stream, texts
                return
    except (SafetensorError, OSError, TypeError, ValueError) as error:
        raise ModelInvalid(path, f"is damaged, or no safetensors file at all ({error})") from error
    raise ModelInvalid(path, f"is no {form.rpartition('/')[0]} file")


def _check_readable(path: Path) -> None:
    """Say why a file cannot be opened: safetensors says of any that it does not exist."""
    try:
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise FileUnreadable(path, "there is no such file") from error
    except OSError as error:
        raise FileUnreadable(path, error.strerror or str(error)) from error
