"""What a checkpoint file holds: how far sets are, as arrays and back, and whose it is."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigforensics import errors
from sigforensics.errors import CheckpointDiffers
from sigforensics.provenance import to_json
from sigforensics.settings import Spectrum as SpectrumSettings
from sigforensics.spectra import Part, Skipped, SpectrumAccumulator
from sigforensics.workflows.framing import Framing
from sigforensics.workflows.loading import Facts

__all__ = [
    "HEADER", "SCHEMA", "Kept", "files_entry", "framing_sums", "kept_to_arrays", "read_header", "require_same",
    "restore_kept", "skipped_entries",
]  # fmt: skip

SCHEMA = "sigforensics-checkpoint/2"
"""Of what says in a checkpoint whose it is."""
HEADER = "header"


@dataclass
class Kept:
    """How far a set is."""

    framing: Mapping[str, Any]
    part: Part | None
    facts: dict[Path, Facts]
    paths: Sequence[Path]
    arrays: Mapping[str, NDArray[Any]] | None = None
    """From the file, as long as nobody asked for it."""
    skipped: Sequence[Sequence[Any]] = ()
    files: Sequence[Any] = ()
    """Their number and a hash of their names, as the file states it."""


def framing_sums(framing: Framing) -> dict[str, Any]:
    """What the sums depend on of it."""
    stated: dict[str, Any] = to_json({"grid": framing.grid, "pixels": framing.pixels, "shape": framing.shape})
    return stated


def require_same(path: Path, there: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    """Raise with the first thing that differs."""
    for key in dict.fromkeys([*here, *there]):
        one, other = there.get(key), here.get(key)
        if one == other:
            continue
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            require_same(path, one, other)
        raise CheckpointDiffers(path, f"is of another run ({key}: {one} there, {other} now)")


def kept_to_arrays(kept: Kept) -> dict[str, NDArray[Any]]:
    """A set as arrays. Facts are those of the images that were read, by their places."""
    if kept.part is None:
        return {}
    places = [place for place in range(kept.part.count) if kept.paths[place] in kept.facts]
    facts = [kept.facts[kept.paths[place]] for place in places]
    return {
        "count": np.array(kept.part.count),
        "places": np.array(places, np.int64),
        "sha256": np.array([one.sha256 for one in facts], "S64"),
        "pages": np.array([one.pages for one in facts], np.int64),
        "levels": np.array([one.levels for one in facts], np.int8),
        "shapes": np.array([one.shape for one in facts], np.int64).reshape(-1, 2),
        "heavy_jpeg": np.array([one.heavy_jpeg for one in facts], np.bool_),
        "dpi": np.array([one.dpi or (np.nan, np.nan) for one in facts], np.float64).reshape(-1, 2),
        **{f"sums.{key}": array for key, array in kept.part.spectrum.arrays().items()},
    }


def skipped_entries(kept: Kept) -> list[list[Any]]:
    """What of a set could not be used, and why, for JSON."""
    skipped = () if kept.part is None else kept.part.skipped
    return [
        [skip.index, type(skip.error).__name__, skip.error.where, skip.error.what, skip.error.advice]
        for skip in skipped
    ]


def restore_kept(kept: Kept, paths: Sequence[Path], framing: Framing, settings: SpectrumSettings) -> None:
    """The set as it was when it was written."""
    arrays, kept.arrays, kept.paths = kept.arrays, None, paths
    if not arrays:
        return
    known: dict[Any, Any] = {}  # images have few shapes and resolutions
    names = ("places", "sha256", "pages", "levels", "shapes", "dpi", "heavy_jpeg")
    columns = (arrays[key].tolist() for key in names)
    for place, sha, pages, levels, sides, stated, heavy in zip(*columns, strict=True):
        shape, dpi = tuple(sides), None if np.isnan(stated[0]) else tuple(stated)
        kept.facts[paths[place]] = Facts(
            sha.decode(), pages, levels, known.setdefault(shape, shape), known.setdefault(dpi, dpi), heavy
        )
    sums = {key[5:]: array for key, array in arrays.items() if key.startswith("sums.")}
    spectrum = SpectrumAccumulator.from_arrays(sums, settings=settings, grid=framing.grid)
    skipped = tuple(Skipped(index, getattr(errors, kind)(*said)) for index, kind, *said in kept.skipped)
    kept.part = Part(0, int(arrays["count"]), spectrum, skipped)


def files_entry(paths: Sequence[Path]) -> list[Any]:
    """The number of the files of a set, and a hash of their paths in its order."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(os.fsencode(path) + b"\0")
    return [len(paths), digest.hexdigest()]


def read_header(path: Path) -> dict[str, Any]:
    """What a checkpoint says of itself; nothing, if the file is none."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            header: dict[str, Any] = json.loads(arrays[HEADER].tobytes())
        return header if header["identity"]["schema"] == SCHEMA else {}
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return {}
