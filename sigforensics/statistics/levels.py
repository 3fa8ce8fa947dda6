"""Up to which p something counts as found."""

from __future__ import annotations

__all__ = ["level_of"]


def level_of(confidence: float) -> float:
    """One less the confidence, as it is meant: a p of it, or below it, is found.

    Examples
    --------
    >>> 1 - 0.9, level_of(0.9)
    (0.09999999999999998, 0.1)
    """
    return round(1 - confidence, 12)
