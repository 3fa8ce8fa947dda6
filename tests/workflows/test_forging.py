"""Cases to true and fake images, with what stands beside them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sigforensics.errors import FileUnreadable, ModelInvalid
from sigforensics.settings import Forging
from sigforensics.workflows.cases import Case
from sigforensics.workflows.forging import Generator, forge_cases, input_entry

SIZE = 128


@pytest.fixture
def generator(generator_file: Path, without_network: None) -> Generator:
    return Generator(generator_file)


def case(name: str, *, left: int = 30) -> Case:
    target = np.zeros((SIZE, SIZE), np.uint8)
    target[50:70, left : left + 60] = 200
    edges = np.zeros_like(target)
    edges[50, left : left + 60] = edges[69, left : left + 60] = 255
    return Case(name, target, edges, target, {"source": f"{name}.png"})


def read(path: Path) -> Any:
    with Image.open(path) as image:
        return np.array(image)


def test_true_and_fake_have_the_same_names_and_the_same_last_steps(
    tmp_path: Path, generator: Generator
) -> None:
    rows = forge_cases([case("a"), case("b", left=10)], tmp_path, generator=generator, settings=Forging())
    assert [row["name"] for row in rows] == ["a", "b"]
    for name in ("a", "b"):
        true, fake = read(tmp_path / "true" / f"{name}.png"), read(tmp_path / "fake" / f"{name}.png")
        np.testing.assert_array_equal(true, case(name, left=30 if name == "a" else 10).target)
        assert true.dtype == fake.dtype == np.uint8
        assert true.shape == fake.shape == (SIZE, SIZE)
        for image in (true, fake):
            assert image.any()
            assert not np.any((image > 0) & (image < 25))


def test_cases_are_forged_one_by_one_as_they_come(tmp_path: Path, generator: Generator) -> None:
    def come() -> Iterator[Case]:
        for name in "abc":
            yield case(name)
            assert (tmp_path / "fake" / f"{name}.png").is_file()

    assert len(forge_cases(come(), tmp_path, generator=generator, settings=Forging())) == 3


def test_variants_differ_from_each_other_and_come_again_with_their_seed(
    tmp_path: Path, generator: Generator
) -> None:
    def fakes(folder: str, seed: int) -> list[bytes]:
        settings = Forging(variants=3, dropout=True, seed=seed)
        forge_cases([case("a")], tmp_path / folder, generator=generator, settings=settings)
        places = ("fake", "fake-2", "fake-3")
        return [(tmp_path / folder / place / "a.png").read_bytes() for place in places]

    first = fakes("first", 1)
    assert len(set(first)) == 3
    assert fakes("again", 1) == first
    assert not set(fakes("other", 2)) & set(first)


def test_a_variant_does_not_depend_on_which_other_signatures_are_forged(
    tmp_path: Path, generator: Generator
) -> None:
    for folder, names in (("alone", "b"), ("among", "abc")):
        settings = Forging(variants=2, dropout=True, seed=5)
        forge_cases(map(case, names), tmp_path / folder, generator=generator, settings=settings)
    for place in ("fake", "fake-2"):
        alone, among = (tmp_path / folder / place / "b.png" for folder in ("alone", "among"))
        assert alone.read_bytes() == among.read_bytes()


def test_fakes_say_that_they_are_synthetic_by_which_generator_and_seed(
    tmp_path: Path, generator: Generator
) -> None:
    for dropout, seed in ((False, "none"), (True, "9")):
        folder = tmp_path / seed
        forge_cases([case("a")], folder, generator=generator, settings=Forging(dropout=dropout, seed=9))
        with Image.open(folder / "fake" / "a.png") as fake, Image.open(folder / "true" / "a.png") as true:
            assert fake.text["sigforensics:synthetic"] == "true"
            assert "trainedAlgorithmicMedia" in fake.text["XML:com.adobe.xmp"]
            assert fake.text["sigforensics:generator"] == generator.identity
            assert fake.text["sigforensics:seed"] == seed
            assert fake.text["sigforensics:polarity"] == true.text["sigforensics:polarity"] == "bright"
            assert "sigforensics:synthetic" not in true.text


def test_table_and_sheet_stand_beside_them(tmp_path: Path, generator: Generator) -> None:
    names = [f"s{number:02d}" for number in range(13)]
    forge_cases(map(case, names), tmp_path, generator=generator, settings=Forging())
    with (tmp_path / "signatures.csv").open(newline="") as stream:
        assert list(csv.DictReader(stream)) == [{"name": name, "source": f"{name}.png"} for name in names]
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.height > sheet.width  # ten rows of two


@pytest.mark.parametrize("name", ["a$\\frac$b", "签名", "a_{b", "x" * 120])
def test_any_name_can_stand_on_the_sheet(tmp_path: Path, generator: Generator, name: str) -> None:
    forge_cases([case(name)], tmp_path, generator=generator, settings=Forging())
    assert (tmp_path / "sheet.png").is_file()


def test_a_signature_without_any_ink_is_forged_and_drawn_all_the_same(
    tmp_path: Path, generator: Generator
) -> None:
    empty = np.zeros((SIZE, SIZE), np.uint8)
    forge_cases([Case("a", empty, empty, empty, {})], tmp_path, generator=generator, settings=Forging())
    assert not read(tmp_path / "true" / "a.png").any()


def test_without_cases_nothing_is_written(tmp_path: Path, generator: Generator) -> None:
    assert forge_cases([], tmp_path, generator=generator, settings=Forging()) == []
    assert list(tmp_path.iterdir()) == []


def test_a_generator_is_read_from_a_file_or_from_the_folder_of_a_training(
    tmp_path: Path, generator_file: Path
) -> None:
    (tmp_path / "generator.safetensors").write_bytes(generator_file.read_bytes())
    assert Generator(tmp_path).card == Generator(generator_file).card
    assert Generator(tmp_path).path == tmp_path / "generator.safetensors"
    with pytest.raises(FileUnreadable):
        Generator(tmp_path / "missing")
    (tmp_path / "other").mkdir()
    with pytest.raises(FileUnreadable, match=r"generator\.safetensors"):
        Generator(tmp_path / "other")


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
def test_a_file_that_is_no_whole_generator_is_refused(
    tmp_path: Path, generator_file: Path, keep: int
) -> None:
    (tmp_path / "broken").write_bytes(generator_file.read_bytes()[:keep])
    with pytest.raises(ModelInvalid):
        Generator(tmp_path / "broken")


def test_the_record_has_the_hash_of_what_can_be_read_and_none_of_what_cannot(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    assert str(input_entry(tmp_path / "a", "scan")["sha256"]).startswith("ca978112")
    assert input_entry(tmp_path / "a", "scan", "known")["sha256"] == "known"
    assert input_entry(tmp_path / "missing", "scan")["sha256"] is None


@pytest.mark.network
def test_a_network_gives_the_same_fake_twice_and_dropout_varies_it(generator_file: Path) -> None:
    generator = Generator(generator_file)

    def forge(variant: int, **settings: Any) -> Any:
        return generator.forge(case("a"), variant=variant, settings=Forging(**settings))

    plain = forge(1)
    assert plain.any()
    np.testing.assert_array_equal(plain, forge(1))
    first, second = forge(1, dropout=True), forge(2, dropout=True)
    assert np.any(first != second)
    np.testing.assert_array_equal(second, forge(2, dropout=True))
