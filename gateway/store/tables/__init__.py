"""Tables, one file per subject. Times are ISO 8601 strings in UTC, so that both databases keep them exactly; ids are
opaque random words."""

from __future__ import annotations

from gateway.store.tables.accounts import Account, SignedIn
from gateway.store.tables.aliases import AliasVersion
from gateway.store.tables.audits import AuditAnswer, AuditCase
from gateway.store.tables.by_hand import HandEntryRow, RowSplit
from gateway.store.tables.labour import LabourCell, LabourReached
from gateway.store.tables.ledger import AccessEvent, LedgerRow, Received
from gateway.store.tables.outbox import FollowUpTask, OutboxBody, OutboxItem
from gateway.store.tables.realist import RealistNote
from gateway.store.tables.reviews import (
    Handover,
    Patient,
    PrescriberQuery,
    Presence,
    QuarantineNote,
    Review,
    RowDecision,
)
from gateway.store.tables.sources import Document, FetchRun, Source, SourceReport
from gateway.store.tables.stays import Stay

__all__ = [
    "AccessEvent",
    "Account",
    "AliasVersion",
    "AuditAnswer",
    "AuditCase",
    "Document",
    "FetchRun",
    "FollowUpTask",
    "HandEntryRow",
    "Handover",
    "LabourCell",
    "LabourReached",
    "LedgerRow",
    "OutboxBody",
    "OutboxItem",
    "Patient",
    "PrescriberQuery",
    "Presence",
    "QuarantineNote",
    "RealistNote",
    "Received",
    "Review",
    "RowDecision",
    "RowSplit",
    "SignedIn",
    "Source",
    "SourceReport",
    "Stay",
]
