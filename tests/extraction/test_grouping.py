from __future__ import annotations

import cv2
import numpy as np

from sigforensics.extraction.components import Components, find_components
from sigforensics.extraction.grouping import beside, bounds_of, eligible, stamps, touching
from sigforensics.settings import Extraction

SETTINGS = Extraction()
PER_MM = 200 / 25.4


def mm(length: float) -> int:
    return round(length * PER_MM)


def word(page: np.ndarray, left: float, top: float, width: float = 15, height: float = 10) -> None:
    """A zigzag of so many millimetres."""
    x = np.linspace(mm(left), mm(left + width), 9)
    y = np.where(np.arange(9) % 2, mm(top), mm(top + height))
    points = np.round(np.stack([x, y], axis=1)).astype(np.int32)
    cv2.polylines(page, [points], isClosed=False, color=1, thickness=3)


def pieces_of(page: np.ndarray) -> Components:
    grey = np.where(page > 0, 0.1, 1.0).astype(np.float32)
    return find_components(page > 0, grey, per_mm=PER_MM, settings=SETTINGS)


def page_of(width: float = 150, height: float = 120) -> np.ndarray:
    return np.zeros((mm(height), mm(width)), np.uint8)


def names(*corners: tuple[float, float]) -> list[int]:
    """Numbers of words of 15 x 10 mm with these upper left corners in mm."""
    bounds = [[mm(x), mm(y), mm(x + 15), mm(y + 10)] for x, y in corners]
    return beside(np.array(bounds), PER_MM, SETTINGS).tolist()


def test_first_and_last_name_bear_one_number() -> None:
    assert names((20, 50), (40, 50)) == [0, 0]


def test_signatures_apart_bear_numbers_of_their_own() -> None:
    assert names((20, 50), (60, 50), (20, 80)) == [0, 1, 2]


def test_words_below_each_other_are_not_joined_as_words_beside_each_other_are() -> None:
    assert names((20, 50), (20, 65)) == [0, 1]


def test_pieces_touch_where_the_canvas_joins_them_as_a_slow_search_finds() -> None:
    rng = np.random.default_rng(4)
    labels = np.where(rng.random((40, 60)) > 0.97, rng.integers(1, 30, (40, 60)), 0).astype(np.int32)
    canvas = cv2.dilate((labels > 0).astype(np.uint8), np.ones((3, 5), np.uint8))
    _, parts = cv2.connectedComponents(canvas, connectivity=8)
    slow: dict[int, set[int]] = {}
    for row, column in np.argwhere(labels > 0):  # a label has one part: that of its last pixel
        for part in slow.values():
            part.discard(int(labels[row, column]) - 1)
        slow.setdefault(int(parts[row, column]), set()).add(int(labels[row, column]) - 1)
    found = {tuple(members.tolist()) for members in touching(labels, canvas, 30)}
    assert found == {tuple(sorted(part)) for part in slow.values() if part}


def test_the_bounds_hold_all_pieces_and_no_more() -> None:
    page = page_of()
    word(page, 20, 50)
    word(page, 70, 90)
    pieces = pieces_of(page)
    left, top, right, bottom = bounds_of(pieces, np.arange(len(pieces)))
    rows, columns = np.nonzero(page)
    assert (left, top, right, bottom) == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


def test_print_dark_margins_solid_areas_and_specks_are_left_out() -> None:
    page = page_of()
    word(page, 20, 50)
    word(page, 60, 50)
    page[:, : mm(2)] = 1  # the dark margin of a scan
    page[mm(90) : mm(100), mm(20) : mm(40)] = 1
    page[mm(20), mm(20)] = 1
    pieces = pieces_of(page)
    print_ = pieces.left > mm(55)
    kept = eligible(pieces, print_, per_mm=PER_MM, settings=SETTINGS)
    assert np.flatnonzero(kept).tolist() == [
        index
        for index in range(len(pieces))
        if mm(19) < pieces.left[index] < mm(21) and mm(49) < pieces.top[index] < mm(60)
    ]
    assert kept.sum() == 1


def test_a_round_stamp_is_known_and_a_loop_and_a_square_are_not() -> None:
    page = page_of()
    cv2.circle(page, (mm(30), mm(40)), mm(14), 1, 3)
    cv2.rectangle(page, (mm(60), mm(26)), (mm(88), mm(54)), 1, 3)
    cv2.ellipse(page, (mm(115), mm(40)), (mm(14), mm(14)), 0, 0, 200, 1, 3)
    pieces = pieces_of(page)
    found = stamps(pieces, np.ones(len(pieces), bool), per_mm=PER_MM, settings=SETTINGS)
    assert np.flatnonzero(found).tolist() == [int(np.argmin(pieces.left))]
