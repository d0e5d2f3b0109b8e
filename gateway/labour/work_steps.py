"""The vocabulary of work: each kind of step in words, and which of it is hidden; mappings/labour/work_steps.yaml."""

from __future__ import annotations

from typing import Literal

import msgspec
import yaml
from msgspec import Struct

from gateway.records.ledger import KINDS
from gateway.settings import mappings_dir, read_once

Category = Literal["decision", "cross-check", "double-entry", "query", "verification", "waiting", "outside"]

#: Categories that make up the hidden share.
HIDDEN: frozenset[str] = frozenset({"cross-check", "double-entry", "query", "verification"})


class StepKind(Struct, frozen=True, forbid_unknown_fields=True):
    words: str
    category: Category


class Review(Struct, frozen=True, forbid_unknown_fields=True):
    state: Literal["drafted", "reviewed"]
    by: str | None
    date: str | None


class WorkSteps(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All kinds of step. `unverified_below` and `bands` (the idle thresholds shown for active time) are seconds."""

    block: str
    source: str
    review: Review
    unverified_below: int
    bands: tuple[int, ...]
    steps: dict[str, StepKind]
    outside: dict[str, StepKind]
    causes: dict[str, str]

    def category(self, kind: str, reason: str) -> str:
        """Of one step; work outside the screen by what was done there."""
        if kind == "work.outside" and reason in self.outside:
            return self.outside[reason].category
        return self.steps[kind].category


@read_once
def work_steps() -> WorkSteps:
    """Raises msgspec.ValidationError, or ValueError for a kind that the ledger does not know."""
    text = (mappings_dir() / "labour" / "work_steps.yaml").read_text(encoding="utf-8")
    found = msgspec.convert(yaml.safe_load(text), WorkSteps)
    if unknown := sorted(set(found.steps) - set(KINDS)):
        raise ValueError(f"work_steps.yaml names {unknown[0]}, which is no kind of ledger row")
    return found
