"""The generator that ships with the package."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

__all__ = ["bundled_generator"]

BUNDLED = "cedar-16.safetensors"


def bundled_generator() -> Path:
    """The file of the generator that ships with the package."""
    return Path(str(resources.files("sigforensics.gan") / "weights" / BUNDLED))
