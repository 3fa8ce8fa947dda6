"""Strokes come apart from the print that they cross; strokes alone stay whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from hands import Hands
from separation_data import HAND, PRINT, label_ink, mix
from sigforensics.extraction import Box, extract, find_signatures, level_page
from sigforensics.extraction.removal import Fate, Removal
from sigforensics.extraction.separating import printed_among
from sigforensics.extraction.sheet import Sheet
from sigforensics.settings import Extraction

from .conftest import Drawn

SETTINGS = Extraction()


def sheet_of(grey: np.ndarray, threshold: np.ndarray | float = 0.5) -> Sheet:
    threshold = np.broadcast_to(np.float32(threshold), grey.shape).astype(np.float32)
    return Sheet(grey < threshold, grey.astype(np.float32), threshold, 200.0, (1.0, 1.0))


def test_of_composed_parts_print_goes_and_handwriting_stays() -> None:
    """With hands that were not trained on; in most parts more than nine tenths of the print goes, in a few large type stays."""
    hands, kept, hand, gone = Hands(range(460, 480), []), 0, 0, []
    for number in range(16):
        part = mix(hands, np.random.default_rng([31, number]), settings=SETTINGS)
        grey, threshold = (one.astype(np.float32) / 255 for one in (part.grey, part.threshold))
        sheet = sheet_of(grey, threshold)
        whole = Box(0, 0, grey.shape[1], grey.shape[0])
        found = printed_among(sheet, whole, sheet.ink, settings=SETTINGS)
        assert not (found & ~sheet.ink).any()
        kept, hand = kept + (~found & (part.kind == HAND)).sum(), hand + (part.kind == HAND).sum()
        if (part.kind == PRINT).any():
            gone.append(found[part.kind == PRINT].mean())
    assert kept > 0.98 * hand
    assert np.median(gone) > 0.9


def test_pixels_are_what_lies_there() -> None:
    pen, print_, lines, ink = (np.zeros((1, 6), np.float32) for _ in range(4))
    pen[0, [0, 2]] = 1
    print_[0, [1, 2, 3]] = 1
    lines[0, 3] = 1
    ink[0, :5] = 1
    assert label_ink(ink > 0, pen, print_, lines).tolist() == [
        [2, 1, 2, 3, 3, 0]
    ]  # by hand, print, both, line, noise, paper


@pytest.mark.parametrize("row", [70.0, 90.0])
def test_a_signature_that_crosses_print_comes_out_without_it(
    draw_page: Callable[..., Drawn], row: float
) -> None:
    page, alone = draw_page(centre=(110.0, row), rows=30), draw_page(centre=(110.0, row), rows=0)
    kept, without = np.zeros(page.scan.pixels.shape, bool), np.zeros(page.scan.pixels.shape, bool)
    for mask, settings in ((kept, SETTINGS), (without, replace(SETTINGS, least_by_hand=2.0))):
        signature = extract(page.scan, page.truth, settings=settings)
        mask[signature.box.slices] = signature.ink > 0
    stroke = (alone.scan.pixels < 0.5) & page.stroke
    print_ = (page.scan.pixels < 0.5) & (alone.scan.pixels > 0.9)
    inside = np.zeros_like(kept)
    inside[page.truth.slices] = True
    assert (print_ & inside).sum() > 1500
    assert (kept & stroke).sum() > 0.96 * stroke.sum()
    assert (without & print_).sum() > 0.6 * (print_ & inside).sum()
    assert (kept & print_).sum() < 0.25 * (print_ & inside).sum()


def test_what_went_is_named_print(draw_page: Callable[..., Drawn]) -> None:
    page, alone = draw_page(centre=(110.0, 70.0), rows=30), draw_page(centre=(110.0, 70.0), rows=0)
    levelled = level_page(page.scan)
    signature = extract(page.scan, page.truth)
    fates = Removal(levelled, settings=SETTINGS).fates(signature.box, signature.ink > 0)
    print_ = ((page.scan.pixels < 0.4) & (alone.scan.pixels > 0.9))[signature.box.slices]
    named = fates[print_ & (signature.ink == 0)]
    assert len(named) > 1500
    assert np.mean(named == Fate.PRINT) > 0.9


def test_a_signature_alone_stays_whole(draw_page: Callable[..., Drawn]) -> None:
    page = draw_page(rows=18)
    with_, without = (
        find_signatures(page.scan, settings=replace(SETTINGS, least_by_hand=least))[0] for least in (0.3, 2.0)
    )
    assert with_.mask.sum() > 0.995 * without.mask.sum()


def test_where_hardly_anything_would_be_left_all_is_kept(draw_page: Callable[..., Drawn]) -> None:
    """A given box around print that is in no row: whoever drew the box wants what is there."""
    page = draw_page(rows=30, centre=None)
    box = Box(210, 205, 120, 30)
    signature = extract(page.scan, box)
    assert signature.ink.any()


def test_small_parts_are_as_what_they_touch(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the network is made to say: left by hand, right print, with a speck of the other within each, and a speck apart."""
    grey = np.ones((60, 120), np.float32)
    grey[20:40, 10:110] = 0
    grey[50:53, 60:63] = 0
    likely = np.ones(grey.shape, np.float32)
    likely[:, 60:] = 0
    likely[28:31, 30:33] = 0
    likely[28:31, 80:83] = 1

    def by_hand(_: object, grey: np.ndarray, threshold: np.ndarray) -> np.ndarray:
        return likely

    monkeypatch.setattr("sigforensics.extraction.separating.by_hand", by_hand)
    sheet = sheet_of(grey)
    found = printed_among(sheet, Box(0, 0, 120, 60), sheet.ink, settings=SETTINGS)
    expected = sheet.ink.copy()
    expected[:, :60] = False
    np.testing.assert_array_equal(found, expected)
    exact = printed_among(sheet, Box(0, 0, 120, 60), sheet.ink, settings=replace(SETTINGS, least_part=0.0))
    np.testing.assert_array_equal(exact, sheet.ink & (likely < 0.5))


def test_ink_is_judged_with_what_is_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network is shown as much more on each side as the settings say, or up to the edge of the sheet."""
    shown = []

    def by_hand(_: object, grey: np.ndarray, threshold: np.ndarray) -> np.ndarray:
        shown.append(grey)
        return (grey > 0.05).astype(np.float32)

    monkeypatch.setattr("sigforensics.extraction.separating.by_hand", by_hand)
    grey = np.linspace(0, 0.1, 300 * 200, dtype=np.float32).reshape(200, 300)
    around = Box(20, 100, 50, 40)
    settings = replace(SETTINGS, context=5.0, least_part=0.0)
    found = printed_among(sheet_of(grey), around, np.ones((40, 50), bool), settings=settings)
    reach = round(5 * 200 / 25.4)
    np.testing.assert_array_equal(shown[0], grey[100 - reach : 140 + reach, 0 : 70 + reach])
    np.testing.assert_array_equal(found, grey[around.slices] <= 0.05)
