"""What is measured of two ends depends neither on their order nor on how the picture lies, and the likelihood follows it."""

from __future__ import annotations

import json
from importlib import resources

import numpy as np
import pytest

from sigforensics.bridging import FEATURES, StrokeEnd, bundled_likelihood
from sigforensics.bridging.likelihood import features_of


def end(
    centre: tuple[float, float],
    degrees: float,
    *,
    width: float = 6,
    curvature: float = 0.0,
    place: int = 0,
    ink: int = 200,
) -> StrokeEnd:
    """A stroke's end that goes on in a direction, 90 being downwards."""
    way = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    right = np.array([-way[1], way[0]]) * width / 2
    return StrokeEnd(np.array(centre) - right, np.array(centre) + right, way, curvature, ink, place)


def measured(one: StrokeEnd, other: StrokeEnd, ends: int = 2) -> dict[str, float]:
    found = features_of(one, other, side=128, ends=ends, stiffness=1.0)
    return dict(zip(FEATURES, found, strict=True))


def likely(one: StrokeEnd, other: StrokeEnd) -> float:
    return float(bundled_likelihood()(np.array([list(measured(one, other).values())]))[0])


def test_features_are_what_they_are_called() -> None:
    found = measured(
        end((0, 0), 30, width=4, curvature=-0.01), end((64, 0), 180, width=8, place=3, ink=90), ends=5
    )
    assert found == pytest.approx({
        "gap over side of hole": 0.5,
        "log of gap over width": np.log(64 / 6),
        "larger bend": np.radians(30),
        "smaller bend": 0,
        "sum of bends": np.radians(30),
        "difference of bends": np.radians(30),
        "log of widths' ratio": np.log(2),
        "curvature towards the other, both": 0.64,
        "curvature towards the other, lesser": 0,
        "log of inks' ratio": np.log(2),
        "ends at the hole": 5,
        "ends between": 2,
        "stiffness": 1,
    })  # fmt: skip


def test_neither_order_nor_turning_nor_mirroring_changes_them() -> None:
    one, other = (
        end((10, 20), 25, curvature=0.02, ink=80),
        end((70, 50), 170, width=9, curvature=-0.01, place=1),
    )
    assert measured(one, other) == pytest.approx(measured(other, one))
    mirrored = [
        end((-10, 20), 155, curvature=-0.02, ink=80),
        end((-70, 50), 10, width=9, curvature=0.01, place=1),
    ]
    assert measured(one, other) == pytest.approx(measured(*mirrored))
    turned = [
        end((-20, 10), 115, curvature=0.02, ink=80),
        end((-50, 70), 260, width=9, curvature=-0.01, place=1),
    ]
    assert measured(one, other) == pytest.approx(measured(*turned))


def test_likely_are_straight_and_short_joins() -> None:
    straight = likely(end((0, 0), 0), end((40, 0), 180))
    assert straight > 0.6
    assert straight > likely(end((0, 0), 40), end((40, 0), 180))
    assert straight > likely(end((0, 0), 0), end((110, 0), 180))
    assert likely(end((0, 0), 100), end((60, 0), 60)) < 0.4


def test_likelihood_is_a_logistic_regression_on_features_and_squares() -> None:
    stored = json.loads((resources.files("sigforensics.bridging") / "likelihood.json").read_text("utf-8"))
    features = np.random.default_rng(1).uniform(0, 2, (5, len(FEATURES)))
    expected = []
    for row in features:
        raised = stored["offset"]
        for place, value in enumerate([*row, *(row * row)]):
            raised += stored["weights"][place] * (value - stored["mean"][place]) / stored["scale"][place]
        expected.append(1 / (1 + np.exp(-raised)))
    np.testing.assert_allclose(bundled_likelihood()(features), expected, rtol=1e-9)
    assert stored["training"]["joins"] > 10000
