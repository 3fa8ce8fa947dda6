"""Strokes carried on across holes in edges: as another specimen has them, or by a rule."""

from __future__ import annotations

from sigforensics.bridging.ends import StrokeEnd, stroke_ends
from sigforensics.bridging.grafting import Graft, graft
from sigforensics.bridging.joining import CarriedOn, bridge_strokes, joined_ends
from sigforensics.bridging.likelihood import FEATURES, Likelihood, bundled_likelihood

__all__ = [
    "FEATURES",
    "CarriedOn",
    "Graft",
    "Likelihood",
    "StrokeEnd",
    "bridge_strokes",
    "bundled_likelihood",
    "graft",
    "joined_ends",
    "stroke_ends",
]
