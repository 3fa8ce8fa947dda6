from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.network

RNG = np.random.default_rng(3)
TRUE, FAKE = (RNG.normal(0, 2, (3, 4, 4, 1)).astype(np.float32) for _ in range(2))


def test_the_discriminator_is_charged_what_falls_short_of_the_margin():
    from sigforensics.gan.losses import discriminator_hinge

    expected = np.maximum(0, 1 - TRUE).mean() + np.maximum(0, 1 + FAKE).mean()
    assert float(discriminator_hinge(TRUE, FAKE)) == pytest.approx(expected, rel=1e-6)
    beyond = np.full((1, 2, 2, 1), 1.5, np.float32)
    assert float(discriminator_hinge(beyond, -beyond)) == 0
    assert float(discriminator_hinge(-beyond, beyond)) == 5


def test_the_generator_is_charged_the_negative_mean_score():
    from sigforensics.gan.losses import generator_hinge

    assert float(generator_hinge(FAKE)) == pytest.approx(-FAKE.mean(), rel=1e-6)


def test_the_error_is_the_mean_absolute_difference():
    from sigforensics.gan.losses import mean_absolute_error

    assert float(mean_absolute_error(FAKE, TRUE)) == pytest.approx(np.abs(FAKE - TRUE).mean(), rel=1e-6)


def test_accuracy_is_the_share_of_scores_above_zero():
    from sigforensics.gan.losses import accuracy

    assert float(accuracy(np.array([[-1.0, 0.0], [0.1, 5.0]], np.float32))) == 0.5
    assert float(accuracy(TRUE)) == pytest.approx((TRUE > 0).mean())


def test_patches_count_by_whether_strokes_are_in_what_they_see():
    """Against every patch looked at by itself: cells of 8 pixels, up to 4 of them away."""
    from sigforensics.gan.losses import patch_weights

    rng = np.random.default_rng(5)
    images = np.full((2, 3, 160, 160, 1), -1.0, np.float32)
    images[0, :, *rng.integers(160, size=2)] = images[1, 0, *rng.integers(160, size=2)] = (
        0.3  # one holds more
    )
    edges, target = images
    found = np.asarray(patch_weights(edges, target, 0.05))[..., 0]
    drawn = (np.maximum(edges, target)[..., 0] > -1).reshape(3, 20, 8, 20, 8).any(axis=(2, 4))
    expected = np.empty((3, 20, 20))
    for image, row, column in np.ndindex(3, 20, 20):
        seen = drawn[image, max(row - 4, 0) : row + 5, max(column - 4, 0) : column + 5]
        expected[image, row, column] = 1 if seen.any() else 0.05
    assert set(np.unique(expected)) == {0.05, 1.0}
    np.testing.assert_allclose(found, expected / expected.mean(axis=(1, 2), keepdims=True), rtol=1e-5)
    assert patch_weights(edges, target, 1.0) == 1.0


def test_losses_and_accuracy_are_weighted_means():
    from sigforensics.gan.losses import accuracy, discriminator_hinge, generator_hinge

    weights = RNG.uniform(0, 2, TRUE.shape).astype(np.float32)
    expected = (weights * np.maximum(0, 1 - TRUE)).mean() + (weights * np.maximum(0, 1 + FAKE)).mean()
    assert float(discriminator_hinge(TRUE, FAKE, weights)) == pytest.approx(expected, rel=1e-6)
    assert float(generator_hinge(FAKE, weights)) == pytest.approx(-(weights * FAKE).mean(), rel=1e-5)
    assert float(accuracy(TRUE, weights)) == pytest.approx((weights * (TRUE > 0)).mean(), rel=1e-5)
