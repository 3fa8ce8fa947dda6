from __future__ import annotations

from collections import deque
from dataclasses import asdict, replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sigforensics.errors import PaperTooDark, SizesDiffer, SpecimensMissing, TableInvalid
from sigforensics.preprocessing import (
    check_paper,
    dark_ink,
    ink_to_target,
    pad_to_square,
    paper_map,
    preprocessing_of,
    resize_square,
    target_to_edges,
    target_to_ink,
    targets_to_mask,
    threshold,
)
from sigforensics.settings import Paper, Preprocessing

SETTINGS = Preprocessing()
inks = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.floats(0, 1, width=32)
)


@given(inks)
def test_padding_centres_the_image_on_paper_for_any_parity(ink):
    square = pad_to_square(ink)
    height, width = ink.shape
    side = max(height, width)
    assert square.shape == (side, side)
    top, left = (side - height) // 2, (side - width) // 2
    assert np.array_equal(square[top : top + height, left : left + width], ink)
    assert np.count_nonzero(square) == np.count_nonzero(ink)
    below, right = side - height - top, side - width - left
    assert 0 <= below - top <= 1
    assert 0 <= right - left <= 1


@pytest.mark.parametrize(("height", "width"), [(2, 5), (5, 2), (3, 6), (6, 3), (4, 7), (7, 7), (1, 8)])
def test_padding_loses_no_ink(height, width):
    assert pad_to_square(np.ones((height, width), np.float32)).sum() == height * width


@pytest.mark.parametrize("factor", [2, 3, 5])
def test_shrinking_by_a_whole_factor_is_the_mean_of_blocks(factor):
    image = np.random.default_rng(0).random((16 * factor, 16 * factor), dtype=np.float32)
    blocks = [
        [image[i * factor : (i + 1) * factor, j * factor : (j + 1) * factor].mean() for j in range(16)]
        for i in range(16)
    ]
    np.testing.assert_allclose(resize_square(image, size=16, resampling="area"), blocks, atol=1e-6)


def area_weights(old, new):
    """How much of each old pixel lies in each new one, as a matrix (new, old) whose rows sum to 1."""
    step = old / new
    weights = np.zeros((new, old))
    for i in range(new):
        for j in range(old):
            weights[i, j] = max(0.0, min((i + 1) * step, j + 1) - max(i * step, j))
    return weights / step


@pytest.mark.parametrize("old", [17, 23, 40])
def test_shrinking_by_any_factor_is_the_mean_of_the_areas(old):
    image = np.random.default_rng(old).random((old, old), dtype=np.float32)
    weights = area_weights(old, 16)
    expected = weights @ image @ weights.T
    np.testing.assert_allclose(resize_square(image, size=16, resampling="area"), expected, atol=1e-5)


def test_shrinking_does_not_alias_by_area_and_does_bilinearly():
    stripes = np.tile(np.array([1, 0, 0, 0], np.float32), (64, 16))
    assert resize_square(stripes, size=16, resampling="area").std() < 1e-6
    wider = np.tile(np.array([1, 0, 0], np.float32), (96, 32))
    assert resize_square(wider, size=40, resampling="bilinear").std() > 0.1


@given(hnp.arrays(np.float32, (7, 7), elements=st.floats(0, 1, width=32)), st.integers(1, 20))
def test_resizing_stays_within_the_range_of_the_image(square, size):
    for resampling in ("area", "bilinear"):
        resized = resize_square(square, size=size, resampling=resampling)
        assert resized.shape == (size, size)
        assert resized.dtype == np.float32
        assert square.min() - 1e-6 <= resized.min()
        assert resized.max() <= square.max() + 1e-6
        assert 0 <= resized.min() <= resized.max() <= 1


def test_an_image_of_the_right_size_is_copied_not_shared():
    square = np.random.default_rng(0).random((8, 8), dtype=np.float32)
    resized = resize_square(square, size=8, resampling="area")
    assert np.array_equal(resized, square)
    assert not np.shares_memory(resized, square)


@given(hnp.arrays(np.uint8, (5, 6)), st.integers(0, 255))
def test_the_threshold_clears_what_is_below_and_once_is_enough(image, level):
    cleared = threshold(image, level=level)
    assert cleared.dtype == np.uint8
    assert np.array_equal(cleared == 0, (image < level) | (image == 0))
    assert np.array_equal(cleared[cleared > 0], image[cleared > 0])
    assert np.array_equal(threshold(cleared, level=level), cleared)


def test_a_target_is_square_in_bytes_with_its_paper_cleared():
    ink = np.full((120, 301), 0.06, np.float32)  # paper of CEDAR: 16 of 255
    ink[40:80, 100:200] = 0.9
    target = ink_to_target(ink, settings=replace(SETTINGS, size=64))
    assert (target.shape, target.dtype) == ((64, 64), np.uint8)
    assert set(np.unique(target)) <= {0, *range(25, 256)}
    rows, columns = np.nonzero(target)
    # the ink covers 40 to 80 of 120 rows, centred in 301, and 100 to 200 of 301 columns
    assert (rows.min(), rows.max()) == (int((90 + 40) / 301 * 64), int((90 + 80) / 301 * 64))
    assert (columns.min(), columns.max()) == (int(100 / 301 * 64), int(200 / 301 * 64))
    assert target.max() == 230  # 0.9 of 255, rounded half to even


def test_the_threshold_of_the_settings_is_used():
    ink = np.full((16, 16), 0.2, np.float32)
    assert ink_to_target(ink, settings=Preprocessing(size=16, threshold=51)).min() == 51
    assert ink_to_target(ink, settings=Preprocessing(size=16, threshold=52)).max() == 0


def test_paper_that_the_threshold_would_leave_is_refused():
    ink = np.full((20, 20), 0.05, np.float32)
    ink[:9] = 0.9  # less than half is ink
    check_paper(ink, where="a.png")
    dark = np.maximum(ink, np.float32(30 / 255))
    with pytest.raises(
        PaperTooDark, match=r"a\.png: the paper has ink value 30 of 255, and the threshold is 25"
    ):
        check_paper(dark, where="a.png")
    check_paper(dark, where="a.png", settings=Preprocessing(threshold=40))


# --- edges ----------------------------------------------------------------------------------------------------------


def kernel_of(size, sigma):
    """The weights that OpenCV blurs 8-bit images with, from an impulse."""
    impulse = np.zeros((9, 9), np.uint8)
    impulse[4, 4] = 255
    return cv2.GaussianBlur(impulse, (size, size), sigma, borderType=cv2.BORDER_REFLECT_101)[3:6, 3:6] / 255


def test_the_blur_before_the_edges_is_a_gaussian_of_sigma_0_8():
    weights = np.exp(-0.5 * (np.arange(-1, 2) / SETTINGS.blur_sigma) ** 2)
    weights /= weights.sum()
    np.testing.assert_allclose(weights, [0.2390, 0.5220, 0.2390], atol=1e-4)
    found = kernel_of(SETTINGS.blur_size, SETTINGS.blur_sigma)
    np.testing.assert_allclose(found, np.outer(weights, weights), atol=1 / 255)


def test_without_a_sigma_opencv_takes_a_table_instead_of_its_rule():
    sigma = 1 / np.sqrt(2 * np.log(2))  # 0.849, at which the weights are 1 : 2 : 1
    assert np.array_equal(kernel_of(3, 0), kernel_of(3, sigma))
    np.testing.assert_allclose(kernel_of(3, 0), np.outer([1, 2, 1], [1, 2, 1]) / 16, atol=0.5 / 255)


def sobel(image):
    """Gradients across and down by 3 x 3 kernels, the border replicated."""
    height, width = image.shape
    padded = np.pad(image.astype(int), 1, mode="edge")
    across, down = np.zeros((height, width), int), np.zeros((height, width), int)
    for i in range(3):
        for j in range(3):
            window = padded[i : i + height, j : j + width]
            across += (j - 1) * (2 - abs(i - 1)) * window
            down += (i - 1) * (2 - abs(j - 1)) * window
    return across, down


def is_ridge(magnitude, across, down, y, x):
    """Whether the gradient at (y, x) is the largest of three along its direction, one of four, divided at 22.5 degrees.

    As in OpenCV: it must exceed one of its neighbours, and exceed or equal the other; along a diagonal exceed both.
    """
    here = magnitude[y + 1, x + 1]  # magnitudes have a border of zeros
    tangent = np.tan(np.radians(22.5))
    if abs(down) < tangent * abs(across):
        return here > magnitude[y + 1, x] and here >= magnitude[y + 1, x + 2]
    if abs(down) * tangent > abs(across):
        return here > magnitude[y, x + 1] and here >= magnitude[y + 2, x + 1]
    step = -1 if (across < 0) != (down < 0) else 1
    return here > magnitude[y, x + 1 - step] and here > magnitude[y + 2, x + 1 + step]


def grow(strong, weak):
    """Strong places, and the weak ones that are connected to them."""
    edges, queue = strong.copy(), deque(zip(*np.nonzero(strong), strict=True))
    while queue:
        y, x = queue.popleft()
        around = slice(max(y - 1, 0), y + 2), slice(max(x - 1, 0), x + 2)
        new = weak[around] & ~edges[around]
        edges[around] |= new
        queue.extend(
            (y0 + around[0].start, x0 + around[1].start) for y0, x0 in zip(*np.nonzero(new), strict=True)
        )
    return edges


def slow_canny(image, low, high):
    """Canny's edges by loops: Sobel 3 x 3, |gx| + |gy|, ridges, hysteresis."""
    across, down = sobel(image)
    magnitude = np.pad(np.abs(across) + np.abs(down), 1)
    ridge = np.array(
        [
            [is_ridge(magnitude, across[y, x], down[y, x], y, x) for x in range(image.shape[1])]
            for y in range(image.shape[0])
        ]
    )
    strength = magnitude[1:-1, 1:-1]
    edges = grow(ridge & (strength > high), ridge & (strength > low))
    return edges.astype(np.uint8) * 255


@pytest.mark.parametrize("seed", range(6))
def test_edges_are_cannys_by_an_independent_implementation(seed):
    rng = np.random.default_rng(seed)
    smooth = cv2.GaussianBlur(rng.normal(0, 1, (60, 71)), (0, 0), 1 + seed % 3)
    image = np.clip(127 + 110 * smooth / smooth.std(), 0, 255).astype(np.uint8)
    blurred = cv2.GaussianBlur(image, (3, 3), 0.8, borderType=cv2.BORDER_REFLECT_101)
    expected = slow_canny(blurred, 100, 200)
    assert 100 < (expected > 0).sum() < expected.size / 2
    assert np.array_equal(target_to_edges(image), expected)


def test_thresholds_between_weak_and_strong_edges_follow_hysteresis():
    image = np.zeros((40, 40), np.uint8)
    image[:, 20:] = 45  # a step of 45 has a Sobel magnitude of 180 before the blur
    weak = target_to_edges(image, settings=Preprocessing(canny_low=90, canny_high=200))
    assert not weak.any()
    image[10, 20:] = 90  # one strong place carries the whole of the connected weak edge
    carried = target_to_edges(image, settings=Preprocessing(canny_low=90, canny_high=200))
    assert carried[:, 18:22].any(axis=1).all()
    assert not target_to_edges(image, settings=Preprocessing(canny_low=250, canny_high=2000)).any()


def test_edges_are_255_on_0_and_a_blank_target_has_none():
    target = np.zeros((64, 64), np.uint8)
    assert not target_to_edges(target).any()
    target[20:40, 20:40] = 200
    edges = target_to_edges(target)
    assert set(np.unique(edges)) == {0, 255}
    assert edges.dtype == np.uint8
    assert target[20:40, 20:40].min() == 200


# --- paper ----------------------------------------------------------------------------------------------------------


def slow_paper_map(target, edges, reach, sigma):
    """The normalised convolution by loops, the Gaussian cut off where OpenCV cuts it, the image mirrored at its border."""
    height, width = target.shape
    paper = np.ones((height, width))
    for y, x in np.argwhere(edges > 0):
        paper[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1] = 0
    size = int(np.rint(sigma * 4 * 2 + 1)) | 1  # of float images: 4 sigma a side
    weights = np.exp(-0.5 * ((np.arange(size) - size // 2) / sigma) ** 2)
    weights = np.outer(weights, weights) / weights.sum() ** 2

    def blur(image):
        padded = np.pad(image, size // 2, mode="reflect")
        return np.array(
            [
                [(padded[y : y + size, x : x + size] * weights).sum() for x in range(width)]
                for y in range(height)
            ]
        )

    share = blur(paper * (target > 0)) / (blur(paper) + 0.02)
    return np.sqrt(share.clip(0, 1))


def specked(seed, size=64):
    """Specks on paper, and one thick stroke with its edges."""
    rng = np.random.default_rng(seed)
    target = np.where(rng.random((size, size)) < 0.1, 60, 0).astype(np.uint8)
    target[size // 2 - 3 : size // 2 + 3, size // 4 : -size // 4] = 200
    return target, target_to_edges(np.where(target == 200, target, 0).astype(np.uint8))


def test_the_map_of_paper_is_that_of_loops():
    target, edges = specked(1)
    found = paper_map(target, edges, settings=Paper(reach=16, sigma=24.0))  # at 64 pixels 2 and 3
    assert (found.shape, found.dtype) == ((64, 64), np.float32)
    np.testing.assert_allclose(found, slow_paper_map(target, edges, 2, 3.0), atol=1e-4)


def test_the_map_gives_the_root_of_the_share_of_specks():
    rng = np.random.default_rng(0)
    no_edges = np.zeros((512, 512), np.uint8)
    for share in (0.01, 0.2):
        target = np.where(rng.random((512, 512)) < share, 30, 0).astype(np.uint8)
        assert (paper_map(target, no_edges) ** 2).mean() == pytest.approx(share / 1.02, rel=0.05)


def test_ink_at_edges_is_no_speck():
    target, edges = np.zeros((512, 512), np.uint8), np.zeros((512, 512), np.uint8)
    edges[100, 100:200] = 255
    target[94:107, 94:206] = 200  # no farther from an edge than 6 pixels
    assert not paper_map(target, edges).any()
    target[93, 100] = 200
    assert paper_map(target, edges).any()


def test_where_all_is_stroke_the_map_is_zero():
    full = np.full((64, 64), 255, np.uint8)
    assert not paper_map(full, full).any()


@given(hnp.arrays(np.uint8, (16, 16)), hnp.arrays(np.uint8, (16, 16), elements=st.sampled_from([0, 255])))
def test_the_map_lies_between_0_and_1_whatever_the_images(target, edges):
    found = paper_map(target, edges)
    assert 0 <= found.min() <= found.max() <= 1


# --- masks ----------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(hnp.arrays(np.uint8, (4, 5)), min_size=1, max_size=9))
def test_the_mask_is_the_mean(targets):
    mask = targets_to_mask(iter(targets))
    assert mask.dtype == np.uint8
    assert np.array_equal(mask, np.rint(np.mean(targets, axis=0, dtype=np.float64)))


def test_the_mask_of_one_is_that_one_and_many_do_not_overflow():
    one = np.random.default_rng(0).integers(0, 256, (6, 6)).astype(np.uint8)
    assert np.array_equal(targets_to_mask([one]), one)
    assert np.array_equal(targets_to_mask([one] * 1000), one)


def test_no_signature_gives_no_mask():
    with pytest.raises(SpecimensMissing, match="writer 7: no signature to average into the mask"):
        targets_to_mask([], writer="writer 7")


def test_targets_of_different_sizes_are_not_averaged():
    with pytest.raises(SizesDiffer, match=r"writer 7: targets of \(4, 4\) and of \(1, 4\) pixels"):
        targets_to_mask([np.zeros((4, 4), np.uint8), np.zeros((1, 4), np.uint8)], writer="writer 7")


# --- records --------------------------------------------------------------------------------------------------------


def test_the_settings_come_back_from_a_record():
    chosen = Preprocessing(size=256, threshold=30, resampling="bilinear")
    record = {"settings": {"prepare": {"preprocessing": asdict(chosen)}}}
    assert preprocessing_of(record, where="data") == chosen


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"settings": {}},
        {"settings": {"prepare": {}}},
        {"settings": None},
        {"settings": {"prepare": {"preprocessing": {"colour": 1}}}},
    ],
)
def test_the_record_of_another_command_is_refused(record):
    with pytest.raises(
        TableInvalid, match="data: has no record of 'sigforensics prepare'; prepare the corpus again"
    ):
        preprocessing_of(record, where="data")


@pytest.mark.parametrize(
    "change", [pad_to_square, lambda ink: ink_to_target(ink, settings=Preprocessing(size=6))]
)
def test_arguments_are_left_alone(change):
    ink = np.random.default_rng(0).random((6, 6), dtype=np.float32)
    ink.flags.writeable = False
    before = ink.copy()
    change(ink)
    assert np.array_equal(ink, before)


@pytest.mark.parametrize("shape", [(64, 64), (64, 41), (30, 64), (33, 64), (7, 64)])
def test_a_target_goes_back_to_the_ink_it_was_made_from_where_nothing_was_resized(shape):
    ink = np.random.default_rng(0).integers(25, 256, shape).astype(np.float32) / 255
    small = Preprocessing(size=64)
    back = target_to_ink(ink_to_target(ink, settings=small), shape, settings=small)
    np.testing.assert_allclose(back, ink, atol=1e-6)


@pytest.mark.parametrize("shape", [(300, 170), (171, 300), (20, 33), (33, 20)])
def test_a_planted_bar_comes_back_where_it_stood_at_any_scale(shape):
    """Within the softness of averaging and of bicubic interpolation: three pixels of the target."""
    small = Preprocessing(size=64)
    height, width = shape
    ink = np.zeros(shape, np.float32)
    ink[height // 4 : height // 2, width // 3 : 2 * width // 3] = 0.8
    back = target_to_ink(ink_to_target(ink, settings=small), shape, settings=small)
    assert back.shape == shape
    assert back.dtype == np.float32
    for axis in (0, 1):
        centre, found = (
            np.average(np.arange(shape[axis]), weights=image.sum(axis=1 - axis)) for image in (ink, back)
        )
        assert found == pytest.approx(centre, abs=0.02 * max(shape) / 64 + 0.02)
    softness = int(np.ceil(3 * max(1, max(shape) / 64)))
    inner = cv2.erode(ink, np.ones((2 * softness + 1,) * 2))
    outer = cv2.dilate(ink, np.ones((2 * softness + 1,) * 2))
    np.testing.assert_allclose(back[inner > 0], 0.8, atol=0.08)
    assert not back[outer == 0].any()


def test_dark_ink_is_the_mean_of_the_pixels_from_100_on():
    target = np.array([[0, 30, 99, 100], [0, 0, 200, 150]], np.uint8)
    assert dark_ink(target, dark=100) == pytest.approx(150 / 255)
    assert dark_ink(np.full((4, 4), 99, np.uint8), dark=100) == 0
