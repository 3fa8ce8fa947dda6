"""One signature of an invented writer, scanned."""

from __future__ import annotations

import numpy as np

from sigforensics.images import FloatImage
from sigforensics.samples.ink import Line, deposit_ink, trajectory_to_line
from sigforensics.samples.kinematics import move_pen
from sigforensics.samples.paper import scan_sheet
from sigforensics.samples.planning import plan_signature
from sigforensics.samples.writer import Writer
from sigforensics.settings import Sampling

__all__ = ["draw_signature", "sign"]

SAMPLES_A_STROKE = 40


def draw_signature(
    writer: Writer, *, rng: np.random.Generator, dpi: float = 300.0, settings: Sampling | None = None
) -> FloatImage:
    """One signature on a piece of paper, scanned and cropped with some margin.

    Parameters
    ----------
    writer : Writer
        Whose hand.
    rng : Generator
        Draws what varies between two signatures, and the grain of ink and paper.
    dpi : float
        Pixels an inch.
    settings : Sampling, optional
        Amounts of variation and grain.

    Returns
    -------
    ndarray, shape (height, width), float32
        Grey image in [0, 1]: ink dark on paper of about 0.94.
    """
    settings = settings or Sampling()
    line = sign(writer, rng=rng, dpi=dpi, settings=settings)
    left, right, top, bottom = np.rint(rng.uniform(*settings.margin, 4) * dpi / 25.4).astype(int)
    width, height = line.size
    sheet = (height + top + bottom, width + left + right)
    ink = deposit_ink(line.moved(left, top), sheet, rng=rng, settings=settings)
    return scan_sheet(ink, rng=rng, dpi=dpi, settings=settings)


def sign(writer: Writer, *, rng: np.random.Generator, dpi: float, settings: Sampling) -> Line:
    """Write a signature once: the line of the pen, its ink beginning at the origin."""
    plan = plan_signature(writer, rng=rng, settings=settings)
    path = move_pen(
        plan,
        deviation=settings.stroke_deviation,
        fluency=writer.fluency,
        pause=settings.pause,
        care=writer.care,
        isochrony=settings.isochrony,
        samples=SAMPLES_A_STROKE,
        timing=np.exp(rng.normal(0, settings.timing, len(plan.down))),
    )
    return trajectory_to_line(path, writer, rng=rng, dpi=dpi, settings=settings)
