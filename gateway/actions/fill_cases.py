"""Put a review's patient into every audit whose criteria the record meets, with a proposal for each question."""

from __future__ import annotations

import datetime as dt

from gateway.actions.audit_packs import audit_packs
from gateway.actions.open_case import open_case
from gateway.clinical_audit.cases import why_in
from gateway.records.reconciliation import Reconciliation
from gateway.store.database import Database
from gateway.terminology.vocabulary import Vocabulary


def fill_cases(
    database: Database,
    *,
    review: str,
    reconciliation: Reconciliation,
    vocabulary: Vocabulary,
    now: dt.datetime,
    withheld_share: float = 0.0,
) -> tuple[str, ...]:
    """The ids of the cases the patient is in."""
    found = []
    for pack in audit_packs().values():
        why = why_in(pack, reconciliation)
        if why:
            found.append(
                open_case(
                    database,
                    pack=pack.id,
                    review=review,
                    why=why,
                    vocabulary=vocabulary,
                    now=now,
                    withheld_share=withheld_share,
                )
            )
    return tuple(found)
