"""The network for handwriting computes what it says, in NumPy as in training, and its file is checked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sigforensics.errors import FileUnreadable, ModelInvalid
from sigforensics.extraction.handwriting import (
    LEVELS,
    SHIFTS,
    STEP,
    HandwritingModel,
    bundled_handwriting,
    by_hand,
    network_input,
    read_handwriting,
    write_handwriting,
)

CHANNELS = (3, 2, 4, 3, 5)


def small_model(seed: int = 1) -> HandwritingModel:
    """A narrow network with random weights."""
    rng, weights, inputs = np.random.default_rng(seed), {}, 2
    sizes = {}
    for level, channels in enumerate(CHANNELS):
        sizes[f"down{level}_0"], sizes[f"down{level}_1"] = (4 * inputs, channels), (channels, channels)
        inputs = channels
    for level in range(LEVELS - 1):
        sizes[f"up{level}"] = CHANNELS[level + 1] + CHANNELS[level], CHANNELS[level]
    sizes["out"] = CHANNELS[0], 4
    for name, (before, after) in sizes.items():
        weights[name] = rng.normal(0, 0.4, (3, 3, before, after)).astype(np.float32)
        weights[f"{name}_b"] = rng.normal(0, 0.3, after).astype(np.float32)
    return HandwritingModel(weights, {})


def part(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    grey = rng.uniform(0, 1, (height, width)).astype(np.float32)
    return grey, np.full_like(grey, 0.4)


def slow_layer(image: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    """3 x 3 convolution, written out as sums."""
    kernel, bias = weights[name].astype(np.float64), weights[f"{name}_b"].astype(np.float64)
    out = np.zeros((*image.shape[:2], len(bias)))
    for row, column in np.ndindex(image.shape[:2]):
        out[row, column] = bias
        for i, j in np.ndindex(3, 3):
            y, x = row + i - 1, column + j - 1
            if 0 <= y < image.shape[0] and 0 <= x < image.shape[1]:
                out[row, column] += image[y, x] @ kernel[i, j]
    return out


def slow_by_hand(model: HandwritingModel, seen: np.ndarray) -> np.ndarray:
    """The network on a picture whose sides are multiples of STEP."""
    weights, now, kept = dict(model.weights), seen.astype(np.float64), []
    for level in range(LEVELS):
        halves = np.zeros((now.shape[0] // 2, now.shape[1] // 2, 4 * now.shape[2]))
        for row, column in np.ndindex(halves.shape[:2]):
            halves[row, column] = now[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].ravel()
        now = halves
        for number in (0, 1):
            now = np.maximum(slow_layer(now, weights, f"down{level}_{number}"), 0)
        kept.append(now)
    for level in range(LEVELS - 2, -1, -1):
        now = np.kron(now, np.ones((2, 2, 1)))
        now = np.maximum(slow_layer(np.concatenate([now, kept[level]], axis=2), weights, f"up{level}"), 0)
    four = slow_layer(now, weights, "out")
    logits = np.zeros((2 * four.shape[0], 2 * four.shape[1]))
    for row, column in np.ndindex(logits.shape):
        logits[row, column] = four[row // 2, column // 2, 2 * (row % 2) + column % 2]
    return 1 / (1 + np.exp(-np.clip(logits, -60, 60)))


def slow_likelihood(model: HandwritingModel, seen: np.ndarray) -> np.ndarray:
    """The highest of what the network says with the picture shifted, blank all around."""
    height, width, _ = seen.shape
    found = np.zeros((height, width))
    for down, across in SHIFTS:
        sides = -(-(height + down) // STEP) * STEP, -(-(width + across) // STEP) * STEP
        canvas = np.zeros((*sides, 2))
        canvas[down : down + height, across : across + width] = seen
        found = np.maximum(found, slow_by_hand(model, canvas)[down : down + height, across : across + width])
    return found


@pytest.mark.parametrize("sides", [(STEP, STEP), (STEP + 5, STEP - 9)])
def test_the_network_computes_what_its_sums_say(sides: tuple[int, int]) -> None:
    model, (grey, threshold) = small_model(), part(*sides)
    expected = slow_likelihood(model, network_input(grey, threshold))
    assert expected.std() > 0.01
    found = by_hand(model, grey, threshold)
    assert found.shape == grey.shape
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_tiles_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the picture had been looked at whole, but for float32 sums whose order depends on processor and shape.

    With fewer pixels seen around a tile (128) likelihoods are off by up to 1.
    """
    model, (grey, threshold) = small_model(), part(700, 460)
    whole = by_hand(model, grey, threshold)
    monkeypatch.setattr("sigforensics.extraction.handwriting.TILE", 224)
    np.testing.assert_allclose(by_hand(model, grey, threshold), whole, atol=2e-3)


@pytest.mark.network
def test_it_is_what_was_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    import tensorflow as tf

    import train_handwriting

    tf.keras.utils.set_random_seed(1)
    trained, body = train_handwriting.network(tf)
    model = HandwritingModel(train_handwriting.trained(body), {})
    grey, threshold = part(2 * STEP, 3 * STEP)
    monkeypatch.setattr("sigforensics.extraction.handwriting.SHIFTS", ((0, 0),))
    logits = trained(network_input(grey, threshold)[None]).numpy()[0]
    np.testing.assert_allclose(by_hand(model, grey, threshold), 1 / (1 + np.exp(-logits)), atol=1e-4)


def test_it_sees_where_ink_is_and_how_dark() -> None:
    grey = np.full((4, 6), 0.9, np.float32)
    grey[1, :5] = [0.1, 0.1, 0.1, 0.1, 0.5]
    seen = network_input(grey, np.full_like(grey, 0.6))
    np.testing.assert_array_equal(seen[..., 0] > 0, grey < 0.6)
    np.testing.assert_allclose(seen[1, :, 1], [1, 1, 1, 1, 0.5, 0], atol=1e-6)
    brighter = network_input(grey * np.float32(0.8) + np.float32(0.1), np.full_like(grey, 0.6))
    np.testing.assert_allclose(brighter, seen, atol=1e-6)


def test_neither_paper_alone_nor_ink_alone_makes_it_fail() -> None:
    for value in (0.0, 1.0):
        found = by_hand(small_model(), np.full((8, 8), value, np.float32), np.full((8, 8), 0.5, np.float32))
        assert np.isfinite(found).all()


def test_a_network_comes_back_from_its_file(tmp_path: Path) -> None:
    model = bundled_handwriting()
    write_handwriting(tmp_path / "one.safetensors", model)
    again = read_handwriting(tmp_path / "one.safetensors")
    assert again.training == model.training
    grey, threshold = part(40, 50)
    np.testing.assert_array_equal(by_hand(model, grey, threshold), by_hand(again, grey, threshold))


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable):
        read_handwriting(tmp_path / "none.safetensors")
    lacking = {name: value for name, value in small_model().weights.items() if name != "up2"}
    write_handwriting(tmp_path / "lacking.safetensors", HandwritingModel(lacking, {}))
    with pytest.raises(ModelInvalid, match="up2"):
        read_handwriting(tmp_path / "lacking.safetensors")
    for odd in (np.nan, np.inf):
        weights = {**small_model().weights}
        weights["up2"] = np.full_like(weights["up2"], odd)
        write_handwriting(tmp_path / "odd.safetensors", HandwritingModel(weights, {}))
        with pytest.raises(ModelInvalid, match="up2 holds numbers that are not finite"):
            read_handwriting(tmp_path / "odd.safetensors")
