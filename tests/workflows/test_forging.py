"""Cases to true and fake images, with what stands beside them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from sigforensics.errors import FileUnreadable, ModelInvalid
from sigforensics.png import png_texts
from sigforensics.settings import Forging
from sigforensics.workflows.cases import Case
from sigforensics.workflows.forging import Generator, forge_cases, seeds_of
from sigforensics.workflows.inputs import input_entry

SIZE = 128
BLANK = np.zeros((SIZE, SIZE), np.float32)


@pytest.fixture
def generator(generator_file: Path, without_network: None) -> Generator:
    return Generator(generator_file)


def case(name: str, *, left: int = 30) -> Case:
    target = np.zeros((SIZE, SIZE), np.uint8)
    target[50:70, left : left + 60] = 200
    edges = np.zeros_like(target)
    edges[50, left : left + 60] = edges[69, left : left + 60] = 255
    return Case(name, target, edges, target, BLANK, {"source": f"{name}.png"})


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


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "no stroke carried on across holes"),
        ({"grafted": 0, "joins": 0, "points": 0, "specimens": ""}, "no stroke carried on across holes"),
        ({"grafted": 0, "joins": 0, "points": 1, "specimens": ""}, "strokes carried on across holes by rule"),
        (
            {"grafted": 2, "joins": 0, "points": 0, "specimens": "b"},
            "strokes carried on across holes in pieces of other specimens",
        ),
        (
            {"grafted": 2, "joins": 1, "points": 0, "specimens": "b"},
            "strokes carried on across holes in pieces of other specimens and by rule",
        ),
    ],
)
def test_a_fake_says_how_its_own_strokes_were_carried_on(
    tmp_path: Path, generator: Generator, facts: dict[str, Any], said: str
) -> None:
    one = case("a")
    one = replace(one, facts={**one.facts, **facts})
    forge_cases([one], tmp_path, generator=generator, settings=Forging(augmented=True))
    assert (
        png_texts(tmp_path / "fake" / "a.png")["sigforensics:edges"]
        == f"augmented, traced after deforming, {said}"
    )


def test_cases_are_taken_as_they_come_and_not_kept(tmp_path: Path, generator: Generator) -> None:
    def come() -> Iterator[Case]:
        for number in range(12):
            yield case(f"{number:02d}")
            assert len(list(tmp_path.glob("fake/*.png"))) == number + 1

    assert len(forge_cases(come(), tmp_path, generator=generator, settings=Forging())) == 12


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


def source_types(texts: Any) -> list[str]:
    """IPTC's digital source types in an XMP packet, by an XML parser."""
    kind = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
    found = ET.fromstring(texts["XML:com.adobe.xmp"]).iter(kind)  # noqa: S314 - our own
    return [str(element.text).rpartition("/")[2] for element in found]


@pytest.mark.parametrize("dropout", [False, True])
def test_every_picture_of_a_fake_says_that_it_is_synthetic_by_which_generator_and_seed(
    tmp_path: Path, generator: Generator, dropout: bool
) -> None:
    settings = Forging(variants=2, dropout=dropout, seed=9)
    forge_cases([case("a")], tmp_path, generator=generator, settings=settings)
    pictures = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.png")}
    assert pictures == {"true/a.png", "fake/a.png", "fake-2/a.png", "sheet.png"}
    for picture, variant in (("fake/a.png", "1"), ("fake-2/a.png", "2"), ("sheet.png", None)):
        with Image.open(tmp_path / picture) as image:
            texts = image.text
        assert texts["sigforensics:synthetic"] == "true"
        assert texts["sigforensics:generator"] == generator.identity
        assert texts["sigforensics:seed"] == "9"
        assert texts.get("sigforensics:variant") == variant
        assert texts.get("sigforensics:dropout") == (variant and str(dropout).lower())
        expected = "trainedAlgorithmicMedia" if variant else "compositeSynthetic"
        assert source_types(texts) == [expected]
    with Image.open(tmp_path / "true" / "a.png") as image:
        assert not {"sigforensics:synthetic", "XML:com.adobe.xmp"} & set(image.text)
        assert image.text["sigforensics:polarity"] == "bright"


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
    forge_cases(
        [Case("a", empty, empty, empty, BLANK, {})], tmp_path, generator=generator, settings=Forging()
    )
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


def test_seeds_depend_on_seed_name_and_variant_alone() -> None:
    one = seeds_of("a", 1, 0)
    assert (one.shape, one.dtype) == ((2,), np.int32)
    np.testing.assert_array_equal(one, seeds_of("a", 1, 0))
    for other in (seeds_of("b", 1, 0), seeds_of("a", 2, 0), seeds_of("a", 1, 1)):
        assert one.tolist() != other.tolist()


@pytest.mark.network
def test_a_network_gives_the_same_fake_twice_and_dropout_varies_it(generator_file: Path) -> None:
    generator = Generator(generator_file)

    def forge(**settings: Any) -> list[Any]:
        fakes = list(generator.forge_many(map(case, "ab"), settings=Forging(variants=2, **settings)))
        assert [(fake.case.name, fake.variant) for fake in fakes] == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]
        return [fake.image for fake in fakes]

    plain, varied = forge(), forge(dropout=True)
    assert plain[0].any()
    np.testing.assert_array_equal(plain[0], plain[1])
    np.testing.assert_array_equal(plain, forge())
    assert np.any(varied[0] != varied[1])
    np.testing.assert_array_equal(varied, forge(dropout=True))
