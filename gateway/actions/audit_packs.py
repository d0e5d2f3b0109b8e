"""The clinical audit packs."""

from __future__ import annotations

from gateway.clinical_audit.packs import load_packs
from gateway.records.audit import AuditPack
from gateway.settings import read_once


@read_once
def audit_packs() -> dict[str, AuditPack]:
    """Every pack by id. Raises KnowledgeError naming the file that is wrong."""
    return load_packs()
