"""``sigforensics spectra``, as a user's script would call it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.fft
from PIL import Image

from sigforensics import errors

Run = Callable[..., Any]


@pytest.fixture
def drawing(sigforensics: Run) -> Run:
    """The command, with its figures."""
    return lambda *arguments: sigforensics("spectra", "-q", *arguments)


@pytest.fixture
def spectra(drawing: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, with figures that are drawn but not rendered, which would take seconds."""

    def save(figure: Any, path: Path, **_: Any) -> None:
        path.write_text(str(len(figure.axes)))

    monkeypatch.setattr("sigforensics.report.figures.save_figure", save)
    return drawing


@pytest.fixture
def sets(tmp_path: Path, flat_sets: Path) -> tuple[Path, Path]:
    """Copies of the true and the fake set."""
    for name in ("true", "fake"):
        shutil.copytree(flat_sets / name, tmp_path / "sets" / name)
    return tmp_path / "sets" / "true", tmp_path / "sets" / "fake"


def names(folder: Path, *but: str) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name not in but)


def slow_spectra(folder: Path) -> np.ndarray:
    """Signed DCT of every image, one by one, in double precision: shape (n, height, width)."""
    transformed = []
    for path in sorted(folder.iterdir()):
        with Image.open(path) as image:
            transformed.append(scipy.fft.dctn(np.asarray(image, np.float64), type=2, norm="ortho"))
    return np.array(transformed)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_numbers_are_those_of_a_slow_independent_computation(
    tmp_path: Path, spectra: Run, flat_sets: Path
) -> None:
    ran = spectra("--true", flat_sets / "true", "--fake", flat_sets / "fake", "-o", tmp_path / "out")
    assert (ran.status, ran.err) == (0, "")
    with np.load(tmp_path / "out" / "spectra.npz") as numbers:
        stored = dict(numbers)
    means = {}
    for name in ("true", "fake"):
        signed = slow_spectra(flat_sets / name)
        floor = float(stored[f"{name}_floor"])
        logs = np.log(np.abs(signed) + floor)
        means[name] = logs.mean(axis=0)
        np.testing.assert_allclose(stored[f"{name}_mean_of_log"], means[name], atol=2e-3)
        expected = np.log(np.abs(signed.mean(axis=0)) + floor)
        np.testing.assert_allclose(stored[f"{name}_log_of_mean"], expected, atol=2e-3)
        error = logs.std(axis=0, ddof=1) / np.sqrt(len(logs))
        np.testing.assert_allclose(stored[f"{name}_standard_error"], error, atol=2e-3)
        assert stored[f"{name}_n"] == 6
        assert stored[f"{name}_files"].tolist() == [f"{i:02d}.png" for i in range(6)]
        np.testing.assert_allclose(stored[f"{name}_standard_deviation"], logs.std(axis=0, ddof=1), atol=4e-3)
    difference = means["fake"] - means["true"]
    np.testing.assert_allclose(stored["fake_mean_of_log_difference"], difference, atol=4e-3)
    np.testing.assert_allclose(stored["row_frequencies"], np.arange(64) / 128)
    assert stored["frequency_unit"] == "cycles per pixel"


def test_the_profiles_are_means_over_rings_and_lines_and_their_differences(
    tmp_path: Path, spectra: Run, flat_sets: Path
) -> None:
    spectra("--true", flat_sets / "true", "--fake", flat_sets / "fake", "-o", tmp_path / "out", "--bands", 11)
    rows = table(tmp_path / "out" / "profiles.csv")
    kinds = ("radial", "horizontal", "vertical", "diagonal")
    expected = [(name, kind) for name in ("true", "fake") for kind in kinds for _ in range(11)]
    assert [(row["set"], row["profile"]) for row in rows] == expected
    axis = np.arange(64) / 128
    down, across = axis[:, None], axis[None, :]
    near = 1 / 64
    lines = {
        "radial": (np.hypot(down, across), down >= 0),
        "horizontal": (across + 0 * down, down <= near),
        "vertical": (down + 0 * across, across <= near),
        "diagonal": (np.hypot(down, across), np.abs(down - across) <= near),
    }
    with np.load(tmp_path / "out" / "spectra.npz") as numbers:
        floor = float(numbers["true_floor"])
    logs = {name: np.log(np.abs(slow_spectra(flat_sets / name)) + floor) for name in ("true", "fake")}
    means = {}
    for row in rows:
        along, chosen = lines[row["profile"]]
        band = chosen & (along >= float(row["low"])) & (along < float(row["high"])) & (down + across > 0)
        of_images = logs[row["set"]][:, band].mean(axis=1)
        means[row["set"], row["profile"], row["low"]] = of_images.mean()
        assert float(row["mean_nats"]) == pytest.approx(of_images.mean(), abs=1e-3)
        assert float(row["standard_error_nats"]) == pytest.approx(of_images.std(ddof=1) / 6**0.5, abs=1e-3)
        assert float(row["mean_db"]) == pytest.approx(20 / np.log(10) * float(row["mean_nats"]))
        if row["set"] == "true":
            columns = ("unit", "n_units", "difference_nats", "difference_ci_low", "difference_db")
            assert {row[column] for column in columns} == {""}
        else:
            difference = of_images.mean() - means["true", row["profile"], row["low"]]
            assert float(row["difference_nats"]) == pytest.approx(difference, abs=2e-3)
    record = json.loads((tmp_path / "out" / "record.json").read_text())
    assert any("profiles are over its images" in note for note in record["notes"])


def test_differences_of_profiles_have_the_intervals_of_compare_and_stand_in_every_output(
    tmp_path: Path, spectra: Run, sigforensics: Run, flat_sets: Path
) -> None:
    true, fake = flat_sets / "true", flat_sets / "fake"
    ran = spectra("--true", true, "--fake", fake, "-o", tmp_path / "out", "--json", "-", "--seed", 3)
    (found,) = json.loads(ran.out)["differences"]
    assert (found["set"], found["less"], found["unit"], found["n_units"]) == ("fake", "true", "pair", 6)
    compared = json.loads(
        sigforensics("compare", "-q", true, fake, "--json", "-", "--seed", 3, "--no-map").out
    )
    assert (compared["unit"], compared["n_units"], compared["interval"]) == ("pair", 6, found["interval"])
    columns = ("difference_nats", "standard_error", "ci_low", "ci_high", "difference_db")
    for band, other in zip(found["profiles"]["radial"], compared["bands"], strict=True):
        assert [band[name] for name in columns] == pytest.approx([other[name] for name in columns])
    rows = [row for row in table(tmp_path / "out" / "profiles.csv") if row["set"] == "fake"]
    bands = [
        (kind, *(band[name] for name in columns))
        for kind in found["profiles"]
        for band in found["profiles"][kind]
    ]
    names = (
        "difference_nats",
        "difference_standard_error",
        "difference_ci_low",
        "difference_ci_high",
        "difference_db",
    )
    for row, (kind, *values) in zip(rows, bands, strict=True):
        assert (row["profile"], row["unit"], row["n_units"]) == (kind, "pair", "6")
        assert [float(row[name]) for name in names] == values
    with np.load(tmp_path / "out" / "spectra.npz") as numbers:
        assert numbers["profile_columns"].tolist() == list(columns)
        stored = numbers["fake_profile_differences"]
    np.testing.assert_array_equal(stored.reshape(-1, 5), [values for _, *values in bands])


def planted(folder: Path, count: int, amplitude: float) -> Path:
    """Smooth noise with a pattern of period 4 along the rows."""
    folder.mkdir(parents=True)
    pattern = amplitude * np.cos(np.pi / 2 * np.arange(96) + 0.5)
    for number in range(count):
        noise = np.random.default_rng([count, number]).normal(128, 12, (96, 96))
        Image.fromarray(np.clip(noise + pattern, 0, 255).astype(np.uint8)).save(folder / f"{number:02d}.png")
    return folder


def test_where_units_are_too_few_no_peak_is_counted_and_what_was_left_out_is_said(
    tmp_path: Path, spectra: Run
) -> None:
    rng = np.random.default_rng(0)
    for name, files in (("a", "wxyz"), ("b", "wxyz"), ("c", "xyzuvt")):
        (tmp_path / name).mkdir()
        for stem in files:
            pixels = rng.integers(100, 160, (64, 64)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{stem}.png")
    given = [word for name in "abc" for word in ("--set", f"{name}={tmp_path / name}")]
    spoken = spectra(*given, "-o", tmp_path / "out").out
    assert (
        "b - a: peaks at the 24 places of up-sampling cannot be tested (4 pairs, smallest p possible 0.12)."
        in spoken
    )
    assert (
        "Note: no p below 0.12 can come out of the 4 pairs of b - a: no difference of their peaks can be found"
        in spoken
    )
    assert "Note: c - a: file names in both sets: 3" in spoken


def test_a_planted_pattern_is_the_one_peak_that_is_found(tmp_path: Path, spectra: Run) -> None:
    plain, patterned = planted(tmp_path / "plain", 30, 0.0), planted(tmp_path / "patterned", 31, 6.0)
    ran = spectra("--set", f"a={plain}", "--set", f"b={patterned}", "-o", tmp_path / "out", "--json", "-")
    tests = {(one["set"], one["less"]): one for one in json.loads(ran.out)["peaks"]}
    assert list(tests) == [("a", None), ("b", None), ("b", "a")]
    for key, expected in (("a", None), []), (("b", None), [(0, 0.25)]), (("b", "a"), [(0, 0.25)]):
        found = [peak for peak in tests[key]["peaks"] if peak["p_corrected"] < 0.05]
        assert [(peak["vertical"], peak["horizontal"]) for peak in found] == expected
    assert (tests["b", None]["unit"], tests["b", None]["n_units"]) == ("image", 31)
    rows = table(tmp_path / "out" / "peaks.csv")
    assert [(row["set"], row["less"]) for row in rows[::24]] == [("a", ""), ("b", ""), ("b", "a")]
    with np.load(tmp_path / "out" / "spectra.npz") as numbers:
        assert numbers["b_peak_excess"].shape == (31, 24)
        column = numbers["peak_columns"].tolist().index("excess_nats")
        drawn = numbers["b_peaks"][:, column]
        np.testing.assert_allclose(drawn, numbers["b_peak_excess"].mean(axis=0))
        np.testing.assert_allclose(drawn, [float(row["excess_nats"]) for row in rows[24:48]])
    spoken = spectra("--set", f"b={patterned}", "-o", tmp_path / "other").out
    assert (
        "b: the spectrum rises at 1 of 24 places of up-sampling (corrected p <= 0.05, 31 images)." in spoken
    )
    assert "JPEG's blocks leave peaks" in spoken


def test_sets_keep_their_names_and_the_order_in_which_they_were_given(
    tmp_path: Path, spectra: Run, flat_sets: Path
) -> None:
    true, fake = flat_sets / "true", flat_sets / "fake"
    ran = spectra("--set", f"z.1={fake}", "--fake", fake, f"--true={true}", "--set", f"a-b={true}",
        "-o", tmp_path / "out", "--json", "-")  # fmt: skip
    assert list(json.loads(ran.out)["sets"]) == ["z.1", "fake", "true", "a-b"]
    made = names(tmp_path / "out")
    assert [name for name in made if name.startswith("set-")] == [
        "set-a-b.png", "set-fake.png", "set-true.png", "set-z.1.png",
    ]  # fmt: skip
    with np.load(tmp_path / "out" / "spectra.npz") as numbers:
        differing = {name for name in numbers if name.endswith("mean_of_log_difference")}
        assert differing == {f"{name}_mean_of_log_difference" for name in ("fake", "true", "a-b")}
        np.testing.assert_array_equal(
            numbers["true_mean_of_log_difference"], numbers["true_mean_of_log"] - numbers["z.1_mean_of_log"]
        )
    record = json.loads((tmp_path / "out" / "record.json").read_text())
    assert list(record["arguments"]["sets"]) == ["z.1", "fake", "true", "a-b"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Give at least one set"),
        (("--set", "folder"), "'folder' is not NAME=DIR"),
        (("--set", "a="), "'a=' is not NAME=DIR"),
        (("--set", "=folder"), "'' cannot name a set"),
        (("--set", "a/b=folder"), "'a/b' cannot name a set"),
        (("--set", ".a=folder"), "'.a' cannot name a set"),
        (("--set", "a=x", "--set", "a=y"), "2 sets have one name ('a' and 'a')"),
        (("--true", "x", "--set", "TRUE=y"), "2 sets have one name ('true' and 'TRUE')"),
        (("--true", "x", "--true", "y"), "2 sets have one name"),
        (("--true", "x", "--format", "png,jpg"), "'jpg' is none of png, pdf, svg"),
        (("--true", "x", "--per-millimetre", "--pixels", "resize"), "Resized pixels have no size"),
        (("--true", "x", "--pixels", "stretch"), "'stretch'"),
        (("--true",), "requires an argument"),
    ],
)
def test_a_wrong_use_is_named_before_anything_is_made(
    tmp_path: Path, spectra: Run, arguments: tuple[str, ...], said: str
) -> None:
    ran = spectra("-o", tmp_path / "out", *arguments)
    assert ran.status == 2
    assert said in ran.err
    assert names(tmp_path) == []


def sized(folder: Path, sizes: list[tuple[int, int]], *, dpi: float | None = None) -> Path:
    """Noise in images of (width, height)."""
    folder.mkdir(parents=True)
    for number, (width, height) in enumerate(sizes):
        noise = np.random.default_rng(number).normal(128, 20, (height, width))
        options = {} if dpi is None else {"dpi": (dpi, dpi)}
        Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8)).save(folder / f"{number:02d}.png", **options)
    return folder


@pytest.mark.parametrize(
    "sizes",
    [
        ([(80, 70), (72, 90), (100, 100)], [(72, 70), (90, 90)]),
        ([(80, 70)] * 3, [(72, 90)] * 3),
        ([(80, 70)] * 12 + [(72, 90)], [(80, 70)] * 3),
    ],
    ids=["all", "sets", "one"],
)
def test_images_of_different_sizes_share_a_grid_and_no_pixel_is_changed(
    tmp_path: Path, spectra: Run, sizes: tuple[list[tuple[int, int]], list[tuple[int, int]]]
) -> None:
    folders = [sized(tmp_path / name, list(some)) for name, some in zip("ab", sizes, strict=True)]
    ran = spectra(
        "--set", f"a={folders[0]}", "--set", f"b={folders[1]}", "-o", tmp_path / "out", "--json", "-"
    )
    assert (ran.status, ran.err) == (0, "")
    document = json.loads(ran.out)
    every = [*sizes[0], *sizes[1]]
    smallest = [min(height for _, height in every), min(width for width, _ in every)]
    assert {(one["height"], one["width"]) for one in document["sets"].values()} == {tuple(smallest)}
    assert document["sets"]["a"]["largest"] == [
        max(side) for side in zip(*[(h, w) for w, h in sizes[0]], strict=True)
    ]
    assert document["pixels"] is None
    assert "their spectra, not their pixels, were averaged" in document["notes"][0]
    with np.load(tmp_path / "out" / "spectra.npz") as numbers:
        assert numbers["a_mean_of_log"].shape == tuple(smallest)
        # noise of 20 grey levels: the mean is what it would be at any size
        assert numbers["a_mean_of_log"][1:, 1:].mean() == pytest.approx(np.log(20) - 0.6352, abs=0.06)
        assert numbers["a_shapes"].tolist() == [[height, width] for width, height in sizes[0]]
        assert ("b_log_of_mean" in numbers) == (len(set(sizes[1])) == 1)
    record = json.loads((tmp_path / "out" / "record.json").read_text())
    assert record["results"]["grid"]["shape"] == smallest


@pytest.mark.parametrize(("change", "shape"), [("pad", [100, 100]), ("crop", [70, 72]), ("resize", [70, 72])])
def test_pixels_are_changed_where_that_is_asked_for_and_the_record_says_so(
    tmp_path: Path, spectra: Run, change: str, shape: list[int]
) -> None:
    folder = sized(tmp_path / "a", [(80, 70), (72, 90), (100, 100)])
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    ran = spectra("--set", f"a={folder}", "-o", tmp_path / "out", "--pixels", change, "--json", "-")
    document = json.loads(ran.out)
    assert [document["sets"]["a"][side] for side in ("height", "width")] == shape
    assert document["pixels"] == change
    assert "as was asked for" in document["notes"][0]
    record = json.loads((tmp_path / "out" / "record.json").read_text())
    assert record["arguments"]["pixels"] == change
    assert record["results"]["pixels"] == {"change": change, "shape": shape}
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    if change == "crop":
        with np.load(tmp_path / "out" / "spectra.npz") as numbers:
            with Image.open(folder / "00.png") as image:
                middle = np.asarray(image, np.float64)[:, 4:76]
            log = np.log(np.abs(scipy.fft.dctn(middle, norm="ortho")) + 1e-3)
            assert numbers["a_band_features"][0][-1] == pytest.approx(log[-3:, -3:].mean(), abs=2)


def test_frequencies_per_millimetre_come_from_the_files_resolutions(tmp_path: Path, spectra: Run) -> None:
    coarse, fine = (
        sized(tmp_path / name, [(side, side)] * 3, dpi=dpi)
        for name, side, dpi in (("coarse", 80, 254.0), ("fine", 120, 508.0))
    )
    sets = ("--set", f"coarse={coarse}", "--set", f"fine={fine}")
    ran = spectra(*sets, "-o", tmp_path / "out", "--per-millimetre", "--json", "-")
    document = json.loads(ran.out)
    assert document["unit"] == "cycles per millimetre"
    assert document["highest"]["horizontal"] == pytest.approx(5.0, rel=1e-4)
    assert {one["width"] for one in document["sets"].values()} == {
        60
    }  # the fine image spans 6 mm, 60 half cycles
    rows = table(tmp_path / "out" / "profiles.csv")
    assert float(rows[31]["high"]) == pytest.approx(np.hypot(5, 5), rel=1e-4)
    sized(tmp_path / "mute", [(80, 80)])
    ran = spectra(*sets, "--set", f"mute={tmp_path / 'mute'}", "-o", tmp_path / "none", "--per-millimetre")
    assert ran.status == errors.ResolutionMissing.status
    assert f"{tmp_path / 'mute' / '00.png'}: states no resolution" in ran.err
    assert not (tmp_path / "none").exists()


def test_a_file_that_is_read_twice_is_named_once(tmp_path: Path, spectra: Run) -> None:
    folder = sized(tmp_path / "a", [(80, 70)] * 9 + [(72, 90)])
    (folder / "1bad.png").write_bytes(b"no image")
    ran = spectra("--set", f"a={folder}", "-o", tmp_path / "out")
    assert ran.status == 3
    assert len([line for line in ran.err.splitlines() if line.startswith("skipped: ")]) == 1


def test_formats_are_written_side_by_side(tmp_path: Path, spectra: Run, flat_sets: Path) -> None:
    true = ("--true", flat_sets / "true")
    assert spectra(*true, "-o", tmp_path / "out", "--format", "png,svg", "--format", "pdf").status == 0
    stems = ("peaks", "profiles", "set-true", "sheet", "spectra")
    assert [name for name in names(tmp_path / "out") if name.endswith((".png", ".pdf", ".svg"))] == sorted(
        f"{stem}.{ending}" for stem in stems for ending in ("png", "pdf", "svg")
    )
    assert spectra(*true, "-o", tmp_path / "a.svg", "--format", "png").status == 0
    assert {"a.svg", "a.png", "a-peaks.svg", "a-set-true.png", "a-sheet.svg"} <= set(names(tmp_path))


def test_a_sheet_with_synthetic_images_says_so(tmp_path: Path, drawing: Run, sets: tuple[Path, Path]) -> None:
    from sigforensics.marking import synthetic_texts
    from sigforensics.png import write_png

    texts = synthetic_texts(generator="tiny (0123)", seed=5)
    write_png(sets[1] / "00.png", np.full((64, 64), 3, np.uint8), texts=texts)
    drawing("--true", sets[0], "-o", tmp_path / "true")
    drawing("--true", sets[0], "--fake", sets[1], "-o", tmp_path / "both")
    with Image.open(tmp_path / "true" / "sheet.png") as image:
        assert "sigforensics:synthetic" not in image.info
    with Image.open(tmp_path / "both" / "sheet.png") as image:
        assert image.info["sigforensics:synthetic"] == "true"
        assert image.info["sigforensics:generator"] == "tiny (0123)"


@pytest.mark.parametrize(
    ("ending", "magic"), [(".png", b"\x89PNG"), (".pdf", b"%PDF"), (".svg", b"<?xml"), (".PNG", b"\x89PNG")]
)
def test_the_figures_name_says_its_format_and_the_rest_stands_beside_it(
    tmp_path: Path, drawing: Run, flat_sets: Path, ending: str, magic: bytes
) -> None:
    figure = tmp_path / "new" / f"figure.v1{ending}"
    ran = drawing("--true", flat_sets / "true", "--fake", flat_sets / "fake", "-o", figure, "--json", "-")
    files = [Path(path) for path in json.loads(ran.out)["files"]]
    assert files[0] == figure
    assert sorted(path.name for path in files) == names(tmp_path / "new")
    assert names(tmp_path / "new") == sorted(
        [
            f"figure.v1{ending}",
            *(f"figure.v1-{stem}{ending}" for stem in ("profiles", "peaks", "set-true", "set-fake", "sheet")),
            "figure.v1.npz",
            "figure.v1.csv",
            "figure.v1-peaks.csv",
            "figure.v1.json",
        ]
    )
    for path in files[:6]:
        assert path.read_bytes().startswith(magic)
    record = json.loads((tmp_path / "new" / "figure.v1.json").read_text())
    assert {entry["path"] for entry in record["outputs"]} == {path.name for path in files[:-1]}


@pytest.mark.parametrize("name", ["figure.jpg", "figure.eps", "figure.npz"])
def test_formats_that_are_not_written_are_refused_rather_than_made_folders(
    tmp_path: Path, spectra: Run, flat_sets: Path, name: str
) -> None:
    ran = spectra("--true", flat_sets / "true", "-o", tmp_path / name)
    assert ran.status == errors.OutputFormat.status
    assert names(tmp_path) == []


def test_a_folders_name_may_have_a_dot(tmp_path: Path, spectra: Run, flat_sets: Path) -> None:
    assert spectra("--true", flat_sets / "true", "-o", tmp_path / "run.2").status == 0
    assert names(tmp_path / "run.2") == [
        "peaks.csv", "peaks.png", "profiles.csv", "profiles.png", "record.json", "set-true.png", "sheet.png", "spectra.npz",
        "spectra.png",
    ]  # fmt: skip


def test_the_true_set_alone_is_averaged_alone(tmp_path: Path, spectra: Run, flat_sets: Path) -> None:
    ran = spectra("--true", flat_sets / "true", "-o", tmp_path / "out", "--json", "-")
    assert list(json.loads(ran.out)["sets"]) == ["true"]
    assert {row["set"] for row in table(tmp_path / "out" / "profiles.csv")} == {"true"}
    with np.load(tmp_path / "out" / "spectra.npz") as numbers:
        assert not any(name.startswith("fake") or name.endswith("difference") for name in numbers)


def test_one_image_has_a_spectrum_without_errors(
    tmp_path: Path, drawing: Run, sets: tuple[Path, Path]
) -> None:
    for folder in sets:
        for path in sorted(folder.iterdir())[1:]:
            path.unlink()
    ran = drawing("--true", sets[0], "--fake", sets[1], "-o", tmp_path / "out", "--json", "-")
    assert (ran.status, ran.err) == (0, "")
    assert json.loads(ran.out)["sets"]["true"]["n"] == 1
    errors = {row["set"]: row["standard_error_nats"] for row in table(tmp_path / "out" / "profiles.csv")}
    assert errors == {"true": "nan", "fake": "nan"}
    assert table(tmp_path / "out" / "peaks.csv") == []
    assert "NaN" not in (tmp_path / "out" / "record.json").read_text()


def test_images_of_one_value_are_drawn_and_noted(
    tmp_path: Path, drawing: Run, sets: tuple[Path, Path]
) -> None:
    for folder in sets:
        for path in folder.iterdir():
            Image.new("L", (64, 64), 240).save(path)
    ran = drawing("--true", sets[0], "--fake", sets[1], "-o", tmp_path / "out.svg")
    assert (ran.status, ran.err) == (0, "")
    assert "Note: 6 of 6 images of the set true are of one grey value" in ran.out
    with np.load(tmp_path / "out.npz") as numbers:
        assert np.allclose(numbers["true_mean_of_log"].ravel()[1:], np.log(numbers["true_floor"]), atol=1e-4)


def test_equal_inputs_give_equal_bytes_whatever_the_threads(
    tmp_path: Path, drawing: Run, flat_sets: Path
) -> None:
    for output, jobs in (("one", 1), ("two", 3)):
        drawing(
            "--true",
            flat_sets / "true",
            "--fake",
            flat_sets / "fake",
            "-o",
            tmp_path / output,
            "--jobs",
            jobs,
        )
    for name in names(tmp_path / "one", "record.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    with np.load(tmp_path / "one/spectra.npz") as one, np.load(tmp_path / "two/spectra.npz") as two:
        assert set(one) == set(two)
        for name in one:
            np.testing.assert_array_equal(one[name], two[name])


def test_a_file_that_cannot_be_read_is_skipped_or_stops_a_strict_run(
    tmp_path: Path, spectra: Run, sets: tuple[Path, Path], unreadable: tuple[str, int], make_bad: Run
) -> None:
    kind, status = unreadable
    bad = make_bad(kind, sets[0])
    for output, options in ((tmp_path / "strict", ["--strict"]), (tmp_path / "strict.pdf", ["--strict"])):
        assert spectra("--true", sets[0], "-o", output, *options).status == status
        assert names(tmp_path, "sets") == []
    ran = spectra("--true", sets[0], "-o", tmp_path / "out", "--json", "-")
    assert ran.status == 3
    assert ran.err.startswith(f"skipped: {bad}: ")
    found = json.loads(ran.out)["sets"]["true"]
    assert (found["n"], [entry["status"] for entry in found["skipped"]]) == (6, [status])


@pytest.mark.parametrize(("name", "status"), [("missing", 11), ("empty", 24), ("file.png", 11)])
def test_what_is_no_folder_of_images_is_named(
    tmp_path: Path, spectra: Run, flat_sets: Path, name: str, status: int
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.png").write_bytes(b"")
    for folders in (("--true", tmp_path / name), ("--true", flat_sets / "true", "--fake", tmp_path / name)):
        ran = spectra(*folders, "-o", tmp_path / "out")
        assert (ran.status, ran.out) == (status, "")
        assert ran.err.startswith(f"sigforensics: {tmp_path / name}: ")
        assert names(tmp_path) == ["empty", "file.png"]


def test_figures_are_overwritten_only_if_we_wrote_them_and_that_is_said(
    tmp_path: Path, spectra: Run, flat_sets: Path
) -> None:
    sets = ("--true", flat_sets / "true")
    assert spectra(*sets, "-o", tmp_path / "a.png").status == 0
    before = (tmp_path / "a.csv").read_bytes()
    assert spectra(*sets, "-o", tmp_path / "a.png", "--bands", 5).status == errors.OutputExists.status
    assert spectra(*sets, "-o", tmp_path / "a.pdf", "--bands", 5).status == errors.OutputExists.status
    assert (tmp_path / "a.csv").read_bytes() == before
    assert spectra(*sets, "-o", tmp_path / "a.png", "--bands", 5, "--overwrite").status == 0
    assert (tmp_path / "a.csv").read_bytes() != before
    for mine in ("b.png", "b.npz", "b.json"):
        (tmp_path / mine).write_text("mine")
        assert spectra(*sets, "-o", tmp_path / "b.png", "--overwrite").status == errors.OutputExists.status
        assert (tmp_path / mine).read_text() == "mine"
        (tmp_path / mine).unlink()
    assert names(tmp_path) == [
        "a-peaks.csv", "a-peaks.png", "a-profiles.png", "a-set-true.png", "a-sheet.png", "a.csv", "a.json", "a.npz", "a.png",
    ]  # fmt: skip


def test_an_output_among_the_images_is_refused(tmp_path: Path, spectra: Run, sets: tuple[Path, Path]) -> None:
    before = names(sets[0])
    for output in (sets[0] / "figure.png", sets[0] / "out", sets[0], tmp_path / "sets"):
        assert (
            spectra("--true", sets[0], "-o", output, "--overwrite").status == errors.OutputHoldsInputs.status
        )
    assert names(sets[0]) == before
    assert names(tmp_path) == ["sets"]


def test_what_is_no_longer_drawn_goes_with_the_run_that_it_belongs_to(
    tmp_path: Path, spectra: Run, flat_sets: Path
) -> None:
    true, fake, figure = flat_sets / "true", flat_sets / "fake", tmp_path / "a.png"
    common = ("-o", figure, "--bands", 5)
    assert spectra("--true", true, "--fake", fake, *common, "--format", "svg").status == 0
    (tmp_path / "mine.svg").write_text("mine", encoding="utf-8")
    (tmp_path / "a-sheet.svg").write_text("changed", encoding="utf-8")
    assert {"a.svg", "a-set-fake.png", "a-set-fake.svg"} <= set(names(tmp_path))
    assert spectra("--true", true, *common, "--overwrite").status == 0
    left = set(names(tmp_path))
    record = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    made = {entry["path"] for entry in record["outputs"]}
    assert left == made | {"a.json", "mine.svg", "a-sheet.svg"}
    assert not any("fake" in name for name in left)


def test_a_figure_that_was_changed_since_is_not_replaced(
    tmp_path: Path, spectra: Run, flat_sets: Path
) -> None:
    common = ("--true", flat_sets / "true", "-o", tmp_path / "a.png", "--bands", 5)
    assert spectra(*common).status == 0
    (tmp_path / "a-profiles.png").write_bytes(b"changed")
    assert spectra(*common, "--overwrite").status == errors.OutputExists.status
    assert (tmp_path / "a-profiles.png").read_bytes() == b"changed"


def test_a_file_in_two_sets_is_noted(tmp_path: Path, spectra: Run, sets: tuple[Path, Path]) -> None:
    shutil.copy(sets[0] / "00.png", sets[1] / "00.png")
    ran = spectra("--true", sets[0], "--fake", sets[1], "-o", tmp_path / "out")
    assert "Note: fake - true: files in both sets, byte for byte: 1; the sets are not independent" in ran.out
