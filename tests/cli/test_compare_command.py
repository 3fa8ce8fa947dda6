"""``sigforensics compare``, as a user's script would call it."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from sigforensics import errors
from sigforensics.statistics import CODES

Run = Callable[..., Any]


@pytest.fixture
def compare(sigforensics: Run) -> Run:
    """``compare`` with few permutations, without progress."""
    return lambda *arguments: sigforensics("compare", "-q", "--permutations", 199, *arguments)


@pytest.fixture
def sets(tmp_path: Path, flat_sets: Path) -> tuple[Path, Path]:
    """Copies of the true and the fake set."""
    for name in ("true", "fake"):
        shutil.copytree(flat_sets / name, tmp_path / "sets" / name)
    return tmp_path / "sets" / "true", tmp_path / "sets" / "fake"


def parse(text: str) -> dict[str, Any]:
    """The one JSON document of a text, without what JSON does not have (NaN, Infinity)."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(text, parse_constant=refuse)


def empty_but(folder: Path, *names: str) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name not in names)


def test_stdout_is_exactly_one_json_document(compare: Run, flat_sets: Path) -> None:
    ran = compare(flat_sets / "true", flat_sets / "fake", "--json", "-")
    assert (ran.status, ran.err) == (0, "")
    found = parse(ran.out)
    assert (found["n_true"], found["n_fake"], found["unit"], found["paired"]) == (6, 6, "pair", True)
    assert found["shape"] == [64, 64]
    assert {"n_splits", "bands", "percentile"} <= set(found["control"])
    for band in found["bands"]:
        assert band["low"] < band["high"]
        assert band["ci_low"] <= band["difference_nats"] <= band["ci_high"]
        assert 0 < band["p"] <= band["p_corrected"] <= 1
    assert [Path(entry["path"]).name for entry in found["inputs"]["true"]] == [
        f"{i:02d}.png" for i in range(6)
    ]


def test_progress_goes_to_stderr(sigforensics: Run, flat_sets: Path) -> None:
    ran = sigforensics("compare", flat_sets / "true", flat_sets / "fake", "--json", "-", "--permutations", 19)
    parse(ran.out)
    assert [line.split()[0] for line in ran.err.splitlines()] == [
        "Reading",
        "Reading",
        "Auditing",
        "Permuting",
        "Mapping",
        "Testing",
    ]


def test_fakes_that_are_smoother_are_found_to_have_less_at_high_frequencies(
    compare: Run, flat_sets: Path
) -> None:
    found = parse(compare(flat_sets / "true", flat_sets / "fake", "--json", "-").out)
    difference = [band["difference_nats"] for band in found["bands"]]
    # Gaussian blurs of 0.7 and 1.0 pixels: their transfer functions differ by a factor exp(-2 pi^2 f^2 0.51)
    middle = np.array([(band["low"] + band["high"]) / 2 for band in found["bands"]])
    expected = -2 * np.pi**2 * middle**2 * (1.0**2 - 0.7**2)
    normalised = np.array(difference) - expected
    inner = (middle > 0.1) & (middle < 0.35)  # beyond, rounding to 8 bits fills both spectra
    assert np.ptp(normalised[inner]) < 0.4  # four standard errors of a band
    assert difference[np.argmin(abs(middle - 0.4))] < -0.8


def test_figures_do_not_depend_on_threads_and_come_again(compare: Run, flat_sets: Path) -> None:
    documents = [
        parse(compare(flat_sets / "true", flat_sets / "fake", "--json", "-", "--jobs", jobs).out)
        for jobs in (1, 3, 1)
    ]
    assert documents[0] == documents[1] == documents[2]


def test_the_table_on_the_terminal_fits_and_says_what_a_reader_must_know(
    compare: Run, flat_sets: Path
) -> None:
    ran = compare(flat_sets / "true", flat_sets / "fake", "--bands", 8)
    table = [line for line in ran.out.splitlines() if line.startswith(("│", "┃", "┏", "└"))]
    assert len([line for line in table if line.startswith("│")]) == 8
    assert max(map(len, table)) <= 80
    assert "6 true, 6 fake; 6 independent units (pairs)." in ran.out
    assert "Note: each pair was taken as independent" in ran.out
    assert "Note: nothing shows that both sets went through the same chain" in ran.out


def test_the_csv_has_the_figures_of_the_json(tmp_path: Path, compare: Run, flat_sets: Path) -> None:
    true, fake = flat_sets / "true", flat_sets / "fake"
    found = parse(compare(true, fake, "--json", "-", "--csv", tmp_path / "bands.csv").out)
    with (tmp_path / "bands.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(found["bands"])
    for row, band in zip(rows, found["bands"], strict=True):
        assert {name: float(value) for name, value in row.items()} == band


def test_the_folder_has_figure_table_document_and_record(
    tmp_path: Path, compare: Run, flat_sets: Path
) -> None:
    true, fake = flat_sets / "true", flat_sets / "fake"
    printed = parse(compare(true, fake, "-o", tmp_path / "out", "--json", "-").out)
    tables = ["audit.csv", "bands.csv"]
    others = ["comparison.json", "comparison.png", "map.npz", "map.png", "record.json"]
    assert empty_but(tmp_path / "out") == [*tables, *others]
    assert parse((tmp_path / "out" / "comparison.json").read_text()) == printed
    record = parse((tmp_path / "out" / "record.json").read_text())
    assert [entry["path"] for entry in record["outputs"]] == [*tables, *others[:-1]]
    assert len(record["inputs"]) == 12
    assert record["notes"] == printed["notes"]


def test_single_frequencies_are_told_and_left_out_where_they_are_not_asked_for(
    tmp_path: Path, compare: Run, flat_sets: Path
) -> None:
    sets = flat_sets / "true", flat_sets / "fake"
    found = parse(compare(*sets, "--json", "-").out)
    assert (found["map"]["height"], found["map"]["rows_true"], found["map_unavailable"]) == (64, 6, None)
    assert found["map"]["smallest_p"] == 2 / 64
    assert len(found["map"]["strongest"]) == 5
    assert (
        f"Single frequencies: {found['map']['found']} of 4095 with corrected p <= 0.05" in compare(*sets).out
    )
    ran = compare(*sets, "--no-map", "-o", tmp_path / "out")
    assert "Single frequencies: not tested (it was not asked for)." in ran.out
    assert not (tmp_path / "out" / "map.png").exists()
    without = parse((tmp_path / "out" / "comparison.json").read_text())
    assert without["map"] is None
    assert without["bands"] == found["bands"]


def test_the_acquisition_comes_before_the_spectra(
    tmp_path: Path, compare: Run, sets: tuple[Path, Path]
) -> None:
    for path in sets[1].iterdir():
        with Image.open(path) as image:
            image.convert("RGB").save(path, dpi=(300, 300))
    ran = compare(*sets, "-o", tmp_path / "out", "--json", tmp_path / "a.json")
    lines = ran.out.splitlines()
    assert lines[0].startswith("Acquisition audit of 6 true and 6 fake images (6 pairs): the sets differ in ")
    assert "! mode: true L | fake RGB (corrected p 0.0312)" in lines
    warning = lines.index("!: these differences alone can explain what follows.")
    assert warning < next(place for place, line in enumerate(lines) if "cycles/pixel" in line)
    found = parse((tmp_path / "a.json").read_text())
    audit = {entry["property"]: entry for entry in found["audit"]}
    assert (audit["mode"]["true"], audit["mode"]["fake"], audit["mode"]["explains"]) == ("L", "RGB", True)
    assert (audit["dpi"]["true"], audit["dpi"]["fake"]) == ("none", "300 x 300")
    assert not audit["format"]["explains"]
    assert any("alone can explain" in note and "mode" in note for note in found["notes"])
    with (tmp_path / "out" / "audit.csv").open(newline="") as stream:
        rows = {row["property"]: row for row in csv.DictReader(stream)}
    assert list(rows) == list(audit)
    assert (rows["mode"]["true"], rows["mode"]["explains"]) == ("L", "True")


def same_pixels(folder: Path, target: Path) -> Path:
    """Files of the same names and pixels in other bytes: compared with what they are copies of, nothing differs."""
    target.mkdir()
    for path in folder.iterdir():
        with Image.open(path) as image:
            image.save(target / path.name, compress_level=0)
    return target


def test_sets_that_were_acquired_alike_are_said_to_be(tmp_path: Path, compare: Run, flat_sets: Path) -> None:
    ran = compare(flat_sets / "true", same_pixels(flat_sets / "true", tmp_path / "same"))
    lines = ran.out.splitlines()
    assert (
        lines[0]
        == "Acquisition audit of 6 true and 6 same images (6 pairs): the sets differ in 0 of 20 properties."
    )
    assert lines[1].startswith("No difference found in: format, mode,")
    assert "alone can explain" not in ran.out


def test_a_set_against_its_own_pixels_does_not_differ_at_all(
    tmp_path: Path, compare: Run, flat_sets: Path
) -> None:
    same = same_pixels(flat_sets / "true", tmp_path / "same")
    found = parse(compare(flat_sets / "true", same, "--json", "-").out)
    for band in found["bands"]:
        assert band["difference_nats"] == band["ci_low"] == band["ci_high"] == 0
        assert band["p"] == band["p_corrected"] == 1
        assert band["effect_size"] is None
        assert band["detectable_nats"] is None
    assert "nothing varies" in found["sentence"]


def test_two_images_a_set_are_compared_with_a_warning_and_one_is_refused(
    compare: Run, sets: tuple[Path, Path]
) -> None:
    for folder in sets:
        for path in sorted(folder.iterdir())[2:]:
            path.unlink()
    found = parse(compare(*sets, "--json", "-").out)
    assert found["n_true"] == found["n_fake"] == 2
    assert found["control"] is None
    assert found["control_unavailable"]
    assert any("smallest p" in note for note in found["notes"])
    (sets[1] / "01.png").unlink()
    ran = compare(*sets, "--json", "-")
    assert (ran.status, ran.out) == (errors.TooFewImages.status, "")


def test_sets_of_different_numbers_and_names_are_compared_as_images(
    compare: Run, sets: tuple[Path, Path]
) -> None:
    for path in sorted(sets[1].iterdir())[4:]:
        path.unlink()
    for path in sets[1].iterdir():
        path.rename(path.with_name(f"other-{path.name}"))
    found = parse(compare(*sets, "--json", "-").out)
    assert (found["n_true"], found["n_fake"], found["unit"], found["paired"]) == (6, 4, "image", False)
    assert compare(*sets, "--unit", "pair").status == errors.TooFewImages.status


@pytest.mark.parametrize("value", [0, 255])
def test_images_of_one_value_are_all_floor_and_noted(
    tmp_path: Path, compare: Run, sets: tuple[Path, Path], value: int
) -> None:
    for path in sets[1].iterdir():
        Image.new("L", (64, 64), value).save(path)
    ran = compare(*sets, "--json", "-")
    assert (ran.status, ran.err) == (0, "")
    found = parse(ran.out)
    assert all(
        band["mean_fake"] == pytest.approx(np.log(found["floor"]), abs=1e-5) for band in found["bands"]
    )
    assert any("6 of 6 images of the set fake are of one grey value" in note for note in found["notes"])
    both = parse(compare(sets[1], same_pixels(sets[1], tmp_path / "same"), "--json", "-").out)
    assert {band["p_corrected"] for band in both["bands"]} == {1}


def test_images_of_two_levels_are_noted(compare: Run, sets: tuple[Path, Path]) -> None:
    for path in sorted(sets[0].iterdir())[:2]:
        with Image.open(path) as image:
            binary = image.point(lambda value: 255 * (value > 128)).convert("1")
        binary.save(path)
    found = parse(compare(*sets, "--json", "-").out)
    assert any("2 of 6 images of the set true have two grey levels" in note for note in found["notes"])


def test_heavily_compressed_images_are_noted(compare: Run, sets: tuple[Path, Path]) -> None:
    for place, quality in enumerate((60, 95)):
        path = sorted(sets[0].iterdir())[place]
        with Image.open(path) as image:
            image.save(path.with_suffix(".jpg"), quality=quality)
        path.unlink()
    found = parse(compare(*sets, "--json", "-").out)
    (note,) = (note for note in found["notes"] if "heavily compressed" in note)
    assert note.startswith("1 of 6 images of the set true")


def test_a_file_that_cannot_be_read_is_skipped_and_its_partner_left_out(
    compare: Run, sets: tuple[Path, Path], unreadable: tuple[str, int], make_bad: Run, tmp_path: Path
) -> None:
    kind, status = unreadable
    bad = make_bad(kind, sets[0])
    shutil.copy(sets[1] / "00.png", sets[1] / f"{bad.stem}.png")
    ran = compare(*sets, "--json", "-")
    assert ran.status == 3
    said, summary = ran.err.splitlines()
    assert said.startswith(f"skipped: {bad}: ")
    assert summary.startswith("sigforensics: ")
    found = parse(ran.out)
    (entry,) = found["skipped"]
    assert (entry["path"], entry["status"]) == (str(bad), status)
    assert (found["n_true"], found["n_fake"], found["paired"]) == (6, 6, True)
    assert any("without a partner" in note for note in found["notes"])
    strict = compare(*sets, "-o", tmp_path / "out", "--json", tmp_path / "out.json", "--strict")
    assert (strict.status, strict.out) == (status, "")
    assert empty_but(tmp_path, "sets") == []


def test_a_set_of_which_nothing_can_be_read_is_refused(
    compare: Run, sets: tuple[Path, Path], make_bad: Run
) -> None:
    for path in sets[0].iterdir():
        path.unlink()
    make_bad("truncated PNG", sets[0])
    assert compare(*sets).status == errors.FileTruncated.status
    make_bad("truncated JPEG", sets[0])
    ran = compare(*sets)
    assert ran.status == errors.NoImages.status
    assert "none of its 2 images" in ran.err.splitlines()[-1]


def test_sets_of_different_sizes_are_compared_by_cycles_per_pixel_and_a_note_says_so(
    compare: Run, sets: tuple[Path, Path]
) -> None:
    for path in sets[1].iterdir():
        with Image.open(path) as image:
            image.crop((0, 0, 48, 56)).save(path)
    ran = compare(*sets, "--json", "-")
    assert (ran.status, ran.err) == (0, "")
    document = json.loads(ran.out)
    assert document["n_true"] == document["n_fake"] == 6
    assert any("differ in size (true 64 x 64, fake 48 x 56 pixels)" in note for note in document["notes"])


def test_of_sets_of_mixed_sizes_only_the_map_has_a_grid_and_a_note_names_what_sets_it(
    compare: Run, sets: tuple[Path, Path]
) -> None:
    for folder, (width, height) in zip(sets, ((60, 50), (48, 56)), strict=True):
        path = min(folder.iterdir())
        with Image.open(path) as image:
            image.crop((0, 0, width, height)).save(path)
    told = json.loads(compare(*sets, "--json", "-").out)["notes"]
    (grid,) = (note for note in told if "grid" in note)
    assert "the map of single frequencies: spectra, not pixels, were averaged onto a grid of 48 x 50" in grid
    assert "true/00.png has the smallest height, fake/00.png the smallest width" in grid
    assert sum("differ in size" in note for note in told) == 1
    assert not any(
        "grid" in note for note in json.loads(compare(*sets, "--json", "-", "--no-map").out)["notes"]
    )


def test_sizes_may_differ_within_a_set_and_none_is_skipped(compare: Run, sets: tuple[Path, Path]) -> None:
    Image.new("L", (64, 63)).save(sets[0] / "!odd.png")
    ran = compare(*sets, "--json", "-", "--unit", "image")
    assert ran.status == 0
    document = json.loads(ran.out)
    assert document["n_true"] == 7
    sizes = "differ in size (true 64 x 63 to 64 x 64, fake 64 x 64 pixels)"
    assert any(sizes in note for note in document["notes"])
    assert document["shape"] == [63, 64]


@pytest.mark.parametrize(("name", "status"), [("missing", 11), ("empty", 24), ("file.png", 11)])
def test_what_is_no_folder_of_images_is_named(
    tmp_path: Path, compare: Run, flat_sets: Path, name: str, status: int
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.png").write_bytes(b"")
    for folders in ((tmp_path / name, flat_sets / "fake"), (flat_sets / "true", tmp_path / name)):
        ran = compare(*folders, "--json", "-")
        assert ran.status == status
        assert ran.out == ""
        (line,) = ran.err.splitlines()
        assert line.startswith(f"sigforensics: {tmp_path / name}: ")


def test_places_that_are_taken_are_refused_before_the_work(
    tmp_path: Path, compare: Run, flat_sets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("sigforensics.workflows.compare.compare", work)
    true, fake = flat_sets / "true", flat_sets / "fake"
    (tmp_path / "folder").mkdir()
    for path in ("folder/a", "table.csv", "document.json"):
        (tmp_path / path).write_text("mine")
    for option, path in (("-o", "folder"), ("--csv", "table.csv"), ("--json", "document.json")):
        for overwrite in ([], ["--overwrite"]):
            ran = compare(true, fake, option, tmp_path / path, *overwrite)
            assert (ran.status, ran.out) == (errors.OutputExists.status, "")
    for option, path in (("-o", true / "out"), ("--csv", true / "a.csv"), ("--json", fake / "a.json")):
        assert compare(true, fake, option, path).status == errors.OutputHoldsInputs.status
    assert (tmp_path / "table.csv").read_text() == "mine"


def test_what_compare_wrote_itself_is_overwritten_when_that_is_said(
    tmp_path: Path, compare: Run, flat_sets: Path
) -> None:
    targets = ["-o", tmp_path / "out", "--csv", tmp_path / "a.csv", "--json", tmp_path / "a.json"]
    sets = flat_sets / "true", flat_sets / "fake"
    assert compare(*sets, *targets).status == 0
    assert compare(*sets, *targets).status == errors.OutputExists.status
    assert compare(*sets, *targets, "--bands", 5, "--overwrite").status == 0
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 6
    assert len(parse((tmp_path / "a.json").read_text())["bands"]) == 5


def test_more_bands_than_the_images_have_frequencies_are_refused(compare: Run, flat_sets: Path) -> None:
    ran = compare(flat_sets / "true", flat_sets / "fake", "--bands", 5000)
    assert ran.status == errors.ImageTooSmall.status
    assert len(ran.err.splitlines()) == 1


def test_the_hand_of_a_writer_is_the_unit_where_files_are_named_as_cedars(
    tmp_path: Path, compare: Run, flat_sets: Path
) -> None:
    for kind, prefix in (("true", "original"), ("fake", "forgeries")):
        (tmp_path / kind).mkdir()
        for place, path in enumerate(sorted((flat_sets / kind).iterdir())):
            shutil.copy(path, tmp_path / kind / f"{prefix}_{place // 2 + 1}_{place % 2 + 1}.png")
    found = parse(compare(tmp_path / "true", tmp_path / "fake", "--json", "-").out)
    assert (found["unit"], found["n_units"], found["n_true"]) == ("writer", 3, 6)


def test_a_resize_of_one_set_alone_is_found_as_a_difference(
    tmp_path: Path, compare: Run, flat_sets: Path
) -> None:
    """The trap of the method: it is the chain that differs, and nothing else."""
    (tmp_path / "resized").mkdir()
    for path in (flat_sets / "true").iterdir():
        with Image.open(path) as image:
            pixels = np.asarray(image)
        there = cv2.resize(pixels, (70, 70), interpolation=cv2.INTER_LINEAR)
        Image.fromarray(cv2.resize(there, (64, 64), interpolation=cv2.INTER_LINEAR)).save(
            tmp_path / "resized" / path.name
        )
    found = parse(compare(flat_sets / "true", tmp_path / "resized", "--json", "-").out)
    assert found["bands"][-8]["difference_nats"] < -0.3
    assert found["control"]["percentile"] > 95


def test_the_document_never_replaces_the_record_of_a_run(
    tmp_path: Path, compare: Run, sets: tuple[Path, Path]
) -> None:
    record = tmp_path / "record.json"
    for path in (record, tmp_path / "figure.json"):
        path.write_text('{"schema": "sigforensics-record/1", "outputs": []}')
    assert compare(*sets, "--json", record, "--overwrite").status == 2
    assert compare(*sets, "--json", tmp_path / "figure.json", "--overwrite").status == 40
    for path in (record, tmp_path / "figure.json"):
        assert path.read_text() == '{"schema": "sigforensics-record/1", "outputs": []}'


def test_the_record_states_the_unit_that_was_asked_for(
    tmp_path: Path, compare: Run, sets: tuple[Path, Path]
) -> None:
    compare(*sets, "--unit", "image", "-o", tmp_path / "out")
    record = json.loads((tmp_path / "out" / "record.json").read_text(encoding="utf-8"))
    assert record["settings"]["comparing"]["unit"] == "image"


def test_the_document_says_what_may_be_concluded(compare: Run, flat_sets: Path) -> None:
    found = parse(compare(flat_sets / "true", flat_sets / "fake", "--json", "-").out)
    assert found["auc_low"] <= found["auc"] <= found["auc_high"]
    assert 0 <= found["control_percentile"] <= 100
    assert found["conclusion"] in CODES
    assert found["whole"]["p"] >= found["whole"]["smallest_p"]
    printed = compare(flat_sets / "true", flat_sets / "fake").out.splitlines()
    assert printed[-1] == f"Conclusion: {found['conclusion']}. {found['sentence']}"
    assert any(line.startswith(f"Whole sets: AUC {found['auc']:.2f} (95 % interval") for line in printed)


@pytest.mark.parametrize(("confidence", "percent"), [(0.975, "97.5"), (0.999, "99.9")])
def test_the_coverage_of_an_interval_is_printed_as_it_is_and_not_rounded(
    compare: Run, flat_sets: Path, confidence: float, percent: str
) -> None:
    printed = compare(flat_sets / "true", flat_sets / "fake", "--confidence", confidence).out
    intervals = set(re.findall(r"([\d.]+) % interval", printed))
    assert intervals == {percent}


def test_two_sets_of_one_name_are_refused(compare: Run, flat_sets: Path) -> None:
    ran = compare(flat_sets / "true", flat_sets / "fake", "--names", "a", "a")
    assert ran.status == 2
    assert "both sets are called 'a': give each a name of its own" in " ".join(ran.err.split())


def test_where_permutations_are_too_few_for_single_frequencies_their_number_is_told(
    compare: Run, flat_sets: Path
) -> None:
    few = ("--map", "--permutations", 19, "--confidence", 0.99, "--unit", "image")
    printed = compare(flat_sets / "true", flat_sets / "fake", *few).out
    assert "Single frequencies: not tested (with " in printed
    assert "and 19 random permutations no corrected p below 0.05 can come out" in printed


def test_the_column_of_the_control_is_explained(compare: Run, flat_sets: Path) -> None:
    printed = compare(flat_sets / "true", flat_sets / "fake").out
    assert "(its column, in nats: 95 % of them differ by less)" in printed


def test_a_set_of_a_single_image_is_named_by_its_folder(
    tmp_path: Path, compare: Run, flat_sets: Path
) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    first = min((flat_sets / "fake").iterdir())
    (alone / first.name).write_bytes(first.read_bytes())
    for sets in ((alone, flat_sets / "true"), (flat_sets / "true", alone)):
        ran = compare(*sets)
        assert ran.status == errors.TooFewImages.status
        assert f"{alone}: has only 1 image that can be used; give at least two images a set" in ran.err


def test_what_was_found_becomes_the_status_after_all_is_written(
    tmp_path: Path, compare: Run, seven: tuple[Path, Path]
) -> None:
    true, fake = seven
    ran = compare(true, fake, "--exit-on", "difference", "-o", tmp_path / "out", "--json", "-")
    assert ran.status == errors.DifferenceFound.status
    assert parse(ran.out)["conclusion"].startswith("difference_")
    assert (tmp_path / "out" / "record.json").is_file()
    assert ran.err.startswith(f"sigforensics: {true} and {fake}: difference_")
    assert compare(true, fake, "--exit-on", "no-difference").status == 0
    same = same_pixels(true, tmp_path / "same")
    assert compare(true, same, "--exit-on", "no-difference").status == errors.NoDifferenceFound.status
    assert compare(true, same, "--exit-on", "difference").status == 0


def test_a_difference_that_few_units_cannot_judge_is_no_status_of_either(
    compare: Run, flat_sets: Path
) -> None:
    ran = compare(flat_sets / "true", flat_sets / "fake", "--exit-on", "difference")
    assert ran.status == errors.Inconclusive.status
    assert "10 different splits are too few for anything to lie beyond 95 % of them" in ran.err


def test_no_answer_is_no_status_of_either(compare: Run, sets: tuple[Path, Path]) -> None:
    for folder in sets:
        for path in sorted(folder.iterdir())[4:]:
            path.unlink()
    for wanted in ("difference", "no-difference"):
        assert compare(*sets, "--exit-on", wanted).status == errors.Inconclusive.status
    assert compare(*sets).status == 0


def test_what_was_found_goes_before_files_that_were_skipped(compare: Run, seven: tuple[Path, Path]) -> None:
    (seven[0] / "broken.png").write_bytes(b"no image")
    ran = compare(*seven, "--pairs", "--exit-on", "difference")
    assert ran.status == errors.DifferenceFound.status
    assert "skipped: " in ran.err
    assert compare(*seven, "--pairs", "--exit-on", "no-difference").status == errors.SkippedInputs.status


def test_pairs_and_writers_are_other_words_for_the_units(compare: Run, sets: tuple[Path, Path]) -> None:
    one, other = (parse(compare(*sets, *way, "--json", "-").out) for way in (["--pairs"], ["--unit", "pair"]))
    assert one == other
    assert one["unit"] == "pair"
    ran = compare(*sets, "--writers")
    assert ran.status == errors.TooFewImages.status
    assert "--writers-from" in ran.err


def test_a_table_tells_the_writers(tmp_path: Path, compare: Run, sets: tuple[Path, Path]) -> None:
    table = tmp_path / "writers.csv"
    table.write_text("file,writer\n" + "".join(f"{i:02d}.png,hand {i // 2}\n" for i in range(6)))
    out = tmp_path / "out"
    found = parse(compare(*sets, "--writers-from", table, "-o", out, "--json", "-").out)
    assert (found["unit"], found["n_units"], found["n_true"]) == ("writer", 3, 6)
    record = json.loads((out / "record.json").read_text(encoding="utf-8"))
    (entry,) = [entry for entry in record["inputs"] if entry.get("table")]
    assert (entry["table"], entry["path"]) == ("writers", str(table))
    table.write_text("file,writer\n00.png,hand 0\n")
    ran = compare(*sets, "--writers-from", table)
    assert (ran.status, ran.out) == (errors.TableInvalid.status, "")
    assert "01.png" in ran.err


@pytest.mark.parametrize(
    "way",
    [["--pairs", "--writers"], ["--unit", "image", "--pairs"], ["--unit", "pair", "--writers-from", "x"]],
)
def test_two_different_units_are_a_mistake(compare: Run, flat_sets: Path, way: list[str]) -> None:
    ran = compare(flat_sets / "true", flat_sets / "fake", *way)
    assert ran.status == 2
    assert "choose one" in ran.err


def test_a_file_in_both_sets_is_refused_whatever_its_name_and_left_out_where_that_is_asked_for(
    tmp_path: Path, compare: Run, flat_sets: Path
) -> None:
    other = shutil.copytree(flat_sets / "fake", tmp_path / "other")
    shutil.copy(flat_sets / "true" / "02.png", other / "copy.png")
    ran = compare(flat_sets / "true", other)
    assert (ran.status, ran.out) == (errors.SharedFiles.status, "")
    assert f"1 file is in both sets; {flat_sets / 'true' / '02.png'} is {other / 'copy.png'}" in ran.err
    assert compare(flat_sets / "true", flat_sets / "true").status == errors.SharedFiles.status
    found = parse(
        compare(flat_sets / "true", other, "--leave-out-shared", "--unit", "image", "--json", "-").out
    )
    assert (found["n_true"], found["n_fake"]) == (5, 6)
    assert any("1 of the first and 1 of the second" in note for note in found["notes"])
