"""Hinge losses of the adversarial game, and what the log says of the discriminator."""

from __future__ import annotations

from typing import Any

from sigforensics.gan.backend import tf

__all__ = ["accuracy", "discriminator_hinge", "generator_hinge", "mean_absolute_error"]


def discriminator_hinge(true_scores: Any, fake_scores: Any) -> Any:
    """E[max(0, 1 - D(true))] + E[max(0, 1 + D(fake))]. Source: Park et al. 2019; the reference."""
    true_part = tf.reduce_mean(tf.nn.relu(1.0 - true_scores))
    return true_part + tf.reduce_mean(tf.nn.relu(1.0 + fake_scores))


def generator_hinge(fake_scores: Any) -> Any:
    """-E[D(fake)]."""
    return -tf.reduce_mean(fake_scores)


def mean_absolute_error(image: Any, target: Any) -> Any:
    """E|image - target|, on the scale of the arguments. Source: Isola et al. 2017."""
    return tf.reduce_mean(tf.abs(image - target))


def accuracy(scores: Any) -> Any:
    """Share of patch scores above zero: of the true images for D, of the fakes for G."""
    return tf.reduce_mean(tf.cast(scores > 0, tf.float32))
