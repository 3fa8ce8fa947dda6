from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from sigforensics.errors import FileUnreadable, TableInvalid
from sigforensics.gan import rows as module
from sigforensics.gan.rows import epoch_order, erase_stroke, load_row, step_batches
from sigforensics.gan.varying import vary_row
from sigforensics.images import bytes_to_unit
from sigforensics.png import read_png, write_png
from sigforensics.preprocessing import target_to_edges
from sigforensics.settings import Preprocessing, Training

PLAIN = Training(batch=2, seed=3, holes=0, varied=0)


@pytest.fixture
def batches(tmp_path, write_rows):
    rows = write_rows(5)

    def make(**changes):
        given = {
            "size": 16,
            "training": PLAIN,
            "preprocessing": Preprocessing(),
            "epoch": 4,
            "start": 0,
        }
        return step_batches(tmp_path, rows, **(given | changes))

    return make


def test_an_epoch_takes_every_row_once_in_an_order_of_its_own():
    orders = [epoch_order(50, seed=seed, epoch=epoch).tolist() for seed in (0, 1) for epoch in (0, 1)]
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert len({tuple(order) for order in orders}) == 4
    assert epoch_order(50, seed=1, epoch=1).tolist() == orders[3]


def test_batches_hold_the_pictures_of_their_rows_from_minus_one_to_one(tmp_path, write_rows, batches):
    rows, order = write_rows(5), epoch_order(5, seed=3, epoch=4)
    found = list(batches())
    assert [len(batch[0]) for batch in found] == [2, 2, 1]
    seen = [np.concatenate(parts) for parts in zip(*found, strict=True)]
    for images, kind in zip(seen[:3], ("input", "mask", "target"), strict=True):
        pictures = [read_png(tmp_path / getattr(rows[place], kind)) for place in order]
        assert images.dtype == np.float32
        np.testing.assert_array_equal(images[..., 0], 2 * bytes_to_unit(np.stack(pictures)) - 1)


def test_dropout_seeds_are_one_a_row_and_epoch(batches):
    seeds = [np.concatenate([batch[3] for batch in batches(epoch=epoch)]) for epoch in (0, 1, 2)]
    assert all(it.dtype == np.int32 and it.shape == (5, 2) for it in seeds)
    assert len({tuple(pair) for it in seeds for pair in it}) == 15


def test_the_largest_seed_is_taken(batches):
    assert len(list(batches(training=replace(PLAIN, seed=2**31 - 1), epoch=3))) == 3


@pytest.mark.parametrize("start", range(4))
def test_a_later_start_gives_the_same_later_batches(batches, start):
    rest = list(batches(start=start))
    assert len(rest) == 3 - start
    for one, other in zip(rest, list(batches())[start:], strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_the_next_batch_is_read_while_the_last_one_is_used(batches, monkeypatch):
    read, threads = threading.Semaphore(0), set()

    def watched(*args, **kwargs):
        threads.add(threading.current_thread())
        image = load_row(*args, **kwargs)
        read.release()
        return image

    monkeypatch.setattr(module, "load_row", watched)
    stream = batches()
    next(stream)
    for _ in range(4):  # the rows of this batch and of the next
        assert read.acquire(timeout=10)
    assert not read.acquire(blocking=False)
    assert threading.main_thread() not in threads
    stream.close()
    assert not any(thread.is_alive() for thread in threads)


def test_a_missing_picture_is_named_when_its_batch_is_due(tmp_path, write_rows, batches):
    rows, order = write_rows(5), epoch_order(5, seed=3, epoch=4)
    missing = tmp_path / rows[order[4]].target
    missing.unlink()
    stream = batches()
    assert len(next(stream)[0]) == len(next(stream)[0]) == 2
    with pytest.raises(FileUnreadable) as caught:
        next(stream)
    assert str(missing) in caught.value.where


def test_a_picture_of_another_size_is_refused_with_both_sizes(tmp_path, write_rows):
    (row,) = write_rows(1)
    write_png(tmp_path / row.mask, np.zeros((16, 8), np.uint8))
    with pytest.raises(TableInvalid, match="8 x 16 pixels, and the network 16 x 16") as caught:
        load_row(tmp_path, row, size=16)
    assert caught.value.where == str(tmp_path / row.mask)


def test_a_square_around_an_edge_is_erased_of_every_side_and_nothing_else():
    edges = np.full((64, 64), 255, np.uint8)
    settings = Training(holes=1, hole=(64, 128))
    sides = set()
    for seed in range(60):
        erased = erase_stroke(edges, settings=settings, rng=np.random.default_rng(seed)) == 0
        rows, columns = erased.any(axis=1), erased.any(axis=0)
        np.testing.assert_array_equal(erased, np.outer(rows, columns))
        assert (np.diff(np.flatnonzero(rows)) == 1).all()
        assert (np.diff(np.flatnonzero(columns)) == 1).all()
        sides.add(max(rows.sum(), columns.sum()))
    assert sides == set(range(8, 17))
    assert (edges == 255).all()


def test_the_hole_lies_on_a_stroke():
    edges = np.zeros((512, 512), np.uint8)
    edges[100, 30:40] = edges[400, 490:] = 255
    for seed in range(20):
        erased = erase_stroke(edges, settings=Training(holes=1), rng=np.random.default_rng(seed))
        assert 0 < erased.sum() < edges.sum()


def test_holes_come_in_their_share_of_the_rows_and_blank_edges_stay():
    edges = np.eye(32, dtype=np.uint8)
    rng = np.random.default_rng(0)
    settings = Training(holes=0.3)
    holed = sum((erase_stroke(edges, settings=settings, rng=rng) != edges).any() for _ in range(1000))
    assert holed == pytest.approx(300, abs=5 * np.sqrt(1000 * 0.3 * 0.7))
    blank = np.zeros((32, 32), np.uint8)
    assert not erase_stroke(blank, settings=replace(settings, holes=1), rng=rng).any()


def test_edges_lose_what_the_target_keeps_and_each_epoch_anew(batches):
    settings = replace(PLAIN, holes=1)
    plain, holed, other = (
        list(batches(training=training, epoch=epoch))
        for training, epoch in ((PLAIN, 4), (settings, 4), (settings, 5))
    )
    for one, same in zip(plain, holed, strict=True):
        assert (one[0].sum(axis=(1, 2, 3)) > same[0].sum(axis=(1, 2, 3))).all()
        for part, equal in zip(one[1:], same[1:], strict=True):
            np.testing.assert_array_equal(part, equal)
    by_row = [
        dict(
            zip(
                epoch_order(5, seed=3, epoch=epoch).tolist(),
                np.concatenate([it[0] for it in found]),
                strict=True,
            )
        )
        for epoch, found in ((4, holed), (5, other))
    ]
    assert any((by_row[0][place] != by_row[1][place]).any() for place in range(5))
    again = list(batches(training=settings, start=1))
    np.testing.assert_array_equal(again[0][0], holed[1][0])


def test_rows_are_varied_by_the_seed_the_epoch_and_the_row_with_the_corpus_settings(
    batches, tmp_path, write_rows
):
    rows = write_rows(5)
    for number, row in enumerate(rows):  # strokes that stay in the image however they are moved
        target = np.zeros((16, 16), np.uint8)
        target[6:10, 2:14] = 150 + 20 * number
        mask = np.zeros((16, 16), np.uint8)
        mask[2:14, 5:12] = 90 + number
        for name, picture in ((row.mask, mask), (row.target, target), (row.input, target_to_edges(target))):
            (tmp_path / name).unlink()
            write_png(tmp_path / name, picture)
    ours = Preprocessing(threshold=60, canny_low=20)
    kept = {}
    for seed, holes in ((3, 0), (3, 1), (4, 0)):
        settings = replace(PLAIN, seed=seed, varied=0.7, holes=holes)
        given = {"training": settings, "preprocessing": ours}
        found = [np.concatenate(them) for them in zip(*batches(**given), strict=True)]
        again = next(batches(**given, start=1))
        np.testing.assert_array_equal(found[2][2:4], again[2])
        for number, place in enumerate(epoch_order(5, seed=seed, epoch=4)):
            expected = vary_row(
                *load_row(tmp_path, rows[place], size=16),
                settings=settings,
                preprocessing=ours,
                rng=np.random.default_rng([2113, seed, 4, place]),
            )
            for kind, image in enumerate(expected):
                if kind or not holes:
                    np.testing.assert_array_equal(found[kind][number, ..., 0], 2 * bytes_to_unit(image) - 1)
        kept[seed, holes] = found
    np.testing.assert_array_equal(kept[3, 0][2], kept[3, 1][2])
    assert (kept[3, 0][0].sum(axis=(1, 2, 3)) > kept[3, 1][0].sum(axis=(1, 2, 3))).all()
    assert {it.tobytes() for it in kept[3, 0][2]} != {it.tobytes() for it in kept[4, 0][2]}
    other = np.concatenate([it[2] for it in batches(training=replace(PLAIN, varied=1), epoch=5)])
    assert not {it.tobytes() for it in other} & {it.tobytes() for it in kept[3, 0][2]}
