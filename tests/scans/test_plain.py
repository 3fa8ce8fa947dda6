from __future__ import annotations

import io
import itertools
import struct
import zlib
from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from sigforensics.scans import read_scan
from sigforensics.scans.plain import plain_grey

IMAGES = arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def filtered(image: np.ndarray, filters: Sequence[int]) -> bytes:
    """Rows as the PNG specification filters them, written plainly."""
    height, width = image.shape
    rows = b""
    for y in range(height):
        kind = filters[y % len(filters)]
        rows += bytes([kind])
        for x in range(width):
            left = int(image[y, x - 1]) if x else 0
            above = int(image[y - 1, x]) if y else 0
            corner = int(image[y - 1, x - 1]) if x and y else 0
            nearest = min((left, above, corner), key=lambda one: abs(left + above - corner - one))
            predicted = (0, left, above, (left + above) // 2, nearest)[kind]
            rows += bytes([(int(image[y, x]) - predicted) % 256])
    return rows


def assemble(
    shape: tuple[int, int],
    stream: bytes,
    *,
    header: bytes = b"\x08\0\0\0\0",
    before: bytes = b"",
    after: bytes = b"",
    pieces: int = 1,
) -> bytes:
    size = struct.pack(">II", shape[1], shape[0])
    cuts = np.linspace(0, len(stream), pieces + 1).astype(int)
    pixels = b"".join(chunk(b"IDAT", stream[first:last]) for first, last in itertools.pairwise(cuts))
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + header)
    return start + before + pixels + after + chunk(b"IEND", b"")


def by_pillow(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


@given(IMAGES, st.lists(st.integers(0, 4), min_size=1, max_size=12), st.integers(1, 3))
@example(np.zeros((5, 1), np.uint8), [1, 1, 1, 1, 0], 1)  # another filter after the rows by which it is told
def test_every_filter_of_png_gives_the_values_to_the_bit(image, filters, pieces):
    data = assemble(image.shape, zlib.compress(filtered(image, filters)), pieces=pieces)
    values = plain_grey(data)
    assert values is not None
    np.testing.assert_array_equal(values, image)
    np.testing.assert_array_equal(values, by_pillow(data))


@given(IMAGES)
def test_rows_from_the_left_give_the_values_to_the_bit(image):
    np.testing.assert_array_equal(
        plain_grey(assemble(image.shape, zlib.compress(filtered(image, [1])))), image
    )


@pytest.mark.parametrize("contrast", [0, 3, 255])
def test_files_of_opencv_and_pillow_give_what_pillow_makes_of_them(contrast):
    image = (np.random.default_rng(1).random((301, 517)) * contrast).astype(np.uint8)
    for level in (0, 1, 6, 9):
        stream = io.BytesIO()
        Image.fromarray(image).save(stream, "PNG", compress_level=level, dpi=(300, 300))
        by_opencv = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, level])[1].tobytes()
        for data in (stream.getvalue(), by_opencv):
            np.testing.assert_array_equal(plain_grey(data), by_pillow(data))


WHOLE = np.arange(30, dtype=np.uint8).reshape(5, 6)
ROWS = filtered(WHOLE, [1])
STREAM = zlib.compress(ROWS)


def test_a_last_row_of_another_kind_is_not_summed_as_the_first_ones():
    np.testing.assert_array_equal(
        plain_grey(assemble(WHOLE.shape, zlib.compress(filtered(WHOLE, [1, 1, 1, 1, 4])))), WHOLE
    )


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b"no stream",
        STREAM[:-6],
        STREAM[:-4],
        STREAM[:-4] + b"sums",
        zlib.compress(ROWS[:-1]),
        zlib.compress(ROWS[:14]),
        zlib.compress(ROWS + ROWS),
        zlib.compress(b"\x07" + ROWS[1:]),
        zlib.compress(ROWS[:28] + b"\x07" + ROWS[29:]),
    ],
    ids=[
        "none",
        "garbage",
        "cut",
        "no sum",
        "wrong sum",
        "short",
        "two rows",
        "long",
        "no filter",
        "no filter below",
    ],
)
def test_what_is_damaged_or_odd_is_left_to_the_decoder_that_judges(stream):
    assert plain_grey(assemble(WHOLE.shape, stream)) is None


@pytest.mark.parametrize(
    "more",
    [
        {"before": chunk(b"tRNS", b"\0\7")},
        {"before": chunk(b"eXIf", b"II*\0")},
        {"before": chunk(b"acTL", bytes(8))},
        {"after": chunk(b"tEXt", b"sigforensics:polarity\0bright")},
        {"header": b"\x08\0\0\0\1"},
    ],
    ids=["transparent", "turned", "animated", "text behind", "interlaced"],
)
def test_what_is_more_than_grey_values_is_left_to_the_decoder_that_knows_it(more):
    assert plain_grey(assemble(WHOLE.shape, STREAM, **more)) is None


@pytest.mark.parametrize("filters", [[1], [0, 4]])
def test_a_scan_is_made_of_these_values(tmp_path, monkeypatch, filters):
    image = np.random.default_rng(2).integers(0, 256, (40, 50)).astype(np.uint8)
    path = tmp_path / "scan.png"
    path.write_bytes(assemble(image.shape, zlib.compress(filtered(image, filters))))
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda _: pytest.fail("Pillow decoded it, too"))
    np.testing.assert_array_equal(read_scan(path).pixels, image.astype(np.float32) / np.float32(255))
