from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sigforensics.images import (
    bytes_to_unit,
    grey_to_ink,
    ink_to_grey,
    integers_to_unit,
    signed_to_unit,
    unit_to_bytes,
    unit_to_signed,
)

SHAPES = hnp.array_shapes(min_dims=2, max_dims=3, max_side=9)
units = hnp.arrays(np.float32, SHAPES, elements=st.floats(0, 1, width=32))
bytes_ = hnp.arrays(np.uint8, SHAPES)
CONVERSIONS = [unit_to_bytes, grey_to_ink, ink_to_grey, unit_to_signed, signed_to_unit]


def test_every_byte_survives_the_way_there_and_back():
    every = np.arange(256, dtype=np.uint8)
    assert np.array_equal(unit_to_bytes(bytes_to_unit(every)), every)
    assert np.array_equal(unit_to_bytes(signed_to_unit(unit_to_signed(bytes_to_unit(every)))), every)
    assert np.array_equal(unit_to_bytes(ink_to_grey(grey_to_ink(bytes_to_unit(every)))), every)


@given(units)
def test_polarity_turned_twice_is_the_same(image):
    turned = grey_to_ink(image)
    np.testing.assert_allclose(ink_to_grey(turned), image, atol=1e-7)
    assert np.array_equal(ink_to_grey(image), turned)
    assert turned.dtype == np.float32


@given(units)
def test_what_networks_see_turns_back(image):
    signed = unit_to_signed(image)
    assert signed.dtype == np.float32
    assert signed.size == 0 or -1 <= signed.min() <= signed.max() <= 1
    np.testing.assert_allclose(signed_to_unit(signed), image, atol=1e-7)


@given(units)
def test_bytes_are_the_nearest(image):
    assert np.abs(unit_to_bytes(image).astype(float) - image.astype(float) * 255).max(initial=0) <= 0.5 + 1e-5


@given(bytes_)
def test_ink_and_grey_are_opposites_in_bytes_too(image):
    assert np.array_equal(unit_to_bytes(grey_to_ink(bytes_to_unit(image))), 255 - image)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32])
def test_integers_span_the_unit_range_exactly_at_its_ends(kind):
    top = np.iinfo(kind).max
    assert integers_to_unit(np.array([[0, top]], kind)).tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize(
    "values", [np.zeros((2, 2), np.int16), np.zeros((2, 2), np.float32), np.zeros((2, 2), bool)]
)
def test_only_unsigned_integers_have_a_known_range(values):
    with pytest.raises(ValueError, match="unsigned integers expected"):
        integers_to_unit(values)


@pytest.mark.parametrize("convert", CONVERSIONS)
@pytest.mark.parametrize("wrong", [1.001, -1.001, 255.0, np.nan, np.inf, -np.inf])
def test_nothing_is_clipped_a_value_out_of_range_raises(convert, wrong):
    image = np.full((3, 3), 0.5, np.float32)
    image[1, 2] = wrong
    with pytest.raises(ValueError, match="was expected"):
        convert(image)


@pytest.mark.parametrize("convert", [unit_to_bytes, grey_to_ink, unit_to_signed])
def test_signed_values_are_not_taken_for_unit_values(convert):
    with pytest.raises(ValueError, match=r"\[0, 1\] was expected"):
        convert(np.array([[-0.25, 0.5]], np.float32))


@pytest.mark.parametrize("convert", [*CONVERSIONS, integers_to_unit, bytes_to_unit])
def test_arguments_are_left_alone(convert):
    kind = np.uint8 if convert in {integers_to_unit, bytes_to_unit} else np.float32
    image = np.ones((3, 3), kind)
    image.flags.writeable = False
    assert convert(image) is not image
    assert (image == 1).all()


@pytest.mark.parametrize("convert", CONVERSIONS)
def test_an_image_without_pixels_has_none_out_of_range(convert):
    assert convert(np.zeros((0, 4), np.float32)).shape == (0, 4)
