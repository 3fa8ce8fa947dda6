from __future__ import annotations

import numpy as np
import pytest

from sigforensics.report.figures import draw_spectra
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra import DB_PER_NAT, Spectrum, SpectrumAccumulator


def spectrum(n: int, scale: float = 1.0, shape: tuple[int, int] = (48, 32), floor: float = 1e-3) -> Spectrum:
    accumulator = SpectrumAccumulator(settings=SpectrumSettings(bands=8, floor=floor))
    accumulator.update((scale * np.random.default_rng(n).random((n, *shape))).astype(np.float32))
    return accumulator.result()


def panels(figure):
    return [axes for axes in figure.axes if axes.images]


def test_all_sets_share_one_colour_scale_and_tell_their_numbers():
    figure = draw_spectra({"true": spectrum(5), "fake": spectrum(7, 0.5), "other": spectrum(3, 0.1)})
    images = [axes.images[0] for axes in panels(figure)]
    assert len(images) == 3
    assert len({image.get_clim() for image in images}) == 1
    assert {image.get_cmap().name for image in images} == {"viridis"}
    assert [axes.get_title() for axes in panels(figure)] == ["true (n = 5)", "fake (n = 7)", "other (n = 3)"]


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
