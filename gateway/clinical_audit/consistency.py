"""Answers of one case that do not go together, by the pack's own checks."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.records.audit import AuditPack, ConsistencyCheck


def found_conflicts(pack: AuditPack, codes: Mapping[str, str]) -> tuple[ConsistencyCheck, ...]:
    """`codes` are the answers that stand, by question; a question without one is in no conflict."""
    return tuple(c for c in pack.checks if all(codes.get(q) in allowed for q, allowed in c.when.items()))
