from __future__ import annotations

import numpy as np
import pytest

from sigforensics.report.figures import cut_to_ink, draw_contact_sheet

INK = np.zeros((20, 30), np.float32)
INK[5:8] = 1.0


def test_ink_is_drawn_dark_on_white():
    figure = draw_contact_sheet({"true": [INK]})
    image = figure.axes[0].images[0]
    assert image.get_clim() == (0.0, 1.0)
    np.testing.assert_array_equal(image.get_array(), INK)
    assert tuple(image.cmap(image.norm(1.0))[:3]) == (0, 0, 0)
    assert tuple(image.cmap(image.norm(0.0))[:3]) == (1, 1, 1)


def test_rows_bear_their_labels_and_columns_their_titles():
    figure = draw_contact_sheet({"true": [INK, INK], "fake": [INK, INK]}, columns=["first", "second"])
    cells = np.array(figure.axes).reshape(2, 2)
    assert [row[0].get_ylabel() for row in cells] == ["true", "fake"]
    assert [cell.get_title() for cell in cells[0]] == ["first", "second"]


def test_short_rows_leave_empty_places_without_frames():
    figure = draw_contact_sheet({"true": [INK, INK, INK], "fake": [INK]})
    cells = np.array(figure.axes).reshape(2, 3)
    assert [[len(cell.images) for cell in row] for row in cells] == [[1, 1, 1], [1, 0, 0]]
    assert not cells[1, 2].spines["left"].get_visible()
    assert cells[1, 0].spines["left"].get_visible()


def test_rows_are_as_high_as_their_images():
    wide, square = np.zeros((100, 400), np.float32), np.zeros((400, 400), np.float32)
    flat, high = (
        draw_contact_sheet({"a": [image] * 2, "b": [image] * 2}).get_size_inches() for image in (wide, square)
    )
    assert flat[0] == high[0]
    assert flat[1] < 0.5 * high[1]


def test_a_faint_image_stays_faint():
    figure = draw_contact_sheet({"faint": [0.1 * INK]})
    assert figure.axes[0].images[0].get_clim() == (0.0, 1.0)


def test_a_sheet_may_have_a_title_and_wider_images():
    plain, titled = (draw_contact_sheet({"a": [INK]}, title=title) for title in ("", "epoch 3"))
    assert plain.get_suptitle() == ""
    assert titled.get_suptitle() == "epoch 3"
    assert titled.get_size_inches()[1] > plain.get_size_inches()[1]
    wide = draw_contact_sheet({"a": [INK, INK]}, cell_width=3.0).get_size_inches()[0]
    assert wide == pytest.approx(draw_contact_sheet({"a": [INK, INK]}).get_size_inches()[0] + 3)


def test_images_are_cut_to_the_rows_that_bear_ink_in_any_of_them():
    one, other = np.zeros((2, 64, 64), np.float32)
    one[30, 5], other[40, 60] = 1, 0.1
    cut = cut_to_ink([one, other])
    np.testing.assert_array_equal(cut[0], one[26:45])
    np.testing.assert_array_equal(cut[1], other[26:45])
    blank = np.zeros((64, 64), np.float32)
    assert cut_to_ink([blank])[0].shape == (64, 64)


@pytest.mark.parametrize("rows", [{}, {"true": []}])
def test_no_image_is_refused(rows):
    with pytest.raises(ValueError, match="no image"):
        draw_contact_sheet(rows)
