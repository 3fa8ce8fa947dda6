"""Images side by side: dark ink on white."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from sigforensics.images import FloatImage
from sigforensics.report.figures.style import GREY, styled

__all__ = ["cut_to_ink", "draw_contact_sheet", "ink_rows"]

CELL = 1.5
"""Inches: usual width of an image with its margins."""
LOWEST = 0.25
"""Least height of a row over its width."""


@styled
def draw_contact_sheet(
    rows: Mapping[str, Sequence[FloatImage]],
    *,
    columns: Sequence[str] = (),
    title: str = "",
    cell_width: float = CELL,
) -> Figure:
    """Draw ink images in labelled rows, as a pen would have left them: ink dark, paper white.

    Parameters
    ----------
    rows : mapping of str to sequence of images
        Each float32, shape (height, width), ink 1 on paper 0. Rows may be of different lengths.
    columns : sequence of str, optional
        Titles of the columns.
    title : str, optional
        Of the whole.
    cell_width : float
        Inches: width of an image with its margins.

    Raises
    ------
    ValueError
        If there is no image at all.
    """
    width = max((len(images) for images in rows.values()), default=0)
    if width == 0:
        raise ValueError("no image to draw")
    longest = max(len(line) for label in rows for line in label.split("\n"))
    shapes = [[image.shape for image in images] for images in rows.values()]
    heights = [max([LOWEST, *(height / across for height, across in row)]) for row in shapes]
    size = (
        cell_width * width + 0.075 * longest + 0.2,
        cell_width * sum(heights) + 0.1 * len(rows) + 0.3 + 0.25 * bool(title),
    )
    figure = Figure(figsize=size, layout="constrained")
    cells = figure.subplots(len(rows), width, squeeze=False, height_ratios=heights)
    for row, (label, images) in zip(cells, rows.items(), strict=True):
        for cell in row:
            cell.set(xticks=[], yticks=[])
            cell.spines[:].set(visible=False)
        for cell, image in zip(row, images, strict=False):
            cell.imshow(image, cmap="gray_r", vmin=0.0, vmax=1.0, interpolation="antialiased")
            cell.spines[:].set(visible=True, color=GREY, linewidth=0.4)
        row[0].set_ylabel(label, rotation=0, ha="right", va="center", parse_math=False)  # $ is a $
    for cell, heading in zip(cells[0], columns, strict=False):
        cell.set_title(heading)
    if title:
        figure.suptitle(title, fontsize="medium")
    return figure


def cut_to_ink(images: Sequence[FloatImage]) -> list[FloatImage]:
    """Some images of one size without the rows that bear ink in none: the empty parts of a square say nothing."""
    rows = ink_rows(images)
    return [image[rows] for image in images]


def ink_rows(images: Sequence[FloatImage]) -> slice:
    """From the first to the last row that bears ink in any of some images of one size, with a margin; all rows if none does."""
    inked = np.flatnonzero(np.max([image.max(axis=1) for image in images], axis=0))
    if not len(inked):
        return slice(None)
    margin = len(images[0]) // 16
    return slice(max(inked[0] - margin, 0), inked[-1] + 1 + margin)
