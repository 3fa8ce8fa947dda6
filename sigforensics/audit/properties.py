"""The properties that are compared: unit, where they stand, and the least difference that counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sigforensics.settings import Auditing

__all__ = ["Property", "properties"]

Basis = Literal["file", "pixels"]


@dataclass(frozen=True)
class Property:
    """A field of :class:`sigforensics.audit.Acquisition`."""

    name: str
    unit: str
    """``kind`` where the values are texts."""
    basis: Basis
    """Whether the file states it, or the pixels show it."""
    least: float
    """Least difference that counts, in the unit; of kinds the total variation between the shares of the two sets."""

    @property
    def is_kind(self) -> bool:
        """Whether the values are texts."""
        return self.unit == "kind"


def properties(settings: Auditing | None = None) -> tuple[Property, ...]:
    """All of them, those of the file first."""
    s = settings or Auditing()
    return (
        Property("format", "kind", "file", s.least_share),
        Property("mode", "kind", "file", s.least_share),
        Property("bit_depth", "kind", "file", s.least_share),
        Property("dpi", "kind", "file", s.least_share),
        Property("jpeg_tables", "kind", "file", s.least_share),
        Property("width", "pixels", "file", s.least_pixels),
        Property("height", "pixels", "file", s.least_pixels),
        Property("background", "grey level", "pixels", s.least_background),
        Property("saturated_paper", "share of pixels", "pixels", s.least_saturation),
        Property("saturated_ink", "share of pixels", "pixels", s.least_saturation),
        Property("threshold_gap", "grey levels", "pixels", s.least_gap),
        Property("missing_levels", "grey levels", "pixels", s.least_missing),
        Property("histogram_comb", "relative", "pixels", s.least_comb),
        Property("grey_levels", "grey levels", "pixels", s.least_levels),
        Property("jpeg_history", "kind", "pixels", s.least_share),
        Property("jpeg_grid", "share of coefficients", "pixels", s.least_grid),
        Property("resampling_period", "kind", "pixels", s.least_share),
        Property("resampling", "decimal logarithm", "pixels", s.least_resampling),
        Property("sharpness", "relative", "pixels", s.least_sharpness),
        Property("paper_noise", "grey levels", "pixels", s.least_noise),
    )
