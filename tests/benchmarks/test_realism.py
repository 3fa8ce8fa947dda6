"""The features by hand, the classifier against its other formula, and planted differences."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import realism
from runs import Run, read_run
from sigforensics.png import read_png, write_png

HISTOGRAM, DOWN, ACROSS = "histogram", "co-occurrences down", "co-occurrences across"


def code(*levels: int) -> int:
    """The place of three levels, -2 to 2, among the 125 kinds."""
    first, second, third = (level + 2 for level in levels)
    return 25 * first + 5 * second + third


# One pixel of 60 in the middle of 9 x 9: its zone has 5 x 5 pixels. A difference down is 60 above it and -60 on it: levels
# 60 / 6 and -60 / 6, clipped to 2 and -2; second differences are 60, -120, 60: levels 5, -10, 5 of 12, clipped likewise.
# What is beyond 61 is counted in the outermost of the bins -63 .. -57, ..., 57 .. 63; zero lies in bin 10.
FIRST_ALONG = {(0, 0, 2): 1, (0, 2, -2): 1, (2, -2, 0): 1, (-2, 0, 0): 1, (0, 0, 0): 21}
FIRST_ACROSS = {
    (0, 0, 2): 1, (0, 2, 0): 1, (2, 0, 0): 1, (0, 0, -2): 1, (0, -2, 0): 1, (-2, 0, 0): 1, (0, 0, 0): 19,
}  # fmt: skip
SECOND_HISTOGRAM = {20: 2, 0: 1, 10: 22}


def test_features_of_a_single_pixel_are_those_counted_by_hand() -> None:
    image = np.zeros((9, 9), np.uint8)
    image[4, 4] = 60
    features, groups = realism.residual_features(image), realism.residual_groups()
    for axis, along, across in (("down", DOWN, ACROSS), ("across", ACROSS, DOWN)):
        for kind, counted in (
            (HISTOGRAM, {20: 1, 0: 1, 10: 23}),
            (along, {code(*levels): n for levels, n in FIRST_ALONG.items()}),
            (across, {code(*levels): n for levels, n in FIRST_ACROSS.items()}),
        ):
            expected = np.zeros(21 if kind == HISTOGRAM else 125)
            expected[list(counted)] = np.sqrt(np.array(list(counted.values())) / 25)
            found = features[groups[f"first differences {axis}, {kind}"]]
            assert found == pytest.approx(expected), (axis, kind)
        # second differences stand one pixel further up or left than what they belong to: the zone, cut to their
        # size, still has its 25 pixels
        found = features[groups[f"second differences {axis}, {HISTOGRAM}"]]
        expected = np.zeros(21)
        expected[list(SECOND_HISTOGRAM)] = np.sqrt(np.array(list(SECOND_HISTOGRAM.values())) / 25)
        assert found == pytest.approx(expected)


def test_the_groups_cover_all_features_once() -> None:
    image = np.full((64, 64), 30, np.uint8)
    for extract, groups in realism.KINDS.values():
        places = np.concatenate([np.arange(10**4)[part] for part in groups().values()])
        assert np.array_equal(places, np.arange(len(extract(image))))


def test_scores_are_those_of_ridge_regression_in_its_other_form() -> None:
    rng = np.random.default_rng(0)
    features, target = rng.normal(size=(30, 7)), rng.choice([-1.0, 1.0], 30)
    known = np.arange(30) < 22
    found = realism.fold_scores(features, target, known)
    mean, spread = features[known].mean(axis=0), features[known].std(axis=0)
    design = (features[known] - mean) / spread
    for penalty, scores in zip(realism.PENALTIES, found, strict=True):
        weights = np.linalg.solve(
            design.T @ design + penalty * np.eye(7), design.T @ (target[known] - target[known].mean())
        )
        assert scores == pytest.approx(((features[~known] - mean) / spread) @ weights, abs=1e-6)


def test_labels_of_a_writer_have_no_say_in_its_own_scores() -> None:
    rng = np.random.default_rng(1)
    features, parts = rng.normal(size=(40, 5)), np.repeat(np.arange(4), 10)
    target = rng.choice([-1.0, 1.0], 40)
    turned = np.where(parts == 2, -target, target)
    one, other = (realism.held_out_scores(features, labels, parts) for labels in (target, turned))
    assert np.array_equal(one[:, parts == 2], other[:, parts == 2])
    assert not np.allclose(one[:, parts == 1], other[:, parts == 1])


def test_features_without_information_give_chance_and_with_it_certainty() -> None:
    rng = np.random.default_rng(2)
    writers, fake = np.repeat(np.arange(8).astype(str), 24), np.tile([False, True], 96)
    noise = rng.normal(size=(192, 20))
    blind = realism.separate(noise, fake, writers, seed=0)
    assert 0.35 < blind["auc"]["value"] < 0.65
    assert blind["auc"]["low"] < 0.5 < blind["auc"]["high"] + 0.1
    noise[fake, 3] += 8
    assert realism.separate(noise, fake, writers, seed=0)["auc"]["value"] == 1


def test_the_penalty_is_chosen_by_what_generalises_to_other_writers() -> None:
    rng = np.random.default_rng(3)
    writers = np.repeat(np.arange(8), 12)
    fake = np.tile([False, True], 48)
    features = rng.normal(size=(96, 300))
    features[:, :150] += 0.35 * np.where(fake, 1, -1)[:, None]
    chosen = realism.choose_penalty(features, fake, writers)
    areas = [
        realism.auc(row, fake)
        for row in realism.held_out_scores(features, np.where(fake, 1.0, -1.0), writers)
    ]
    assert areas[chosen] == max(areas)


def test_bands_cannot_tell_a_mirrored_image() -> None:
    image = np.random.default_rng(4).integers(0, 256, (64, 64), dtype=np.uint8)
    assert realism.band_features(image[:, ::-1]) == pytest.approx(realism.band_features(image), abs=1e-3)


def test_noise_leaves_paper_blank_and_respects_the_threshold() -> None:
    images = np.zeros((4, 32, 32), np.uint8)
    images[:, 8:24, 8:24] = np.random.default_rng(5).integers(25, 256, (4, 16, 16))
    images[0, 8, 8] = 25
    noisy = realism.with_noise(images, rng=np.random.default_rng(6))
    assert not noisy[images == 0].any()
    assert noisy[noisy > 0].min() >= 25
    inner = (images > 30) & (images < 250)
    assert 0.9 < (noisy[inner].astype(int) - images[inner]).std() < 1.2


def test_half_of_each_writer_is_called_fake() -> None:
    writers = np.repeat(["a", "b"], [5, 8])
    chosen = realism.random_halves(writers, rng=np.random.default_rng(0))
    assert [chosen[writers == name].sum() for name in ("a", "b")] == [2, 4]


def test_true_images_against_themselves_are_chance_and_smooth_fakes_are_found(
    run: Path, copied_run: Path
) -> None:
    for folder, expected in ((copied_run, 0.5), (run, 1.0)):
        found: Run = read_run(folder)
        true, fake = (
            np.stack([realism.residual_features(image) for image in images])
            for images in (found.true, found.fake)
        )
        area = realism.against(true, fake, found.writers, seed=0)["auc"]["value"]
        assert area == pytest.approx(expected, abs=0.02), folder


def test_the_table_has_a_row_for_each_run_kind_and_reference(
    run: Path, copied_run: Path, printed: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(realism, "SPLITS", 3)
    lines = printed(realism, run, copied_run).splitlines()
    assert sum("random halves" in line for line in lines) == 2
    assert sum(line.startswith("smooth") for line in lines) == 2 * 4
    assert sum(line.startswith("copied") for line in lines) == 2


def test_json_has_the_groups_and_is_not_written_over(
    run: Path, tmp_path: Path, printed: Callable[..., str]
) -> None:
    target = tmp_path / "realism.json"
    printed(realism, run, "--groups", "--no-reference", "--json", target)
    document = json.loads(target.read_text(encoding="utf-8"))
    assert document["schema"] == realism.SCHEMA
    assert len(document["rows"]) == 2 + 12 + 4
    assert all(row["n_true"] == row["n_fake"] == 9 for row in document["rows"])
    before = target.read_bytes()
    with pytest.raises(SystemExit, match=r"realism\.json"):
        printed(realism, run, "--no-reference", "--json", target)
    assert target.read_bytes() == before


def test_a_run_that_lacks_a_fake_is_named(copied_run: Path, printed: Callable[..., str]) -> None:
    lost = next((copied_run / "fake").iterdir())
    lost.unlink()
    with pytest.raises(SystemExit, match=lost.name):
        printed(realism, copied_run)


def test_the_same_seed_gives_the_same_table(copied_run: Path, printed: Callable[..., str]) -> None:
    for path in (copied_run / "fake").iterdir():
        image = read_png(path)
        path.unlink()
        write_png(path, np.where(image > 0, np.minimum(image, 200), 0).astype(np.uint8))
    once, twice = (printed(realism, copied_run, "--seed", 4) for _ in range(2))
    assert once == twice
