"""Figures to files."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from PIL.PngImagePlugin import PngInfo

from sigforensics.errors import OutputFormat, OutputUnwritable
from sigforensics.report.figures.style import styled

__all__ = ["save_figure"]

METADATA: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".pdf": {"CreationDate": None},
    ".svg": {"Date": None},
}
"""No dates and no versions: equal figures get equal bytes."""


@styled
def save_figure(
    figure: Figure, path: Path, *, dpi: float = 200.0, texts: Mapping[str, str] | None = None
) -> None:
    """Write a figure as what the ending of its name says: .png, .pdf or .svg.

    Parameters
    ----------
    figure : Figure
    path : Path
        Replaced if it is there: see :mod:`sigforensics.storage` for what guards the user's files.
    dpi : float
        Dots per inch of a PNG, and of images within a PDF or SVG.
    texts : mapping, optional
        What a PNG says of itself: see :func:`sigforensics.png.synthetic_texts` for pictures of what a generator made.

    Raises
    ------
    OutputFormat
        If the ending is another, or there are texts and it is not .png.
    OutputUnwritable
        If the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in METADATA:
        raise OutputFormat(path, f"figures are not written as {ending or 'files without an ending'}")
    if texts and ending != ".png":
        raise OutputFormat(
            path, f"what the figure says of itself cannot be kept in {ending}", "end it in .png"
        )
    said: dict[str, Any] = {"metadata": METADATA[ending]}
    if texts:
        info = PngInfo()
        for key, text in texts.items():
            info.add_itxt(key, text)
        said = {"pil_kwargs": {"pnginfo": info}}
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", r"Glyph \d+", UserWarning
            )  # names in scripts that the font lacks
            figure.savefig(path, format=ending[1:], dpi=dpi, **said)
    except OSError as error:
        raise OutputUnwritable(path, error.strerror or str(error)) from error
