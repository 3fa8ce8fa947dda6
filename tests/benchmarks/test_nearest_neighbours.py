"""Copies are found, others are not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import nearest_neighbours
import runs
from sigforensics.errors import CorpusInvalid
from sigforensics.png import write_png


def drawn_targets(corpus: Path) -> runs.Targets:
    return runs.read_targets(corpus, frame="training")


def test_a_moved_copy_has_similarity_one_at_its_shift(corpus: Path) -> None:
    image = np.zeros((256, 256), np.uint8)
    image[64:192, 64:192] = drawn_targets(corpus).images[0]
    moved = np.roll(image, (12, -20), axis=(0, 1))
    one, other = (nearest_neighbours.transformed(nearest_neighbours.compact(x[None])) for x in (image, moved))
    found = nearest_neighbours.similarities(one[0], other)
    assert found.similarity[0] == pytest.approx(1, abs=1e-4)
    assert found.shift[0].tolist() == [-6, 10]
    assert nearest_neighbours.overlap(image, moved, found.shift[0]) == 1


def test_similarity_is_the_largest_product_over_allowed_shifts() -> None:
    rng = np.random.default_rng(0)
    one, other = (x / np.linalg.norm(x) for x in rng.random((2, 128, 128)).astype(np.float32) ** 8)
    reach = nearest_neighbours.SHIFT
    padded = np.pad(other, reach)
    slow = max(
        float((one * padded[reach - down : reach - down + 128, reach - right : reach - right + 128]).sum())
        for down in range(-reach, reach + 1)
        for right in range(-reach, reach + 1)
    )
    transformed = nearest_neighbours.transformed(np.stack([one, other]))
    found = nearest_neighbours.similarities(transformed[0], transformed[1:])
    assert found.similarity[0] == pytest.approx(slow, abs=1e-5)


def test_ink_that_is_moved_beyond_the_limit_is_not_wrapped_round() -> None:
    image = np.zeros((128, 128), np.uint8)
    image[:, :10] = 200
    other = image[:, ::-1].copy()
    one, mirrored = (
        nearest_neighbours.transformed(nearest_neighbours.compact(x[None])) for x in (image, other)
    )
    assert nearest_neighbours.similarities(one[0], mirrored).similarity[0] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(("down", "right"), [(0, 0), (3, -2), (-4, 5)])
def test_a_moved_mask_is_rolled_without_coming_back(down: int, right: int) -> None:
    mask = np.zeros((20, 20), bool)
    mask[8:12, 9:11] = True
    expected = np.roll(mask, (down, right), axis=(0, 1))
    assert np.array_equal(nearest_neighbours.moved(mask, down, right), expected)
    assert not nearest_neighbours.moved(mask, 19, 0).any()


def test_a_planted_copy_is_named_and_nothing_else(
    corpus: Path, copied_run: Path, printed: Callable[..., str]
) -> None:
    names = sorted(path.stem for path in (copied_run / "fake").iterdir())
    clean = json.loads(printed(nearest_neighbours, corpus, copied_run, "--json", "-"))["runs"][0]
    copy = np.roll(drawn_targets(corpus).images[4], (2, -3), axis=(0, 1))
    (copied_run / "fake" / f"{names[5]}.png").unlink()
    write_png(copied_run / "fake" / f"{names[5]}.png", copy)
    planted = json.loads(printed(nearest_neighbours, corpus, copied_run, "--json", "-"))["runs"][0]
    assert clean["copies"] == []
    assert planted["copies"] == [names[5]]
    assert planted["nearer_than_its_true_signature"][-1] > 0.1
    assert planted["ratio_of_distances"][0] < 0.5
    assert clean["ratio_of_distances"][0] > 1


def test_fakes_that_are_their_true_images_are_as_near_to_training_as_these(
    corpus: Path, copied_run: Path
) -> None:
    training = drawn_targets(corpus)
    spectra = nearest_neighbours.transformed(nearest_neighbours.compact(training.images))
    found = nearest_neighbours.measure_run(runs.read_run(copied_run), training, spectra)
    assert found["similarity"]["fake and its own true signature"] == pytest.approx([1] * 7, abs=1e-4)
    assert found["overlap"]["fake and its own true signature"] == [1] * 7
    assert found["nearer_than_its_true_signature"] == pytest.approx([0] * 7, abs=1e-6)
    for measure in ("similarity", "overlap"):
        table = found[measure]
        assert table["fake and nearest training target"] == table["true and nearest training target"]


def test_a_run_of_training_signatures_is_refused(corpus: Path, run: Path) -> None:
    found = runs.read_run(run)
    training = runs.Targets(found.writers, found.true)
    with pytest.raises(CorpusInvalid, match="held-out writers"):
        nearest_neighbours.measure_run(found, training, np.zeros((9, 1, 1), np.complex64))


def test_the_table_has_both_measures_and_the_count(
    corpus: Path, run: Path, printed: Callable[..., str]
) -> None:
    text = printed(nearest_neighbours, corpus, run)
    assert "smooth: 9 fakes, 18 training targets" in text
    assert text.count("true and nearest by the same hand") == 2
    assert "copies (similarity of 0.9 or more): 0" in text
