"""The map of single frequencies, from files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sigforensics.errors import FileUnreadable
from sigforensics.report.figures import draw_frequency_map
from sigforensics.scans import read_scan
from sigforensics.settings import Comparing, Scanning, Spectrum
from sigforensics.spectra import NYQUIST, FrequencyGrid, dct_magnitude_log, onto_grid
from sigforensics.workflows import matching
from sigforensics.workflows.compare import compare
from sigforensics.workflows.mapping import Mapped, map_frequencies, write_map
from sigforensics.workflows.matching import match_sets
from sigforensics.workflows.progress import SilentProgress
from sigforensics.workflows.sets import read_set

STRIPES = 8 * np.where(np.arange(40) % 2, 1, -1)


def write_set(
    folder: Path, seed: int, count: int, *, shape: tuple[int, int] = (40, 40), added: Any = 0
) -> Path:
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    for number in range(count):
        pixels = np.clip(rng.normal(128, 25, shape) + added, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02d}.png")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noise, and noise with columns brighter and darker by turns. Not to be written to."""
    folder = tmp_path_factory.mktemp("sets")
    write_set(folder / "true", 1, 12)
    write_set(folder / "fake", 4, 12, added=STRIPES)
    write_set(folder / "larger", 3, 12, shape=(50, 60))
    return folder


@pytest.fixture
def mapped() -> Callable[..., Mapped]:
    """The map of two folders."""

    def run(true: Path, fake: Path, **choices: Any) -> Mapped:
        workers = choices.pop("workers", 1)
        settings = Comparing(**{"permutations": 199, **choices})
        common: dict[str, Any] = {"scanning": Scanning(), "workers": workers, "progress": SilentProgress()}
        one, other = (
            read_set(name, path, settings=Spectrum(bands=8), strict=False, **common)
            for name, path in (("true", true), ("fake", fake))
        )
        matched = match_sets(one, other, settings.unit)
        return map_frequencies(one, other, matched, spectrum=Spectrum(bands=8), settings=settings, **common)

    return run


def logs(folder: Path, grid: FrequencyGrid) -> np.ndarray:
    """Slow and obvious."""
    images = [read_scan(path).pixels for path in sorted(folder.iterdir())]
    return np.array(
        [onto_grid(dct_magnitude_log(one[np.newaxis], floor=1e-3)[0], NYQUIST, grid) for one in images]
    )


@pytest.mark.parametrize("unit", ["pair", "image"])
def test_a_pattern_of_period_two_is_found_at_its_frequency_and_nowhere_else(
    unit: str, mapped: Callable[..., Mapped], folder: Path
) -> None:
    found = mapped(folder / "true", folder / "fake", unit=unit).map
    assert found is not None
    assert found.found[0, 39]
    assert not found.found[
        1:
    ].any()  # such a pattern leaks over horizontal frequencies, and has nothing elsewhere
    summary = found.summary()
    assert (summary["n_frequencies"], summary["unit"]) == (1599, unit)
    assert summary["found"] == found.found[0].sum()
    first = summary["strongest"][0]
    assert (first["vertical"], first["horizontal"]) == (0.0, pytest.approx(39 / 80))
    assert first["difference_nats"] > 2
    assert first["difference_db"] == pytest.approx(8.686 * first["difference_nats"], rel=1e-4)


def test_differences_are_those_of_the_images_at_every_frequency_but_dc(
    mapped: Callable[..., Mapped], folder: Path
) -> None:
    found = mapped(folder / "true", folder / "fake").map
    assert found is not None
    expected = np.subtract(*(logs(folder / name, found.grid) for name in ("fake", "true")))
    np.testing.assert_allclose(found.difference.ravel()[1:], expected.mean(axis=0).ravel()[1:], atol=1e-5)
    error = expected.std(axis=0, ddof=1) / np.sqrt(12)
    np.testing.assert_allclose(found.standard_error.ravel()[1:], error.ravel()[1:], atol=1e-5)
    assert np.isnan(found.difference[0, 0])
    assert np.isnan(found.p_corrected[0, 0])


def test_more_units_than_there_are_rows_are_put_together_and_a_note_says_so(
    mapped: Callable[..., Mapped], folder: Path
) -> None:
    done = mapped(folder / "true", folder / "fake", map_units=7)
    assert done.map is not None
    assert (done.map.rows_true, done.map.rows_fake, done.map.group, done.map.n_true) == (7, 7, 2, 12)
    assert any("7 means of random groups of up to 2 pairs" in note for note in done.notes)
    unpaired = mapped(folder / "true", folder / "fake", map_units=7, map_least_units=2, unit="image")
    assert unpaired.map is not None
    assert (unpaired.map.rows_true, unpaired.map.n_true, unpaired.map.group) == (6, 12, 2)


def test_images_of_different_sizes_meet_on_the_coarsest_of_their_grids(
    mapped: Callable[..., Mapped], folder: Path
) -> None:
    done = mapped(folder / "true", folder / "larger", unit="image", map_side=36)
    assert done.map is not None
    assert done.map.grid == FrequencyGrid((36, 36))
    expected = [logs(folder / name, done.map.grid).mean(axis=0) for name in ("larger", "true")]
    np.testing.assert_allclose(done.map.difference.ravel()[1:], np.subtract(*expected).ravel()[1:], atol=1e-5)
    assert any("grid of 36 x 36" in note for note in done.notes)


def test_too_few_units_are_told_and_not_tested(mapped: Callable[..., Mapped], tmp_path: Path) -> None:
    folders = [write_set(tmp_path / name, seed, 5) for seed, name in enumerate(("true", "fake"))]
    done = mapped(*folders)
    assert done.map is None
    assert done.unavailable is not None
    assert "with 5 pairs no corrected p below 0.062" in done.unavailable


def test_threads_change_nothing(mapped: Callable[..., Mapped], folder: Path) -> None:
    one, three = (mapped(folder / "true", folder / "fake", workers=workers).map for workers in (1, 3))
    assert one is not None
    assert three is not None
    for name in ("difference", "standard_error", "p_corrected", "p_fdr"):
        np.testing.assert_array_equal(getattr(one, name), getattr(three, name))


def test_a_file_that_changes_in_between_is_refused(
    mapped: Callable[..., Mapped], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [write_set(tmp_path / name, seed, 6) for seed, name in enumerate(("true", "fake"))]

    write_set(tmp_path / "other", 9, 1)

    def change_then_match(*arguments: Any, **choices: Any) -> Any:
        (folders[1] / "03.png").write_bytes((tmp_path / "other" / "00.png").read_bytes())
        return matching.match_sets(*arguments, **choices)

    monkeypatch.setitem(globals(), "match_sets", change_then_match)
    with pytest.raises(FileUnreadable, match="was changed while it was in use"):
        mapped(*folders)


def test_a_file_that_cannot_be_used_leaves_its_partner_out_of_the_map(tmp_path: Path) -> None:
    folders = [write_set(tmp_path / name, seed, 8) for seed, name in enumerate(("true", "fake"))]
    (folders[1] / "03.png").write_bytes(b"no image")
    settings = Comparing(permutations=99, resamples=50, control_splits=5)
    found = compare(*folders, spectrum=Spectrum(bands=8), settings=settings).mapped.map
    assert found is not None
    assert (found.n_true, found.n_fake, found.rows_true) == (7, 7, 7)
    grid = found.grid
    true, fake = (logs_without_fourth(folder, grid) for folder in folders)
    np.testing.assert_allclose(
        found.difference.ravel()[1:], (fake - true).mean(axis=0).ravel()[1:], atol=1e-5
    )


def logs_without_fourth(folder: Path, grid: FrequencyGrid) -> np.ndarray:
    (folder / "03.png").unlink()
    return logs(folder, grid)


def test_the_file_holds_the_map(mapped: Callable[..., Mapped], folder: Path, tmp_path: Path) -> None:
    found = mapped(folder / "true", folder / "fake").map
    assert found is not None
    write_map(tmp_path / "map.npz", found)
    with np.load(tmp_path / "map.npz") as arrays:
        np.testing.assert_allclose(arrays["difference"], found.difference, rtol=1e-6)
        np.testing.assert_allclose(arrays["p_corrected"], found.p_corrected, rtol=1e-6)
        assert arrays["column_frequencies"][39] == pytest.approx(39 / 80)
        assert int(arrays["rows_true"]) == 12


def test_the_figure_shows_all_differences_and_rings_those_that_were_found(
    mapped: Callable[..., Mapped], folder: Path
) -> None:
    found = mapped(folder / "true", folder / "fake").map
    assert found is not None
    figure = draw_frequency_map(found)
    every, only = figure.axes[:2]
    np.testing.assert_array_equal(np.asarray(every.images[0].get_array())[1:], found.difference[1:])
    shown = np.ma.filled(only.images[0].get_array(), np.nan)
    np.testing.assert_array_equal(np.isfinite(shown), found.found)
    assert every.images[0].get_clim() == only.images[0].get_clim()
    assert sum(every.images[0].get_clim()) == pytest.approx(0)
    places = [[column / 80, row / 80] for row, column in np.argwhere(found.found)]
    np.testing.assert_allclose(only.collections[0].get_offsets(), places)
    assert "12 pairs" in figure.get_suptitle()
    assert every.get_xlabel() == "horizontal frequency, cycles per pixel"


def test_where_nothing_is_found_nothing_is_ringed(mapped: Callable[..., Mapped], folder: Path) -> None:
    found = mapped(folder / "true", folder / "true").map
    assert found is not None
    figure = draw_frequency_map(found)
    assert len(figure.axes[1].collections) == 0
    assert figure.axes[1].get_title() == "corrected p ≤ 0.05: 0 of 1599"
