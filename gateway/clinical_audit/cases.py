"""Which admissions belong to a dataset, by the pack's own criteria."""

from __future__ import annotations

from gateway.records.audit import AuditPack
from gateway.records.reconciliation import Reconciliation

SNOMED = "http://snomed.info/sct"


def why_in(pack: AuditPack, reconciliation: Reconciliation) -> str | None:
    """Why this patient is in the dataset, in one sentence; None where no active coded condition puts them there."""
    known = {c.code: c.words for c in pack.case_conditions}
    for one in reconciliation.lists:
        for condition in one.written.conditions:
            code = next((c.code for c in condition.concept.codings if c.system == SNOMED and c.code in known), None)
            if code and condition.active:
                return f"{one.written.organisation or one.name} records {known[code]}."
    return None
