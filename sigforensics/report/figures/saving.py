"""Figures to files."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from sigforensics.errors import OutputFormat, OutputUnwritable
from sigforensics.png import png_info
from sigforensics.report.figures.style import styled

__all__ = ["save_figure"]

METADATA: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".pdf": {"CreationDate": None},
    ".svg": {"Date": None},
}
"""No dates and no versions: equal figures get equal bytes."""
DESCRIPTION = {".pdf": "Subject", ".svg": "Description"}
"""What each calls a description."""


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
        What the picture says of itself, as :mod:`sigforensics.marking` puts it; a PDF or SVG takes the description alone.

    Raises
    ------
    OutputFormat
        If the ending is another.
    OutputUnwritable
        If the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in METADATA:
        raise OutputFormat(path, f"figures are not written as {ending or 'files without an ending'}")
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", r"Glyph \d+", UserWarning
            )  # names in scripts that the font lacks
            figure.savefig(path, format=ending[1:], dpi=dpi, **_metadata(ending, texts or {}))
    except OSError as error:
        raise OutputUnwritable(path, error.strerror or str(error)) from error


def _metadata(ending: str, texts: Mapping[str, str]) -> dict[str, Any]:
    if texts and ending == ".png":
        return {"pil_kwargs": {"pnginfo": png_info(texts)}}
    described = {DESCRIPTION[ending]: texts["Description"]} if texts else {}
    return {"metadata": METADATA[ending] | described}
