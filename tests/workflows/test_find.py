"""Files to candidates, and to a folder of crops."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sigforensics.errors import FileTruncated, NoImages
from sigforensics.extraction import Box
from sigforensics.scans import read_scan
from sigforensics.settings import Extraction, Levelling, Scanning, Spectrum
from sigforensics.workflows.find import FindSettings, Found, FoundCandidate, find
from sigforensics.workflows.progress import SilentProgress
from sigforensics.workflows.sets import read_set

Make = Callable[..., Any]


def box(one: FoundCandidate) -> Box:
    return Box(one.left, one.top, one.width, one.height)


def bounds(mask: np.ndarray) -> Box:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return Box.spanning(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def read(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.array(image)


@pytest.fixture(scope="module")
def plain(drawn: Path) -> Found:
    """What is found on the page as it was drawn."""
    return find([drawn / "page.png"])


def test_the_signature_of_every_kind_of_scan_is_found_in_its_place_on_the_stored_page(
    scanned: Any, plain: Found, drawn: Path
) -> None:
    there = np.zeros(read(drawn / "page.png").shape, bool)
    there[box(plain.candidates[0]).slices] = True
    found = find([scanned.path])
    (page,) = found.pages
    stored = scanned.place(there)
    best = found.candidates[0]
    assert best.accepted
    assert box(best).intersection_over_union(bounds(stored)) > 0.8
    assert (page.height, page.width) == stored.shape
    assert page.dpi_stated
    sides = (best.left_mm, best.top_mm, best.width_mm, best.height_mm)
    across, down = (25.4 / value for value in page.dpi)
    assert sides == pytest.approx(
        (best.left * across, best.top * down, best.width * across, best.height * down), abs=0.01
    )


def test_turned_pages_say_how_they_stand(scanned_as: Make) -> None:
    pages = {name: find([scanned_as(name).path]).pages[0] for name in ("side.png", "head.png", "exif.jpg")}
    assert [page.orientation for page in pages.values()] == [6, 3, 6]
    assert all(page.orientation_told for page in pages.values())
    assert "as its print stands" in pages["side.png"].notes[0]
    assert "EXIF" in pages["exif.jpg"].notes[0]


def test_all_pages_of_a_file_are_looked_at_and_blank_ones_are_no_failure(tmp_path: Path, drawn: Path) -> None:
    with Image.open(drawn / "page.png") as page, Image.open(drawn / "print.png") as unsigned:
        blank = Image.new("L", page.size, 250)
        page.save(tmp_path / "deed.tif", save_all=True, append_images=[blank, unsigned], dpi=(150, 150))
    found = find([tmp_path / "deed.tif"])
    assert [(page.page, page.pages, page.accepted) for page in found.pages] == [
        (1, 3, 1),
        (2, 3, 0),
        (3, 3, 0),
    ]
    assert found.pages[1].notes == ("no ink on it",)
    assert {one.page for one in found.candidates if one.accepted} == {1}
    assert [page.page for page in find([tmp_path / "deed.tif"], settings=FindSettings(page=3)).pages] == [3]


def test_files_that_fail_lose_nothing_of_the_others(tmp_path: Path, drawn: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes((drawn / "page.png").read_bytes()[:5000])
    found = find([bad, drawn / "page.png", tmp_path / "missing.png"])
    assert [page.file.name for page in found.pages] == ["page.png"]
    assert [error.status for error in found.skipped] == [14, 11]
    with pytest.raises(FileTruncated):
        find([bad])
    with pytest.raises(FileTruncated):
        find([drawn / "page.png", bad], strict=True)
    with pytest.raises(NoImages):
        find([bad, tmp_path / "missing.png"])


def test_a_page_that_cannot_be_used_among_good_ones_is_skipped(tmp_path: Path, drawn: Path) -> None:
    with Image.open(drawn / "page.png") as page:
        black = Image.new("L", page.size, 3)
        page.save(tmp_path / "deed.tif", save_all=True, append_images=[black], dpi=(150, 150))
    found = find([tmp_path / "deed.tif"])
    assert [page.page for page in found.pages] == [1]
    assert [(error.where[-6:], error.status) for error in found.skipped] == [("page 2", 20)]


def test_the_least_confidence_decides_what_is_accepted(drawn: Path) -> None:
    found = find([drawn / "two.png"])
    assert [one.accepted for one in found.candidates] == [
        one.confidence >= Extraction().min_confidence for one in found.candidates
    ]
    strict = FindSettings(extraction=Extraction(min_confidence=1.0))
    assert not any(
        one.accepted and one.confidence < 1 for one in find([drawn / "two.png"], settings=strict).candidates
    )


def test_a_stated_resolution_replaces_that_of_the_file(drawn: Path) -> None:
    settings = FindSettings(scanning=Scanning(dpi=(120.0, 160.0)))
    assert find([drawn / "page.png"], settings=settings).pages[0].dpi == (120.0, 160.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, drawn: Path) -> Path:
    """What is made of a page in colour that lies on its side, one with two signatures, and one with none."""
    scans, made = tmp_path_factory.mktemp("scans"), tmp_path_factory.mktemp("made") / "out"
    side = np.rot90(read(drawn / "two.png"))
    tint = side[..., None] * np.array([1.0, 0.97, 0.9])
    Image.fromarray(tint.astype(np.uint8)).save(scans / "side.png", dpi=(150, 150))
    for name in ("print", "two"):
        (scans / f"{name}.png").write_bytes((drawn / f"{name}.png").read_bytes())
    find([scans], made)
    return made


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "candidates.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_crops_have_the_values_of_the_file_under_the_mask_and_bare_paper_elsewhere(
    folder: Path, drawn: Path
) -> None:
    found = find([drawn / "two.png"])
    page = read(drawn / "two.png")
    for number, one in enumerate(found.candidates[:2], start=1):
        crop, mask = (read(folder / place / f"two-{number}.png") for place in ("crops", "masks"))
        part = page[box(one).slices]
        assert crop.shape == mask.shape == part.shape
        np.testing.assert_array_equal(crop[mask], part[mask])
        assert (crop[~mask] == 255).all()
        assert 0.02 < mask.mean() < 0.6


def test_crops_of_a_page_in_colour_keep_its_colours_and_stand_upright(folder: Path) -> None:
    (path,) = (Path(row["file"]) for row in table(folder) if row["crop"] == "crops/side-1.png")
    stored = read(path)
    for row in (row for row in table(folder) if row["crop"].startswith("crops/side")):
        left, top, width, height = (int(row[side]) for side in ("left", "top", "width", "height"))
        upright = np.rot90(stored[top : top + height, left : left + width], -1)
        crop, mask = read(folder / row["crop"]), read(folder / row["mask"])
        assert crop.shape == (width, height, 3)
        np.testing.assert_array_equal(crop[mask], upright[mask])
        assert (crop[~mask] == 255).all()


def test_of_every_removed_pixel_it_is_said_what_it_was(folder: Path) -> None:
    rows = [row for row in table(folder) if row["crop"]]
    assert len(rows) == 4
    codes = {"kept": 0, "neighbour": 51, "stamp": 102, "print": 153, "ruled_line": 204, "paper": 255}
    for row in rows:
        removed, mask = read(folder / row["removed"]), read(folder / row["mask"])
        assert {name: int((removed == code).sum()) for name, code in codes.items()} == {
            name: int(row[name]) for name in codes
        }
        np.testing.assert_array_equal(removed == 0, mask)
        assert int(row["ruled_line"]) > 0.3 * removed.shape[1]


def test_every_page_has_an_overlay_and_the_record_knows_all(folder: Path) -> None:
    overlays = sorted(path.name for path in (folder / "overlays").iterdir())
    assert overlays == ["print.png", "side.png", "two.png"]
    record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    assert record["command"] == "find"
    assert len(record["inputs"]) == 3
    assert [page["overlay"] for page in record["results"]["pages"]] == [
        f"overlays/{name}" for name in overlays
    ]
    assert record["settings"]["find"]["levelling"]["least_skew"] == Levelling().least_skew


def test_crops_as_they_are_have_nothing_removed(tmp_path: Path, drawn: Path) -> None:
    found = find([drawn / "page.png"], tmp_path / "out", settings=FindSettings(as_is=True))
    part = read(drawn / "page.png")[box(found.candidates[0]).slices]
    np.testing.assert_array_equal(read(tmp_path / "out" / str(found.candidates[0].crop)), part)


def test_crops_from_heavily_compressed_jpeg_say_so_themselves(tmp_path: Path, drawn: Path) -> None:
    with Image.open(drawn / "page.png") as page:
        page.save(tmp_path / "heavy.jpg", quality=15, dpi=(150, 150))
        page.save(tmp_path / "light.jpg", quality=95, dpi=(150, 150))
    find([tmp_path / "heavy.jpg", tmp_path / "light.jpg"], tmp_path / "found")
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for crop in (tmp_path / "found" / "crops").iterdir():
        crop.rename(moved / crop.name)
    said = {path.name: read_scan(path).from_heavy_jpeg for path in moved.iterdir()}
    assert said == {"heavy-1.png": True, "light-1.png": False}
    mask = read_scan(tmp_path / "found" / "masks" / "heavy-1.png")
    assert not mask.from_heavy_jpeg  # it has no grey values
    images = read_set(
        "a",
        moved,
        scanning=Scanning(),
        settings=Spectrum(),
        workers=1,
        strict=True,
        progress=SilentProgress(),
    )
    (note,) = (note for note in images.notes if "JPEG" in note)
    assert note.startswith(
        "1 of 2 images of the set a are heavily compressed JPEG files, or were cut from such"
    )
