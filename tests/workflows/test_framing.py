from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sigforensics.errors import ResolutionMissing
from sigforensics.scans import Extent
from sigforensics.spectra import NYQUIST, FrequencyGrid
from sigforensics.workflows.framing import Framing, plan_framing, size_notes


def measured(*shapes, dpi=(300.0, 300.0)):
    return {Path(f"{number}.png"): Extent(shape, dpi) for number, shape in enumerate(shapes)}


def test_images_of_one_size_are_left_alone():
    assert plan_framing(measured((64, 80), (64, 80)), bands=8) == Framing()
    assert plan_framing(measured((64, 80), (64, 80)), bands=8, pixels="pad") == Framing()


def test_images_of_different_sizes_get_the_grid_of_the_smallest_sides_and_who_sets_it_is_named():
    framing = plan_framing(measured((64, 80), (90, 40), (70, 90)), bands=8)
    assert framing.grid == FrequencyGrid((64, 40))
    assert (framing.pixels, framing.largest) == (None, (90, 90))
    assert "0.png has the smallest height, 1.png the smallest width" in framing.notes[0]
    assert "40 x 64 to 90 x 90 pixels" in framing.caption
    image = np.zeros((70, 90), np.float32)
    assert framing.change(image) is image


@pytest.mark.parametrize(
    ("pixels", "shape", "said"),
    [("pad", (90, 90), "padded"), ("crop", (64, 40), "cropped"), ("resize", (64, 40), "resized")],
)
def test_pixels_are_changed_only_where_that_is_asked_for_and_it_is_said(pixels, shape, said):
    framing = plan_framing(measured((64, 80), (90, 40), (70, 90)), bands=8, pixels=pixels)
    assert framing.change(np.zeros((70, 90) if pixels != "pad" else (70, 40), np.float32)).shape == shape
    assert framing.grid == FrequencyGrid(shape)
    assert framing.pixels == pixels
    assert said in framing.caption
    assert said in framing.notes[0]


def test_an_image_too_small_for_the_bands_does_not_set_the_grid():
    framing = plan_framing(measured((300, 300), (280, 310), (17, 17)), bands=32)
    assert framing.grid == FrequencyGrid((280, 300))


def test_frequencies_per_millimetre_need_every_resolution():
    images = measured((64, 64)) | {Path("b.png"): Extent((64, 64), None)}
    with pytest.raises(ResolutionMissing, match=r"b\.png: states no resolution"):
        plan_framing(images, bands=8, per_millimetre=True)


def test_frequencies_per_millimetre_follow_each_image_s_resolution():
    images = measured((64, 64)) | {Path("b.png"): Extent((64, 64), (600.0, 600.0))}
    framing = plan_framing(images, bands=8, per_millimetre=True)
    assert framing.grid.unit == "cycles per millimetre"
    assert framing.grid.shape == (32, 32)
    assert framing.nyquist((600.0, 300.0)) == pytest.approx((300 / 50.8, 600 / 50.8))
    assert plan_framing(measured((64, 64), (32, 32)), bands=8).nyquist((600.0, 300.0)) == NYQUIST


def test_sets_of_one_size_need_no_note_and_others_get_one():
    assert size_notes({"a": [(64, 64)] * 3, "b": [(64, 64)]}) == ()
    (note,) = size_notes({"a": [(64, 64)] * 3, "b": [(64, 70), (32, 80)]})
    assert "a 64 x 64, b 70 x 32 to 80 x 64 pixels" in note
    mixed = [(64, 70), (32, 80)]
    (note,) = size_notes({"a": mixed, "b": mixed})
    assert "a 70 x 32 to 80 x 64, b 70 x 32 to 80 x 64 pixels" in note
