from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest
import scipy.stats

from sigforensics.provenance import to_json
from sigforensics.settings import Comparing
from sigforensics.statistics import compare_sets

EDGES = np.linspace(0, np.sqrt(0.5), 9)


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def compare(true, fake, *, paired=False, seed=0, settings=None, edges=EDGES, **writers):
    rng = np.random.default_rng(seed)
    return compare_sets(true, fake, edges=edges, paired=paired, settings=settings, rng=rng, **writers)


def column(comparison, name):
    return np.array([getattr(band, name) for band in comparison.bands])


def test_a_planted_difference_is_found_in_its_band_alone_with_its_size():
    fake = draw(40, 8, seed=1)
    fake[:, 5] -= 1.5
    found = compare(draw(30, 8), fake)
    assert np.flatnonzero(column(found, "p_corrected") < 0.05).tolist() == [5]
    band = found.bands[5]
    assert band.ci_low < -1.5 < band.ci_high < 0
    assert band.difference_nats == pytest.approx(-1.5, abs=4 * band.standard_error)
    assert band.difference_db == pytest.approx(band.difference_nats * 8.6859, rel=1e-4)
    assert band.mean_fake - band.mean_true == pytest.approx(band.difference_nats)
    assert (found.n_true, found.n_fake, found.n_units, found.unit) == (30, 40, 70, "image")
    assert found.control is not None
    assert found.control.bands[5].percentile == 100


def test_figures_of_a_band_are_those_of_the_textbook():
    true, fake = draw(12, 8), 2 * draw(9, 8, seed=1) + 0.4
    found = compare(true, fake)
    error = np.sqrt(true.var(axis=0, ddof=1) / 12 + fake.var(axis=0, ddof=1) / 9)
    np.testing.assert_allclose(column(found, "standard_error"), error)
    spread = np.sqrt((true.var(axis=0, ddof=1) + fake.var(axis=0, ddof=1)) / 2)
    expected = (fake.mean(axis=0) - true.mean(axis=0)) / spread * (1 - 3 / (4 * 19 - 1))
    np.testing.assert_allclose(column(found, "effect_size"), expected)
    np.testing.assert_allclose(
        column(found, "p_fdr"), scipy.stats.false_discovery_control(column(found, "p"))
    )
    np.testing.assert_allclose(column(found, "low"), EDGES[:-1])
    np.testing.assert_allclose(column(found, "high"), EDGES[1:])


def test_p_values_are_near_welchs_for_normal_values():
    true, fake = draw(60, 8), 1.5 * draw(80, 8, seed=1) + 0.25
    expected = scipy.stats.ttest_ind(fake, true, equal_var=False).pvalue
    np.testing.assert_allclose(column(compare(true, fake), "p"), expected, atol=0.03)


@pytest.mark.parametrize("paired", [False, True])
def test_swapping_the_sets_turns_the_signs_and_nothing_else(paired):
    true, fake = draw(5, 8), draw(5, 8, seed=1) + 0.5  # few enough for all permutations
    one, other = compare(true, fake, paired=paired), compare(fake, true, paired=paired)
    for name in ("difference_nats", "difference_db", "effect_size"):
        np.testing.assert_allclose(column(one, name), -column(other, name))
    for name in ("p", "p_corrected", "p_fdr", "standard_error"):
        np.testing.assert_allclose(column(one, name), column(other, name))


def test_writers_are_exchanged_whole():
    writers = [f"writer {i // 8}" for i in range(32)]
    offsets = np.repeat(draw(4, 8), 8, axis=0)
    true = offsets + 0.1 * draw(32, 8, seed=1)
    fake = offsets + 0.1 * draw(32, 8, seed=2) + 1
    found = compare(true, fake, units_true=writers, units_fake=writers)
    assert (found.unit, found.n_units, found.n_true, found.n_fake) == ("writer", 4, 32, 32)
    assert found.exhaustive
    assert found.n_permutations == 16
    np.testing.assert_allclose(column(found, "p"), 2 / 16)
    assert "with 4 writers the smallest p that could come out is 0.12" in found.notes
    assert found.interval == "Student's t"
    assert column(found, "ci_low").min() > 0.5


def test_one_writer_among_many_images_does_not_make_evidence():
    """Images of a writer resemble each other: taken as independent they would 'prove' a difference."""
    rng = np.random.default_rng(8)
    writers_true, writers_fake = [f"t{i // 10}" for i in range(40)], [f"f{i // 10}" for i in range(40)]
    naive = honest = 0
    for seed in range(40):
        true = np.repeat(rng.normal(size=(4, 8)), 10, axis=0) + 0.2 * rng.normal(size=(40, 8))
        fake = np.repeat(rng.normal(size=(4, 8)), 10, axis=0) + 0.2 * rng.normal(size=(40, 8))
        settings = Comparing(permutations=199, resamples=50, control_splits=2)
        naive += column(compare(true, fake, seed=seed, settings=settings), "p_corrected").min() < 0.05
        found = compare(
            true, fake, seed=seed, settings=settings, units_true=writers_true, units_fake=writers_fake
        )
        honest += column(found, "p_corrected").min() < 0.05
    assert naive > 30
    assert honest <= scipy.stats.binom.ppf(0.999, 40, 0.05)


def test_three_a_side_say_what_they_cannot_show():
    found = compare(draw(3, 8), draw(3, 8, seed=1) + 9)
    assert "with 3 images a side the smallest p that could come out is 0.1" in found.notes
    assert found.smallest_p == pytest.approx(0.1)
    assert found.control is None
    assert found.control_unavailable == "3 images cannot be split into two parts that vary"


def test_the_document_has_the_names_that_scripts_rely_on():
    document = json.loads(json.dumps(to_json(compare(draw(8, 8), draw(9, 8, seed=1))), allow_nan=False))
    assert {"n_true", "n_fake", "bands", "control"} <= set(document)
    assert (document["n_true"], document["n_fake"], len(document["bands"])) == (8, 9, 8)
    for band in document["bands"]:
        assert {"low", "high", "difference_nats", "ci_low", "ci_high", "p_corrected"} <= set(band)
    assert document["control"]["size_a_side"] == 4


@pytest.mark.parametrize(("n_fake", "noted"), [(3, True), (4, False)])
def test_a_set_too_small_to_know_its_spread_is_noted(n_fake, noted):
    assert any("vary alike" in note for note in compare(draw(12, 8), draw(n_fake, 8, seed=1)).notes) == noted
    pairs = compare(draw(3, 8), draw(3, 8, seed=1), paired=True)
    assert not any("vary alike" in note for note in pairs.notes)


@pytest.mark.parametrize(("seed", "below"), [(2, True), (3, False)])
def test_an_auc_whose_interval_lies_below_a_half_is_said_to_be_chance(seed, below):
    rng = np.random.default_rng(seed)
    quick = Comparing(permutations=199, control_splits=40, resamples=100, partitions=2)
    found = compare(
        rng.normal(size=(12, 4)), rng.normal(size=(12, 4)), settings=quick, edges=np.linspace(0, 0.7, 5)
    )
    assert (found.whole.auc.high < 0.5) == below
    assert any("below 0.5 comes about by chance" in note for note in found.notes) == below
    assert found.conclusion.code == "no_difference_found"


def test_what_never_varies_has_no_effect_size():
    found = compare(np.zeros((6, 8)), np.zeros((6, 8)))
    assert column(found, "effect_size").tolist() == [None] * 8
    assert (column(found, "p_corrected") == 1).all()


@pytest.mark.parametrize("n", [4, 12])
@pytest.mark.parametrize("paired", [False, True])
def test_rounding_is_not_taken_for_variation(n, paired):
    true = draw(n, 8) if paired else np.full((n, 8), 0.1)
    found = compare(true, true + 2 + 1e-17 * draw(n, 8, seed=1) + np.spacing(2.0) * draw(n, 8), paired=paired)
    assert column(found, "effect_size").tolist() == [None] * 8
    assert column(found, "standard_error").tolist() == [0] * 8
    np.testing.assert_array_equal(column(found, "ci_low"), column(found, "ci_high"))
    np.testing.assert_allclose(column(found, "ci_low"), 2)


def test_little_variation_is_still_variation():
    true = draw(12, 8)
    found = compare(true, true + 2 + 1e-9 * draw(12, 8, seed=1), paired=True)
    assert (column(found, "standard_error") > 1e-10).all()
    assert (column(found, "effect_size") > 1e8).all()


def test_equal_seeds_give_equal_comparisons():
    true, fake = draw(20, 8), draw(25, 8, seed=1)
    assert asdict(compare(true, fake, seed=3)) == asdict(compare(true, fake, seed=3))
    assert asdict(compare(true, fake, seed=3)) != asdict(compare(true, fake, seed=4))


def test_arguments_are_left_as_they_were():
    true, fake = draw(9, 8), draw(9, 8, seed=1)
    before = true.copy(), fake.copy()
    compare(true, fake, paired=True)
    np.testing.assert_array_equal(true, before[0])
    np.testing.assert_array_equal(fake, before[1])


def test_edges_must_fit_the_bands():
    with pytest.raises(ValueError, match="9 edges do not fit 7 bands"):
        compare(draw(9, 7), draw(9, 7))
