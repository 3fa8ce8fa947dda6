from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sigforensics.samples import draw_page, invent_writer
from sigforensics.samples.pages import MOST_SIGNATURES
from sigforensics.settings import Sampling

CLEAN = Sampling(noise=0.0, clouds=0.0, streaks=0.0)
WRITERS = [invent_writer(number) for number in range(MOST_SIGNATURES)]


def overlap(one, other):
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return across > 0 and down > 0


def test_a_page_is_a4_at_its_resolution():
    page = draw_page(WRITERS[:1], rng=np.random.default_rng(0))
    assert page.pixels.shape == (2339, 1654)
    assert page.pixels.dtype == np.float32
    assert page.pixels.min() >= 0
    assert page.pixels.max() <= 1
    assert page.dpi == 200.0
    assert page.writers == ("writer-0",)


def test_the_same_seed_gives_the_same_page():
    one, other = (draw_page(WRITERS[:2], rng=np.random.default_rng(3), dpi=100.0) for _ in range(2))
    assert np.array_equal(one.pixels, other.pixels)
    assert one.boxes == other.boxes


def test_a_page_without_writers_has_print_but_no_boxes():
    page = draw_page([], rng=np.random.default_rng(0), dpi=150.0)
    assert page.boxes == page.writers == ()
    assert 0.005 < (page.pixels < 0.5).mean() < 0.1


@pytest.mark.parametrize("count", [1, 2, MOST_SIGNATURES])
def test_boxes_hold_all_ink_of_the_signatures_and_are_tight(count):
    signed = draw_page(WRITERS[:count], rng=np.random.default_rng(1), settings=CLEAN)
    dry = [replace(writer, darkness=0.0) for writer in WRITERS[:count]]
    unsigned = draw_page(dry, rng=np.random.default_rng(1), settings=replace(CLEAN, visible=-1.0))
    pen = unsigned.pixels - signed.pixels
    found = np.zeros(pen.shape, bool)
    for left, top, width, height in signed.boxes:
        inside = pen[top : top + height, left : left + width]
        found[top - 1 : top + height + 1, left - 1 : left + width + 1] = True  # the optics spread by a pixel
        for side in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
            assert side.max() > 0.01
    assert len(signed.boxes) == count
    assert pen[~found].max() < 0.02
    assert pen[found].max() > 0.3


def test_signatures_keep_clear_of_each_other_and_of_the_paragraphs():
    page = draw_page(WRITERS, rng=np.random.default_rng(2))
    for index, box in enumerate(page.boxes):
        assert box[1] > 0.3 * page.pixels.shape[0]
        assert box[1] + box[3] < page.pixels.shape[0]
        assert not any(overlap(box, other) for other in page.boxes[index + 1 :])


def test_more_writers_than_fit_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        draw_page([*WRITERS, WRITERS[0]], rng=np.random.default_rng(0))


@pytest.mark.parametrize("proportions", [{"x_height": 9.0}, {"breadth": 5.0}, {"capital": 9.0}])
def test_a_signature_larger_than_its_place_is_refused(proportions):
    giant = replace(WRITERS[3], **proportions)
    with pytest.raises(ValueError, match="mm does not fit"):
        draw_page([giant], rng=np.random.default_rng(0), dpi=100.0)
