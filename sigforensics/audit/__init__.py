"""Whether two sets were acquired alike: what files state and pixels show of their chains, compared set against set."""

from sigforensics.audit.deciding import audit_sets
from sigforensics.audit.entries import AuditEntry, audit_explains, audit_notes, audit_traces
from sigforensics.audit.measuring import Acquisition, measure_acquisition
from sigforensics.audit.properties import Property, properties
from sigforensics.audit.quantisation import heavily_compressed

__all__ = [
    "Acquisition",
    "AuditEntry",
    "Property",
    "audit_explains",
    "audit_notes",
    "audit_sets",
    "audit_traces",
    "heavily_compressed",
    "measure_acquisition",
    "properties",
]
