from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigforensics.spectra import (
    NYQUIST,
    FrequencyGrid,
    common_grid,
    dct_frequencies,
    dct_magnitude_log,
    nyquist_per_mm,
    onto_grid,
    sampling_density,
)


def slow_grid(log: np.ndarray, nyquist: tuple[float, float], grid: FrequencyGrid) -> np.ndarray:
    """Every cell by itself: the share of every coefficient in it, by the area that they have in common."""

    def ends(index: int, count: int, limit: float) -> tuple[float, float]:
        return max(0.0, (index - 0.5) * limit / count), (index + 0.5) * limit / count

    def common(one: tuple[float, float], other: tuple[float, float]) -> float:
        return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))

    averaged = np.zeros(grid.shape)
    for cell in np.ndindex(*grid.shape):
        total = area = 0.0
        for place in np.ndindex(*log.shape):
            share = 1.0
            for axis in (0, 1):
                own = ends(place[axis], log.shape[axis], nyquist[axis])
                share *= common(own, ends(cell[axis], grid.shape[axis], grid.limits[axis]))
            total, area = total + share * log[place], area + share
        averaged[cell] = total / area
    averaged[0, 0] = log[0, 0]
    return averaged


@pytest.mark.parametrize(
    ("shape", "nyquist", "grid"),
    [
        ((9, 14), NYQUIST, FrequencyGrid((5, 6))),
        ((8, 12), NYQUIST, FrequencyGrid((4, 12))),
        ((7, 7), NYQUIST, FrequencyGrid((7, 3))),
        ((9, 14), (2.0, 3.0), FrequencyGrid((5, 6), (1.3, 2.9), "cycles per millimetre")),
    ],
)
def test_a_cell_is_the_mean_over_its_area(shape, nyquist, grid):
    log = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    np.testing.assert_allclose(onto_grid(log, nyquist, grid), slow_grid(log, nyquist, grid), atol=1e-6)


def test_a_spectrum_that_is_on_the_grid_is_the_same_object():
    log = np.random.default_rng(0).normal(size=(8, 9)).astype(np.float32)
    assert onto_grid(log, NYQUIST, FrequencyGrid((8, 9))) is log


def test_the_grid_of_one_size_has_the_frequencies_of_its_coefficients():
    grid = FrequencyGrid((48, 31))
    np.testing.assert_array_equal(grid.row_frequencies, dct_frequencies(48))
    np.testing.assert_array_equal(grid.column_frequencies, dct_frequencies(31))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(4, 30), st.integers(4, 30)), min_size=1, max_size=4),
    st.lists(st.sampled_from([150.0, 299.9994, 300.0, 600.0]), min_size=4, max_size=4),
)
def test_every_image_fits_the_common_grid_and_a_level_spectrum_stays_level(shapes, dpi):
    images = [(shape, nyquist_per_mm((dpi[i], dpi[3 - i]))) for i, shape in enumerate(shapes)]
    grid = common_grid(images, unit="cycles per millimetre")
    for shape, nyquist in images:
        assert grid.takes(shape, nyquist)
        np.testing.assert_allclose(onto_grid(np.full(shape, 3.5, np.float32), nyquist, grid), 3.5, rtol=1e-6)


def test_images_of_one_resolution_have_the_smallest_sides_in_either_unit():
    shapes = [(40, 70), (90, 30), (41, 31)]
    assert common_grid((shape, NYQUIST) for shape in shapes) == FrequencyGrid((40, 30))
    in_mm = common_grid(
        ((shape, nyquist_per_mm((299.9994, 300))) for shape in shapes), unit="cycles per millimetre"
    )
    assert in_mm.shape == (40, 30)
    assert in_mm.limits == pytest.approx((300 / 50.8, 299.9994 / 50.8))


def test_half_the_resolution_limits_the_frequencies_and_twice_the_length_costs_nothing():
    fine, coarse = ((64, 64), nyquist_per_mm((600, 600))), ((64, 64), nyquist_per_mm((300, 300)))
    grid = common_grid([fine, coarse], unit="cycles per millimetre")
    assert grid.limits == pytest.approx((300 / 50.8, 300 / 50.8))
    assert grid.shape == (32, 32)  # the fine image has half its coefficients below that


def test_a_pattern_is_found_at_its_frequency_per_millimetre_whatever_the_resolution():
    """Two cycles a millimetre, scanned at 254 and at 508 dpi."""
    for dpi, size in ((254, 100), (508, 200)):
        across = (np.arange(size) + 0.5) / dpi * 25.4
        image = np.tile(0.5 + 0.4 * np.cos(2 * np.pi * 2.0 * across), (size, 1)).astype(np.float32)
        log = dct_magnitude_log(image[np.newaxis], floor=1e-3)[0]
        grid = FrequencyGrid((50, 50), nyquist_per_mm((254, 254)), "cycles per millimetre")
        averaged = onto_grid(log, nyquist_per_mm((dpi, dpi)), grid)
        averaged[0, 0] = -np.inf
        row, column = np.unravel_index(averaged.argmax(), averaged.shape)
        assert (grid.row_frequencies[row], grid.column_frequencies[column]) == pytest.approx(
            (0, 2.0), abs=0.06
        )


def test_noise_keeps_its_mean_on_the_grid_and_loses_variance_as_stated():
    rng = np.random.default_rng(2)
    images = np.clip(rng.normal(0.5, 0.1, (40, 96, 80)), 0, 1).astype(np.float32)
    grid = FrequencyGrid((32, 32))
    logs = np.stack([onto_grid(log, NYQUIST, grid) for log in dct_magnitude_log(images, floor=1e-3)])
    inner = logs[:, 1:, 1:]
    assert inner.mean() == pytest.approx(np.log(25.5) - 0.6352, abs=0.01)
    # 3 x 2.5 coefficients a cell: three whole ones down; across two whole and two quarters, or one and two of 3/4
    shares = (3 * (1 / 3) ** 2) * np.mean([2 * 0.4**2 + 2 * 0.1**2, 0.4**2 + 2 * 0.3**2])
    assert inner.var(axis=0, ddof=1).mean() == pytest.approx(np.pi**2 / 8 * shares, rel=0.06)


def test_dc_stays_in_its_own_cell():
    log = np.zeros((9, 9), np.float32)
    log[0, 0] = 100
    averaged = onto_grid(log, NYQUIST, FrequencyGrid((3, 3)))
    assert averaged[0, 0] == 100
    assert np.count_nonzero(averaged) == 1


@pytest.mark.parametrize("grid", [FrequencyGrid((10, 4)), FrequencyGrid((4, 4), (0.5, 0.6))])
def test_what_would_have_to_be_invented_is_refused(grid):
    with pytest.raises(ValueError, match="cannot fill"):
        onto_grid(np.zeros((9, 9), np.float32), NYQUIST, grid)


def test_no_image_has_no_grid():
    with pytest.raises(ValueError, match="no image"):
        common_grid([])


def test_the_density_of_pixels_is_one_and_that_of_dots_the_mean_of_both_directions():
    assert sampling_density(NYQUIST) == 1.0
    assert sampling_density(nyquist_per_mm((254.0, 254.0))) == pytest.approx(10.0)
    assert sampling_density(nyquist_per_mm((25.4 * 4, 25.4 * 9))) == pytest.approx(6.0)
