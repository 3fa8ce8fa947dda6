"""``sigforensics generators``, and generators by name in ``generate`` and ``train``."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sigforensics import errors
from sigforensics.gan.bundled import DEFAULT, bundled_generator, bundled_names
from sigforensics.gan.model_file import read_model
from sigforensics.recipes import RECIPES

Run = Callable[..., Any]


def test_all_that_ship_are_listed_with_their_hashes(sigforensics: Run) -> None:
    ran = sigforensics("generators")
    assert (ran.status, ran.err) == (0, "")
    for name in bundled_names():
        (line,) = (line for line in ran.out.splitlines() if f" {name} " in line)
        card = read_model(bundled_generator(name))[1]
        assert card.sha256[:16] in line
        assert card.network.upsampling in line
        assert (" * " in line) == (name == DEFAULT)


def test_the_document_has_what_the_files_state(sigforensics: Run) -> None:
    found = json.loads(sigforensics("generators", "--json", "-").out)
    assert found["schema"] == "sigforensics-generators/1"
    assert [one["name"] for one in found["generators"]] == bundled_names()
    for one in found["generators"]:
        weights, card = read_model(bundled_generator(one["name"]))
        assert one["sha256"] == card.sha256
        assert one["parameters"] == sum(value.size for value in weights.values())
        assert one["epochs"] == len(card.training["log"])
        assert one["network"]["upsampling"] == card.network.upsampling
        assert Path(one["path"]).stat().st_size == one["file_bytes"]
    assert [one["name"] for one in found["generators"] if one["default"]] == [DEFAULT]


def test_the_card_of_one_says_what_it_is(sigforensics: Run) -> None:
    ran = sigforensics("generators", DEFAULT)
    assert (ran.status, ran.err) == (0, "")
    lines = dict(line.split(":", 1) for line in ran.out.splitlines())
    assert lines["name"].strip() == f"{DEFAULT} (the default)"
    assert lines["SHA-256"].strip() == read_model(bundled_generator())[1].sha256
    assert lines["purpose"].strip() == RECIPES["default"].purpose
    assert f"upsampling {RECIPES['default'].network.upsampling}" in lines["network"]
    start = read_model(bundled_generator())[1].training["start"]
    assert lines["started from"].strip() == f"the generator with SHA-256 {start['sha256']}"
    assert "started from" not in sigforensics("generators", "cedar-16").out


def test_a_file_and_the_folder_of_a_training_have_cards_too(
    sigforensics: Run, generator_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "generator.safetensors").write_bytes(generator_file.read_bytes())
    for path, name in ((generator_file, "tiny"), (tmp_path / "model", "model")):
        (found,) = json.loads(sigforensics("generators", path, "--json", "-").out)["generators"]
        assert (found["name"], found["default"], found["purpose"]) == (name, False, None)
        assert (found["epochs"], found["network"]["size"]) == (0, 128)
        assert sigforensics("generators", path).status == 0


@pytest.mark.parametrize(
    ("named", "error"),
    [("nobody", errors.GeneratorUnknown), ("nobody.safetensors", errors.FileUnreadable)],
)
def test_what_is_not_there_is_a_line_and_a_status(
    sigforensics: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, error: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (("generators", named), ("generate", "x.png", "--generator", named, "-o", "out", "-q")):
        ran = sigforensics(*command)
        assert (ran.status, ran.out) == (error.status, "")
        assert len(ran.err.splitlines()) == 1
        assert named in ran.err
        assert (DEFAULT in ran.err) == (error is errors.GeneratorUnknown)
    assert list(tmp_path.iterdir()) == []


def test_generate_takes_a_bundled_name_before_a_file_of_that_name(
    sigforensics: Run, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_network: None
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / DEFAULT).write_bytes(b"no generator")
    scan = drawn / "signatures" / "writer-1_0.png"
    ran = sigforensics("generate", scan, "--generator", DEFAULT, "-o", "out", "--json", "-", "-q")
    assert ran.status == 0, ran.err
    assert json.loads(ran.out)["generator"].startswith(
        f"{DEFAULT} {read_model(bundled_generator())[1].sha256[:16]}"
    )
    ran = sigforensics("generate", scan, "--generator", f"./{DEFAULT}", "-o", "other", "-q")
    assert ran.status == errors.ModelInvalid.status


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What ``train`` asks its workflow for, which does nothing; the corpus is said to have 256 pixels."""
    from sigforensics.workflows.train import Trained

    asked: dict[str, Any] = {}

    def train(data: Path, output: Path, **settings: Any) -> Trained:
        asked.update(settings)
        return Trained(output, output / "generator.safetensors", "0" * 64, 1, ())

    monkeypatch.setattr("sigforensics.workflows.train.train", train)
    monkeypatch.setattr("sigforensics.workflows.train.prepared_size", lambda _: 256)
    return asked


@pytest.mark.parametrize("name", RECIPES)
def test_a_preset_is_the_recipe_of_that_name_at_the_size_of_the_corpus(
    sigforensics: Run, tmp_path: Path, asked: dict[str, Any], name: str
) -> None:
    assert sigforensics("train", "data", "-o", tmp_path / "model", "--preset", name, "-q").status == 0
    assert asked["network"] == replace(RECIPES[name].network, size=256)
    assert asked["training"] == RECIPES[name].training


def test_options_change_the_kind_of_network(sigforensics: Run, tmp_path: Path, asked: dict[str, Any]) -> None:
    kind = ("--architecture", "unet", "--upsampling", "bilinear", "--normalisation", "none")
    ran = sigforensics("train", "d", "-o", tmp_path / "m", *kind, "--size", 512, "--adversarial-weight", 0.5)
    assert ran.status == 0
    network = asked["network"]
    assert (network.upsampling, network.normalisation, network.size) == ("bilinear", "none", 512)
    assert asked["training"].adversarial_weight == 0.5


def test_a_kind_of_network_that_cannot_be_is_a_wrong_command_line(
    sigforensics: Run, tmp_path: Path, asked: dict[str, Any]
) -> None:
    ran = sigforensics(
        "train", "d", "-o", tmp_path / "m", "--preset", "spade-residual-nearest", "--normalisation", "batch"
    )
    assert ran.status == 2
    assert "no other normalisation" in ran.err
    assert not asked


def test_a_training_starts_from_a_generator_with_its_network_and_the_presets_training(
    sigforensics: Run, tmp_path: Path, asked: dict[str, Any]
) -> None:
    ran = sigforensics(
        "train", "d", "-o", tmp_path / "m", "--start-from", "spade-unet-shuffle", "--upsampling", "nearest"
    )
    assert ran.status == 0
    assert asked["beginning"] == bundled_generator("spade-unet-shuffle")
    assert asked["network"] == replace(RECIPES["spade-unet-shuffle"].network, upsampling="nearest")
    assert asked["training"] == RECIPES["default"].training
    assert sigforensics("train", "d", "-o", tmp_path / "m", "--start-from", DEFAULT).status == 0
    assert (asked["network"].grain_width, asked["network"].size) == (0, 512)


def test_a_start_from_nothing_known_is_refused(
    sigforensics: Run, tmp_path: Path, asked: dict[str, Any]
) -> None:
    ran = sigforensics("train", "d", "-o", tmp_path / "m", "--start-from", "cedar-61")
    assert ran.status == errors.GeneratorUnknown.status
    assert not asked
