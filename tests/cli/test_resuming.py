"""``spectra`` and ``compare`` that are ended from outside, and go on."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigforensics.cli.console import ConsoleProgress

Run = Callable[..., Any]


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch, sigforensics: Run) -> Run:
    """Run a command that gets a SIGTERM when it has read its first files."""

    def run(*arguments: object) -> Any:
        def end(_self: ConsoleProgress, _steps: int = 1, *, detail: str = "") -> None:
            signal.raise_signal(signal.SIGTERM)

        before = signal.signal(signal.SIGTERM, signal.SIG_DFL)  # whoever runs the tests may ignore it
        try:
            with monkeypatch.context() as patch:
                patch.setattr(ConsoleProgress, "advance", end)
                return sigforensics(*arguments)
        finally:
            signal.signal(signal.SIGTERM, before)

    return run


def test_spectra_that_were_ended_go_on_to_the_same_numbers(
    tmp_path: Path, flat_sets: Path, ended: Run, sigforensics: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigforensics.workflows.spectra._draw", lambda *_: None)
    command = ("spectra", "--true", flat_sets / "true", "--fake", flat_sets / "fake", "-o")
    assert sigforensics(*command, tmp_path / "whole").status == 0
    ran = ended(*command, tmp_path / "out")
    assert ran.status == 143
    assert f"{tmp_path / 'out'}.checkpoint: the same command with --resume goes on" in ran.err
    assert not (tmp_path / "out").exists()
    refused = sigforensics(*command, tmp_path / "out")
    assert refused.status == 40
    assert "--resume" in refused.err
    changed = sigforensics(*command, tmp_path / "out", "--resume", "--bands", 5)
    assert (changed.status, "bands: 32 there, 5 now" in changed.err) == (44, True)
    assert sigforensics(*command, tmp_path / "out", "--resume").status == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "whole"]
    for name in ("spectra.npz", "profiles.csv", "peaks.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_comparison_that_was_ended_goes_on_to_the_same_document(
    tmp_path: Path, flat_sets: Path, ended: Run, sigforensics: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigforensics.report.figures.save_figure", lambda _, path: path.write_text(""))
    command = ("compare", flat_sets / "true", flat_sets / "fake", "--permutations", 99, "-q", "-o")
    assert sigforensics(*command, tmp_path / "whole").status == 0
    assert ended(*command, tmp_path / "out").status == 143
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.checkpoint", "whole"]
    assert sigforensics(*command, tmp_path / "out", "--resume").status == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "whole"]
    one, other = (json.loads((tmp_path / name / "comparison.json").read_text()) for name in ("out", "whole"))
    assert one == other


def test_a_comparison_without_a_folder_keeps_nothing(
    tmp_path: Path, flat_sets: Path, ended: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(flat_sets, tmp_path / "sets")
    monkeypatch.chdir(tmp_path)
    assert ended("compare", "sets/true", "sets/fake", "-q").status == 143
    assert [path.name for path in tmp_path.iterdir()] == ["sets"]
