from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from sigforensics.extraction.components import Components, find_components
from sigforensics.settings import Extraction

PER_MM = 200 / 25.4


def pieces_of(ink: np.ndarray) -> Components:
    grey = np.where(ink, 0.1, 1.0).astype(np.float32)
    return find_components(ink, grey, per_mm=PER_MM, settings=Extraction())


def test_pieces_are_those_of_an_independent_labelling() -> None:
    ink = np.random.default_rng(3).random((120, 160)) > 0.7
    pieces = pieces_of(ink)
    labels, count = ndimage.label(ink, structure=np.ones((3, 3)))
    assert len(pieces) == count
    assert np.array_equal(pieces.labels > 0, ink)
    slow = {
        (rows.start, columns.start, rows.stop, columns.stop) for rows, columns in ndimage.find_objects(labels)
    }
    assert set(zip(pieces.top, pieces.left, pieces.bottom, pieces.right, strict=True)) == slow
    assert sorted(pieces.area) == sorted(np.bincount(labels.ravel())[1:])


def test_the_mask_of_chosen_pieces_is_their_ink() -> None:
    ink = np.zeros((60, 90), bool)
    ink[5:20, 5:20] = ink[30:50, 40:80] = True
    pieces = pieces_of(ink)
    lower = pieces.top >= 30
    assert np.array_equal(pieces.mask(lower), ink & (np.arange(60) >= 30)[:, None])
    assert np.array_equal(pieces.mask(np.ones(2, bool)), ink)


def test_a_filled_square_is_solid_and_a_stroke_is_not() -> None:
    ink = np.zeros((200, 300), bool)
    ink[50:150, 20:120] = True
    ink[100:104, 160:280] = True
    pieces = pieces_of(ink)
    solid = dict(zip(pieces.left, pieces.solid, strict=True))
    assert solid[20] > 0.95
    assert solid[160] == 0


def test_contours_along_the_axes_are_told_from_slanted_ones() -> None:
    ink = np.zeros((300, 600), bool)
    ink[50:250, 50:54] = True
    rows = np.arange(50, 250)
    for shift in range(5):
        ink[rows, rows + 250 + shift] = True
    pieces = pieces_of(ink)
    axial = dict(zip(pieces.left, pieces.axial, strict=True))
    assert axial[50] > 0.9
    assert axial[300] < 0.1


def test_paper_has_no_pieces() -> None:
    assert len(pieces_of(np.zeros((40, 50), bool))) == 0


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_measures_turn_with_the_page(turns: int) -> None:
    ink = np.zeros((120, 120), bool)
    ink[20:30, 15:90] = ink[60:100, 40:46] = True
    plain, turned = pieces_of(ink), pieces_of(np.rot90(ink, turns))
    assert sorted(plain.area) == sorted(turned.area)
    assert sorted(plain.axial) == pytest.approx(sorted(turned.axial), abs=1e-3)
