"""Files that break off within their list of pages."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sigforensics.errors import FileTruncated
from sigforensics.scans import Source, read_scans
from sigforensics.scans.tiff import check_directories

SOURCE = Source(Path("deed.tif"), "")


def tiff(pages: int, *, big: bool) -> bytes:
    stream = io.BytesIO()
    first, *more = (Image.fromarray(np.full((20, 30), 40 * number, np.uint8)) for number in range(pages))
    first.save(stream, "TIFF", save_all=True, append_images=more, big_tiff=big)
    return stream.getvalue()


@pytest.mark.parametrize("big", [False, True])
def test_whole_files_go_through(big: bool) -> None:
    check_directories(tiff(3, big=big), SOURCE)


@pytest.mark.parametrize("big", [False, True])
def test_no_file_cut_short_is_read_as_one_of_fewer_pages(tmp_path: Path, big: bool) -> None:
    data = tiff(3, big=big)
    path = tmp_path / "deed.tif"
    for length in range(len(data) - 1, len(data) // 2, -7):
        path.write_bytes(data[:length])
        try:
            pages = len(list(read_scans(path)))
        except FileTruncated:
            continue
        assert pages == 3


def test_a_list_of_pages_that_runs_in_a_circle_ends() -> None:
    data = bytearray(tiff(1, big=False))
    start = int.from_bytes(data[4:8], "little")
    entries = int.from_bytes(data[start : start + 2], "little")
    end = start + 2 + 12 * entries
    data[end : end + 4] = start.to_bytes(4, "little")
    check_directories(bytes(data), SOURCE)
