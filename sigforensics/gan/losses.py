"""Hinge losses of the adversarial game, and what the log says of the discriminator."""

from __future__ import annotations

from typing import Any

from sigforensics.gan.backend import tf

__all__ = ["accuracy", "discriminator_hinge", "generator_hinge", "mean_absolute_error", "patch_weights"]

STRIDE, FIELD = 8, 70
"""Pixels between the patches that the discriminator scores, and side of what each sees (Isola et al. 2017)."""


def patch_weights(edges: Any, target: Any, blank_weight: float) -> Any:
    """What each patch counts in the hinge losses: ``blank_weight`` where it holds neither edge nor ink, else 1; mean 1.

    Each image has the mean 1 by itself: an image's share of the losses does not depend on its batch, nor on how that is shared
    among devices.

    Parameters
    ----------
    edges, target : tensors, float32 (n, size, size, 1) in [-1, 1], blank -1
    blank_weight : float

    Returns
    -------
    tensor, float32 (n, size / 8, size / 8, 1), or 1.0 if blank patches count as much as others
    """
    if blank_weight == 1:
        return 1.0
    drawn = tf.cast(tf.maximum(edges, target) > -1.0, tf.float32)
    cells = tf.nn.max_pool2d(drawn, STRIDE, STRIDE, "SAME")
    holds = tf.nn.max_pool2d(cells, FIELD // STRIDE + 1, 1, "SAME")
    weights = blank_weight + (1.0 - blank_weight) * holds
    return weights / tf.reduce_mean(weights, axis=(1, 2, 3), keepdims=True)


def discriminator_hinge(true_scores: Any, fake_scores: Any, weights: Any = 1.0) -> Any:
    """E[max(0, 1 - D(true))] + E[max(0, 1 + D(fake))]. Source: Park et al. 2019; the reference."""
    true_part = tf.reduce_mean(weights * tf.nn.relu(1.0 - true_scores))
    return true_part + tf.reduce_mean(weights * tf.nn.relu(1.0 + fake_scores))


def generator_hinge(fake_scores: Any, weights: Any = 1.0) -> Any:
    """-E[D(fake)]."""
    return -tf.reduce_mean(weights * fake_scores)


def mean_absolute_error(image: Any, target: Any) -> Any:
    """E|image - target|, on the scale of the arguments. Source: Isola et al. 2017."""
    return tf.reduce_mean(tf.abs(image - target))


def accuracy(scores: Any, weights: Any = 1.0) -> Any:
    """Share of patch scores above zero, weighted as in the losses: of the true images for D, of the fakes for G."""
    return tf.reduce_mean(weights * tf.cast(scores > 0, tf.float32))
