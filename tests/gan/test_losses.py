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
