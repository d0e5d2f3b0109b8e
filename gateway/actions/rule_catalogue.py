"""The catalogue of discrepancy rules."""

from __future__ import annotations

from gateway.discrepancies.pack import CatalogueLine, catalogue, load_rules


def rule_catalogue() -> tuple[CatalogueLine, ...]:
    """Every rule of the pack, also those that this version does not evaluate."""
    return catalogue(load_rules())
