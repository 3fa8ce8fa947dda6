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


def test_what_two_generators_differ_in_is_the_difference_of_what_each_leaves(
    tutorial: Any, run: Any, tmp_path: Path
) -> None:
    prepared = run(
        "sigforensics prepare demo/1-scans/signatures -o small --split sample --writers writer-1,writer-2",
        tutorial.folder,
    )
    assert prepared.status == 0, prepared.stderr
    command = "python examples/compare_two_generators.py small bundled cedar-16 --frame validation"
    ran = run(f"{command} -o {tmp_path / 'two'}", tutorial.folder)
    rows = [re.findall(r"[+-]\d+\.\d+(?= \(p)", line) for line in ran.stdout.splitlines()[1:]]
    assert len(rows) == 32
    assert all(abs(float(b) - float(a) - float(both)) < 0.002 for a, b, both in rows)
    assert any(abs(float(both)) > 0.02 for _, _, both in rows)
    assert (tmp_path / "two" / "b-less-a" / "comparison.png").is_file()
