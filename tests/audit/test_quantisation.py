"""JPEG tables and their quality."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from sigforensics.audit.quantisation import (
    describe_tables,
    heavily_compressed,
    nearest_quality,
    quality_to_table,
)
from sigforensics.scans import Scan
from sigforensics.scans.page import Source
from sigforensics.settings import Auditing


def scan(tables: tuple[tuple[int, ...], ...]) -> Scan:
    pixels = np.ones((20, 20), np.float32)
    return Scan(pixels, Source(Path("a"), "0" * 64), 1, 1, None, "JPEG", "L", 8, jpeg_tables=tables)


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


@pytest.mark.parametrize(("quality", "heavy"), [(10, True), (75, True), (76, False), (95, False)])
def test_low_qualities_are_heavy_whoever_made_the_table(quality: int, heavy: bool) -> None:
    own = np.maximum(quality_to_table(quality) + np.eye(8, dtype=int), 1).ravel().tolist()
    assert abs(nearest_quality(own) - quality) <= 1
    assert heavily_compressed(scan((tuple(quality_to_table(quality).ravel().tolist()),))) is heavy


def test_for_the_higher_half_of_the_frequencies_the_steps_of_heavy_compression_are_coarse() -> None:
    down, across = np.indices((8, 8))
    assert quality_to_table(Auditing().heavy_jpeg)[down + across >= 7].min() == 26


def test_files_without_tables_are_heavy_by_their_own_word_alone() -> None:
    assert not heavily_compressed(scan(()))
    assert heavily_compressed(replace(scan(()), from_heavy_jpeg=True))
