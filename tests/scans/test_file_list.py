"""Texts that name files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigforensics.errors import FileUnreadable, NoImages, TableInvalid
from sigforensics.scans import FileList, ListName, images_of, inputs_of, open_source, parse_file_list

NAME = ListName(Path("list.txt"))


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    for name in ("b.png", "a.png", " c .png", "folder/a.png", "é.png"):
        Path(name).touch()


def names(data: bytes) -> list[str]:
    return [path.as_posix() for path in parse_file_list(NAME, data).files]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"b.png\na.png\n", ["b.png", "a.png"]),
        (b"b.png\r\n\r\nfolder/a.png", ["b.png", "folder/a.png"]),
        (b"\xef\xbb\xbfa.png\n", ["a.png"]),
        (b" c .png\n", [" c .png"]),
        (b"./a.png\0./b.png\0", ["a.png", "b.png"]),
        ("é.png\n".encode(), ["é.png"]),
    ],
)
def test_files_are_taken_in_the_order_of_the_list(data: bytes, expected: list[str]) -> None:
    assert names(data) == expected


@pytest.mark.skipif(os.name == "nt", reason="names there have no line breaks")
def test_names_with_line_breaks_are_separated_by_nul() -> None:
    Path("two\nlines.png").touch()
    assert names(b"two\nlines.png\0a.png\0") == ["two\nlines.png", "a.png"]


@given(st.permutations(["b.png", "a.png", " c .png", "folder/a.png"]), st.sampled_from(["\n", "\r\n", "\0"]))
def test_a_list_of_names_comes_back(given_names: list[str], end: str) -> None:
    folder = Path.cwd()
    data = end.join(str(folder / name) for name in given_names).encode() + end.encode()
    assert [path.relative_to(folder).as_posix() for path in parse_file_list(NAME, data).files] == given_names


@pytest.mark.parametrize(
    ("data", "error", "text"),
    [
        (b"", NoImages, "@list.txt: the list names no file"),
        (b"\n\r\n", NoImages, "names no file"),
        (b"a.png\n\nlost.png\n", FileUnreadable, "@list.txt line 3: lost.png: there is no such file"),
        (b"a.png\0lost.png", FileUnreadable, "entry 2: lost.png: there is no such file"),
        (b"a.png\nfolder\n", FileUnreadable, "line 2: folder: is no file"),
        (
            b"a.png\nb.png\n./folder/../a.png\n",
            TableInvalid,
            "line 3: names folder/../a.png again, as line 1",
        ),
    ],
)
def test_what_is_wrong_with_a_list_is_said_with_its_line(
    data: bytes, error: type[Exception], text: str
) -> None:
    with pytest.raises(error) as raised:
        parse_file_list(NAME, data)
    assert text in str(raised.value)


def test_a_list_that_is_not_there_is_told() -> None:
    with pytest.raises(FileUnreadable, match=r"@list\.txt"):
        open_source(NAME)


def test_a_folder_stays_a_folder_and_its_images_are_sorted() -> None:
    assert open_source(Path("folder")) == Path("folder")
    assert images_of(Path()) == [Path(" c .png"), Path("a.png"), Path("b.png"), Path("é.png")]


def test_lists_and_what_they_name_are_inputs() -> None:
    source = FileList(NAME, (Path("a.png"), Path("b.png")))
    assert inputs_of([source, Path("folder")]) == [
        Path("a.png"),
        Path("b.png"),
        Path("list.txt"),
        Path("folder"),
    ]
    assert inputs_of([FileList(ListName(Path("-")), (Path("a.png"),))]) == [Path("a.png")]
