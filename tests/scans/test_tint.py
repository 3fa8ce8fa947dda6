"""The hue of a page lies where its grey values lie, however the page is stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image

from sigforensics.scans import read_scan
from sigforensics.scans.orientation import turned
from sigforensics.settings import Scanning

COLOURS = np.random.default_rng(8).integers(0, 256, (24, 37, 3)).astype(np.uint8).repeat(2, 0).repeat(2, 1)


def cb_cr(colours: np.ndarray) -> np.ndarray:
    """ITU-R BT.601 at full range."""
    red, green, blue = np.moveaxis(colours.astype(float), 2, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return np.stack([128 + (blue - luma) / 1.772, 128 + (red - luma) / 1.402], axis=2)


def near(tint: np.ndarray | None, expected: np.ndarray, tolerance: float = 1.5) -> None:
    assert tint is not None
    assert tint.dtype == np.uint8
    assert tint.flags.c_contiguous
    np.testing.assert_allclose(tint.astype(float), expected, atol=tolerance)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["png", "tif", "jpg"])
def test_hues_are_turned_as_the_page_is(tmp_path: Path, ending: str, orientation: int) -> None:
    path, picture = tmp_path / f"page.{ending}", Image.fromarray(COLOURS)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture.save(path, exif=exif, **({"quality": 100, "subsampling": 0} if ending == "jpg" else {}))
    scan = read_scan(path)
    assert scan.orientation == orientation
    upright = turned(COLOURS, orientation)
    near(scan.tint, cb_cr(upright), 12 if ending == "jpg" else 1.5)
    np.testing.assert_allclose(scan.pixels, upright @ [0.299, 0.587, 0.114] / 255, atol=0.03)


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("ink", ["dark", "bright"])
def test_hues_of_pdf_pages_are_turned_and_inverted_as_the_page_is(
    tmp_path: Path, quarters: int, ink: str
) -> None:
    path = tmp_path / "page.pdf"
    Image.fromarray(COLOURS).save(path, quality=100, subsampling=0, resolution=100)
    document = pdfium.PdfDocument(path)
    document[0].set_rotation(90 * quarters)
    document.save(tmp_path / "turned.pdf")
    document.close()
    scan = read_scan(tmp_path / "turned.pdf", settings=Scanning(ink=ink))
    upright = np.rot90(COLOURS, -quarters)
    near(scan.tint, cb_cr(255 - upright if ink == "bright" else upright), 14)


def test_a_negative_has_the_hues_of_the_paper_page(tmp_path: Path) -> None:
    Image.fromarray(255 - COLOURS).save(tmp_path / "page.png")
    near(read_scan(tmp_path / "page.png", settings=Scanning(ink="bright")).tint, cb_cr(COLOURS))


def test_what_is_transparent_has_the_hue_of_white(tmp_path: Path) -> None:
    opacity = np.full((*COLOURS.shape[:2], 1), 255, np.uint8)
    opacity[:10] = 0
    Image.fromarray(np.concatenate([COLOURS, opacity], axis=2)).save(tmp_path / "page.png")
    shown = COLOURS.copy()
    shown[:10] = 255
    near(read_scan(tmp_path / "page.png").tint, cb_cr(shown))


@pytest.mark.parametrize("colours", [16, 256])
def test_palettes_have_hues(tmp_path: Path, colours: int) -> None:
    picture = Image.fromarray(COLOURS).quantize(colours)
    picture.save(tmp_path / "page.png")
    near(read_scan(tmp_path / "page.png").tint, cb_cr(np.asarray(picture.convert("RGB"))))


def test_pages_without_a_hue_have_none(tmp_path: Path) -> None:
    grey = COLOURS[..., :1].repeat(3, axis=2)
    nearly = np.clip(grey.astype(int) + [1, 0, -1], 0, 255).astype(np.uint8)
    for name, picture in (
        ("grey.png", Image.fromarray(grey[..., 0])),
        ("colours.png", Image.fromarray(grey)),
        ("rounded.png", Image.fromarray(nearly)),
        ("two.tif", Image.fromarray(grey[..., 0] > 99)),
        ("palette.png", Image.fromarray(grey[..., 0]).convert("P")),
    ):
        picture.save(tmp_path / name)
        assert read_scan(tmp_path / name).tint is None
