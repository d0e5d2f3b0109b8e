"""A pack's proposals for lists that come from files, without a stored review."""

from __future__ import annotations

from typing import Any

import msgspec

from gateway.actions.audit_packs import audit_packs
from gateway.clinical_audit.prefill import prefill
from gateway.errors import UsageError
from gateway.records.audit import AuditPack, PrefilledAnswer
from gateway.records.reconciliation import Reconciliation
from gateway.terminology.vocabulary import Vocabulary

SCHEMA = "audit-prefill/1"


def pack_named(name: str) -> AuditPack:
    """Raises UsageError that names the packs there are."""
    packs = audit_packs()
    if name not in packs:
        raise UsageError(f"no audit pack is named {name!r}; the packs are: {', '.join(packs)}")
    return packs[name]


def prefill_lists(
    pack: AuditPack, reconciliation: Reconciliation, vocabulary: Vocabulary
) -> tuple[PrefilledAnswer, ...]:
    """One answer for each question. Files carry no sign-off, so "No" is never proposed for them."""
    return prefill(pack, reconciliation, vocabulary, signed=False)


def prefill_json(pack: AuditPack, answers: tuple[PrefilledAnswer, ...]) -> bytes:
    """One UTF-8 object, indented, with a final newline."""
    shown: dict[str, Any] = {
        "schema": SCHEMA,
        "pack": pack.id,
        "version": pack.version,
        "dataset_date": pack.dataset_date,
        "review_state": pack.review_state,
        "answers": [{"field": q.field, **msgspec.to_builtins(a)} for q, a in zip(pack.questions, answers, strict=True)],
    }
    return msgspec.json.format(msgspec.json.encode(shown), indent=2) + b"\n"
