from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sigforensics.errors import CheckpointDiffers, OutputExists
from sigforensics.settings import Scanning
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.workflows.checkpoint import checkpoint_path, checkpoints
from sigforensics.workflows.progress import SilentProgress
from sigforensics.workflows.sets import read_set, read_sets

SETTINGS = SpectrumSettings(bands=4, batch=4, part=8)
RNG = np.random.default_rng(8)
NAMES = ("mean_of_log", "variance_of_log", "band_features", "peak_excess", "line_features")


def write(folder: Path, count: int, shape: tuple[int, int] = (32, 40)) -> Path:
    folder.mkdir()
    for number in range(count):
        Image.fromarray(RNG.integers(0, 256, shape, np.uint8)).save(folder / f"{number:03}.png")
    return folder


class Ending(SilentProgress):
    """Sends a signal after so many images, as somebody would who presses Ctrl-C."""

    def __init__(self, after: int, number: int = signal.SIGINT) -> None:
        self.after = after
        self.number = number
        self.said: list[str] = []
        self.titles: list[str] = []

    def stage(self, title: str, _total: int | None) -> None:
        self.titles.append(title)

    def advance(self, steps: int = 1, **_: object) -> None:
        if self.after > 0 and (self.titles or [""])[-1].startswith("Reading"):
            self.after -= steps
            if self.after <= 0:
                signal.raise_signal(self.number)

    def say(self, message: str) -> None:
        self.said.append(message)


def run(folders, output, *, settings=SETTINGS, resume=False, overwrite=False, progress=None, **options):
    """The reading of sets within a checkpoint, as ``spectra`` does it."""
    identity = {"spectrum": replace(settings, memory=0.0), "sets": folders}
    stages = {"scanning": Scanning(), "settings": settings, "workers": 2, "strict": False}
    progress = progress or SilentProgress()
    rights = {"resume": resume, "overwrite": overwrite, "progress": progress}
    with checkpoints(checkpoint_path(output), identity, **rights) as kept:
        return read_sets(folders, **stages, progress=progress, checkpoint=kept, **options)


def interrupt(folders, output, after, **options):
    progress = Ending(after)
    with pytest.raises(KeyboardInterrupt):
        run(folders, output, progress=progress, **options)
    return progress


def assert_same(one, other):
    assert list(one) == list(other)
    for name, images in one.items():
        assert images.paths == other[name].paths
        assert images.sha256 == other[name].sha256
        assert images.shapes == other[name].shapes
        assert images.notes == other[name].notes
        assert [str(error) for error in images.skipped] == [str(error) for error in other[name].skipped]
        for array in NAMES:
            np.testing.assert_array_equal(
                getattr(images.spectrum, array), getattr(other[name].spectrum, array)
            )


@pytest.fixture
def folders(tmp_path):
    """Two sets of 30 images, one of which cannot be read."""
    made = {name: write(tmp_path / name, 30) for name in ("true", "fake")}
    (made["true"] / "005.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return made


@pytest.mark.parametrize("after", [9, 30, 34, 60])
def test_a_resumed_run_ends_as_one_that_was_not_interrupted(folders, tmp_path, after):
    whole, _ = run(folders, tmp_path / "whole")
    progress = interrupt(folders, tmp_path / "out", after)
    assert "--resume" in progress.said[-1]
    assert (tmp_path / "out.checkpoint").is_file()
    watching = Ending(0)
    resumed, _ = run(folders, tmp_path / "out", resume=True, progress=watching)
    assert_same(resumed, whole)
    assert "Checking what was read of true" in watching.titles
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fake", "true"]


def test_a_run_may_be_interrupted_again_and_again(folders, tmp_path):
    whole, _ = run(folders, tmp_path / "whole")
    interrupt(folders, tmp_path / "out", 9)
    for after in (25, 35):  # images that were kept count, too
        interrupt(folders, tmp_path / "out", after, resume=True)
    resumed, _ = run(folders, tmp_path / "out", resume=True)
    assert_same(resumed, whole)


def test_sets_of_different_sizes_go_on_on_their_common_grid(folders, tmp_path):
    Image.fromarray(RNG.integers(0, 256, (40, 48), np.uint8)).save(folders["fake"] / "020.png")
    whole, framing = run(folders, tmp_path / "whole")
    assert framing.grid is not None
    interrupt(folders, tmp_path / "out", 70)  # in the second pass
    watching = Ending(0)
    resumed, _ = run(folders, tmp_path / "out", resume=True, progress=watching)
    assert_same(resumed, whole)
    assert watching.titles[0] == "Measuring sizes"  # and not a first pass for nothing


def test_one_set_goes_on_on_its_own_grid(tmp_path):
    folder = write(tmp_path / "set", 30)
    Image.fromarray(RNG.integers(0, 256, (40, 48), np.uint8)).save(folder / "020.png")
    stages = {"scanning": Scanning(), "settings": SETTINGS, "workers": 1, "strict": False}

    def read(resume, progress):
        with checkpoints(tmp_path / "kept", {}, resume=resume, progress=progress) as kept:
            return read_set("set", folder, **stages, progress=progress, checkpoint=kept)

    whole = read(False, SilentProgress())
    with pytest.raises(KeyboardInterrupt):
        read(False, Ending(45))
    assert_same({"set": read(True, SilentProgress())}, {"set": whole})


def test_a_checkpoint_of_other_settings_is_refused(folders, tmp_path):
    interrupt(folders, tmp_path / "out", 9)
    with pytest.raises(CheckpointDiffers, match="bands: 4 there, 5 now"):
        run(folders, tmp_path / "out", resume=True, settings=replace(SETTINGS, bands=5))
    with pytest.raises(CheckpointDiffers, match="fake"):
        run({"true": folders["true"]}, tmp_path / "out", resume=True)
    assert (tmp_path / "out.checkpoint").is_file()


def test_a_checkpoint_of_other_files_is_refused(folders, tmp_path):
    interrupt(folders, tmp_path / "out", 9)
    (folders["true"] / "029.png").unlink()
    with pytest.raises(
        CheckpointDiffers, match="other files: of the set true it has 30, and now there are 29"
    ):
        run(folders, tmp_path / "out", resume=True)


@pytest.mark.parametrize("changed", ["003.png", "005.png"])
def test_a_checkpoint_of_files_that_have_changed_is_refused(folders, tmp_path, changed):
    interrupt(folders, tmp_path / "out", 9)
    (folders["true"] / changed).write_bytes((folders["true"] / "020.png").read_bytes())
    with pytest.raises(CheckpointDiffers, match=f"{changed} has changed since it was read"):
        run(folders, tmp_path / "out", resume=True)


def test_files_that_were_not_read_yet_may_change(folders, tmp_path):
    interrupt(folders, tmp_path / "out", 9)
    (folders["true"] / "025.png").write_bytes((folders["true"] / "020.png").read_bytes())
    resumed, _ = run(folders, tmp_path / "out", resume=True)
    assert_same(resumed, run(folders, tmp_path / "whole")[0])


@pytest.mark.parametrize("content", [b"", b"PK", b"something else"])
def test_what_is_no_checkpoint_is_neither_gone_on_from_nor_replaced(folders, tmp_path, content):
    (tmp_path / "out.checkpoint").write_bytes(content)
    with pytest.raises(CheckpointDiffers, match="no checkpoint"):
        run(folders, tmp_path / "out", resume=True)
    with pytest.raises(OutputExists):
        run(folders, tmp_path / "out", overwrite=True)
    assert (tmp_path / "out.checkpoint").read_bytes() == content


def test_a_checkpoint_is_not_replaced_unless_that_is_said(folders, tmp_path):
    interrupt(folders, tmp_path / "out", 9)
    with pytest.raises(OutputExists, match="--resume"):
        run(folders, tmp_path / "out")
    run(folders, tmp_path / "out", overwrite=True)
    assert not (tmp_path / "out.checkpoint").exists()


def test_without_a_checkpoint_resuming_is_beginning(folders, tmp_path):
    progress = Ending(0)
    run(folders, tmp_path / "out", resume=True, progress=progress)
    assert "beginning" in progress.said[0]


def test_a_run_that_fails_at_once_leaves_nothing(folders, tmp_path):
    class Failing(SilentProgress):
        def advance(self, *_: object, **__: object) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(folders, tmp_path / "out", progress=Failing())
    assert not (tmp_path / "out.checkpoint").exists()


def test_a_long_run_is_kept_now_and_then_even_if_it_is_killed(folders, tmp_path, monkeypatch):
    monkeypatch.setattr("sigforensics.workflows.checkpoint.EVERY_SECONDS", 0.0)

    class Looking(SilentProgress):
        seen = 0

        def advance(self, *_: object, **__: object) -> None:
            self.seen += (tmp_path / "out.checkpoint").is_file()

    progress = Looking()
    run(folders, tmp_path / "out", progress=progress)
    assert progress.seen > 10
