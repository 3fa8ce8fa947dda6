"""The examples run, and say what they promise."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.network
ROOT = Path(__file__).parents[2]


def test_every_example_is_run_by_a_test() -> None:
    run_here = {"compare_two_generators.py", "what_jpeg_does.py"}
    assert {path.name for path in (ROOT / "examples").iterdir() if path.suffix in {".py", ".sh"}} == run_here


def test_jpeg_of_low_quality_changes_the_spectrum_more_than_of_high(tutorial: Any, run: Any) -> None:
    largest = []
    for quality in (95, 30):
        ran = run(f"python examples/what_jpeg_does.py sets/true --quality {quality}", tutorial.folder)
        differences = re.findall(r"cycles/pixel +([+-]\d+\.\d+) ", ran.stdout)
        assert len(differences) == 32
        largest.append(max(abs(float(difference)) for difference in differences))
    assert largest[0] < largest[1]


def test_a_generator_does_not_differ_from_itself(tutorial: Any, run: Any, tmp_path: Path) -> None:
    prepared = run(
        "sigforensics prepare demo/1-scans/signatures -o small --split sample --writers writer-1,writer-2",
        tutorial.folder,
    )
    assert prepared.status == 0, prepared.stderr
    command = "python examples/compare_two_generators.py small bundled bundled --frame validation"
    ran = run(f"{command} -o {tmp_path / 'two'}", tutorial.folder)
    rows = [re.findall(r"[+-]\d+\.\d+(?= \(p)", line) for line in ran.stdout.splitlines()[1:]]
    assert len(rows) == 32
    assert all(a == b and float(none) == 0 for a, b, none in rows)
    assert any(float(a) != 0 for a, _, _ in rows)
    assert (tmp_path / "two" / "b-less-a" / "comparison.png").is_file()
