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
from sigforensics.extraction.separating import likelihood_by_hand, printed_among, strokes_of
from sigforensics.extraction.sheet import Sheet
from sigforensics.settings import Extraction

from .conftest import Drawn

SETTINGS = Extraction()


def sheet_of(grey: np.ndarray, threshold: np.ndarray | float = 0.5) -> Sheet:
    threshold = np.broadcast_to(np.float32(threshold), grey.shape).astype(np.float32)
    return Sheet(grey < threshold, grey.astype(np.float32), threshold, 200.0, (1.0, 1.0))


@pytest.mark.parametrize(
    ("shares", "least"), [((0.0, 0.0), 0.9), ((0.2, 0.3), 0.8)], ids=["usual", "pale or coarse"]
)
def test_of_composed_parts_print_goes_and_handwriting_stays(
    monkeypatch: pytest.MonkeyPatch, shares: tuple[float, float], least: float
) -> None:
    """With hands that were not trained on; in most parts most of the print goes, in a few large type stays."""
    for name, share in zip(("PALE_SHARE", "COARSE_SHARE"), shares, strict=True):
        monkeypatch.setattr(f"separation_data.{name}", share)
    hands, kept, hand, gone = Hands(range(460, 480), []), 0, 0, []
    for number in range(16):
        part = mix(hands, np.random.default_rng([31, number]), settings=SETTINGS)
        grey, threshold = (one.astype(np.float32) / 255 for one in (part.grey, part.threshold))
        sheet = sheet_of(grey, threshold)
        whole = Box(0, 0, grey.shape[1], grey.shape[0])
        found = printed_among(sheet, whole, sheet.ink, settings=SETTINGS).print_
        assert not (found & ~sheet.ink).any()
        kept, hand = kept + (~found & (part.kind == HAND)).sum(), hand + (part.kind == HAND).sum()
        if (part.kind == PRINT).any():
            gone.append(found[part.kind == PRINT].mean())
    assert kept > 0.98 * hand
    assert np.median(gone) > least


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
    assert (kept & print_).sum() < 0.3 * (print_ & inside).sum()


def test_a_candidate_comes_out_without_the_print_that_it_crosses(draw_page: Callable[..., Drawn]) -> None:
    """As the finder has it; what went is named print."""
    page, alone = draw_page(centre=(110.0, 112.0), rows=18), draw_page(centre=(110.0, 112.0), rows=0)
    (with_, *_), (without, *_) = (
        find_signatures(page.scan, settings=replace(SETTINGS, least_by_hand=least)) for least in (0.3, 2.0)
    )
    print_ = (page.scan.pixels < 0.5) & (alone.scan.pixels > 0.9)
    left, stayed = (print_[one.box.slices] & one.mask for one in (with_, without))
    assert stayed.sum() > 200
    assert left.sum() < 0.5 * stayed.sum()
    stroke = (alone.scan.pixels < 0.5) & page.stroke
    assert (stroke[with_.box.slices] & with_.mask).sum() > 0.95 * (
        stroke[without.box.slices] & without.mask
    ).sum()
    assert not without.printed.any()
    removal = Removal(level_page(page.scan), settings=SETTINGS)
    fates = removal.fates(with_.box, with_.mask, with_.printed)
    dark = page.scan.pixels[with_.box.slices] < 0.4
    assert set(fates[with_.printed & dark]) <= {Fate.PRINT, Fate.RULED_LINE}
    assert (with_.printed & dark).sum() > 200


def test_what_is_only_listed_keeps_all_its_ink(draw_page: Callable[..., Drawn]) -> None:
    page = draw_page(centre=(110.0, 112.0), rows=18)
    listed = find_signatures(page.scan, settings=replace(SETTINGS, min_confidence=1.0))
    assert listed
    assert not any(one.printed.any() for one in listed)


def test_where_a_window_begins_hardly_matters(draw_page: Callable[..., Drawn]) -> None:
    """The same strokes and print, shifted on the sheet by some pixels."""
    page = draw_page(centre=(110.0, 70.0), rows=30)
    part = page.scan.pixels[480:640, 600:1000]
    found = []
    for down, across in ((0, 0), (1, 2), (3, 7), (8, 8), (15, 1), (6, 13)):
        grey = np.pad(part, ((down, 20 - down), (across, 20 - across)), constant_values=0.97)
        sheet = sheet_of(grey)
        likely = likelihood_by_hand(sheet, Box(across, down, 400, 160), settings=SETTINGS)
        found.append(likely[10:-10, 10:-10] >= SETTINGS.least_hand)
    ink = part[10:-10, 10:-10] < 0.5
    for one in found[1:]:
        assert np.mean(one[ink] != found[0][ink]) < 0.05


def test_a_signature_alone_stays_whole(draw_page: Callable[..., Drawn]) -> None:
    page = draw_page(rows=18)
    with_, without = (
        find_signatures(page.scan, settings=replace(SETTINGS, least_by_hand=least))[0] for least in (0.3, 2.0)
    )
    assert with_.mask.sum() > 0.995 * without.mask.sum()


def test_where_hardly_anything_would_be_left_all_is_kept(
    draw_page: Callable[..., Drawn], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network that takes all for print, and one that leaves a little more than the settings demand."""
    page = draw_page(rows=18)
    (whole, *_) = find_signatures(page.scan)
    for share, alike in ((0.0, True), (0.25, True), (0.6, False)):

        def by_hand(_: object, grey: np.ndarray, threshold: np.ndarray, share: float = share) -> np.ndarray:
            ahead = np.arange(grey.shape[1]) < share * grey.shape[1]
            return np.broadcast_to(ahead, grey.shape).astype(np.float32)

        monkeypatch.setattr("sigforensics.extraction.separating.by_hand", by_hand)
        (found, *_) = find_signatures(page.scan)
        assert (found.box == whole.box and (found.mask == whole.mask).all()) == alike


def test_print_is_sure_somewhere_in_each_part() -> None:
    """Two bars of unsure ink, of which one has a single sure pixel; strokes beside them."""
    ink = np.zeros((60, 120), bool)
    ink[10:20, 10:50] = ink[10:20, 60:100] = ink[30:40, 10:100] = True
    likely = np.where(np.arange(60)[:, None] < 25, SETTINGS.least_hand - 0.01, 0.9) * np.ones((1, 120))
    likely[15, 70] = SETTINGS.sure_print - 0.01
    found = strokes_of(ink, likely.astype(np.float32), per_mm=8.0, settings=SETTINGS)
    assert found[10:20, 10:50].all()
    assert not found[10:20, 60:100].any()
    assert found[30:40, 10:100].all()


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
    found = printed_among(sheet, Box(0, 0, 120, 60), sheet.ink, settings=SETTINGS).print_
    expected = sheet.ink.copy()
    expected[:, :60] = False
    np.testing.assert_array_equal(found, expected)
    exact = printed_among(
        sheet, Box(0, 0, 120, 60), sheet.ink, settings=replace(SETTINGS, least_part=0.0)
    ).print_
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
    found = printed_among(sheet_of(grey), around, np.ones((40, 50), bool), settings=settings).print_
    reach = round(5 * 200 / 25.4)
    np.testing.assert_array_equal(shown[0], grey[100 - reach : 140 + reach, 0 : 70 + reach])
    np.testing.assert_array_equal(found, grey[around.slices] <= 0.05)
