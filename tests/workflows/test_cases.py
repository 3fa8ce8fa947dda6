"""On paper with a printed pattern, edges, mask and true image are of the strokes and not of the halo around them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest

from sigforensics.images import unit_to_bytes
from sigforensics.png import write_png
from sigforensics.settings import Forging, Preprocessing
from sigforensics.workflows.cases import Case, GenerateSettings, ScanCases
from sigforensics.workflows.progress import SilentProgress
from sigforensics.workflows.skipping import Skips
from tests.extraction.conftest import print_page, signature_ink

DPI = 150
DARK, FAINT = 0.85, 0.3
"""What strokes absorb."""


class Paper(NamedTuple):
    depth: float
    """Of printed waves."""
    strokes: float


def case_of(folder: Path, paper: Paper, *specimens: Path, augmented: bool = False) -> Case:
    page = print_page(DPI, 0, paper.depth)
    ink = signature_ink(page.shape, DPI, (120.0, 220.0))
    scan = folder / f"{paper.depth}-{paper.strokes}.png"
    if not scan.exists():
        write_png(scan, unit_to_bytes(np.clip(page * (1 - paper.strokes * ink), 0, 1)), bright=False)
    settings = GenerateSettings(forging=Forging(augmented=augmented))
    skips = Skips(strict=True, progress=SilentProgress())
    batch = ScanCases(folder / "pictures", settings=settings, chain=Preprocessing(), skips=skips)
    batch.read_specimens(specimens, SilentProgress())
    (found,) = batch.cases([scan], SilentProgress())
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def cases(folder: Path) -> dict[Paper, Case]:
    """A signature on white paper and on paper with printed waves, dark and faint."""
    papers = (Paper(depth, strokes) for depth in (0.0, 0.25) for strokes in (DARK, FAINT))
    return {paper: case_of(folder, paper) for paper in papers}


def near(one: np.ndarray, other: np.ndarray) -> float:
    """The share of the first's edges that lie within 4 pixels of the second's."""
    away = cv2.distanceTransform((other == 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    return float((away[one > 0] <= 4).mean())


def test_edges_are_those_of_the_strokes(cases: dict[Paper, Case]) -> None:
    """The halo around the strokes has the pattern in it, and its border is no edge."""
    white, patterned = (cases[Paper(depth, DARK)].edges for depth in (0.0, 0.25))
    assert near(patterned, white) > 0.98
    assert near(white, patterned) > 0.98
    assert np.count_nonzero(patterned) < 1.1 * np.count_nonzero(white)


def test_faint_strokes_stay_whole(cases: dict[Paper, Case]) -> None:
    """Of the ink itself nothing is taken off."""
    white, patterned = (cases[Paper(depth, FAINT)] for depth in (0.0, 0.25))
    assert near(white.edges, patterned.edges) > 0.95
    strokes = cases[Paper(0.0, DARK)].target > 180
    assert (patterned.target[strokes] > 0).mean() > 0.8  # the finder's own mask lacks some, on such paper


def test_true_image_and_mask_have_hardly_more_ink_than_on_white_paper(cases: dict[Paper, Case]) -> None:
    white, patterned = (cases[Paper(depth, DARK)] for depth in (0.0, 0.25))
    for picture in ("target", "mask"):
        counts = [np.count_nonzero(getattr(one, picture)) for one in (white, patterned)]
        assert counts[1] < 1.15 * counts[0]
    assert patterned.paper.mean() <= white.paper.mean() + 0.01


def test_specimens_lose_the_pattern_too(folder: Path, cases: dict[Paper, Case]) -> None:
    specimen = folder / f"0.25-{DARK}.png"
    alone, both = cases[Paper(0.0, DARK)], case_of(folder, Paper(0.0, DARK), specimen)
    assert np.count_nonzero(both.mask) < 1.2 * np.count_nonzero(alone.mask)


def test_what_was_taken_off_is_told(cases: dict[Paper, Case]) -> None:
    said = str(cases[Paper(0.25, DARK)].facts["background"])
    assert "the ink value of the paper, 0.2" in said
    assert "was taken off the soft borders" in said
    said = str(cases[Paper(0.0, DARK)].facts["background"])
    assert "0.2" not in said
