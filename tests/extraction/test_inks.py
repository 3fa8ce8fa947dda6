"""Ink of another colour: what it says of strokes and print, when it is asked, and how far it is believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.stats import norm

from sigforensics.extraction import Box, extract, find_signatures, level_page
from sigforensics.extraction.inks import chromaticity, weighed_by_colour
from sigforensics.extraction.separating import printed_among
from sigforensics.extraction.sheet import Sheet, to_sheet
from sigforensics.scans import Scan, read_scan
from sigforensics.settings import Extraction

from .conftest import Drawn

SETTINGS = Extraction()
BLUE, BLACK, GREEN = (0.1, 0.25, 0.65), (0.15, 0.15, 0.15), (0.15, 0.5, 0.2)


def two_inks(
    hand: tuple[float, ...], print_: tuple[float, ...], *, noise: float = 0.02
) -> tuple[np.ndarray, np.ndarray]:
    """Colours of a picture with bars of print on the left and strokes on the right half; and where ink is."""
    ink = np.zeros((60, 120), bool)
    ink[::6] = ink[1::6] = True
    colours = np.full((60, 120, 3), 0.95)
    colours[ink] = np.where(np.arange(120)[:, None] < 60, print_, hand)[np.nonzero(ink)[1]]
    colours += np.random.default_rng(2).normal(0, noise, colours.shape)
    return np.clip(colours, 0, 1).astype(np.float32), ink


def halves(left: float, right: float) -> np.ndarray:
    return np.where(np.arange(120) < 60, left, right)[None].repeat(60, axis=0).astype(np.float32)


def weighed(colours: np.ndarray, ink: np.ndarray, likely: np.ndarray, **changed: float) -> np.ndarray | None:
    own = np.ones_like(ink)
    return weighed_by_colour(likely, colours, ink, own, per_mm=7.87, settings=replace(SETTINGS, **changed))


def test_doubtful_ink_is_what_its_colour_is() -> None:
    colours, ink = two_inks(BLUE, BLACK)
    likely = halves(0.01, 0.99)
    likely[20:40] = 0.5
    found = weighed(colours, ink, likely)
    assert found is not None
    assert (found[20:40, :58][ink[20:40, :58]] < SETTINGS.least_hand).all()
    assert (found[20:40, 62:][ink[20:40, 62:]] > 0.9).all()


def test_colour_changes_odds_by_no_more_than_it_may() -> None:
    """Print that the network is sure is by hand, and strokes that it is sure are print, beside enough that it is right about."""
    colours, ink = two_inks(BLUE, BLACK)
    likely = halves(0.01, 0.99)
    likely[:2, 20:30], likely[:2, 90:100] = 0.999, 0.001
    found = weighed(colours, ink, likely, colour_odds=300.0)
    assert found is not None
    odds, before = found / (1 - found), likely / (1 - likely)
    factor = (odds / before)[ink]
    assert factor.max() == pytest.approx(300, rel=1e-3)
    assert factor.min() == pytest.approx(1 / 300, rel=1e-3)
    assert (found[:2, 22:28] > SETTINGS.least_hand).all()


@pytest.mark.parametrize(
    ("hand", "print_", "changed"),
    [
        (BLUE, BLUE, {}),
        (BLACK, (0.3, 0.3, 0.3), {}),  # another darkness is no other colour
        (BLUE, BLACK, {"colour_pixels": 2000}),
        (BLUE, BLACK, {"colour_apart": 2.0}),
        (GREEN, GREEN, {"colour_apart": 0.0}),
    ],
    ids=["blue on blue", "grey on black", "few pixels", "not far enough", "no side of their own"],
)
def test_colour_is_asked_only_where_it_tells(
    hand: tuple[float, ...], print_: tuple[float, ...], changed: dict[str, float]
) -> None:
    colours, ink = two_inks(hand, print_)
    assert weighed(colours, ink, halves(0.01, 0.99), **changed) is None


def test_ink_of_two_colours_by_one_hand_does_not_tell() -> None:
    """A tenth of the sure strokes are as black as the print."""
    colours, ink = two_inks(BLUE, BLACK)
    colours[:6, 60:][ink[:6, 60:]] = BLACK
    assert weighed(colours, ink, halves(0.01, 0.99)) is None


def test_only_a_candidates_own_ink_is_its_sample() -> None:
    colours, ink = two_inks(BLUE, BLACK)
    own = halves(1, 0) > 0
    assert weighed_by_colour(halves(0.01, 0.99), colours, ink, own, per_mm=7.87, settings=SETTINGS) is None


def test_the_odds_are_those_of_two_normal_distributions() -> None:
    """Against scipy's densities along Fisher's direction, which is tried out instead of solved for."""
    colours, ink = two_inks(BLUE, GREEN, noise=0.06)
    likely = halves(0.01, 0.99)
    likely[20:40] = 0.4
    found = weighed(colours, ink, likely, colour_window=0.0, colour_odds=1e9, colour_auc=0.5)
    assert found is not None
    hues = chromaticity(colours, ink, window=1)
    hand, print_ = hues[ink & (likely > 0.9)], hues[ink & (likely < 0.03)]
    ways = np.stack([np.cos(turns := np.linspace(0, np.pi, 200_001)), np.sin(turns)], axis=1)
    within = sum(np.cov(one.T) for one in (hand, print_)) / 2 + 0.02**2 * np.eye(2)
    apart = ways @ (hand.mean(axis=0) - print_.mean(axis=0))
    way = ways[np.argmax(apart**2 / np.einsum("ni,ij,nj->n", ways, within, ways))]
    way *= np.sign(way @ (hand.mean(axis=0) - print_.mean(axis=0)))
    ours, theirs = hand @ way, print_ @ way
    place = np.clip(hues @ way, np.median(theirs), np.median(ours))
    ratio = norm.logpdf(place, np.median(ours), max(ours.std(), 0.02))
    ratio -= norm.logpdf(place, np.median(theirs), max(theirs.std(), 0.02))
    odds = np.exp(np.clip(ratio, *np.log([1e-9, 1e9]))) * likely / (1 - likely)
    doubtful = ink.copy()
    doubtful[:20] = doubtful[40:] = False
    expected = (odds / (1 + odds))[doubtful]
    np.testing.assert_allclose(found[doubtful], expected, atol=2e-3)


def test_ink_beyond_the_middle_of_a_sample_is_no_surer_than_there() -> None:
    """Print that is tinted away from the pen, where the broader pen's density would become the greater one."""
    colours, ink = two_inks(BLUE, BLACK)
    colours[20:22, 20:40] = np.clip(BLACK + np.array([-0.12, 0.0, 0.5]) * -1.0, 0.01, 0.9)
    likely = halves(0.01, 0.99)
    likely[20:22, 20:40] = 0.5
    found = weighed(colours, ink, likely, colour_window=0.0)
    assert found is not None
    assert (found[20:22, 20:40] < SETTINGS.least_hand).all()


def test_small_print_beside_a_stroke_goes_where_colour_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of 0.23 square millimetres that touches a stroke: too small for the network alone."""
    grey = np.full((60, 160), 0.95, np.float32)
    grey[10:14, 60:150] = grey[40:44, 60:150] = grey[10:40:4, 4:50] = 0.2
    grey[14:21, 100:102] = 0.2
    tint = np.full((60, 160, 2), 128, np.uint8)
    tint[:, 55:] = 190, 100
    tint[14:22, 98:104] = 128
    likely = np.where(np.arange(160) < 55, 0.0, 1.0).astype(np.float32)[None].repeat(60, axis=0)
    likely[14:21, 100:102] = 0.02
    likely[40:44, 140:150] = 0.5  # of a stroke
    monkeypatch.setattr("sigforensics.extraction.separating.by_hand", lambda *_: likely)
    threshold = np.full(grey.shape, 0.5, np.float32)
    own = np.zeros(grey.shape, bool)
    own[:, 55:] = grey[:, 55:] < 0.5
    gone = []
    for one in (tint, None):
        sheet = Sheet(grey < threshold, grey, threshold, 200.0, (1.0, 1.0), one)
        gone.append(
            printed_among(sheet, Box(0, 0, 160, 60), own, settings=replace(SETTINGS, colour_window=0.0))
        )
    assert [one.by_colour for one in gone] == [True, False]
    assert np.array_equal(gone[1].likely, likely)
    assert (
        gone[0].likely <= likely
    ).all()  # the pen's colour makes nothing surer, that of print makes less sure
    assert (gone[0].likely[14:21, 100:102] < 0.02 * likely[14:21, 100:102] + 1e-3).all()
    assert gone[0].print_[15:21, 100:102].all()
    assert gone[0].print_.sum() == gone[0].print_[14:21, 100:102].sum()
    assert not gone[1].print_.any()


def test_chromaticity_is_the_same_for_twice_the_ink_and_0_for_grey() -> None:
    ink = np.zeros((9, 9), bool)
    ink[4, 2:7] = True
    for taken in ((0.9, 0.6, 0.2), (0.5, 0.5, 0.5)):
        found = []
        for thickness in (1.0, 2.0):
            colours = np.where(ink[..., None], 0.92 * np.exp(-thickness * np.array(taken)), 0.92)
            found.append(chromaticity(colours.astype(np.float32), ink, window=1)[4, 4])
        mean = np.mean(taken)
        expected = np.array([taken[0] - mean, taken[2] - mean]) / mean
        np.testing.assert_allclose(found, [expected, expected], atol=0.03)
        assert np.abs(chromaticity(colours.astype(np.float32), ink, window=1)[0]).max() == 0


def test_chromaticity_is_the_mean_over_the_ink_nearby() -> None:
    rng = np.random.default_rng(1)
    colours, ink = rng.uniform(0.1, 0.8, (12, 15, 3)).astype(np.float32), rng.random((12, 15)) < 0.5
    colours[~ink] = 0.9
    found = chromaticity(colours, ink, window=3)
    density = np.log((0.9 + 0.02) / (colours.astype(float) + 0.02))
    for row in range(12):
        for column in range(15):
            around = slice(max(row - 1, 0), row + 2), slice(max(column - 1, 0), column + 2)
            total = density[around][ink[around]].sum(axis=0)
            if total.any():
                expected = (total / total.mean() - 1)[[0, 2]]
                np.testing.assert_allclose(found[row, column], expected, atol=1e-5)


def coloured(page: Drawn, alone: Drawn, taken: tuple[float, ...]) -> np.ndarray:
    """The page in red, green and blue, its strokes of an ink that takes these shares of the light."""
    printed = draw_print(page, alone)
    ink = np.clip((1 - alone.scan.pixels / np.median(alone.scan.pixels)) / 0.85, 0, 1)
    return np.clip(printed[..., None] * (1 - np.array(taken) * ink[..., None]), 0, 1)


def draw_print(page: Drawn, alone: Drawn) -> np.ndarray:
    """What the page would be without its signature."""
    return np.clip(
        page.scan.pixels / np.clip(alone.scan.pixels / np.median(alone.scan.pixels), 0.1, None), 0, 0.97
    )


def saved(path: Path, colours: np.ndarray) -> Scan:
    options = {"quality": 75, "subsampling": 2} if path.suffix == ".jpg" else {}
    Image.fromarray(np.round(colours * 255).astype(np.uint8)).save(path, dpi=(200, 200), **options)
    return read_scan(path)


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_a_blue_signature_comes_out_of_black_print_that_it_crosses(
    tmp_path: Path, draw_page: Callable[..., Drawn], ending: str
) -> None:
    page, alone = draw_page(centre=(110.0, 70.0), rows=30), draw_page(centre=(110.0, 70.0), rows=0)
    scan = saved(tmp_path / f"page.{ending}", coloured(page, alone, (0.9, 0.7, 0.35)))
    assert scan.tint is not None
    stroke = (alone.scan.pixels < 0.5) & page.stroke
    print_ = (page.scan.pixels < 0.5) & (alone.scan.pixels > 0.9)
    shares = {}
    for name, one in (("colour", scan), ("grey", replace(scan, tint=None))):
        signature = extract(one, page.truth)
        kept = np.zeros(scan.pixels.shape, bool)
        kept[signature.box.slices] = signature.ink > 0
        inside = np.zeros_like(kept)
        inside[page.truth.slices] = True
        shares[name] = (kept & print_).sum() / (print_ & inside).sum()
        assert (kept & stroke).sum() > 0.96 * stroke.sum()
        assert signature.background.endswith("The colour of the ink helped to tell strokes from print.") == (
            name == "colour"
        )
    assert shares["colour"] < 0.6 * shares["grey"]
    assert shares["colour"] < 0.13


def test_candidates_say_whether_colour_told(draw_page: Callable[..., Drawn], tmp_path: Path) -> None:
    page, alone = draw_page(rows=30, centre=(110.0, 185.0)), draw_page(rows=0, centre=(110.0, 185.0))
    scan = saved(tmp_path / "page.png", coloured(page, alone, (0.9, 0.7, 0.35)))
    for one, told in ((scan, True), (replace(scan, tint=None), False)):
        (best, *_) = find_signatures(one)
        assert best.box.intersection_over_union(page.truth) > 0.5
        assert best.by_colour is told
        assert extract(one, best).background.endswith("tell strokes from print.") is told


def test_the_colours_of_a_sheet_are_those_of_the_page_at_its_place(tmp_path: Path) -> None:
    """A page of 300 by 150 dots an inch with a blue bar."""
    colours = np.full((900, 1500, 3), 0.9)
    colours[300:330, 600:900] = BLUE
    scan = saved(tmp_path / "page.png", colours)
    sheet = to_sheet(replace(scan, dpi=(300.0, 150.0)), settings=SETTINGS)
    around = Box(390, 390, 220, 60)
    found = sheet.colours(around)
    assert found is not None
    assert found.shape == (60, 220, 3)
    bar = found[13:47, 13:207]  # the bar is 200 by 40 pixels there, 10 from the left and upper side
    np.testing.assert_allclose(bar.reshape(-1, 3), np.broadcast_to(BLUE, (bar[..., 0].size, 3)), atol=0.02)
    np.testing.assert_allclose(found[:8].mean(axis=(0, 1)), 0.9, atol=0.02)
    assert to_sheet(replace(scan, tint=None), settings=SETTINGS).colours(around) is None


def test_hues_lie_where_their_ink_lies_on_a_page_that_was_turned_and_levelled(
    tmp_path: Path, draw_page: Callable[..., Drawn]
) -> None:
    page, alone = draw_page(rows=18), draw_page(rows=0)
    picture = Image.fromarray(np.round(coloured(page, alone, (0.9, 0.7, 0.3)) * 255).astype(np.uint8))
    turned = picture.rotate(2.0, resample=Image.Resampling.BILINEAR, fillcolor=(247, 247, 247), expand=True)
    path = tmp_path / "page.png"
    turned.rotate(90, expand=True).save(path, dpi=(200, 200))
    level = level_page(read_scan(path))
    assert level.forward is not None
    assert level.stand.quarters == 1
    for scan in (level.scan, level.working):
        assert scan.tint is not None
        assert scan.tint.shape == (*scan.pixels.shape, 2)
        blue = (scan.tint[..., 0] > 150) & (scan.pixels < 0.6)
        assert blue.sum() > 0.5 * page.stroke.sum()
        assert (scan.tint[..., 0] > 150).sum() < 3 * page.stroke.sum()
        assert (scan.pixels[scan.tint[..., 0] > 160] < 0.8).mean() > 0.9
