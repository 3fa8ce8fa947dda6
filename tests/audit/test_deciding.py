"""The rule by which sets differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sigforensics.audit import (
    Acquisition,
    AuditEntry,
    audit_explains,
    audit_notes,
    audit_sets,
    properties,
)
from sigforensics.errors import TooFewImages

PLAIN = Acquisition(
    format="PNG",
    mode="L",
    bit_depth="8",
    dpi="none",
    jpeg_tables="none",
    width=500.0,
    height=300.0,
    background=239.0,
    saturated_paper=0.0,
    saturated_ink=0.0,
    threshold_gap=0.0,
    missing_levels=0.0,
    histogram_comb=0.05,
    grey_levels=170.0,
    jpeg_history="none",
    jpeg_grid=0.01,
    resampling_period="none",
    resampling=1.0,
    sharpness=0.6,
    paper_noise=2.7,
)
VARYING = ("width", "height", "background", "histogram_comb", "grey_levels", "resampling", "sharpness")


def images(count: int, seed: int) -> list[Acquisition]:
    """Images that differ as scans do, by chance."""
    rng = np.random.default_rng(seed)
    scale = {one.name: 2 * one.least for one in properties()}
    return [
        replace(PLAIN, **{name: getattr(PLAIN, name) + scale[name] * float(rng.normal()) for name in VARYING})
        for _ in range(count)
    ]


def changed(originals: Sequence[Acquisition], **changes: object) -> list[Acquisition]:
    return [replace(one, **changes) for one in originals]


def audit(true: Sequence[Acquisition], fake: Sequence[Acquisition], **choices: Any) -> dict[str, AuditEntry]:
    found = audit_sets(true, fake, rng=np.random.default_rng(0), **choices)
    return {entry.property: entry for entry in found}


def differing(found: dict[str, AuditEntry]) -> set[str]:
    return {name for name, entry in found.items() if entry.differs}


def test_there_is_one_entry_a_property_in_their_order() -> None:
    assert list(audit(images(5, 0), images(5, 1))) == [one.name for one in properties()]


@pytest.mark.parametrize(
    ("name", "value"),
    [("format", "JPEG"), ("mode", "RGB"), ("bit_depth", "16"), ("dpi", "300 x 300"), ("threshold_gap", 24.0)],
)
def test_what_no_image_shares_is_found_in_sets_of_any_size(name: str, value: object) -> None:
    for count in (2, 3, 10):
        found = audit(images(count, 0), changed(images(count, 1), **{name: value}))
        assert differing(found) == {name}
        assert found[name].explains


def test_two_images_a_set_prove_nothing_about_what_varies() -> None:
    true = changed(images(2, 0), sharpness=0.6)
    fake = [replace(true[0], sharpness=0.2), replace(true[1], sharpness=0.21)]
    found = audit(true, fake)
    assert differing(found) == set()
    assert found["sharpness"].alpha is None
    assert any("too few units" in note for note in audit_notes(list(found.values())))


def test_few_units_are_judged_by_the_smallest_p_that_can_come_out() -> None:
    true = images(6, 0)
    fake = [replace(one, sharpness=one.sharpness - 0.5) for one in true]
    found = audit(true, fake, paired=True)
    assert found["sharpness"].alpha == found["sharpness"].p == 2 / 2**6
    assert differing(found) == {"sharpness"}


def test_a_shift_of_one_number_is_found_and_no_other() -> None:
    true, fake = images(30, 0), images(30, 1)
    for name in VARYING:
        shift = 8 * next(one.least for one in properties() if one.name == name)
        moved = [replace(one, **{name: getattr(one, name) + shift}) for one in fake]
        found = audit(true, moved)
        assert differing(found) == {name}
        assert found[name].difference == pytest.approx(shift, rel=0.3)


def test_differences_below_the_least_do_not_count_however_sure_they_are() -> None:
    true = images(40, 0)
    found = audit(true, [replace(one, sharpness=one.sharpness + 0.02) for one in true], paired=True)
    assert found["sharpness"].p < 0.005
    assert differing(found) == set()


def test_a_part_of_a_set_is_enough() -> None:
    true, fake = images(40, 0), images(40, 1)
    fake[:16] = changed(fake[:16], jpeg_history="JPEG quality 75", threshold_gap=24.0)
    found = audit(true, fake)
    assert differing(found) == {"jpeg_history", "threshold_gap"}
    assert found["jpeg_history"].true == "none"
    assert found["jpeg_history"].fake == "none 60 %, JPEG quality 75 40 %"
    assert found["jpeg_history"].difference == pytest.approx(0.4)
    assert found["threshold_gap"].fake == pytest.approx(0.4 * 24)


def test_kinds_that_both_sets_have_alike_are_no_difference() -> None:
    sets = [images(20, seed) for seed in (0, 1)]
    for one in sets:
        one[:6] = changed(one[:6], mode="RGBA")
    assert differing(audit(*sets)) == set()


def test_rare_kinds_are_counted_together() -> None:
    true = [replace(PLAIN, dpi=f"{value} x {value}") for value in range(10)]
    stated = audit(true, images(10, 1))["dpi"].true
    assert stated == "0 x 0 10 %, 1 x 1 10 %, 2 x 2 10 %, 3 x 3 10 %, others 60 %"


def test_writers_are_the_units_where_they_are_named() -> None:
    """One writer's many images are one unit: four writers cannot show what 80 images would."""
    true, fake = images(40, 0), images(40, 1)
    fake = [replace(one, sharpness=one.sharpness + 0.3) for one in fake]
    writers = [f"w{place // 20}" for place in range(40)]
    others = [f"v{place // 20}" for place in range(40)]
    assert differing(audit(true, fake)) == {"sharpness"}
    assert differing(audit(true, fake, units_true=writers, units_fake=others)) == set()
    many = [f"w{place // 5}" for place in range(40)]
    assert differing(audit(true, fake, units_true=many, units_fake=many)) == {"sharpness"}


def test_after_what_is_found_the_rest_is_corrected_for_fewer() -> None:
    """Of 8 pairs, a certain difference would else hide one that all pairs agree on, though not as evenly."""
    true = images(8, 0)
    rng = np.random.default_rng(3)
    fake = [
        replace(one, missing_levels=9.0, paper_noise=2.7 - 0.4 * float(rng.uniform(1, 5))) for one in true
    ]
    assert differing(audit(true, fake, paired=True)) == {"missing_levels", "paper_noise"}


def test_random_sets_are_called_different_no_more_often_than_stated() -> None:
    flagged = sum(
        bool(differing(audit(images(12, 2 * seed), images(12, 2 * seed + 1)))) for seed in range(60)
    )
    assert flagged <= 2  # 0.3 are expected


def test_what_pixels_show_explains_nothing_where_the_chain_is_one() -> None:
    true = images(20, 0)
    fake = changed(images(20, 1), sharpness=0.2, format="JPEG")
    apart, one = audit(true, fake), audit(true, fake, one_chain=True)
    assert differing(apart) == differing(one) == {"sharpness", "format"}
    assert apart["sharpness"].explains
    assert not one["sharpness"].explains
    assert one["format"].explains
    (first, second) = audit_notes(list(one.values()))
    assert first.startswith("the acquisition of the sets differs (format)")
    assert "one chain and still differ in sharpness" in second


def test_sets_that_do_not_differ_explain_nothing_and_need_no_note() -> None:
    entries = list(audit(images(10, 0), images(10, 1)).values())
    assert not audit_explains(entries)
    assert audit_notes(entries) == ()


def test_a_set_against_itself_does_not_differ() -> None:
    true = images(10, 0)
    assert all(entry.p == 1 and not entry.differs for entry in audit(true, true).values())


def test_one_image_is_no_set() -> None:
    with pytest.raises(TooFewImages):
        audit(images(1, 0), images(5, 1))
