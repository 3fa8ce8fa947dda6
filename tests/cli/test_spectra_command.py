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
def spectra(sigforensics: Run) -> Run:
    return lambda *arguments: sigforensics("spectra", "-q", *arguments)


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
    difference = means["fake"] - means["true"]
    np.testing.assert_allclose(stored["difference_mean_of_log"], difference, atol=4e-3)
    np.testing.assert_allclose(stored["row_frequencies"], np.arange(64) / 128)


def test_the_profiles_are_means_over_rings_and_their_difference(
    tmp_path: Path, spectra: Run, flat_sets: Path
) -> None:
    spectra("--true", flat_sets / "true", "--fake", flat_sets / "fake", "-o", tmp_path / "out", "--bands", 11)
    rows = table(tmp_path / "out" / "profiles.csv")
    assert [row["set"] for row in rows] == ["true"] * 11 + ["fake"] * 11 + ["difference"] * 11
    axis = np.arange(64) / 128
    radius = np.hypot(axis[:, None], axis[None, :])
    with np.load(tmp_path / "out" / "spectra.npz") as numbers:
        floor = float(numbers["true_floor"])
    profiles: dict[str, list[tuple[float, float]]] = {"true": [], "fake": []}
    for name, profile in profiles.items():
        logs = np.log(np.abs(slow_spectra(flat_sets / name)) + floor)
        for row in (row for row in rows if row["set"] == name):
            ring = (radius >= float(row["low"])) & (radius < float(row["high"])) & (radius > 0)
            of_images = logs[:, ring].mean(axis=1)
            mean, error = of_images.mean(), of_images.std(ddof=1) / np.sqrt(6)
            assert float(row["mean_nats"]) == pytest.approx(mean, abs=1e-3)
            assert float(row["standard_error_nats"]) == pytest.approx(error, abs=1e-3)
            assert float(row["mean_db"]) == pytest.approx(20 / np.log(10) * float(row["mean_nats"]))
            profile.append((mean, error))
    for row, (true, fake) in zip(rows[22:], zip(*profiles.values(), strict=True), strict=True):
        assert float(row["mean_nats"]) == pytest.approx(fake[0] - true[0], abs=2e-3)
        assert (
            row["n"] == row["standard_error_nats"] == ""
        )  # that is for compare, which knows pairs and writers
    record = json.loads((tmp_path / "out" / "record.json").read_text())
    assert any("over the images of one set" in note for note in record["notes"])


@pytest.mark.parametrize(
    ("ending", "magic"), [(".png", b"\x89PNG"), (".pdf", b"%PDF"), (".svg", b"<?xml"), (".PNG", b"\x89PNG")]
)
def test_the_figures_name_says_its_format_and_the_rest_stands_beside_it(
    tmp_path: Path, spectra: Run, flat_sets: Path, ending: str, magic: bytes
) -> None:
    figure = tmp_path / "new" / f"figure.v1{ending}"
    ran = spectra("--true", flat_sets / "true", "--fake", flat_sets / "fake", "-o", figure, "--json", "-")
    files = [Path(path) for path in json.loads(ran.out)["files"]]
    assert files[0] == figure
    assert sorted(path.name for path in files) == names(tmp_path / "new")
    assert names(tmp_path / "new") == sorted(
        [
            f"figure.v1{ending}",
            f"figure.v1-profiles{ending}",
            "figure.v1.npz",
            "figure.v1.csv",
            "figure.v1.json",
        ]
    )
    for path in files[:2]:
        assert path.read_bytes().startswith(magic)
    record = json.loads((tmp_path / "new" / "figure.v1.json").read_text())
    assert {entry["path"] for entry in record["outputs"]} == {path.name for path in files[:4]}


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
        "profiles.csv", "profiles.png", "record.json", "spectra.npz", "spectra.png",
    ]  # fmt: skip


def test_the_true_set_alone_is_averaged_alone(tmp_path: Path, spectra: Run, flat_sets: Path) -> None:
    ran = spectra("--true", flat_sets / "true", "-o", tmp_path / "out", "--json", "-")
    assert list(json.loads(ran.out)["sets"]) == ["true"]
    assert {row["set"] for row in table(tmp_path / "out" / "profiles.csv")} == {"true"}
    with np.load(tmp_path / "out" / "spectra.npz") as numbers:
        assert not any(name.startswith(("fake", "difference")) for name in numbers)


def test_one_image_has_a_spectrum_without_errors(
    tmp_path: Path, spectra: Run, sets: tuple[Path, Path]
) -> None:
    for folder in sets:
        for path in sorted(folder.iterdir())[1:]:
            path.unlink()
    ran = spectra("--true", sets[0], "--fake", sets[1], "-o", tmp_path / "out", "--json", "-")
    assert (ran.status, ran.err) == (0, "")
    assert json.loads(ran.out)["sets"]["true"]["n"] == 1
    errors = {row["set"]: row["standard_error_nats"] for row in table(tmp_path / "out" / "profiles.csv")}
    assert errors == {"true": "nan", "fake": "nan", "difference": ""}
    assert "NaN" not in (tmp_path / "out" / "record.json").read_text()


def test_images_of_one_value_are_drawn_and_noted(
    tmp_path: Path, spectra: Run, sets: tuple[Path, Path]
) -> None:
    for folder in sets:
        for path in folder.iterdir():
            Image.new("L", (64, 64), 240).save(path)
    ran = spectra("--true", sets[0], "--fake", sets[1], "-o", tmp_path / "out.svg")
    assert (ran.status, ran.err) == (0, "")
    assert "Note: 6 of 6 images of the set true are of one grey value" in ran.out
    with np.load(tmp_path / "out.npz") as numbers:
        assert np.allclose(numbers["true_mean_of_log"].ravel()[1:], np.log(numbers["true_floor"]), atol=1e-4)


def test_equal_inputs_give_equal_bytes_whatever_the_threads(
    tmp_path: Path, spectra: Run, flat_sets: Path
) -> None:
    for output, jobs in (("one", 1), ("two", 3)):
        spectra(
            "--true",
            flat_sets / "true",
            "--fake",
            flat_sets / "fake",
            "-o",
            tmp_path / output,
            "--jobs",
            jobs,
        )
    for name in ("profiles.csv", "profiles.png", "spectra.png"):
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
    assert names(tmp_path) == ["a-profiles.png", "a.csv", "a.json", "a.npz", "a.png"]


def test_an_output_among_the_images_is_refused(tmp_path: Path, spectra: Run, sets: tuple[Path, Path]) -> None:
    before = names(sets[0])
    for output in (sets[0] / "figure.png", sets[0] / "out", sets[0], tmp_path / "sets"):
        assert (
            spectra("--true", sets[0], "-o", output, "--overwrite").status == errors.OutputHoldsInputs.status
        )
    assert names(sets[0]) == before
    assert names(tmp_path) == ["sets"]
