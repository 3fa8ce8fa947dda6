from __future__ import annotations

import cv2
import numpy as np
import pytest

from sigforensics.extraction.components import Components, find_components
from sigforensics.extraction.proposing import proposals
from sigforensics.settings import Extraction

SETTINGS = Extraction()
PER_MM = 200 / 25.4


def pieces_of(page: np.ndarray) -> Components:
    grey = np.where(page > 0, 0.1, 1.0).astype(np.float32)
    return find_components(page > 0, grey, per_mm=PER_MM, settings=SETTINGS)


def strokes(*gaps: float) -> Components:
    """Zigzags of 15 x 10 mm in a row, with these mm between them."""
    page = np.zeros((300, 1400), np.uint8)
    left = 40.0
    for gap in (0.0, *gaps):
        left += gap * PER_MM
        x = np.linspace(left, left + 15 * PER_MM, 9)
        y = np.where(np.arange(9) % 2, 100, 100 + 10 * PER_MM)
        points = np.round(np.stack([x, y], axis=1)).astype(np.int32)
        cv2.polylines(page, [points], isClosed=False, color=1, thickness=3)
        left += 15 * PER_MM
    return pieces_of(page)


def sets_of(pieces: Components) -> set[tuple[int, ...]]:
    chosen = np.ones(len(pieces), bool)
    found = [
        tuple(members.tolist())
        for members in proposals(pieces, chosen, chosen, per_mm=PER_MM, settings=SETTINGS)
    ]
    assert len(found) == len(set(found))
    return set(found)


@pytest.mark.parametrize("gap", [0.8, 2.5, 5.0, 7.0])
def test_two_strokes_are_one_hypothesis_and_each_is_one_by_itself(gap: float) -> None:
    assert sets_of(strokes(gap)) == {(0,), (1,), (0, 1)}


def test_strokes_far_apart_are_never_one() -> None:
    assert sets_of(strokes(30.0)) == {(0,), (1,)}


def test_unequal_gaps_give_the_near_pair_and_all_three() -> None:
    found = sets_of(strokes(2.0, 8.0))
    assert {(0, 1), (0, 1, 2)} <= found
    assert (0, 2) not in found


def test_only_chosen_pieces_are_proposed() -> None:
    pieces = strokes(2.0, 2.0)
    chosen = np.array([True, False, True])
    found = proposals(pieces, chosen, chosen, per_mm=PER_MM, settings=SETTINGS)
    assert found
    assert not any(1 in members for members in found)


def test_what_is_smaller_or_larger_than_any_signature_is_not_proposed() -> None:
    page = np.zeros((400, 1600), np.uint8)
    cv2.circle(page, (60, 60), round(PER_MM), 1, 2)
    cv2.line(page, (40, 150), (1500, 380), 1, 3)
    pieces = pieces_of(page)
    assert proposals(pieces, *(np.ones(len(pieces), bool),) * 2, per_mm=PER_MM, settings=SETTINGS) == []


def test_no_pieces_give_no_hypotheses() -> None:
    pieces = pieces_of(np.zeros((50, 61), np.uint8))
    assert proposals(pieces, *(np.zeros(0, bool),) * 2, per_mm=PER_MM, settings=SETTINGS) == []


def test_doubtful_pieces_join_others_but_make_no_hypothesis_by_themselves() -> None:
    pieces = strokes(2.0, 2.0, 30.0)
    chosen = np.array([True, False, True, False])
    found = proposals(pieces, chosen, np.ones(4, bool), per_mm=PER_MM, settings=SETTINGS)
    sets = {tuple(members.tolist()) for members in found}
    assert (0, 1, 2) in sets
    assert not {(1,), (3,)} & sets
