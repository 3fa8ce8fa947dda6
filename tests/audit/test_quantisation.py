"""JPEG tables and their quality."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from sigforensics.audit.quantisation import describe_tables, quality_to_table


def test_the_tables_are_those_that_libjpeg_writes() -> None:
    for quality in range(1, 101):
        stream = io.BytesIO()
        Image.new("L", (8, 8)).save(stream, "JPEG", quality=quality)
        stream.seek(0)
        written = JpegImageFile(stream).quantization
        assert written[0] == quality_to_table(quality).ravel().tolist()
        assert describe_tables([written[0]]) == f"quality {quality}"


def test_tables_of_another_maker_get_the_nearest_quality_and_a_name_of_their_own() -> None:
    table = quality_to_table(80).ravel().tolist()
    table[5] += 1
    stated = describe_tables([table])
    assert stated.startswith("about quality 80, own tables ")
    table[7] += 1
    assert describe_tables([table]) != stated


def test_a_table_that_chrominance_alone_sets_apart_is_another_of_its_own() -> None:
    table = [3] * 64
    assert describe_tables([table, [4] * 64]) != describe_tables([table, [5] * 64])


def test_files_without_tables_have_none() -> None:
    assert describe_tables(()) == "none"


@pytest.mark.parametrize("quality", [0, 101])
def test_there_is_no_quality_below_1_or_above_100(quality: int) -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        quality_to_table(quality)


def test_higher_quality_never_has_a_larger_step() -> None:
    tables = np.array([quality_to_table(quality) for quality in range(1, 101)])
    assert (np.diff(tables, axis=0) <= 0).all()
