"""The catalogue of discrepancy rules."""

from __future__ import annotations

from gateway.actions.reconcile import Knowledge
from gateway.discrepancies.pack import CatalogueLine, catalogue


def rule_catalogue(knowledge: Knowledge) -> tuple[CatalogueLine, ...]:
    """Every rule of the pack, also those that this version does not evaluate, with what the site does otherwise."""
    return catalogue(knowledge.rules)
