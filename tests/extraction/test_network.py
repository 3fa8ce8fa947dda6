from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigforensics.errors import FileUnreadable, ModelInvalid
from sigforensics.extraction.finding import MEASURES
from sigforensics.extraction.network import (
    LEAST,
    Calibration,
    FinderModel,
    bundled_finder,
    probabilities,
    read_finder,
    write_finder,
)


def batch(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    measures = rng.gamma(1.0, 2.0, (count, len(MEASURES))).astype(np.float32)
    return measures, rng.integers(0, 256, (count, 48, 96, 3)).astype(np.uint8)


def slow_probabilities(model: FinderModel, measures: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """One hypothesis, written out as sums; the mean of what each network says."""
    count = len(model.weights["d_out"])
    return sum(slow_network(model, number, measures, picture) for number in range(count)) / count


def slow_network(model: FinderModel, number: int, measures: np.ndarray, picture: np.ndarray) -> np.ndarray:
    weights = {name: value[number].astype(np.float64) for name, value in model.weights.items()}
    seen = picture / 255
    for layer in range(4):
        kernel, bias = weights[f"c{layer}"], weights[f"c{layer}_b"]
        out = np.zeros((seen.shape[0] // 2, seen.shape[1] // 2, len(bias)))
        for row, column in np.ndindex(out.shape[:2]):
            total = bias.copy()
            for i, j in np.ndindex(3, 3):
                y, x = 2 * row + i - 1, 2 * column + j - 1
                if y >= 0 and x >= 0:
                    total += seen[y, x] @ kernel[i, j]
            out[row, column] = np.maximum(total, 0)
        seen = out
    facts = (np.log(LEAST + measures) - weights["mean"]) / weights["scale"]
    looks = np.maximum(seen.ravel() @ weights["d_picture"] + weights["d_picture_b"], 0)
    known = np.maximum(facts @ weights["d_measures"] + weights["d_measures_b"], 0)
    both = np.maximum(np.concatenate([looks, known]) @ weights["d_both"] + weights["d_both_b"], 0)
    powers = np.exp(both @ weights["d_out"] + weights["d_out_b"])
    return powers / powers.sum()


def test_the_network_computes_what_its_sums_say() -> None:
    model = bundled_finder()
    measures, pictures = batch(2)
    found = probabilities(model, measures, pictures)
    expected = [slow_probabilities(model, m, p) for m, p in zip(measures, pictures, strict=True)]
    assert found == pytest.approx(np.array(expected), abs=1e-4)


def test_the_mean_of_the_networks_decides() -> None:
    model = bundled_finder()
    measures, pictures = batch(3)
    kept = [{name: value[[index]] for name, value in model.weights.items()} for index in (0, -1)]
    alone = [
        probabilities(replace(model, weights=weights), measures, pictures) for weights in (kept[0], kept[1])
    ]
    both = {name: np.concatenate([kept[0][name], kept[1][name]]) for name in kept[0]}
    together = probabilities(replace(model, weights=both), measures, pictures)
    assert together == pytest.approx((alone[0] + alone[1]) / 2)


def test_a_hypothesis_is_decided_alone_as_among_many() -> None:
    model = bundled_finder()
    measures, pictures = batch(70)
    together = probabilities(model, measures, pictures)
    alone = probabilities(model, measures[66:67], pictures[66:67])
    assert together.shape == (70, 3)
    assert together.sum(axis=1) == pytest.approx(np.ones(70))
    assert together[66] == pytest.approx(alone[0], abs=1e-6)


def test_nothing_to_decide_gives_nothing() -> None:
    measures, pictures = batch(0)
    assert probabilities(bundled_finder(), measures, pictures).shape == (0, 3)


def test_a_finder_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    model = bundled_finder()
    write_finder(tmp_path / "finder.safetensors", model)
    back = read_finder(tmp_path / "finder.safetensors")
    assert (back.measures, back.calibration, back.training) == (
        model.measures,
        model.calibration,
        model.training,
    )
    assert all(np.array_equal(back.weights[name], value) for name, value in model.weights.items())
    assert set(back.weights) == set(model.weights)


def test_the_bundled_finder_measures_what_is_measured_and_is_small() -> None:
    import sigforensics.extraction as package

    assert bundled_finder().measures == MEASURES
    path = Path(package.__file__).parent / "weights" / "finder.safetensors"
    assert path.stat().st_size < 1_000_000


def test_a_file_without_a_layer_is_no_finder(tmp_path: Path) -> None:
    model = bundled_finder()
    weights = {name: value for name, value in model.weights.items() if name != "d_both"}
    path = tmp_path / "finder.safetensors"
    write_finder(path, FinderModel(weights, model.measures, model.calibration, {}))
    with pytest.raises(ModelInvalid, match="d_both"):
        read_finder(path)
    for odd in (np.nan, np.inf):
        weights = {**model.weights, "d_both": np.full_like(model.weights["d_both"], odd)}
        write_finder(path, FinderModel(weights, model.measures, model.calibration, {}))
        with pytest.raises(ModelInvalid, match="d_both holds numbers that are not finite"):
            read_finder(path)


def test_a_text_is_no_finder_and_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "finder.safetensors"
    with pytest.raises(FileUnreadable):
        read_finder(path)
    path.write_text("nothing of the kind")
    with pytest.raises(ModelInvalid):
        read_finder(path)


@given(st.floats(0.1, 5), st.floats(-5, 5), st.lists(st.floats(-100, 100), min_size=2, max_size=9))
def test_a_confidence_lies_between_0_and_1_and_rises_with_the_odds(
    slope: float, offset: float, odds: list[float]
) -> None:
    found = Calibration(slope, offset)(np.sort(odds))
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found) >= 0).all()


def test_even_odds_without_offset_are_a_half() -> None:
    assert Calibration(1.7, 0.0)(np.array([0.0, np.log(3) / 1.7])) == pytest.approx([0.5, 0.75])
