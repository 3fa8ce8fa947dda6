from __future__ import annotations

import re

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from sigforensics.errors import OutputFormat, OutputUnwritable
from sigforensics.marking import sheet_texts
from sigforensics.report.figures import draw_contact_sheet, draw_losses, save_figure

ROW = {
    "epoch": 1,
    "generator_loss": 2,
    "discriminator_loss": 1,
    "generator_accuracy": 0,
    "discriminator_accuracy": 1,
}
STARTS = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}


@pytest.mark.parametrize("ending", [".png", ".pdf", ".svg", ".PNG"])
def test_the_ending_decides_the_format(tmp_path, ending):
    path = tmp_path / f"figure{ending}"
    save_figure(draw_losses([ROW]), path)
    assert path.read_bytes().startswith(STARTS[ending.lower()])


@pytest.mark.parametrize("ending", [".png", ".pdf", ".svg"])
def test_equal_figures_get_equal_bytes(tmp_path, ending):
    paths = [tmp_path / f"{name}{ending}" for name in "ab"]
    for path in paths:
        save_figure(draw_losses([ROW]), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("ending", [".png", ".pdf", ".svg"])
def test_a_figure_says_what_it_shows(tmp_path, ending):
    path = tmp_path / f"figure{ending}"
    texts = {"Description": "Synthetic, all of it.", "XML:com.adobe.xmp": "<x:xmpmeta/>"}
    save_figure(draw_losses([ROW]), path, texts=texts)
    assert b"Synthetic, all of it." in path.read_bytes()
    if ending == ".png":
        with Image.open(path) as image:
            assert image.text == texts


@pytest.mark.parametrize("ending", [".pdf", ".svg", ".png"])
def test_no_date_is_written(tmp_path, ending):
    path = tmp_path / f"figure{ending}"
    save_figure(draw_losses([ROW]), path)
    data = path.read_bytes()
    assert b"CreationDate" not in data
    assert b"dc:date" not in data
    assert b"tIME" not in data


@pytest.mark.parametrize("ending", [".pdf", ".svg", ".png"])
def test_no_version_is_written(tmp_path, ending):
    path = tmp_path / f"figure{ending}"
    save_figure(draw_losses([ROW]), path)
    assert mpl.__version__.encode() not in path.read_bytes()


def shown(pixels):
    figure = Figure(figsize=(1, 1))
    figure.subplots().imshow(pixels, interpolation="antialiased")
    return figure


@pytest.mark.parametrize(("side", "embedded"), [(300, 300), (1500, None)])
def test_images_are_in_a_pdf_pixel_for_pixel_unless_they_are_huge(tmp_path, side, embedded):
    figure = shown(np.random.default_rng(0).random((side, side)))
    save_figure(figure, tmp_path / "figure.pdf")
    widths = [int(width) for width in re.findall(rb"/Width (\d+)", (tmp_path / "figure.pdf").read_bytes())]
    assert len(widths) == 1
    assert widths[0] == embedded if embedded else widths[0] < 250
    assert figure.axes[0].images[0].get_interpolation() == "antialiased"


def test_the_letters_of_a_pdf_are_in_it(tmp_path):
    save_figure(draw_losses([ROW]), tmp_path / "figure.pdf")
    data = (tmp_path / "figure.pdf").read_bytes()
    assert data.count(b"/FontFile2") == data.count(b"/Type /FontDescriptor") > 0


def test_a_png_has_the_size_and_resolution_asked_for(tmp_path):
    path = tmp_path / "figure.png"
    save_figure(Figure(figsize=(2, 1)), path, dpi=100)
    with Image.open(path) as image:
        assert image.size == (200, 100)
        assert image.info["dpi"] == pytest.approx((100, 100), abs=0.1)


def test_the_users_configuration_changes_nothing_and_is_left_alone(tmp_path):
    image = np.eye(16, dtype=np.float32)
    plain, configured = tmp_path / "plain.png", tmp_path / "configured.png"
    save_figure(draw_contact_sheet({"row": [image]}), plain)
    with mpl.rc_context({"font.size": 30, "image.cmap": "jet", "savefig.dpi": 20, "image.origin": "lower"}):
        save_figure(draw_contact_sheet({"row": [image]}), configured)
        assert mpl.rcParams["font.size"] == 30
    assert plain.read_bytes() == configured.read_bytes()


def test_a_picture_of_fakes_says_that_they_are_synthetic(tmp_path):
    texts = sheet_texts(generator="a generator, epoch 3", seed=0)
    paths = [tmp_path / f"{name}.png" for name in "ab"]
    for path in paths:
        save_figure(draw_losses([ROW]), path, texts=texts)
    with Image.open(paths[0]) as image:
        assert {key: image.text[key] for key in texts} == texts
        assert "compositeSynthetic" in image.info["xmp"].decode()
        assert image.info["dpi"] == pytest.approx((200, 200), abs=0.1)
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("name", ["figure.gif", "figure", "figure.jpg"])
def test_other_endings_are_refused(tmp_path, name):
    with pytest.raises(OutputFormat, match=r"\.png, \.pdf or \.svg"):
        save_figure(draw_losses([ROW]), tmp_path / name)
    assert not (tmp_path / name).exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(OutputUnwritable, match="missing"):
        save_figure(draw_losses([ROW]), tmp_path / "missing" / "figure.png")
