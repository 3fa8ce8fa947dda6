"""Files made by hand or by other people's writers, so that reading is not tested against its own writing."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def drawing() -> np.ndarray:
    """An 8-bit grey page of 40 x 72 pixels without any symmetry, every value of 30 to 250 in it."""
    rng = np.random.default_rng(5)
    page = rng.integers(225, 251, (40, 72)).astype(np.uint8)
    page[6:16, 9:50] = 30
    page[16:34, 9:14] = np.linspace(31, 229, 18, dtype=np.uint8)[:, None]
    return page


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Write bytes to a file of that name."""

    def write_bytes(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write_bytes


@pytest.fixture(scope="session")
def png() -> Callable[..., bytes]:
    """Assemble a PNG file from raw rows: bit depth, colour type (0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    def assemble(
        width: int,
        height: int,
        *,
        depth: int = 8,
        colour: int = 0,
        rows: bytes = b"",
        before: dict[bytes, bytes] | None = None,
        after: dict[bytes, bytes] | None = None,
    ) -> bytes:
        header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
        stride = len(rows) // height if height else 0
        filtered = b"".join(b"\0" + rows[i * stride : (i + 1) * stride] for i in range(height if rows else 0))
        chunks = [chunk(b"IHDR", header)]
        chunks += [chunk(kind, data) for kind, data in (before or {}).items()]
        chunks += [chunk(b"IDAT", zlib.compress(filtered))]
        chunks += [chunk(kind, data) for kind, data in (after or {}).items()]
        return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + chunk(b"IEND", b"")

    return assemble


@pytest.fixture(scope="session")
def pdf() -> Callable[..., bytes]:
    """Assemble a PDF file: each page a dictionary of its ``content`` and optionally ``keys`` and ``resources``."""

    def stream(data: bytes, keys: bytes = b"") -> bytes:
        return b"<< %s /Length %d >>\nstream\n" % (keys, len(data)) + data + b"\nendstream"

    def assemble(
        pages: list[dict[str, bytes]],
        objects: dict[int, tuple[bytes, bytes]] | None = None,
        trailer: bytes = b"",
    ) -> bytes:
        """``objects``: streams (keys, data) by number, from 100."""
        body: dict[int, bytes] = {}
        kids = b" ".join(b"%d 0 R" % (10 + 2 * i) for i in range(len(pages)))
        body[1] = b"<< /Type /Catalog /Pages 2 0 R >>"
        body[2] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages))
        for i, page in enumerate(pages):
            keys, resources = page.get("keys", b"/MediaBox [0 0 144 72]"), page.get("resources", b"")
            body[10 + 2 * i] = b"<< /Type /Page /Parent 2 0 R %s /Contents %d 0 R /Resources << %s >> >>" % (
                keys,
                11 + 2 * i,
                resources,
            )
            body[11 + 2 * i] = stream(page["content"])
        for number, (keys, data) in (objects or {}).items():
            body[number] = stream(data, keys)
        out, places = b"%PDF-1.7\n", {}
        for number, content in body.items():
            places[number] = len(out)
            out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
        start = len(out)
        out += b"xref\n0 1\n0000000000 65535 f \n"
        for number, place in places.items():
            out += b"%d 1\n%010d 00000 n \n" % (number, place)
        size = max(body) + 1
        return out + b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
            size,
            trailer,
            start,
        )

    return assemble
