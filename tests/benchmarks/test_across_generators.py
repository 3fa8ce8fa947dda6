"""Held-out scores against the plain way, planted traces that two of three generators share, and refusals."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import across_generators
import realism
from sigforensics.png import read_png, write_png

WRITERS, EACH = 6, 4


@pytest.fixture
def planted() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, sources, writers: fakes of A and B are shifted in the first feature, those of C either way in the second."""
    rng = np.random.default_rng(0)
    sources = np.repeat(["true", "A", "B", "C"], WRITERS * EACH)
    writers = np.tile(np.repeat(np.arange(WRITERS).astype(str), EACH), 4)
    features = rng.normal(size=(len(sources), 5))
    features[np.isin(sources, ["A", "B"]), 0] += 6
    features[sources == "C", 1] += 6 * rng.choice([-1, 1], WRITERS * EACH)
    return features, sources, writers


def test_scores_are_those_of_training_on_other_writers_and_the_named_fakes(planted) -> None:
    features, sources, writers = planted
    found = across_generators.held_out_scores(features, sources, writers, ["A"])
    for writer in np.unique(writers):
        train = np.isin(sources, ["true", "A"]) & (writers != writer)
        fake = sources[train] != "true"
        penalty = realism.choose_penalty(features[train], fake, writers[train].astype(int))
        both = np.concatenate([features[train], features[writers == writer]])
        target = np.concatenate([np.where(fake, 1.0, -1.0), np.zeros((writers == writer).sum())])
        scores = realism.fold_scores(both, target, np.arange(len(both)) < train.sum())[penalty]
        assert np.array_equal(found[writers == writer], scores)


def test_a_detector_tells_what_shares_the_trace_that_it_met_and_nothing_else(planted) -> None:
    features, sources, writers = planted
    scores = across_generators.held_out_scores(features, sources, writers, ["A"])
    areas = {}
    for name in "ABC":
        part = np.isin(sources, ["true", name])
        areas[name] = realism.auc(scores[part], sources[part] == name)
    assert areas["A"] > 0.99
    assert areas["B"] > 0.99
    assert 0.2 < areas["C"] < 0.8


def test_every_detector_meets_every_generator_and_all_others_meet_the_one_left_out() -> None:
    made = list(across_generators.detectors(["a", "b", "c"]))
    assert made[:3] == [(name, [name], ["a", "b", "c"]) for name in "abc"]
    assert made[3:] == [
        ("all others", ["b", "c"], ["a"]),
        ("all others", ["a", "c"], ["b"]),
        ("all others", ["a", "b"], ["c"]),
    ]
    assert [called for called, *_ in across_generators.detectors(["a", "b"])] == ["a", "b"]


def test_runs_are_measured_and_stated(copied_run: Path, run: Path, printed: Callable[..., str]) -> None:
    document = json.loads(printed(across_generators, run, copied_run, "--json", "-"))
    assert (document["n_true"], document["n_fake"], document["writers"]) == (9, 9, 3)
    areas = {
        (row["features"], row["trained_on"], row["tried_on"]): row["auc"]["value"] for row in document["rows"]
    }
    assert len(areas) == 8
    # the copied run's fakes are its true images: nothing to tell, whoever learnt what
    assert {area for (_, _, tried_on), area in areas.items() if tried_on == copied_run.name} == {0.5}
    assert areas["radial bands", run.name, run.name] > 0.8
    table = printed(across_generators, run, copied_run)
    assert "9 true images and as many fakes each, 3 writers" in table
    assert "0.500" in table


def test_runs_of_other_true_images_and_two_of_one_name_are_refused(
    copied_run: Path, run: Path, tmp_path: Path, printed: Callable[..., str]
) -> None:
    first = next((copied_run / "true").iterdir())
    write_png(first, read_png(first) // 2, texts={})
    with pytest.raises(SystemExit, match="other true images"):
        printed(across_generators, run, copied_run)
    namesake = tmp_path / "elsewhere" / run.name
    shutil.copytree(run, namesake)
    with pytest.raises(SystemExit, match="two of one name"):
        printed(across_generators, run, namesake)
