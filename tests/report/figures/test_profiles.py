from __future__ import annotations

import numpy as np
import pytest

from sigforensics.report.figures import draw_profiles
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra import DB_PER_NAT, PROFILES, Spectrum, SpectrumAccumulator


def spectrum(n: int, scale: float = 1.0, bands: int = 8) -> Spectrum:
    accumulator = SpectrumAccumulator(settings=SpectrumSettings(bands=bands))
    accumulator.update((scale * np.random.default_rng(n).random((n, 48, 48))).astype(np.float32))
    return accumulator.result()


def band_limits(collection):
    ordinates = collection.get_paths()[0].vertices[:, 1]
    return ordinates.min(), ordinates.max()


def test_lines_are_the_profiles_with_their_standard_errors_and_numbers():
    spectra = {"true": spectrum(5), "fake": spectrum(7, 0.5)}
    above = draw_profiles(spectra).axes[0]
    for line, shade, (name, one) in zip(above.lines, above.collections, spectra.items(), strict=True):
        profile = one.radial_profile()
        np.testing.assert_array_equal(line.get_xdata(), profile.frequencies)
        np.testing.assert_array_equal(line.get_ydata(), profile.mean)
        low, high = band_limits(shade)
        assert low == pytest.approx((profile.mean - profile.standard_error).min())
        assert high == pytest.approx((profile.mean + profile.standard_error).max())
        assert line.get_label() == f"{name} (n = {one.n})"
    assert len({line.get_linestyle() for line in above.lines}) == 2  # told apart without colours too
    assert above.get_legend().get_title().get_text() == "mean ± standard error over images"
    assert "nats" in above.get_ylabel()


def test_below_stands_the_difference_without_an_error():
    true, fake = spectrum(5), spectrum(7, 0.5)
    below = draw_profiles({"true": true, "fake": fake}).axes[2]
    one, other = true.radial_profile(), fake.radial_profile()
    zero, line = below.lines
    assert set(zero.get_ydata()) == {0}
    np.testing.assert_allclose(line.get_ydata(), other.mean - one.mean)
    assert len(below.collections) == 0
    assert below.get_title(loc="left") == "fake − true"
    assert "nats" in below.get_ylabel()
    assert "cycles per pixel" in below.get_xlabel()


def test_lines_along_the_axes_and_the_diagonal_are_drawn_like_the_radial_ones():
    true, fake = spectrum(5), spectrum(7, 0.5)
    axes = draw_profiles({"true": true, "fake": fake}).axes
    blocks = dict(zip(PROFILES, [(0, 2), (1, 3), (4, 6), (5, 7)], strict=True))
    for kind, (above, below) in blocks.items():
        one, other = true.profile(kind), fake.profile(kind)
        assert np.isfinite(one.mean).all()
        np.testing.assert_array_equal(axes[above].lines[0].get_ydata(), one.mean)
        np.testing.assert_array_equal(axes[above].lines[1].get_xdata(), other.frequencies)
        np.testing.assert_allclose(axes[below].lines[1].get_ydata(), other.mean - one.mean)
        assert axes[below].get_xlim() == (0, one.edges[-1])
    assert "horizontal frequency, cycles per pixel" in axes[3].get_xlabel()
    assert "vertical frequency, cycles per pixel" in axes[6].get_xlabel()


def test_a_single_set_has_no_panels_of_differences():
    figure = draw_profiles({"true": spectrum(5)})
    assert len(figure.axes) == 4
    assert all("cycles per pixel" in axes.get_xlabel() for axes in figure.axes)


def test_a_set_of_one_image_has_no_shade():
    figure = draw_profiles({"true": spectrum(5), "questioned": spectrum(1)})
    assert len(figure.axes[0].lines) == 2
    assert len(figure.axes[0].collections) == 1
    assert len(figure.axes[2].collections) == 0


def test_the_right_scale_is_the_left_in_decibels():
    figure = draw_profiles({"true": spectrum(5)})
    figure.draw_without_rendering()
    axes = figure.axes[0]
    np.testing.assert_allclose(axes.child_axes[0].get_ylim(), DB_PER_NAT * np.array(axes.get_ylim()))


@pytest.mark.parametrize(
    "spectra", [{}, {"a": spectrum(3), "b": spectrum(3, bands=4)}], ids=["none", "bands"]
)
def test_what_cannot_share_a_scale_is_refused(spectra):
    with pytest.raises(ValueError, match="spectr"):
        draw_profiles(spectra)
