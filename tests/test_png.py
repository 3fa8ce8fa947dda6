from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from sigforensics import __version__
from sigforensics.errors import FileUnreadable, OutputUnwritable
from sigforensics.png import POLARITY_KEY, png_texts, read_png, write_png

INK = np.random.default_rng(0).integers(0, 256, (30, 41)).astype(np.uint8)


def test_grey_values_are_read_as_they_were_written(tmp_path):
    write_png(tmp_path / "a.png", INK)
    assert np.array_equal(read_png(tmp_path / "a.png"), INK)
    assert read_png(tmp_path / "a.png").flags.writeable


def test_colour_is_written_too(tmp_path):
    colours = np.dstack([INK, INK[::-1], INK[:, ::-1]])
    write_png(tmp_path / "a.png", colours)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), colours)


def test_the_same_image_and_texts_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_png(tmp_path / f"{name}.png", INK, texts={"Description": "d", "Title": "t"}, dpi=300)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize(("bright", "said"), [(True, "bright"), (False, "dark")])
def test_every_file_says_its_polarity_and_its_maker(tmp_path, bright, said):
    write_png(tmp_path / "a.png", INK, bright=bright)
    with Image.open(tmp_path / "a.png") as image:
        assert image.info[POLARITY_KEY] == said
        assert image.info["Software"] == f"sigforensics {__version__}"
        assert "dpi" not in image.info


def test_the_resolution_is_recorded(tmp_path):
    write_png(tmp_path / "a.png", INK, dpi=200.0)
    with Image.open(tmp_path / "a.png") as image:
        assert image.info["dpi"] == pytest.approx((200, 200), rel=1e-4)


def test_texts_of_any_script_are_written(tmp_path):
    write_png(tmp_path / "a.png", INK, texts={"Description": "Größe 7 签"})
    with Image.open(tmp_path / "a.png") as image:
        assert image.text["Description"] == "Größe 7 签"


def test_a_resolution_that_differs_across_and_down_is_recorded(tmp_path):
    write_png(tmp_path / "a.png", INK, dpi=(204.0, 98.0))
    with Image.open(tmp_path / "a.png") as image:
        assert image.info["dpi"] == pytest.approx((204, 98), rel=1e-3)


@pytest.mark.parametrize("kind", ["two levels", "16-bit grey", "16-bit colour"])
def test_depth_is_kept(tmp_path, kind):
    deep = np.random.default_rng(1).integers(0, 65_536, (30, 41, 3)).astype(np.uint16)
    image = {"two levels": INK > 128, "16-bit grey": deep[..., 0], "16-bit colour": deep}[kind]
    for name in "ab":
        write_png(tmp_path / f"{name}.png", image, texts={"Description": "签"}, dpi=300, bright=False)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with Image.open(tmp_path / "a.png") as found:
        assert found.text["Description"] == "签"
        assert found.info[POLARITY_KEY] == "dark"
        assert found.info["dpi"] == pytest.approx((300, 300), rel=1e-4)
        assert (found.mode == "1") == (kind == "two levels")
    decoded = cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_UNCHANGED)
    decoded = decoded[..., ::-1] if decoded.ndim == 3 else decoded
    np.testing.assert_array_equal(decoded, image * 255 if kind == "two levels" else image)


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputUnwritable):
        write_png(tmp_path / "file" / "a.png", INK)
    with pytest.raises(TypeError):
        write_png(tmp_path / "b.png", INK.astype(np.complex64))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("cut", [0, 4, 30, 60, 0.5, 0.95])
def test_a_damaged_file_is_refused_by_name(tmp_path, cut):
    write_png(tmp_path / "a.png", INK)
    data = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(data[: int(cut * len(data)) if cut < 1 else cut])
    with pytest.raises(FileUnreadable, match=r"a\.png: cannot be read.*run 'sigforensics prepare' again"):
        read_png(tmp_path / "a.png")


def test_a_file_that_is_not_8_bit_grey_is_refused(tmp_path):
    Image.fromarray(INK > 100).save(tmp_path / "a.png")
    with pytest.raises(FileUnreadable, match="is no 8-bit grey PNG"):
        read_png(tmp_path / "a.png")
    Image.fromarray(INK).save(tmp_path / "b.png", "JPEG")
    with pytest.raises(FileUnreadable, match="cannot be read"):
        read_png(tmp_path / "b.png")
    with pytest.raises(FileUnreadable, match="No such file"):
        read_png(tmp_path / "none.png")


def test_texts_are_read_as_they_were_written_and_other_files_have_none(tmp_path):
    write_png(tmp_path / "a.png", INK, texts={"Title": "a ß"}, dpi=300)
    assert png_texts(tmp_path / "a.png") == {
        "Software": f"sigforensics {__version__}", POLARITY_KEY: "bright", "Title": "a ß",
    }  # fmt: skip
    (tmp_path / "b.png").write_bytes(b"no image")
    Image.fromarray(INK).save(tmp_path / "c.jpg")
    assert png_texts(tmp_path / "b.png") == png_texts(tmp_path / "c.jpg") == {}
