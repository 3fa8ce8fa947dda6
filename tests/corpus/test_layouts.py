from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigforensics.corpus import read_corpus
from sigforensics.corpus.layouts import natural_key, safe_name
from sigforensics.errors import CorpusInvalid, FileUnreadable, TableInvalid


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def listed(corpus):
    return {writer: [sample.name for sample in samples] for writer, samples in corpus.samples.items()}


def test_cedars_names_say_writer_and_sample(tmp_path):
    touch(
        tmp_path,
        "original_2_10.png",
        "original_10_1.png",
        "original_2_9.png",
        "Thumbs.db",
        ".original_9_9.png",
    )
    corpus = read_corpus(tmp_path)
    assert listed(corpus) == {"2": ["original_2_9", "original_2_10"], "10": ["original_10_1"]}
    assert corpus.writers == ("2", "10")
    assert len(corpus) == 3
    sample = corpus.samples["10"][0]
    assert (sample.writer, sample.path) == ("10", tmp_path / "original_10_1.png")


def test_forgeries_alone_are_a_corpus_too(tmp_path):
    touch(tmp_path, "forgeries_1_1.png", "forgeries_1_2.png")
    assert listed(read_corpus(tmp_path)) == {"1": ["forgeries_1_1", "forgeries_1_2"]}


def test_folders_are_writers(tmp_path):
    touch(tmp_path, "Zoë/b2.png", "Zoë/b10.tif", "anna/x.PDF", "anna/notes.txt", ".git/x.png", "empty/y.txt")
    (tmp_path / "index.html").write_text("")
    corpus = read_corpus(tmp_path)
    assert listed(corpus) == {"Zoë": ["b2", "b10"], "anna": ["x"]}


def test_a_table_names_files_and_writers(tmp_path):
    touch(tmp_path, "scans/a.png", "scans/b.png")
    table = tmp_path / "corpus.csv"
    table.write_text(
        "pen,writer,file\nball,W 7,scans/b.png\nball,W 7,scans/a.png\nink,W 10,elsewhere/c.png\n"
    )
    corpus = read_corpus(table)
    assert listed(corpus) == {"W 7": ["a", "b"], "W 10": ["c"]}
    assert corpus.samples["W 7"][0].path == tmp_path / "scans" / "a.png"


def test_a_table_with_a_byte_order_mark_and_windows_lines_is_read(tmp_path):
    table = tmp_path / "corpus.csv"
    table.write_bytes('\ufefffile,writer\r\na.png,Zoë\r\n"b,c.png",Zoë\r\n'.encode())
    corpus = read_corpus(table)
    assert listed(corpus) == {"Zoë": ["_b_c", "a"]}
    assert corpus.samples["Zoë"][0].path == tmp_path / "b,c.png"


@pytest.mark.parametrize("header", ["", "file\na.png\n", "file;writer\na.png;1\n", "path,writer\na.png,1\n"])
def test_a_table_without_its_columns_is_refused(tmp_path, header):
    (tmp_path / "c.csv").write_text(header)
    with pytest.raises(TableInvalid, match="lacks the columns file and writer") as caught:
        read_corpus(tmp_path / "c.csv")
    assert caught.value.where == str(tmp_path / "c.csv")


@pytest.mark.parametrize("line", ["a.png", "a.png,", ",7"])
def test_an_incomplete_line_of_a_table_is_named(tmp_path, line):
    (tmp_path / "c.csv").write_text(f"file,writer\nb.png,7\n{line}\n")
    with pytest.raises(TableInvalid, match=r"c\.csv line 3: names no file or no writer"):
        read_corpus(tmp_path / "c.csv")


@pytest.mark.parametrize(
    "data", [b"file,writer\nb.png,Zo\xeb\n", b"\x89PNG\r\n\x1a\n", b'file,writer\n"' + b"x" * 200_000]
)
def test_what_is_no_table_in_utf_8_is_refused(tmp_path, data):
    (tmp_path / "c.csv").write_bytes(data)
    with pytest.raises(TableInvalid, match="is no CSV table in UTF-8"):
        read_corpus(tmp_path / "c.csv")


def test_a_table_without_lines_holds_no_signatures(tmp_path):
    (tmp_path / "c.csv").write_text("file,writer\n")
    with pytest.raises(CorpusInvalid, match="holds no signatures"):
        read_corpus(tmp_path / "c.csv")


@pytest.mark.parametrize("names", [[], ["a.png"], ["notes.txt"], ["one/two/a.png"]])
def test_a_folder_of_no_known_layout_is_refused(tmp_path, names):
    touch(tmp_path, *names)
    with pytest.raises(CorpusInvalid, match="holds no signatures in a layout that we know"):
        read_corpus(tmp_path)


def test_a_place_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileUnreadable, match="there is no such file or folder"):
        read_corpus(tmp_path / "none")


def test_a_folder_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    touch(tmp_path, "1/a.png")

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(FileUnreadable, match="Permission denied"):
        read_corpus(tmp_path)


@pytest.mark.parametrize(
    "names",
    [
        ["original_1_1.png", "forgeries_1_1.png"],
        ["full_org/original_1_1.png", "full_forg/forgeries_1_1.png"],
        ["1/original_1_1.png", "1/forgeries_1_1.png"],
    ],
)
def test_genuine_signatures_and_forgeries_are_never_mixed(tmp_path, names):
    touch(tmp_path, *names)
    with pytest.raises(CorpusInvalid, match=r"mixes genuine signatures .* and forgeries") as caught:
        read_corpus(tmp_path)
    assert caught.value.advice == "put them into folders of their own"


def test_a_table_must_not_mix_them_either(tmp_path):
    (tmp_path / "c.csv").write_text("file,writer\noriginal_1_1.png,1\nforgeries_1_1.png,1\n")
    with pytest.raises(CorpusInvalid, match="mixes genuine"):
        read_corpus(tmp_path / "c.csv")


def test_a_stranger_among_cedars_names_is_refused(tmp_path):
    touch(tmp_path, "original_1_1.png", "original_1_2.png", "copy.png", "zebra.png")
    with pytest.raises(CorpusInvalid, match=r"copy\.png does not have a CEDAR name like the others"):
        read_corpus(tmp_path)


def test_an_image_beside_the_writers_folders_is_refused(tmp_path):
    touch(tmp_path, "anna/a.png", "loose.png")
    with pytest.raises(CorpusInvalid, match=r"loose\.png lies beside the writers' folders"):
        read_corpus(tmp_path)


def test_two_signatures_of_one_name_are_refused(tmp_path):
    touch(tmp_path, "anna/a.png", "anna/a.tif", "berta/a.png")
    with pytest.raises(CorpusInvalid, match="writer anna has two signatures called a"):
        read_corpus(tmp_path)


def test_two_signatures_whose_names_become_one_are_refused(tmp_path):
    touch(tmp_path, "anna/a b.png", "anna/_a_b.png")
    with pytest.raises(CorpusInvalid, match="writer anna has two signatures called _a_b"):
        read_corpus(tmp_path)


def test_one_file_of_two_writers_is_refused(tmp_path):
    (tmp_path / "c.csv").write_text("file,writer\na.png,1\na.png,2\n")
    with pytest.raises(CorpusInvalid, match=r"a\.png is given to two writers"):
        read_corpus(tmp_path / "c.csv")


def test_two_writers_whose_names_become_one_are_refused(tmp_path):
    (tmp_path / "c.csv").write_text("file,writer\na.png,x y\nb.png,_x_y\n")
    with pytest.raises(CorpusInvalid, match="two writers' names become the same folder name"):
        read_corpus(tmp_path / "c.csv")


@pytest.mark.parametrize("writer", ["../../etc", "..", ".", "/root", "C:\\x", "a/b", "con\n", "~"])
def test_a_name_cannot_lead_out_of_a_folder(tmp_path, writer):
    (tmp_path / "c.csv").write_text(f'file,writer\n../../x/..,"{writer}"\n', newline="")
    corpus = read_corpus(tmp_path / "c.csv")
    assert corpus.writers == (writer,)
    for name in (safe_name(writer), corpus.samples[writer][0].name):
        inside = Path(os.path.normpath(tmp_path / "out" / name))
        assert inside.parent == tmp_path / "out"


@given(st.text(min_size=1, max_size=30))
def test_a_safe_name_is_one_plain_component_and_safe_already(name):
    safe = safe_name(name)
    assert safe not in {"", ".", ".."}
    assert not set(safe) & set('/\\:*?"<>|\0 \n')
    assert Path(safe).name == safe
    assert not safe.startswith(".")
    assert safe_name(safe) == safe


@given(st.lists(st.integers(0, 300), min_size=2, max_size=10))
def test_numbers_in_names_are_counted(numbers):
    names = [f"w{number}_x" for number in numbers]
    assert sorted(names, key=natural_key) == [f"w{number}_x" for number in sorted(numbers)]


@given(st.lists(st.text(max_size=12), max_size=8))
def test_any_names_can_be_put_in_order(names):
    ordered = sorted(names, key=natural_key)
    assert sorted(ordered) == sorted(names)
    backwards = ordered[::-1]
    assert sorted(backwards, key=natural_key) == ordered


def test_digits_that_are_no_decimals_are_letters():
    assert sorted(["w²", "w10", "w2"], key=natural_key) == ["w2", "w10", "w²"]


def test_a_path_at_which_the_system_does_not_even_look_is_refused(tmp_path):
    with pytest.raises(FileUnreadable, match=r"[Nn]ame too long|no such file or folder"):
        read_corpus(tmp_path / ("x" * 300))
