"""JPEG quantisation tables, and the quality that they stand for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sigforensics.scans import Scan
from sigforensics.settings import Auditing

__all__ = ["describe_tables", "heavily_compressed", "nearest_quality", "quality_to_table"]

STANDARD = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)
"""The luminance table of ITU-T T.81, annex K: that of quality 50."""


def quality_to_table(quality: int) -> NDArray[np.int64]:
    """The luminance table of a quality, 1 to 100, as the Independent JPEG Group's library scales it; shape (8, 8).

    >>> quality_to_table(50)[0, :3].tolist(), int(quality_to_table(100).max())
    ([16, 11, 10], 1)
    """
    if not 1 <= quality <= 100:
        raise ValueError(f"qualities are 1 to 100, not {quality}")
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.asarray(np.clip((STANDARD * percent + 50) // 100, 1, 255))


def nearest_quality(luminance: Sequence[int]) -> int:
    """The quality, 1 to 100, whose luminance table differs least from this one, by the mean absolute difference of logarithms."""
    table = np.asarray(luminance, float).reshape(8, 8)
    distances = [np.abs(np.log(table / quality_to_table(quality))).mean() for quality in range(1, 101)]
    return int(np.argmin(distances)) + 1


def heavily_compressed(scan: Scan, *, settings: Auditing | None = None) -> bool:
    """Whether a page was compressed as JPEG so that artefacts in its grey levels cannot be studied: by its tables, or its word.

    Files that have neither are not, whatever they were before.
    """
    tables = scan.jpeg_tables
    return scan.from_heavy_jpeg or (
        bool(tables) and nearest_quality(tables[0]) <= (settings or Auditing()).heavy_jpeg
    )


def describe_tables(tables: Sequence[Sequence[int]]) -> str:
    """JPEG tables in words: the quality, where the first is the standard's; else the nearest, and a hash of all.

    Parameters
    ----------
    tables : sequence
        As :class:`sigforensics.scans.Scan` has them.

    Examples
    --------
    >>> describe_tables([quality_to_table(75).ravel().tolist()]), describe_tables(())
    ('quality 75', 'none')
    """
    if not tables:
        return "none"
    nearest = nearest_quality(tables[0])
    if np.array_equal(np.reshape(tables[0], (8, 8)), quality_to_table(nearest)):
        return f"quality {nearest}"
    stated = hashlib.sha256(repr([list(map(int, table)) for table in tables]).encode()).hexdigest()
    return f"about quality {nearest}, own tables {stated[:8]}"
