from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.network


def random(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype(np.float32)


def make_spade(*, filters: int = 3, side: int = 4, image: int = 16, **changes):
    """A SPADE layer with large random weights, biases among them."""
    from sigforensics.gan.backend import keras
    from sigforensics.gan.layers import Spade

    options = {"gamma_offset": 1.0, "moments": "image", "biases": True, "epsilon": 1e-5} | changes
    layer = Spade(5, initializer=lambda: keras.initializers.RandomNormal(stddev=1, seed=1), **options)
    layer.build([(None, side, side, filters), (None, image, image, 1)])
    layer.set_weights([random(*weight.shape, seed=9) for weight in layer.weights])
    return layer


def convolve_3x3(image: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Zero-padded convolution as CNNs mean it, pixel by pixel."""
    padded = np.pad(image.astype(np.float64), ((0, 0), (1, 1), (1, 1), (0, 0)))
    result = np.empty((*image.shape[:3], kernel.shape[-1]))
    for row, column in np.ndindex(image.shape[1:3]):
        window = padded[:, row : row + 3, column : column + 3]
        result[:, row, column] = np.tensordot(window, kernel, 3) + bias
    return result


@pytest.mark.parametrize("moments", ["image", "batch"])
@pytest.mark.parametrize("gamma_offset", [0.0, 1.0])
def test_spade_is_its_formula(moments, gamma_offset):
    layer = make_spade(moments=moments, gamma_offset=gamma_offset)
    features, mask = random(2, 4, 4, 3) * 3 + 5, random(2, 16, 16, 1)
    weights = {weight.path.split("/", 1)[1]: np.asarray(weight) for weight in layer.weights}

    def part(name: str, image: np.ndarray) -> np.ndarray:
        return convolve_3x3(image, weights[f"{name}/kernel"], weights[f"{name}/bias"])

    hidden = np.maximum(part("shared", mask[:, ::4, ::4]), 0)
    axes = (1, 2) if moments == "image" else (0, 1, 2)
    mean, deviation = (f(features.astype(np.float64), axis=axes, keepdims=True) for f in (np.mean, np.std))
    normalised = (features - mean) / np.sqrt(deviation**2 + 1e-5)
    expected = normalised * (gamma_offset + part("gamma", hidden)) + part("beta", hidden)
    np.testing.assert_allclose(layer([features, mask]), expected, atol=2e-4)


def test_moments_of_an_image_make_a_batch_equal_its_images_one_by_one():
    layer = make_spade(moments="image")
    features, mask = random(3, 4, 4, 3), random(3, 16, 16, 1)
    batched = np.asarray(layer([features, mask]))
    single = [np.asarray(layer([features[k : k + 1], mask[k : k + 1]]))[0] for k in range(3)]
    np.testing.assert_allclose(batched, single, atol=1e-4)


def test_moments_of_the_batch_make_an_image_depend_on_its_neighbours():
    layer = make_spade(moments="batch")
    features, mask = random(2, 4, 4, 3), random(2, 16, 16, 1)
    alone = np.asarray(layer([features[:1], mask[:1]]))[0]
    assert np.abs(np.asarray(layer([features, mask]))[0] - alone).max() > 0.1


def test_both_moments_are_equal_at_batch_one():
    features, mask = random(1, 4, 4, 3), random(1, 16, 16, 1)
    results = [np.asarray(make_spade(moments=moments)([features, mask])) for moments in ("image", "batch")]
    np.testing.assert_array_equal(*results)


def test_a_normalised_map_of_one_pixel_is_exactly_beta():
    layer = make_spade(side=1)
    mask = random(2, 16, 16, 1)
    one, other = (np.asarray(layer([random(2, 1, 1, 3, seed=seed), mask])) for seed in (1, 2))
    np.testing.assert_array_equal(one, other)
    beta = np.asarray(layer.beta(layer.shared(mask[:, ::16, ::16])))
    np.testing.assert_array_equal(one, beta)


def test_the_mask_is_resized_by_taking_the_first_pixel_of_each_cell():
    layer = make_spade()
    features, mask = random(1, 4, 4, 3), random(1, 16, 16, 1)
    first = np.zeros((16, 16), bool)
    first[::4, ::4] = True
    elsewhere = np.where(first[None, ..., None], mask, mask + 1)
    plain = np.asarray(layer([features, mask]))
    np.testing.assert_array_equal(layer([features, elsewhere]), plain)
    assert np.abs(np.asarray(layer([features, mask + 1])) - plain).max() > 0.1


@pytest.mark.parametrize("side", [1, 5])
def test_instance_normalisation_is_group_normalisation_of_single_channels(side):
    from sigforensics.gan.backend import keras
    from sigforensics.gan.layers import InstanceNorm

    features = random(2, side, side, 3) * 4 + 2
    ours, theirs = InstanceNorm(epsilon=1e-3), keras.layers.GroupNormalization(groups=-1, epsilon=1e-3)
    for layer in (ours, theirs):
        layer(features)
        layer.gamma.assign(random(3, seed=1))
        layer.beta.assign(random(3, seed=2))
    np.testing.assert_allclose(ours(features), theirs(features), atol=1e-5)


def enlarge(method: str, features: np.ndarray) -> np.ndarray:
    from sigforensics.gan.layers import Enlarge

    return np.asarray(Enlarge(method)(features))


def test_nearest_makes_four_of_each_pixel():
    features = random(2, 3, 3, 4)
    found = enlarge("nearest", features)
    assert found.shape == (2, 6, 6, 4)
    for row, column in np.ndindex(6, 6):
        np.testing.assert_array_equal(found[:, row, column], features[:, row // 2, column // 2])


def test_bilinear_takes_three_quarters_of_the_nearer_pixel_in_each_direction():
    features = random(2, 3, 3, 4)
    found = enlarge("bilinear", features)
    assert found.shape == (2, 6, 6, 4)

    def neighbours(new: int) -> list[tuple[float, int]]:
        far = new // 2 + (1 if new % 2 else -1)
        return [(0.75, new // 2), (0.25, min(max(far, 0), 2))]

    for row, column in np.ndindex(6, 6):
        expected = sum(a * b * features[:, i, j] for a, i in neighbours(row) for b, j in neighbours(column))
        np.testing.assert_allclose(found[:, row, column], expected, atol=1e-6)


def test_smoothing_weighs_neighbours_and_removes_what_alternates():
    from scipy.ndimage import correlate1d

    from sigforensics.gan.layers import Smooth

    rng = np.random.default_rng(0)
    features = rng.normal(size=(2, 6, 9, 3)).astype(np.float32)
    expected = features
    for axis in (1, 2):
        expected = correlate1d(expected, [0.25, 0.5, 0.25], axis=axis, mode="reflect")
    layer = Smooth()
    np.testing.assert_allclose(np.asarray(layer(features)), expected, atol=1e-6)
    rows, columns = np.indices((8, 8))
    lattice = np.stack([(-1.0) ** rows, (-1.0) ** columns, (-1.0) ** (rows + columns)], axis=-1)
    smoothed = np.asarray(layer(lattice[None].astype(np.float32)))
    np.testing.assert_array_equal(smoothed[:, 1:-1, 1:-1], 0)


def test_pixel_shuffle_makes_a_cell_of_each_four_channels_row_by_row():
    from sigforensics.gan.layers import DepthToSpace

    features = random(2, 3, 3, 8)
    found = np.asarray(DepthToSpace()(features))
    assert found.shape == (2, 6, 6, 2)
    for row, column in np.ndindex(6, 6):
        first = 2 * (2 * (row % 2) + column % 2)
        np.testing.assert_array_equal(
            found[:, row, column], features[:, row // 2, column // 2, first : first + 2]
        )


def make_dropout(rate: float = 0.5, position: int = 0):
    from sigforensics.gan.layers import SeededDropout

    return SeededDropout(rate, position)


def drop(layer, features: np.ndarray, seeds: list[list[int]], *, training: bool = True) -> np.ndarray:
    return np.asarray(layer([features, np.array(seeds, np.int32)], training=training))


def test_dropout_depends_on_the_seed_of_each_image_alone():
    layer, ones, seeds = make_dropout(), np.ones((3, 8, 8, 4), np.float32), [[1, 2], [3, 4], [1, 2]]
    batch = drop(layer, ones, seeds)
    again = drop(layer, ones, seeds[::-1])
    np.testing.assert_array_equal(batch, again[::-1])
    np.testing.assert_array_equal(batch[0], batch[2])
    assert (batch[0] != batch[1]).mean() > 0.3
    for image, seed in zip(batch, seeds, strict=True):
        np.testing.assert_array_equal(drop(layer, ones[:1], [seed])[0], image)


@pytest.mark.parametrize("seed", [[1, 3], [2, 2]])
def test_both_parts_of_the_seed_matter(seed):
    layer, ones = make_dropout(), np.ones((1, 8, 8, 4), np.float32)
    assert (drop(layer, ones, [[1, 2]]) != drop(layer, ones, [seed])).mean() > 0.3


def test_layers_at_different_positions_drop_different_features():
    ones = np.ones((1, 8, 8, 4), np.float32)
    one, other = (drop(make_dropout(position=position), ones, [[1, 2]]) for position in (0, 1))
    assert (one != other).mean() > 0.3


def test_dropout_is_off_outside_training_and_at_rate_zero():
    features = random(2, 8, 8, 4)
    np.testing.assert_array_equal(drop(make_dropout(), features, [[1, 2]] * 2, training=False), features)
    np.testing.assert_array_equal(drop(make_dropout(rate=0), features, [[1, 2]] * 2), features)


def test_dropout_drops_its_rate_and_scales_the_others_up():
    features = random(1, 64, 64, 8) + 10
    dropped = drop(make_dropout(rate=0.3), features, [[5, 6]])
    kept = dropped != 0
    deviation = np.sqrt(0.3 * 0.7 / kept.size)
    assert abs(kept.mean() - 0.7) < 5 * deviation
    np.testing.assert_allclose(dropped[kept], features[kept] / 0.7, rtol=1e-6)


def make_spectral(kernel: np.ndarray, **options):
    from sigforensics.gan.layers import SpectralConv2D

    size, _, inputs, filters = kernel.shape
    layer = SpectralConv2D(filters, size, padding="same", use_bias=False, **options)
    layer.build((None, 8, 8, inputs))
    layer.kernel.assign(kernel)
    return layer


def test_the_kernel_is_divided_by_its_largest_singular_value():
    from sigforensics.gan.backend import tf

    kernel, image = random(4, 4, 3, 6), random(1, 8, 8, 3)
    layer = make_spectral(kernel)
    for _ in range(300):
        layer(image, training=True)
    largest = np.linalg.svd(kernel.reshape(-1, 6), compute_uv=False)[0]
    plain = np.asarray(tf.nn.conv2d(image, kernel, 1, "SAME"))
    np.testing.assert_allclose(layer(image, training=False), plain / largest, rtol=1e-4, atol=1e-5)


def test_the_power_iteration_moves_in_training_only():
    layer = make_spectral(random(4, 4, 3, 6))
    before = np.asarray(layer.vector)
    layer(random(1, 8, 8, 3), training=False)
    np.testing.assert_array_equal(layer.vector, before)
    layer(random(1, 8, 8, 3), training=True)
    assert np.abs(np.asarray(layer.vector) - before).max() > 1e-3
    np.testing.assert_allclose(np.linalg.norm(layer.vector), 1, rtol=1e-6)


def test_the_gradient_runs_through_the_normalisation():
    """Against differences of W / (largest singular value of W), once the iteration has found it."""
    from sigforensics.gan.backend import tf

    kernel, image = random(1, 1, 5, 3), random(1, 8, 8, 5)
    weights = random(1, 8, 8, 3, seed=4)
    layer = make_spectral(kernel)
    for _ in range(300):
        layer(image, training=True)
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(layer(image, training=True) * weights)
    gradient = np.asarray(tape.gradient(value, layer.kernel))

    def expected(kernel: np.ndarray) -> float:
        matrix = kernel.reshape(5, 3)
        return float(np.sum(image @ (matrix / np.linalg.svd(matrix, compute_uv=False)[0]) * weights))

    for place in np.ndindex(kernel.shape):
        nudge = np.zeros(kernel.shape)
        nudge[place] = 1e-5
        slope = (expected(kernel + nudge) - expected(kernel - nudge)) / 2e-5
        assert gradient[place] == pytest.approx(slope, abs=float(1e-3 * np.abs(gradient).max()))
