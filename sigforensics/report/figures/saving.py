"""Figures to files."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from sigforensics.errors import OutputFormat, OutputUnwritable
from sigforensics.png import png_info
from sigforensics.report.figures.style import styled

__all__ = ["save_figure"]

METADATA: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    ".svg": {"Date": None, "Creator": None},
}
"""No dates and no versions: equal figures get equal bytes."""
NATIVE = 1024
"""Pixels a side: an image up to it goes into a PDF or SVG as it is, pixel for pixel; a larger one as ``dpi`` has it."""
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
        Dots per inch of a PNG, and of images within a PDF or SVG that have more than 1024 pixels a side; smaller ones are in it
        pixel for pixel.
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
            with _native_images(figure, wanted=ending != ".png"):
                figure.savefig(path, format=ending[1:], dpi=dpi, **_metadata(ending, texts or {}))
    except OSError as error:
        raise OutputUnwritable(path, error.strerror or str(error)) from error


@contextmanager
def _native_images(figure: Figure, *, wanted: bool) -> Iterator[None]:
    """Let images be written as they are: every coefficient of a map is then in the file, and none is a mean of two."""
    images = [image for axes in figure.axes for image in axes.images] if wanted else []
    before = {image: image.get_interpolation() for image in images if max(image.get_size()) <= NATIVE}
    try:
        for image in before:
            image.set_interpolation("none")
        yield
    finally:
        for image, interpolation in before.items():
            image.set_interpolation(interpolation)


def _metadata(ending: str, texts: Mapping[str, str]) -> dict[str, Any]:
    if texts and ending == ".png":
        return {"pil_kwargs": {"pnginfo": png_info(texts)}}
    described = {DESCRIPTION[ending]: texts["Description"]} if texts else {}
    return {"metadata": METADATA[ending] | described}
