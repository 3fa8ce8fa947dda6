from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sigforensics.extraction import looks_cropped
from sigforensics.samples import draw_page, draw_signature, invent_writer
from sigforensics.scans import Scan, list_images, read_scan
from sigforensics.scans.page import Source
from sigforensics.settings import Extraction


def scan(pixels):
    return Scan(np.asarray(pixels, np.float32), Source(Path("a.png"), ""), 1, 1, None, "PNG", "L", 8)


@pytest.mark.parametrize("number", range(6))
def test_a_drawn_signature_is_taken_for_one(number):
    assert looks_cropped(scan(draw_signature(invent_writer(number), rng=np.random.default_rng(number))))


@pytest.mark.parametrize("signed", [[], [1], [2, 3]])
def test_a_page_of_print_is_none_signed_or_not(signed):
    page = draw_page([invent_writer(number) for number in signed], rng=np.random.default_rng(0), dpi=150)
    assert not looks_cropped(scan(page.pixels))


def test_a_page_without_ink_is_none():
    assert not looks_cropped(scan(np.full((200, 300), 0.94)))


def test_ink_in_a_corner_of_the_image_is_none():
    pixels = np.ones((400, 400))
    pixels[10:60, 10:110] = 0.1
    assert not looks_cropped(scan(pixels))
    pixels[10:60, 10:310] = 0.1
    assert looks_cropped(scan(pixels))


def test_more_pieces_than_a_signature_has_make_a_page():
    bound = Extraction().cropped_pieces
    for pieces, cropped in ((bound, True), (bound + 1, False)):
        pixels = np.ones((200, 1000))
        pixels[50:150, 20:980] = 0.1  # one stroke that holds nearly all of the ink ...
        for piece in range(pieces - 1):  # ... and dots
            pixels[170:178, 12 * piece + 20 : 12 * piece + 26] = 0.1
        assert looks_cropped(scan(pixels)) == cropped


def test_specks_do_not_count():
    pixels = np.ones((200, 1000))
    pixels[50:150, 20:980] = 0.1
    pixels[170:190:4, 20:980:5] = 0.1
    assert looks_cropped(scan(pixels))


def test_a_large_image_is_a_page_whatever_it_shows():
    pixels = np.ones((20, 3001))
    pixels[5:15, 20:2900] = 0.1
    assert not looks_cropped(scan(pixels))
    assert looks_cropped(scan(pixels[:, 1:]))


def test_real_signatures_are_told_from_real_pages(data_folder):
    signatures = [
        path for path in list_images(data_folder / "cedar" / "full_org") if path.stem.endswith("_7")
    ]
    signatures += list_images(data_folder / "nisdcc" / "genuine")[::6]
    assert len(signatures) > 40
    assert [path.name for path in signatures if not looks_cropped(read_scan(path))] == []
    pages = [
        path
        for kind in ("contracts", "letters", "cheques")
        for path in list_images(data_folder / "documents" / kind)[::4]
    ]
    assert len(pages) > 15
    assert [path.name for path in pages if looks_cropped(read_scan(path))] == []
