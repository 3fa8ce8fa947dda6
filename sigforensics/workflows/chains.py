"""Whether two sets are known to have gone through the same chain of processing."""

from __future__ import annotations

from pathlib import Path

from sigforensics.storage import RECORD_NAME, RECORD_SCHEMA, read_our_json
from sigforensics.workflows.sets import ImageSet

__all__ = ["chain_notes", "one_chain", "source_notes"]

SAME = "both sets are unchanged outputs of one run of 'sigforensics generate': they went through the same last steps"
POOR_SOURCES = {
    "two_level_sources": "scans of two grey levels",
    "heavy_jpeg_sources": "heavily compressed JPEG",
}
"""Fields of the results of a run of ``generate``, and what they count."""
UNKNOWN = "nothing shows that both sets went through the same chain of processing: a difference may be one of their chains"


def chain_notes(true: ImageSet, fake: ImageSet) -> tuple[str, ...]:
    """What is known of the chains of two sets: a resize of one alone changes its spectrum more than forging does.

    Sets are of one run if they lie in one folder whose record names every image that was used, with its hash.
    """
    run = _common_run(true, fake)
    if run is None:
        return (UNKNOWN,)
    return (SAME, *_notes_on_sources(run))


def source_notes(images: ImageSet) -> tuple[str, ...]:
    """What the run of ``generate`` that made a set says of its scans.

    PNG files hide that they were JPEG, and resizing that they had two levels.
    """
    run = _run_of(images)
    return _notes_on_sources(run) if run else ()


def _notes_on_sources(run: Path) -> tuple[str, ...]:
    results = (read_our_json(run / RECORD_NAME) or {}).get("results", {})
    return tuple(
        f"{results[field]} true images were made from {what}: they cannot bear on artefacts in the grey levels"
        for field, what in POOR_SOURCES.items()
        if results.get(field)
    )


def one_chain(true: ImageSet, fake: ImageSet) -> bool:
    """Whether two sets are known to have gone through the same chain: unchanged outputs of one run of ``generate``."""
    return _common_run(true, fake) is not None


def _common_run(true: ImageSet, fake: ImageSet) -> Path | None:
    """The folder of the run of ``generate`` that made both sets."""
    runs = [_run_of(images) for images in (true, fake)]
    return runs[0] if runs[0] == runs[1] else None


def _run_of(images: ImageSet) -> Path | None:
    """The folder of the run of ``generate`` that made the set, if its record says so of every image."""
    folders = {path.parent: path.parent.resolve() for path in images.paths}
    runs = {folder.parent for folder in folders.values()}
    if len(runs) != 1:
        return None
    run = runs.pop()
    document = read_our_json(run / RECORD_NAME) or {}
    if (document.get("schema"), document.get("command")) != (RECORD_SCHEMA, "generate"):
        return None
    written = {entry.get("path"): entry.get("sha256") for entry in document.get("outputs", [])}
    named = (f"{folders[path.parent].name}/{path.name}" for path in images.paths)
    known = all(written.get(name) == sha256 for name, sha256 in zip(named, images.sha256, strict=True))
    return run if known else None
