"""A difference that needs attention, or a rule that could not look."""

from __future__ import annotations

from msgspec import Struct


class Discrepancy(Struct, frozen=True, kw_only=True):
    """`severity` 0 undecidable, 1 unlikely harm, 2 moderate, 3 severe. `scope` is `between` lists or `within` one list.

    `message` is one sentence for a pharmacist; `severity_reason` says why it is graded so; `settle` what would settle
    it. `evidence` points to facts as `ENTRY-ID#field` or `LIST#state`. `pack_severity` is what the rule pack gives
    where the site grades otherwise, else None.
    """

    rule: str
    rule_version: str
    scope: str
    severity: int
    message: str
    row: str | None = None
    entries: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    second_check: bool = False
    severity_reason: str = ""
    settle: str = ""
    pack_severity: int | None = None

    @property
    def site_words(self) -> str:
        """ "Graded by this site; 2 in the rule pack.", empty where the pack's grade stands."""
        return "" if self.pack_severity is None else f"Graded by this site; {self.pack_severity} in the rule pack."


class NotEvaluated(Struct, frozen=True):
    """A rule that lacked its data, with the cause; never silence and never "passed"."""

    rule: str
    cause: str


class Findings(Struct, frozen=True):
    discrepancies: tuple[Discrepancy, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    switched_off: tuple[str, ...] = ()
