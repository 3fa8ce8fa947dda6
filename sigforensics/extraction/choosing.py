"""Which of the hypotheses that share ink stay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

__all__ = ["choose"]

SURE = 1 - 1e-9
"""Certainty counts as this, so that its logarithm is finite."""


def choose(
    confidence: NDArray[np.float64], members: Sequence[NDArray[np.intp]], *, least: float
) -> list[int]:
    """The hypotheses that stay, of which no two share ink: those of which it is least likely that all are wrong.

    Were the hypotheses independent, all would be wrong with the product of 1 - confidence; that is least where the sum of
    -log(1 - confidence) is greatest. A good hypothesis wins over two poor ones of its parts, and gives way to two good ones.

    Parameters
    ----------
    confidence : ndarray of float, shape (n,)
        0 to 1.
    members : sequence of n arrays
        The pieces of ink of each.
    least : float
        Those below it do not stay.

    Returns
    -------
    list of int
        Their numbers, the most confident first, equal ones in their order.

    Raises
    ------
    RuntimeError
        If HiGHS finds no solution, which there always is: none of them.

    Notes
    -----
    Solved exactly, as an integer programme (HiGHS through SciPy).
    """
    able = [index for index, one in enumerate(confidence) if one >= least]
    if not able:
        return []
    sets = [np.unique(members[index]) for index in able]
    pieces, rows = np.unique(np.concatenate(sets), return_inverse=True)
    columns = np.repeat(np.arange(len(able)), [len(one) for one in sets])
    holds = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(pieces), len(able)))
    found = milp(
        np.log1p(-np.minimum(confidence[able], SURE)),
        constraints=LinearConstraint(holds, ub=1),
        integrality=np.ones(len(able), np.uint8),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.0},
    )
    if not found.success:
        raise RuntimeError(f"no choice among {len(able)} hypotheses: {found.message}")
    stays = [index for index, taken in zip(able, found.x, strict=True) if taken > 0.5]
    return sorted(stays, key=lambda index: -confidence[index])
