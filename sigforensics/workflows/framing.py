"""Images of different sizes on the same frequencies: by their spectra, or, where that is asked for, by their pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sigforensics.errors import ImageTooSmall, ResolutionMissing, SigforensicsError
from sigforensics.images import FloatImage
from sigforensics.scans import Extent, read_extent
from sigforensics.settings import PixelChange, Scanning
from sigforensics.spectra import (
    NYQUIST,
    FrequencyGrid,
    common_grid,
    crop_pixels,
    nyquist_per_mm,
    pad_pixels,
    radial_bands,
    resize_pixels,
)
from sigforensics.workflows.progress import Progress

__all__ = ["Framing", "measure_images", "plan_framing", "size_notes", "smallest_images"]

Pair = tuple[float, float]
CHANGES: Mapping[PixelChange, tuple[Callable[[FloatImage, tuple[int, int]], FloatImage], str]] = {
    "pad": (pad_pixels, "padded with the median of their borders"),
    "crop": (crop_pixels, "cropped to their middles"),
    "resize": (resize_pixels, "resized, each side by itself,"),
}
ROOMY = 4
"""Pixels a radial band from which on every band of an image has coefficients."""
DENSITY = (
    "|DCT| is divided by the dots per millimetre (the geometric mean of both directions): one picture scanned at two resolutions "
    "has one spectrum, as far as both reach"
)
"""What a reader of frequencies per millimetre must know."""


@dataclass(frozen=True)
class Framing:
    """How images come to the same frequencies. As it stands: they have one size, and nothing is done."""

    grid: FrequencyGrid | None = None
    """Of the maps, where it is not the images' own."""
    pixels: PixelChange | None = None
    shape: tuple[int, int] | None = None
    """(height, width) that the pixels are changed to."""
    largest: tuple[int, int] | None = None
    """(height, width) that no image exceeds."""
    caption: str = ""
    """What a figure must say."""
    notes: tuple[str, ...] = ()
    """What a reader must know."""

    def change(self, image: FloatImage) -> FloatImage:
        """The image, with other pixels only where that was asked for."""
        if self.pixels is None or self.shape is None:
            return image
        return CHANGES[self.pixels][0](image, self.shape)

    def nyquist(self, dpi: tuple[float, float] | None) -> tuple[float, float]:
        """The Nyquist frequencies of an image of that resolution, in the grid's unit."""
        if self.grid is None or self.grid.unit == "cycles per pixel" or dpi is None:
            return NYQUIST
        return nyquist_per_mm(dpi)


def measure_images(paths: Iterable[Path], *, scanning: Scanning, progress: Progress) -> dict[Path, Extent]:
    """Sizes and resolutions, without decoding; files that cannot be used are left out, since reading them will say so."""
    measured = {}
    for path in paths:
        try:
            measured[path] = read_extent(path, settings=scanning)
        except SigforensicsError:
            continue
        finally:
            progress.advance()
    return measured


def plan_framing(
    measured: Mapping[Path, Extent],
    *,
    bands: int,
    pixels: PixelChange | None = None,
    per_millimetre: bool = False,
) -> Framing:
    """Decide how images come to the same frequencies.

    Parameters
    ----------
    measured : mapping of Path to Extent
        Of all images of all sets.
    bands : int
        Radial bands; images in which one of them would be empty do not count, and are skipped when they are read.
    pixels : {"pad", "crop", "resize"}, optional
        Change pixels instead of averaging spectra: pad to the largest height and width, or crop or resize to the smallest.
    per_millimetre : bool
        Frequencies in cycles per millimetre.

    Raises
    ------
    ResolutionMissing
        If frequencies per millimetre are asked for and a file states no resolution.
    """
    usable = {
        path: extent for path, extent in measured.items() if _has_bands(extent.shape, bands)
    } or measured
    if per_millimetre:
        _require_resolution(usable)
    shapes = [extent.shape for extent in usable.values()]
    smallest, largest = ((pick(h for h, _ in shapes), pick(w for _, w in shapes)) for pick in (min, max))
    if smallest == largest and not per_millimetre:
        return Framing()
    target = None if pixels is None or smallest == largest else largest if pixels == "pad" else smallest
    spans = {
        path: (
            target or extent.shape,
            nyquist_per_mm(extent.dpi) if per_millimetre and extent.dpi else NYQUIST,
        )
        for path, extent in usable.items()
    }
    grid = common_grid(spans.values(), unit="cycles per millimetre" if per_millimetre else "cycles per pixel")
    sizes = f"images of {_size(smallest)} to {_size(largest)} pixels"
    caption, notes = _tell(sizes, grid, target, pixels, smallest_images(spans))
    if per_millimetre:
        notes = (*notes, DENSITY)
    return Framing(grid, pixels if target else None, target, target or largest, caption, notes)


def _has_bands(shape: tuple[int, int], bands: int) -> bool:
    try:
        return min(shape) >= ROOMY * bands or radial_bands(*shape, bands) is not None
    except ImageTooSmall:
        return False


def _require_resolution(measured: Mapping[Path, Extent]) -> None:
    for path, extent in measured.items():
        if extent.dpi is None:
            raise ResolutionMissing(path, "states no resolution, which frequencies per millimetre need")


def _tell(
    sizes: str,
    grid: FrequencyGrid,
    target: tuple[int, int] | None,
    pixels: PixelChange | None,
    smallest: str,
) -> tuple[str, tuple[str, ...]]:
    """What the figure and the reader are told."""
    if target is not None and pixels is not None:
        done = f"{sizes} were {CHANGES[pixels][1]} to {_size(target)}"
        note = f"{done}, as was asked for: what this did to their pixels is in the spectra"
        return f"{_upper(done)}.", (note,)
    frequencies = f"a common grid of {_size(grid.shape)} frequencies"
    if grid.unit == "cycles per millimetre":
        frequencies += (
            f" up to {grid.limits[1]:.3g} (horizontal) and {grid.limits[0]:.3g} (vertical) {grid.unit}"
        )
    done = f"{sizes}: their spectra, not their pixels, were averaged onto {frequencies}; {smallest}"
    spread = (
        "a value of the grid that is a mean of several coefficients of a large image scatters less than one of a small "
        "image: maps of standard deviations and errors depend on the sizes; the bands and peaks of an image do not "
        "depend on the grid"
    )
    return f"{_upper(sizes)}; spectra, not pixels, averaged onto {frequencies}.", (done, spread)


def smallest_images(spans: Mapping[Path, tuple[tuple[int, int], Pair]]) -> str:
    """The files that set the height and the width of the grid: those with the least room, in pixels or in millimetres."""
    found = []
    for axis in (0, 1):
        room = {path: shape[axis] / nyquist[axis] for path, (shape, nyquist) in spans.items()}
        found.append(min(room, key=room.__getitem__))
    height, width = (str(Path(path.parent.name) / path.name) for path in found)
    if found[0] == found[1]:
        return f"the smallest image is {height}"
    return f"{height} has the smallest height, {width} the smallest width"


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]


def _size(shape: tuple[int, int]) -> str:
    return f"{shape[1]} x {shape[0]}"


def size_notes(shapes: Mapping[str, Sequence[tuple[int, int]]]) -> tuple[str, ...]:
    """What a reader must know where bands of images of different sizes, by set, are set against each other."""
    if len({shape for sizes in shapes.values() for shape in sizes}) <= 1:
        return ()
    sizes = ", ".join(f"{name} {_range(sizes)}" for name, sizes in shapes.items())
    note = (
        f"the images differ in size ({sizes} pixels): the bands are those of each image's own coefficients, by cycles "
        "per pixel, and nothing was resized; but on twice as many pixels of paper the same strokes are 0.35 nats lower in every "
        "band, and grain is not"
    )
    return (note,)


def _range(shapes: Sequence[tuple[int, int]]) -> str:
    smallest, largest = (
        "{1} x {0}".format(*(pick(shape[axis] for shape in shapes) for axis in (0, 1))) for pick in (min, max)
    )
    return smallest if smallest == largest else f"{smallest} to {largest}"
