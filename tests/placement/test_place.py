"""A signature off its page and another in its place, on drawn pages of every kind of file."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from sigforensics.extraction import Box, Signature
from sigforensics.placement import Place
from sigforensics.placement.place import widened
from sigforensics.preprocessing import ink_to_target
from sigforensics.scans import PageValues
from sigforensics.settings import Preprocessing

CHAIN = Preprocessing()
KINDS = ["grey", "16-bit", "two levels", "blue"]


def place(case, seed=0, chain=CHAIN):
    rng = np.random.default_rng(seed)
    return Place(case.page, case.signature, per_mm=case.per_mm, rng=rng, chain=chain)


def bar(size=512):
    """A known pattern: a bar in the middle fifth of the square."""
    image = np.zeros((size, size), np.uint8)
    image[size * 2 // 5 : size * 3 // 5, size // 4 : size * 3 // 4] = 230
    return image


@pytest.mark.parametrize("bright", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_beyond_what_is_stated_nothing_changes_by_a_single_bit(make_case, kind, bright):
    case = make_case(kind, bright=bright)
    before = case.values.copy()
    for image in (ink_to_target(case.signature.ink), bar(), np.zeros((512, 512), np.uint8)):
        placed = place(case).put(image)
        assert (placed.values.dtype, placed.values.shape) == (before.dtype, before.shape)
        different = (placed.values != before).reshape(*before.shape[:2], -1).any(axis=-1)
        outside = np.ones(before.shape[:2], bool)
        outside[placed.changed.slices] = False
        assert not different[outside].any()
        assert 0 < different.sum() <= placed.emptied + placed.inked
        box = case.signature.box
        assert placed.changed.intersection(box.grown(4, 4, before.shape[:2])) == placed.changed
    np.testing.assert_array_equal(case.values, before)


@pytest.mark.parametrize("bright", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_the_true_ink_put_back_gives_the_page_again_within_tolerance(make_case, kind, bright):
    """With a network of the size of the crop nothing is resized. Mean error 2 of 255; the paper's own noise is 2.7."""
    case = make_case(kind, bright=bright)
    side = max(case.signature.ink.shape)
    chain = Preprocessing(size=side)
    placed = place(case, chain=chain).put(ink_to_target(case.signature.ink, settings=chain))
    before, after = case.page.brightness(), PageValues(placed.values, bright).brightness()
    inside = placed.changed.slices
    if kind == "two levels":
        assert np.mean(before[inside] != after[inside]) < 0.002
        return
    error = 255 * np.abs(before - after)[inside]
    assert error.mean() < 2
    assert np.quantile(error, 0.99) < 15
    strokes = before[inside].min(axis=-1) < 0.4
    assert error[strokes].mean() < (9 if kind == "blue" else 4)


@pytest.mark.parametrize("kind", KINDS)
def test_without_ink_bare_paper_is_left(make_case, kind):
    case = make_case(kind)
    placed = place(case).put(np.zeros((512, 512), np.uint8))
    assert placed.inked == 0
    assert placed.emptied > 500
    core = np.zeros(case.values.shape[:2], bool)
    core[case.signature.box.slices] = case.signature.ink > 0.5
    after = PageValues(placed.values, bright=False).brightness().min(axis=-1)
    paper = np.median(case.page.brightness().min(axis=-1))
    assert core.sum() > 200
    assert np.mean(after[core] < paper - 0.15) < 0.04  # the ruled line runs on under the stroke


def test_printed_lines_and_print_in_the_box_stay(make_case):
    """The drawn signature crosses its ruled line, and the word below it stands in the box's reach."""
    case = make_case("grey")
    before = case.page.brightness()[..., 0]
    after = PageValues(place(case).put(np.zeros((512, 512), np.uint8)).values, bright=False).brightness()[
        ..., 0
    ]
    taken = np.zeros(before.shape, bool)
    taken[case.signature.box.slices] = case.signature.ink > 0
    dark = (before < 0.5) & ~ndimage.binary_dilation(taken, iterations=3)
    np.testing.assert_array_equal(after[dark], before[dark])


@pytest.mark.parametrize("bright", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_pattern_stands_exactly_where_the_geometry_says(make_case, kind, bright):
    case = make_case(kind, bright=bright)
    box = case.signature.box
    placed = place(case).put(bar())
    empty = place(case).put(np.zeros((512, 512), np.uint8))
    dark = (
        PageValues(empty.values, bright).brightness() - PageValues(placed.values, bright).brightness()
    ).max(axis=-1)
    rows, columns = np.nonzero(dark > 0.4)
    side = max(box.width, box.height)
    centre = box.top + box.height / 2 - 0.5, box.left + box.width / 2 - 0.5
    odd = 1.0  # padding leaves the larger half right or below
    assert (rows.min() + rows.max()) / 2 == pytest.approx(centre[0], abs=odd)
    assert (columns.min() + columns.max()) / 2 == pytest.approx(centre[1], abs=odd)
    assert np.ptp(columns) + 1 == pytest.approx(side / 2, abs=2)
    assert np.ptp(rows) + 1 == pytest.approx(min(side / 5, box.height), abs=2)


def test_blue_ink_stays_blue_and_a_fake_gets_its_colour(make_case):
    case = make_case("blue")
    colour = place(case).colour
    assert colour[0] > colour[1] > colour[2]
    np.testing.assert_allclose(np.array(colour) / colour[1], [1.3, 1.0, 0.45], rtol=0.12)
    placed = place(case).put(bar())
    inked = placed.values[case.signature.box.slices].reshape(-1, 3)
    darkest = inked[inked.sum(axis=1).argsort()[:200]].mean(axis=0)
    assert darkest[0] < darkest[1] < darkest[2]


def test_the_same_seed_gives_the_same_page_and_another_one_another_grain(make_case):
    case, image = make_case("grey"), bar()
    first = place(case, seed=1).put(image).values
    np.testing.assert_array_equal(first, place(case, seed=1).put(image).values)
    assert np.any(first != place(case, seed=2).put(image).values)


def test_true_and_fake_pages_stand_on_the_same_paper(make_case):
    case = make_case("grey")
    one = place(case)
    target = ink_to_target(case.signature.ink)
    first, second = one.put(target), one.put(bar())
    both = (first.values != second.values).any()
    assert both
    assert first.emptied == second.emptied
    np.testing.assert_array_equal(one.put(target).values, first.values)


@pytest.mark.parametrize("shape", [(120, 300), (300, 121), (90, 90)])
def test_a_cropped_signature_is_its_own_page(shape):
    rng = np.random.default_rng(0)
    values = rng.normal(240, 3, shape).clip(0, 255).astype(np.uint8)
    values[shape[0] // 3 : shape[0] // 3 + 12, 20 : shape[1] - 20] = 60
    page = PageValues(values, bright=False)
    ink = 1 - page.brightness()[..., 0]
    signature = Signature(ink, Box(0, 0, shape[1], shape[0]), None, "signature", "", "", "", 1, None)
    rng = np.random.default_rng(0)
    whole = Place(page, signature, per_mm=6.0, rng=rng, chain=CHAIN)
    placed = whole.put(ink_to_target(ink))
    assert placed.values.shape == shape
    assert np.abs(placed.values.astype(int) - values).mean() < 4
    assert np.median(
        placed.values[shape[0] // 3 + 3 : shape[0] // 3 + 9, 30 : shape[1] - 30]
    ) == pytest.approx(60, abs=4)
    empty = whole.put(np.zeros((512, 512), np.uint8)).values
    assert empty.min() > 220


def test_the_border_of_a_stroke_is_widened_but_not_over_the_print_beside_it():
    luma = np.full((60, 80), 0.9, np.float32)
    strokes = np.zeros((60, 80), bool)
    strokes[10:50, 20:24] = True
    luma[strokes] = 0.2
    luma[10:50, 24] = luma[10:50, 19] = 0.6  # soft borders
    luma[30:33, 25:70] = 0.2  # a line that touches them
    wide = widened(strokes, luma, 2)
    assert wide[10:50, 18:25].all()
    assert not wide[30:33, 26:].any()
    assert wide[12:28, 25].all()
    assert wide.sum() < strokes.sum() + 4 * 44 + 4 * 8


def written_with(pen: int, *, bright: bool = False, dtype=np.uint8):
    """A cropped signature of one line whose ink has the value ``pen`` of 255, its page, and where the line is."""
    ink = np.zeros((120, 300), np.uint8)
    ink[54:66, 20:280] = pen
    values = {np.uint8: ink, np.uint16: ink.astype(np.uint16) * 257, np.bool_: ink > 127}[dtype]
    if not bright:
        values = ~values if dtype == np.bool_ else np.iinfo(dtype).max - values
    signature = Signature(ink / np.float32(255), Box(0, 0, 300, 120), None, "signature", "", "", "", 1, None)
    page = PageValues(values, bright)
    return Place(page, signature, per_mm=6.0, rng=np.random.default_rng(0), chain=CHAIN)


def middle(placed, bright):
    """Ink value of 255 where both the line and the bar are."""
    return 255 * (1 - PageValues(placed.values, bright).brightness()[58:62, 120:180].mean())


@pytest.mark.parametrize("bright", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_on_the_page_of_a_pen_twice_as_dark_a_fake_is_twice_as_dark(dtype, bright):
    placed = [written_with(pen, bright=bright, dtype=dtype).put(bar()) for pen in (100, 200)]
    assert [middle(one, bright) for one in placed] == pytest.approx([100, 200], abs=1)
    assert [one.ink_factor for one in placed] == pytest.approx([100 / 230, 200 / 230], rel=0.01)


def test_on_patterned_paper_the_true_signature_keeps_its_own_ink():
    """The paper's ink value is off the soft borders of what is put back; they do not make the pen paler."""
    ink = np.zeros((120, 300), np.uint8)
    ink[44:76, 10:290] = 75
    ink[54:66, 20:280] = 180
    soft = ink == 75
    unit = ink / np.float32(255)
    signature = Signature(unit, Box(0, 0, 300, 120), None, "signature", "", "", "", 1, None, 75 / 255, soft)
    page = PageValues(255 - np.maximum(ink, 75), bright=False)
    there = Place(page, signature, per_mm=6.0, rng=np.random.default_rng(0), chain=CHAIN)
    assert there.put(ink_to_target(signature.on_white)).ink_factor == 1
    assert there.put(ink_to_target(signature.ink)).ink_factor > 1.1


@pytest.mark.parametrize("drawn", [60, 120, 240])
def test_how_dark_the_generator_draws_does_not_show(drawn):
    placed = written_with(180).put((bar() > 0) * np.uint8(drawn))
    assert middle(placed, False) == pytest.approx(180, abs=1)


@pytest.mark.parametrize("bright", [False, True])
def test_a_pale_fake_is_not_thinned_by_the_cut_of_a_page_of_two_levels(bright):
    pale, full = (
        written_with(255, bright=bright, dtype=np.bool_).put((bar() > 0) * np.uint8(value))
        for value in (90, 255)
    )
    assert middle(pale, bright) == 255
    np.testing.assert_array_equal(pale.values, full.values)


@pytest.mark.parametrize("kind", KINDS)
def test_the_true_signature_keeps_its_own_ink(make_case, kind):
    case = make_case(kind)
    assert place(case).put(ink_to_target(case.signature.on_white)).ink_factor == 1
    assert place(case).put(np.zeros((512, 512), np.uint8)).ink_factor == 1
