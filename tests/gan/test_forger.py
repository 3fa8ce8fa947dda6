from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sigforensics.errors import ModelInvalid
from sigforensics.gan.model_file import write_model
from sigforensics.gan.structure import weight_shapes
from sigforensics.settings import Preprocessing

pytestmark = pytest.mark.network

RNG = np.random.default_rng(1)
EDGES, MASK = RNG.integers(0, 256, (2, 3, 16, 16)).astype(np.uint8)
SEEDS = np.array([[1, 2], [3, 4], [2**31 - 1, 2**31 - 1]], np.int32)


@pytest.fixture(scope="module")
def path(tmp_path_factory, tiny) -> Path:
    path = tmp_path_factory.mktemp("models") / "tiny.safetensors"
    rng = np.random.default_rng(2)
    weights = {name: rng.normal(0, 0.3, s).astype(np.float32) for name, s in weight_shapes(tiny).items()}
    write_model(path, weights, network=tiny, preprocessing=Preprocessing(size=16), training={})
    return path


@pytest.fixture(scope="module")
def forger(path):
    from sigforensics.gan.forger import load_forger

    return load_forger(path)


def test_a_fake_is_an_ink_image(forger):
    fake = forger.forge(EDGES[0], MASK[0])
    assert fake.shape == (16, 16)
    assert fake.dtype == np.float32
    assert 0 <= fake.min() < 0.2
    assert 0.8 < fake.max() <= 1


def test_it_is_the_generators_image_of_edges_and_mask(forger, path, tiny):
    from sigforensics.gan.forger import named_weights
    from sigforensics.gan.model_file import read_model
    from sigforensics.gan.networks import build_generator

    network = build_generator(tiny)
    for name, value in read_model(path)[0].items():
        named_weights(network)[name].assign(value)
    signed = [image[None, ..., None].astype(np.float32) / 127.5 - 1 for image in (EDGES[0], MASK[0])]
    image = network([*signed, np.zeros((1, 2), np.int32)], training=False)
    np.testing.assert_allclose(forger.forge(EDGES[0], MASK[0]), (image[0, ..., 0] + 1) / 2, atol=1e-6)


def test_the_same_input_gives_the_same_fake_whatever_came_between(forger, path):
    from sigforensics.gan.forger import load_forger

    first = [forger.forge(edges, mask) for edges, mask in zip(EDGES, MASK, strict=True)]
    again = [forger.forge(edges, mask) for edges, mask in zip(EDGES[::-1], MASK[::-1], strict=True)]
    other = load_forger(path)
    for k in range(3):
        np.testing.assert_array_equal(first[k], again[2 - k])
        np.testing.assert_array_equal(first[k], other.forge(EDGES[k], MASK[k]))


def test_edges_and_mask_both_matter(forger):
    plain = forger.forge(EDGES[0], MASK[0])
    assert np.abs(forger.forge(EDGES[1], MASK[0]) - plain).max() > 0.05
    assert np.abs(forger.forge(EDGES[0], MASK[1]) - plain).max() > 0.05


def test_seeds_vary_the_fake_and_bring_it_back(forger):
    plain = forger.forge(EDGES[0], MASK[0])
    varied = [forger.forge(EDGES[0], MASK[0], seeds=seeds) for seeds in SEEDS]
    for k, one in enumerate(varied):
        for other in [plain, *varied[:k]]:
            assert np.abs(one - other).max() > 0.01
    np.testing.assert_array_equal(forger.forge(EDGES[0], MASK[0], seeds=SEEDS[0]), varied[0])
    np.testing.assert_array_equal(forger.forge(EDGES[0], MASK[0]), plain)


def test_with_batch_normalisation_dropout_changes_nothing_but_the_fake(tiny, tmp_path):
    from sigforensics.gan.forger import load_forger

    network, rng = replace(tiny, normalisation="batch"), np.random.default_rng(3)
    weights = {name: rng.normal(0, 0.3, s).astype(np.float32) for name, s in weight_shapes(network).items()}
    weights |= {name: abs(value) for name, value in weights.items() if name.endswith("variance")}
    path = tmp_path / "batch.safetensors"
    write_model(path, weights, network=network, preprocessing=Preprocessing(size=16), training={})
    forger = load_forger(path)
    plain = forger.forge(EDGES[0], MASK[0])
    varied = forger.forge(EDGES[0], MASK[0], seeds=SEEDS[0])
    assert np.abs(varied - plain).max() > 0.01
    np.testing.assert_array_equal(forger.forge(EDGES[0], MASK[0], seeds=SEEDS[0]), varied)
    np.testing.assert_array_equal(forger.forge(EDGES[0], MASK[0]), plain)


def test_arguments_are_left_as_they_were(forger):
    given = EDGES[0].copy(), MASK[0].copy(), SEEDS[0].copy()
    forger.forge(given[0], given[1], seeds=given[2])
    for after, before in zip(given, (EDGES[0], MASK[0], SEEDS[0]), strict=True):
        np.testing.assert_array_equal(after, before)


def test_what_is_loaded_is_checked_first(path, tmp_path):
    from sigforensics.gan.forger import load_forger

    (tmp_path / "half").write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelInvalid):
        load_forger(tmp_path / "half")


def test_the_bundled_generator_is_there_and_works():
    from sigforensics.gan.forger import load_forger

    forger = load_forger()
    size = forger.card.network.size
    edges = np.zeros((size, size), np.uint8)
    edges[size // 4 : size // 2, size // 4 : size // 2] = 255
    fake = forger.forge(edges, edges)
    assert fake.shape == (size, size)
    assert fake.max() > 0.5
    assert np.median(fake) < 0.1
