from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigforensics.errors import ImageTooSmall, SizesDiffer, TooFewImages
from sigforensics.settings import Peaks
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra import (
    NYQUIST,
    PROFILES,
    FrequencyGrid,
    SpectrumAccumulator,
    dct_coefficients,
    dct_magnitude_log,
    line_bands,
    onto_grid,
    peak_excess,
    radial_bands,
)

SETTINGS = SpectrumSettings(bands=6, batch=4)
IMAGES = np.random.default_rng(7).random((11, 40, 28), dtype=np.float32)


def accumulate(images: np.ndarray, batch: int = 4) -> SpectrumAccumulator:
    accumulator = SpectrumAccumulator(settings=SpectrumSettings(bands=6, batch=batch))
    accumulator.update(images)
    return accumulator


def assert_same(one, other, *, sort_features: bool = False) -> None:
    assert one.n == other.n
    names = ("mean_of_log", "variance_of_log", "mean_image", "log_of_mean")
    for name in names:
        if getattr(one, name) is None:
            assert getattr(other, name) is None
            continue
        np.testing.assert_allclose(
            getattr(one, name), getattr(other, name), rtol=1e-10, atol=1e-10, err_msg=name
        )
    for kind in PROFILES:
        features = [it.profile_features(kind) for it in (one, other)]
        if sort_features:
            features = [np.array(sorted(map(tuple, rows))) for rows in features]
        np.testing.assert_array_equal(*features)


def test_statistics_are_those_of_the_whole_stack():
    result = accumulate(IMAGES).result()
    logs = dct_magnitude_log(IMAGES, floor=SETTINGS.floor).astype(np.float64)
    assert result.n == 11
    assert result.shape == (40, 28)
    np.testing.assert_allclose(result.mean_of_log, logs.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(result.variance_of_log, logs.var(axis=0, ddof=1), rtol=1e-10)
    np.testing.assert_allclose(result.standard_error, logs.std(axis=0, ddof=1) / np.sqrt(11), rtol=1e-10)
    signed = dct_coefficients(IMAGES).astype(np.float64).mean(axis=0)
    np.testing.assert_allclose(result.log_of_mean, np.log(np.abs(signed) + SETTINGS.floor), atol=2e-3)
    bands = radial_bands(40, 28, 6)
    np.testing.assert_array_equal(result.band_features, [bands.means(log) for log in logs.astype(np.float32)])


@settings(deadline=None, max_examples=40)
@given(st.permutations(range(11)), st.lists(st.integers(0, 11), max_size=4), st.integers(1, 12))
def test_order_and_cuts_do_not_change_the_result(order, cuts, batch):
    accumulator = SpectrumAccumulator(settings=SpectrumSettings(bands=6, batch=batch))
    for part in np.split(IMAGES[list(order)], sorted(cuts)):
        accumulator.update(part)
    assert accumulator.n == 11
    assert_same(accumulator.result(), accumulate(IMAGES).result(), sort_features=True)


@settings(deadline=None, max_examples=40)
@given(st.permutations(range(11)), st.integers(0, 11), st.integers(0, 11))
def test_merging_is_associative_and_commutative(order, first, second):
    first, second = sorted((first, second))
    parts = np.split(IMAGES[list(order)], [first, second])
    left, middle, right = (accumulate(part) for part in parts)
    middle.merge(right)
    left.merge(middle)
    backwards = accumulate(parts[2])
    backwards.merge(accumulate(parts[1]))
    backwards.merge(accumulate(parts[0]))
    assert left.n == backwards.n == 11
    for merged in (left, backwards):
        assert_same(merged.result(), accumulate(IMAGES).result(), sort_features=True)


def test_images_of_any_memory_layout_are_read_and_left_alone():
    images = IMAGES.copy()
    images.flags.writeable = False
    expected = accumulate(IMAGES[::-1, ::-1]).result()
    assert_same(accumulate(images[::-1, ::-1]).result(), expected)
    np.testing.assert_array_equal(images, IMAGES)


def test_merging_leaves_the_other_as_it_was():
    one, other = accumulate(IMAGES[:5]), accumulate(IMAGES[5:])
    before = other.result()
    one.merge(other)
    one.update(IMAGES[:2])
    assert_same(other.result(), before)


def test_a_result_does_not_change_when_more_images_come():
    accumulator = accumulate(IMAGES[:5])
    result = accumulator.result()
    mean, features = result.mean_of_log.copy(), result.band_features.copy()
    accumulator.update(IMAGES[5:])
    np.testing.assert_array_equal(result.mean_of_log, mean)
    np.testing.assert_array_equal(result.band_features, features)


def test_a_cleared_accumulator_is_as_good_as_new():
    used = SpectrumAccumulator(settings=SpectrumSettings(bands=6, batch=3))
    used.update(IMAGES)
    used.clear()
    assert used.n == 0
    with pytest.raises(TooFewImages):
        used.result()
    used.update(IMAGES[:5])
    assert_same(used.result(), accumulate(IMAGES[:5]).result())


def test_band_features_keep_the_order_of_the_images():
    features = accumulate(IMAGES).result().band_features
    np.testing.assert_array_equal(accumulate(IMAGES[::-1]).result().band_features, features[::-1])


def test_equal_images_have_no_variance_but_for_rounding():
    result = accumulate(np.repeat(IMAGES[:1], 9, axis=0)).result()
    assert result.variance_of_log.max() < 1e-12


def test_white_noise_follows_the_noise_law_over_the_set():
    rng = np.random.default_rng(3)
    images = np.clip(rng.normal(0.5, 0.1, (60, 32, 32)), 0, 1).astype(np.float32)
    result = accumulate(images).result()
    assert result.mean_of_log.ravel()[1:].mean() == pytest.approx(np.log(25.5) - 0.6352, abs=0.02)
    assert result.variance_of_log.ravel()[1:].mean() == pytest.approx(np.pi**2 / 8, rel=0.05)
    profile = result.profile("radial")
    assert np.abs(profile.mean - (np.log(25.5) - 0.6352)).max() < 5 * profile.standard_error.max()


def test_the_two_statistics_differ_where_signs_cancel():
    images = np.random.default_rng(4).random((200, 16, 16), dtype=np.float32)
    accumulator = SpectrumAccumulator(settings=SpectrumSettings(bands=4))
    accumulator.update(images)
    result = accumulator.result()
    difference = (result.mean_of_log - result.log_of_mean).ravel()[1:].mean()
    # ln sqrt(200) apart, as both are ln of a Gaussian less the same constant
    assert difference == pytest.approx(0.5 * np.log(200), abs=0.25)


def test_a_single_image_has_a_mean_but_no_variance():
    result = accumulate(IMAGES[:1]).result()
    assert np.isfinite(result.mean_of_log).all()
    assert np.isnan(result.variance_of_log).all()
    assert np.isnan(result.standard_error).all()
    assert np.isnan(result.profile("radial").standard_error).all()


def test_the_profile_is_the_mean_of_the_band_features_with_its_standard_error():
    result = accumulate(IMAGES).result()
    profile = result.profile("radial")
    assert profile.n == 11
    np.testing.assert_allclose(profile.frequencies, (np.arange(6) + 0.5) / 6 * np.sqrt(0.5))
    np.testing.assert_allclose(profile.mean, result.band_features.mean(axis=0))
    np.testing.assert_allclose(
        profile.standard_error, result.band_features.std(axis=0, ddof=1) / np.sqrt(11), rtol=1e-12
    )


def test_another_size_is_refused_and_leaves_the_statistics_alone():
    accumulator = accumulate(IMAGES)
    with pytest.raises(SizesDiffer, match=r"b\.png: 40 x 28 pixels where the images before have 28 x 40"):
        accumulator.update(np.zeros((1, 28, 40), np.float32), where="b.png")
    assert_same(accumulator.result(), accumulate(IMAGES).result())


def test_merging_another_size_is_refused():
    other = accumulate(np.zeros((1, 28, 40), np.float32))
    with pytest.raises(SizesDiffer):
        accumulate(IMAGES).merge(other)


def test_merging_another_floor_is_refused():
    other = SpectrumAccumulator(settings=SpectrumSettings(floor=1.0, bands=6))
    with pytest.raises(ValueError, match="floors"):
        accumulate(IMAGES).merge(other)


def test_no_image_gives_no_spectrum():
    accumulator = SpectrumAccumulator(settings=SETTINGS)
    accumulator.update(np.empty((0, 40, 28), np.float32))
    accumulator.merge(SpectrumAccumulator(settings=SETTINGS))
    assert accumulator.n == 0
    assert accumulator.shape is None
    with pytest.raises(TooFewImages, match="set A"):
        accumulator.result(where="set A")


def test_an_image_too_small_for_the_bands_is_refused():
    with pytest.raises(ImageTooSmall):
        SpectrumAccumulator(settings=SpectrumSettings(bands=32)).update(np.zeros((1, 8, 8), np.float32))


MIXED = [
    np.random.default_rng(number).random((1, *shape)).astype(np.float32)
    for number, shape in enumerate([(40, 60), (50, 48), (40, 48), (71, 50), (40, 60), (64, 48)])
]
GRID = FrequencyGrid((40, 48))


def mixed(images, *, grid=GRID):
    accumulator = SpectrumAccumulator(settings=SETTINGS, grid=grid)
    for image in images:
        accumulator.update(image)
    return accumulator


def test_images_of_different_sizes_are_averaged_on_the_grid_and_keep_their_own_features():
    result = mixed(MIXED).result()
    logs = [dct_magnitude_log(image, floor=SETTINGS.floor)[0] for image in MIXED]
    gridded = np.stack([onto_grid(log, NYQUIST, GRID) for log in logs]).astype(np.float64)
    np.testing.assert_allclose(result.mean_of_log, gridded.mean(axis=0), rtol=1e-10)
    np.testing.assert_allclose(result.variance_of_log, gridded.var(axis=0, ddof=1), rtol=1e-9)
    np.testing.assert_array_equal(
        result.band_features, [radial_bands(*log.shape, 6).means(log) for log in logs]
    )
    lines = [line_bands(*log.shape, 6, half_width=1 / 32).means(log) for log in logs]
    np.testing.assert_array_equal(result.line_features, lines)
    for place, kind in enumerate(PROFILES[1:]):
        own = np.array(lines, float)[:, place]
        profile = result.profile(kind)
        np.testing.assert_allclose(profile.mean, own.mean(axis=0))
        np.testing.assert_allclose(profile.standard_error, own.std(axis=0, ddof=1) / len(own) ** 0.5)
    assert (result.mean_image, result.log_of_mean) == (None, None)


def test_peaks_are_kept_of_every_image_that_is_large_enough():
    images = [np.random.default_rng(9).random((1, 64, 70)).astype(np.float32), MIXED[0]]
    values = mixed(images).result().peak_excess
    log = dct_magnitude_log(images[0], floor=SETTINGS.floor)[0]
    np.testing.assert_allclose(values[0], peak_excess(*log.shape, Peaks()).of(log))
    assert np.isnan(values[1]).all()


@settings(deadline=None, max_examples=20)
@given(st.permutations(range(6)), st.integers(0, 6), st.integers(0, 6))
def test_mixed_sizes_merge_in_any_order_and_parts(order, first, second):
    first, second = sorted((first, second))
    parts = [
        [MIXED[i] for i in order[part]] for part in (slice(first), slice(first, second), slice(second, None))
    ]
    total = mixed([])
    for part in parts:
        total.merge(mixed(part))
    assert_same(total.result(), mixed(MIXED).result(), sort_features=True)


def test_images_of_one_size_have_a_signed_mean_on_a_coarser_grid_too():
    images = [IMAGES[:4], IMAGES[4:]]
    grid = FrequencyGrid((20, 14))
    whole = mixed(images, grid=grid).result()
    own = accumulate(IMAGES).result()
    np.testing.assert_allclose(whole.log_of_mean, onto_grid(own.log_of_mean, NYQUIST, grid))
    parts = mixed(images[:1], grid=grid)
    parts.merge(mixed(images[1:], grid=grid))
    assert_same(parts.result(), whole)


def test_a_cleared_accumulator_takes_other_sizes_and_knows_of_no_others():
    used = mixed(MIXED)
    used.clear()
    for image in (MIXED[0], MIXED[4]):
        used.update(image)
    assert_same(used.result(), mixed([MIXED[0], MIXED[4]]).result())
    assert used.result().mean_image.shape == (40, 60)


def test_an_image_coarser_than_the_grid_is_refused():
    with pytest.raises(SizesDiffer, match="a: 60 x 39 pixels are too few for a grid of 48 x 40 frequencies"):
        mixed(MIXED).update(np.zeros((1, 39, 60), np.float32), where="a")


def test_accumulators_of_different_peaks_are_not_merged():
    other = SpectrumAccumulator(settings=SpectrumSettings(bands=6, peaks=Peaks(periods=(3,))))
    with pytest.raises(ValueError, match="peaks"):
        accumulate(IMAGES).merge(other)


def picture(waves: np.ndarray, dots_per_mm: tuple[int, int]) -> np.ndarray:
    """A picture of 8 x 8 mm, a sum of cosines, sampled at the middles of pixels: float32, shape (1, height, width)."""
    axes = []
    for dots, count in zip(dots_per_mm, waves.shape, strict=True):
        millimetres = (np.arange(8 * dots) + 0.5) / dots
        axes.append(np.cos(np.pi * np.arange(count)[:, None] * millimetres / 8))
    return (0.5 + axes[0].T @ waves @ axes[1])[np.newaxis].astype(np.float32)


@pytest.mark.parametrize("dots_per_mm", [(16, 16), (24, 12), (9, 20)])
def test_one_picture_at_two_resolutions_has_one_spectrum_per_millimetre(dots_per_mm):
    waves = np.random.default_rng(3).normal(scale=0.001, size=(2, 64, 64))
    grid = FrequencyGrid((64, 64), (4.0, 4.0), "cycles per millimetre")

    def of(dots):
        accumulator = SpectrumAccumulator(settings=SETTINGS, grid=grid)
        for one in waves:
            accumulator.update(picture(one, dots), nyquist=(dots[0] / 2, dots[1] / 2))
        return accumulator.result()

    coarse, fine = of((8, 8)), of(dots_per_mm)
    np.testing.assert_allclose(fine.band_features, coarse.band_features, atol=2e-4)
    np.testing.assert_allclose(fine.line_features, coarse.line_features, atol=2e-3)
    np.testing.assert_allclose(fine.mean_of_log, coarse.mean_of_log, atol=0.02)
    np.testing.assert_allclose(fine.log_of_mean, coarse.log_of_mean, atol=0.02)
