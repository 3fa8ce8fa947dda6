from __future__ import annotations

import numpy as np
import pytest

from sigforensics.errors import TooFewImages
from sigforensics.statistics import independent_units

RNG = np.random.default_rng(0)
TRUE, FAKE = RNG.normal(size=(6, 3)), RNG.normal(size=(4, 3))


def test_images_are_the_units_where_nothing_else_is_known():
    units = independent_units(TRUE, FAKE, paired=False)
    assert (units.unit, units.n_units, units.aligned) == ("image", 10, False)
    np.testing.assert_allclose(units.difference, FAKE.mean(axis=0) - TRUE.mean(axis=0))
    np.testing.assert_allclose(
        sum(units.squared_errors), TRUE.var(axis=0, ddof=1) / 6 + FAKE.var(axis=0, ddof=1) / 4
    )
    assert "names the writers" in units.notes[0]


def test_pairs_are_the_units_where_each_fake_has_its_original():
    units = independent_units(TRUE[:4], FAKE, paired=True)
    assert (units.unit, units.n_units, units.aligned) == ("pair", 4, True)
    np.testing.assert_allclose(units.differences, FAKE - TRUE[:4])
    np.testing.assert_allclose(sum(units.squared_errors), (FAKE - TRUE[:4]).var(axis=0, ddof=1) / 4)


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 1, 0, 2]])
def test_writers_in_both_sets_are_compared_each_with_itself(order):
    fakes = [["b", "a", "b", "a"][i] for i in order]
    units = independent_units(TRUE, FAKE[order], paired=False, units_true=list("aaabbb"), units_fake=fakes)
    assert (units.unit, units.n_units, units.aligned, units.n_true, units.n_fake) == ("writer", 2, True, 6, 4)
    np.testing.assert_allclose(units.true, [TRUE[:3].mean(axis=0), TRUE[3:].mean(axis=0)])
    np.testing.assert_allclose(units.fake, [FAKE[[1, 3]].mean(axis=0), FAKE[[0, 2]].mean(axis=0)])
    assert units.notes == ()


def test_writers_in_one_set_only_are_left_out_and_counted():
    units = independent_units(TRUE, FAKE, paired=False, units_true=list("aabbcc"), units_fake=list("aabd"))
    assert (units.n_units, units.n_true, units.n_fake) == (2, 4, 3)
    assert units.notes == ("2 writers that are in one set only were left out",)


def test_sets_of_different_writers_are_two_samples_of_writers():
    units = independent_units(TRUE, FAKE, paired=False, units_true=list("aabbcc"), units_fake=list("ddee"))
    assert (units.unit, units.n_units, units.aligned) == ("writer", 5, False)
    assert len(units.true) == 3
    assert "between writers" in units.notes[0]


def test_pairs_of_few_writers_count_as_those_writers():
    units = independent_units(TRUE[:4], FAKE, paired=True, units_true=list("aabb"), units_fake=list("aabb"))
    assert (units.unit, units.n_units) == ("writer", 2)
    np.testing.assert_allclose(units.differences[0], (FAKE - TRUE[:4])[:2].mean(axis=0))


def test_unaligned_units_have_no_differences():
    units = independent_units(TRUE, FAKE, paired=False)
    with pytest.raises(ValueError, match="no differences"):
        _ = units.differences


@pytest.mark.parametrize(
    ("true", "fake", "options", "match"),
    [
        (TRUE[:1], FAKE, {"paired": False}, "the true set: only 1 image"),
        (TRUE, FAKE[:0], {"paired": False}, "the fake set: no image"),
        (TRUE[:1], FAKE[:1], {"paired": True}, "only 1 pair"),
        (
            TRUE,
            FAKE,
            {"paired": False, "units_true": list("aaaaaa"), "units_fake": list("aaaa")},
            "only 1 writer",
        ),
        (
            TRUE,
            FAKE,
            {"paired": False, "units_true": list("aaabbb"), "units_fake": list("cccc")},
            "the fake set",
        ),
    ],
)
def test_fewer_than_two_units_a_side_are_refused(true, fake, options, match):
    with pytest.raises(TooFewImages, match=match):
        independent_units(true, fake, **options)


@pytest.mark.parametrize(
    ("true", "fake", "options", "match"),
    [
        (TRUE, FAKE[:, :2], {"paired": False}, "shapes"),
        (TRUE[0], FAKE, {"paired": False}, "shapes"),
        (TRUE, FAKE, {"paired": True}, "no pairs"),
        (TRUE * np.nan, FAKE, {"paired": False}, "finite"),
        (TRUE, FAKE, {"paired": False, "units_true": list("aabbcc")}, "of both sets or of none"),
        (
            TRUE,
            FAKE,
            {"paired": False, "units_true": list("aab"), "units_fake": list("aabb")},
            "one writer a row",
        ),
        (
            TRUE[:4],
            FAKE,
            {"paired": True, "units_true": list("aabb"), "units_fake": list("abab")},
            "one writer$",
        ),
    ],
    ids=[
        "bands",
        "one row",
        "unequal pairs",
        "not finite",
        "one set named",
        "too few names",
        "pair of two writers",
    ],
)
def test_what_does_not_fit_is_refused(true, fake, options, match):
    with pytest.raises(ValueError, match=match):
        independent_units(true, fake, **options)
