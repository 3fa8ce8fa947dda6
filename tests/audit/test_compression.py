"""Traces of JPEG in pixels."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.fft

from sigforensics.audit.compression import COEFFICIENTS, _coefficients_left, find_compression
from sigforensics.images import ByteImage

from .conftest import Signatures
from .steps import STEPS, jpeg


def slowly(image: ByteImage, vanishing: float) -> np.ndarray:
    """Block by block, grid by grid."""
    left = np.zeros((8, 8))
    rows, columns = ((side - 7) // 8 for side in image.shape)
    for top, start in np.ndindex(8, 8):
        for row, column in np.ndindex(rows, columns):
            down, across = top + 8 * row, start + 8 * column
            block = scipy.fft.dctn(image[down : down + 8, across : across + 8].astype(float), norm="ortho")
            left[top, start] += sum(abs(block[place]) >= vanishing for place in COEFFICIENTS)
    return left / len(COEFFICIENTS)


@pytest.mark.parametrize("shape", [(16, 16), (33, 47), (30, 64)])
def test_the_grids_are_counted_as_block_by_block(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(0).normal(128, 1.5, shape).round().astype(np.uint8)
    np.testing.assert_array_equal(_coefficients_left(image, 0.95), slowly(image, 0.95))


@pytest.mark.parametrize("quality", [60, 75, 90])
def test_compression_is_found_with_its_quality(quality: int, signatures: Signatures) -> None:
    found = [find_compression(jpeg(quality)(signatures[writer, 0])) for writer in range(8)]
    assert all(one.found for one in found)
    assert [one.quality for one in found] == [quality] * 8


def test_compression_is_found_wherever_its_grid_lies(signatures: Signatures) -> None:
    compressed = jpeg(80)(signatures[0, 0])
    for top, left in ((1, 0), (0, 5), (7, 3)):
        found = find_compression(compressed[top:, left:])
        assert (found.found, found.quality) == (True, 80)


def test_scans_that_were_never_compressed_show_no_grid(signatures: Signatures) -> None:
    others = [step for name, step in STEPS.items() if not name.startswith("JPEG")]
    for image in signatures.values():
        assert not find_compression(image).found
    for step in others:
        assert not find_compression(step(signatures[0, 0])).found


def test_the_stronger_the_compression_the_clearer_the_grid(signatures: Signatures) -> None:
    grids = [find_compression(jpeg(quality)(signatures[1, 1])).grid for quality in (50, 75, 90, 97)]
    assert grids == sorted(grids, reverse=True)


def test_clipped_blocks_show_the_grid_but_no_quality() -> None:
    rng = np.random.default_rng(0)
    image = np.where(rng.random((128, 128)) < 0.5, 0, 255).astype(np.uint8)
    found = find_compression(jpeg(50)(image))
    assert found.quality is None


@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_even_image_shows_nothing(value: int) -> None:
    found = find_compression(np.full((64, 64), value, np.uint8))
    assert (found.grid, found.found, found.quality) == (0.0, False, None)


def test_noise_hardly_ever_shows_a_grid() -> None:
    rng = np.random.default_rng(1)
    images = rng.normal(240, 1.0, (100, 96, 96)).round().clip(0, 255).astype(np.uint8)
    assert sum(find_compression(image).found for image in images) == 0
