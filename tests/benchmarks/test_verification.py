"""The verifier's features and machine."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import verification
from runs import read_targets


def stroke(*, value: int = 200, left: int = 20, top: int = 40) -> NDArray[np.uint8]:
    image = np.zeros((128, 128), np.uint8)
    points = np.array([[0, 30], [20, 0], [35, 28], [60, 5]]) + (left, top)
    return np.asarray(cv2.polylines(image, [points.reshape(-1, 1, 2)], False, value, 3), np.uint8)


@pytest.mark.parametrize("look", ["shape", "grey"])
def test_neither_place_nor_a_far_speck_of_paper_changes_what_is_cut_out(look: str) -> None:
    plain = verification.cut_out(stroke(), look)
    specked = stroke(left=35, top=60)
    specked[2, 3] = 27
    assert np.array_equal(verification.cut_out(specked, look), plain)


def test_shape_does_not_see_how_dark_the_ink_is_and_grey_does() -> None:
    pale, dark = stroke(value=120), stroke(value=240)
    same = [
        np.array_equal(verification.cut_out(pale, look), verification.cut_out(dark, look))
        for look in verification.LOOKS
    ]
    assert same == [True, False, False]


def test_a_speck_decides_the_loose_crop() -> None:
    specked = stroke()
    specked[2, 3] = 27
    plain, moved = (verification.cut_out(image, "grey, loose") for image in (stroke(), specked))
    assert not np.array_equal(plain, moved)


def test_the_cut_out_fills_the_frame_and_keeps_its_proportions() -> None:
    rows, columns = (
        np.flatnonzero(verification.cut_out(stroke(), "shape").any(axis=axis)) for axis in (1, 0)
    )
    assert (len(rows), len(columns)) == (128, pytest.approx(256, abs=30)) or len(columns) == 256
    dark = verification.dark_part(stroke())
    across, down = np.ptp(np.flatnonzero(dark.any(axis=0))) + 1, np.ptp(np.flatnonzero(dark.any(axis=1))) + 1
    assert len(columns) / len(rows) == pytest.approx(across / down, rel=0.02)


def test_an_image_without_ink_has_features_too() -> None:
    blank = np.zeros((64, 64), np.uint8)
    assert not verification.cut_out(blank, "grey").any()
    assert np.isfinite(verification.FeatureTable("grey")([blank])).all()


def test_patterns_of_each_zone_are_shares() -> None:
    found = verification.lbp_features(verification.cut_out(stroke(), "grey")) ** 2
    assert found.reshape(18, 10).sum(axis=1) == pytest.approx(1)


def test_features_are_computed_once_an_image(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def count(frame: NDArray[np.uint8]) -> NDArray[np.float64]:
        calls.append(frame)
        return np.zeros(3)

    monkeypatch.setattr(verification, "BLOCKS", (count,))
    table = verification.FeatureTable("shape")
    assert table([stroke(), stroke(value=90), stroke()]).shape == (3, 3)
    assert table.widths == (3,)
    assert len(calls) == 2


def test_blocks_weigh_alike_whatever_their_units() -> None:
    rng = np.random.default_rng(0)
    genuine, others, asked = (rng.normal(size=(n, 8)) + shift for n, shift in ((10, 1.0), (40, 0), (5, 0.5)))
    units = np.repeat([1.0, 1000.0], [3, 5])
    scores = [
        verification.train_verifier(genuine * by, others * by, widths=(3, 5))(asked * by)
        for by in (np.ones(8), units)
    ]
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)


@pytest.mark.parametrize("look", verification.LOOKS)
def test_a_verifier_knows_its_writer_from_others(corpus: Path, look: str) -> None:
    targets, table = read_targets(corpus), verification.FeatureTable(look)
    own = np.flatnonzero(targets.writers == "writer-1")
    others = np.flatnonzero(np.isin(targets.writers, ["writer-4", "writer-5", "writer-6"]))
    strangers = np.flatnonzero(np.isin(targets.writers, ["writer-2", "writer-3"]))
    features = table(targets.images)
    score = verification.train_verifier(features[own[:4]], features[others], widths=table.widths)
    assert score(features[own[4:]]).min() > score(features[strangers]).max()
