"""How likely two ends of strokes belong together: a logistic regression on what can be measured at both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.bridging.ends import StrokeEnd, turn

__all__ = ["FEATURES", "Likelihood", "bundled_likelihood", "features_of", "read_likelihood"]

FEATURES = (
    "gap over side of hole",
    "log of gap over width",
    "larger bend",
    "smaller bend",
    "sum of bends",
    "difference of bends",
    "log of widths' ratio",
    "curvature towards the other, both",
    "curvature towards the other, lesser",
    "log of inks' ratio",
    "ends at the hole",
    "ends between",
    "stiffness",
)
"""Of a join, in their order; bends in radians, curvatures times the gap."""
MOST_CURVED = 3.0
FAINT = 20
"""Grey levels added before inks are compared."""


@dataclass(frozen=True)
class Likelihood:
    """Weights of the standardised features and their squares."""

    mean: NDArray[np.float64]
    """Shape (2 f,): the features, then their squares."""
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    offset: float
    training: Mapping[str, Any]
    """Record of how they were found."""

    def __call__(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Shares, 0 to 1, of joins with such features that follow a true stroke; features of shape (n, f) to (n,)."""
        both = np.concatenate([features, features**2], axis=1)
        raised = ((both - self.mean) / self.scale) @ self.weights + self.offset
        return np.asarray(1 / (1 + np.exp(-np.clip(raised, -60, 60))), np.float64)


@cache
def bundled_likelihood() -> Likelihood:
    """The one that ships with the package; read once."""
    return read_likelihood(Path(str(resources.files("sigforensics.bridging") / "likelihood.json")))


def read_likelihood(path: Path) -> Likelihood:
    """One from the file that ``benchmarks/train_bridging.py`` writes.

    Raises
    ------
    ValueError
        If it is of other features than are measured.
    """
    stored = json.loads(path.read_text("utf-8"))
    if tuple(stored["features"]) != FEATURES:
        raise ValueError(f"{path} is of other features than are measured: run benchmarks/train_bridging.py")
    mean, scale, weights = (np.array(stored[name], np.float64) for name in ("mean", "scale", "weights"))
    return Likelihood(mean, scale, weights, float(stored["offset"]), stored["training"])


def features_of(one: StrokeEnd, other: StrokeEnd, *, side: int, ends: int, stiffness: float) -> list[float]:
    """What is measured of a join, in the order of ``FEATURES``.

    Parameters
    ----------
    one, other : StrokeEnd
        At different places.
    side : int
        Of the hole, pixels.
    ends : int
        How many the hole has.
    stiffness : float
        Length of the tangents of the curve between both, over the gap.
    """
    gap = other.centre - one.centre
    length = float(np.linalg.norm(gap))
    bends, curved = [], []
    for end, way in ((one, gap / length), (other, -gap / length)):
        bend = float(np.arctan2(turn(end.direction, way), end.direction @ way))
        bends.append(bend)
        curved.append(float(np.clip(end.curvature * length * np.sign(bend), -MOST_CURVED, MOST_CURVED)))
    sizes = sorted(abs(bend) for bend in bends)
    between = abs(one.place - other.place)
    return [
        length / side,
        float(np.log(2 * length / (one.width + other.width))),
        sizes[1],
        sizes[0],
        abs(bends[0] + bends[1]),
        abs(bends[0] - bends[1]),
        float(abs(np.log(one.width / other.width))),
        sum(curved),
        min(curved),
        float(abs(np.log((one.ink + FAINT) / (other.ink + FAINT)))),
        float(ends),
        float(min(between, ends - between)),
        stiffness,
    ]
