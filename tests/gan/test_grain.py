from __future__ import annotations

import numpy as np
import pytest

from sigforensics.gan.structure import GRAIN_INPUTS

pytestmark = pytest.mark.network

SIZE = 16
LEAK = 0.3


def make_head(seed: int = 0, *, width: int = 5, layers: int = 2):
    from sigforensics.gan.grain import CHANNELS, Grain

    head = Grain(width, layers=layers, leak=LEAK, rng=np.random.default_rng(seed), name="grain")
    head.build([(None, None, None, CHANNELS)])
    return head


def images(count: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Drawing, edges, mask and paper; and seeds."""
    rng = np.random.default_rng(count)
    signed = rng.uniform(-1, 1, (3, count, SIZE, SIZE, 1)).astype(np.float32)
    paper = rng.uniform(0, 1, (count, SIZE, SIZE, 1)).astype(np.float32)
    return [*signed, paper], rng.integers(2**31 - 1, size=(count, 2), dtype=np.int32)


def convolve(image: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """3 x 3, zeros around: (height, width, inputs) to (height, width, outputs)."""
    height, width, _ = image.shape
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)))
    out = np.zeros((height, width, kernel.shape[3])) + bias
    for i in range(3):
        for j in range(3):
            out += padded[i : i + height, j : j + width] @ kernel[i, j]
    return out


def enlarge(noise: np.ndarray, factor: int) -> np.ndarray:
    """Bilinear, pixels being areas: new pixel i lies at (i + 1/2) / factor - 1/2 of the old ones, the outermost repeated."""
    count = noise.shape[0]
    weights = np.zeros((count * factor, count))
    for new in range(count * factor):
        place = np.clip((new + 0.5) / factor - 0.5, 0, count - 1)
        below = int(place)
        weights[new, below] += 1 - (place - below)
        weights[new, min(below + 1, count - 1)] += place - below
    return np.einsum("ai,bj,ijc->abc", weights, weights, noise)


def noise_by_hand(seed: np.ndarray) -> np.ndarray:
    from sigforensics.gan.backend import tf

    def normal(shape: tuple[int, ...], stream: int) -> np.ndarray:
        key = np.array([seed[0], seed[1] + stream], np.int32)
        return np.asarray(tf.random.stateless_normal(shape, key), np.float64)

    fine = normal((1, SIZE, SIZE, 4), 1001)[0]
    half, quarter = (
        1.25 * enlarge(normal((1, SIZE // cell, SIZE // cell, 2), 1000 + cell)[0], cell) for cell in (2, 4)
    )
    constant = np.broadcast_to(normal((1, 1, 2), 1000), (SIZE, SIZE, 2))
    return np.concatenate([fine, half, quarter, constant], axis=-1)


def test_noise_is_three_scales_and_two_constants_drawn_from_the_seed():
    from sigforensics.gan.grain import draw_noise

    seed = np.array([12, 345], np.int32)
    np.testing.assert_allclose(draw_noise(seed, SIZE), noise_by_hand(seed), atol=1e-5)


def test_noise_has_the_variance_that_is_stated():
    from sigforensics.gan.grain import draw_noise

    noise = np.stack([np.asarray(draw_noise(np.array([3, n], np.int32), 64)) for n in range(0, 4000, 100)])
    noise = noise[:, 4:-4, 4:-4]  # nearer to the border, interpolation takes less
    np.testing.assert_allclose(noise[..., :8].mean(axis=(0, 1, 2)), 0, atol=0.05)
    np.testing.assert_allclose(noise[..., :4].var(axis=(0, 1, 2)), 1, atol=0.03)
    np.testing.assert_allclose(noise[..., 4:8].var(axis=(0, 1, 2)), 0.65, atol=0.06)
    assert (noise[..., 8:] == noise[:, :1, :1, 8:]).all()
    assert 0.5 < noise[:, 0, 0, 8:].var() < 1.7


def test_the_head_is_its_formula():
    head = make_head()
    rng = np.random.default_rng(5)
    for weight in head.trainable_variables:
        weight.assign(rng.normal(0, 0.2, weight.shape))
    given, seeds = images(3)
    expected = []
    for drawing, edges, mask, paper, seed in zip(*given, seeds, strict=True):
        features = np.concatenate([drawing, edges, mask, 8 * paper, noise_by_hand(seed)], axis=-1)
        for number in range(2):
            kernel, bias = (np.asarray(weight, np.float64) for weight in head.hidden[number].weights)
            features = convolve(features, kernel, bias)
            features = np.where(features > 0, features, LEAK * features)
        kernel, bias = (np.asarray(weight, np.float64) for weight in head.last.weights)
        expected.append(np.clip(drawing + convolve(features, kernel, bias), -1, 1))
    found = np.asarray(head([*given, seeds]))
    assert np.abs(found - given[0]).max() > 0.1
    assert (np.abs(found) == 1).any()
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_a_batch_is_equal_to_its_images_one_by_one():
    from sigforensics.gan.grain import draw_noise

    head = make_head()
    given, seeds = images(3)
    together = np.asarray(head([*given, seeds]))
    for place in range(3):
        one = slice(place, place + 1)
        alone = head([*(image[one] for image in given), seeds[one]])
        np.testing.assert_allclose(alone, together[one], atol=1e-6)
        np.testing.assert_array_equal(draw_noise(seeds[place], SIZE), draw_noise(seeds[one][0], SIZE))


def test_grain_depends_on_the_seed_of_its_image_and_on_no_other():
    head = make_head()
    given, seeds = images(3)
    before = np.asarray(head([*given, seeds]))
    np.testing.assert_array_equal(head([*given, seeds]), before)
    other = seeds.copy()
    other[1] += 1
    after = np.asarray(head([*given, other]))
    np.testing.assert_array_equal(after[[0, 2]], before[[0, 2]])
    assert (after[1] != before[1]).mean() > 0.5


def test_it_begins_near_the_drawing():
    head = make_head(width=24, layers=4)
    given, seeds = images(2)
    changed = np.abs(np.asarray(head([*given, seeds])) - given[0])
    assert 0 < changed.mean() < 0.3


def test_initial_weights_come_from_the_generator_of_random_numbers():
    one, same, other = (make_head(seed).get_weights() for seed in (1, 1, 2))
    kernels = [value for value in one if value.ndim == 4]
    assert len({float(kernel.ravel()[0]) for kernel in kernels}) == 3
    for a, b, c in zip(one, same, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert not a.any() if a.ndim == 1 else (a != c).all()


def test_hidden_kernels_have_hes_deviation_and_the_last_ones_is_small():
    head = make_head(width=64, layers=2)
    for convolution, inputs in zip(head.hidden, (GRAIN_INPUTS, 64), strict=True):
        deviation = np.asarray(convolution.kernel).std()
        assert deviation == pytest.approx(np.sqrt(2 / (9 * inputs)), rel=0.05)
    assert np.asarray(head.last.kernel).std() == pytest.approx(0.01, rel=0.15)
