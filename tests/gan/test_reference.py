"""The preset ``reference`` is the reference's network and training: every layer by a table that was worked out by hand."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from sigforensics.settings import REFERENCE_NETWORK, REFERENCE_TRAINING

GENERATOR = """
down_0         256 256   64       1024
down_1         128 128  128     131072
down_1_spade   128 128  128     296064
down_2          64  64  256     524288
down_2_spade    64  64  256     590976
down_3          32  32  512    2097152
down_3_spade    32  32  512    1180800
down_4          16  16  512    4194304
down_4_spade    16  16  512    1180800
down_5           8   8  512    4194304
down_5_spade     8   8  512    1180800
down_6           4   4  512    4194304
down_6_spade     4   4  512    1180800
down_7           2   2  512    4194304
down_7_spade     2   2  512    1180800
down_8           1   1  512    4194304
down_8_spade     1   1  512    1180800
up_0             2   2  512    4194304
up_0_spade       2   2  512    1180800
up_0_dropout     2   2  512          0
skip_0           2   2 1024          0
up_1             4   4  512    8388608
up_1_spade       4   4  512    1180800
up_1_dropout     4   4  512          0
skip_1           4   4 1024          0
up_2             8   8  512    8388608
up_2_spade       8   8  512    1180800
up_2_dropout     8   8  512          0
skip_2           8   8 1024          0
up_3            16  16  512    8388608
up_3_spade      16  16  512    1180800
skip_3          16  16 1024          0
up_4            32  32  512    8388608
up_4_spade      32  32  512    1180800
skip_4          32  32 1024          0
up_5            64  64  256    4194304
up_5_spade      64  64  256     590976
skip_5          64  64  512          0
up_6           128 128  128    1048576
up_6_spade     128 128  128     296064
skip_6         128 128  256          0
up_7           256 256   64     262144
up_7_spade     256 256   64     148608
skip_7         256 256  128          0
last           512 512    1       2048
image          512 512    1          0
"""
"""Layer, height, width, channels, parameters. A 4 x 4 convolution without biases has 16 times inputs times outputs; SPADE at n
channels has 3 x 3 x 1 x 128 = 1 152 for the shared convolution and 3 x 3 x 128 x n for each of gamma and beta."""

DISCRIMINATOR = """
pair           512 512    2          0
layer_0        256 256   64       2048
layer_1        128 128  128     131072
layer_1_norm   128 128  128        256
layer_2         64  64  256     524288
layer_2_norm    64  64  256        512
layer_3         64  64  512    2097152
layer_3_norm    64  64  512       1024
layer_4         64  64    1       8192
"""
"""Likewise; instance normalisation has a scale and a shift for each channel."""


def rows(table: str) -> list[tuple[str, tuple[int, ...], int]]:
    cells = [line.split() for line in table.split("\n") if line]
    return [(name, tuple(map(int, shape)), int(count)) for name, *shape, count in cells]


def layers(network) -> list[tuple[str, tuple[int, ...], int]]:
    """The layers of a network in their order, without its inputs and the activations between."""
    from sigforensics.gan.backend import keras

    return [
        (layer.name, tuple(layer.output.shape[1:]), layer.count_params())
        for layer in network.layers
        if not isinstance(layer, keras.layers.InputLayer) and not layer.name.endswith("_active")
    ]


@pytest.mark.network
def test_every_layer_of_the_generator_has_the_shape_and_parameters_worked_out_by_hand():
    from sigforensics.gan.networks import build_generator

    network = build_generator(REFERENCE_NETWORK)
    assert layers(network) == rows(GENERATOR)
    assert sum(count for _, _, count in rows(GENERATOR)) == 81_892_352 == network.count_params()
    assert not [weight.path for weight in network.weights if weight.path.endswith("bias")]


@pytest.mark.network
def test_every_layer_of_the_discriminator_has_the_shape_and_parameters_worked_out_by_hand():
    from sigforensics.gan.networks import build_discriminator

    network = build_discriminator(REFERENCE_NETWORK)
    assert layers(network) == rows(DISCRIMINATOR)
    assert sum(count for _, _, count in rows(DISCRIMINATOR)) == 2_764_544 == network.count_params()
    assert not [weight.path for weight in network.weights if weight.path.endswith("bias")]


@pytest.mark.network
def test_activations_are_leaky_on_the_way_down_and_plain_on_the_way_up():
    from sigforensics.gan.backend import keras
    from sigforensics.gan.networks import build_discriminator, build_generator

    kinds = {}
    for network in (build_generator(REFERENCE_NETWORK), build_discriminator(REFERENCE_NETWORK)):
        kinds |= {it.name: it for it in network.layers if it.name.endswith("_active")}
    leaky = {name for name, layer in kinds.items() if isinstance(layer, keras.layers.LeakyReLU)}
    assert leaky == {*(f"down_{n}_active" for n in range(9)), *(f"layer_{n}_active" for n in range(4))}
    assert set(kinds) - leaky == {f"up_{n}_active" for n in range(8)}
    assert {kinds[name].negative_slope for name in leaky} == {0.3}


def test_its_settings_are_those_of_the_reference():
    assert asdict(REFERENCE_NETWORK) == {
        "size": 512,
        "multiplier": 64,
        "architecture": "unet",
        "upsampling": "transposed",
        "normalisation": "spade",
        "batch_momentum": 0.99,  # of batch normalisation, which it has not
        "spade_width": 128,
        "gamma_offset": 0.0,
        "moments": "batch",
        "normalise_bottleneck": True,
        "biases": False,
        "epsilon": 1e-5,
        "leak": 0.3,
        "dropout": 0.5,
        "discriminator_multiplier": 64,
        "spectral_normalisation": False,
        "grain_width": 0,
        "grain_layers": 4,  # of a grain head, which it has not
    }
    training = asdict(REFERENCE_TRAINING)
    of_ours = {name: training.pop(name) for name in ("precision", "seed", "checkpoint_minutes")}
    assert of_ours["precision"] == "float32"
    assert training == {
        "epochs": 260,
        "batch": 1,
        "generator_rate": 2e-4,
        "discriminator_rate": 2e-4,
        "beta_1": 0.5,
        "beta_2": 0.999,
        "generator_updates": 1,
        "discriminator_updates": 1,
        "adversarial_weight": 1.0,
        "l1_weight": 0.0,
        "initial_deviation": 0.02,
        "decay": 0.0,
        "holes": 0.0,
        "hole": (32, 128),  # of holes, which it has not
        "blank_weight": 1.0,
        "varied": 0.0,
        "bent": 50.0,  # of varied rows, which it has not, as the next
        "enlarged_share": 0.5,
        "enlarged": (1.0, 4.0),
        "darkened": (0.7, 1.7),
    }
