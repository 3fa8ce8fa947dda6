"""What the network for handwriting is shown in training, and that it goes on from another."""

from __future__ import annotations

import argparse

import numpy as np
import pytest

import composing
import separation_data
import train_handwriting
from separation_data import HAND, PAPER, PRINT, Mixed
from sigforensics.extraction.handwriting import HandwritingModel, by_hand
from train_handwriting import CROP, crop


def part(height: int, width: int) -> Mixed:
    """Print at the left, a stroke across all of it; darker from row to row, so that a piece shows where it was cut."""
    kind = np.full((height, width), PAPER, np.uint8)
    kind[20:-20, 30:34] = PRINT
    kind[height // 2 : height // 2 + 3] = HAND
    grey = np.where(kind > 0, 60, 250).astype(np.uint8)
    return Mixed(grey, np.full_like(grey, 150), kind)


@pytest.mark.parametrize("sides", [(400, 500), (150, 300), (300, 180), (100, 100)])
def test_a_piece_holds_the_pixel_that_it_is_drawn_for(sides: tuple[int, int]) -> None:
    whole = part(*sides)
    middle = np.array([sides[0] // 2, 31])
    places = set()
    for seed in range(20):
        seen, kind = crop(whole, middle, np.random.default_rng(seed))
        assert seen.shape == (*CROP, 2)
        assert kind.shape == CROP
        assert (kind == HAND).any()
        assert (kind == PRINT).any()
        np.testing.assert_array_equal(
            seen[..., 0][: sides[0], : sides[1]] > 0, kind[: sides[0], : sides[1]] > 0
        )
        places.add(tuple(np.argwhere(kind == HAND)[0]))
    assert (len(places) > 5) == (sides[0] > CROP[0])


def test_a_piece_for_no_pixel_mostly_has_ink_by_hand() -> None:
    whole = part(1500, 300)
    with_hand = [(crop(whole, None, np.random.default_rng(seed))[1] == HAND).any() for seed in range(100)]
    assert 30 < sum(with_hand) < 70  # one in eight, were it not tried four times


def test_parts_depend_on_the_seed_and_not_on_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_handwriting, "SHARD", 2)

    def gathered(name: str, count: int, seed: int) -> list[separation_data.Mixed]:
        given = argparse.Namespace(data=None, seed=seed, threads=1)
        return train_handwriting.gather(name, count, given, composing.FACES)

    three, one, other = gathered("train", 3, 0), gathered("train", 1, 0), gathered("train", 1, 4)
    assert [part.kind.size for part in three] == [part.kind.size for part in gathered("train", 3, 0)]
    np.testing.assert_array_equal(three[0].grey, one[0].grey)
    assert one[0].grey.shape != other[0].grey.shape or (one[0].grey != other[0].grey).any()
    held = gathered("hold", 1, 0), gathered("hold", 1, 4)  # always the same
    np.testing.assert_array_equal(held[0][0].grey, held[1][0].grey)
    assert len(three) == 3


def test_the_mean_of_weights_lies_between_those_before_and_after() -> None:
    before, after = ({"a": np.full((2, 3), value, np.float32)} for value in (1, 5))
    np.testing.assert_array_equal(train_handwriting.mean_of(before, after, 0.25)["a"], np.full((2, 3), 4.0))
    assert set(train_handwriting.mean_of(before, after, 0.25)) == {"a"}
    with pytest.raises(ValueError, match="no mean"):
        train_handwriting.mean_of(before, {"a": np.zeros((2, 4), np.float32)}, 0.5)


def test_a_coarse_scan_keeps_its_size_and_loses_detail() -> None:
    grey = np.tile(np.array([0, 1], np.float32), (40, 30))
    coarse = separation_data._coarse(grey, 0.5)
    assert coarse.shape == grey.shape
    assert coarse.dtype == np.float32
    np.testing.assert_allclose(coarse, 0.5, atol=0.01)
    broad = np.kron(grey[:10, :10], np.ones((8, 8), np.float32))
    assert np.abs(separation_data._coarse(broad, 0.5) - broad).mean() < 0.1


@pytest.mark.network
def test_a_wider_network_goes_on_from_a_narrower_one(monkeypatch: pytest.MonkeyPatch) -> None:
    import tensorflow as tf

    tf.keras.utils.set_random_seed(2)
    monkeypatch.setattr(train_handwriting, "CHANNELS", (4, 5, 4, 3, 2))
    _, body = train_handwriting.network(tf)
    narrow = HandwritingModel(train_handwriting.trained(body), {})
    monkeypatch.setattr(train_handwriting, "CHANNELS", (7, 5, 4, 3, 2))
    _, body = train_handwriting.network(tf)
    rng = np.random.default_rng(3)
    grey = rng.uniform(0, 1, (64, 96)).astype(np.float32)
    threshold = np.full_like(grey, 0.4)
    unlike = by_hand(HandwritingModel(train_handwriting.trained(body), {}), grey, threshold)
    train_handwriting.begin_with(body, narrow.weights)
    wide = HandwritingModel(train_handwriting.trained(body), {})
    assert wide.weights["down0_0"].shape[3] == 7
    expected = by_hand(narrow, grey, threshold)
    off = np.abs(by_hand(wide, grey, threshold) - expected).mean()
    assert off < 0.05 * expected.std()
    assert np.abs(unlike - expected).mean() > 5 * off
    monkeypatch.setattr(train_handwriting, "CHANNELS", (7, 5, 6, 3, 2))
    _, body = train_handwriting.network(tf)
    with pytest.raises(ValueError, match="do not fit"):
        train_handwriting.begin_with(body, narrow.weights)
