"""Masks as image editors save them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sigforensics.errors import MaskUnfit
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
        ("brushed.png", WHITE.point(lambda value: 200 if value else 90)),
    ],
)
def test_white_is_marked_whatever_the_layout(tmp_path: Path, name: str, picture: Image.Image) -> None:
    picture.save(tmp_path / name)
    found = read_mask(tmp_path / name)
    assert found.dtype == bool
    np.testing.assert_array_equal(found, MARKED)


def test_a_file_that_is_no_mask_is_refused(tmp_path: Path) -> None:
    WHITE.save(tmp_path / "lossy.jpg")
    Image.fromarray(np.full((8, 8), 40_000, np.uint16)).save(tmp_path / "deep.png")
    (tmp_path / "text.png").write_text("white")
    for name, what in (
        ("lossy.jpg", "cannot be read as a mask"),
        ("text.png", "cannot be read as a mask"),
        ("missing.png", "cannot be read as a mask"),
        ("deep.png", "pixels of the kind I;16"),
    ):
        with pytest.raises(MaskUnfit, match=what):
            read_mask(tmp_path / name)
