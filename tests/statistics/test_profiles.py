from __future__ import annotations

import numpy as np
import pytest

from sigforensics.errors import TooFewImages
from sigforensics.spectra import DB_PER_NAT, PROFILES
from sigforensics.statistics import compare_sets, differing_profiles

BANDS = 5
EDGES = {kind: np.linspace(0, place + 1, BANDS + 1) for place, kind in enumerate(PROFILES)}


def profiles(n: int, *, seed: int, planted: float = 0.0):
    """Of images that differ in nothing but one band of the vertical profile."""
    rng = np.random.default_rng(seed)
    values = {kind: rng.normal(size=(n, BANDS)) for kind in PROFILES}
    values["vertical"][:, 3] += planted
    return values


def differences(one, other, **ways):
    return differing_profiles(one, other, edges=EDGES, rng=np.random.default_rng(4), **ways)


def test_what_was_planted_in_one_profile_is_there_and_nowhere_else():
    found = differences(profiles(400, seed=0), profiles(300, seed=1, planted=1.0))
    assert (found.unit, found.n_units, found.n_images) == ("image", 700, 700)
    for kind, bands in found.profiles.items():
        np.testing.assert_allclose([band.low for band in bands], EDGES[kind][:-1])
        np.testing.assert_allclose([band.high for band in bands], EDGES[kind][1:])
        for place, band in enumerate(bands):
            truth = 1.0 if (kind, place) == ("vertical", 3) else 0.0
            assert abs(band.difference_nats - truth) < 4 * band.standard_error
            assert band.ci_low < band.difference_nats < band.ci_high
            assert band.difference_db == pytest.approx(DB_PER_NAT * band.difference_nats)
    assert found.profiles["vertical"][3].ci_low > 0.8


def test_intervals_hold_the_truth_as_often_as_they_say():
    held = [
        [band.ci_low <= 0 <= band.ci_high for bands in found.profiles.values() for band in bands]
        for found in (
            differences(profiles(12, seed=2 * case), profiles(15, seed=2 * case + 1)) for case in range(60)
        )
    ]
    assert 0.92 < np.mean(held) < 0.98  # 1200 bands; 0.97 to 0.93 in 95 of 100 such tries


@pytest.mark.parametrize("way", ["images", "pairs", "writers"])
def test_radial_bands_and_their_intervals_are_those_of_a_comparison(way):
    one, other = profiles(24, seed=0), profiles(24, seed=1)
    writers = [f"w{place % 12}" for place in range(24)]
    ours = differences(
        one, other, paired=way == "pairs", writers=(writers, writers) if way == "writers" else None
    )
    units = {"units_true": writers, "units_fake": writers} if way == "writers" else {}
    theirs = compare_sets(
        one["radial"],
        other["radial"],
        edges=EDGES["radial"],
        paired=way == "pairs",
        **units,
        rng=np.random.default_rng(4),
    )
    assert (ours.unit, ours.n_units, ours.interval) == (theirs.unit, theirs.n_units, theirs.interval)
    for name in ("low", "high", "difference_nats", "standard_error", "ci_low", "ci_high", "difference_db"):
        np.testing.assert_allclose(
            [getattr(band, name) for band in ours.profiles["radial"]],
            [getattr(band, name) for band in theirs.bands],
            rtol=1e-12,
        )


def test_a_band_that_an_image_lacks_has_no_difference_and_the_others_have():
    one, other = profiles(12, seed=0), profiles(12, seed=1)
    whole = differences(one, other)
    other["diagonal"][3, 2] = np.nan
    found = differences(one, other)
    gap = found.profiles["diagonal"][2]
    assert np.isnan([gap.difference_nats, gap.standard_error, gap.ci_low, gap.ci_high]).all()
    assert found.profiles["diagonal"][:2] == whole.profiles["diagonal"][:2]
    assert found.profiles["radial"] == whole.profiles["radial"]


def test_a_single_image_has_a_difference_without_an_interval():
    one, other = profiles(12, seed=0), profiles(1, seed=1)
    found = differences(one, other)
    assert (found.unit, found.interval, found.n_units, found.n_images) == (None, None, 0, 13)
    assert len(found.notes) == 1
    for kind, bands in found.profiles.items():
        expected = other[kind][0] - one[kind].mean(axis=0)
        np.testing.assert_allclose([band.difference_nats for band in bands], expected)
        assert np.isnan([[band.standard_error, band.ci_low, band.ci_high] for band in bands]).all()


def test_one_writer_is_no_unit():
    with pytest.raises(TooFewImages):
        differences(profiles(3, seed=0), profiles(3, seed=1), writers=(["a"] * 3, ["a"] * 3))
