from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from sigforensics.scans import check_exposure, list_images, read_scan

FOLDERS = [
    "cedar/full_org",
    "cedar/full_forg",
    "nisdcc/genuine",
    "nisdcc/forged",
    "binary-tiff",
    "documents/contracts",
    "documents/letters",
    "documents/cheques",
    "documents/agreements",
    "other-gan/generated",
]


@pytest.mark.parametrize("name", FOLDERS)
def test_real_files_are_read_and_exposed_well(data_folder, name):
    paths = list_images(data_folder / name)
    for path in paths[:: max(len(paths) // 6, 1)]:
        scan = read_scan(path)
        assert scan.pixels.dtype == np.float32
        if name != "other-gan/generated":  # bright ink, and the files do not say so
            check_exposure(scan)


@pytest.mark.parametrize("writer", [1, 29, 39])
def test_cedars_genuine_signatures_keep_their_grey_values(data_folder, writer):
    path = data_folder / "cedar" / "full_org" / f"original_{writer}_1.png"
    scan = read_scan(path)
    with Image.open(path) as image:
        grey = np.asarray(image if image.mode == "L" else image.getchannel("R"))
    assert scan.mode == ("L" if writer == 1 else "RGBA")
    np.testing.assert_array_equal(np.rint(scan.pixels * 255), grey)
    assert scan.notes == ()
    assert scan.dpi is None


def test_cedars_forgeries_have_a_palette_that_is_a_grey_ramp_and_a_resolution(data_folder):
    path = data_folder / "cedar" / "full_forg" / "forgeries_1_1.png"
    scan = read_scan(path)
    with Image.open(path) as image:
        assert image.mode == "P"
        grey = np.asarray(image.getpalette()).reshape(-1, 3)[np.asarray(image), 0]
    np.testing.assert_array_equal(np.rint(scan.pixels * 255), grey)
    assert scan.dpi == pytest.approx((300, 300), rel=1e-3)


def test_faxes_have_two_levels_and_some_two_resolutions(data_folder):
    resolutions = []
    for path in list_images(data_folder / "documents" / "letters")[::2]:
        scan = read_scan(path)
        assert scan.bits == 1
        assert scan.pixels[::7].min() == 0
        assert set(np.unique(scan.pixels[::7])) == {0, 1}
        resolutions.append(scan.dpi)
    assert all(dpi is not None and min(dpi) >= 150 for dpi in resolutions)
    assert any(dpi[0] != dpi[1] for dpi in resolutions)


def test_a_page_in_a_pdf_is_the_page_itself(data_folder, tmp_path):
    for name in ("contracts", "letters"):
        path = list_images(data_folder / "documents" / name)[0]
        with Image.open(path) as image:
            stream = io.BytesIO()
            image.save(stream, "PDF", resolution=200)
        (tmp_path / "page.pdf").write_bytes(stream.getvalue())
        page, scan = read_scan(tmp_path / "page.pdf"), read_scan(path)
        assert page.notes == ("the page's one scanned image, at its own resolution",)
        assert page.dpi == pytest.approx((200, 200), rel=1e-3)
        assert page.pixels.shape == scan.pixels.shape
        assert np.abs(page.pixels - scan.pixels).mean() < 0.01  # Pillow compresses it anew
