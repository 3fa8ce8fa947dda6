"""Networks small enough to be built, trained and written in a second, and rows of pictures for them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from sigforensics.corpus import Row
from sigforensics.png import write_png
from sigforensics.settings import Network


@pytest.fixture(scope="session")
def tiny() -> Network:
    return Network(size=16, multiplier=2, spade_width=4, discriminator_multiplier=2)


@pytest.fixture(scope="session")
def numpy_networks() -> ModuleType:
    """``numpy_networks.py``, the networks written a second time."""
    path = Path(__file__).with_name("numpy_networks.py")
    spec = importlib.util.spec_from_file_location("numpy_networks", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def write_rows(tmp_path: Path) -> Callable[..., list[Row]]:
    """Writes rows of pictures into ``tmp_path``: a blob of ink, its outline, and the same blob as mask."""

    def write(count: int, *, size: int = 16, split: str = "training") -> list[Row]:
        rng = np.random.default_rng([count, size])
        return [write_row(f"{split}-{number}", rng, size) for number in range(count)]

    def write_row(name: str, rng: np.random.Generator, size: int) -> Row:
        centre, radius = rng.uniform(0.3, 0.7, (2, 1, 1)) * size, rng.uniform(0.15, 0.35) * size
        distance = np.hypot(*(np.indices((size, size)) - centre))
        target = np.where(distance < radius, rng.integers(120, 256, (size, size)), 0).astype(np.uint8)
        edges = np.where(abs(distance - radius) < 0.8, 255, 0).astype(np.uint8)
        for kind, image in (("target", target), ("edges", edges), ("mask", target)):
            write_png(tmp_path / kind / f"{name}.png", image)
        return Row(
            writer="w",
            sample=name,
            split=name.partition("-")[0],
            augmented=0,
            mask=f"mask/{name}.png",
            input=f"edges/{name}.png",
            target=f"target/{name}.png",
            source=f"{name}.png",
            source_sha256="0" * 64,
        )

    return write
