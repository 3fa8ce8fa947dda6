from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from safetensors import safe_open

from sigforensics.errors import FileUnreadable, ModelInvalid
from sigforensics.gan.model_file import FORMAT, read_model, tensors_sha256, without_grain, write_model
from sigforensics.gan.structure import weight_shapes
from sigforensics.settings import REFERENCE_NETWORK, Network, Preprocessing
from sigforensics.tensors import read_tensors, write_tensors

NETWORK = Network(size=16, multiplier=2, spade_width=4, leak=0.25)
PREPROCESSING = Preprocessing(size=16, threshold=30)
RNG = np.random.default_rng(0)
WEIGHTS = {name: RNG.normal(0, 0.1, s).astype(np.float32) for name, s in weight_shapes(NETWORK).items()}


def write(path, **changes):
    options = {
        "network": NETWORK,
        "preprocessing": PREPROCESSING,
        "training": {"log": [{"epoch": 1, "validation_l1": float("nan")}]},
    }
    weights = changes.pop("weights", WEIGHTS)
    return write_model(path, weights, **(options | changes))


@pytest.fixture
def path(tmp_path):
    write(tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


def rewrite(path, *, tensors=None, **texts):
    """The file with some of its texts or tensors changed, and nothing else."""
    kept, metadata = read_tensors(path, form=FORMAT)
    del metadata["format"]
    write_tensors(path, kept if tensors is None else tensors, metadata | texts, form=FORMAT)


def test_a_model_comes_back_as_it_was_written(tmp_path):
    written = write(tmp_path / "model")
    weights, card = read_model(tmp_path / "model")
    assert card == written
    assert (card.network, card.preprocessing) == (NETWORK, PREPROCESSING)
    assert weights.keys() == WEIGHTS.keys()
    for name, value in weights.items():
        np.testing.assert_array_equal(value, WEIGHTS[name])


def test_a_half_model_holds_the_weights_rounded_to_float16_in_half_the_bytes(tmp_path):
    write(tmp_path / "whole")
    write(tmp_path / "half", dtype=np.float16)
    weights, _ = read_model(tmp_path / "half")
    for name, value in weights.items():
        assert value.dtype == np.float32
        np.testing.assert_array_equal(value, WEIGHTS[name].astype(np.float16).astype(np.float32))
    saved = (tmp_path / "whole").stat().st_size - (tmp_path / "half").stat().st_size
    assert saved == pytest.approx(2 * sum(value.size for value in WEIGHTS.values()), abs=500)


@pytest.mark.parametrize(
    "network",
    [
        NETWORK,
        replace(REFERENCE_NETWORK, size=16, multiplier=1, spade_width=2),
        replace(NETWORK, upsampling="bilinear", normalisation="batch", batch_momentum=0.5),
        replace(NETWORK, architecture="spade_residual", upsampling="pixel_shuffle"),
        replace(NETWORK, grain_width=3, grain_layers=2),
    ],
)
def test_all_settings_survive(tmp_path, network):
    weights = {name: np.zeros(shape, np.float32) for name, shape in weight_shapes(network).items()}
    write(tmp_path / "model", weights=weights, network=replace(network, gamma_offset=1))
    assert read_model(tmp_path / "model")[1].network == replace(network, gamma_offset=1)


def test_a_file_that_states_no_kind_is_the_kind_that_there_was_first(path):
    stated = asdict(NETWORK)
    for name in (
        "architecture",
        "upsampling",
        "normalisation",
        "batch_momentum",
        "grain_width",
        "grain_layers",
    ):
        del stated[name]
    rewrite(path, network=json.dumps(stated))
    first = replace(NETWORK, architecture="unet", upsampling="transposed", normalisation="spade")
    assert read_model(path)[1].network == first
    assert first.grain_width == 0


def test_the_texts_are_json_that_any_reader_takes(path):
    with safe_open(path, framework="np") as stream:
        texts = stream.metadata()

    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    for name in ("network", "preprocessing", "training"):
        json.loads(texts[name], parse_constant=refuse)
    assert json.loads(texts["training"])["log"][0]["validation_l1"] is None


def test_the_hash_depends_on_names_shapes_types_and_values_but_not_on_the_order():
    a, b = np.zeros((2, 3), np.float32), np.ones(4, np.float32)
    reference = tensors_sha256({"a": a, "b": b})
    assert tensors_sha256({"b": b, "a": a}) == reference
    others = [
        {"a": a, "c": b},
        {"a": a.reshape(3, 2), "b": b},
        {"a": a.astype(np.float16), "b": b},
        {"a": a + np.float32(1e-30), "b": b},
        {"a": a},
    ]
    hashes = {tensors_sha256(other) for other in others}
    assert len(hashes) == len(others)
    assert reference not in hashes


def test_one_flipped_bit_in_the_weights_is_noticed(path):
    content = bytearray(path.read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    for place in (start, (start + len(content)) // 2, len(content) - 1):
        damaged = content.copy()
        damaged[place] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(ModelInvalid, match="hash"):
            read_model(path)


def test_a_missing_file_is_unreadable(tmp_path):
    with pytest.raises(FileUnreadable, match="no such file"):
        read_model(tmp_path / "none.safetensors")


def test_a_checkpoint_is_no_generator(tmp_path):
    write_tensors(tmp_path / "file", WEIGHTS, {}, form="sigforensics-checkpoint/1")
    with pytest.raises(ModelInvalid, match="is no sigforensics-generator file"):
        read_model(tmp_path / "file")


@pytest.mark.parametrize(
    "changes",
    [
        {"multiplier": 512},
        {"multiplier": 10**9},
        {"spade_width": 10**400},
        {"size": 2048},
        {"size": 2**40},
        {"size": 17},
        {"size": 0},
        {"size": -16},
        {"multiplier": 0},
        {"size": "16"},
        {"size": 16.0},
        {"size": True},
        {"size": None},
        {"leak": "0.2"},
        {"leak": float("nan")},
        {"leak": 10**400},
        {"dropout": 1.0},
        {"dropout": -0.5},
        {"epsilon": 0.0},
        {"moments": "weather"},
        {"upsampling": "nearest"},
        {"upsampling": "guess"},
        {"normalisation": "batch"},
        {"normalisation": ["spade"]},
        {"architecture": "spade_residual"},
        {"architecture": "spade_residual", "normalisation": "instance"},
        {"batch_momentum": 1.0},
        {"biases": 1},
        {"grain_width": 4},
        {"grain_width": -1},
        {"grain_width": 10**9},
        {"grain_width": 4.0},
        {"grain_layers": 0},
        {"grain_layers": 10**9},
        {"biases": False},
        {"unheard_of": 1},
    ],
    ids=lambda changes: "-".join(f"{name}={str(value)[:12]}" for name, value in changes.items()),
)
def test_a_network_that_the_file_cannot_be_is_refused(path, changes):
    rewrite(path, network=json.dumps(asdict(NETWORK) | changes))
    with pytest.raises(ModelInvalid):
        read_model(path)


@pytest.mark.parametrize(
    "texts",
    [
        {"network": "no JSON"},
        {"network": "[1]"},
        {"network": "[" * 100_000},
        {"training": "7"},
        {"preprocessing": "null"},
        {"preprocessing": json.dumps({"size": 32})},
        {"preprocessing": json.dumps({"size": 16, "resampling": "guess"})},
    ],
    ids=lambda texts: str(texts)[:40],
)
def test_texts_that_make_no_sense_are_refused(path, texts):
    rewrite(path, **texts)
    with pytest.raises(ModelInvalid):
        read_model(path)


def test_a_file_without_its_texts_is_refused(path):
    write_tensors(path, WEIGHTS, {}, form=FORMAT)
    with pytest.raises(ModelInvalid, match="settings"):
        read_model(path)


@pytest.mark.parametrize("change", ["missing", "further", "transposed", "renamed"])
def test_weights_that_are_not_those_of_the_network_are_refused(path, change):
    tensors = dict(WEIGHTS)
    kernel = tensors.pop("up_1/kernel")
    tensors |= {
        "missing": {},
        "further": {"up_1/kernel": kernel, "more": kernel},
        "transposed": {"up_1/kernel": kernel.swapaxes(2, 3)},
        "renamed": {"up_9/kernel": kernel},
    }[change]
    rewrite(path, tensors=tensors, sha256=tensors_sha256(tensors))
    with pytest.raises(ModelInvalid, match="not those of the network"):
        read_model(path)


def test_weights_of_another_type_are_refused(path):
    tensors = {name: value.astype(np.float64) for name, value in WEIGHTS.items()}
    rewrite(path, tensors=tensors, sha256=tensors_sha256(tensors))
    with pytest.raises(ModelInvalid, match="neither float32 nor float16"):
        read_model(path)


def test_weights_that_are_no_numbers_are_refused(path):
    tensors = {name: value.copy() for name, value in WEIGHTS.items()}
    tensors["last/kernel"].flat[3] = np.inf
    rewrite(path, tensors=tensors, sha256=tensors_sha256(tensors))
    with pytest.raises(ModelInvalid, match="last/kernel holds numbers that are not finite"):
        read_model(path)


def grained(layers: int = 2):
    network = replace(NETWORK, grain_width=3, grain_layers=layers)
    rng = np.random.default_rng(1)
    head = {n: rng.normal(0, 0.1, s).astype(np.float32) for n, s in weight_shapes(network).items()}
    return network, {name: value for name, value in head.items() if name not in WEIGHTS}


@pytest.mark.parametrize("layers", [2, 4])
def test_without_its_grain_head_a_generator_is_the_one_below(tmp_path, layers):
    network, head = grained(layers)
    assert len(head) == 2 * (layers + 1)
    written = write(tmp_path / "model", network=network, weights=WEIGHTS | head)
    weights, card = without_grain(*read_model(tmp_path / "model"))
    assert weights.keys() == WEIGHTS.keys()
    for name, value in WEIGHTS.items():
        np.testing.assert_array_equal(weights[name], value)
    assert card == replace(written, network=NETWORK)
    write(tmp_path / "below", network=card.network, weights=weights)
    assert read_model(tmp_path / "below")[1].network == NETWORK


def test_a_generator_without_a_grain_head_stays_as_it_is(path):
    weights, card = read_model(path)
    kept, same = without_grain(weights, card)
    assert same == card
    assert kept.keys() == weights.keys()


def test_a_head_that_is_not_the_one_stated_is_refused(tmp_path):
    network, head = grained()
    for other in (replace(network, grain_width=4), replace(network, grain_layers=3)):
        write(tmp_path / "model", network=other, weights=WEIGHTS | head)
        with pytest.raises(ModelInvalid, match="not those of the network"):
            read_model(tmp_path / "model")
