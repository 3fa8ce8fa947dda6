from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from sigforensics.settings import Comparing
from sigforensics.statistics import CODES, compare_sets, conclude, deciding_statistic, independent_units

EDGES = np.linspace(0, 0.7, 5)
QUICK = Comparing(permutations=199, control_splits=40, resamples=100, partitions=2)


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def compare(true, fake, **options):
    options = {"paired": False, "settings": QUICK} | options
    return compare_sets(true, fake, edges=EDGES, rng=np.random.default_rng(0), **options)


def writers(n, images):
    names = [f"w{i}" for i in range(n) for _ in range(images)]
    return {"units_true": names, "units_fake": names}


def of_hands(n, images, *, seed=0):
    """Writers who differ far more than the images of one."""
    hands = np.repeat(3 * draw(n, 4), images, axis=0)
    return hands + 0.2 * draw(n * images, 4, seed=100 + seed)


def test_a_difference_larger_than_that_of_true_images_is_beyond_the_control():
    found = compare(draw(30, 4), draw(30, 4, seed=1) + 2).conclusion
    assert (found.code, found.difference_found) == ("difference_beyond_control", True)
    assert re.search(
        r"30 true and 30 fake images; p = 0\.0\d+.*by the AUC, \d\.\d\d \(95 % interval \d\.\d\d to \d\.\d\d\), p = 0\.0"
        r".*fake less true .* nats "
        r"\(95 % interval .*\), corrected p = 0\.0",
        found.sentence,
    )
    assert "larger AUC" in found.sentence


def test_a_difference_that_hands_show_too_is_within_the_control():
    true = of_hands(12, 4)
    found = compare(true, true + 0.1 + 0.02 * draw(48, 4, seed=5), **writers(12, 4)).conclusion
    assert (found.code, found.difference_found) == ("difference_within_control", True)
    assert "images of the set true differ as much from each other" in found.sentence


def test_where_the_acquisition_differs_no_control_matters():
    found = compare(draw(30, 4), draw(30, 4, seed=1) + 2, acquisition_differs=True).conclusion
    assert (found.code, found.difference_found) == ("difference_acquisition_differs", True)
    assert "which alone can explain it" in found.sentence


@pytest.mark.parametrize("acquisition_differs", [False, True])
def test_where_nothing_is_found_the_sentence_says_what_would_have_been(acquisition_differs):
    comparison = compare(draw(30, 4), draw(30, 4, seed=1), acquisition_differs=acquisition_differs)
    found = comparison.conclusion
    assert (found.code, found.difference_found) == ("no_difference_found", False)
    limits = [band.detectable_nats for band in comparison.bands]
    assert f"{min(limits):.2g} nats in the steadiest band" in found.sentence
    assert "with a probability of about 80 %" in found.sentence


@pytest.mark.parametrize(("n", "needed"), [(4, 6), (5, 6)])
def test_few_writers_are_inconclusive_however_large_the_difference(n, needed):
    true = of_hands(n, 6)
    found = compare(true, true + 50, **writers(n, 6)).conclusion
    assert (found.code, found.difference_found) == ("inconclusive", None)
    assert f"With {n} writers no p below {2 / 2**n:.2g} can come out" in found.sentence
    assert (
        f"At least {needed} writers are needed to find one, and 7 to say that it lies beyond the control"
        in found.sentence
    )


def test_the_number_of_writers_that_the_sentence_asks_for_is_enough():
    six, seven = (of_hands(n, 6) for n in (6, 7))
    found = compare(six, six + 50, **writers(6, 6))
    assert (found.whole.p <= found.level, found.conclusion.difference_found) == (True, None)
    assert compare(seven, seven + 50, **writers(7, 6)).conclusion.code == "difference_beyond_control"


def test_unpaired_images_that_are_too_few_are_inconclusive():
    found = compare(draw(3, 4), draw(3, 4, seed=1) + 50).conclusion
    assert found.code == "inconclusive"
    assert "With 3 true and 3 fake images" in found.sentence
    assert (
        "At least 4 images a side are needed to find one, and 7 to say that it lies beyond the control"
        in found.sentence
    )
    enough = compare(draw(4, 4), draw(4, 4, seed=1) + 50)
    assert (enough.whole.p <= enough.level, enough.conclusion.difference_found) == (True, None)
    assert compare(draw(7, 4), draw(7, 4, seed=1) + 50).conclusion.code == "difference_beyond_control"


def test_a_difference_without_a_control_is_inconclusive():
    found = compare(draw(3, 4), draw(60, 4, seed=1) + 50).conclusion
    assert (found.code, found.difference_found) == ("inconclusive", None)
    assert "with 3 images of the set true there is no control" in found.sentence


@pytest.mark.parametrize(
    ("n", "different", "code"), [(6, 10, "inconclusive"), (7, 70, "difference_beyond_control")]
)
def test_a_difference_beyond_a_control_of_too_few_different_splits_is_inconclusive(n, different, code):
    comparison = compare(draw(n, 4), draw(n, 4, seed=1) + 8, paired=True)
    found = comparison.conclusion
    assert (comparison.control.n_different, found.code) == (different, code)
    assert ("10 different splits are too few for anything to lie beyond 95 % of them" in found.sentence) == (
        code == "inconclusive"
    )


def test_a_difference_beyond_a_control_of_too_few_drawn_splits_for_the_confidence_is_inconclusive():
    strict = Comparing(permutations=1999, control_splits=40, resamples=100, partitions=2)
    codes = {}
    for confidence in (0.95, 0.975, 0.98, 0.999):
        found = compare(
            draw(30, 4),
            draw(30, 4, seed=1) + 8,
            settings=dataclasses.replace(strict, confidence=confidence),
        ).conclusion
        codes[confidence] = found.code
        few = f"40 different splits are too few for anything to lie beyond {100 * confidence:g} % of them"
        assert (few in found.sentence) == (confidence > 0.975)
    beyond, unknown = "difference_beyond_control", "inconclusive"
    assert codes == {0.95: beyond, 0.975: beyond, 0.98: unknown, 0.999: unknown}


def test_where_permutations_are_too_few_the_sentence_asks_for_permutations_and_not_for_units():
    options = {"confidence": 0.99, "control_splits": 100}
    comparison = compare(
        draw(30, 4),
        draw(30, 4, seed=1) + 8,
        settings=dataclasses.replace(QUICK, permutations=19, **options),
    )
    found = comparison.conclusion
    assert found.code == "inconclusive"
    assert "With 30 true and 30 fake images and 19 random permutations no p below 0.05" in found.sentence
    assert found.sentence.endswith("At least 99 permutations are needed to find one.")
    assert any("a side and 19 random permutations the smallest p" in note for note in comparison.notes)
    enough = dataclasses.replace(QUICK, permutations=99, **options)
    again = compare(draw(30, 4), draw(30, 4, seed=1) + 8, settings=enough)
    assert again.conclusion.code == "difference_beyond_control"


def test_where_both_are_too_few_the_sentence_asks_for_both():
    few = dataclasses.replace(QUICK, permutations=19, confidence=0.99)
    found = compare(draw(6, 4), draw(6, 4, seed=1) + 8, paired=True, settings=few).conclusion
    assert "At least 99 permutations and 8 pairs are needed to find one" in found.sentence
    assert found.sentence.endswith(
        "; the 40 splits of the control are too few to say that it lies beyond it."
    )


def test_traces_of_one_chain_are_told_after_what_the_control_cannot_judge():
    comparison = compare(draw(6, 4), draw(6, 4, seed=1) + 8, paired=True)
    units = independent_units(draw(6, 4), draw(6, 4, seed=1) + 8, paired=True)
    control, whole = comparison.control, comparison.whole
    found = conclude(
        units, comparison.bands, whole, control, confidence=0.95, power=0.8, traces=("sharpness",)
    )
    assert found.code == "inconclusive"
    assert re.search(
        r"; but 10 different splits .* of them\. Both sets .* \(sharpness\): .* this is\.$", found.sentence
    )


def test_the_control_is_of_the_energy_distance_where_its_parts_are_too_few_for_an_auc():
    found = compare(draw(7, 4), draw(30, 4, seed=1) + 8).conclusion
    assert found.code == "difference_beyond_control"
    assert "larger energy distance" in found.sentence


def test_a_difference_that_only_the_energy_distance_sees_is_judged_by_the_energy_distance():
    comparison = compare(draw(40, 4), 3 * draw(40, 4, seed=1), settings=QUICK)
    found, level = comparison.conclusion, comparison.level
    assert comparison.whole.p_auc > level > comparison.whole.p_energy
    assert comparison.control.auc.percentile < 95 <= comparison.control.energy.percentile
    assert found.code == "difference_beyond_control"
    assert f"most clearly by the energy distance, {comparison.whole.energy:.3f}, p = " in found.sentence
    assert "larger energy distance" in found.sentence


def test_a_band_that_does_not_differ_by_itself_is_not_named():
    comparison = compare(draw(40, 4), 3 * draw(40, 4, seed=1))
    assert min(band.p_corrected for band in comparison.bands) > comparison.level
    assert "clearest band" not in comparison.conclusion.sentence


def test_a_difference_that_only_the_largest_band_sees_is_judged_by_the_bands_in_their_own_spread():
    true, fake = draw(40, 4), draw(40, 4, seed=1)
    for table in (true, fake):
        table[:, 0] *= 50  # rules the largest difference in nats
    fake[:, 2] += 2
    comparison = compare(true, fake)
    assert comparison.control.percentile < 95 <= comparison.control.standardised.percentile
    whole = dataclasses.replace(comparison.whole, p_auc=0.2, p_energy=0.2)
    units = independent_units(true, fake, paired=False)
    found = conclude(units, comparison.bands, whole, comparison.control, confidence=0.95, power=0.8)
    assert found.code == "difference_beyond_control"
    assert "most clearly by the largest band, p = " in found.sentence
    assert "larger standardised difference of a band" in found.sentence


@pytest.mark.parametrize(
    ("p", "has_control", "name"),
    [
        ((0.01, 0.01, 0.01), True, "AUC"),
        ((0.02, 0.01, 0.01), True, "energy distance"),
        ((0.02, 0.03, 0.01), True, "largest band"),
        ((0.01, 0.02, 0.03), False, "energy distance"),
        ((0.01, 0.2, 0.3), False, "AUC"),
        ((None, 0.3, 0.2), True, "largest band"),
    ],
)
def test_the_smallest_p_decides_and_of_equal_ones_that_of_the_auc(p, has_control, name):
    comparison = compare(draw(30, 4), draw(30, 4, seed=1))
    whole = dataclasses.replace(comparison.whole, p_auc=p[0], p_energy=p[1], p_bands=p[2])
    control = comparison.control if has_control else dataclasses.replace(comparison.control, auc=None)
    deciding = deciding_statistic(whole, control, level=0.05)
    assert (deciding.name, deciding.control is None) == (name, name == "AUC" and not has_control)


def test_the_percentile_of_the_confidence_is_where_beyond_begins():
    comparison = compare(draw(30, 4), draw(30, 4, seed=1) + 2)
    units = independent_units(draw(30, 4), draw(30, 4, seed=1) + 2, paired=False)
    for percentile, code in ((94.9, "difference_within_control"), (95.0, "difference_beyond_control")):
        figure = dataclasses.replace(comparison.control.auc, percentile=percentile)
        control = dataclasses.replace(comparison.control, auc=figure)
        found = conclude(units, comparison.bands, comparison.whole, control, confidence=0.95, power=0.8)
        assert found.code == code


def test_no_conclusion_is_a_verdict():
    sentences = [
        compare(draw(30, 4), draw(30, 4, seed=1) + 2).conclusion.sentence,
        compare(draw(30, 4), draw(30, 4, seed=1)).conclusion.sentence,
        compare(draw(3, 4), draw(3, 4, seed=1)).conclusion.sentence,
    ]
    for word in ("genuine", "forged", "forgery", "generated", "deepfake"):
        assert not any(word in sentence for sentence in sentences)
        assert not any(word in code for code in CODES)
    assert not any("fake" in code for code in CODES)


def test_a_p_of_the_level_is_found_whatever_floats_make_of_it():
    comparison = compare(draw(30, 4), draw(30, 4, seed=1) + 2)
    units = independent_units(draw(30, 4), draw(30, 4, seed=1) + 2, paired=False)
    control = dataclasses.replace(comparison.control, n_splits=100)
    for confidence, p in ((0.9, 0.1), (0.95, 0.05), (0.99, 0.01)):
        whole = dataclasses.replace(comparison.whole, p=p, smallest_p=p)
        found = conclude(units, comparison.bands, whole, control, confidence=confidence, power=0.8)
        assert found.code == "difference_beyond_control"
        assert dataclasses.replace(comparison, confidence=confidence).level == p


def test_where_nothing_varies_no_difference_is_stated_that_would_have_been_found():
    true = draw(20, 4)
    comparison = compare(true, true.copy(), paired=True)
    assert {band.detectable_nats for band in comparison.bands} == {None}
    assert comparison.conclusion.code == "no_difference_found"
    assert "nothing varies" in comparison.conclusion.sentence
    assert "steadiest" not in comparison.conclusion.sentence


def test_writers_who_are_known_but_are_not_the_units_are_told_in_the_conclusion_and_a_note():
    true, fake = draw(24, 4), draw(24, 4, seed=1) + 2
    plain, told = (compare(true, fake, paired=True, known_writers=known) for known in (0, 4))
    assert told.conclusion.code == plain.conclusion.code
    assert told.conclusion.sentence.endswith(
        "; 24 pairs were counted as independent, though some are by the same writer (4 writers are known)."
    )
    assert "same writer" not in plain.conclusion.sentence
    assert told.notes[0].startswith("4 writers are known, but 24 pairs were counted as independent")
    assert not any("names the writers" in note for note in told.notes)


def test_sets_are_called_as_they_are_named_and_never_otherwise():
    names = {"names": ("genuine", "forged")}
    sentences = [
        compare(draw(30, 4), draw(30, 4, seed=1) + 2, traces=["resampling"], **names).conclusion.sentence,
        compare(draw(30, 4), draw(30, 4, seed=1), **names).conclusion.sentence,
        compare(draw(3, 4), draw(3, 4, seed=1), **names).conclusion.sentence,
        compare(draw(3, 4), draw(60, 4, seed=1) + 50, **names).conclusion.sentence,
    ]
    for sentence in sentences:
        assert "genuine" in sentence
        assert not re.search(r"\b(true|fake)\b", sentence)
    assert "forged less genuine +" in sentences[0]
    assert "the audit tells them apart, too (resampling)" in sentences[0]
