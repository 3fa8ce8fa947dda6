"""How two sets are set against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sigforensics.errors import SharedFiles, TableInvalid, TooFewImages
from sigforensics.workflows.matching import match_sets, shared_error, shared_files
from sigforensics.workflows.sets import ImageSet

NO_SPECTRUM: Any = None


def image_set(folder: Path, names: Sequence[str], left_out: Sequence[str] = ()) -> ImageSet:
    paths = tuple(folder / name for name in names)
    skipped = tuple(folder / name for name in left_out)
    return ImageSet(folder, paths, ("",) * len(paths), NO_SPECTRUM, (), (), skipped)


def write_table(folder: Path, **writers: str) -> None:
    lines = ["name,writer", *(f"{name},{writer}" for name, writer in writers.items())]
    (folder / "signatures.csv").write_text("\n".join(lines) + "\n")


def test_folders_of_the_same_names_are_pairs_whatever_the_order_and_the_endings(tmp_path: Path) -> None:
    true = image_set(tmp_path / "true", ["a.png", "b.png", "c.png"])
    fake = image_set(tmp_path / "fake", ["c.tif", "a.tif", "b.tif"])
    matched = match_sets(true, fake, "auto")
    assert matched.paired
    pairs = [
        (true.paths[i].stem, fake.paths[j].stem) for i, j in zip(matched.true, matched.fake, strict=True)
    ]
    assert pairs == [("a", "a"), ("b", "b"), ("c", "c")]
    assert matched.notes == ()


def test_sets_stay_paired_where_one_file_had_to_be_skipped(tmp_path: Path) -> None:
    true = image_set(tmp_path / "true", ["a.png", "c.png"], left_out=["b.png"])
    fake = image_set(tmp_path / "fake", ["a.png", "b.png", "c.png"])
    matched = match_sets(true, fake, "auto")
    assert (matched.paired, matched.true, matched.fake) == (True, [0, 1], [0, 2])
    assert matched.notes == ("1 images without a partner of the same file name were left out",)


def test_sets_that_share_some_names_are_pairs_only_if_that_is_said(tmp_path: Path) -> None:
    true = image_set(tmp_path / "true", ["a.png", "b.png", "c.png"])
    fake = image_set(tmp_path / "fake", ["b.png", "c.png", "d.png"])
    automatic = match_sets(true, fake, "auto")
    assert (automatic.paired, automatic.true, automatic.fake) == (False, [0, 1, 2], [0, 1, 2])
    assert "--pairs" in automatic.notes[0]
    asked = match_sets(true, fake, "pair")
    assert (asked.paired, asked.true, asked.fake) == (True, [1, 2], [0, 1])
    assert "2 images" in asked.notes[0]


def test_pairs_without_common_names_are_refused(tmp_path: Path) -> None:
    true, fake = image_set(tmp_path / "t", ["a.png", "b.png"]), image_set(tmp_path / "f", ["b.png", "c.png"])
    with pytest.raises(TooFewImages, match="share 1 file name"):
        match_sets(true, fake, "pair")


def test_a_name_that_stands_twice_in_a_folder_is_nobodys_partner(tmp_path: Path) -> None:
    true = image_set(tmp_path / "t", ["a.png", "a.tif", "b.png", "c.png"])
    fake = image_set(tmp_path / "f", ["a.png", "b.png", "c.png"])
    matched = match_sets(true, fake, "pair")
    assert (matched.true, matched.fake) == ([2, 3], [1, 2])


def test_images_stand_for_themselves_if_that_is_said(tmp_path: Path) -> None:
    names = ["original_1_1.png", "original_2_1.png"]
    true, fake = image_set(tmp_path / "t", names), image_set(tmp_path / "f", names)
    matched = match_sets(true, fake, "image")
    assert (matched.paired, matched.writers_true, matched.true) == (False, None, [0, 1])


def test_writers_come_from_cedar_names(tmp_path: Path) -> None:
    true = image_set(tmp_path / "t", ["original_1_1.png", "original_1_2.png", "original_2_1.png"])
    fake = image_set(tmp_path / "f", ["forgeries_1_1.png", "forgeries_2_1.png"])
    matched = match_sets(true, fake, "auto")
    assert matched.writers_true == ["1", "1", "2"]
    assert matched.writers_fake == ["1", "2"]
    assert not matched.paired


def test_writers_come_from_the_table_of_the_run_that_made_the_sets(tmp_path: Path) -> None:
    write_table(tmp_path, a="w1", b="w2")
    true, fake = (image_set(tmp_path / name, ["a.png", "b.png"]) for name in ("true", "fake"))
    assert match_sets(true, fake, "auto").writers_true == ["w1", "w2"]


def test_the_table_is_found_where_the_set_is_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_table(tmp_path, a="w1", b="w2")
    (tmp_path / "true").mkdir()
    monkeypatch.chdir(tmp_path / "true")
    true, fake = image_set(Path(), ["a.png", "b.png"]), image_set(Path("../fake"), ["a.png", "b.png"])
    assert match_sets(true, fake, "writer").writers_fake == ["w1", "w2"]


@pytest.mark.parametrize(
    ("true_writers", "fake_writers"), [("11", "11"), ("12", "23"), ("11", "22"), ("12", "33")]
)
def test_where_too_few_writers_can_be_compared_pairs_are_and_writers_asked_for_are_refused(
    tmp_path: Path, true_writers: str, fake_writers: str
) -> None:
    for folder, writers in (("one", true_writers), ("two", fake_writers)):
        (tmp_path / folder).mkdir()
        write_table(tmp_path / folder, a=f"w{writers[0]}", b=f"w{writers[1]}")
    true, fake = (image_set(tmp_path / name, ["a.png", "b.png"]) for name in ("one/true", "two/fake"))
    assert match_sets(true, fake, "auto").paired
    with pytest.raises(TooFewImages, match="writers are not known, or too few"):
        match_sets(true, fake, "writer")


def test_sets_without_a_common_writer_are_compared_by_writer_if_each_has_two(tmp_path: Path) -> None:
    true = image_set(tmp_path / "t", ["original_1_1.png", "original_2_1.png"])
    fake = image_set(tmp_path / "f", ["original_3_1.png", "original_4_1.png"])
    assert match_sets(true, fake, "auto").writers_fake == ["3", "4"]


def test_one_image_of_an_unknown_writer_makes_the_writers_unknown(tmp_path: Path) -> None:
    true = image_set(tmp_path / "t", ["original_1_1.png", "original_2_1.png", "x.png"])
    fake = image_set(tmp_path / "f", ["original_1_1.png", "original_2_1.png"])
    assert match_sets(true, fake, "auto").writers_true is None


def test_a_damaged_table_beside_a_set_is_named(tmp_path: Path) -> None:
    (tmp_path / "signatures.csv").write_bytes(b"name,writer\n\xff\xfe,a\n")
    true, fake = (image_set(tmp_path / name, ["a.png", "b.png"]) for name in ("true", "fake"))
    with pytest.raises(TableInvalid, match=r"signatures\.csv"):
        match_sets(true, fake, "auto")


def test_a_table_of_something_else_tells_no_writers(tmp_path: Path) -> None:
    (tmp_path / "signatures.csv").write_text("file;author\na;b\n")
    true, fake = (image_set(tmp_path / name, ["a.png", "b.png"]) for name in ("true", "fake"))
    assert match_sets(true, fake, "auto").paired


def with_hashes(images: ImageSet, hashes: str) -> ImageSet:
    """The file of each image is told by one letter."""
    return replace(images, sha256=tuple(hashes))


def test_files_in_both_sets_are_known_by_their_bytes_and_the_first_is_named(tmp_path: Path) -> None:
    true = with_hashes(image_set(tmp_path / "t", ["a.png", "b.png", "c.png"]), "123")
    fake = with_hashes(image_set(tmp_path / "f", ["x.png", "y.png", "z.png"]), "932")
    shared = shared_files(true, fake)
    assert shared == {"2", "3"}
    error = shared_error(true, fake, shared)
    assert isinstance(error, SharedFiles)
    assert error.what == f"2 files are in both sets; {tmp_path / 't' / 'b.png'} is {tmp_path / 'f' / 'z.png'}"
    assert not shared_files(true, with_hashes(fake, "789"))


def test_files_in_both_sets_are_left_out_of_both_with_a_note(tmp_path: Path) -> None:
    true = with_hashes(image_set(tmp_path / "t", ["a.png", "b.png", "c.png", "d.png"]), "1234")
    fake = with_hashes(image_set(tmp_path / "f", ["a.png", "x.png", "c.png", "d.png", "b.png"]), "72893")
    matched = match_sets(true, fake, "pair", without=frozenset("23"))
    assert (matched.true, matched.fake) == ([0, 3], [0, 3])
    assert "left out of both: 2 of the first and 2 of the second" in matched.notes[0]
    matched = match_sets(true, fake, "image", without=frozenset("23"))
    assert (matched.true, matched.fake) == ([0, 3], [0, 2, 3])


def test_of_sets_that_share_all_files_nothing_is_left_to_compare(tmp_path: Path) -> None:
    true = with_hashes(image_set(tmp_path / "t", ["a.png", "b.png", "c.png"]), "123")
    with pytest.raises(TooFewImages, match="that the other set does not have"):
        match_sets(true, true, "auto", without=frozenset("123"))


def test_writers_who_are_known_are_counted_where_they_are_not_the_units(tmp_path: Path) -> None:
    names = [f"original_{writer}_{sample}.png" for writer in (1, 2, 3) for sample in (1, 2)]
    true, fake = image_set(tmp_path / "t", names), image_set(tmp_path / "f", names)
    assert match_sets(true, fake, "writer").known_writers == 0
    assert match_sets(true, fake, "pair").known_writers == 3
    assert match_sets(true, fake, "image").known_writers == 3
    unknown = image_set(tmp_path / "u", ["a.png", "b.png"])
    assert match_sets(true, unknown, "auto").known_writers == 3
    assert match_sets(unknown, unknown, "pair").known_writers == 0


def test_writers_with_one_image_each_are_as_independent_as_their_images(tmp_path: Path) -> None:
    names = [f"original_{writer}_1.png" for writer in range(4)]
    one_each = image_set(tmp_path / "t", names), image_set(tmp_path / "f", names)
    assert match_sets(*one_each, "pair").known_writers == 0
    assert match_sets(*one_each, "image").known_writers == 4  # each is in both sets


def test_two_sets_of_one_writer_each_are_images_of_known_writers(tmp_path: Path) -> None:
    true = image_set(tmp_path / "t", ["original_1_1.png", "original_1_2.png"])
    fake = image_set(tmp_path / "f", ["original_2_1.png", "original_2_2.png"])
    matched = match_sets(true, fake, "auto")
    assert (matched.writers_true, matched.known_writers) == (None, 2)
