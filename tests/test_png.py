from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from sigforensics import __version__
from sigforensics.errors import FileUnreadable, OutputUnwritable
from sigforensics.png import POLARITY_KEY, read_png, synthetic_texts, write_png

INK = np.random.default_rng(0).integers(0, 256, (30, 41)).astype(np.uint8)
IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"


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
        write_png(tmp_path / f"{name}.png", INK, texts=synthetic_texts(generator="g", seed=3), dpi=300)
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


@pytest.mark.parametrize(
    ("seed", "said"), [(0, "0"), (12345678901234567890, "12345678901234567890"), (None, "none")]
)
def test_a_synthetic_image_says_so_in_text_and_in_metadata(tmp_path, seed, said):
    write_png(tmp_path / "a.png", INK, texts=synthetic_texts(generator="Größe 7 签", seed=seed))
    with Image.open(tmp_path / "a.png") as image:
        texts = image.text
    assert texts["sigforensics:synthetic"] == "true"
    assert texts["sigforensics:generator"] == "Größe 7 签"
    assert texts["sigforensics:seed"] == said
    assert "Not written by a person" in texts["Description"]
    packet = ET.fromstring(texts["XML:com.adobe.xmp"])  # noqa: S314 - our own
    (kind,) = (element.text for element in packet.iter(IPTC))
    assert kind == "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


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
