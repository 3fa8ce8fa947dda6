"""Which signatures of a file are taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sigforensics.errors import (
    FileTruncated,
    ImageBlank,
    InputError,
    PageMissing,
    PaperTooDark,
    PolarityWrong,
    SignatureNotFound,
)
from sigforensics.extraction import Box
from sigforensics.scans import Scan, read_scans
from sigforensics.settings import Extraction, Polarity, Preprocessing, Scanning
from sigforensics.workflows.taking import Choice, Taken, take_signatures


def take(
    path: Path, *, ink: Polarity = "dark", extraction: Extraction | None = None, **choice: Any
) -> list[Taken | InputError]:
    return list(
        take_signatures(
            path,
            choice=Choice(**choice),
            scanning=Scanning(ink=ink),
            extraction=extraction or Extraction(),
            preprocessing=Preprocessing(),
        )
    )


def names(taken: list[Taken | InputError]) -> list[str]:
    return [one.name if isinstance(one, Taken) else type(one).__name__ for one in taken]


@pytest.fixture
def pages(drawn: Path) -> dict[str, Image.Image]:
    with (
        Image.open(drawn / "page.png") as page,
        Image.open(drawn / "two.png") as two,
        Image.open(drawn / "print.png") as printed,
    ):
        paper = Image.new("L", page.size, 240)
        return {
            "page": page.copy(),
            "two": two.copy(),
            "print": printed.copy(),
            "blank": paper,
            "negative": page.point(lambda value: 255 - value),
        }


def save(path: Path, pages: dict[str, Image.Image], *wanted: str) -> Path:
    first, *others = (pages[name] for name in wanted)
    first.save(path, save_all=True, append_images=others, resolution=150, dpi=(150, 150))
    return path


@pytest.mark.parametrize("ending", ["tif", "pdf"])
def test_pages_that_bear_no_signature_do_not_keep_the_others_from_being_taken(
    tmp_path: Path, pages: dict[str, Image.Image], ending: str
) -> None:
    path = save(tmp_path / f"deed.{ending}", pages, "blank", "page", "print", "two")
    assert names(take(path)) == ["ImageBlank", "deed-p2", "SignatureNotFound", "deed-p4"]


def test_a_page_that_is_a_negative_is_reported_beside_the_signatures_of_the_others(
    tmp_path: Path, pages: dict[str, Image.Image]
) -> None:
    found = take(save(tmp_path / "deed.tif", pages, "page", "negative"))
    assert names(found) == ["deed-p1", "PolarityWrong"]
    assert isinstance(found[1], PolarityWrong)
    assert found[1].where.endswith("deed.tif page 2")


def test_a_file_of_which_no_page_bears_a_signature_is_refused(
    tmp_path: Path, pages: dict[str, Image.Image]
) -> None:
    with pytest.raises(SignatureNotFound, match="none of its 2 pages"):
        take(save(tmp_path / "deed.tif", pages, "print", "blank"))


def test_the_candidates_of_every_page_are_listed_where_none_is_sure_enough(
    tmp_path: Path, pages: dict[str, Image.Image]
) -> None:
    path = save(tmp_path / "deed.tif", pages, "page", "two")
    with pytest.raises(SignatureNotFound) as refused:
        take(path, extraction=Extraction(min_confidence=1.0))
    for number, count in ((1, 1), (2, 2)):
        said = re.search(
            rf"page {number}: no candidate reaches confidence 1; the best: ([^;]*)", refused.value.what
        )
        assert said
        assert len(re.findall(r"\d+,\d+,\d+,\d+ \([01]\.\d\d\)", said[1])) >= count


def test_pages_before_the_place_where_a_file_breaks_off_are_taken(
    drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(path: Path, **options: Any) -> Iterator[Scan]:
        yield replace(next(read_scans(path, settings=options["settings"])), pages=2)
        raise FileTruncated(path, "the file breaks off")

    monkeypatch.setattr("sigforensics.workflows.taking.read_scans", break_off)
    assert names(take(drawn / "page.png")) == ["page-p1", "FileTruncated"]


def test_a_page_that_was_asked_for_is_the_only_one_taken_or_is_refused_for_its_own_reason(
    tmp_path: Path, pages: dict[str, Image.Image]
) -> None:
    path = save(tmp_path / "deed.tif", pages, "blank", "page", "two")
    assert names(take(path, page=3)) == ["deed-p3"]
    with pytest.raises(ImageBlank, match="page 1"):
        take(path, page=1)
    with pytest.raises(PageMissing):
        take(path, page=4)


def test_every_candidate_is_taken_only_if_that_was_said(drawn: Path) -> None:
    assert names(take(drawn / "two.png")) == ["two"]
    both = [one for one in take(drawn / "two.png", every=True) if isinstance(one, Taken)]
    assert [one.name for one in both] == ["two", "two-2"]
    assert both[0].signature.box.intersection(both[1].signature.box) is None
    assert both[0].signature.confidence >= both[1].signature.confidence
    assert [one.how.split(", ")[1] for one in both] == ["number 1 of 2.", "number 2 of 2."]


def test_a_box_overrules_the_finder(drawn: Path) -> None:
    (found,) = take(drawn / "page.png")
    box = found.signature.box
    (given,) = take(drawn / "page.png", box=Box(box.left - 9, box.top - 9, box.width + 18, box.height + 18))
    assert given.signature.confidence is None
    assert given.how == "The user gave the box."
    assert given.candidates == ()
    assert abs(given.signature.ink.sum() / found.signature.ink.sum() - 1) < 0.5
    with pytest.raises(SignatureNotFound, match="beyond"):
        take(drawn / "page.png", box=Box(5000, 5000, 10, 10))
    (wide,) = take(drawn / "page.png", box=Box(0, box.top - 9, 99_999, box.height + 18))
    width = wide.scan.pixels.shape[1]
    note = f"the box 0,{box.top - 9},99999,{box.height + 18} reaches beyond the page: it was cut to 0,{box.top - 9},{width},"
    assert [one.startswith(note) for one in wide.notes].count(True) == 1
    assert not any("reaches beyond" in one for one in given.notes)


def test_an_image_of_a_signature_alone_is_recognised_and_taken_whole(drawn: Path) -> None:
    for path in sorted((drawn / "signatures").iterdir()):
        (taken,) = take(path)
        height, width = taken.scan.pixels.shape
        assert taken.signature.box == Box(0, 0, width, height)
        assert "recognised" in taken.how


def test_the_user_says_what_the_image_is_where_recognising_is_wrong(drawn: Path) -> None:
    (whole,) = take(drawn / "page.png", layout="cropped")
    assert whole.signature.ink.shape == whole.scan.pixels.shape
    assert "The user said" in whole.how
    with pytest.raises(SignatureNotFound):
        take(drawn / "print.png", layout="page")


def test_a_cropped_signature_on_paper_that_the_threshold_would_keep_is_refused(
    tmp_path: Path, drawn: Path
) -> None:
    with Image.open(drawn / "signatures" / "writer-1_0.png") as image:
        Image.fromarray((np.asarray(image) * 0.8).astype(np.uint8)).save(tmp_path / "dark.png")
    with pytest.raises(PaperTooDark, match="--on-page"):
        take(tmp_path / "dark.png", layout="cropped")


def test_bright_ink_is_taken_as_dark_ink_is_if_that_was_said(
    tmp_path: Path, pages: dict[str, Image.Image], drawn: Path
) -> None:
    pages["negative"].save(tmp_path / "page.png", dpi=(150, 150))
    with pytest.raises(PolarityWrong):
        take(tmp_path / "page.png")
    (bright,), (dark,) = take(tmp_path / "page.png", ink="bright"), take(drawn / "page.png")
    assert bright.signature.box == dark.signature.box
    np.testing.assert_allclose(bright.signature.ink, dark.signature.ink, atol=1e-6)
