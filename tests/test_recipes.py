from __future__ import annotations

from dataclasses import asdict

from sigforensics.recipes import RECIPES
from sigforensics.settings import REFERENCE_NETWORK, REFERENCE_TRAINING, Network, Training

ZOO = {name: recipe for name, recipe in RECIPES.items() if name not in {"default", "reference", "varied"}}


def differing(one: str, other: str) -> set[str]:
    found = set()
    for part in ("network", "training"):
        a, b = (asdict(getattr(RECIPES[it], part)) for it in (one, other))
        found |= {name for name in a if a[name] != b[name]}
    return found


def test_default_and_reference_are_those_of_the_settings():
    assert (RECIPES["default"].network, RECIPES["default"].training) == (Network(), Training())
    found = RECIPES["reference"].network, RECIPES["reference"].training
    assert found == (REFERENCE_NETWORK, REFERENCE_TRAINING)


def test_varied_differs_from_the_default_in_how_it_is_trained_alone():
    changed = {"epochs", "varied", "holes", "discriminator_rate"}
    assert differing("default", "varied") == changed


def test_the_small_ones_are_alike_in_size_and_training_and_unlike_in_their_kind():
    assert len(ZOO) >= 5
    for recipe in ZOO.values():
        network = recipe.network
        sizes = (network.multiplier, network.spade_width, network.discriminator_multiplier)
        assert (network.size, sizes) == (256, (8, 16, 8))
        assert (recipe.training.batch, recipe.training.precision) == (1, "float32")
    kinds = {(str(asdict(it.network)), it.training.adversarial_weight) for it in ZOO.values()}
    assert len(kinds) == len(ZOO)
    networks = [recipe.network for recipe in ZOO.values()]
    assert {it.upsampling for it in networks} == {"transposed", "nearest", "bilinear", "pixel_shuffle"}
    assert {it.normalisation for it in networks} >= {"spade", "instance", "batch"}
    assert {it.architecture for it in networks} == {"unet", "spade_residual"}


def test_what_is_said_to_differ_in_one_thing_does():
    assert differing("pix2pix-transposed", "pix2pix-nearest") == {"upsampling"}
    assert differing("pix2pix-transposed", "pix2pix-batch") == {"normalisation"}
    assert differing("pix2pix-transposed", "pix2pix-l1") == {"adversarial_weight"}
    assert differing("spade-unet-bilinear", "spade-unet-shuffle") == {"upsampling"}


def test_each_says_what_it_is_for_and_where_it_comes_from():
    texts = [recipe.purpose for recipe in RECIPES.values()]
    assert len(set(texts)) == len(RECIPES)
    assert all(text.endswith(".") for text in texts)
    assert all(recipe.source for recipe in RECIPES.values())
