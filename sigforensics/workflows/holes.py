"""The holes of augmented edges in a run: where they are, and how strokes go on across them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

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

    holes, drawn = distortion.holes, 1
    carried_on = carried_across(holes)
    if how == "graft" and others and holes:
        least, enough = grafting.least_ends * len(holes), grafting.enough * len(holes)
        while drawn < grafting.draws and not (carried_on.grafted >= least and carried_on.cost <= enough):
            further = tuple(_moved(hole, edges.shape, rng) for hole in distortion.holes)
            found, drawn = carried_across(further), drawn + 1
            if (found.grafted < least, found.cost) < (carried_on.grafted < least, carried_on.cost):
                holes, carried_on = further, found
    return carried_on.edges, {
        "holes": _written(holes),
        "hole_draws": drawn,
        "grafted": carried_on.grafted,
        "joins": carried_on.joins,
        "points": carried_on.points,
        "specimens": "; ".join(others[number].name for number in carried_on.specimens),
    }


def _moved(hole: Square, shape: tuple[int, ...], rng: np.random.Generator) -> Square:
    """A square of the same size elsewhere in an image of that height and width."""
    rows, _ = hole
    return draw_squares((shape[0], shape[1]), side=rows.stop - rows.start, count=1, rng=rng)[0]


def _written(holes: Sequence[Square]) -> str:
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
