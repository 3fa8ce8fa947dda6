from __future__ import annotations

import hashlib
import io
import re
import struct
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tifffile
from PIL import Image

from sigforensics.errors import ImageTooLarge, PageMissing
from sigforensics.png import POLARITY_KEY, write_png
from sigforensics.scans import Extent, read_extent, read_scan, read_scans
from sigforensics.settings import Scanning

ORIENTATION = 274
KINDS = ["PNG", "JPEG", "TIFF", "16-bit TIFF", "16-bit colour TIFF", "16-bit colour PNG", "G4 TIFF"]


def upright(stored, orientation):
    """EXIF 2.3 by the letter: where row 0 and column 0 of what is stored lie on the upright page."""
    row_0, column_0 = {
        1: ("top", "left"),
        2: ("top", "right"),
        3: ("bottom", "right"),
        4: ("bottom", "left"),
        5: ("left", "top"),
        6: ("right", "top"),
        7: ("right", "bottom"),
        8: ("left", "bottom"),
    }[orientation]
    height, width = stored.shape
    if row_0 in {"left", "right"}:
        height, width = width, height
    page = np.zeros((height, width), stored.dtype)
    for i in range(stored.shape[0]):
        for j in range(stored.shape[1]):
            sides = {row_0: i, column_0: j}
            y = sides["top"] if "top" in sides else height - 1 - sides["bottom"]
            x = sides["left"] if "left" in sides else width - 1 - sides["right"]
            page[y, x] = stored[i, j]
    return page


def exif(orientation):
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    return tags


def oriented(kind, stored, orientation, png):
    """The bytes of an image that says that it must be turned, at 300 dpi across and 200 down as stored."""
    stream = io.BytesIO()
    if kind == "16-bit TIFF":
        tags = [(ORIENTATION, "H", 1, orientation, True)]
        values = stored.astype(np.uint16) * 257
        tifffile.imwrite(stream, values, extratags=tags, resolution=(300, 200), resolutionunit="inch")
    elif kind == "16-bit colour TIFF":
        tags = [(ORIENTATION, "H", 1, orientation, True)]
        values = np.dstack([stored.astype(np.uint16) * 257] * 3)
        tifffile.imwrite(
            stream, values, photometric="rgb", extratags=tags, resolution=(300, 200), resolutionunit="inch"
        )
    elif kind == "16-bit colour PNG":
        rows = np.dstack([stored.astype(">u2") * 257] * 3).tobytes()
        per_metre = struct.pack(">IIB", round(300 / 0.0254), round(200 / 0.0254), 1)
        before = {b"pHYs": per_metre, b"eXIf": exif(orientation).tobytes()[6:]}
        return png(stored.shape[1], stored.shape[0], depth=16, colour=2, rows=rows, before=before)
    elif kind == "G4 TIFF":
        image = Image.fromarray(stored > 128)
        options = {"compression": "group4", "tiffinfo": {ORIENTATION: orientation}}
        image.save(stream, "TIFF", dpi=(300, 200), **options)
    else:
        Image.fromarray(stored).save(stream, kind, dpi=(300, 200), exif=exif(orientation))
    return stream.getvalue()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_page_is_turned_upright(write, png, drawing, kind, orientation):
    scan = read_scan(write("a", oriented(kind, drawing, orientation, png)))
    stored = drawing > 128 if kind == "G4 TIFF" else drawing / 255
    tolerance = 0.2 if kind == "JPEG" else 1e-6
    np.testing.assert_allclose(scan.pixels, upright(stored, orientation), atol=tolerance)
    assert scan.pixels.flags.c_contiguous
    assert scan.dpi == pytest.approx((300, 200) if orientation < 5 else (200, 300), rel=1e-3)
    assert read_extent(scan.source.path) == Extent(scan.pixels.shape, scan.dpi)
    said = [note for note in scan.notes if "turned upright" in note]
    assert said == (
        [] if orientation == 1 else [f"turned upright as the EXIF orientation {orientation} says"]
    )


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_an_orientation_that_means_nothing_is_ignored(write, png, drawing, orientation):
    scan = read_scan(write("a.png", oriented("PNG", drawing, orientation, png)))
    np.testing.assert_array_equal(np.rint(scan.pixels * 255), drawing)
    assert scan.notes == ()


def test_an_orientation_behind_the_pixels_counts_too(write, png, drawing):
    data = png(72, 40, rows=drawing.tobytes(), after={b"eXIf": exif(6).tobytes()[6:]})
    scan = read_scan(write("a.png", data))
    np.testing.assert_array_equal(np.rint(scan.pixels * 255), upright(drawing, 6))
    assert read_extent(scan.source.path) == Extent((72, 40), None)


def test_the_size_is_known_without_decoding(write, png, monkeypatch):
    path = write("a.png", png(72, 40, rows=bytes(72 * 40)))
    monkeypatch.setattr(Image.Image, "load", None)
    monkeypatch.setattr("sigforensics.scans.raster.image_to_grey", None)
    assert read_extent(path) == Extent((40, 72), None)


def test_a_size_that_is_refused_is_refused_by_its_header(write, png):
    path = write("a.png", png(72, 40, rows=bytes(72 * 40)))
    with pytest.raises(ImageTooLarge):
        read_extent(path, settings=Scanning(max_megapixels=0.001))


def test_pages_of_a_tiff_file_keep_their_own_size_layout_and_orientation(write, drawing):
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        writer.write(drawing, contiguous=False)
        writer.write(drawing[:30, :20].astype(np.uint16) * 257, extratags=[(ORIENTATION, "H", 1, 6, True)])
        writer.write(drawing > 128, photometric="minisblack")
    path = write("a.tif", stream.getvalue())
    scans = list(read_scans(path))
    assert [(scan.page, scan.pages) for scan in scans] == [(1, 3), (2, 3), (3, 3)]
    assert [scan.bits for scan in scans] == [8, 16, 1]
    assert [scan.where for scan in scans] == [f"{path} page {page}" for page in (1, 2, 3)]
    expected = [drawing / 255, upright(drawing[:30, :20], 6) / 255, drawing > 128]
    for scan, page in zip(scans, expected, strict=True):
        np.testing.assert_allclose(scan.pixels, page, atol=1e-6)
    np.testing.assert_array_equal(read_scan(path, page=2).pixels, scans[1].pixels)


@pytest.mark.parametrize("left_out", [False, True])
def test_a_page_of_a_tiff_file_without_a_resolution_has_not_that_of_the_page_before(write, drawing, left_out):
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        writer.write(drawing, resolution=(200, 100), resolutionunit="INCH")
        writer.write(drawing[:30], contiguous=False)  # 1 x 1 of no unit
        writer.write(drawing[:20], resolution=(40, 40), resolutionunit="CENTIMETER")
    data = bytearray(stream.getvalue())
    for tag in (282, 283) if left_out else ():
        place = [at.start() for at in re.finditer(struct.pack("<HH", tag, 5), bytes(data))][1]
        data[place : place + 2] = struct.pack("<H", 65_000 + tag)
    scans = list(read_scans(write("a.tif", bytes(data))))
    assert [scan.dpi for scan in scans] == [(200, 100), None, pytest.approx((101.6, 101.6))]


@pytest.mark.parametrize("page", [0, 4, -1])
def test_a_page_that_is_not_there_is_named(write, drawing, page):
    stream = io.BytesIO()
    tifffile.imwrite(stream, np.stack([drawing] * 3), photometric="minisblack")
    path = write("a.tif", stream.getvalue())
    with pytest.raises(PageMissing, match=f"has no page {page}, but 3 pages"):
        read_scan(path, page=page)
    with pytest.raises(PageMissing):
        list(read_scans(path, only=page))


def test_a_g4_fax_keeps_its_two_levels_and_both_resolutions(write, drawing):
    stream = io.BytesIO()
    Image.fromarray(drawing > 128).save(stream, "TIFF", compression="group4", dpi=(204, 98))
    scan = read_scan(write("fax.tif", stream.getvalue()))
    np.testing.assert_array_equal(scan.pixels, drawing > 128)
    assert scan.dpi == (204, 98)
    assert (scan.mode, scan.bits) == ("1", 1)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("dpi", [(300, 300), (600, 300)])
def test_the_stated_resolution_is_read(write, drawing, kind, dpi):
    stream = io.BytesIO()
    Image.fromarray(drawing).save(stream, kind, dpi=dpi)
    assert read_scan(write("a", stream.getvalue())).dpi == pytest.approx(dpi, rel=1e-4)


def test_a_resolution_in_centimetres_becomes_inches(write, drawing):
    stream = io.BytesIO()
    tifffile.imwrite(stream, drawing, resolution=(100, 50), resolutionunit="centimeter")
    assert read_scan(write("a.tif", stream.getvalue())).dpi == pytest.approx((254, 127))


@pytest.mark.parametrize(("dpi", "kind"), [((1, 1), "PNG"), ((1, 1), "TIFF"), (None, "PNG"), (None, "JPEG")])
def test_no_resolution_is_made_up(write, drawing, dpi, kind):
    stream = io.BytesIO()
    Image.fromarray(drawing).save(stream, kind, **({"dpi": dpi} if dpi else {}))
    assert read_scan(write("a", stream.getvalue())).dpi is None


def test_our_own_png_files_say_their_polarity(tmp_path, drawing):
    write_png(tmp_path / "bright.png", 255 - drawing)
    write_png(tmp_path / "dark.png", drawing, bright=False, dpi=300)
    for name in ("bright", "dark"):
        for ink in ("dark", "bright"):  # what the file says counts
            scan = read_scan(tmp_path / f"{name}.png", settings=Scanning(ink=ink))
            np.testing.assert_allclose(scan.pixels, drawing / 255, atol=1e-6)
    assert read_scan(tmp_path / "dark.png").dpi == pytest.approx((300, 300), rel=1e-4)
    assert read_scan(tmp_path / "bright.png").notes == ("inverted: the file says that its ink is bright",)


def test_a_polarity_behind_the_pixels_counts_too(write, png, drawing):
    text = POLARITY_KEY.encode() + b"\0bright"
    scan = read_scan(write("a.png", png(72, 40, rows=(255 - drawing).tobytes(), after={b"tEXt": text})))
    np.testing.assert_allclose(scan.pixels, drawing / 255, atol=1e-6)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_bright_ink_is_inverted_where_the_user_says_so(write, drawing, kind):
    stream = io.BytesIO()
    Image.fromarray(drawing).save(stream, kind)
    path = write("a", stream.getvalue())
    np.testing.assert_allclose(
        read_scan(path, settings=Scanning(ink="bright")).pixels, 1 - read_scan(path).pixels, atol=1e-6
    )
    assert read_scan(path, settings=Scanning(ink="bright")).notes == (
        "inverted: it was said that its ink is bright",
    )


def test_the_hash_is_that_of_the_file(write, drawing):
    stream = io.BytesIO()
    Image.fromarray(drawing).save(stream, "PNG")
    path = write("a.png", stream.getvalue())
    source = read_scan(path).source
    assert source.path == path
    assert source.sha256 == hashlib.sha256(stream.getvalue()).hexdigest()


def test_the_kind_of_a_file_is_told_by_its_bytes_not_its_name(write, drawing):
    stream = io.BytesIO()
    Image.fromarray(drawing).save(stream, "TIFF")
    assert read_scan(write("a.png", stream.getvalue())).format == "TIFF"


def test_too_large_a_page_is_refused_where_it_stands(write, drawing):
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        writer.write(drawing[:20, :20], contiguous=False)
        writer.write(drawing)
    path = write("a.tif", stream.getvalue())
    scans = read_scans(path, settings=Scanning(max_megapixels=0.001))
    assert next(scans).pixels.shape == (20, 20)
    with pytest.raises(ImageTooLarge, match=r"page 2: 72 x 40 pixels are more than 0\.001 megapixels"):
        next(scans)


def test_odd_metadata_is_read_past_in_many_threads_and_leaves_no_filter_behind(write, drawing):
    stream = io.BytesIO()
    tifffile.imwrite(stream, drawing, extratags=[(305, "B", 3, b"abc", True)])
    data = bytearray(stream.getvalue())
    place = tifffile.TiffFile(io.BytesIO(stream.getvalue())).pages[0].tags["Software"].offset
    data[place + 4 : place + 8] = (2**31).to_bytes(4, "little")  # a tag larger than the file
    path = write("a.tif", bytes(data))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Image.open(path).close()
    assert caught  # Pillow does warn
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        scans = list(pool.map(lambda _: read_scan(path), range(64)))
    assert warnings.filters == before
    for scan in scans:
        np.testing.assert_allclose(scan.pixels, drawing / 255, atol=1e-6)


def test_odd_metadata_of_16_bit_colour_is_read_past_without_a_word(write, drawing, capfd):
    colours = np.dstack([drawing.astype(np.uint16) * 257] * 3)
    stream = io.BytesIO()
    tifffile.imwrite(stream, colours, photometric="rgb", extratags=[(65123, "B", 3, b"abc", True)])
    scan = read_scan(write("a.tif", stream.getvalue()))
    np.testing.assert_allclose(scan.pixels, drawing / 255, atol=1e-6)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_the_quantisation_tables_of_a_jpeg_file_are_kept(mode, tmp_path):
    Image.new(mode, (32, 32), "white").save(tmp_path / "a.jpg", quality=50)
    tables = read_scan(tmp_path / "a.jpg").jpeg_tables
    assert [len(table) for table in tables] == [64] * (1 if mode == "L" else 2)
    assert tables[0][:8] == (16, 11, 10, 16, 24, 40, 51, 61)  # the standard's first row
    Image.new(mode, (32, 32), "white").save(tmp_path / "a.png")
    assert read_scan(tmp_path / "a.png").jpeg_tables == ()


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_the_quantisation_tables_of_jpeg_within_a_tiff_file_are_kept(mode, tmp_path):
    page = Image.new(mode, (32, 32), "white")
    page.copy().save(tmp_path / "a.tif", compression="jpeg", quality=30)
    page.copy().save(tmp_path / "a.jpg", quality=30)
    tables = read_scan(tmp_path / "a.jpg").jpeg_tables
    assert read_scan(tmp_path / "a.tif").jpeg_tables[:1] == tables[:1] != ()
    page.copy().save(tmp_path / "b.tif", compression="tiff_lzw")
    assert read_scan(tmp_path / "b.tif").jpeg_tables == ()
