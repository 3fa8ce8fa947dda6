"""Whether the chain of pages in a TIFF file is whole: Pillow takes a file that breaks off within it for one of fewer pages."""

from __future__ import annotations

import struct

from sigforensics.errors import FileTruncated
from sigforensics.scans.page import Source

__all__ = ["check_directories"]

BIG = 43
"""What BigTIFF has in the place of the 42 of TIFF 6.0."""


def check_directories(data: bytes, source: Source) -> None:
    """Refuse a TIFF file in which the directory of a page lies beyond the end.

    Every directory is the number of its entries, the entries, and the place of the next, 0 in the last (TIFF 6.0, section 2;
    BigTIFF has 8 bytes for each of these but the entries, which have 20 instead of 12).

    Raises
    ------
    FileTruncated
    """
    order = "<" if data[:2] == b"II" else ">"
    try:
        (magic,) = struct.unpack_from(f"{order}H", data, 2)
        counts, places, entry, start = ("Q", "Q", 20, 8) if magic == BIG else ("H", "I", 12, 4)
        seen, (place,) = set(), struct.unpack_from(order + places, data, start)
        while place and place not in seen:
            seen.add(place)
            (entries,) = struct.unpack_from(order + counts, data, place)
            end = place + struct.calcsize(counts) + entry * entries
            (place,) = struct.unpack_from(order + places, data, end)
    except (struct.error, OverflowError) as error:
        raise FileTruncated(source.path, "the file breaks off within its list of pages") from error
