from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigforensics.extraction import Box

boxes = st.builds(Box, st.integers(0, 30), st.integers(0, 30), st.integers(1, 20), st.integers(1, 20))


def pixels(box: Box) -> np.ndarray:
    page = np.zeros((60, 60), bool)
    page[box.slices] = True
    return page


@given(boxes, boxes)
def test_intersection_over_union_is_what_counting_pixels_gives(one: Box, other: Box) -> None:
    counted = (pixels(one) & pixels(other)).sum() / (pixels(one) | pixels(other)).sum()
    assert one.intersection_over_union(other) == pytest.approx(counted)


@given(boxes, boxes)
def test_intersection_over_union_is_symmetric_and_one_only_for_equal_boxes(one: Box, other: Box) -> None:
    value = one.intersection_over_union(other)
    assert value == other.intersection_over_union(one)
    assert (value == 1) == (one == other)


@given(boxes)
def test_a_box_survives_being_written_and_parsed(box: Box) -> None:
    assert Box.parse(str(box)) == box


@given(boxes, st.integers(0, 9), st.integers(0, 9))
def test_a_grown_box_holds_the_box_and_stays_on_the_page(box: Box, across: int, down: int) -> None:
    grown = box.grown(across, down, (60, 60))
    assert grown.intersection(box) == box
    assert grown.right <= 60
    assert grown.bottom <= 60
    assert grown.width <= box.width + 2 * across


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,3,4,5", "a,2,3,4", "1.5,2,3,4", "1,2,0,4", "1,2,3,-4", "-1,2,3,4"]
)
def test_what_is_no_box_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Box.parse(text)


def test_boxes_that_only_touch_have_nothing_in_common() -> None:
    assert Box(0, 0, 10, 10).intersection(Box(10, 0, 10, 10)) is None
    assert Box(0, 0, 10, 10).intersection_over_union(Box(10, 0, 10, 10)) == 0


def test_a_box_of_the_stored_page_is_cut_off_at_the_border_of_the_upright_one() -> None:
    assert Box(2, 1, 3, 4).stored(6, (20, 10)).upright(6, (20, 10)) == Box(2, 1, 3, 4)
    assert Box(0, 0, 90, 90).upright(6, (20, 10)) == Box(0, 0, 10, 20)
    assert Box(30, 0, 5, 5).upright(6, (20, 10)) is None
