"""Pictures of pages with what was found."""

from __future__ import annotations

import numpy as np

from sigforensics.extraction import Box
from sigforensics.report.overlay import draw_judged

BLUE, VERMILION = (0, 114, 178), (213, 94, 0)


def frame(picture: np.ndarray, colour: tuple[int, int, int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is drawn in a colour, but for the text below or above."""
    there = np.all(picture == colour, axis=-1)
    rows, columns = np.flatnonzero(there.sum(axis=1) > 40), np.flatnonzero(there.sum(axis=0) > 40)
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])


def test_a_fax_with_fewer_lines_is_drawn_as_it_was_on_paper() -> None:
    page = np.ones((400, 800), np.float32)
    truths, found = [("signature", Box(200, 100, 400, 100))], [("signature 0.90", Box(240, 150, 400, 100))]
    picture = draw_judged(page, truths, found, longest=1000, dpi=(200.0, 100.0))
    assert picture.shape == (400, 400, 3)
    np.testing.assert_allclose(frame(picture, VERMILION), (120, 150, 320, 250), atol=2)
    left, top, _, _ = frame(picture, BLUE)
    np.testing.assert_allclose((left, top), (100, 100), atol=2)


def test_a_long_page_is_shrunk_and_one_of_unknown_resolution_keeps_its_shape() -> None:
    page = np.ones((400, 800), np.float32)
    picture = draw_judged(page, [], [("signature", Box(200, 100, 400, 100))], longest=400)
    assert picture.shape == (200, 400, 3)
    np.testing.assert_allclose(frame(picture, VERMILION), (100, 50, 300, 100), atol=2)
