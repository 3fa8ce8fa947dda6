"""How far the texture of fakes is from that of true images: distances of distributions, not of pixels.

Images are float32 (n, side, side, 1) with ink 255 on paper 0, unless said otherwise; results have gradients.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics.gan.backend import tf

__all__ = ["draw_directions", "finish", "radial_bands", "sliced_distance", "spectrum_differences"]

KINDS = (0.3, 0.6)
"""Cumulated shares of the kinds of directions: 0.3 weigh the whole patch, 0.3 its middle 3 x 3 pixels, and the others 2 to 4
pixels in a line through its middle, across or down."""
CENTRED = 0.8
"""Share of directions whose weights have mean 0: they see differences, the others levels too."""


def finish(images: Any, *, threshold: int) -> Any:
    """Clip, round to whole grey levels, and clear what lies below the threshold, as the last step of every image does.

    Gradients pass as if nothing had been done (straight-through estimator: Bengio et al. 2013), so that a pixel below the
    threshold can be drawn above it.
    """
    levels = tf.round(tf.clip_by_value(images, 0.0, 255.0))
    levels = tf.where(levels < threshold, 0.0, levels)
    return images + tf.stop_gradient(levels - images)


def draw_directions(count: int, patch: int, *, rng: np.random.Generator) -> NDArray[np.float32]:
    """Random directions of length 1 in which patches are projected: shape (count, patch * patch).

    ``patch`` is odd and at least 5, so that every kind fits in.
    """
    return np.stack([_direction(patch, rng).ravel() for _ in range(count)]).astype(np.float32)


def _direction(patch: int, rng: np.random.Generator) -> NDArray[np.float64]:
    kind, direction = rng.random(), np.zeros((patch, patch))
    if kind < KINDS[0]:
        direction[:] = rng.normal(size=(patch, patch))
    elif kind < KINDS[1]:
        middle = slice(patch // 2 - 1, patch // 2 + 2)
        direction[middle, middle] = rng.normal(size=(3, 3))
    else:
        weights = rng.normal(size=rng.integers(2, 5))
        start = rng.integers(0, patch - len(weights) + 1)
        direction[patch // 2, start : start + len(weights)] = weights
        direction = direction if rng.random() < 0.5 else direction.T
    used = direction != 0
    if rng.random() < CENTRED:
        direction[used] -= direction[used].mean()
    return direction / np.linalg.norm(direction)


def sliced_distance(
    fake: Any, true: Any, zone: Any, directions: Any, *, patches: int, seed: Any, huber: float
) -> Any:
    """Sliced Wasserstein distance of the patches around ``patches`` random pixels of a zone, the same in both.

    Patches are projected on each direction and sorted; the k-th smallest of the fakes stands against the k-th smallest of the
    true ones. Beyond the border of an image there is paper, in both. Source: Bonneel et al. 2015; for patches of images
    Elnekave & Weiss 2022.

    Parameters
    ----------
    fake, true : tensor
    zone : tensor of float32, likewise, 1 in the zone and 0 elsewhere
    directions : tensor of float32, shape (count, patch * patch)
    patches : int
        Drawn with repetition.
    seed : tensor of int32, shape (2,)
    huber : float
        Grey levels below which differences count by their square.

    Returns
    -------
    tensor
        Grey levels, the mean over directions and ranks; 0 where the zone is empty.
    """
    places = tf.where(tf.reshape(zone, (-1,)) > 0)[:, 0]
    count = tf.shape(places)[0]
    drawn = tf.random.stateless_uniform((patches,), seed, 0, tf.maximum(count, 1), tf.int32)
    chosen = tf.gather(tf.concat([places, [0]], axis=0), drawn)
    sorted_fake, sorted_true = (
        tf.sort(tf.matmul(directions, _patches(images, chosen, directions), transpose_b=True), axis=-1)
        for images in (fake, true)
    )
    apart = tf.abs(sorted_fake - sorted_true)
    curved = tf.where(apart < huber, apart * apart / (2 * huber), apart - huber / 2)
    return tf.reduce_mean(curved) * tf.cast(count > 0, tf.float32)


def _patches(images: Any, places: Any, directions: Any) -> Any:
    """The patches around the given places (indices of all pixels in a row): shape (places, patch * patch)."""
    size = directions.shape[-1]
    side = round(size**0.5)
    cut = tf.image.extract_patches(images, [1, side, side, 1], [1] * 4, [1] * 4, "SAME")
    return tf.gather(tf.reshape(cut, (-1, size)), places)


def radial_bands(side: int, bands: int) -> NDArray[np.float32]:
    """Weights (side * side, bands) that average DCT coefficients in radial bands of equal width, DC left out.

    Bands too narrow to hold a coefficient have weights of 0.
    """
    frequencies = np.arange(side) / (2 * side)
    radius = np.hypot(frequencies[:, None], frequencies)
    numbers = np.minimum((radius / np.sqrt(0.5) * bands).astype(int), bands - 1).ravel()
    weights = np.zeros((side * side, bands), np.float32)
    weights[np.arange(side * side), numbers] = 1
    weights[0] = 0
    return np.asarray(weights / np.maximum(weights.sum(axis=0), 1), np.float32)


def spectrum_differences(fake: Any, true: Any, *, bands: Any, floor: float) -> Any:
    """Fake less true, in nats: means over radial bands of ln(|DCT| + floor), shape (n, bands)."""
    return _profile(fake, bands, floor) - _profile(true, bands, floor)


def _profile(images: Any, bands: Any, floor: float) -> Any:
    side = images.shape[1]
    transform = tf.constant(_dct_matrix(side))
    coefficients = tf.einsum("ij,njk,lk->nil", transform, images[..., 0], transform)
    return tf.matmul(tf.reshape(tf.math.log(tf.abs(coefficients) + floor), (-1, side * side)), bands)


def _dct_matrix(side: int) -> NDArray[np.float32]:
    """Orthonormal DCT-II."""
    k = np.arange(side)
    matrix = np.sqrt(2 / side) * np.cos(np.pi * k[:, None] * (2 * k + 1) / (2 * side))
    matrix[0] /= np.sqrt(2)
    return np.asarray(matrix, np.float32)
