from __future__ import annotations

from pathlib import Path

import pytest

from sigforensics.errors import GeneratorUnknown
from sigforensics.gan.bundled import DEFAULT, bundled_generator, bundled_names, find_generator
from sigforensics.gan.model_file import read_model
from sigforensics.provenance import to_json
from sigforensics.recipes import RECIPES


def test_every_bundled_generator_can_be_read_and_the_default_comes_first():
    names = bundled_names()
    assert names[0] == DEFAULT
    assert names[1:] == sorted(set(names) - {DEFAULT})
    for name in names:
        assert read_model(bundled_generator(name))[0]


def test_the_default_generator_is_what_the_default_recipe_trains():
    """Epochs and arithmetic are the user's choice; all else is the recipe's."""
    card, recipe = read_model(bundled_generator())[1], RECIPES["default"]
    assert card.network == recipe.network
    stated, meant = card.training["settings"], to_json(recipe.training)
    later = {"varied", "bent", "enlarged", "enlarged_share", "darkened"}  # added since, and off
    assert not recipe.training.varied
    assert {name for name in meant if stated.get(name) != meant[name]} <= {"epochs", "precision"} | later


def test_the_varied_generator_is_what_its_recipe_makes_of_the_default():
    card, recipe = read_model(bundled_generator("cedar-16-varied"))[1], RECIPES["varied"]
    assert card.network == recipe.network
    stated, meant = card.training["settings"], to_json(recipe.training)
    assert {name for name in meant if stated[name] != meant[name]} == {"precision"}
    assert card.training["start"]["sha256"] == read_model(bundled_generator())[1].sha256


def test_a_name_is_that_of_a_bundled_generator_whatever_lies_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_generator(DEFAULT) == bundled_generator()
    (tmp_path / DEFAULT).write_bytes(b"another generator")
    assert find_generator(DEFAULT) == bundled_generator()
    assert find_generator(f"./{DEFAULT}") == Path(DEFAULT)


def test_a_folder_stands_for_the_generator_in_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / DEFAULT).mkdir()
    (tmp_path / "model").mkdir()
    assert find_generator(DEFAULT) == bundled_generator()
    assert find_generator(f"./{DEFAULT}") == Path(DEFAULT) / "generator.safetensors"
    assert find_generator("model") == Path("model") / "generator.safetensors"
    assert find_generator(str(tmp_path / "model")) == tmp_path / "model" / "generator.safetensors"


@pytest.mark.parametrize("named", ["cedar-16.safetensors", "models/cedar-16", "../cedar-16", "missing.bin"])
def test_what_has_an_ending_or_a_separator_is_a_path(named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_generator(named) == Path(named)


def test_a_name_that_nothing_has_is_refused_with_the_names_that_there_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GeneratorUnknown, match=f"cedar-61: .* give {DEFAULT}") as caught:
        find_generator("cedar-61")
    for name in bundled_names():
        assert name in caught.value.advice
    (tmp_path / "cedar-61").write_bytes(b"a file")
    assert find_generator("cedar-61") == Path("cedar-61")
