"""The eight orientations: pixels, and boxes in both frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sigforensics.scans import Scan, Source, read_scan
from sigforensics.scans.orientation import to_stored, to_upright, turn_scan, turned, turned_further

CODES = st.integers(1, 8)


def page(shape: tuple[int, int], orientation: int = 1) -> Scan:
    values = np.arange(shape[0] * shape[1], dtype=np.float32).reshape(shape)
    pixels = np.ascontiguousarray(turned(values, orientation)) / values.size
    source = Source(Path("a.png"), "")
    return Scan(pixels, source, 1, 1, (300.0, 150.0), "PNG", "L", 8, orientation=orientation)


@given(code=CODES, height=st.integers(2, 9), width=st.integers(2, 9), data=st.data())
def test_a_box_of_the_upright_page_holds_the_same_pixels_on_the_stored_one(code, height, width, data):
    stored = np.arange(height * width).reshape(height, width)
    upright = turned(stored, code)
    left, top = (data.draw(st.integers(0, side - 1)) for side in upright.shape[::-1])
    across = data.draw(st.integers(1, upright.shape[1] - left))
    down = data.draw(st.integers(1, upright.shape[0] - top))
    x, y, w, h = to_stored((left, top, across, down), code, upright.shape)
    inside = set(upright[top : top + down, left : left + across].ravel())
    assert set(stored[y : y + h, x : x + w].ravel()) == inside
    assert to_upright((x, y, w, h), code, upright.shape) == (left, top, across, down)


@given(code=CODES, quarters=st.integers(-4, 4))
def test_a_further_turn_is_one_of_the_eight_again(code, quarters):
    stored = np.arange(12).reshape(3, 4)
    twice = np.rot90(turned(stored, code), -quarters)
    np.testing.assert_array_equal(turned(stored, turned_further(code, quarters)), twice)


@pytest.mark.parametrize("quarters", range(4))
def test_turning_a_page_changes_no_value_and_is_noted(quarters):
    scan = page((3, 5), orientation=2)
    upright = turn_scan(scan, quarters, "lay on its side")
    np.testing.assert_array_equal(upright.pixels, np.rot90(scan.pixels, -quarters))
    assert upright.dpi == ((150.0, 300.0) if quarters % 2 else (300.0, 150.0))
    assert upright.notes == (("lay on its side",) if quarters else ())
    stored = np.rint(turned(scan.pixels, 2) * 15)  # a mirrored page is its own inverse
    np.testing.assert_array_equal(turned(stored, upright.orientation), np.rint(upright.pixels * 15))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["jpg", "png", "tif"])
def test_a_page_says_how_its_stored_pixels_were_turned(tmp_path, drawing, orientation, ending):
    exif = Image.Exif()
    exif[274] = orientation
    image = Image.fromarray(drawing)
    options = {"tiffinfo": {274: orientation}} if ending == "tif" else {"exif": exif}
    image.save(tmp_path / f"a.{ending}", **options)
    scan = read_scan(tmp_path / f"a.{ending}")
    assert scan.orientation == orientation
    assert np.abs(turned(drawing, orientation) / 255 - scan.pixels).mean() < 0.05


@pytest.mark.parametrize(("turn", "orientation"), [(0, 1), (90, 6), (180, 3), (270, 8)])
def test_a_page_of_a_pdf_says_how_its_image_was_turned(write, pdf, drawing, turn, orientation):
    height, width = drawing.shape
    keys = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8"
    content = b"q 72 0 0 40 0 0 cm /Im Do Q"
    page = {
        "content": content,
        "keys": b"/MediaBox [0 0 72 40] /Rotate %d" % turn,
        "resources": b"/XObject << /Im 100 0 R >>",
    }
    data = pdf([page], {100: (keys % (width, height), drawing.tobytes())})
    scan = read_scan(write("a.pdf", data))
    assert scan.orientation == orientation
    np.testing.assert_array_equal(np.rint(scan.pixels * 255), turned(drawing, orientation))
