from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from sigforensics.gan.crops import choose_rows, draw_crops, load_drawings
from sigforensics.png import read_png
from sigforensics.preprocessing import paper_map
from sigforensics.settings import Graining

SIZE = 32
SETTINGS = Graining(side=8, crops=20, rows=3, seed=5)


def smear(edges: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Stands for the generator."""
    return (cv2.GaussianBlur(np.maximum(edges, mask // 2), (0, 0), 1.0) / 255).astype(np.float32)


@pytest.fixture
def rows(write_rows):
    return write_rows(3, size=SIZE)


@pytest.fixture
def drawings(rows, tmp_path):
    return load_drawings(tmp_path, rows, size=SIZE, draw=smear)


def test_a_drawing_holds_its_row_and_what_the_generator_makes_of_it(drawings, rows, tmp_path):
    for one, row in zip(drawings, rows, strict=True):
        edges, mask, target = (read_png(tmp_path / name) for name in (row.input, row.mask, row.target))
        for found, expected in ((one.edges, edges), (one.mask, mask), (one.target, target)):
            np.testing.assert_array_equal(found, expected)
        np.testing.assert_allclose(one.drawing, 2 * smear(edges, mask) - 1, atol=1e-3)
        np.testing.assert_allclose(one.paper, paper_map(target, edges), atol=1e-3)


def test_anchors_lie_within_two_pixels_of_an_edge(drawings):
    for one in drawings:
        places = np.argwhere(one.edges > 0)
        distances = (
            np.abs(np.indices((SIZE, SIZE))[:, None] - places.T[:, :, None, None]).max(axis=0).min(axis=0)
        )
        np.testing.assert_array_equal(one.near, np.flatnonzero(distances <= 2))


def test_the_sheet_is_the_rectangle_around_the_masks_ink(drawings):
    for one in drawings:
        rows, columns = np.nonzero(one.mask)
        assert one.sheet == (rows.min(), rows.max(), columns.min(), columns.max())


def test_every_row_is_reported(rows, tmp_path):
    told = []
    load_drawings(tmp_path, rows, size=SIZE, draw=smear, done=lambda: told.append(1))
    assert len(told) == 3


def test_seed_and_step_decide_the_crops(drawings):
    one, same = (draw_crops(drawings, settings=SETTINGS, step=4) for _ in range(2))
    for a, b in zip(one, same, strict=True):
        np.testing.assert_array_equal(a, b)
    for other in (
        draw_crops(drawings, settings=SETTINGS, step=5),
        draw_crops(drawings, settings=replace(SETTINGS, seed=6), step=4),
    ):
        assert (other[0] != one[0]).any(axis=(1, 2, 3)).mean() > 0.8


def test_crops_have_the_shapes_and_ranges_stated(drawings):
    conditions, targets = draw_crops(drawings, settings=SETTINGS, step=0)
    assert (conditions.shape, targets.shape) == ((20, 8, 8, 4), (20, 8, 8, 1))
    assert conditions.dtype == targets.dtype == np.float32
    assert -1 <= conditions[..., :3].min() < 0 < conditions[..., :3].max() <= 1
    assert 0 <= conditions[..., 3].min() <= conditions[..., 3].max() <= 1
    assert targets.min() == 0
    assert 120 <= targets.max() <= 255


def numbered(drawings):
    """Drawings whose mask and target say where each pixel is: its row and its column; and which one it is, as the paper."""
    down, across = np.indices((SIZE, SIZE)).astype(np.uint8)
    return [
        replace(one, mask=down, target=across, paper=np.full((SIZE, SIZE), n / 4, np.float16))
        for n, one in enumerate(drawings)
    ]


def places_of(crops) -> list[tuple[int, int, int]]:
    """Of numbered drawings: which one, top and left of each crop."""
    conditions, targets = crops
    tops = np.rint(127.5 * (conditions[:, 0, 0, 2] + 1))
    return [
        (round(4 * float(paper)), int(top), int(left))
        for paper, top, left in zip(conditions[:, 0, 0, 3], tops, targets[:, 0, 0, 0], strict=True)
    ]


def test_a_crop_is_cut_from_all_pictures_of_a_row_at_one_place(drawings):
    places = places_of(draw_crops(numbered(drawings), settings=SETTINGS, step=2))
    conditions, targets = draw_crops(drawings, settings=SETTINGS, step=2)
    assert {number for number, _, _ in places} == {0, 1, 2}
    for (number, top, left), found, target in zip(places, conditions, targets, strict=True):
        one, part = drawings[number], (slice(top, top + 8), slice(left, left + 8))
        np.testing.assert_array_equal(found[..., 0], one.drawing[part].astype(np.float32))
        np.testing.assert_allclose(found[..., 1], one.edges[part] / 127.5 - 1, atol=1e-6)
        np.testing.assert_allclose(found[..., 2], one.mask[part] / 127.5 - 1, atol=1e-6)
        np.testing.assert_array_equal(found[..., 3], one.paper[part].astype(np.float32))
        np.testing.assert_array_equal(target[..., 0], one.target[part])


def test_where_crops_lie_never_depends_on_the_true_image(drawings):
    rng = np.random.default_rng(0)
    others = [replace(one, target=rng.integers(0, 256, (SIZE, SIZE)).astype(np.uint8)) for one in drawings]
    for step in range(5):
        before, after = (draw_crops(some, settings=SETTINGS, step=step) for some in (drawings, others))
        np.testing.assert_array_equal(before[0], after[0])
        assert (before[1] != after[1]).any()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_as_many_crops_as_asked_hold_an_edge_and_the_others_lie_on_the_sheet(drawings, share):
    one = numbered(drawings)[0]
    one = replace(one, near=np.array([20 * SIZE + 21]), sheet=(0, 3, 0, 3))
    settings = replace(SETTINGS, stroke_share=share, crops=60)
    places = places_of(draw_crops([one], settings=settings, step=0))
    holds = [top <= 20 < top + 8 and left <= 21 < left + 8 for _, top, left in places]
    assert np.mean(holds) == share
    if share:
        assert {top for _, top, _ in places} == set(range(13, 21))  # the edge lies anywhere in them
    else:
        assert {(top, left) for _, top, left in places} <= {(y, x) for y in range(4) for x in range(4)}


def test_a_row_without_edges_and_a_mask_without_ink_are_cropped_anywhere(drawings):
    empty = np.zeros((SIZE, SIZE), np.uint8)
    from sigforensics.gan.crops import _drawing

    blank = _drawing(np.full((SIZE, SIZE), -1, np.float32), empty, empty, empty)
    assert blank.sheet == (0, 31, 0, 31)
    conditions, targets = draw_crops([blank], settings=SETTINGS, step=0)
    assert (conditions[..., :3] == -1).all()
    assert not targets.any()


def test_a_crop_as_large_as_the_image_is_the_image(drawings):
    settings = replace(SETTINGS, side=SIZE, crops=2)
    _, targets = draw_crops(drawings[:1], settings=settings, step=0)
    np.testing.assert_array_equal(targets[1, ..., 0], drawings[0].target)


def test_rows_are_drawn_with_the_seed_and_keep_their_order(rows):
    many = [replace(rows[0], sample=str(number)) for number in range(50)]
    chosen = choose_rows(many, settings=replace(SETTINGS, rows=20))
    numbers = [int(row.sample) for row in chosen]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 20
    assert chosen == choose_rows(many, settings=replace(SETTINGS, rows=20))
    assert chosen != choose_rows(many, settings=replace(SETTINGS, rows=20, seed=6))
    assert choose_rows(many, settings=replace(SETTINGS, rows=50)) == many
