from __future__ import annotations

import numpy as np
import pytest

from sigforensics.spectra import crop_pixels, pad_pixels, resize_pixels

IMAGE = np.random.default_rng(0).random((8, 12)).astype(np.float32)


def test_padding_keeps_every_pixel_and_adds_the_median_of_the_border():
    padded = pad_pixels(IMAGE, (11, 14))
    np.testing.assert_array_equal(padded[1:9, 1:13], IMAGE)
    border = [IMAGE[y, x] for y in range(8) for x in range(12) if y in {0, 7} or x in {0, 11}]
    rest = np.ones((11, 14), bool)
    rest[1:9, 1:13] = False
    np.testing.assert_allclose(padded[rest], np.median(border))


def test_cropping_keeps_the_middle_as_it_was():
    np.testing.assert_array_equal(crop_pixels(IMAGE, (4, 5)), IMAGE[2:6, 3:8])


def test_resizing_averages_over_areas_and_keeps_the_mean():
    resized = resize_pixels(IMAGE, (4, 4))
    np.testing.assert_allclose(resized, IMAGE.reshape(4, 2, 4, 3).mean(axis=(1, 3)), atol=1e-6)


@pytest.mark.parametrize("change", [pad_pixels, crop_pixels, resize_pixels])
def test_an_image_of_that_size_is_left_alone(change):
    before = IMAGE.copy()
    np.testing.assert_array_equal(change(IMAGE, IMAGE.shape), before)
    np.testing.assert_array_equal(IMAGE, before)


@pytest.mark.parametrize(
    ("change", "shape"), [(pad_pixels, (8, 11)), (crop_pixels, (9, 12)), (resize_pixels, (4, 13))]
)
def test_what_would_go_the_other_way_is_refused(change, shape):
    with pytest.raises(ValueError, match="cannot become"):
        change(IMAGE, shape)
