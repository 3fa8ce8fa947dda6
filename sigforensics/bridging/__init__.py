"""Strokes carried on across holes in edges: on to another end where one is likely to belong to it, else to a point."""

from __future__ import annotations

from sigforensics.bridging.ends import StrokeEnd, stroke_ends
from sigforensics.bridging.joining import CarriedOn, bridge_strokes, joined_ends
from sigforensics.bridging.likelihood import FEATURES, Likelihood, bundled_likelihood

__all__ = [
    "FEATURES",
    "CarriedOn",
    "Likelihood",
    "StrokeEnd",
    "bridge_strokes",
    "bundled_likelihood",
    "joined_ends",
    "stroke_ends",
]
