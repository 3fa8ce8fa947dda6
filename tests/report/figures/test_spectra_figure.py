from __future__ import annotations

import numpy as np
import pytest

from sigforensics.report.figures import draw_set, draw_spectra
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra import DB_PER_NAT, FrequencyGrid, Spectrum, SpectrumAccumulator, peak_places
from sigforensics.statistics import peaks_of_set


def spectrum(n: int, scale: float = 1.0, shape: tuple[int, int] = (48, 32), floor: float = 1e-3) -> Spectrum:
    accumulator = SpectrumAccumulator(settings=SpectrumSettings(bands=8, floor=floor))
    accumulator.update((scale * np.random.default_rng(n).random((n, *shape))).astype(np.float32))
    return accumulator.result()


def panels(figure):
    return [axes for axes in figure.axes if axes.images]


def test_all_sets_share_one_colour_scale_and_tell_their_numbers():
    figure = draw_spectra({"true": spectrum(5), "fake": spectrum(7, 0.5), "other": spectrum(3, 0.1)})
    means, differences = panels(figure)[:3], panels(figure)[3:]
    assert len({axes.images[0].get_clim() for axes in means}) == 1
    assert {axes.images[0].get_cmap().name for axes in means} == {"viridis"}
    assert [axes.get_title() for axes in means] == ["true (n = 5)", "fake (n = 7)", "other (n = 3)"]
    assert [axes.get_title() for axes in differences] == ["fake − true", "other − true"]
    assert len({axes.images[0].get_clim() for axes in differences}) == 1
    assert sum(bool(axes.child_axes) for axes in panels(figure)) == 2  # a colour bar a scale


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 9])
def test_every_set_and_every_difference_has_a_panel_whatever_their_number(count):
    spectra = {f"set{number}": spectrum(3, 1 - 0.1 * number) for number in range(count)}
    drawn = {axes.get_title(): axes.images[0].get_array() for axes in panels(draw_spectra(spectra))}
    assert len(drawn) == 2 * count - 1
    for name, one in spectra.items():
        np.testing.assert_array_equal(drawn[f"{name} (n = 3)"], one.mean_of_log)
    last = f"set{count - 1}"
    if count > 1:
        expected = spectra[last].mean_of_log - spectra["set0"].mean_of_log
        np.testing.assert_array_equal(drawn[f"{last} − set0"], expected)


def planted(place, n=12):
    """A test in which one place rises."""
    places = peak_places([2, 4, 8])
    values = np.random.default_rng(1).normal(0, 0.3, (n, len(places)))
    values[:, [tuple(one) for one in places].index(place)] += 2
    return peaks_of_set(values, places=places, rng=np.random.default_rng(0))


def test_found_peaks_are_ringed_boldly_at_their_place_and_the_others_finely():
    test = planted((0.25, 0.5))
    figure = draw_spectra({"true": spectrum(5), "fake": spectrum(7)}, peaks={"fake": test})
    true, fake, _ = panels(figure)
    assert not true.collections
    rings = {ring.get_label(): ring.get_offsets().tolist() for ring in fake.collections}
    assert rings["found"] == [[0.5, 0.25]]
    assert len(rings["tested"]) == 23
    assert "corrected p ≤ 0.05" in figure.get_supxlabel()
    assert fake.get_xlim()[1] == fake.get_ylim()[0] == 0.5  # rings at the edge do not widen the map


def test_a_caption_is_printed_on_the_figure():
    figure = draw_spectra({"true": spectrum(5)}, caption="Images were padded. " * 20)
    assert figure.get_suptitle().replace("\n", " ").strip() == ("Images were padded. " * 20).strip()
    assert "\n" in figure.get_suptitle()


def test_frequencies_per_millimetre_are_named_and_have_no_rings():
    grid = FrequencyGrid((40, 30), (3.0, 4.0), "cycles per millimetre")
    accumulator = SpectrumAccumulator(settings=SpectrumSettings(bands=8), grid=grid)
    images = np.random.default_rng(1).random((3, 50, 60)).astype(np.float32)
    accumulator.update(images, nyquist=(3.5, 5.0))
    figure = draw_spectra({"a": accumulator.result()}, peaks={"a": planted((0.25, 0.5))})
    (axes,) = panels(figure)
    assert axes.get_xlabel() == "horizontal frequency, cycles per mm"
    assert not axes.collections
    assert axes.images[0].get_extent()[1] == pytest.approx(4.0 - 4.0 / 60)


def test_the_statistics_of_a_set_stand_side_by_side_on_the_scales_of_all_sets():
    spectra = {"true": spectrum(5), "fake": spectrum(7, 0.5)}
    figures = {name: draw_set(spectra, name) for name in spectra}
    drawn = {name: {axes.get_title(): axes.images[0] for axes in panels(figures[name])} for name in spectra}
    for name, one in spectra.items():
        np.testing.assert_array_equal(drawn[name]["mean of log"].get_array(), one.mean_of_log)
        np.testing.assert_array_equal(drawn[name]["log of mean"].get_array(), one.log_of_mean)
        np.testing.assert_array_equal(drawn[name]["standard deviation"].get_array(), one.standard_deviation)
    for title, image in drawn["true"].items():
        assert image.get_clim() == drawn["fake"][title].get_clim()
    assert figures["fake"].get_suptitle() == "fake (n = 7)"


def test_statistics_that_do_not_exist_are_not_drawn():
    accumulator = SpectrumAccumulator(settings=SpectrumSettings(bands=8), grid=FrequencyGrid((40, 32)))
    for shape in ((1, 40, 32), (1, 44, 36)):
        accumulator.update(np.random.default_rng(1).random(shape).astype(np.float32))
    mixed = accumulator.result()
    assert [axes.get_title() for axes in panels(draw_set({"a": mixed}, "a"))] == [
        "mean of log",
        "standard deviation",
    ]
    assert [axes.get_title() for axes in panels(draw_set({"a": spectrum(1)}, "a"))] == [
        "mean of log",
        "log of mean",
    ]


def test_the_maps_are_the_means_of_the_logarithms():
    one = spectrum(5)
    figure = draw_spectra({"true": one})
    np.testing.assert_array_equal(panels(figure)[0].images[0].get_array(), one.mean_of_log)


def test_two_sets_get_their_difference_on_a_scale_around_zero():
    true, fake = spectrum(5), spectrum(7, 0.5)
    figure = draw_spectra({"true": true, "fake": fake})
    difference = panels(figure)[2].images[0]
    np.testing.assert_array_equal(difference.get_array(), fake.mean_of_log - true.mean_of_log)
    low, high = difference.get_clim()
    assert low == -high
    assert difference.get_cmap().name == "PuOr_r"
    assert panels(figure)[2].get_title() == "fake − true"


def test_axes_run_over_the_frequencies_with_dc_at_the_upper_left():
    axes = panels(draw_spectra({"true": spectrum(5)}))[0]
    image = axes.images[0]
    assert image.origin == "upper"
    left, right, bottom, top = image.get_extent()
    # the middle of the first pixel is frequency 0, that of the last (size - 1) / (2 size)
    half_column, half_row = 0.25 / 32, 0.25 / 48
    np.testing.assert_allclose((left, top), (-half_column, -half_row))
    np.testing.assert_allclose((right, bottom), (31 / 64 + half_column, 47 / 96 + half_row))
    assert "cycles per pixel" in axes.get_xlabel()
    assert "cycles per pixel" in axes.get_ylabel()
    assert [text.get_text() for text in axes.texts] == ["DC"]


def test_the_colour_bar_tells_nats_floor_and_decibels():
    figure = draw_spectra({"true": spectrum(5, floor=0.01)})
    bar = panels(figure)[0].child_axes[0]
    assert bar.get_ylabel() == "mean of ln(|DCT| + 0.01), nats"
    decibels = bar.child_axes[0]
    assert decibels.get_ylabel() == "dB re 1 grey level"
    figure.draw_without_rendering()
    np.testing.assert_allclose(decibels.get_ylim(), DB_PER_NAT * np.array(bar.get_ylim()))


def test_the_scale_leaves_out_dc_and_keeps_nearly_all_else():
    one = spectrum(9)
    low, high = panels(draw_spectra({"true": one}))[0].images[0].get_clim()
    values = one.mean_of_log.ravel()
    assert high < values[0]
    assert ((low <= values[1:]) & (values[1:] <= high)).mean() > 0.99


def test_equal_sets_have_a_difference_of_zero_in_the_middle_of_the_scale():
    one = spectrum(5)
    low, high = panels(draw_spectra({"a": one, "b": one}))[2].images[0].get_clim()
    assert low == -high < 0


@pytest.mark.parametrize(
    "spectra",
    [
        {},
        {"a": spectrum(3), "b": spectrum(3, shape=(32, 32))},
        {"a": spectrum(3), "b": spectrum(3, floor=1.0)},
    ],
    ids=["none", "sizes", "floors"],
)
def test_what_cannot_share_a_scale_is_refused(spectra):
    with pytest.raises(ValueError, match="spectr"):
        draw_spectra(spectra)
