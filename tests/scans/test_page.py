from __future__ import annotations

import pytest

from sigforensics.errors import ImageTooLarge, ImageTooSmall, PageMissing
from sigforensics.scans.page import check_size, chosen_pages, name_page
from sigforensics.settings import Scanning


def test_a_page_is_named_where_the_file_has_several(tmp_path):
    assert name_page(tmp_path, 1, 1) == str(tmp_path)
    assert name_page(tmp_path, 2, 3) == f"{tmp_path} page 2"


def test_all_pages_or_the_chosen_one(tmp_path):
    assert list(chosen_pages(tmp_path, 3, None)) == [1, 2, 3]
    assert list(chosen_pages(tmp_path, 3, 2)) == [2]
    with pytest.raises(PageMissing, match="has no page 2, but 1 page"):
        chosen_pages(tmp_path, 1, 2)
    with pytest.raises(PageMissing, match="has no pages"):
        chosen_pages(tmp_path, 0, None)


def test_the_limits_themselves_are_allowed():
    settings = Scanning(max_megapixels=0.01, min_side=10)
    check_size("a", 100, 100, settings)
    check_size("a", 10, 1000, settings)
    with pytest.raises(ImageTooLarge, match=r"101 x 100 pixels are more than 0\.01 megapixels"):
        check_size("a", 101, 100, settings)
    with pytest.raises(ImageTooSmall, match="9 x 1000 pixels, and 10 a side are the least"):
        check_size("a", 9, 1000, settings)
