from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from sigforensics.errors import TooFewImages
from sigforensics.settings import Comparing
from sigforensics.spectra import nats_to_db, peak_places
from sigforensics.statistics import peaks_between, peaks_of_set

PLACES = peak_places([2, 4, 8])
PLANTED = 5
SETTINGS = Comparing(permutations=400, resamples=200)


def excess(n: int, planted: float = 0.0, seed: int = 0) -> np.ndarray:
    values = np.random.default_rng(seed).normal(0, 0.5, (n, len(PLACES)))
    values[:, PLANTED] += planted
    return values


def of_set(values, **options):
    return peaks_of_set(values, places=PLACES, settings=SETTINGS, rng=np.random.default_rng(0), **options)


def between(one, other, **options):
    return peaks_between(
        one, other, places=PLACES, settings=SETTINGS, rng=np.random.default_rng(0), **options
    )


def test_a_planted_excess_is_found_at_its_place_and_nowhere_else():
    test = of_set(excess(40, 0.6))
    assert [(peak.vertical, peak.horizontal) for peak in test.risen] == [tuple(PLACES[PLANTED])]
    assert test.found == test.risen
    (peak,) = test.risen
    assert peak.ci_low < 0.6 < peak.ci_high
    assert peak.excess_db == pytest.approx(nats_to_db(peak.excess_nats))
    assert (test.unit, test.n_units, test.n_images) == ("image", 40, 40)


def test_figures_are_means_and_standard_errors_over_images():
    values = excess(40, 0.6)
    peaks = of_set(values).peaks
    np.testing.assert_allclose([peak.excess_nats for peak in peaks], values.mean(axis=0))
    np.testing.assert_allclose(
        [peak.standard_error for peak in peaks], values.std(axis=0, ddof=1) / np.sqrt(40)
    )
    p = scipy.stats.ttest_1samp(values, 0).pvalue
    np.testing.assert_allclose([peak.p for peak in peaks], p, atol=0.08)


def test_a_lack_is_found_but_has_not_risen():
    test = of_set(excess(40, -0.6))
    assert [(peak.vertical, peak.horizontal) for peak in test.found] == [tuple(PLACES[PLANTED])]
    assert test.risen == ()


def test_writers_are_the_units_where_they_are_known():
    values, writers = excess(40, 0.6), [str(number // 5) for number in range(40)]
    test = of_set(values, writers=writers)
    assert (test.unit, test.n_units, test.n_images) == ("writer", 8, 40)
    assert test.smallest_p == pytest.approx(2 / 2**8)
    means = values.reshape(8, 5, -1).mean(axis=1)
    np.testing.assert_allclose(
        [peak.standard_error for peak in test.peaks], means.std(axis=0, ddof=1) / np.sqrt(8)
    )


def test_few_writers_cannot_show_a_peak():
    test = of_set(excess(40, 5.0), writers=[str(number // 10) for number in range(40)])
    assert test.smallest_p == pytest.approx(2 / 2**4)
    assert test.risen == ()


def test_the_excess_that_both_sets_have_is_no_difference():
    test = between(excess(40, 0.6), excess(40, 0.6, seed=1))
    assert test.found == ()
    found = between(excess(40), excess(40, 0.6, seed=1)).found
    assert [(peak.vertical, peak.horizontal) for peak in found] == [tuple(PLACES[PLANTED])]
    assert found[0].excess_nats > 0


def test_pairs_and_writers_of_two_sets_are_compared_with_themselves():
    own = np.random.default_rng(2).normal(0, 3, (40, 1))
    paired = between(excess(40) + own, excess(40, 0.6, seed=1) + own, paired=True)
    assert (paired.unit, paired.n_units, paired.n_images) == ("pair", 40, 80)
    assert [(peak.vertical, peak.horizontal) for peak in paired.risen] == [tuple(PLACES[PLANTED])]
    writers = [str(number // 5) for number in range(40)]
    by_writer = between(excess(40) + own, excess(40, 0.6, seed=1) + own, writers=(writers, writers))
    assert (by_writer.unit, by_writer.n_units) == ("writer", 8)


def test_one_image_is_refused():
    with pytest.raises(TooFewImages):
        of_set(excess(1))
