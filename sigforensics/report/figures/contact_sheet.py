"""Images side by side: dark ink on white."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from sigforensics.images import FloatImage
from sigforensics.report.figures.style import GREY, styled

__all__ = ["draw_contact_sheet"]

CELL = 1.5
"""Inches: width of an image with its margins."""
LOWEST = 0.25
"""Least height of a row over its width."""


@styled
def draw_contact_sheet(rows: Mapping[str, Sequence[FloatImage]], *, columns: Sequence[str] = ()) -> Figure:
    """Draw ink images in labelled rows, as a pen would have left them: ink dark, paper white.

    Parameters
    ----------
    rows : mapping of str to sequence of images
        Each float32, shape (height, width), ink 1 on paper 0. Rows may be of different lengths.
    columns : sequence of str, optional
        Titles of the columns.

    Raises
    ------
    ValueError
        If there is no image at all.
    """
    width = max((len(images) for images in rows.values()), default=0)
    if width == 0:
        raise ValueError("no image to draw")
    longest = max(len(label) for label in rows)
    shapes = [[image.shape for image in images] for images in rows.values()]
    heights = [max([LOWEST, *(height / across for height, across in row)]) for row in shapes]
    size = CELL * width + 0.075 * longest + 0.2, CELL * sum(heights) + 0.1 * len(rows) + 0.3
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
    for cell, title in zip(cells[0], columns, strict=False):
        cell.set_title(title)
    return figure
