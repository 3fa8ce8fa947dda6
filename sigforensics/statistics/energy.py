"""The energy distance between two sets."""

from __future__ import annotations

import numpy as np
import scipy.sparse
from scipy.spatial.distance import cdist

from sigforensics.statistics.labelled import LabelledImages
from sigforensics.statistics.units import FloatArray

__all__ = ["energies", "unit_distances"]

ROWS = 512
"""Images whose distances to all others are held at once."""


def unit_distances(images: LabelledImages) -> FloatArray:
    """Mean distances between the images of each two units, shape (units, units).

    Bands are standardised over all images, whatever their set. Where units are aligned, images count by their side: the
    entry of units u and v is that of fakes with fakes, plus true with true, less twice fakes with true.
    """
    spread = images.features.std(axis=0)
    values = images.features / np.where(spread > 0, spread, 1.0)
    _, part, sizes = np.unique(2 * images.unit + (images.side > 0), return_inverse=True, return_counts=True)
    sign = images.side if images.aligned else np.ones(len(values))
    places = images.unit, np.arange(len(values))
    weights = scipy.sparse.csr_array((sign / sizes[part], places), shape=(images.n_units, len(values)))
    distances = np.zeros((images.n_units, images.n_units))
    for start in range(0, len(values), ROWS):
        rows = slice(start, start + ROWS)
        distances += np.asarray(weights[:, rows] @ (weights @ cdist(values, values[rows])).T)
    return distances


def energies(images: LabelledImages, distances: FloatArray, labels: FloatArray) -> FloatArray:
    """The energy distance for each labelling: shape (labellings,), in standard deviations of a band.

    E = 2 mean|x - y| - mean|x - x'| - mean|y - y'| over images x of one set and y of the other (Szekely & Rizzo 2013); it
    is 0 where the sets have one distribution, and above 0 elsewhere, whether they differ in mean, spread, or dependence.
    All units weigh the same.

    Parameters
    ----------
    images : LabelledImages
    distances : float64, shape (units, units)
        Of :func:`unit_distances`.
    labels : float64, shape (labellings, units)
        1 or -1 where units are aligned, else 1 or 0 for units of the second and the first set.
    """
    if images.aligned:
        weights = labels / images.n_units
    else:
        second = labels.sum(axis=1, keepdims=True)
        weights = labels / second - (1 - labels) / (images.n_units - second)
    return np.asarray(-((weights @ distances) * weights).sum(axis=1))
