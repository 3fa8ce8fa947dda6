"""What the network is told of a signature on paper with a printed pattern is what it would be told on white paper."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from sigforensics.images import unit_to_bytes
from sigforensics.png import write_png
from sigforensics.preprocessing import over_ground
from sigforensics.settings import Preprocessing
from sigforensics.workflows.cases import Case, GenerateSettings, ScanCases
from sigforensics.workflows.progress import SilentProgress
from sigforensics.workflows.skipping import Skips
from sigforensics.workflows.taking import Choice
from tests.extraction.conftest import print_page, signature_ink

DPI = 150
DEPTH = 0.25


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[float, Case]:
    """A signature on white paper and on paper with printed waves, by the depth of the waves."""
    folder, found = tmp_path_factory.mktemp("pages"), {}
    for depth in (0.0, DEPTH):
        page = print_page(DPI, 0, depth)
        ink = signature_ink(page.shape, DPI, (120.0, 220.0))
        scan = folder / f"on-{depth}.png"
        write_png(scan, unit_to_bytes(np.clip(page * (1 - 0.85 * ink), 0, 1)), bright=False)
        settings = replace(GenerateSettings(), choice=Choice())
        skips = Skips(strict=True, progress=SilentProgress())
        batch = ScanCases(folder / f"{depth}", settings=settings, chain=Preprocessing(), skips=skips)
        (found[depth],) = batch.cases([scan], SilentProgress())
    return found


def near(one: np.ndarray, other: np.ndarray) -> float:
    """The share of the first's edges that lie within 4 pixels of the second's."""
    away = cv2.distanceTransform((other == 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    return float((away[one > 0] <= 4).mean())


def test_edges_are_those_of_the_strokes(cases: dict[float, Case]) -> None:
    """The halo around the strokes has the pattern in it, and its border is no edge."""
    white, patterned = (cases[depth].edges for depth in (0.0, DEPTH))
    assert near(patterned, white) > 0.98
    assert near(white, patterned) > 0.98
    assert np.count_nonzero(patterned) < 1.1 * np.count_nonzero(white)


def test_the_halo_is_neither_in_the_mask_nor_taken_for_specks(cases: dict[float, Case]) -> None:
    white, patterned = cases[0.0], cases[DEPTH]
    assert np.count_nonzero(patterned.mask) < 1.15 * np.count_nonzero(white.mask)
    assert patterned.paper.mean() <= white.paper.mean() + 0.01


def test_the_true_image_keeps_its_grey_values(cases: dict[float, Case]) -> None:
    patterned = cases[DEPTH].target
    assert np.count_nonzero(patterned) > 1.15 * np.count_nonzero(cases[DEPTH].mask)


def test_ground_that_the_threshold_clears_anyway_changes_nothing() -> None:
    ink = np.linspace(0, 1, 11, dtype=np.float32).reshape(1, -1)
    limit = Preprocessing().threshold / 255
    assert over_ground(ink, limit - 0.01) is ink


def test_ink_over_a_ground_is_as_dark_as_it_is_at_its_darkest() -> None:
    ink = np.linspace(0, 1, 11, dtype=np.float32).reshape(1, -1)
    lifted = over_ground(ink, 0.5)
    assert lifted[0].tolist() == pytest.approx([0, 0, 0, 0, 0, 0, 0.2, 0.4, 0.6, 0.8, 1], abs=1e-6)
    assert lifted.dtype == np.float32
    faint = over_ground(ink * np.float32(0.4), 0.2)
    assert faint[0].tolist() == pytest.approx([0, 0, 0, 0, 0, 0, 0.08, 0.16, 0.24, 0.32, 0.4], abs=1e-6)
    assert over_ground(ink, 1.0) is ink
