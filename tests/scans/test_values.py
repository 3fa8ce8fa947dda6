"""Pages as they are stored: depth, colours, polarity, orientation."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sigforensics.errors import FileUnreadable
from sigforensics.scans import PageValues, read_scan, read_scans, read_values
from sigforensics.scans.grey import LUMA
from sigforensics.settings import Scanning


def values_of(path, page=1, **settings):
    scan = read_scan(path, page, settings=Scanning(**settings))
    return scan, read_values(scan.source, page=page, pages=scan.pages, settings=Scanning(**settings))


def colours(drawing):
    return np.dstack([drawing, drawing[::-1], 255 - drawing // 3])


def encoded(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def luma(page):
    brightness = page.brightness()
    return brightness @ LUMA if brightness.shape[-1] == 3 else brightness[..., 0]


def test_8_bit_colour_is_kept(write, drawing):
    scan, page = values_of(write("a.png", encoded(Image.fromarray(colours(drawing)), "PNG")))
    np.testing.assert_array_equal(page.values, colours(drawing))
    assert page.values.dtype == np.uint8
    np.testing.assert_allclose(luma(page), scan.pixels, atol=0.51 / 255)


def test_colour_without_a_hue_is_grey(write, drawing):
    grey = Image.fromarray(drawing)
    for name, mode in (("a", "RGB"), ("b", "P"), ("c", "RGBA"), ("d", "LA"), ("e", "L")):
        scan, page = values_of(write(f"{name}.png", encoded(grey.convert(mode), "PNG")))
        np.testing.assert_array_equal(page.values, drawing)
        np.testing.assert_allclose(luma(page), scan.pixels, atol=1e-6)


def test_two_levels_stay_two(write, drawing):
    image = Image.fromarray(drawing > 128)
    for name, kind, options in (("a.png", "PNG", {}), ("a.tif", "TIFF", {"compression": "group4"})):
        scan, page = values_of(write(name, encoded(image, kind, **options)))
        assert page.values.dtype == np.bool_
        np.testing.assert_array_equal(page.values, drawing > 128)
        np.testing.assert_array_equal(luma(page), scan.pixels)


@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
def test_16_bit_grey_is_kept_to_the_last_bit(write, drawing, photometric):
    deep = drawing.astype(np.uint16) * 257 - np.arange(72, dtype=np.uint16)
    stream = io.BytesIO()
    tifffile.imwrite(stream, deep, photometric=photometric)
    scan, page = values_of(write("a.tif", stream.getvalue()))
    np.testing.assert_array_equal(page.values, 65_535 - deep if photometric == "miniswhite" else deep)
    np.testing.assert_allclose(luma(page), scan.pixels, atol=1e-6)


def test_16_bit_colour_is_kept_to_the_last_bit(write, drawing, png):
    deep = colours(drawing).astype(np.uint16) * 257 - np.arange(72, dtype=np.uint16)[:, None]
    data = png(72, 40, depth=16, colour=2, rows=deep.astype(">u2").tobytes())
    scan, page = values_of(write("a.png", data))
    np.testing.assert_array_equal(page.values, deep)
    np.testing.assert_allclose(luma(page), scan.pixels, atol=1e-6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_colour_page_is_upright_as_its_scan_is(write, drawing, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(Image.fromarray(colours(drawing)), "PNG", exif=exif)
    scan, page = values_of(write("a.png", data))
    assert page.values.shape == (*scan.pixels.shape, 3)
    np.testing.assert_allclose(luma(page), scan.pixels, atol=0.51 / 255)


def test_the_page_that_is_asked_for_is_read(write, drawing):
    stream = io.BytesIO()
    tifffile.imwrite(stream, np.stack([drawing, drawing[::-1], drawing[:, ::-1]]), photometric="minisblack")
    path = write("a.tif", stream.getvalue())
    for page, scan in enumerate(read_scans(path), start=1):
        values = read_values(scan.source, page=page, pages=scan.pages).values
        np.testing.assert_array_equal(values, np.rint(scan.pixels * 255))


def test_a_page_of_a_pdf_file_keeps_its_colours(write, drawing):
    image = Image.fromarray(np.kron(colours(drawing), np.ones((8, 8, 1), np.uint8)))
    scan, page = values_of(write("a.pdf", encoded(image, "PDF", resolution=150)))
    assert page.values.shape == (*scan.pixels.shape, 3)
    np.testing.assert_allclose(luma(page), scan.pixels, atol=0.51 / 255)
    assert np.abs(page.values.astype(int) - np.asarray(image)).mean() < 4  # JPEG within it


def test_bright_ink_is_turned_for_work_and_back(write, drawing):
    scan, page = values_of(write("a.png", encoded(Image.fromarray(255 - drawing), "PNG")), ink="bright")
    np.testing.assert_array_equal(page.values, 255 - drawing)
    np.testing.assert_allclose(luma(page), scan.pixels, atol=1e-6)


def test_a_file_that_has_changed_meanwhile_is_refused(write, drawing):
    path = write("a.png", encoded(Image.fromarray(drawing), "PNG"))
    scan = read_scan(path)
    path.write_bytes(encoded(Image.fromarray(drawing[::-1]), "PNG"))
    with pytest.raises(FileUnreadable, match="was changed while it was in use"):
        read_values(scan.source)


@given(st.sampled_from([np.bool_, np.uint8, np.uint16]), st.booleans(), st.sampled_from([(), (3,)]))
def test_brightness_goes_back_to_exactly_the_values_it_came_from(dtype, bright, channels):
    highest = 1 if dtype is np.bool_ else np.iinfo(dtype).max
    stored = np.linspace(0, highest, 300).round().reshape(10, 10, 3).astype(dtype)
    page = PageValues(stored if channels else stored[..., 0], bright=bright)
    brightness = page.brightness()
    assert brightness.dtype == np.float32
    assert (brightness[0, 0, 0] == 1) == bright
    np.testing.assert_array_equal(page.from_brightness(brightness), page.values)
