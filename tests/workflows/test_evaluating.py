from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from sigforensics.errors import FileUnreadable, TableInvalid
from sigforensics.extraction import Box, Candidate
from sigforensics.extraction.evaluating import JudgedPage, Share
from sigforensics.scans import Scan
from sigforensics.workflows.evaluating import evaluate_finder, read_truth

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


def finder(scan: Scan) -> list[Candidate]:
    """Finds the same signature on every page."""
    return [Candidate(Box(10, 20, 100, 50), 0.9, "signature", np.ones((50, 100), bool))]


def test_figures_come_folder_by_folder_and_in_all(pages: Path) -> None:
    seen: list[JudgedPage] = []
    letters, forms, everything = evaluate_finder(pages, finder=finder, look=lambda _, page: seen.append(page))
    assert (letters.folder, forms.folder, everything.folder) == ("letters", "forms", "")
    assert letters.figures.kinds["signature"].recall == Share(1, 1)
    assert letters.figures.kinds["signature"].precision == Share(1, 2)
    assert letters.figures.false_pages == Share(1, 1)
    assert forms.figures.kinds["initials"].recall == Share(0, 1)
    assert everything.figures.pages == len(seen) == 3


def test_boxes_of_a_second_table_are_added(pages: Path) -> None:
    also = pages.with_name("judged.csv")
    also.write_text(HEADER + "letters/b.png,signature,10,20,100,50\n")
    letters = evaluate_finder(pages, also=also, finder=finder)[0]
    assert letters.figures.kinds["signature"].recall == Share(2, 2)
    assert letters.figures.false_pages == Share(0, 0)


def test_a_second_table_names_no_other_pages(pages: Path) -> None:
    also = pages.with_name("judged.csv")
    also.write_text(HEADER + "letters/z.png,signature,10,20,100,50\n")
    with pytest.raises(TableInvalid, match=r"z\.png"):
        evaluate_finder(pages, also=also, finder=finder)


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
    ],
)
def test_a_table_that_does_not_say_what_it_should_is_refused(tmp_path: Path, text: str, said: str) -> None:
    table = tmp_path / "boxes.csv"
    table.write_text(text)
    with pytest.raises(TableInvalid, match=said):
        read_truth(table)


def test_a_missing_table_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable):
        read_truth(tmp_path / "boxes.csv")
