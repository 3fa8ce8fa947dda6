from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from sigforensics.extraction import Box, Candidate, find_signatures, finding
from sigforensics.extraction.components import find_components
from sigforensics.extraction.finding import closed_lines
from sigforensics.extraction.separating import Told
from sigforensics.scans import Scan
from sigforensics.settings import Extraction

from .conftest import Drawn, make_scan

Draw = Callable[..., Drawn]
MARGIN = round(Extraction().margin / 25.4 * 200)


def taken(scan: Scan) -> list[Candidate]:
    return [one for one in find_signatures(scan) if one.confidence >= Extraction().min_confidence]


@pytest.mark.parametrize("centre", [(60.0, 150.0), (120.0, 220.0), (150.0, 270.0)])
def test_a_signature_is_found_where_it_is_and_nothing_else(
    draw_page: Draw, centre: tuple[float, float]
) -> None:
    drawn = draw_page(centre=centre)
    (found,) = taken(drawn.scan)
    assert found.kind == "signature"
    expected = drawn.truth.grown(MARGIN, MARGIN, drawn.scan.pixels.shape)
    assert found.box.intersection_over_union(expected) > 0.9


def test_a_page_of_print_alone_gives_nothing(draw_page: Draw) -> None:
    assert taken(draw_page(centre=None, rows=40).scan) == []


def test_a_signature_is_found_without_a_stated_resolution(draw_page: Draw) -> None:
    drawn = draw_page(stated=None)
    (found,) = taken(drawn.scan)
    assert found.box.intersection_over_union(drawn.truth) > 0.6


def test_a_resolution_that_cannot_be_is_not_believed(draw_page: Draw) -> None:
    stated, not_stated = (find_signatures(draw_page(stated=dpi).scan) for dpi in ((72.0, 72.0), None))
    assert [one.box for one in stated] == [one.box for one in not_stated]


def test_a_signature_is_found_on_a_fax_with_two_resolutions_and_two_levels(draw_page: Draw) -> None:
    drawn = draw_page()
    width, height = drawn.scan.pixels.shape[1], drawn.scan.pixels.shape[0] // 2
    fax = (cv2.resize(drawn.scan.pixels, (width, height), interpolation=cv2.INTER_AREA) > 0.6).astype(float)
    (found,) = taken(make_scan(fax, (200.0, 100.0)))
    truth = drawn.truth
    halved = Box(truth.left, truth.top // 2, truth.width, truth.height // 2)
    expected = halved.grown(MARGIN, MARGIN // 2, (height, width))
    assert found.box.intersection_over_union(expected) > 0.85
    assert found.mask.shape == (found.box.height, found.box.width)


def test_a_signature_is_found_on_printed_texture(draw_page: Draw) -> None:
    drawn = draw_page(texture=0.12)
    (found,) = taken(drawn.scan)
    assert drawn.stroke[found.box.slices][found.mask].mean() > 0.7


def test_the_mask_holds_the_strokes_and_hardly_more(draw_page: Draw) -> None:
    drawn = draw_page()
    (found,) = taken(drawn.scan)
    stroke = drawn.stroke[found.box.slices]
    assert drawn.stroke.sum() == stroke.sum()
    assert found.mask[stroke].mean() > 0.99
    wide = cv2.dilate(stroke.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert not (found.mask & ~wide).any()


def test_a_ruled_line_is_removed_and_the_strokes_that_cross_it_are_kept(draw_page: Draw) -> None:
    drawn = draw_page(ruled=True)
    (found,) = taken(drawn.scan)
    stroke, line = drawn.stroke[found.box.slices], drawn.line[found.box.slices]
    beside = cv2.dilate(stroke.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert found.mask[stroke & line].mean() > 0.9
    assert found.mask[line & ~beside].mean() < 0.02
    assert found.mask[stroke].mean() > 0.98
    pieces, _ = cv2.connectedComponents(found.mask.astype(np.uint8), connectivity=8)
    assert pieces - 1 == 1


def test_a_level_flourish_is_no_ruled_line(draw_page: Draw) -> None:
    drawn = draw_page()
    grey = drawn.scan.pixels.copy()
    truth = drawn.truth
    x = np.arange(truth.left, truth.right + 60)
    arc = truth.bottom + 8 - 9 * np.sin(np.pi * (x - x[0]) / (x[-1] - x[0]))
    for column, row in zip(x, arc, strict=True):
        grey[round(row) : round(row) + 4, column] = 0.15
    (found,) = taken(replace(drawn.scan, pixels=grey))
    rows = np.round(arc).astype(int) + 1
    inside = (x < found.box.right) & (rows < found.box.bottom)
    assert found.mask[rows[inside] - found.box.top, x[inside] - found.box.left].mean() > 0.95


@pytest.mark.parametrize("coarser", [1, 2])
def test_a_flourish_that_crosses_a_ruled_line_at_a_flat_angle_stays_whole(
    draw_page: Draw, coarser: int
) -> None:
    """At equal resolutions, and with half the rows."""
    drawn = draw_page()
    grey = drawn.scan.pixels.copy()
    start, stop = ((round(x / 25.4 * 200), round(y / 25.4 * 200)) for x, y in ((92, 225), (150, 239)))
    cv2.line(grey, start, stop, 0.15, 4, cv2.LINE_AA)
    row = (start[1] + stop[1]) // 2
    cv2.line(grey, (200, row), (1460, row), 0.1, 3)
    grey = grey[: len(grey) // 2 * 2].reshape(-1, coarser, grey.shape[1]).mean(axis=1)
    scan = make_scan(grey, (200.0, 200.0 / coarser))

    def whole_columns(one: Candidate) -> float:
        """Share of the columns in which the flourish is kept, where it is near the line."""
        columns = np.arange((start[0] + stop[0]) // 2 - 120, (start[0] + stop[0]) // 2 + 120)
        rows = start[1] + (columns - start[0]) * (stop[1] - start[1]) / (stop[0] - start[0])
        places = np.round(rows).astype(int) // coarser - one.box.top
        near = [one.mask[places + aside, columns - one.box.left] for aside in range(-3, 4)]
        return float(np.any(near, axis=0).mean())

    (found,) = taken(scan)
    assert whole_columns(found) == 1
    line = (row - 1) // coarser - found.box.top
    assert found.mask[line].sum() < 60  # pixels, of which the line has 1260
    assert (found.foreign | found.mask)[line].all()
    cut = find_signatures(scan, settings=replace(Extraction(), passage=0.0))[0]
    assert whole_columns(cut) < 0.97


@pytest.mark.parametrize(("pitch", "count"), [(4.233, 8), (2.0, 3)])
@pytest.mark.parametrize("upright", [False, True])
def test_lines_that_stand_close_are_no_line_across_them(pitch: float, count: int, *, upright: bool) -> None:
    """Typewriter pitch, and three lines for one signature: nothing of the strokes between them goes."""
    ruled = np.zeros((800, 1200), bool)
    per_mm = 200 / 25.4
    for number in range(count):
        row = 200 + round(number * pitch * per_mm)
        ruled[row : row + 3, 100:1100] = True
    one, other = closed_lines(ruled.T if upright else ruled, per_mm=per_mm, settings=Extraction())
    along, across = (other.T, one.T) if upright else (one, other)
    np.testing.assert_array_equal(along, ruled)
    assert not across.any()


def test_gaps_that_strokes_left_in_a_line_are_closed_and_wider_ones_are_not() -> None:
    ruled = np.zeros((60, 700), bool)
    ruled[30:33, 50:650] = True
    ruled[:, 200:228] = ruled[:, 400:450] = False  # 3.6 and 6.4 mm
    ruled[:, 428:432] = True  # less than a piece
    level, upright = closed_lines(ruled, per_mm=200 / 25.4, settings=Extraction())
    assert level[31, 50:400].all()
    assert not level[31, 400:450].any()
    assert upright[:, 428:432].all()
    ruled[:, 428:432] = False
    assert not closed_lines(ruled, per_mm=200 / 25.4, settings=Extraction())[1].any()


def test_a_signature_between_lines_of_a_form_is_whole(draw_page: Draw) -> None:
    drawn = draw_page()
    grey = drawn.scan.pixels.copy()
    (plain,) = taken(drawn.scan)
    for number in range(-3, 5):
        row = round((220 + number * 4.233) / 25.4 * 200)
        grey[row : row + 2, 200:1460] = 0.1
    found = find_signatures(replace(drawn.scan, pixels=grey))[0]
    kept = np.zeros(grey.shape, bool)
    kept[found.box.slices] = found.mask
    truth = np.zeros(grey.shape, bool)
    truth[plain.box.slices] = plain.mask
    assert (kept & truth).sum() > 0.9 * truth.sum()


def test_the_same_page_gives_the_same_candidates(draw_page: Draw) -> None:
    drawn = draw_page(ruled=True)
    first, second = find_signatures(drawn.scan), find_signatures(drawn.scan)
    assert [(one.box, one.confidence, one.kind) for one in first] == [
        (one.box, one.confidence, one.kind) for one in second
    ]
    assert all(np.array_equal(one.mask, other.mask) for one, other in zip(first, second, strict=True))


def test_candidates_come_best_first_with_a_confidence_between_0_and_1(draw_page: Draw) -> None:
    drawn = draw_page()
    grey = drawn.scan.pixels.copy()
    grey[400:420, 1500:1620:7] = 0.1  # strokes of a barcode
    confidences = [one.confidence for one in find_signatures(replace(drawn.scan, pixels=grey))]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 < value <= 1 for value in confidences)


def test_small_handwriting_at_the_foot_is_taken_for_initials(draw_page: Draw) -> None:
    drawn = draw_page(centre=None)
    grey = drawn.scan.pixels.copy()
    t = np.linspace(0, 1, 40)
    points = np.stack([1300 + 70 * t + 12 * np.cos(14 * t), 2150 + 34 * np.sin(14 * t)], axis=1)
    cv2.polylines(grey, [np.round(points).astype(np.int32)], isClosed=False, color=0.1, thickness=4)
    (found,) = taken(replace(drawn.scan, pixels=grey))
    assert found.kind == "initials"


def test_a_round_stamp_is_no_signature(draw_page: Draw) -> None:
    drawn = draw_page(centre=None)
    grey = drawn.scan.pixels.copy()
    for radius in (130, 100):
        cv2.circle(grey, (1100, 1800), radius, 0.2, 3)
    cv2.line(grey, (1020, 1790), (1180, 1810), 0.2, 3)
    assert taken(replace(drawn.scan, pixels=grey)) == []


@pytest.mark.parametrize("shape", [(16, 16), (16, 4000), (4000, 16), (40, 3)])
def test_pages_of_any_shape_are_gone_through(shape: tuple[int, int]) -> None:
    grey = np.random.default_rng(0).random(shape)
    assert isinstance(find_signatures(make_scan(grey, None)), list)


def test_an_empty_page_gives_nothing() -> None:
    assert find_signatures(make_scan(np.ones((2000, 1400)), (200.0, 200.0))) == []


def test_a_page_takes_seconds_at_most(draw_page: Draw) -> None:
    drawn = draw_page(dpi=300, stated=(300.0, 300.0))
    start = time.process_time()
    assert taken(drawn.scan)
    assert time.process_time() - start < 10


def bars(*places: tuple[int, int, int, int]) -> np.ndarray:
    """A white page with dark bars: left, top, width, height."""
    grey = np.ones((160, 300))
    for left, top, width, height in places:
        grey[top : top + height, left : left + width] = 0.1
    return grey


def test_lone_strokes_come_out_with_a_candidate_but_for_print_and_those_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A stroke, and within its box three dots: a free one, print, and one of another candidate."""
    scan = make_scan(
        bars((50, 60, 200, 4), (50, 20, 4, 44), (100, 30, 6, 6), (150, 30, 6, 6), (200, 30, 6, 6)),
        (200.0, 200.0),
    )
    settings = Extraction()
    parsed = finding.parse_page(scan, settings=settings)
    parsed = replace(parsed, ruled=np.zeros_like(parsed.ruled))
    parsed = replace(
        parsed,
        pieces=find_components(parsed.sheet.ink, parsed.sheet.grey, per_mm=200 / 25.4, settings=settings),
    )
    order = np.argsort(parsed.pieces.left)
    assert len(order) == 4
    own, dots = order[:1], order[1:]
    print_, free = np.zeros(4, bool), np.ones(4, bool)
    print_[dots[1]] = True
    free[[own[0], dots[1], dots[2]]] = False
    parsed = replace(parsed, print_=print_)

    def told(*_: object, **__: object) -> Told:
        shape = parsed.sheet.ink.shape
        return Told(np.zeros(shape, bool), False, likely)

    monkeypatch.setattr(finding, "print_in", told)
    around = Box.spanning(*finding.bounds_of(parsed.pieces, own)).grown(2, 2, parsed.sheet.ink.shape)
    seen, all_free = [], free
    for value in (1.0, 0.9):
        free = all_free.copy()
        likely = np.full((around.height, around.width), value, np.float32)
        place = finding._on_page(scan, parsed, own, free, settings, separated=True)
        mask = np.zeros(scan.pixels.shape, bool)
        mask[place.box.slices] = place.mask
        seen.append([bool(mask[33, left + 3]) for left in (100, 150, 200)])
        assert mask[62, 60:240].all()
        assert free.sum() == (value < 1)  # who has it, keeps it
    assert seen == [[True, False, False], [False, False, False]]


def test_a_candidate_that_is_only_listed_has_no_lone_strokes(
    draw_page: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "lone_strokes", lambda *_, **__: pytest.fail("asked"))
    drawn = draw_page()
    assert find_signatures(drawn.scan, settings=replace(Extraction(), min_confidence=1.0))


def test_pieces_are_free_that_are_no_candidates_print_or_stamp(
    draw_page: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a page with a signature, print, a speck, a round stamp and a solid area."""
    drawn = draw_page()
    grey = np.array(drawn.scan.pixels)
    cv2.circle(grey, (1200, 2000), 90, 0.2, 3)
    cv2.rectangle(grey, (300, 2000), (380, 2080), 0.1, -1)
    cv2.rectangle(grey, (700, 2000), (702, 2002), 0.1, -1)
    scan, settings = replace(drawn.scan, pixels=grey), Extraction()
    seen: list[np.ndarray] = []
    monkeypatch.setattr(finding, "lone_strokes", lambda pieces, *_, **__: np.zeros(len(pieces), bool))
    place = finding._on_page
    monkeypatch.setattr(
        finding, "_on_page", lambda *given, **named: (seen.append(given[3].copy()), place(*given, **named))[1]
    )
    found = find_signatures(scan, settings=settings)
    assert found
    parsed = finding.parse_page(scan, settings=settings)
    label = parsed.pieces.labels
    free = seen[0]
    assert not free[parsed.print_].any()
    assert free[label[2001, 701] - 1]
    assert not free[label[2040, 340] - 1]
    assert not free[label[2000, 1110] - 1]
    own = np.unique(label[drawn.stroke & (label > 0)]) - 1
    assert len(own)
    assert not free[own].any()


def test_where_hardly_anything_is_by_hand_nothing_joins(monkeypatch: pytest.MonkeyPatch) -> None:
    scan = make_scan(bars((50, 60, 200, 6), (100, 30, 6, 6)), (200.0, 200.0))
    settings = Extraction()
    parsed = finding.parse_page(scan, settings=settings)
    own = np.zeros(len(parsed.pieces), bool)
    own[np.argmax(parsed.pieces.area)] = True
    around = Box(40, 20, 220, 60)
    for share, most in ((0.2, 0.0), (0.4, 1.0)):

        def told(_: object, __: object, ink: np.ndarray, *, share: float = share, **___: object) -> Told:
            print_ = ink & (np.arange(ink.shape[1]) >= share * 200 + 10)
            return Told(print_, False, np.ones(ink.shape, np.float32))

        monkeypatch.setattr(finding, "printed_among", told)
        assert finding.print_in(parsed, own, around, settings=settings).likely.max() == most


def test_a_lone_stroke_does_not_stand_for_a_candidate_that_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Strokes too thin for the page's own threshold stay where a dot joins them."""
    scan = make_scan(bars((50, 60, 200, 4), (100, 20, 6, 6), (50, 20, 4, 20)), (200.0, 200.0))
    settings = Extraction()
    parsed = finding.parse_page(scan, settings=settings)
    pieces = find_components(parsed.sheet.ink, parsed.sheet.grey, per_mm=200 / 25.4, settings=settings)
    parsed = replace(
        parsed, ruled=np.zeros_like(parsed.ruled), pieces=pieces, print_=np.zeros(len(pieces), bool)
    )
    own = np.flatnonzero(pieces.left < 60)
    free = np.ones(len(pieces), bool)
    free[own] = False
    monkeypatch.setattr(
        finding,
        "print_in",
        lambda p, _, around, **__: Told(
            np.zeros(p.sheet.ink.shape, bool), False, np.ones((around.height, around.width), np.float32)
        ),
    )
    ink = finding.page_ink

    def dot_alone(*given: object) -> np.ndarray:
        found = ink(*given)
        found[:, :40] = found[30:] = False
        return found

    monkeypatch.setattr(finding, "page_ink", dot_alone)
    place = finding._on_page(scan, parsed, own, free, settings, separated=True)
    mask = np.zeros(scan.pixels.shape, bool)
    mask[place.box.slices] = place.mask
    assert mask[62, 60:240].all()
    assert mask[23, 103]
