from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sigforensics.gan.structure import weight_shapes
from sigforensics.recipes import RECIPES
from sigforensics.settings import REFERENCE_NETWORK, Network

pytestmark = pytest.mark.network


def images(count: int, size: int = 16, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Edges, mask and dropout seeds."""
    rng = np.random.default_rng([seed, count])
    edges, mask = rng.uniform(-1, 1, (2, count, size, size, 1)).astype(np.float32)
    return edges, mask, rng.integers(1000, size=(count, 2), dtype=np.int32)


def generator(settings: Network, **options):
    from sigforensics.gan.networks import build_generator

    return build_generator(settings, **{"initial_deviation": 0.2, **options})


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("normalise_bottleneck", [True, False])
@pytest.mark.parametrize("size", [16, 32])
def test_the_generator_has_the_weights_that_its_structure_states(tiny, size, biases, normalise_bottleneck):
    settings = replace(tiny, size=size, biases=biases, normalise_bottleneck=normalise_bottleneck)
    shapes = {weight.path: tuple(weight.shape) for weight in generator(settings).weights}
    assert shapes == weight_shapes(settings)


WAYS = ("smoothed", "transposed", "nearest", "bilinear", "pixel_shuffle")
KINDS = [
    *(
        {"upsampling": way, "normalisation": norm}
        for way in WAYS
        for norm in ("spade", "instance", "batch", "none")
    ),
    *({"upsampling": way, "architecture": "spade_residual"} for way in WAYS),
]


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("changes", KINDS, ids=lambda changes: "-".join(changes.values()))
def test_every_kind_of_generator_has_the_weights_that_its_structure_states(tiny, changes, biases):
    settings = replace(tiny, biases=biases, **changes)
    network = generator(settings)
    assert {weight.path: tuple(weight.shape) for weight in network.weights} == weight_shapes(settings)
    assert network.output_shape == (None, 16, 16, 1)


@pytest.mark.parametrize("name", [name for name in RECIPES if name not in {"default", "reference", "varied"}])
@pytest.mark.parametrize("size", [256, 512])
def test_every_recipe_is_built_at_both_sizes_as_its_structure_states(name, size):
    settings = replace(RECIPES[name].network, size=size)
    network = generator(settings)
    assert {weight.path: tuple(weight.shape) for weight in network.weights} == weight_shapes(settings)
    assert network.output_shape == (None, size, size, 1)


def test_the_reference_networks_have_their_numbers_of_parameters():
    from sigforensics.gan.networks import build_discriminator

    assert generator(REFERENCE_NETWORK).count_params() == 81_892_352
    kernels = 16 * (2 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512 * 1)
    norms = 2 * (128 + 256 + 512)
    assert kernels + norms == 2_764_544
    assert build_discriminator(REFERENCE_NETWORK).count_params() == 2_764_544


def test_spectral_normalisation_adds_a_vector_a_layer_and_nothing_that_is_trained():
    from sigforensics.gan.networks import build_discriminator

    plain = build_discriminator(replace(REFERENCE_NETWORK, discriminator_multiplier=4))
    spectral = build_discriminator(
        replace(REFERENCE_NETWORK, discriminator_multiplier=4, spectral_normalisation=True)
    )
    assert spectral.count_params() - plain.count_params() == 4 + 8 + 16 + 32 + 1
    trained = [[tuple(weight.shape) for weight in net.trainable_weights] for net in (plain, spectral)]
    assert trained[0] == trained[1]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    "changes",
    [{}, *({**kind} for kind in KINDS[1::5])],
    ids=lambda changes: "-".join(changes.values()) or "default",
)
def test_a_batch_gives_what_its_images_give_one_by_one(tiny, changes, training):
    """In use, where weights are fixed: with dropout (``training``) and without."""
    network, (edges, mask, seeds) = generator(replace(tiny, **changes)), images(3)
    network.trainable = False
    batched = np.asarray(network([edges, mask, seeds], training=training))
    for k in range(3):
        single = network([edges[k : k + 1], mask[k : k + 1], seeds[k : k + 1]], training=training)
        np.testing.assert_allclose(np.asarray(single)[0], batched[k], atol=1e-4)


def test_seeds_matter_in_training_only(tiny):
    network, (edges, mask, seeds) = generator(tiny), images(2)
    plain, other = (np.asarray(network([edges, mask, it], training=False)) for it in (seeds, seeds + 1))
    np.testing.assert_array_equal(plain, other)
    dropped, other = (np.asarray(network([edges, mask, it], training=True)) for it in (seeds, seeds + 1))
    assert np.abs(dropped - other).max() > 0.01
    assert np.abs(dropped - plain).max() > 0.01


def test_batch_normalisation_moves_its_running_means_in_training_and_never_in_use(tiny):
    network, (edges, mask, seeds) = generator(replace(tiny, normalisation="batch")), images(2)
    before = [np.asarray(weight) for weight in network.non_trainable_weights]
    assert len(before) == 2 * 5
    network([edges, mask, seeds], training=False)
    network.trainable = False
    network([edges, mask, seeds], training=True)
    kept = {weight.path: np.asarray(weight) for weight in network.weights if "moving" in weight.path}
    for value, now in zip(before, kept.values(), strict=True):
        np.testing.assert_array_equal(value, now)
    network.trainable = True
    network([edges, mask, seeds], training=True)
    for weight in network.non_trainable_weights:
        assert (np.asarray(weight) != kept[weight.path]).all(), weight.path


@pytest.mark.parametrize("changes", KINDS[::3], ids=lambda changes: "-".join(changes.values()))
def test_bfloat16_gives_nearly_what_float32_gives(tiny, changes):
    settings, given = replace(tiny, **changes), list(images(2))
    exact, rough = (
        np.asarray(generator(settings, dtype=dtype)(given, training=False))
        for dtype in ("float32", "mixed_bfloat16")
    )
    assert rough.dtype == np.float32
    assert 0 < np.abs(exact - rough).mean() < 0.02


def test_images_keep_their_size_and_range(tiny):
    image = np.asarray(generator(tiny, initial_deviation=5)(list(images(2))))
    assert image.shape == (2, 16, 16, 1)
    assert image.dtype == np.float32
    assert np.abs(image).max() <= 1
    assert np.abs(image).max() > 0.99


def test_one_score_a_patch_sees_both_images_and_no_farther_than_70_pixels():
    from sigforensics.gan.networks import build_discriminator

    settings = Network(size=256, discriminator_multiplier=1, spectral_normalisation=False)
    network = build_discriminator(settings, initial_deviation=0.5)
    # Instance normalisation sees the whole image: without it, only the convolutions are left.
    plain = without_normalisation(network)
    edges, image = (np.zeros((1, 256, 256, 1), np.float32) for _ in range(2))
    before = np.asarray(plain([edges, image]))
    assert before.shape == (1, 32, 32, 1)
    for changed in (0, 1):
        pair = [edges.copy(), image.copy()]
        pair[changed][0, 128, 128] = 1
        seen = np.abs(np.asarray(plain(pair)) - before)[0, :, :, 0] > 0
        height, width = (np.ptp(np.flatnonzero(seen.any(axis=axis))) + 1 for axis in (1, 0))
        # Patches of 70 pixels, one every 8: a pixel lies in 8 or 9 of them in each direction.
        assert 8 <= height <= 9
        assert 8 <= width <= 9


def without_normalisation(network):
    from sigforensics.gan.backend import keras

    def skip(layer, *args, **kwargs):
        if isinstance(layer, keras.layers.GroupNormalization):
            return args[0]
        return layer(*args, **kwargs)

    return keras.models.clone_model(network, call_function=skip)


def test_initial_kernels_are_normal_with_the_deviation_asked_for_and_biases_zero():
    network = generator(Network(size=32, multiplier=8, spade_width=8), initial_deviation=0.02)
    for weight in network.weights:
        values = np.asarray(weight)
        if weight.path.endswith("bias"):
            assert not values.any()
        elif values.size > 2000:
            assert abs(values.std() - 0.02) < 0.02 * 5 / np.sqrt(2 * values.size)
            assert abs(values.mean()) < 5 * 0.02 / np.sqrt(values.size)


def test_each_initial_kernel_is_drawn_by_itself_and_from_the_generator_alone(tiny):
    one, same, other = (generator(tiny, rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    kernels = [np.asarray(weight) for weight in one.weights if weight.path.endswith("kernel")]
    assert len({kernel.ravel()[0] for kernel in kernels}) == len(kernels)
    for a, b, c in zip(one.get_weights(), same.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
        assert not a.any() or (a != c).all()


def test_building_a_network_leaves_global_randomness_alone(tiny):
    import random

    random.seed(5)
    np.random.seed(5)  # noqa: NPY002 - it is the global generator that is watched
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    generator(tiny)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002


# --- grain head -----------------------------------------------------------------------------------------------------


def paper(count: int, size: int = 16) -> np.ndarray:
    return np.random.default_rng(count).uniform(0, 1, (count, size, size, 1)).astype(np.float32)


@pytest.mark.parametrize("architecture", ["unet", "spade_residual"])
def test_a_generator_with_a_grain_head_has_the_weights_that_its_structure_states(tiny, architecture):
    settings = replace(tiny, architecture=architecture, grain_width=5, grain_layers=2)
    network = generator(settings)
    assert {weight.path: tuple(weight.shape) for weight in network.weights} == weight_shapes(settings)
    assert [given.name for given in network.inputs] == ["edges", "mask", "seeds", "paper"]
    assert network.output_shape == (None, 16, 16, 1)


def test_the_head_paints_over_the_image_of_the_generator_below(tiny):
    from sigforensics.gan.backend import tf

    settings = replace(tiny, grain_width=5, grain_layers=2)
    whole, below = generator(settings), generator(tiny)
    values = {weight.path: weight for weight in whole.weights}
    for weight in below.weights:
        weight.assign(values[weight.path])
    edges, mask, seeds = images(3)
    sheet = paper(3)
    drawing = below([edges, mask, seeds], training=False)
    found = whole([edges, mask, seeds, sheet], training=False)
    expected = whole.get_layer("grain")([drawing, edges, mask, sheet, seeds])
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.abs(found - drawing).max() > 0
    for name in ("kernel", "bias"):
        last = values[f"grain/last/{name}"]
        last.assign(tf.zeros_like(last))
    unpainted = whole([edges, mask, seeds, sheet], training=False)
    np.testing.assert_allclose(unpainted, drawing, atol=1e-6)


def test_paper_and_seeds_change_the_grain_of_their_own_image_alone_without_dropout(tiny):
    network = generator(replace(tiny, grain_width=5, grain_layers=2))
    edges, mask, seeds = images(3)
    sheet, other = paper(3), paper(3)
    other[1] = 1 - other[1]
    moved = seeds.copy()
    moved[1] += 1
    before = np.asarray(network([edges, mask, seeds, sheet], training=False))
    for given in ([edges, mask, seeds, other], [edges, mask, moved, sheet]):
        after = np.asarray(network(given, training=False))
        np.testing.assert_array_equal(after[[0, 2]], before[[0, 2]])
        assert (after[1] != before[1]).mean() > 0.5


def test_a_batch_with_grain_is_equal_to_its_images_one_by_one(tiny):
    network = generator(replace(tiny, grain_width=5, grain_layers=2))
    given = [*images(3), paper(3)]
    together = np.asarray(network(given, training=False))
    for place in range(3):
        alone = network([part[place : place + 1] for part in given], training=False)
        np.testing.assert_allclose(alone[0], together[place], atol=3e-6)
