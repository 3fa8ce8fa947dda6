from __future__ import annotations

import numpy as np
import pytest

from sigforensics.report.figures import draw_comparison
from sigforensics.statistics import compare_sets

EDGES = np.linspace(0, np.sqrt(0.5), 9)


def compare(n_true, n_fake, effect=2.0, **options):
    rng = np.random.default_rng(0)
    true, fake = rng.normal(size=(n_true, 8)), rng.normal(size=(n_fake, 8))
    fake[:, 6] += effect
    return compare_sets(true, fake, edges=EDGES, rng=rng, **{"paired": False} | options)


def marks(axes):
    return {line.get_label(): line for line in axes.lines if line.get_marker() == "o"}


def test_filled_marks_are_the_bands_whose_corrected_p_is_small():
    comparison = compare(30, 40)
    found, others = marks(draw_comparison(comparison).axes[0]).values()
    assert found.get_label() == "corrected p ≤ 0.05 (8 bands)"
    np.testing.assert_allclose(found.get_xdata(), [(EDGES[6] + EDGES[7]) / 2])
    np.testing.assert_allclose(found.get_ydata(), [comparison.bands[6].difference_nats])
    assert len(others.get_xdata()) == 7
    assert found.get_markerfacecolor() != others.get_markerfacecolor() == "white"


def test_intervals_are_those_of_the_bands():
    comparison = compare(30, 40)
    axes = draw_comparison(comparison).axes[0]
    drawn = sorted(tuple(segment[:, 1]) for lines in axes.collections for segment in lines.get_segments())
    np.testing.assert_allclose(drawn, sorted((band.ci_low, band.ci_high) for band in comparison.bands))


def test_the_shade_is_the_control_and_says_its_size():
    comparison = compare(30, 40)
    axes = draw_comparison(comparison).axes[0]
    (shade,) = axes.patches
    limits = [band.q95 for band in comparison.control.bands]
    values, edges, baseline = shade.get_data()
    np.testing.assert_allclose(values, limits)
    np.testing.assert_allclose(baseline, -np.array(limits))
    np.testing.assert_allclose(edges, EDGES)
    assert shade.get_label() == "95 % of 200 true-against-true splits, 15 images a side"


def test_without_a_control_nothing_is_shaded():
    comparison = compare(3, 3)
    axes = draw_comparison(comparison).axes[0]
    assert comparison.control is None
    assert not axes.patches
    assert list(marks(axes)) == ["corrected p > 0.05"]


@pytest.mark.parametrize(
    ("options", "title"),
    [
        ({}, "12 fake against 12 true images"),
        ({"paired": True}, "12 fake against 12 true images, in 12 pairs"),
        (
            {"units_true": list("aaaabbbbcccc"), "units_fake": list("aaaabbbbcccc")},
            "12 fake against 12 true images, by 3 writers",
        ),
    ],
    ids=["images", "pairs", "writers"],
)
def test_the_title_tells_both_numbers_and_what_is_independent(options, title):
    axes = draw_comparison(compare(12, 12, **options)).axes[0]
    assert axes.get_title() == title
    assert axes.get_ylabel() == "fake − true, nats"
    assert "cycles per pixel" in axes.get_xlabel()


def test_the_figure_carries_the_names_and_the_objection():
    figure = draw_comparison(
        compare(12, 12, names=("genuine", "forged")), banner="The acquisition differs (dpi)."
    )
    axes = figure.axes[0]
    assert figure.get_suptitle() == "The acquisition differs (dpi)."
    assert axes.get_title() == "12 forged against 12 genuine images"
    assert axes.get_ylabel() == "forged − genuine, nats"
