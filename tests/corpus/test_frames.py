from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigforensics.corpus import FRAMES, Row, read_averaged, read_frame, write_frames
from sigforensics.corpus.frames import COLUMNS, MANIFEST
from sigforensics.errors import FileUnreadable, TableInvalid

ROW = Row(
    writer="1",
    sample="a",
    split="training",
    augmented=0,
    mask="masks/1.png",
    input="edges/1/a.png",
    target="targets/1/a.png",
    source="/scans/a.png",
    source_sha256="00ff",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (ROW.mask, ROW.input, ROW.target):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def write_table(folder: Path, entry: dict[str, str], columns=COLUMNS) -> None:
    with (folder / "training.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerow(entry)


def entry(**changes: str) -> dict[str, str]:
    return {name: str(getattr(ROW, name)) for name in COLUMNS} | changes


def test_rows_come_back_in_their_frames_and_order(folder):
    rows = [replace(ROW, sample=name, split=split) for name, split in (("b", "training"), ("a", "testing"))]
    rows += [
        replace(ROW, split="validation", augmented=1),
        replace(ROW, split="training"),
        replace(ROW, split="specimen"),
    ]
    write_frames(folder, rows)
    assert read_frame(folder, "training") == [rows[0], rows[3]]
    assert read_frame(folder, "validation") == [rows[2]]
    assert read_frame(folder, "testing") == [rows[1]]
    assert len((folder / MANIFEST).read_text(encoding="utf-8").splitlines()) == 6


def test_masks_have_the_rows_that_they_are_the_mean_of(folder):
    (folder / "masks" / "2.png").write_bytes(b"x")
    other = replace(ROW, writer="2", mask="masks/2.png", split="specimen", input="")
    rows = [
        ROW,
        replace(ROW, sample="b", split="validation"),
        other,
        replace(ROW, sample="c"),
        replace(ROW, sample="d", split="testing"),
    ]
    write_frames(folder, rows)
    assert read_averaged(folder) == {"masks/1.png": [rows[0], rows[3]], "masks/2.png": [other]}
    write_frames(folder, [replace(ROW, input="")])
    with pytest.raises(TableInvalid, match="empty field"):
        read_averaged(folder)


def test_frames_without_rows_are_there_and_empty(folder):
    write_frames(folder, [])
    assert [read_frame(folder, frame) for frame in FRAMES] == [[], [], []]


def test_writing_twice_does_not_append(folder):
    for _ in range(2):
        write_frames(folder, [ROW])
    assert read_frame(folder, "training") == [ROW]


# before Python 3.13, csv writes a lone carriage return without quotes; reading then refuses the line
NAMES = st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]), min_size=1)


@settings(deadline=None, max_examples=40)
@given(NAMES, NAMES)
def test_any_names_come_back(tmp_path_factory, writer, source):
    folder = tmp_path_factory.mktemp("frames")
    for name in (ROW.mask, ROW.input, ROW.target):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    row = replace(ROW, writer=writer, source=source)
    write_frames(folder, [row])
    assert read_frame(folder, "training") == [row]


def test_names_that_are_no_unicode_are_written_out(folder):
    write_frames(folder, [replace(ROW, source="caf\udce9.png")])
    assert read_frame(folder, "training")[0].source == "caf\\udce9.png"


def test_a_folder_that_prepare_did_not_make_is_refused(tmp_path):
    with pytest.raises(FileUnreadable, match="give a folder that 'sigforensics prepare' made") as caught:
        read_frame(tmp_path, "training")
    assert caught.value.where == str(tmp_path / "training.csv")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_named(folder, column):
    write_table(folder, entry(), [name for name in COLUMNS if name != column])
    with pytest.raises(TableInvalid, match=f"lacks the column {column}"):
        read_frame(folder, "training")


def test_an_empty_file_is_no_frame(folder):
    (folder / "training.csv").write_text("")
    with pytest.raises(TableInvalid, match="lacks the column writer"):
        read_frame(folder, "training")


def test_columns_may_stand_in_any_order_beside_others(folder):
    write_table(folder, entry(note="x"), ["note", *reversed(COLUMNS)])
    assert read_frame(folder, "training") == [ROW]


@pytest.mark.parametrize("column", ["writer", "mask", "source_sha256"])
def test_an_empty_field_is_refused(folder, column):
    write_table(folder, entry(**{column: ""}))
    with pytest.raises(TableInvalid, match=r"training\.csv line 2: has an empty field"):
        read_frame(folder, "training")


def test_a_short_line_is_refused(folder):
    (folder / "training.csv").write_text(",".join(COLUMNS) + "\n1,a,training\n")
    with pytest.raises(TableInvalid, match="line 2: has an empty field or too few"):
        read_frame(folder, "training")


@pytest.mark.parametrize("value", ["2", "yes", "True", "-1", "0.0"])
def test_augmented_is_0_or_1(folder, value):
    write_table(folder, entry(augmented=value))
    with pytest.raises(TableInvalid, match=f"line 2: says augmented {value}, which must be 0 or 1"):
        read_frame(folder, "training")


@pytest.mark.parametrize("column", ["mask", "input", "target"])
@pytest.mark.parametrize("outside", ["../x.png", "targets/../../x.png", "/etc/passwd"])
def test_a_path_that_leads_out_of_the_folder_is_refused(folder, column, outside):
    (folder.parent / "x.png").write_bytes(b"x")
    write_table(folder, entry(**{column: outside}))
    with pytest.raises(TableInvalid, match="which lies outside the folder"):
        read_frame(folder, "training")


@pytest.mark.parametrize("column", ["mask", "input", "target"])
def test_a_file_that_is_gone_is_named(folder, column):
    (folder / getattr(ROW, column)).unlink()
    write_table(folder, entry())
    with pytest.raises(TableInvalid, match=f"line 2: names {getattr(ROW, column)}, which does not exist"):
        read_frame(folder, "training")


def test_a_line_is_counted_as_an_editor_counts_it(folder):
    quoted = entry(writer='"two\nlines"')
    lines = [",".join(COLUMNS), ",".join(quoted.values()), ",".join(entry(augmented="7").values())]
    (folder / "training.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(TableInvalid, match="line 4: says augmented 7"):
        read_frame(folder, "training")


@pytest.mark.parametrize("data", [b"\xff\xfe", b'writer\n"' + b"x" * 200_000])
def test_what_is_no_table_in_utf_8_is_refused(folder, data):
    (folder / "training.csv").write_bytes(data)
    with pytest.raises(TableInvalid, match="is no CSV table in UTF-8"):
        read_frame(folder, "training")
