from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from sigforensics.errors import MaskUnfit, SignatureNotFound
from sigforensics.extraction import Box, cut_by_mask, extract, find_signatures, whole_page
from sigforensics.settings import Extraction

from .conftest import Drawn

Draw = Callable[..., Drawn]


def test_grey_values_under_the_mask_are_untouched_and_the_rest_is_paper(draw_page: Draw) -> None:
    scan = draw_page(ruled=True).scan
    best = find_signatures(scan)[0]
    cut = extract(scan, best)
    assert cut.box.intersection(best.box) == best.box
    page = np.zeros(scan.pixels.shape, bool)
    page[best.box.slices] = best.mask
    mask = page[cut.box.slices]
    grey = scan.pixels[cut.box.slices]
    assert np.array_equal(cut.ink[mask], 1 - grey[mask])
    kept = cut.ink > 0
    assert np.array_equal(cut.ink[kept], (1 - grey)[kept])
    far = np.ones_like(mask)
    rows, columns = np.nonzero(mask)
    for down in range(-2, 3):
        for across in range(-2, 3):
            far[rows + down, columns + across] = False
    assert (cut.ink[far] == 0).all()


def test_the_strokes_do_not_touch_the_border_of_the_crop(draw_page: Draw) -> None:
    scan = draw_page().scan
    ink = extract(scan, find_signatures(scan)[0]).ink
    assert not ink[0].any()
    assert not ink[-1].any()
    assert not ink[:, 0].any()
    assert not ink[:, -1].any()


def test_what_was_found_goes_into_the_record(draw_page: Draw) -> None:
    scan = draw_page().scan
    best = find_signatures(scan)[0]
    cut = extract(scan, best)
    assert (cut.confidence, cut.kind) == (best.confidence, best.kind)
    assert (cut.where, cut.source_sha256, cut.page, cut.dpi) == ("page.png", "0" * 64, 1, (200.0, 200.0))
    assert cut.background.endswith(".")
    assert cut.ink.dtype == np.float32


def test_a_given_box_loses_its_ruled_line_and_its_print_and_keeps_the_strokes(draw_page: Draw) -> None:
    drawn = draw_page(ruled=True, centre=(120.0, 140.0))
    truth = drawn.truth
    box = Box(truth.left - 40, truth.top - 100, truth.width + 80, truth.height + 120)  # the last row too
    cut = extract(drawn.scan, box)
    stroke, line = drawn.stroke[cut.box.slices], drawn.line[cut.box.slices]
    printed = (drawn.scan.pixels[cut.box.slices] < 0.5) & ~stroke & ~line
    printed[90:] = False
    assert cut.confidence is None
    assert printed.sum() > 200
    assert (cut.ink[printed] > 0).mean() < 0.05
    assert (cut.ink[stroke] > 0.3).mean() > 0.98
    assert (cut.ink[line & ~stroke] > 0).mean() < 0.08


@pytest.mark.parametrize("dpi", [200, 400])
def test_a_ruled_line_is_not_kept_beside_the_strokes_that_cross_it(draw_page: Draw, dpi: int) -> None:
    drawn = draw_page(ruled=True, centre=(120.0, 140.0), dpi=dpi, stated=(float(dpi), float(dpi)))
    cut = extract(drawn.scan, find_signatures(drawn.scan)[0])
    stroke, line = drawn.stroke[cut.box.slices], drawn.line[cut.box.slices]
    # 0.04 where all between two strokes is kept, 0.2 where strokes are widened onto the line
    assert (cut.ink[line & ~stroke] > 0).mean() < 0.035
    assert (cut.ink[stroke & ~line] > 0.3).mean() > 0.99
    assert (cut.ink[stroke & line] > 0.3).mean() > 0.95


def test_in_doubt_the_ink_of_a_given_box_is_kept(draw_page: Draw) -> None:
    scan = draw_page(centre=None).scan
    box = Box(190, 190, 400, 60)
    cut = extract(scan, box)
    ink = cut.ink[box.top - cut.box.top :, box.left - cut.box.left :][: box.height, : box.width]
    dark = scan.pixels[box.slices] < 0.4
    assert dark.sum() > 500
    assert np.array_equal(ink[dark], 1 - scan.pixels[box.slices][dark])
    assert "stay" in cut.background


@pytest.mark.parametrize("beside", [False, True])
def test_the_ground_is_what_the_printed_texture_of_the_paper_reaches(draw_page: Draw, beside: bool) -> None:
    """Waves of a depth of 0.25 on paper of 0.03; that other strokes stand beside the signature does not matter."""
    drawn = draw_page(texture=0.25, rows=0)
    scan, box = drawn.scan, drawn.truth.grown(30, 30, drawn.scan.pixels.shape)
    (best,) = [one for one in find_signatures(scan) if one.box.intersection_over_union(drawn.truth) > 0.5]
    if beside:
        pixels = scan.pixels.copy()
        clear = np.zeros(pixels.shape, bool)
        clear[best.box.slices] = ~(cv2.dilate(best.mask.astype(np.uint8), np.ones((15, 15))) > 0)
        clear[:, : best.box.left + best.box.width // 2] = False
        pixels[clear] = 0.1
        scan = replace(scan, pixels=pixels)
    assert extract(scan, best).ground == pytest.approx(0.27, abs=0.03)
    if not beside:
        assert extract(scan, box).ground == pytest.approx(0.27, abs=0.03)


def test_on_white_the_soft_borders_lose_the_ground_and_the_ink_stays(draw_page: Draw) -> None:
    scan = draw_page(texture=0.25, rows=0).scan
    best = find_signatures(scan)[0]
    cut = extract(scan, best)
    mask = np.zeros(scan.pixels.shape, bool)
    mask[best.box.slices] = best.mask
    mask = mask[cut.box.slices]
    np.testing.assert_array_equal(cut.on_white[mask], 1 - scan.pixels[cut.box.slices][mask])
    soft = (cut.ink > 0) & ~mask
    np.testing.assert_allclose(cut.on_white[soft], np.maximum(cut.ink[soft] - cut.ground, 0), atol=1e-6)
    assert 0 < (cut.on_white[soft] > 0).mean() < 0.7
    assert not cut.on_white[~mask & ~soft].any()
    np.testing.assert_array_equal(whole_page(scan).on_white, 1 - scan.pixels)


def test_print_beside_the_strokes_is_no_ground(draw_page: Draw) -> None:
    """Pale print within the box counts as paper unless it is foreign."""
    drawn = draw_page(rows=0)
    (best,) = [
        one for one in find_signatures(drawn.scan) if one.box.intersection_over_union(drawn.truth) > 0.5
    ]
    free = ~(cv2.dilate(best.mask.astype(np.uint8), np.ones((15, 15))) > 0)
    free[:, : best.box.width // 2] = False
    pixels = drawn.scan.pixels.copy()
    pixels[best.box.slices][free] = 0.75
    scan = replace(drawn.scan, pixels=pixels)
    assert extract(scan, best).ground == pytest.approx(0.25, abs=0.02)
    assert extract(scan, replace(best, foreign=best.foreign | free)).ground < 0.06


def test_white_paper_has_hardly_any_ground_and_a_whole_image_or_a_crop_of_ink_none(draw_page: Draw) -> None:
    scan = draw_page().scan
    assert extract(scan, find_signatures(scan)[0]).ground < 0.06
    assert whole_page(scan).ground == 0
    black = replace(scan, pixels=np.zeros((40, 40), np.float32))
    assert extract(black, Box(0, 0, 40, 40)).ground == 0


def test_a_box_beyond_the_page_is_refused(draw_page: Draw) -> None:
    with pytest.raises(SignatureNotFound, match="beyond"):
        extract(draw_page().scan, Box(5000, 10, 20, 20))


def test_a_box_without_ink_is_refused(draw_page: Draw) -> None:
    with pytest.raises(SignatureNotFound, match="no ink"):
        extract(draw_page(centre=None).scan, Box(300, 1900, 200, 100))


def test_a_box_that_reaches_over_the_border_is_cut_off_there(draw_page: Draw) -> None:
    drawn = draw_page()
    height, width = drawn.scan.pixels.shape
    cut = extract(drawn.scan, replace(drawn.truth, width=2 * width, height=2 * height))
    assert (cut.box.right, cut.box.bottom) == (width, height)


def test_a_wider_halo_keeps_more_and_never_less(draw_page: Draw) -> None:
    scan = draw_page().scan
    best = find_signatures(scan)[0]
    narrow, wide = (extract(scan, best, settings=Extraction(halo=halo)) for halo in (0, 4))
    inner = wide.ink[8:-8, 8:-8]
    assert inner.shape == narrow.ink.shape
    assert (inner[narrow.ink > 0] > 0).all()
    assert (inner > 0).sum() > (narrow.ink > 0).sum()


def test_a_whole_page_is_kept_as_it_is(draw_page: Draw) -> None:
    scan = draw_page().scan
    cut = whole_page(scan)
    assert np.array_equal(cut.ink, 1 - scan.pixels)
    assert cut.box == Box(0, 0, scan.pixels.shape[1], scan.pixels.shape[0])
    assert cut.confidence is None


def test_a_mask_by_hand_says_what_stays(draw_page: Draw) -> None:
    """The strokes with two pixels around them, and without the ruled line and the print that the box holds."""
    drawn = draw_page(ruled=True, centre=(120.0, 140.0))
    truth = drawn.truth
    box = Box(truth.left - 40, truth.top - 100, truth.width + 80, truth.height + 120)
    mask = cv2.dilate(drawn.stroke[box.slices].astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    cut = cut_by_mask(drawn.scan, box, mask, where="mask.png")
    grey = drawn.scan.pixels[cut.box.slices]
    inner = Box(box.left - cut.box.left, box.top - cut.box.top, box.width, box.height).slices
    np.testing.assert_array_equal(cut.ink[inner], np.where(mask, (1 - grey)[inner], 0).astype(np.float32))
    assert np.count_nonzero(cut.ink) == np.count_nonzero(cut.ink[inner])
    assert cut.soft is not None
    assert not (cut.soft[inner] & ~mask).any()
    assert not (cut.soft[inner] & drawn.stroke[box.slices]).any()
    assert 0 < cut.ground < 0.1
    assert (cut.confidence, cut.kind, cut.box.intersection(box)) == (None, "signature", box)
    ink = drawn.scan.pixels[box.slices] < 0.6
    said = [int(word) for word in cut.background.split() if word.isdigit()]
    assert said == pytest.approx([(ink & ~mask).sum(), ink.sum()], rel=0.1)


@pytest.mark.parametrize("kind", ["negative", "nothing", "beside"])
def test_a_mask_that_does_not_mark_the_ink_is_refused(draw_page: Draw, kind: str) -> None:
    drawn = draw_page()
    stroke = drawn.stroke[drawn.truth.slices]
    mask, what = {
        "negative": (~stroke, "denser where it is black; .*inverted"),
        "nothing": (np.zeros_like(stroke), "no ink where it is white"),
        "beside": (~(cv2.dilate(stroke.astype(np.uint8), np.ones((9, 9))) > 0), "no ink where it is white"),
    }[kind]
    with pytest.raises(MaskUnfit, match=f"mask.png: .*{what}"):
        cut_by_mask(drawn.scan, drawn.truth, mask, where="mask.png")


def test_a_mask_may_be_white_all_over_and_must_have_the_shape_of_its_box(draw_page: Draw) -> None:
    drawn = draw_page()
    box = drawn.truth
    cut = cut_by_mask(drawn.scan, box, np.ones((box.height, box.width), bool), where="mask.png")
    inner = Box(box.left - cut.box.left, box.top - cut.box.top, box.width, box.height).slices
    np.testing.assert_array_equal(cut.ink[inner], 1 - drawn.scan.pixels[box.slices])
    assert ": 0 of " in cut.background
    with pytest.raises(ValueError, match="shape"):
        cut_by_mask(drawn.scan, box, np.ones((box.width, box.height), bool), where="mask.png")


def test_a_mask_is_asked_for_ink_in_even_light(draw_page: Draw) -> None:
    drawn = draw_page()
    dark = replace(drawn.scan, pixels=drawn.scan.pixels * np.float32(0.3))
    stroke = drawn.stroke[drawn.truth.slices]
    cut = cut_by_mask(dark, drawn.truth, stroke, where="mask.png", evened=drawn.scan)
    inner = Box(
        drawn.truth.left - cut.box.left, drawn.truth.top - cut.box.top, drawn.truth.width, drawn.truth.height
    ).slices
    np.testing.assert_array_equal(cut.ink[inner][stroke], (1 - dark.pixels[drawn.truth.slices])[stroke])
