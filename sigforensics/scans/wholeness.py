"""Whether a file is all there, where its decoder would not tell: the chunks of PNG, the directories of TIFF."""

from __future__ import annotations

import struct
import zlib

from sigforensics.errors import FileTruncated, ImageTooSmall

__all__ = ["check_chunks", "check_directories", "chunks_of"]

CHUNKS_START = 8
"""Bytes of a PNG file before its first chunk."""
ENTRY, BIG_ENTRY = 12, 20
"""Bytes of an entry of a TIFF directory, and of one of BigTIFF."""


def check_chunks(data: bytes, where: object) -> None:
    """Refuse a PNG file unless every chunk to the end mark is whole: Pillow does not check the sums of the image data.

    Raises
    ------
    FileTruncated
    ImageTooSmall
        If the header states no width or no height.
    """
    if data[12:16] == b"IHDR" and b"\0\0\0\0" in (data[16:20], data[20:24]):
        raise ImageTooSmall(where, "the image has no width or no height")
    place, kind = CHUNKS_START, b""
    while kind != b"IEND":
        if place + 12 > len(data):
            raise FileTruncated(where, "the file breaks off before its end mark")
        (length,) = struct.unpack_from(">I", data, place)
        kind, end = data[place + 4 : place + 8], place + 8 + length
        if end + 4 > len(data):
            raise FileTruncated(where, "the file breaks off before its end mark")
        if zlib.crc32(memoryview(data)[place + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            raise FileTruncated(where, "the file is damaged (a checksum does not fit)")
        place = end + 4


def chunks_of(data: bytes) -> list[tuple[bytes, slice]]:
    """Kind of every chunk of a PNG file that is whole, and the place of what it holds."""
    chunks, place, kind = [], CHUNKS_START, b""
    while kind != b"IEND":
        (length,) = struct.unpack_from(">I", data, place)
        kind, end = data[place + 4 : place + 8], place + 8 + length
        chunks.append((kind, slice(place + 8, end)))
        place = end + 4
    return chunks


def check_directories(data: bytes, where: object) -> None:
    """Refuse a TIFF file unless the directories of all its pages are whole: Pillow takes the first that is not for the last.

    A directory that names one before it as the next ends the walk, as it ends Pillow's.

    Raises
    ------
    FileTruncated
    """
    order, big = ("<" if data[:1] == b"I" else ">"), b"+" in data[2:4]
    pointer, counter = (
        struct.Struct(order + ("Q" if big else "I")),
        struct.Struct(order + ("Q" if big else "H")),
    )
    entry = BIG_ENTRY if big else ENTRY
    place, seen = 8 if big else 4, set[int]()
    try:
        (directory,) = pointer.unpack_from(data, place)
        while directory and directory not in seen:
            seen.add(directory)
            (entries,) = counter.unpack_from(data, directory)
            (directory,) = pointer.unpack_from(data, directory + counter.size + entries * entry)
    except (struct.error, OverflowError) as error:
        raise FileTruncated(where, "the file breaks off before the end of its pages") from error
