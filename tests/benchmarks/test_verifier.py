"""Acceptance of fakes, with planted ones that must be taken or refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runs
import verifier
from sigforensics.errors import CorpusInvalid, SpecimensMissing
from verification import FeatureTable, image_key


def test_known_signatures_are_those_that_are_not_in_the_run(corpus: Path, run: Path) -> None:
    genuine, found = runs.read_targets(corpus), runs.read_run(run)
    known = verifier.known_signatures(found, genuine)
    assert known.sum() == len(genuine.images) - len(found.true)
    assert not {image_key(image) for image in genuine.images[known]} & {image_key(i) for i in found.true}


def test_others_are_two_signatures_of_every_writer_outside_the_run(corpus: Path, run: Path) -> None:
    genuine = runs.read_targets(corpus)
    places = verifier.outsiders(runs.read_run(run), genuine, rng=np.random.default_rng(0))
    writers, counts = np.unique(genuine.writers[places], return_counts=True)
    assert dict(zip(writers.tolist(), counts.tolist(), strict=True)) == {
        "writer-4": 2,
        "writer-5": 2,
        "writer-6": 2,
    }


def test_a_run_of_another_corpus_and_runs_that_leave_nobody_out_are_refused(
    corpus: Path, run: Path, forgeries: Path
) -> None:
    found, genuine = runs.read_run(run), runs.read_targets(corpus)
    with pytest.raises(CorpusInvalid, match="not among the genuine"):
        verifier.known_signatures(found, runs.read_targets(forgeries))
    whole = runs.Run("all", np.array(["x"] * 36), genuine.writers, genuine.images, genuine.images)
    with pytest.raises(SpecimensMissing, match="all signatures are in all"):
        verifier.known_signatures(whole, genuine)
    with pytest.raises(CorpusInvalid, match="every writer"):
        verifier.outsiders(whole, genuine, rng=np.random.default_rng(0))


def rows_of(corpus: Path, forgeries: Path, printed: Callable[..., str], *folders: Path) -> Mapping[str, Any]:
    text = printed(verifier, corpus, *folders, "--forgeries", forgeries, "--json", "-")
    looks: Mapping[str, Any] = json.loads(text)["looks"]
    return looks


def test_true_images_in_place_of_fakes_are_accepted_as_often_as_genuine_signatures(
    corpus: Path, forgeries: Path, copied_run: Path, printed: Callable[..., str]
) -> None:
    looks = rows_of(corpus, forgeries, printed, copied_run)
    assert list(looks) == ["shape", "grey", "grey, loose"]
    for look in looks.values():
        hand, random = look["rows"]
        assert hand["equal_error"]["against"] == "forgeries by hand"
        assert random["equal_error"]["against"] == "random forgeries"
        for row in (hand, random):
            assert row["fakes_less_genuine"] == {"value": 0, "low": 0, "high": 0}
            assert row["accepted"]["genuine"] == row["accepted"]["fakes"]
            refused = 1 - row["accepted"]["genuine"]["share"]
            accepted = row["accepted"][row["equal_error"]["against"]]["share"]
            assert row["equal_error"]["rate"] == pytest.approx((refused + accepted) / 2)
        counts = {kind: one["n"] for kind, one in hand["accepted"].items()}
        assert counts == {
            "genuine": 9,
            "genuine, bent": 9,
            "fakes": 9,
            "forgeries by hand": 12,
            "random forgeries": 18,
        }


def test_signatures_of_another_writer_in_place_of_fakes_are_refused(
    corpus: Path, forgeries: Path, copied_run: Path
) -> None:
    found, genuine = runs.read_run(copied_run), runs.read_targets(corpus)
    wrong = runs.Run(found.name, found.names, found.writers, found.true, np.roll(found.true, 3, axis=0))
    features = FeatureTable("shape")
    scored = verifier.score_run(wrong, genuine, runs.read_targets(forgeries), features=features, seed=0)
    error = verifier.error_rate(scored, "random forgeries", run="x", seed=0)
    counted = verifier.shares(scored, error["threshold"], seed=0)
    assert counted["accepted"]["fakes"]["share"] < 0.2
    assert counted["accepted"]["genuine"]["share"] > 0.7
    assert counted["fakes_less_genuine"]["high"] < 0


def test_bent_true_images_score_lower_than_they_do_as_they_are(corpus: Path, run: Path) -> None:
    scored = verifier.score_run(
        runs.read_run(run), runs.read_targets(corpus), None, features=FeatureTable("shape"), seed=0
    )
    assert scored["genuine, bent"].scores.mean() < scored["genuine"].scores.mean() - 0.1


def test_forgeries_of_some_of_the_writers_only_are_not_used(corpus: Path, run: Path, forgeries: Path) -> None:
    found, genuine, by_hand = runs.read_run(run), runs.read_targets(corpus), runs.read_targets(forgeries)
    first = by_hand.writers == "writer-1"
    part = runs.Targets(by_hand.writers[first], by_hand.images[first])
    scored = verifier.score_run(found, genuine, part, features=FeatureTable("shape"), seed=0)
    assert set(scored) == {"genuine", "genuine, bent", "fakes", "random forgeries"}


def test_the_threshold_of_the_run_with_forgeries_serves_the_runs_without() -> None:
    def scored(*kinds: str) -> dict[str, verifier.Scored]:
        writers = np.repeat(["a", "b"], 5)
        places = {"genuine": 4, "fakes": 3, "forgeries by hand": 2, "random forgeries": 0}
        return {kind: verifier.Scored(np.arange(10) + places[kind], writers) for kind in kinds}

    image = np.zeros((2, 4, 4), np.uint8)
    both = [
        runs.Run(name, np.array(["x", "y"]), np.array(["a", "b"]), image, image) for name in ("new", "old")
    ]
    new = scored("genuine", "fakes", "random forgeries")
    old = scored("genuine", "fakes", "random forgeries", "forgeries by hand")
    rows = list(verifier.look_rows(both, [new, old], seed=0))
    found = [(row["run"], row["equal_error"]["against"], row["equal_error"]["run"]) for row in rows]
    assert found == [
        ("new", "forgeries by hand", "old"),
        ("new", "random forgeries", "new"),
        ("old", "forgeries by hand", "old"),
        ("old", "random forgeries", "old"),
    ]
    assert rows[0]["equal_error"]["threshold"] == rows[2]["equal_error"]["threshold"]


def test_forgeries_of_another_acquisition_are_told_apart_regardless_of_writer(
    corpus: Path, forgeries: Path
) -> None:
    by_hand = runs.read_targets(forgeries)
    grain = np.random.default_rng(0).integers(25, 40, by_hand.images.shape, dtype=np.uint8)
    grainy = runs.Targets(by_hand.writers, np.maximum(by_hand.images, grain))
    areas = {
        look: verifier.told_apart(runs.read_targets(corpus), grainy, FeatureTable(look), seed=0)
        for look in ("shape", "grey")
    }
    assert areas["grey"] > 0.85 > areas["shape"] + 0.2


def test_the_table_says_against_what_and_how_many(
    corpus: Path, forgeries: Path, run: Path, printed: Callable[..., str]
) -> None:
    text = printed(verifier, corpus, run, "--forgeries", forgeries)
    assert text.count("look:") == 3
    assert text.count("fakes less genuine") == 6
    assert "told apart regardless of writer: AUC" in text
    without = printed(verifier, corpus, run)
    assert "by hand" not in without
    assert without.count("fakes less genuine") == 3
