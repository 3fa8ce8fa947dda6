"""From a scan to everything that is measured of it."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
from PIL import Image

from sigforensics.audit import Acquisition, measure_acquisition, properties
from sigforensics.scans import read_scan
from sigforensics.settings import Auditing

from .conftest import Signatures
from .steps import as_scan


def test_every_property_is_a_field_and_every_field_a_property() -> None:
    listed = properties()
    assert {one.name for one in listed} == {field.name for field in fields(Acquisition)}
    for field in fields(Acquisition):
        (one,) = (one for one in listed if one.name == field.name)
        assert one.is_kind == (field.type == "str")


def test_what_the_file_states_is_taken_over(tmp_path: Path, signatures: Signatures) -> None:
    image = Image.fromarray(signatures[0, 0])
    image.save(tmp_path / "a.jpg", quality=80, dpi=(300, 150))
    image.convert("RGB").save(tmp_path / "a.tif")
    image.save(tmp_path / "a.png", dpi=(300, 300))
    jpeg, tiff, png = (measure_acquisition(read_scan(path)) for path in sorted(tmp_path.iterdir()))
    tiff, png = png, tiff  # a.jpg, a.png, a.tif
    assert (jpeg.format, jpeg.mode, jpeg.dpi, jpeg.jpeg_tables) == ("JPEG", "L", "300 x 150", "quality 80")
    assert jpeg.jpeg_history == "JPEG quality 80"
    assert (tiff.format, tiff.mode, tiff.bit_depth, tiff.dpi) == ("TIFF", "RGB", "8", "none")
    assert (png.format, png.dpi, png.jpeg_tables, png.jpeg_history) == ("PNG", "300 x 300", "none", "none")
    assert (png.width, png.height) == image.size


def test_traces_are_looked_for_in_the_middle_of_large_images(signatures: Signatures) -> None:
    image = signatures[0, 0]
    whole = measure_acquisition(as_scan(image))
    framed = np.pad(image, 200, constant_values=240)
    height, width = image.shape
    assert height < width
    square = image[:, (width - height) // 2 : (width - height) // 2 + height]
    small = Auditing(window=height)
    inside = measure_acquisition(as_scan(framed), settings=small)
    alone = measure_acquisition(as_scan(square), settings=small)
    assert (inside.jpeg_grid, inside.resampling) == (alone.jpeg_grid, alone.resampling)
    assert inside.width == whole.width + 400


def test_the_smallest_image_that_is_read_is_measured() -> None:
    image = np.random.default_rng(0).integers(0, 256, (16, 16)).astype(np.uint8)
    found = measure_acquisition(as_scan(image))
    assert (found.width, found.height, found.resampling_period) == (16, 16, "none")


def test_nothing_depends_on_the_order_or_changes_the_scan(signatures: Signatures) -> None:
    scan = as_scan(signatures[2, 1])
    before = scan.pixels.copy()
    found = measure_acquisition(scan)
    measure_acquisition(as_scan(signatures[3, 1]))
    assert measure_acquisition(replace(scan)) == found
    assert np.array_equal(scan.pixels, before)
