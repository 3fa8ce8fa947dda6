"""What the audit finds. ``dataclasses.asdict`` of an entry is what the JSON of a comparison holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sigforensics.audit.properties import Basis
from sigforensics.statistics import Unit

__all__ = ["AuditEntry", "audit_explains", "audit_notes", "audit_traces"]


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """How two sets compare in one property."""

    property: str
    true: float | str
    """Mean over the units of a set; of kinds their shares in words."""
    fake: float | str
    explains: bool
    """Whether this alone can explain a difference of the spectra: the sets differ in it, and it does not come from the
    generator, as far as is known. What pixels show of sets that went through one chain does come from it."""
    differs: bool
    unit: str
    basis: Basis
    """Whether files state it or pixels show it."""
    difference: float
    """Fake less true; of kinds the total variation between their shares, 0 to 1."""
    least: float
    """Least difference that counts."""
    p: float
    """Permutation p-value, corrected for all properties."""
    alpha: float | None
    """The p up to which sets differ; None where units are so few that no p can be small enough."""
    n_true: int
    """True images that were audited."""
    n_fake: int
    """Fakes that were audited."""
    independent_unit: Unit
    """What counts as independent in ``p``."""
    n_units: int
    """How many of these there are: pairs, or writers in both sets; else those of both sets together."""


def audit_explains(entries: Sequence[AuditEntry]) -> bool:
    """Whether the sets differ in anything that can explain a difference of their spectra by itself."""
    return any(entry.explains for entry in entries)


def audit_traces(entries: Sequence[AuditEntry]) -> tuple[str, ...]:
    """The properties in which sets of one chain differ: they explain nothing away, and may be all that a difference is."""
    return tuple(entry.property for entry in entries if entry.differs and not entry.explains)


def audit_notes(entries: Sequence[AuditEntry]) -> tuple[str, ...]:
    """What a reader of the figures must know of the audit."""
    explaining = ", ".join(entry.property for entry in entries if entry.explains)
    others = ", ".join(audit_traces(entries))
    notes = []
    if any(entry.alpha is None for entry in entries):
        notes.append(
            "there are too few units to test their acquisition: only what no image of one set shares with the other was found"
        )
    if explaining:
        notes.append(
            f"the acquisition of the sets differs ({explaining}): these differences alone can explain what the spectra show"
        )
    if others:
        notes.append(
            f"the sets went through one chain and still differ in {others}: that is the generator's doing, and may be no more "
            "than that its fakes lack traces which scanning and resizing left in the true images"
        )
    return tuple(notes)
