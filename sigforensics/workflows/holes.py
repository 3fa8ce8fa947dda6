"""The holes of augmented edges in a run: where they are, and how strokes go on across them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sigforensics.augmentation import (
    Distortion,
    Square,
    deform,
    draw_distortion,
    draw_squares,
    erase_squares,
    image_rng,
)
from sigforensics.bridging import CarriedOn, bridge_strokes
from sigforensics.corpus import Row
from sigforensics.errors import TableInvalid
from sigforensics.images import ByteImage
from sigforensics.preprocessing import target_to_edges
from sigforensics.settings import Augmentation, Bridging, Grafting, Holes, Preprocessing
from sigforensics.storage import RECORD_NAME

__all__ = ["Named", "carry_on", "distortion_of"]

Holed = tuple[Square, ...]
"""The holes of one signature."""
REDRAWN = 200
"""How often a place for a hole is drawn, at most, until it takes ink away."""


class Named(NamedTuple):
    """A specimen of the writer, by what a reader finds it."""

    name: str
    target: ByteImage


def carry_on(
    edges: ByteImage,
    target: ByteImage,
    distortion: Distortion,
    specimens: Sequence[Named],
    *,
    rng: np.random.Generator,
    how: Holes,
    chain: Preprocessing,
    bridging: Bridging,
    grafting: Grafting,
) -> tuple[ByteImage, dict[str, Any]]:
    """Augmented edges as the generator sees them, how many strokes were carried on, and from which specimens.

    With strokes carried on they are the edges of the deformed signature, since deformed edges have gaps, of which generators
    make webs and clots; otherwise the deformed edges, as the reference's testing has it.

    Parameters
    ----------
    edges : ndarray of uint8, shape (size, size)
        Deformed, with the holes.
    target : ndarray of uint8, shape (size, size)
        As it was before.
    distortion : Distortion
    specimens : sequence of Named
        Of the writer; one whose target is this very image is left out.
    rng : numpy.random.Generator
        As it was left when the distortion was drawn: where specimens are to fill the holes, further places for these are drawn,
        since a piece does not fit everywhere.
    how : Holes
        From specimens where one fits, by the rule, or not at all.
    chain : Preprocessing
        By which edges are traced.
    bridging, grafting : settings

    Returns
    -------
    tuple of ndarray of uint8, shape (size, size), and dict
        What ``signatures.csv`` says of it: ``holes`` in any case, and unless they are left ``hole_draws``, ``grafted``,
        ``joins``, ``points`` and ``specimens``.
    """
    if how == "leave":
        return edges, {"holes": _written(distortion.holes)}
    ink = deform(target, distortion.displacements)
    others = [one for one in specimens if not np.array_equal(one.target, target)]  # never filled from itself
    traced = target_to_edges(ink, settings=chain)

    def carried_across(holes: Sequence[Square]) -> CarriedOn:
        return bridge_strokes(
            erase_squares(traced, holes),
            holes,
            ink=ink,
            specimens=[one.target for one in others] if how == "graft" else (),
            settings=bridging,
            grafting=grafting,
            chain=chain,
        )

    places: Iterable[Holed] = [distortion.holes]
    smaller = any(rows.stop - rows.start < len(ink) for rows, _ in distortion.holes)
    if how == "graft" and others and smaller:
        places = islice(_places(distortion.holes, ink >= bridging.least_ink, rng), grafting.draws)
    least, enough = (each * len(distortion.holes) for each in (grafting.least_ends, grafting.enough))
    tried: list[tuple[bool, float, Holed, CarriedOn]] = []
    for holes in places:
        found = carried_across(holes)
        tried.append((found.grafted < least, found.cost, holes, found))
        if tried[-1][:2] <= (False, enough):
            break
    _, _, holes, carried_on = min(tried, key=lambda one: one[:2])
    return carried_on.edges, {
        "holes": _written(holes),
        "hole_draws": len(tried),
        "grafted": carried_on.grafted,
        "joins": carried_on.joins,
        "points": carried_on.points,
        "specimens": "; ".join(others[number].name for number in carried_on.specimens),
    }


def _places(own: Holed, inked: NDArray[np.bool_], rng: np.random.Generator) -> Iterator[Holed]:
    """The holes' own place, unless one misses the strokes, and others without end, of holes as large each."""
    if all(_takes_ink(hole, inked) for hole in own):
        yield own
    while True:
        yield tuple(_moved(hole, inked, rng) for hole in own)


def _moved(hole: Square, inked: NDArray[np.bool_], rng: np.random.Generator) -> Square:
    """A square of the same size that takes ink away; the last of ``REDRAWN`` if none does."""
    rows, _ = hole
    shape = inked.shape[0], inked.shape[1]
    for _ in range(REDRAWN):
        (moved,) = draw_squares(shape, side=rows.stop - rows.start, count=1, rng=rng)
        if _takes_ink(moved, inked):
            break
    return moved


def _takes_ink(hole: Square, inked: NDArray[np.bool_]) -> bool:
    """Whether there is ink in the middle of the hole, half as wide and high as it is, and not at its border alone."""
    rows, columns = (
        slice((3 * side.start + side.stop) // 4, -(-(side.start + 3 * side.stop) // 4)) for side in hole
    )
    return bool(inked[rows, columns].any())


def _written(holes: Holed) -> str:
    """Left, top, width and height of each."""
    return "; ".join(
        f"{columns.start} {rows.start} {columns.stop - columns.start} {rows.stop - rows.start}"
        for rows, columns in holes
    )


def distortion_of(
    data: Path, row: Row, edges: ByteImage, record: Mapping[str, Any]
) -> tuple[Distortion, np.random.Generator]:
    """What happened to an augmented picture of a prepared corpus, drawn again from its record, and the generator after that.

    Parameters
    ----------
    data : Path
        The corpus.
    row : Row
    edges : ndarray of uint8, shape (size, size)
        The row's picture: deformed, with the holes.
    record : mapping
        The corpus' record.

    Raises
    ------
    TableInvalid
        If the record does not say it, or the picture has ink where the record has its hole.
    """
    try:
        prepared = record["settings"]["prepare"]
        seed, augmentation = prepared["splitting"]["seed"], Augmentation(**prepared["augmentation"])
    except (KeyError, TypeError, ValueError) as error:
        what = f"does not state how the corpus was augmented ({error})"
        raise TableInvalid(
            data / RECORD_NAME, what, "prepare the corpus again, or say --holes leave"
        ) from error
    rng = image_rng(seed, row.writer, row.sample)
    distortion = draw_distortion(len(edges), rng=rng, settings=augmentation)
    if any(edges[hole].any() for hole in distortion.holes):
        what = "has ink where its corpus' record says that its hole is"
        raise TableInvalid(data / row.input, what, "prepare the corpus again, or say --holes leave")
    return distortion, rng
