from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import same_color

from sigforensics.report.figures import draw_peaks
from sigforensics.spectra import peak_places
from sigforensics.statistics import peaks_of_set

PLACES = peak_places([2, 4])


def rising(n, rise=0.0):
    values = np.random.default_rng(0).normal(0, 0.3, (n, len(PLACES)))
    values[:, 3] += rise
    return peaks_of_set(values, places=PLACES, rng=np.random.default_rng(0))


def marks(axes):
    """(place, excess, filled) of every mark."""
    drawn = []
    for dots in axes.collections:
        if len(dots.get_offsets()) > 0 and len(dots.get_facecolors()):
            filled = not same_color(dots.get_facecolors()[0], "white")
            drawn += [(round(y), x, filled) for x, y in dots.get_offsets()]
    return drawn


def test_marks_are_the_excesses_and_filled_where_the_corrected_p_is_small():
    test = rising(20, 2.0)
    axes = draw_peaks({"fake": test}, {}, first="fake").axes[0]
    expected = [(place, peak.excess_nats, place == 3) for place, peak in enumerate(test.peaks)]
    np.testing.assert_allclose(sorted(marks(axes)), sorted(expected))
    assert [label.get_text() for label in axes.get_yticklabels()][3] == "1/4, 1/4"
    assert axes.get_xlabel() == "excess over the neighbourhood, nats"


def test_intervals_are_those_of_the_places():
    test = rising(20, 2.0)
    axes = draw_peaks({"fake": test}, {}, first="fake").axes[0]
    drawn = [
        tuple(line[:, 0])
        for lines in axes.collections
        if hasattr(lines, "get_segments")
        for line in lines.get_segments()
    ]
    np.testing.assert_allclose(sorted(drawn), sorted((peak.ci_low, peak.ci_high) for peak in test.peaks))


def test_differences_stand_beside_and_legends_tell_the_units():
    figure = draw_peaks({"true": rising(8), "fake": rising(20, 2.0)}, {"fake": rising(28, 2.0)}, first="true")
    excess, difference = figure.axes[:2]
    assert difference.get_title(loc="left") == "difference from true"
    assert [text.get_text() for text in excess.get_legend().get_texts()] == [
        "true: 8 images",
        "fake: 20 images",
    ]
    assert [text.get_text() for text in difference.get_legend().get_texts()] == ["fake: 28 images"]
    assert "corrected p ≤ 0.05" in excess.get_legend().get_title().get_text()
    colours = [figure.axes[i].get_legend().legend_handles[-1].get_color() for i in (0, 1)]
    assert colours[0] == colours[1]  # a set keeps its colour


def test_nothing_tested_is_refused():
    with pytest.raises(ValueError, match="no peak"):
        draw_peaks({}, {}, first="a")
