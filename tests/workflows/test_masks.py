"""Masks as image editors save them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sigforensics.errors import FileUnreadable, MaskUnfit
from sigforensics.workflows.masks import read_mask

MARKED = np.zeros((8, 11), bool)
MARKED[2:5, 3:9] = True
WHITE = Image.fromarray(np.where(MARKED, 255, 0).astype(np.uint8))


def transparent(mode: str) -> Image.Image:
    """White where marked; what the editor's eraser took is white, too, and transparent."""
    picture = Image.new("RGBA", WHITE.size, (255, 255, 255, 255))
    picture.putalpha(WHITE)
    return picture.convert(mode)


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("grey.png", WHITE),
        ("two.png", WHITE.convert("1")),
        ("colours.png", WHITE.convert("RGB")),
        ("palette.png", WHITE.convert("P")),
        ("erased.png", transparent("RGBA")),
        ("erased-grey.png", transparent("LA")),
        ("packed.tif", WHITE.convert("RGB")),
        ("plain.bmp", WHITE.convert("RGB")),
        ("brushed.png", WHITE.point(lambda value: 128 if value else 127)),
    ],
)
def test_white_is_marked_whatever_the_layout(tmp_path: Path, name: str, picture: Image.Image) -> None:
    picture.save(tmp_path / name)
    found = read_mask(tmp_path / name, (8, 11))
    assert found.dtype == bool
    np.testing.assert_array_equal(found, MARKED)


def test_a_file_that_is_no_mask_is_refused_and_named(tmp_path: Path) -> None:
    WHITE.save(tmp_path / "lossy.jpg")
    WHITE.point(lambda value: value // 3).save(tmp_path / "dim.png")
    WHITE.save(tmp_path / "pages.tif", save_all=True, append_images=[WHITE])
    Image.fromarray(np.full((8, 11), 40_000, np.uint16)).save(tmp_path / "deep.png")
    (tmp_path / "text.png").write_text("white")
    for name, what in (
        ("lossy.jpg", "is no PNG, TIFF or BMP picture"),
        ("text.png", "is no PNG, TIFF or BMP picture"),
        ("dim.png", "brightest value is 85 of 255"),
        ("pages.tif", "has several pages"),
        ("deep.png", "pixels of the kind I;16"),
    ):
        with pytest.raises(MaskUnfit, match=f"{name}: .*{what}"):
            read_mask(tmp_path / name, (8, 11))
    with pytest.raises(FileUnreadable, match=r"missing.png: there is no such file"):
        read_mask(tmp_path / "missing.png", (8, 11))


def test_another_size_than_the_boxs_is_refused_before_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    WHITE.save(tmp_path / "mask.png")
    monkeypatch.setattr(Image.Image, "convert", lambda *_: pytest.fail("decoded"))
    with pytest.raises(MaskUnfit, match=r"11 x 8 pixels, and its box 20 x 9; correct one of those in masks/"):
        read_mask(tmp_path / "mask.png", (9, 20))
    with pytest.raises(MaskUnfit, match=r"11 x 8 pixels, and its box 8 x 11; .*the page lies on its side"):
        read_mask(tmp_path / "mask.png", (11, 8))
