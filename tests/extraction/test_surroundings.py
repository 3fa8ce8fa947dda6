from __future__ import annotations

import numpy as np
import pytest

from sigforensics.extraction.components import Components, find_components
from sigforensics.extraction.surroundings import PICTURE, Layers, layers_of, look_around, picture
from sigforensics.settings import Extraction

PER_MM = 8.0


def drawn() -> tuple[Components, Layers]:
    """A bar of 160 x 40 pixels, a stroke of handwriting 4 mm right of it, print below, and a ruled line under it."""
    ink, ruled = np.zeros((800, 1000), bool), np.zeros((800, 1000), bool)
    ink[300:340, 400:560] = True
    ink[300:340, 592:600] = True
    ink[348:352, 400:560] = True
    ruled[344, 300:700] = True
    grey = np.where(ink, 0.1, 1.0).astype(np.float32)
    pieces = find_components(ink, grey, per_mm=PER_MM, settings=Extraction())
    return pieces, layers_of(pieces, np.array([True, True, False]), ruled)


def test_the_layers_hold_each_kind_of_ink_and_count_it() -> None:
    pieces, layers = drawn()
    assert (layers.hand > 0).sum() == 160 * 40 + 8 * 40
    assert (layers.print_ > 0).sum() == 4 * 160
    assert [sums[-1, -1] for sums in layers.sums] == [160 * 40 + 8 * 40, 640, 400]
    assert len(pieces) == 3


def test_what_stands_around_is_counted_where_it_stands() -> None:
    pieces, layers = drawn()
    found = look_around(pieces, np.array([0]), layers, per_mm=PER_MM)
    own = 160 * 40
    assert found.across == pytest.approx(0.48)
    assert found.page == pytest.approx(100)
    assert found.hand_inside == found.hand_close == found.print_inside == found.print_above == 0
    assert found.hand_near == pytest.approx(320 / own)
    assert found.hand_row == pytest.approx(320 / (80 * 5 * 64))
    assert found.print_below == pytest.approx(640 / (8 * 20 * 64))
    assert found.print_left == found.print_right == 0
    assert found.ruled_under == pytest.approx(1)
    assert found.page_hand == pytest.approx((own + 320) / own)
    assert found.page_print == pytest.approx(640 / 800_000)


def test_the_picture_shows_own_ink_other_handwriting_and_the_rest_apart() -> None:
    pieces, layers = drawn()
    seen = picture(pieces, np.array([0]), layers, per_mm=PER_MM).astype(float)
    assert seen.shape == (*PICTURE, 3)
    cell = 160 * 320 / (PICTURE[0] * PICTURE[1]) * 255  # the picture shows 20 mm by 40 mm
    assert seen.sum(axis=(0, 1)) == pytest.approx(np.array([6400, 320, 640 + 320]) / cell * 255**2, rel=0.03)
    rows, columns = np.nonzero(seen[:, :, 0] > 128)
    assert rows.mean() == pytest.approx((PICTURE[0] - 1) / 2)
    assert columns.mean() == pytest.approx((PICTURE[1] - 1) / 2)
    assert np.nonzero(seen[:, :, 1] > 0)[1].min() > columns.max()
    assert np.nonzero(seen[:, :, 2] > 0)[0].min() > rows.max()


def test_a_picture_at_the_corner_of_the_page_is_empty_beyond_it() -> None:
    ink = np.zeros((200, 200), bool)
    ink[:40, :80] = True
    grey = np.where(ink, 0.1, 1.0).astype(np.float32)
    pieces = find_components(ink, grey, per_mm=PER_MM, settings=Extraction())
    layers = layers_of(pieces, np.array([True]), np.zeros_like(ink))
    seen = picture(pieces, np.array([0]), layers, per_mm=PER_MM)
    assert seen[:, :, 0].sum() == pytest.approx(seen[18:30, 36:60, 0].sum())
    assert seen[:, :, 0].max() == 255
