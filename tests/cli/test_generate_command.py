"""``sigforensics generate``, as a user's script would call it; a stand-in forges but where the network is the matter."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from sigforensics.augmentation import draw_distortion, image_rng
from sigforensics.bridging import CarriedOn
from sigforensics.extraction import Box
from sigforensics.png import png_texts, write_png
from sigforensics.settings import Preprocessing

Run = Callable[..., Any]


@pytest.fixture
def generate(
    sigforensics: Run, generator_file: Path, without_network: None, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """``generate`` with the tiny generator, without progress; its sheet, which takes longer than all else, stays blank."""

    def blank_sheet(folder: Path, *_: object) -> None:
        Image.new("L", (10, 10)).save(folder / "sheet.png")

    monkeypatch.setattr("sigforensics.workflows.forging._write_sheet", blank_sheet)
    return lambda *arguments: sigforensics("generate", "--generator", generator_file, "-q", *arguments)


def read(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.array(image)


def tree(folder: Path) -> dict[str, str]:
    """Every file below a folder with its hash."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def rows(output: Path) -> list[dict[str, str]]:
    with (output / "signatures.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def box_of(output: Path) -> Box:
    (row,) = rows(output)
    return Box(*(int(row[side]) for side in ("left", "top", "width", "height")))


def record(output: Path) -> dict[str, Any]:
    return json.loads((output / "record.json").read_text(encoding="utf-8"))


def test_a_page_becomes_a_true_and_a_fake_of_one_name_through_the_same_last_steps(
    tmp_path: Path, generate: Run, drawn: Path
) -> None:
    ran = generate(drawn / "page.png", "-o", tmp_path / "out")
    assert (ran.status, ran.err) == (0, "")
    assert "1 signature(s)" in ran.out
    assert names(tmp_path / "out") == [
        "fake", "found", "overlays", "record.json", "sheet.png", "signatures.csv", "true",
    ]  # fmt: skip
    for kind in ("fake", "found", "overlays", "true"):
        assert names(tmp_path / "out" / kind) == ["page.png"]
    true, fake = read(tmp_path / "out/true/page.png"), read(tmp_path / "out/fake/page.png")
    level = Preprocessing().threshold
    for image in (true, fake):
        assert (image.dtype, image.shape) == (np.uint8, (128, 128))
        assert image.any()
        assert not np.any((image > 0) & (image < level))


def test_the_record_says_what_went_in_what_came_out_and_how(
    tmp_path: Path, generate: Run, drawn: Path, generator_file: Path
) -> None:
    generate(drawn / "page.png", "-o", tmp_path / "out")
    found = record(tmp_path / "out")
    page = drawn / "page.png"
    digest = hashlib.sha256(page.read_bytes()).hexdigest()
    assert found["inputs"] == [{"path": str(page), "sha256": digest, "role": "scan"}]
    assert {entry["path"]: entry["sha256"] for entry in found["outputs"]} == {
        name: sha256 for name, sha256 in tree(tmp_path / "out").items() if name != "record.json"
    }
    assert found["arguments"]["generator"] == str(generator_file)
    assert found["settings"]["preprocessing"]["size"] == 128
    assert found["settings"]["generate"]["extraction"]["min_confidence"] == 0.5
    assert any("its own mask" in note for note in found["notes"])
    assert any("same last steps" in note for note in found["notes"])
    (row,) = rows(tmp_path / "out")
    assert row["source_sha256"] == digest
    assert float(row["confidence"]) > 0.5


def test_the_same_command_twice_makes_the_same_bytes(tmp_path: Path, generate: Run, drawn: Path) -> None:
    for output in ("one", "two"):
        generate(
            drawn / "two.png", "--all", "--variants", 2, "--augmented", "--onto-scan", "--seed", 7,
            "-o", tmp_path / output,
        )  # fmt: skip
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    del one["record.json"], two["record.json"]  # which has the time
    assert one == two
    for kind in ("fake-2", "pages-true", "pages-fake", "pages-fake-2"):
        assert names(tmp_path / "one" / kind) == ["two-2.png", "two.png"]


@pytest.mark.parametrize(("variants", "dropout"), [(1, False), (2, True)])
def test_the_record_states_dropout_as_it_was_used(
    tmp_path: Path, generate: Run, drawn: Path, variants: int, dropout: bool
) -> None:
    generate(drawn / "page.png", "--variants", variants, "-o", tmp_path / "out")
    record = json.loads((tmp_path / "out" / "record.json").read_text(encoding="utf-8"))
    assert record["settings"]["generate"]["forging"]["dropout"] is dropout


def test_variants_share_one_augmented_input_and_it_differs_with_the_seed(
    tmp_path: Path, generate: Run, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fed = []

    def forge_many(templates: Any, *, dropout: bool) -> Any:
        for template in templates:
            fed.append((template.edges.tobytes(), template.seeds.tobytes()))
            yield (template.mask / 255).astype(np.float32)

    forger = SimpleNamespace(forge_many=forge_many)
    monkeypatch.setattr("sigforensics.workflows.forging.Generator.forger", forger)
    for seed in (1, 2):
        generate(
            drawn / "page.png", "--variants", 2, "--augmented", "--seed", seed, "-o", tmp_path / str(seed)
        )
    assert [len({one[part] for one in fed}) for part in (0, 1)] == [2, 4]
    assert fed[0][0] == fed[1][0]


def test_strokes_are_carried_on_across_holes_unless_they_shall_be_left(
    tmp_path: Path, generate: Run, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fed, given = [], []

    def bridge(edges: np.ndarray, holes: Any, **_: Any) -> CarriedOn:
        given.append(holes)
        return CarriedOn(255 - edges, 3, 5, 0, ())

    monkeypatch.setattr("sigforensics.workflows.holes.bridge_strokes", bridge)

    def forge_many(templates: Any, *, dropout: bool) -> Any:
        for template in templates:
            fed.append(template.edges)
            yield (template.mask / 255).astype(np.float32)

    forger = SimpleNamespace(forge_many=forge_many)
    monkeypatch.setattr("sigforensics.workflows.forging.Generator.forger", forger)
    ran = [
        generate(drawn / "page.png", "--augmented", *more, "--seed", 3, "-o", tmp_path / str(len(more)))
        for more in ((), ("--holes", "leave"))
    ]
    carried, left = fed
    traced = 255 - carried
    assert not traced[given[0][0]].any()
    near = (
        cv2.dilate(left, np.ones((5, 5), np.uint8)) > 0
    )  # the deformed edges, and those of the deformed signature
    assert near[traced > 0].mean() > 0.95
    assert given == [draw_distortion(len(left), rng=image_rng(3, "page")).holes]
    assert not left[given[0][0]].any()
    assert ["3 pair(s) of ends were joined by a rule" in one.out for one in ran] == [True, False]
    tables = [(tmp_path / name / "signatures.csv").read_text().splitlines() for name in "02"]
    assert [table[0].endswith(",holes,hole_draws,grafted,joins,points,specimens") for table in tables] == [
        True,
        False,
    ]
    rows, columns = given[0][0]
    hole = f"{columns.start} {rows.start} {columns.stop - columns.start} {rows.stop - rows.start}"
    assert tables[1][0].endswith(",holes")
    assert tables[1][1].endswith(f",{hole}")
    assert ["were left to the generator" in one.out for one in ran] == [False, True]
    assert ["none was given, or none fits" in one.out for one in ran] == [True, False]
    assert tables[0][1].endswith(f",{hole},1,0,3,5,")
    marks = [png_texts(tmp_path / name / "fake" / "page.png")["sigforensics:edges"] for name in "02"]
    assert marks == [
        "augmented, traced after deforming, strokes carried on across holes by rule",
        "augmented, deformed as edges, holes left",
    ]
    stated = [record(tmp_path / name)["settings"]["generate"]["forging"]["holes"] for name in "02"]
    assert stated == ["graft", "leave"]


def test_another_seed_makes_other_variants_of_the_same_true_images(
    tmp_path: Path, generate: Run, drawn: Path
) -> None:
    for seed in (1, 2):
        generate(drawn / "page.png", "--variants", 2, "--seed", seed, "-o", tmp_path / str(seed))
    assert tree(tmp_path / "1" / "true") == tree(tmp_path / "2" / "true")
    assert tree(tmp_path / "1" / "fake-2") != tree(tmp_path / "2" / "fake-2")


@pytest.mark.parametrize("name", ["scan.jpg", "scan.tif", "scan16.tif", "scan16.png", "scan.pdf"])
def test_any_kind_of_file_gives_the_same_signature(
    tmp_path: Path, generate: Run, drawn: Path, name: str
) -> None:
    page = read(drawn / "page.png")
    deep = Image.fromarray(page.astype(np.uint16) * 257)
    (deep if "16" in name else Image.fromarray(page)).save(tmp_path / name, dpi=(150, 150), resolution=150)
    generate(tmp_path / name, "-o", tmp_path / "out")
    generate(drawn / "page.png", "-o", tmp_path / "expected")
    found, expected = box_of(tmp_path / "out"), box_of(tmp_path / "expected")
    if name in {
        "scan.jpg",
        "scan.pdf",
    }:  # JPEG may change which small pieces are taken along, and so the scale of the target
        assert found.intersection_over_union(expected) > 0.9
        return
    assert found.intersection_over_union(expected) > 0.97
    images = (
        read(tmp_path / "out" / "true" / f"{Path(name).stem}.png"),
        read(tmp_path / "expected/true/page.png"),
    )
    assert np.corrcoef(*(image.ravel() for image in images))[0, 1] > 0.97


@pytest.mark.parametrize(
    ("kind", "alike"), [("side.png", 0.999), ("exif.jpg", 0.97), ("skewed.png", 0.0), ("shadow.png", 0.7)]
)
def test_a_page_that_lies_on_its_side_askew_or_in_a_shadow_gives_its_signature_upright(
    tmp_path: Path, generate: Run, drawn: Path, scanned_as: Run, kind: str, alike: float
) -> None:
    scanned = scanned_as(kind)
    generate(scanned.path, "--onto-scan", "-o", tmp_path / "out")
    generate(drawn / "page.png", "-o", tmp_path / "expected")
    there = np.zeros(read(drawn / "page.png").shape, bool)
    there[box_of(tmp_path / "expected").slices] = True
    rows, columns = (np.flatnonzero(scanned.place(there).any(axis=axis)) for axis in (1, 0))
    expected = Box.spanning(columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    assert box_of(tmp_path / "out").intersection_over_union(expected) > 0.75
    name = f"{Path(kind).stem}.png"
    true, page = (read(tmp_path / "out" / place / name) for place in ("true", "pages-true"))
    upright = read(tmp_path / "expected" / "true" / "page.png")
    assert np.corrcoef(true.ravel(), upright.ravel())[0, 1] >= alike
    assert page.shape == read(drawn / "page.png").shape


def test_a_heavily_compressed_page_is_taken_and_said_to_be_so(
    tmp_path: Path, generate: Run, drawn: Path
) -> None:
    with Image.open(drawn / "page.png") as page:
        page.save(tmp_path / "page.jpg", quality=60, dpi=(150, 150))
    ran = generate(tmp_path / "page.jpg", "-o", tmp_path / "out")
    assert "Note: 1 signature(s) come from heavily compressed JPEG" in ran.out
    assert record(tmp_path / "out")["results"]["heavy_jpeg_sources"] == 1
    said = {"sigforensics:source": "heavily compressed JPEG"}  # as crops by find do
    write_png(tmp_path / "crop.png", np.array(Image.open(drawn / "page.png")), texts=said, bright=False)
    generate(tmp_path / "crop.png", "-o", tmp_path / "crop")
    assert record(tmp_path / "crop")["results"]["heavy_jpeg_sources"] == 1


def test_a_signature_of_few_pixels_is_taken_and_said_to_be_enlarged(
    tmp_path: Path, generate: Run, drawn: Path
) -> None:
    """The tiny generator makes 128 pixels."""
    for side, noted in ((70, False), (60, True)):
        with Image.open(drawn / "signatures" / "writer-1_0.png") as signature:
            small = signature.copy()
        small.thumbnail((side, side))
        small.save(tmp_path / f"{side}.png")
        ran = generate(tmp_path / f"{side}.png", "--cropped", "-o", tmp_path / f"out-{side}")
        assert ("Note: 1 signature(s) were enlarged more than 2 times" in ran.out) == noted
        assert record(tmp_path / f"out-{side}")["results"]["enlarged_sources"] == noted
        assert [row["enlarged"] for row in rows(tmp_path / f"out-{side}")] == [f"{128 / side:.2f}"]
        assert ran.out.count("--generator cedar-16-varied often draws") == noted


def test_a_generator_that_has_met_broad_strokes_is_not_told_to_be_replaced_by_one_that_has(
    tmp_path: Path, generate: Run, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigforensics.workflows.forging.Generator.met_broad_strokes", True)
    with Image.open(drawn / "signatures" / "writer-1_0.png") as signature:
        signature.resize((60, 30)).save(tmp_path / "small.png")
    ran = generate(tmp_path / "small.png", "--cropped", "-o", tmp_path / "out")
    assert "the thickest strokes may be welded" in ran.out
    inked(tmp_path / "black.png", 0.9)
    ran = generate(tmp_path / "black.png", "--cropped", "-o", tmp_path / "black")
    assert record(tmp_path / "black")["results"]["black_sources"] == 1
    assert "blacker" not in ran.out
    assert "cedar-16-varied" not in ran.out


def inked(path: Path, ink: float) -> None:
    """A picture, a pixel of the tiny generator each, of a frame of strokes of such an ink."""
    grey = np.full((128, 128), 255, np.uint8)
    grey[30:100, 10:118] = round(255 * (1 - ink))
    grey[40:90, 20:108] = 255
    Image.fromarray(grey).save(path)


def test_ink_blacker_than_any_learnt_from_is_said_to_come_out_grey(tmp_path: Path, generate: Run) -> None:
    for ink, noted in ((0.56, False), (0.6, True)):
        inked(tmp_path / f"{ink}.png", ink)
        ran = generate(tmp_path / f"{ink}.png", "--cropped", "-o", tmp_path / f"out-{ink}")
        said = "Note: The ink of 1 signature(s) is blacker than any that the bundled generators but one have learnt from"
        assert (said in ran.out) == noted
        assert ran.out.count("--generator cedar-16-varied often draws") == noted
        assert record(tmp_path / f"out-{ink}")["results"]["black_sources"] == noted
        assert [row["dark_ink"] for row in rows(tmp_path / f"out-{ink}")] == [f"{ink:.2f}"]


def test_a_page_of_black_and_white_is_taken_too(tmp_path: Path, generate: Run, drawn: Path) -> None:
    with Image.open(drawn / "page.png") as page:
        page.point(lambda value: 255 * (value > 150)).convert("1").save(tmp_path / "fax.tif", dpi=(150, 150))
    generate(tmp_path / "fax.tif", "-o", tmp_path / "out")
    generate(drawn / "page.png", "-o", tmp_path / "expected")
    assert box_of(tmp_path / "out").intersection_over_union(box_of(tmp_path / "expected")) > 0.8
    assert record(tmp_path / "out")["results"]["two_level_sources"] == 1
    assert record(tmp_path / "expected")["results"]["two_level_sources"] == 0
    assert any("two grey levels" in note for note in record(tmp_path / "out")["notes"])


def test_a_document_of_several_pages_gives_the_pages_that_are_signed(
    tmp_path: Path, generate: Run, drawn: Path
) -> None:
    with Image.open(drawn / "page.png") as page:
        blank = Image.new("L", page.size, 250)
        page.save(tmp_path / "deed.tif", save_all=True, append_images=[blank, page], dpi=(150, 150))
    ran = generate(tmp_path / "deed.tif", "-o", tmp_path / "out")
    assert (ran.status, ran.err) == (0, "")
    assert names(tmp_path / "out" / "true") == ["deed-p1.png", "deed-p3.png"]
    (passed,) = record(tmp_path / "out")["results"]["passed_over"]
    assert passed["path"].endswith("deed.tif page 2")
    assert "Note: 1 page(s) gave no signature" in ran.out
    generate(tmp_path / "deed.tif", "--page", 3, "-o", tmp_path / "third")
    assert names(tmp_path / "third" / "true") == ["deed-p3.png"]
    assert generate(tmp_path / "deed.tif", "--page", 4, "-o", tmp_path / "none").status == 16


def test_a_box_overrules_the_finder_and_the_overlay_shows_it(
    tmp_path: Path, generate: Run, drawn: Path
) -> None:
    generate(drawn / "page.png", "-o", tmp_path / "found")
    box = box_of(tmp_path / "found")
    generate(drawn / "page.png", "--box", str(box), "-o", tmp_path / "given")
    (given,) = rows(tmp_path / "given")
    assert (given["how"], given["confidence"]) == ("The user gave the box.", "")
    page = read(drawn / "page.png")
    for output in ("found", "given"):
        overlay = read(tmp_path / output / "overlays" / "page.png")
        scale = overlay.shape[0] / page.shape[0]
        blue = np.argwhere((overlay == (0, 114, 178)).all(axis=-1)) / scale
        assert abs(blue.min(axis=0) - (box.top, box.left)).max() < 12
        assert abs(blue.max(axis=0) - (box.bottom, box.right)).max() < 30  # the word beside the frame
    beyond = generate(drawn / "page.png", "--box", "90000,90000,10,10", "-o", tmp_path / "beyond")
    assert (beyond.status, "beyond" in beyond.err) == (23, True)


def test_a_corrected_mask_of_finds_is_taken_for_what_it_marks(
    tmp_path: Path, generate: Run, sigforensics: Run, drawn: Path
) -> None:
    """A mask that find wrote, the right half of which was painted black."""
    assert sigforensics("find", drawn / "page.png", "-o", tmp_path / "found", "-q").status == 0
    with (tmp_path / "found" / "candidates.csv").open(newline="") as stream:
        first = next(csv.DictReader(stream))
    box = ",".join(first[side] for side in ("left", "top", "width", "height"))
    mask = read(tmp_path / "found" / first["mask"]) > 0
    half = mask.copy()
    half[:, half.shape[1] // 2 :] = False
    Image.fromarray(half).save(tmp_path / "half.png")
    ran = generate(drawn / "page.png", "--box", box, "--mask", tmp_path / "half.png", "-o", tmp_path / "out")
    assert ran.status == 0
    (row,) = rows(tmp_path / "out")
    assert row["how"] == "The user gave the box and the mask."
    assert row["background"].startswith("A mask of the user's said what is the signature: ")
    assert "Note: A mask of the user's said what is the signature: " in ran.out
    entry = next(one for one in record(tmp_path / "out")["inputs"] if one["role"] == "mask")
    assert entry["sha256"] == hashlib.sha256((tmp_path / "half.png").read_bytes()).hexdigest()
    assert record(tmp_path / "out")["settings"]["generate"]["choice"]["mask"].endswith("half.png")
    kept = read(tmp_path / "out" / "found" / "page.png") < 255
    assert 0.9 < kept.sum() / half.sum() <= 1
    assert kept[:, kept.shape[1] // 2 + 8 :].sum() == 0


def test_a_mask_must_fit_its_box_and_belongs_to_one_page(tmp_path: Path, generate: Run, drawn: Path) -> None:
    page, mask, out = drawn / "page.png", tmp_path / "mask.png", tmp_path / "out"
    Image.new("L", (30, 20), 255).save(mask)
    ran = generate(page, "--box", "100,100,50,40", "--mask", mask, "-o", out)
    assert (ran.status, "mask.png: has 30 x 20 pixels, and its box 50 x 40" in ran.err) == (32, True)
    assert generate(page, "--box", "0,0,30,20", "--mask", tmp_path / "none.png", "-o", out).status == 11
    for other in ("--all", "--cropped"):
        assert generate(page, other, "--box", "0,0,30,20", "--mask", mask, "-o", out).status == 2
    assert generate(page, "--mask", mask, "-o", out).status == 2
    assert generate(page, page, "--box", "0,0,30,20", "--mask", mask, "-o", out).status == 2
    assert generate(drawn, "--box", "0,0,30,20", "--mask", mask, "-o", out).status == 2
    assert generate("--data", drawn, "--mask", mask, "-o", out).status == 2
    with Image.open(page) as picture:
        picture.save(tmp_path / "deed.tif", save_all=True, append_images=[picture.copy()], dpi=(150, 150))
    ran = generate(tmp_path / "deed.tif", "--box", "0,0,30,20", "--mask", mask, "-o", out)
    assert (ran.status, "--page" in ran.err) == (32, True)
    assert not out.exists()


def test_a_mask_is_of_the_page_that_is_named_and_of_no_specimen(
    tmp_path: Path, generate: Run, sigforensics: Run, drawn: Path
) -> None:
    """The second page of two, and a specimen of two pages, in which there is nothing at the box."""
    sigforensics("find", drawn / "page.png", "-o", tmp_path / "found", "-q")
    with (tmp_path / "found" / "candidates.csv").open(newline="") as stream:
        first = next(csv.DictReader(stream))
    box = ",".join(first[side] for side in ("left", "top", "width", "height"))
    with Image.open(drawn / "page.png") as page, Image.open(drawn / "print.png") as printed:
        printed.save(tmp_path / "deed.tif", save_all=True, append_images=[page.copy()], dpi=(150, 150))
        page.save(tmp_path / "known.tif", save_all=True, append_images=[printed.copy()], dpi=(150, 150))
    common = "--box", box, "--mask", tmp_path / "found" / first["mask"]
    out = tmp_path / "out"
    ran = generate(
        tmp_path / "deed.tif", *common, "--page", 2, "--specimens", tmp_path / "known.tif", "-o", out
    )
    assert (ran.status, ran.err) == (0, "")
    (row,) = rows(out)
    assert (row["page"], row["how"]) == ("2", "The user gave the box and the mask.")
    assert "1 further specimen(s)" in ran.out


def test_candidates_as_good_as_the_one_that_was_taken_are_pointed_out(
    tmp_path: Path, generate: Run, drawn: Path
) -> None:
    ran = generate(drawn / "two.png", "-o", tmp_path / "best")
    assert "Note: On 1 page(s) other candidates are confident enough, too" in ran.out
    assert [row["rivals"] for row in rows(tmp_path / "best")] == ["1"]
    ran = generate(drawn / "two.png", "--all", "-o", tmp_path / "all", "--json", "-")
    assert [row["rivals"] for row in rows(tmp_path / "all")] == ["0", "0"]
    assert not any("other candidates" in note for note in json.loads(ran.out)["notes"])


def test_signatures_that_are_cropped_already_are_taken_whole(
    tmp_path: Path, generate: Run, drawn: Path
) -> None:
    ran = generate(drawn / "signatures", "-o", tmp_path / "out", "--json", "-")
    assert json.loads(ran.out)["names"] == [path.stem for path in sorted((drawn / "signatures").iterdir())]
    assert {row["confidence"] for row in rows(tmp_path / "out")} == {""}
    assert {row["left"] for row in rows(tmp_path / "out")} == {"0"}


def test_specimens_go_into_the_mask_and_the_scan_itself_only_once(
    tmp_path: Path, generate: Run, drawn: Path
) -> None:
    known = tmp_path / "known"
    known.mkdir()
    for number in (1, 2):
        shutil.copy(drawn / "signatures" / f"writer-1_{number}.png", known)
    scan = drawn / "signatures" / "writer-1_0.png"
    assert generate(scan, "--specimens", known, "-o", tmp_path / "out").status == 0
    assert any("2 further specimen(s)" in note for note in record(tmp_path / "out")["notes"])
    assert [entry["role"] for entry in record(tmp_path / "out")["inputs"]] == ["scan", "specimen", "specimen"]
    alone = tmp_path / "alone"
    generate(scan, "-o", alone)
    assert tree(alone / "true") == tree(tmp_path / "out" / "true")
    assert tree(alone / "fake") != tree(tmp_path / "out" / "fake")
    shutil.copy(scan, known / "again.png")
    generate(scan, "--specimens", known, "-o", tmp_path / "again")
    assert tree(tmp_path / "again" / "fake") == tree(tmp_path / "out" / "fake")


def test_a_bad_specimen_is_skipped_and_bad_ones_alone_are_refused(
    tmp_path: Path, generate: Run, drawn: Path, make_bad: Run
) -> None:
    known = tmp_path / "known"
    known.mkdir()
    scan = drawn / "signatures" / "writer-1_0.png"
    bad = make_bad("empty", known)
    for path in (known, bad):
        ran = generate(scan, "--specimens", path, "-o", tmp_path / "out")
        assert (ran.status, (tmp_path / "out").exists()) == (12, False)
    make_bad("truncated JPEG", known)
    ran = generate(scan, "--specimens", known, "-o", tmp_path / "out")
    assert (ran.status, (tmp_path / "out").exists()) == (26, False)
    assert generate(scan, "--specimens", tmp_path / "missing", "-o", tmp_path / "out").status == 11
    shutil.copy(drawn / "signatures" / "writer-1_1.png", known)
    ran = generate(scan, "--specimens", known, "-o", tmp_path / "out")
    assert (ran.status, str(bad) in ran.err) == (3, True)
    assert generate(scan, "--specimens", known, "-o", tmp_path / "no", "--strict").status == 14


def test_scans_of_one_name_do_not_overwrite_each_other(tmp_path: Path, generate: Run, drawn: Path) -> None:
    for folder, source in (("a", "writer-1_0"), ("b", "writer-2_0")):
        (tmp_path / folder).mkdir()
        shutil.copy(drawn / "signatures" / f"{source}.png", tmp_path / folder / "scan.png")
    with Image.open(tmp_path / "a" / "scan.png") as image:
        image.save(tmp_path / "a" / "Scan.tif")
    generate(tmp_path / "a", tmp_path / "b", tmp_path / "a", "-o", tmp_path / "out")
    assert names(tmp_path / "out" / "true") == ["Scan.png", "scan~2.png", "scan~3.png"]
    assert [Path(row["source"]).relative_to(tmp_path).as_posix() for row in rows(tmp_path / "out")] == [
        "a/Scan.tif", "a/scan.png", "b/scan.png",
    ]  # fmt: skip


def test_names_that_are_no_unicode_or_odd_are_dealt_with(tmp_path: Path, generate: Run, drawn: Path) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    source = drawn / "signatures" / "writer-1_0.png"
    for name in (b"caf\xe9.png", "签名 $x_{.png".encode(), b"two\nlines.png"):
        shutil.copy(source, scans / os.fsdecode(name))
    shutil.copy(source, scans / ".hidden.png")
    ran = generate(scans, scans / ".hidden.png", "-o", tmp_path / "out", "--json", "-")
    assert ran.status == 0, ran.err
    found = json.loads(ran.out)["names"]
    assert found == ["caf_", "two_lines", "签名 $x_{", "_.hidden"]
    assert {row["name"] for row in rows(tmp_path / "out")} == set(found)
    assert any(entry["path"].endswith("caf\\udce9.png") for entry in record(tmp_path / "out")["inputs"])


def test_a_scan_that_cannot_be_used_gets_one_line_and_leaves_nothing(
    tmp_path: Path, generate: Run, unusable: tuple[str, int], make_bad: Run
) -> None:
    kind, status = unusable
    bad = make_bad(kind)
    before = tree(tmp_path)
    ran = generate(bad, "-o", tmp_path / "new" / "out")
    assert (ran.status, ran.out) == (status, "")
    (line,) = ran.err.splitlines()
    assert line.startswith(f"sigforensics: {bad}: ")
    assert line.count("; ") >= 1  # what to do
    assert tree(tmp_path) == before
    assert names(tmp_path) == [bad.name]


def test_a_scan_that_cannot_be_used_is_skipped_among_others_or_stops_a_strict_run(
    tmp_path: Path, generate: Run, drawn: Path, unusable: tuple[str, int], make_bad: Run
) -> None:
    kind, status = unusable
    bad, good = make_bad(kind), drawn / "signatures" / "writer-1_0.png"
    ran = generate(bad, good, "-o", tmp_path / "out", "--json", tmp_path / "out.json")
    assert ran.status == 3
    said, summary = ran.err.splitlines()
    assert said.startswith(f"skipped: {bad}: ")
    assert summary.startswith("sigforensics: ")
    assert names(tmp_path / "out" / "true") == names(tmp_path / "out" / "found") == [good.name]
    (entry,) = record(tmp_path / "out")["skipped"]
    assert (entry["path"], entry["status"]) == (str(bad), status)
    assert json.loads((tmp_path / "out.json").read_text())["skipped"] == [entry]
    assert generate(bad, good, "-o", tmp_path / "strict", "--strict").status == status
    assert not (tmp_path / "strict").exists()


def test_a_batch_of_which_nothing_can_be_used_has_a_status_of_its_own(
    tmp_path: Path, generate: Run, make_bad: Run, drawn: Path
) -> None:
    ran = generate(make_bad("empty"), drawn / "print.png", tmp_path / "missing.png", "-o", tmp_path / "out")
    assert ran.status == 24
    assert [line.split(": ")[0] for line in ran.err.splitlines()] == ["skipped"] * 3 + ["sigforensics"]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "status"), [("missing.png", 11), ("x" * 300 + ".png", 11), ("empty", 24), ("print.png", 23)]
)
def test_places_without_signatures_are_named(
    tmp_path: Path, generate: Run, drawn: Path, name: str, status: int
) -> None:
    (tmp_path / "empty").mkdir()
    path = drawn / name if name == "print.png" else tmp_path / name
    ran = generate(path, "-o", tmp_path / "out")
    assert ran.status == status
    assert ran.err.startswith(f"sigforensics: {path}: ")
    assert names(tmp_path) == ["empty"]


def test_a_negative_is_taken_if_the_user_says_that_it_is_one(
    tmp_path: Path, generate: Run, drawn: Path
) -> None:
    Image.fromarray(255 - read(drawn / "page.png")).save(tmp_path / "page.png", dpi=(150, 150))
    generate(tmp_path / "page.png", "--ink", "bright", "-o", tmp_path / "bright")
    generate(drawn / "page.png", "-o", tmp_path / "dark")
    assert tree(tmp_path / "bright" / "true") == tree(tmp_path / "dark" / "true")


def test_what_the_run_made_can_be_put_into_it_again(tmp_path: Path, generate: Run, drawn: Path) -> None:
    """Our own PNG files say that their ink is bright; a true image is its own target."""
    generate(drawn / "page.png", "-o", tmp_path / "one")
    generate(tmp_path / "one" / "true", "--cropped", "-o", tmp_path / "two")
    np.testing.assert_array_equal(read(tmp_path / "two/true/page.png"), read(tmp_path / "one/true/page.png"))


def save_page(kind: str, page: np.ndarray, path: Path) -> np.ndarray:
    """Write a grey page as a file of some kind; returns its values."""
    if kind == "colour":
        values = np.dstack([page, page, 255 - (255 - page) // 2])  # blue ink, and blue print
    elif kind == "16-bit":
        values = page.astype(np.uint16) * 257
    else:
        values = page > 150 if kind == "two levels" else 255 - page if kind == "bright" else page
    Image.fromarray(values).save(path, dpi=(150, 150))
    return values


def factor_of(out: Path, page: str) -> float:
    """By what the ink of an image was multiplied on its page: the true pen's darkness over its own."""

    def darker_half(image: np.ndarray) -> float:
        ink = np.sort(image[image > 0])
        return float(ink[-round(len(ink) / 2) :].mean())

    true, put = (read(out / name) for name in ("true/page.png", page.removeprefix("pages-")))
    return darker_half(true) / darker_half(put)


@pytest.mark.parametrize("kind", ["grey", "colour", "16-bit", "two levels", "bright"])
def test_a_fake_is_put_where_the_true_signature_was_and_nothing_else_changes(
    tmp_path: Path, generate: Run, drawn: Path, kind: str
) -> None:
    scan, out = tmp_path / "page.png", tmp_path / "out"
    before = save_page(kind, read(drawn / "page.png"), scan)
    ink = ["--ink", "bright"] if kind == "bright" else []
    ran = generate(scan, "--onto-scan", "--variants", 2, "--seed", 4, *ink, "-o", out)
    assert (ran.status, ran.err) == (0, "")
    stated = {entry["path"]: entry for entry in record(out)["results"]["pages"]}
    assert list(stated) == ["pages-true/page.png", "pages-fake/page.png", "pages-fake-2/page.png"]
    pages = {name: read(out / name) for name in stated}
    for name, page in pages.items():
        assert (page.dtype, page.shape) == (before.dtype, before.shape)
        changed = Box(**stated[name]["changed"])
        assert changed.intersection(box_of(out)) == changed
        assert stated[name]["ink_factor"] == pytest.approx(factor_of(out, name), abs=0.001)
        different = (page != before).reshape(*before.shape[:2], -1).any(axis=-1)
        assert 100 < different.sum() <= stated[name]["pixels_emptied"] + stated[name]["pixels_inked"]
        different[changed.slices] = False
        assert not different.any()
        with Image.open(out / name) as image:
            assert image.info["dpi"] == pytest.approx((150, 150), rel=1e-3)
            assert image.info["sigforensics:polarity"] == ("bright" if kind == "bright" else "dark")
            texts = image.text
        if name == "pages-true/page.png":
            assert "algorithmicallyEnhanced" in texts["XML:com.adobe.xmp"]
            assert texts["sigforensics:processed"] == "true"
            assert "sigforensics:synthetic" not in texts
        else:
            assert "/compositeWithTrainedAlgorithmicMedia<" in texts["XML:com.adobe.xmp"]
            assert texts["sigforensics:seed"] == "4"
            assert texts["sigforensics:synthetic"] == "true"
    assert np.any(pages["pages-fake/page.png"] != pages["pages-true/page.png"])
    assert np.any(pages["pages-fake/page.png"] != pages["pages-fake-2/page.png"])
    assert any("altered documents" in note for note in record(out)["notes"])


def test_a_page_whose_signature_was_put_back_gives_it_at_the_same_place(
    tmp_path: Path, generate: Run, drawn: Path
) -> None:
    """By the finder nearly so; within one box, to the grey values."""
    generate(drawn / "page.png", "--onto-scan", "-o", tmp_path / "one")
    put_back = tmp_path / "one" / "pages-true" / "page.png"
    found = box_of(tmp_path / "one")
    generate(put_back, "-o", tmp_path / "two")
    assert box_of(tmp_path / "two").intersection_over_union(found) > 0.8
    for page, output in ((drawn / "page.png", "three"), (put_back, "four")):
        generate(page, "--box", found, "-o", tmp_path / output)
    images = [read(tmp_path / output / "true" / "page.png").ravel() for output in ("three", "four")]
    assert np.corrcoef(*images)[0, 1] > 0.97


def test_only_the_page_concerned_is_altered_and_cropped_signatures_are_pages_too(
    tmp_path: Path, generate: Run, drawn: Path
) -> None:
    with Image.open(drawn / "page.png") as page:
        blank = Image.new("L", page.size, 250)
        blank.save(tmp_path / "deed.tif", save_all=True, append_images=[page], dpi=(150, 150))
    generate(tmp_path / "deed.tif", "--onto-scan", "-o", tmp_path / "deed")
    assert names(tmp_path / "deed" / "pages-fake") == ["deed-p2.png"]
    assert read(tmp_path / "deed/pages-fake/deed-p2.png").shape == read(drawn / "page.png").shape
    scan = drawn / "signatures" / "writer-1_0.png"
    generate(scan, "--onto-scan", "-o", tmp_path / "cropped")
    before, after = read(scan).astype(int), read(tmp_path / "cropped" / "pages-true" / scan.name)
    assert np.abs(after - before).mean() < 6
    ran = generate("--data", tmp_path, "--onto-scan", "-o", tmp_path / "none")
    assert (ran.status, "--onto-scan can be given with SCANS only" in ran.err) == (2, True)


def test_without_being_asked_no_page_is_altered(tmp_path: Path, generate: Run, drawn: Path) -> None:
    generate(drawn / "page.png", "-o", tmp_path / "out")
    assert record(tmp_path / "out")["results"]["pages"] == []
    assert not [name for name in names(tmp_path / "out") if name.startswith("pages")]


@pytest.mark.parametrize("content", [b"", b"not a model", None])
def test_a_file_that_is_no_generator_is_refused(
    tmp_path: Path, sigforensics: Run, drawn: Path, content: bytes | None
) -> None:
    model = tmp_path / "model.safetensors"
    if content is not None:
        model.write_bytes(content)
    ran = sigforensics("generate", drawn / "page.png", "--generator", model, "-o", tmp_path / "out", "-q")
    assert ran.status == (11 if content is None else 27)
    assert str(model) in ran.err
    assert len(ran.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten_unless_we_wrote_it_and_that_is_said(
    tmp_path: Path, generate: Run, drawn: Path
) -> None:
    scan, out = drawn / "signatures" / "writer-1_0.png", tmp_path / "out"
    generate(scan, "-o", out)
    before = tree(out)
    assert generate(scan, "-o", out).status == 40
    assert tree(out) == before
    assert generate(scan, "-o", out, "--overwrite").status == 0
    (out / "notes.txt").write_text("mine")
    assert generate(scan, "-o", out, "--overwrite").status == 40
    assert (out / "notes.txt").read_text() == "mine"
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "letter.txt").write_text("mine")
    assert generate(scan, "-o", foreign, "--overwrite").status == 40
    assert names(foreign) == ["letter.txt"]


def test_an_output_among_the_scans_is_refused(tmp_path: Path, generate: Run, drawn: Path) -> None:
    shutil.copytree(drawn / "signatures", tmp_path / "scans")
    for output in ("scans", "scans/out", "."):
        ran = generate(tmp_path / "scans", "-o", tmp_path / output, "--overwrite")
        assert ran.status == 42
    assert (
        generate(tmp_path / "scans", "-o", tmp_path / "out", "--json", tmp_path / "scans" / "a.json").status
        == 42
    )
    assert tree(tmp_path / "scans") == tree(drawn / "signatures")
    assert names(tmp_path) == ["scans"]


def test_a_place_for_the_json_that_is_taken_is_refused_before_the_work(
    tmp_path: Path, generate: Run, drawn: Path
) -> None:
    (tmp_path / "mine.json").write_text('{"my": "notes"}')
    for overwrite in ([], ["--overwrite"]):
        ran = generate(
            drawn / "page.png", "-o", tmp_path / "out", "--json", tmp_path / "mine.json", *overwrite
        )
        assert ran.status == 40
    assert names(tmp_path) == ["mine.json"]
    assert (tmp_path / "mine.json").read_text() == '{"my": "notes"}'


def test_ctrl_c_in_the_midst_of_it_leaves_nothing(
    tmp_path: Path, generate: Run, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sigforensics.workflows.forging._write_sheet", interrupt)
    ran = generate(drawn / "page.png", "-o", tmp_path / "new" / "out")
    assert ran.status == 130
    assert "Traceback" not in ran.err
    assert names(tmp_path) == []


@pytest.mark.network
def test_the_bundled_generator_forges_a_page_the_same_way_twice(
    tmp_path: Path, sigforensics: Run, drawn: Path
) -> None:
    options = ["--variants", 2, "--dropout", "--onto-scan", "--seed", 3, "-q"]
    for output in ("one", "two"):
        assert sigforensics("generate", drawn / "page.png", *options, "-o", tmp_path / output).status == 0
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    del one["record.json"], two["record.json"]
    assert one == two
    true, fake = (read(tmp_path / "one" / kind / "page.png").astype(float) for kind in ("true", "fake"))
    assert np.corrcoef(true.ravel(), fake.ravel())[0, 1] > 0.7
    assert not np.any((fake > 0) & (fake < Preprocessing().threshold))
