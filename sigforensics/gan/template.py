"""What one fake is made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigforensics.images import ByteImage, FloatImage

__all__ = ["Template"]


@dataclass(frozen=True, eq=False)
class Template:
    """The inputs of a generator for one image."""

    edges: ByteImage
    """uint8, shape (size, size)."""
    mask: ByteImage
    """uint8, shape (size, size)."""
    seeds: NDArray[np.int32]
    """Shape (2,): all that is random about the fake follows from them."""
    paper: FloatImage | None = None
    """float32, shape (size, size), in [0, 1], as :func:`sigforensics.preprocessing.paper_map` gives it: for a network with a
    grain head. None is paper without specks."""
