"""Which admissions belong to a dataset, by the pack's own criteria."""

from __future__ import annotations

from gateway.clinical_audit.stay import SNOMED, latest_stay
from gateway.records.audit import AuditPack
from gateway.records.reconciliation import Reconciliation


def why_in(pack: AuditPack, reconciliation: Reconciliation) -> str | None:
    """Why this stay is in the dataset, in one sentence; None where the hospital of the stay coded no such condition.

    A heart attack that only a practice remembers is of another year, and puts nobody in.
    """
    stay = latest_stay(reconciliation)
    if stay is None:
        return None
    one, encounter = stay
    known = {c.code: c.words for c in pack.case_conditions}
    for condition in one.written.conditions:
        code = next((c.code for c in condition.concept.codings if c.system == SNOMED and c.code in known), None)
        if code and condition.active:
            from_ = f" from {encounter.start[:10]}" if encounter.start else ""
            return f"{one.written.organisation or one.name} records {known[code]} for the stay{from_}."
    return None
