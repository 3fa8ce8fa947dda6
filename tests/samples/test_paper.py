from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sigforensics.samples.paper import scan_sheet
from sigforensics.settings import Sampling

CLEAN = replace(Sampling(), noise=0.0, clouds=0.0, streaks=0.0)


def scan(absorbance, settings=CLEAN, seed=0):
    return scan_sheet(
        np.asarray(absorbance, np.float32), rng=np.random.default_rng(seed), dpi=300, settings=settings
    )


def test_blank_paper_is_as_bright_and_as_rough_as_measured():
    sheet = scan(np.zeros((400, 400)), Sampling())
    assert sheet.mean() == pytest.approx(0.94, abs=0.004)
    assert sheet.std() * 255 == pytest.approx(3.3, abs=0.4)  # CEDAR: 3.0 to 3.6


def test_light_passes_ink_by_the_law_of_beer_and_lambert():
    settings = Sampling()
    sheet = scan(np.full((20, 20), 0.8))
    assert sheet == pytest.approx(settings.glare + (settings.paper - settings.glare) * np.exp(-0.8), abs=1e-5)


def test_the_optics_spread_a_dark_point_without_losing_light():
    point = np.zeros((21, 21))
    point[10, 10] = 2.0
    sheet = scan(point)
    lost = CLEAN.paper - sheet
    assert lost[10, 11] > 0.01
    assert lost.sum() == pytest.approx((CLEAN.paper - CLEAN.glare) * (1 - np.exp(-2)), rel=1e-3)


def test_streaks_run_down_the_columns():
    sheet = scan(np.zeros((50, 300)), replace(CLEAN, streaks=0.01))
    assert np.ptp(sheet, axis=0).max() < 1e-6
    assert sheet[0].std() == pytest.approx(0.01, rel=0.15)


def test_values_stay_in_range_and_the_argument_is_left_alone():
    absorbance = np.zeros((40, 40), np.float32)
    sheet = scan_sheet(
        absorbance, rng=np.random.default_rng(0), dpi=300, settings=replace(Sampling(), noise=0.5)
    )
    assert sheet.min() >= 0
    assert sheet.max() <= 1
    assert sheet.dtype == np.float32
    assert not absorbance.any()
