"""Whether two sets were acquired alike: what files state and pixels show of their chains, compared set against set."""

from sigforensics.audit.deciding import audit_sets
from sigforensics.audit.entries import AuditEntry, audit_explains, audit_notes
from sigforensics.audit.measuring import Acquisition, measure_acquisition
from sigforensics.audit.properties import Property, properties

__all__ = [
    "Acquisition",
    "AuditEntry",
    "Property",
    "audit_explains",
    "audit_notes",
    "audit_sets",
    "measure_acquisition",
    "properties",
]
