from __future__ import annotations

import math
from dataclasses import replace

import pytest

from sigforensics.gan.structure import (
    down_filters,
    is_normalised,
    residual_filters,
    up_filters,
    weight_shapes,
)
from sigforensics.settings import REFERENCE_NETWORK, Network


def parameters(settings: Network) -> int:
    return sum(math.prod(shape) for shape in weight_shapes(settings).values())


def spade(width: int, filters: int) -> int:
    """Parameters of SPADE without biases: the shared convolution, then gamma and beta."""
    return 9 * 1 * width + 2 * 9 * width * filters


def test_the_reference_generator_has_the_parameters_counted_by_hand():
    down = [(1, 64), (64, 128), (128, 256), (256, 512), *[(512, 512)] * 5]
    up = [(512, 512), *[(512 + 512, 512)] * 4, (512 + 512, 256), (256 + 256, 128), (128 + 128, 64)]
    convolutions = sum(16 * inputs * outputs for inputs, outputs in [*down, *up, (64 + 64, 1)])
    normalisations = sum(spade(128, outputs) for _, outputs in [*down[1:], *up])
    assert convolutions + normalisations == 81_892_352
    assert parameters(REFERENCE_NETWORK) == 81_892_352


def test_a_quarter_of_its_width_has_the_parameters_counted_by_hand():
    down = [(1, 16), (16, 32), (32, 64), (64, 128), *[(128, 128)] * 5]
    up = [(128, 128), *[(256, 128)] * 4, (256, 64), (128, 32), (64, 16)]
    convolutions = sum(16 * inputs * outputs for inputs, outputs in [*down, *up, (32, 1)])
    normalisations = sum(spade(32, outputs) for _, outputs in [*down[1:], *up])
    assert convolutions + normalisations == 5_122_304
    assert parameters(Network(biases=False, normalise_bottleneck=True)) == 5_122_304


def test_biases_stand_where_no_normalisation_follows_and_in_spade():
    biased = weight_shapes(Network(size=16, multiplier=2, spade_width=4))
    found = {name: shape for name, shape in biased.items() if name.endswith("bias")}
    plain = {name: shape for name, shape in found.items() if "spade" not in name}
    assert plain == {"down_0/bias": (2,), "down_3/bias": (16,), "last/bias": (1,)}
    assert found["down_1_spade/shared/bias"] == (4,)
    assert found["up_2_spade/gamma/bias"] == found["up_2_spade/beta/bias"] == (2,)


def test_an_unnormalised_bottleneck_has_no_spade():
    names = set(weight_shapes(Network(size=16)))
    with_bottleneck = set(weight_shapes(Network(size=16, normalise_bottleneck=True)))
    assert {name.split("/")[0] for name in with_bottleneck - names} == {"down_3_spade"}
    assert names - with_bottleneck == {"down_3/bias"}


DOWN = [(1, 8), (8, 16), (16, 32), (32, 64), *[(64, 64)] * 4]
UP = [(64, 64), *[(128, 64)] * 3, (128, 32), (64, 16), (32, 8), (16, 1)]
SMALL = Network(size=256, multiplier=8, spade_width=16, biases=False)


def test_instance_normalisation_has_a_scale_and_a_shift_and_batch_normalisation_two_moments_too():
    convolutions = sum(16 * inputs * outputs for inputs, outputs in [*DOWN, *UP])
    normalised = sum(outputs for _, outputs in [*DOWN[1:-1], *UP[:-1]])
    for kind, each in (("none", 0), ("instance", 2), ("batch", 4)):
        assert parameters(replace(SMALL, normalisation=kind)) == convolutions + each * normalised


def test_without_normalisation_every_layer_has_its_biases():
    plain = replace(SMALL, normalisation="none")
    biases = sum(outputs for _, outputs in [*DOWN, *UP])
    assert parameters(replace(plain, biases=True)) - parameters(plain) == biases


def test_upsampling_by_a_convolution_has_nine_places_and_pixel_shuffle_four_times_the_filters():
    down = sum(16 * inputs * outputs for inputs, outputs in DOWN)
    up = sum(inputs * outputs for inputs, outputs in UP)
    for way, places in (
        ("smoothed", 16),
        ("transposed", 16),
        ("nearest", 9),
        ("bilinear", 9),
        ("pixel_shuffle", 36),
    ):
        assert parameters(replace(SMALL, normalisation="none", upsampling=way)) == down + places * up


def test_the_residual_generator_has_the_parameters_counted_by_hand():
    def spade_of_two(filters: int) -> int:
        return 9 * 2 * 16 + 2 * 9 * 16 * filters

    same = 2 * spade_of_two(64) + 2 * 9 * 64 * 64
    narrowing = sum(
        2 * spade_of_two(wide) + spade_of_two(thin) + 9 * wide * thin + 9 * thin * thin + wide * thin
        for wide, thin in ((64, 32), (32, 16), (16, 8))
    )
    settings = replace(SMALL, architecture="spade_residual", upsampling="nearest")
    assert parameters(settings) == 9 * 2 * 64 + 3 * same + narrowing + 9 * 8
    biases = replace(settings, biases=True)
    found = {name: shape for name, shape in weight_shapes(biases).items() if name.endswith("bias")}
    plain = {name for name in found if "spade" not in name}
    assert plain == {"start/bias", "last/bias", *(f"block_{level}_second/bias" for level in range(6))}


@pytest.mark.parametrize(("size", "first"), [(16, 4), (64, 4), (128, 4), (256, 8), (512, 16)])
def test_residual_blocks_double_from_a_small_image_to_the_whole(size, first):
    settings = Network(size=size, multiplier=4, architecture="spade_residual")
    filters = residual_filters(settings)
    assert first * 2 ** (len(filters) - 1) == size
    assert filters[-3:] == [16, 8, 4]
    assert max(filters) <= 4 * 8


@pytest.mark.parametrize("size", [16, 32, 512])
def test_down_blocks_halve_to_one_pixel_and_up_blocks_double_back(size):
    settings = Network(size=size, multiplier=4)
    assert size / 2 ** len(down_filters(settings)) == 1
    assert 2 ** (len(up_filters(settings)) + 1) == size
    assert up_filters(settings) == down_filters(settings)[:-1][::-1]
    assert max(down_filters(settings)) == 4 * 8


def test_the_first_block_is_never_normalised():
    settings = Network(size=32, normalise_bottleneck=True)
    assert [is_normalised(settings, level) for level in range(5)] == [False, True, True, True, True]
    assert not any(is_normalised(replace(settings, normalisation="none"), level) for level in range(5))


@pytest.mark.parametrize("normalisation", ["instance", "batch", "none"])
def test_the_residual_generator_without_spade_would_not_see_the_edges_and_cannot_be(normalisation):
    with pytest.raises(ValueError, match="SPADE alone"):
        Network(architecture="spade_residual", normalisation=normalisation)


@pytest.mark.parametrize("layers", [1, 4])
@pytest.mark.parametrize("architecture", ["unet", "spade_residual"])
def test_a_grain_head_adds_its_convolutions_and_changes_nothing_below(architecture, layers):
    plain = Network(size=32, multiplier=2, architecture=architecture)
    shapes, below = weight_shapes(replace(plain, grain_width=5, grain_layers=layers)), weight_shapes(plain)
    head = {name: shape for name, shape in shapes.items() if name not in below}
    assert {name: shapes[name] for name in below} == below
    between = [(5, 5)] * (layers - 1)
    convolutions = [(14, 5), *between, (5, 1)]
    assert sum(math.prod(shape) for shape in head.values()) == sum(
        9 * inputs * outputs + outputs for inputs, outputs in convolutions
    )
    assert {name.partition("/")[0] for name in head} == {"grain"}


def test_the_default_head_has_the_parameters_counted_by_hand():
    settings = Network(grain_width=24)
    head = 9 * (14 * 24 + 3 * 24 * 24 + 24) + 4 * 24 + 1
    assert head == 18_889
    assert parameters(settings) - parameters(Network()) == head
