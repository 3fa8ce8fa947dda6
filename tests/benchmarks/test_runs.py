"""What the benchmarks read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import runs
from sigforensics.errors import FileUnreadable, NoImages, SizesDiffer, TableInvalid
from sigforensics.png import read_png, write_png


def test_a_run_gives_true_images_and_fakes_in_one_order(run: Path) -> None:
    found = runs.read_run(run)
    assert found.true.shape == found.fake.shape == (9, 128, 128)
    assert sorted(set(found.writers)) == ["writer-1", "writer-2", "writer-3"]
    for place in (0, 8):
        assert np.array_equal(found.true[place], read_png(run / "true" / f"{found.names[place]}.png"))
        assert np.array_equal(found.fake[place], read_png(run / "fake" / f"{found.names[place]}.png"))
        assert str(found.names[place]).startswith(found.writers[place])


def test_a_prepared_folder_gives_all_its_targets_or_those_of_a_frame(corpus: Path) -> None:
    whole, training = runs.read_targets(corpus), runs.read_targets(corpus, frame="training")
    assert len(whole.images) == 36
    assert sorted(set(training.writers)) == ["writer-4", "writer-5", "writer-6"]
    assert len(training.images) == 18


def test_any_folder_with_one_folder_a_writer_gives_targets(forgeries: Path) -> None:
    found = runs.read_targets(forgeries, frame="training")
    assert len(found.images) == 12
    assert sorted(set(found.writers)) == ["writer-1", "writer-2", "writer-3"]


def test_a_run_of_scans_is_refused_because_it_names_no_writers(run: Path, tmp_path: Path) -> None:
    (tmp_path / "signatures.csv").write_text("name,source\na,a.png\n", encoding="utf-8")
    with pytest.raises(TableInvalid, match="who wrote which"):
        runs.read_run(tmp_path)
    with pytest.raises(FileUnreadable, match="generate --data"):
        runs.read_run(run / "true")


def test_folders_without_images_or_with_several_sizes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NoImages):
        runs.read_targets(tmp_path)
    for size in (16, 20):
        write_png(tmp_path / "w" / f"{size}.png", np.zeros((size, size), np.uint8))
    with pytest.raises(SizesDiffer):
        runs.read_targets(tmp_path)


def test_what_the_program_refuses_ends_a_benchmark_with_one_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"signatures\.csv"):
        runs.report(lambda: {"run": runs.read_run(tmp_path)}, print, None)
