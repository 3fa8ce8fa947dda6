"""JPEG's quantisation tables, where JPEG data lie within another kind of file."""

from __future__ import annotations

import numpy as np

__all__ = ["Tables", "tables_of"]

Tables = tuple[tuple[int, ...], ...]
"""64 steps each, row by row."""
MARK, END, SCAN, TABLES = 0xFF, 0xD9, 0xDA, 0xDB
"""The byte before every marker, and the markers EOI, SOS and DQT (ITU-T T.81, annex B)."""
ZIGZAG = sorted(range(64), key=lambda at: (at // 8 + at % 8, at // 8 if (at // 8 + at % 8) % 2 else at % 8))
"""Places, row by row, in the order in which a table is stored."""


def tables_of(stream: bytes) -> Tables:
    """The tables that stand before the scans of a JPEG stream, or in one that has tables alone, in their order.

    What is damaged ends the search: the decoder says whether it matters.

    >>> tables_of(bytes.fromhex("ffd8 ffdb 0043 00") + bytes(range(1, 65)) + bytes.fromhex("ffd9"))[0][:9]
    (1, 2, 6, 7, 15, 16, 28, 29, 3)
    """
    found: list[tuple[int, ...]] = []
    place = 2
    while place + 4 <= len(stream) and stream[place] == MARK and stream[place + 1] not in {END, SCAN}:
        if stream[place + 1] == MARK:  # fills up
            place += 1
            continue
        end = place + 2 + int.from_bytes(stream[place + 2 : place + 4], "big")
        if stream[place + 1] == TABLES:
            found += _tables(stream[place + 4 : end])
        place = end
    return tuple(found)


def _tables(segment: bytes) -> list[tuple[int, ...]]:
    """The tables of one segment, of 8 or 16 bits a step."""
    found = []
    while segment:
        kind = np.dtype(">u2" if segment[0] >> 4 else "u1")
        size = 1 + 64 * kind.itemsize
        if len(segment) < size:
            break
        table = np.zeros(64, int)
        table[ZIGZAG] = np.frombuffer(segment[1:size], kind)
        found.append(tuple(table.tolist()))
        segment = segment[size:]
    return found
