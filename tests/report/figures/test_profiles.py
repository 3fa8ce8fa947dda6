from __future__ import annotations

import numpy as np
import pytest

from sigforensics.report.figures import draw_profiles
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra import DB_PER_NAT, PROFILES, Spectrum, SpectrumAccumulator
from sigforensics.statistics import ProfileDifferences, differing_profiles


def spectrum(n: int, scale: float = 1.0, bands: int = 8) -> Spectrum:
    accumulator = SpectrumAccumulator(settings=SpectrumSettings(bands=bands))
    accumulator.update((scale * np.random.default_rng(n).random((n, 48, 48))).astype(np.float32))
    return accumulator.result()


def differences(
    spectra: dict[str, Spectrum], writers: tuple[list[str], list[str]] | None = None
) -> dict[str, ProfileDifferences]:
    first, *others = spectra
    features = {
        name: {kind: one.profile_features(kind) for kind in PROFILES} for name, one in spectra.items()
    }
    edges = {kind: spectra[first].profile_edges(kind) for kind in PROFILES}
    return {
        name: differing_profiles(
            features[first], features[name], edges=edges, writers=writers, rng=np.random.default_rng(0)
        )
        for name in others
    }


def drawn(spectra: dict[str, Spectrum]):
    return draw_profiles(spectra, differences(spectra))


def band_limits(collection):
    ordinates = collection.get_paths()[0].vertices[:, 1]
    return ordinates.min(), ordinates.max()


def test_lines_are_the_profiles_with_their_standard_errors_and_numbers():
    spectra = {"true": spectrum(5), "fake": spectrum(7, 0.5)}
    above = drawn(spectra).axes[0]
    for line, shade, (name, one) in zip(above.lines, above.collections, spectra.items(), strict=True):
        profile = one.profile("radial")
        np.testing.assert_array_equal(line.get_xdata(), profile.frequencies)
        np.testing.assert_array_equal(line.get_ydata(), profile.mean)
        low, high = band_limits(shade)
        assert low == pytest.approx((profile.mean - profile.standard_error).min())
        assert high == pytest.approx((profile.mean + profile.standard_error).max())
        assert line.get_label() == f"{name} (n = {one.n})"
    assert len({line.get_linestyle() for line in above.lines}) == 2  # told apart without colours too
    assert above.get_legend().get_title().get_text() == "mean ± standard error over images"
    assert "nats" in above.get_ylabel()


def test_below_stands_the_difference_with_its_interval_over_the_units():
    true, fake = spectrum(5), spectrum(7, 0.5)
    writers = ["a", "a", "b", "b", "c"], ["c", "c", "a", "b", "a", "b", "d"]
    found = differences({"true": true, "fake": fake}, writers)
    figure = draw_profiles({"true": true, "fake": fake}, found)
    below = figure.axes[2]
    bands = found["fake"].profiles["radial"]
    zero, line = below.lines
    assert set(zero.get_ydata()) == {0}
    np.testing.assert_array_equal(line.get_ydata(), [band.difference_nats for band in bands])
    low, high = band_limits(below.collections[0])
    assert (low, high) == (min(band.ci_low for band in bands), max(band.ci_high for band in bands))
    assert below.get_title(loc="left") == "fake − true, 95 % interval over 3 writers"


def test_of_three_sets_the_legend_tells_over_what_the_intervals_are():
    figure = drawn({"true": spectrum(5), "fake": spectrum(7), "other": spectrum(1)})
    labels = [line.get_label() for line in figure.axes[0].lines]
    assert labels == [
        "true (n = 5)",
        "fake (n = 7; interval over 12 images)",
        "other (n = 1; no interval)",
    ]
    assert figure.axes[2].get_title(loc="left") == "each − true, 95 % interval of each band"


def test_the_difference_of_images_is_that_of_their_means():
    true, fake = spectrum(5), spectrum(7, 0.5)
    below = drawn({"true": true, "fake": fake}).axes[2]
    one, other = true.profile("radial"), fake.profile("radial")
    zero, line = below.lines
    assert set(zero.get_ydata()) == {0}
    np.testing.assert_allclose(line.get_ydata(), other.mean - one.mean)
    assert "nats" in below.get_ylabel()
    assert "cycles per pixel" in below.get_xlabel()


def test_lines_along_the_axes_and_the_diagonal_are_drawn_like_the_radial_ones():
    true, fake = spectrum(5), spectrum(7, 0.5)
    axes = drawn({"true": true, "fake": fake}).axes
    blocks = dict(zip(PROFILES, [(0, 2), (1, 3), (4, 6), (5, 7)], strict=True))
    for kind, (above, below) in blocks.items():
        one, other = true.profile(kind), fake.profile(kind)
        assert np.isfinite(one.mean).all()
        np.testing.assert_array_equal(axes[above].lines[0].get_ydata(), one.mean)
        np.testing.assert_array_equal(axes[above].lines[1].get_xdata(), other.frequencies)
        np.testing.assert_allclose(axes[below].lines[1].get_ydata(), other.mean - one.mean)
        assert len(axes[below].collections) == 1
        assert axes[below].get_xlim() == (0, one.edges[-1])
    assert "horizontal frequency, cycles per pixel" in axes[3].get_xlabel()
    assert "vertical frequency, cycles per pixel" in axes[6].get_xlabel()


def test_a_single_set_has_no_panels_of_differences():
    figure = draw_profiles({"true": spectrum(5)})
    assert len(figure.axes) == 4
    assert all("cycles per pixel" in axes.get_xlabel() for axes in figure.axes)


def test_a_set_of_one_image_has_no_shade():
    figure = drawn({"true": spectrum(5), "questioned": spectrum(1)})
    assert figure.axes[2].get_title(loc="left") == "questioned − true, no interval"
    assert len(figure.axes[2].lines) == 2
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


def test_several_sets_without_their_differences_are_refused():
    with pytest.raises(ValueError, match="difference"):
        draw_profiles({"true": spectrum(5), "fake": spectrum(7)})
