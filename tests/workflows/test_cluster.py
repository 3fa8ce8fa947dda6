"""One scheduler for all tests here, with two workers that are processes of their own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sigforensics.errors import ClusterUnusable, FileUnreadable, PackageMissing
from sigforensics.settings import Scanning
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.workflows import cluster as module
from sigforensics.workflows.checkpoint import checkpoints
from sigforensics.workflows.cluster import Cluster, cluster_at
from sigforensics.workflows.progress import SilentProgress
from sigforensics.workflows.sets import ImageSet, read_set

SETTINGS = SpectrumSettings(bands=4, batch=4, part=8)
NAMES = ("mean_of_log", "variance_of_log", "mean_image", "band_features", "line_features")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of the scheduler; its processes are gone afterwards."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs="CRITICAL"
    ) as local:
        yield local.scheduler_address


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 images, of which one cannot be read."""
    made, rng = tmp_path_factory.mktemp("set"), np.random.default_rng(4)
    for number in range(60):
        Image.fromarray(rng.integers(0, 256, (32, 40), np.uint8)).save(made / f"{number:03}.png")
    (made / "013.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return made


@pytest.fixture(scope="module")
def alone(folder: Path) -> ImageSet:
    """Read in one process."""
    return read(folder)


def read(folder: Path, cluster: Cluster | None = None, progress: Any = None, **options: Any) -> ImageSet:
    stages = {"scanning": Scanning(), "settings": SETTINGS, "workers": 1, "strict": False}
    progress = progress or SilentProgress()
    return read_set("set", folder, **stages, progress=progress, cluster=cluster, **options)


def assert_same(one: ImageSet, other: ImageSet) -> None:
    assert [str(error) for error in one.skipped] == [str(error) for error in other.skipped]
    for field in ("paths", "sha256", "shapes", "notes", "left_out"):
        assert getattr(one, field) == getattr(other, field)
    for name in NAMES:
        np.testing.assert_array_equal(getattr(one.spectrum, name), getattr(other.spectrum, name))


class At(SilentProgress):
    """Does something once, when so many images are done."""

    def __init__(self, after: int, act: Callable[[], None]) -> None:
        self.left = after
        self.act = act
        self.done = 0

    def advance(self, steps: int = 1, **_: object) -> None:
        self.done += steps
        before, self.left = self.left, self.left - steps
        if before > 0 >= self.left:
            self.act()


def test_a_cluster_gives_the_figures_of_one_process_to_the_last_bit(
    address: str, folder: Path, alone: ImageSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)  # the workers are in another folder
    progress = At(1000, lambda: None)
    with cluster_at(address) as cluster:
        there = read(Path(folder.name), cluster, progress)
    assert progress.done == 60
    assert_same(there, read(Path(folder.name)))
    np.testing.assert_array_equal(there.spectrum.mean_of_log, alone.spectrum.mean_of_log)


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(
    address: str, folder: Path, alone: ImageSet
) -> None:
    killed = []
    with cluster_at(address) as cluster:
        assert cluster is not None

        def kill() -> None:
            killed.append(min(cluster._client.run(os.getpid).values()))
            os.kill(killed[0], signal.SIGKILL)

        there = read(folder, cluster, At(8, kill))
    assert killed
    assert_same(there, alone)


def test_sets_of_different_sizes_are_brought_together_there_as_here(
    address: str, folder: Path, tmp_path: Path
) -> None:
    for place, path in enumerate(sorted(folder.glob("01*.png"))):
        (tmp_path / path.name).write_bytes(path.read_bytes())
        Image.new("L", (44 + place, 36), 9 * place).save(tmp_path / f"other{place}.png")
    with cluster_at(address) as cluster:
        there = read(tmp_path, cluster)
    assert there.spectrum.mean_image is None
    here = read(tmp_path)
    assert here.notes == there.notes
    np.testing.assert_array_equal(there.spectrum.mean_of_log, here.spectrum.mean_of_log)
    np.testing.assert_array_equal(there.spectrum.band_features, here.spectrum.band_features)


def test_what_was_interrupted_here_goes_on_there(
    address: str, folder: Path, alone: ImageSet, tmp_path: Path
) -> None:
    kept = tmp_path / "out.checkpoint"
    progress = At(20, lambda: signal.raise_signal(signal.SIGINT))
    with (
        pytest.raises(KeyboardInterrupt),
        checkpoints(kept, {}, resume=False, progress=progress) as checkpoint,
    ):
        read(folder, progress=progress, checkpoint=checkpoint)
    with (
        cluster_at(address) as cluster,
        checkpoints(kept, {}, resume=True, progress=SilentProgress()) as checkpoint,
    ):
        there = read(folder, cluster, checkpoint=checkpoint)
    assert_same(there, alone)


def test_workers_of_another_version_are_named_and_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = module.versions() | {"pillow": "1.0"}
    monkeypatch.setattr(module, "versions", lambda: here)
    monkeypatch.setattr(Cluster, "_versions_there", lambda _: {"tcp://w:1": here | {"pillow": "2.0"}})
    with (
        pytest.raises(ClusterUnusable, match=r"worker tcp://w:1: has pillow 2.0, and here it is 1.0"),
        cluster_at(address),
    ):
        pytest.fail("it was not refused")


def test_a_worker_that_comes_late_with_another_version_is_refused_too(
    address: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cluster_at(address) as cluster:
        here = module.versions() | {"numpy": "0.1"}
        monkeypatch.setattr(module, "versions", lambda: here)
        with pytest.raises(ClusterUnusable, match=r"worker tcp://.* has numpy .* and here it is 0.1"):
            read(folder, cluster)


def test_a_worker_without_sigforensics_is_named() -> None:
    with pytest.raises(ClusterUnusable, match=r"worker tcp://w:1: cannot run sigforensics .*No module"):
        module._require_versions("tcp://w:1", ModuleNotFoundError("No module"), module.versions())


def test_workers_that_have_another_file_under_the_path_are_named(
    address: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cluster, "_hashes_there", lambda *_: {"tcp://w:1": "0", "tcp://w:2": "1"})
    with (
        cluster_at(address) as cluster,
        pytest.raises(ClusterUnusable, match=r"worker tcp://w:1: has another file under the path .*000.png"),
    ):
        read(folder, cluster)


def test_workers_that_do_not_have_the_files_are_named(folder: Path) -> None:
    path = folder / "000.png"
    missing = FileUnreadable(path, "there is no such file")
    with pytest.raises(ClusterUnusable, match=r"worker tcp://w:1: cannot read .*000.png \(there is no such"):
        module._require_same_file("tcp://w:1", missing, "0", path)
    with pytest.raises(ClusterUnusable, match=r"worker tcp://w:1: cannot read .*000.png"):
        module._require_readable("tcp://w:1", missing, path)
    module._require_readable(
        "tcp://w:1", missing, folder / "nowhere.png"
    )  # nobody can read it: it is skipped


def test_where_no_scheduler_answers_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECT_SECONDS", 0.3)
    with (
        pytest.raises(ClusterUnusable, match=r"tcp://127.0.0.1:9: no scheduler answers"),
        cluster_at("tcp://127.0.0.1:9"),
    ):
        pytest.fail("something answered")


def test_without_the_extra_the_command_that_installs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with (
        pytest.raises(PackageMissing, match=r'pip install "sigforensics\[cluster\]"'),
        cluster_at("tcp://a:1"),
    ):
        pytest.fail("it was not needed")


def test_the_commands_hand_the_address_on(
    address: str,
    folder: Path,
    tmp_path: Path,
    sigforensics: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few, others = tmp_path / "few", tmp_path / "others"
    for target, chosen in ((few, slice(16)), (others, slice(16, 32))):
        target.mkdir()
        for path in sorted(folder.iterdir())[chosen]:
            (target / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr("sigforensics.workflows.spectra._draw", lambda *_: None)
    for name, options in (("here", ()), ("there", ("--scheduler", address))):
        assert sigforensics("spectra", "--true", few, "-o", tmp_path / name, "-q", *options).status == 3
        ran = sigforensics(
            "compare",
            few,
            others,
            "--permutations",
            19,
            "-q",
            "--json",
            tmp_path / f"{name}.json",
            *options,
        )
        assert ran.status == 3
    for name in ("spectra.npz", "profiles.csv", "peaks.csv"):
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()
    assert (tmp_path / "there.json").read_bytes() == (tmp_path / "here.json").read_bytes()
