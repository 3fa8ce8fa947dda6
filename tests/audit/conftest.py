"""Signatures to be audited."""

from __future__ import annotations

import numpy as np
import pytest

from sigforensics.images import ByteImage, unit_to_bytes

Signatures = dict[tuple[int, int], ByteImage]


@pytest.fixture(scope="session")
def signatures() -> Signatures:
    """8 invented writers, 4 signatures each, by (writer, number); grey, paper bright."""
    from sigforensics.samples import draw_signature, invent_writer

    writers = [invent_writer(number, seed=5) for number in range(8)]
    return {
        (place, number): unit_to_bytes(
            draw_signature(writer, rng=np.random.default_rng([place, number]), dpi=200)
        )
        for place, writer in enumerate(writers)
        for number in range(4)
    }
