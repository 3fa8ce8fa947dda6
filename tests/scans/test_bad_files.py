"""Every way in which a file may be useless has its own error; no other exception and no warning ever comes out."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import tempfile
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from sigforensics.errors import (
    FileEmpty,
    FileTruncated,
    FileUnreadable,
    ImageTooLarge,
    ImageTooSmall,
    NotAnImage,
    SigforensicsError,
)
from sigforensics.scans import read_scan, read_scans
from sigforensics.scans.damage import complaints_reported

PAGE = np.random.default_rng(5).integers(225, 251, (40, 64)).astype(np.uint8)
PAGE[8:28, 10:50] = 30
COLOURS = np.dstack([PAGE, PAGE // 2, PAGE - 20])


def saved(values, kind, **options):
    stream = io.BytesIO()
    Image.fromarray(values).save(stream, kind, **options)
    return stream.getvalue()


def tiff(values, **options):
    stream = io.BytesIO()
    tifffile.imwrite(stream, values, **options)
    return stream.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def deep_png():
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in COLOURS)
    header = struct.pack(">IIBBBBB", 64, 40, 16, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


FILES = {
    "grey PNG": saved(PAGE, "PNG", dpi=(300, 300)),
    "16-bit PNG": deep_png(),
    "grey JPEG": saved(PAGE, "JPEG", dpi=(300, 300)),
    "progressive JPEG": saved(COLOURS, "JPEG", progressive=True),
    "grey TIFF": saved(PAGE, "TIFF"),
    "G4 TIFF": saved(PAGE > 128, "TIFF", compression="group4"),
    "LZW TIFF": saved(COLOURS, "TIFF", compression="tiff_lzw"),
    "JPEG in TIFF": saved(COLOURS, "TIFF", compression="jpeg"),
    "16-bit TIFF": tiff(PAGE.astype(np.uint16) * 257),
    "16-bit colour TIFF": tiff(COLOURS.astype(np.uint16) * 257, photometric="rgb"),
    "deflated 16-bit TIFF": tiff(COLOURS.astype(np.uint16) * 257, photometric="rgb", compression="zlib"),
    "TIFF of 3 pages": tiff(np.stack([PAGE] * 3), photometric="minisblack"),
    "BigTIFF of 3 pages": tiff(np.stack([PAGE] * 3), photometric="minisblack", bigtiff=True),
    "PDF": saved(PAGE, "PDF", resolution=100),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


def read(folder, data):
    """All pages of a file of these bytes, or the error that it raises, which must be one of ours."""
    path = folder / "file"
    path.write_bytes(data)
    try:
        scans = list(read_scans(path))
    except SigforensicsError as error:
        return error
    assert scans
    for scan in scans:
        assert scan.pixels.dtype == np.float32
        assert scan.pixels.ndim == 2
        assert 0 <= scan.pixels.min() <= scan.pixels.max() <= 1
        assert scan.dpi is None or min(scan.dpi) > 0
    return [scan.pixels for scan in scans]


@pytest.mark.parametrize("name", FILES)
def test_the_files_as_they_are_can_be_read(folder, name):
    assert isinstance(read(folder, FILES[name]), list)


@pytest.mark.parametrize("name", FILES)
@settings(deadline=None, max_examples=20)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_short_is_never_read_as_less_than_it_was(folder, name, share):
    whole, cut = read(folder, FILES[name]), FILES[name][: int(share * len(FILES[name]))]
    found = read(folder, cut)
    if isinstance(found, list):  # what was cut off did not matter
        for page, original in zip(found, whole, strict=True):
            np.testing.assert_array_equal(page, original)
    else:
        assert isinstance(found, FileTruncated | FileEmpty | NotAnImage)


def test_a_bigtiff_file_of_the_byte_order_that_is_not_read_is_not_called_damaged(folder):
    found = read(folder, tiff(PAGE, bigtiff=True, byteorder=">"))
    assert isinstance(found, NotAnImage)
    assert "big-endian" in str(found)


@pytest.mark.parametrize("name", ["TIFF of 3 pages", "BigTIFF of 3 pages"])
def test_no_page_is_lost_wherever_a_tiff_file_is_cut(folder, name):
    data = FILES[name]
    for length in range(0, len(data), 11):
        found = read(folder, data[:length])
        assert isinstance(found, SigforensicsError) or len(found) == 3, length


@pytest.mark.parametrize("name", FILES)
@settings(deadline=None, max_examples=40)
@given(
    changes=st.lists(
        st.tuples(st.one_of(st.floats(0, 1), st.floats(0, 0.1), st.floats(0.9, 1)), st.integers(0, 255)),
        min_size=1,
        max_size=12,
    )
)
def test_a_damaged_file_is_refused_with_our_errors_or_read(folder, name, changes):
    data = bytearray(FILES[name])
    for share, value in changes:
        data[min(int(share * len(data)), len(data) - 1)] = value
    found = read(folder, bytes(data))
    if "PNG" in name and isinstance(found, list):  # its checksums leave nothing to chance
        np.testing.assert_array_equal(found[0], read(folder, FILES[name])[0])


@settings(deadline=None, max_examples=60)
@given(
    start=st.sampled_from(
        [b"", b"\x89PNG", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"%PDF-1.7\n"]
    ),
    rest=st.binary(max_size=300),
    end=st.sampled_from([b"", b"%%EOF"]),
)
def test_rubbish_is_refused(folder, start, rest, end):
    assert isinstance(read(folder, start + rest + end), SigforensicsError)


@pytest.mark.parametrize("name", FILES)
def test_half_a_file_is_said_to_break_off(folder, name):
    found = read(folder, FILES[name][: len(FILES[name]) // 2])
    assert isinstance(found, FileTruncated)
    assert "breaks off" in found.what
    assert found.advice == "copy or scan it again: half an image is not evidence"


def test_one_wrong_bit_in_the_pixels_of_a_png_is_noticed(folder):
    data = bytearray(FILES["grey PNG"])
    data[data.index(b"IDAT") + 400] ^= 4
    found = read(folder, bytes(data))
    assert isinstance(found, FileTruncated)
    assert "a checksum does not fit" in found.what


LARGE = np.random.default_rng(5).integers(225, 251, (200, 320)).astype(np.uint8)
LARGE[40:140, 50:250:8] = 30


@pytest.mark.parametrize(
    "whole",
    [
        saved(LARGE, "JPEG", quality=90),
        saved(LARGE > 128, "TIFF", compression="group4"),
        saved(LARGE, "PDF", resolution=100),
    ],
    ids=["JPEG", "G4", "PDF"],
)
def test_rows_that_the_decoder_made_up_are_no_evidence(folder, capfd, whole):
    """libjpeg and libtiff go on over damage, and write a line that nobody is to see."""
    middle = len(whole) // 2
    assert isinstance(read(folder, whole), list)
    damaged = whole[: middle - 20] + bytes(range(7, 47)) + whole[middle + 20 :]
    found = read(folder, damaged)
    assert isinstance(found, FileTruncated)
    assert "the file is damaged (" in found.what
    assert capfd.readouterr() == ("", "")


def test_what_others_write_while_a_file_is_decoded_is_passed_on(capfd):
    with complaints_reported("a.jpg"):
        os.write(2, b"first\nCorrupt JPEG data: 3 extraneous bytes before marker 0xd9\n")
    assert capfd.readouterr().err == "first\nCorrupt JPEG data: 3 extraneous bytes before marker 0xd9\n"
    with (
        pytest.raises(FileTruncated, match=r"damaged \(Corrupt JPEG data: bad Huffman code\)"),
        complaints_reported("a.jpg"),
    ):
        os.write(2, b"first\nCorrupt JPEG data: bad Huffman code\nlast")
    assert capfd.readouterr().err == "first\nlast"


def test_without_a_standard_error_output_files_are_read():
    program = "import os, sys; os.close(2); from pathlib import Path; "
    program += "from sigforensics.scans import read_scan; read_scan(Path(sys.argv[1]))"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jpg"
        path.write_bytes(FILES["grey JPEG"])
        assert subprocess.run([sys.executable, "-c", program, str(path)], check=False).returncode == 0


def test_an_empty_file_is_said_to_be_empty(write):
    path = write("a.png", b"")
    with pytest.raises(FileEmpty, match="the file is empty") as caught:
        read_scan(path)
    assert caught.value.where == str(path)


@pytest.mark.parametrize(
    "text", [b"Dear Sir or Madam,\n", b"P", b"<svg></svg>", b"GIF89a", b"BM" + b"\0" * 60]
)
def test_a_file_of_another_kind_is_no_image_whatever_its_name(write, text):
    with pytest.raises(NotAnImage, match="is no PNG, JPEG, TIFF or PDF file"):
        read_scan(write("a.png", text))


@pytest.mark.parametrize(("width", "height"), [(0, 40), (64, 0), (0, 0)])
def test_an_image_without_width_or_height_is_too_small(write, png, width, height):
    with pytest.raises(ImageTooSmall, match="has no width or no height"):
        read_scan(write("a.png", png(width, height, rows=b"")))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_a_single_pixel_is_too_small(write, kind):
    with pytest.raises(ImageTooSmall, match="1 x 1 pixels, and 16 a side are the least"):
        read_scan(write("a", saved(np.zeros((1, 1), np.uint8), kind)))


def header_of_20000_a_side(kind, png, pdf):
    if kind == "PNG":
        return png(20000, 20000, depth=8, colour=2, rows=b"")
    if kind == "16-bit PNG":
        return png(20000, 20000, depth=16, colour=6, rows=b"")
    if kind == "JPEG":
        data = bytearray(FILES["grey JPEG"])
        place = data.index(b"\xff\xc0")  # the frame header: length, precision, height, width
        data[place + 5 : place + 9] = struct.pack(">HH", 20000, 20000)
        return bytes(data)
    if kind == "PDF":
        points = b"%d" % (20000 * 72 / 300)
        keys = b"/MediaBox [0 0 %s %s]" % (points, points)
        return pdf([{"content": b"0 0 9 9 re f", "keys": keys}])
    data = bytearray(FILES["16-bit colour TIFF" if kind == "16-bit TIFF" else "grey TIFF"])
    with tifffile.TiffFile(io.BytesIO(bytes(data))) as file:
        places = [file.pages[0].tags[tag].valueoffset for tag in ("ImageWidth", "ImageLength")]
    for place in places:
        data[place : place + 2] = struct.pack("<H", 20000)
    return bytes(data)


@pytest.mark.parametrize("kind", ["PNG", "16-bit PNG", "JPEG", "TIFF", "16-bit TIFF", "PDF"])
def test_a_huge_page_is_refused_before_it_is_decoded(write, png, pdf, monkeypatch, kind):
    def decode(self):
        raise AssertionError("decoded")

    path = write("a", header_of_20000_a_side(kind, png, pdf))
    monkeypatch.setattr(ImageFile.ImageFile, "load", decode)
    tracemalloc.start()
    try:
        with pytest.raises(
            ImageTooLarge, match="20000 x 20000 pixels are more than 200 megapixels"
        ) as caught:
            read_scan(path)
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()
    assert "--max-megapixels" in caught.value.advice


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileUnreadable, match="there is no such file") as caught:
        read_scan(tmp_path / "none.png")
    assert caught.value.where == str(tmp_path / "none.png")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(FileUnreadable, match="is a folder") as caught:
        read_scan(tmp_path)
    assert caught.value.advice == "give a file"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no devices among the files of this system")
def test_a_device_is_no_file():
    with pytest.raises(FileUnreadable, match="is neither file nor folder"):
        read_scan(Path("/dev/zero"))


def test_a_file_that_may_not_be_read_is_named(write, monkeypatch):
    path = write("a.png", FILES["grey PNG"])

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(
        FileUnreadable, match=r"a\.png: Permission denied; check the path and its permissions"
    ):
        read_scan(path)


def test_a_name_that_no_file_can_have_is_refused():
    with pytest.raises(FileUnreadable, match="null byte"):
        read_scan(Path("a\0.png"))


def test_too_little_memory_is_said(write, monkeypatch):
    def fail(self):
        raise MemoryError

    monkeypatch.setattr(ImageFile.ImageFile, "load", fail)
    with pytest.raises(ImageTooLarge, match="too little memory to decode it"):
        read_scan(write("a.tif", FILES["grey TIFF"]))
