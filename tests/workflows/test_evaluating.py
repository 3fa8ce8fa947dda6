from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image

from sigforensics.errors import FileUnreadable, TableInvalid
from sigforensics.extraction import Box
from sigforensics.extraction.evaluating import Share
from sigforensics.provenance import read_record
from sigforensics.scans import Scan, read_scan
from sigforensics.workflows.evaluating import StoredCandidate, evaluate_finder, find_stored, read_truth
from sigforensics.workflows.find import FindSettings

HEADER = "file,label,left,top,width,height\n"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Two folders of blank pages, and a table of what is said to be on them."""
    for name in ("letters/a.png", "letters/b.png", "forms/c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / name), np.full((200, 300), 255, np.uint8))
    table = tmp_path / "boxes.csv"
    table.write_text(
        HEADER
        + "letters/a.png,signature,10,20,100,50\nletters/b.png,none,,,,\nforms/c.png,initials,50,50,20,20\n"
    )
    return table


def finder(_scan: Scan, _settings: object) -> list[StoredCandidate]:
    """Finds the same signature on every page."""
    return [StoredCandidate(Box(10, 20, 100, 50), 0.9, "signature")]


def test_figures_come_folder_by_folder_and_in_all(pages: Path) -> None:
    letters, forms, everything = evaluate_finder([pages], finder=finder)
    assert (letters.folder, forms.folder, everything.folder) == ("letters", "forms", "")
    assert letters.figures.kinds["signature"].recall == Share(1, 1)
    assert letters.figures.kinds["signature"].precision == Share(1, 2)
    assert letters.figures.false_pages == Share(1, 1)
    assert forms.figures.kinds["initials"].recall == Share(0, 1)
    assert everything.figures.pages == 3
    assert [Path(name).name for name in everything.failures] == ["b.png", "c.png"]


def test_pages_with_a_miss_or_a_false_find_are_drawn(pages: Path, tmp_path: Path) -> None:
    evaluate_finder([pages], tmp_path / "evaluation", finder=finder)
    drawn = sorted((tmp_path / "evaluation" / "failures").iterdir())
    assert [path.name for path in drawn] == ["forms-c.png", "letters-b.png"]
    with_truth, with_find = (cv2.imread(str(path)) for path in drawn)
    assert tuple(with_truth[50, 60]) == (178, 114, 0)  # the box of the table, in blue
    assert tuple(with_find[20, 60]) == (0, 94, 213)  # what was found, in vermilion
    record = read_record(tmp_path / "evaluation")
    assert record["results"]["folders"][0]["figures"]["false_pages"] == {"part": 1, "whole": 1}
    assert {entry["role"] for entry in record["inputs"]} == {"table", "scan"}


def test_boxes_are_those_of_the_page_as_its_file_stores_it(drawn: Path, tmp_path: Path) -> None:
    """A page on its side, whose box the finder gives on its side."""
    with Image.open(drawn / "page.png") as page:
        page.save(tmp_path / "upright.png", dpi=(150, 150))
        page.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "side.png", dpi=(150, 150))
        width = page.width
    found = find_stored(read_scan(tmp_path / "upright.png"), FindSettings())[0].box
    (tmp_path / "boxes.csv").write_text(
        HEADER + f"side.png,signature,{found.top},{width - found.right},{found.height},{found.width}\n"
    )
    (figures,) = evaluate_finder([tmp_path / "boxes.csv"])
    assert figures.figures.kinds["signature"].recall == Share(1, 1)
    assert figures.failures == ()


def test_a_blank_page_has_no_find(pages: Path) -> None:
    letters = evaluate_finder([pages])[0]
    assert letters.figures.false_pages == Share(0, 1)


def test_boxes_of_a_second_table_are_added(pages: Path) -> None:
    also = pages.with_name("judged.csv")
    also.write_text(HEADER + "letters/b.png,signature,10,20,100,50\n")
    letters = evaluate_finder([pages, also], finder=finder)[0]
    assert letters.figures.kinds["signature"].recall == Share(2, 2)
    assert letters.figures.false_pages == Share(0, 0)


def test_files_may_be_named_from_the_folder_above_the_table(pages: Path) -> None:
    inner = pages.parent / "letters" / "boxes.csv"
    inner.write_text(HEADER + "letters/a.png,signature,1,2,3,4\n")
    assert list(read_truth(inner)) == [(pages.parent / "letters" / "a.png", 1)]


def test_a_table_may_say_the_page(pages: Path) -> None:
    pages.write_text("file,page,label,left,top,width,height\nx.pdf,3,signature,1,2,3,4\nx.pdf,2,none,,,,\n")
    assert read_truth(pages) == {
        (pages.parent / "x.pdf", 3): [("signature", Box(1, 2, 3, 4))],
        (pages.parent / "x.pdf", 2): [],
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file,label\n", "no column left"),
        (HEADER, "no rows"),
        (HEADER + "a.png,scribble,1,2,3,4\n", "line 2: has the label 'scribble'"),
        (HEADER + "a.png,none,,,,\na.png,signature,1,2,x,4\n", "line 3"),
        (HEADER + "a.png,signature,1,2,0,4\n", "line 2"),
        (HEADER + "a.png,signature,1\n", "line 2"),
        (HEADER + "a.png,signature,1,2,3,4,5\n", "line 2: has more fields than the header"),
        (HEADER + ",none,,,,\n", "line 2: names no file"),
        (HEADER + "a.png,none,1,2,3,4\n", "line 2: has the label none and a box"),
        (HEADER + "a.png,none,,,,\na.png,signature,1,2,3,4\n", "line 3: a page has the label none and a box"),
        (HEADER + "a.png,signature,1,2,3,4\na.png,none,,,,\n", "line 3: a page has the label none and a box"),
        (HEADER + "a.png,signature,1,2,3,4\na.png,initials,1,2,3,4\n", "line 3: the box 1,2,3,4 .* again"),
    ],
)
def test_a_table_that_does_not_say_what_it_should_is_refused(tmp_path: Path, text: str, said: str) -> None:
    table = tmp_path / "boxes.csv"
    table.write_text(text)
    with pytest.raises(TableInvalid, match=said):
        read_truth(table)


def test_a_table_may_begin_with_the_mark_that_spreadsheets_write(tmp_path: Path) -> None:
    table = tmp_path / "boxes.csv"
    table.write_text(HEADER + "a.png,none,,,,\n", encoding="utf-8-sig")
    assert read_truth(table) == {(tmp_path / "a.png", 1): []}


def test_a_page_that_is_not_there_is_named_with_its_table(pages: Path) -> None:
    (pages.parent / "letters" / "b.png").unlink()
    with pytest.raises(TableInvalid, match=r"names .*letters/b.png, and there is no such file") as caught:
        evaluate_finder([pages], finder=finder)
    assert caught.value.where == str(pages)


def test_a_box_that_two_tables_give_is_refused(pages: Path) -> None:
    with pytest.raises(TableInvalid, match="box 10,20,100,50 of a page is given again"):
        evaluate_finder([pages, pages], finder=finder)


@pytest.mark.parametrize("box", ["190,20,20,50", "10,250,20,60", "9000,1,5,5"])
def test_a_box_beyond_the_stored_page_is_refused(tmp_path: Path, box: str) -> None:
    page = Image.new("L", (300, 200), 255)
    exif = page.getexif()
    exif[ExifTags.Base.Orientation] = 6
    page.rotate(90, expand=True).save(tmp_path / "side.jpg", exif=exif)
    (tmp_path / "boxes.csv").write_text(
        HEADER + f"side.jpg,signature,180,250,20,50\nside.jpg,initials,{box}\n"
    )
    with pytest.raises(TableInvalid, match=f"the box {box} of the table reaches beyond its 200 x 300 pixels"):
        evaluate_finder([tmp_path / "boxes.csv"], finder=finder)


def test_a_missing_table_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable):
        read_truth(tmp_path / "boxes.csv")


def test_a_table_is_found_from_the_folder_that_it_lies_in(
    pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pages.parent / "letters" / "boxes.csv"
    table.write_text(pages.read_text())  # its files are named from the folder above
    monkeypatch.chdir(table.parent)
    assert evaluate_finder([Path("boxes.csv")], finder=finder)[-1].figures.pages == 3


def test_a_page_is_one_however_its_path_is_spelled(pages: Path) -> None:
    other = pages.parent / "letters" / "more.csv"
    other.write_text(HEADER + "../forms/../letters/a.png,initials,150,20,50,50\n")
    letters = next(one for one in evaluate_finder([pages, other], finder=finder) if one.folder == "letters")
    assert (letters.figures.pages, letters.figures.kinds["initials"].recall) == (2, Share(0, 1))
    other.write_text(HEADER + "a.png,none,,,,\n../letters/a.png,initials,150,20,50,50\n")
    with pytest.raises(TableInvalid, match="line 3: a page has the label none and a box, too"):
        read_truth(other)
