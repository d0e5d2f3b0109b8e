"""What a person decided about one row, and the end of a review."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Outcome(StrEnum):
    """Continue as on one list, change, stop, withhold with a restart plan, not taking, or ask the prescriber."""

    CONTINUE = "continue"
    CHANGE = "change"
    STOP = "stop"
    WITHHOLD = "withhold"
    NOT_TAKING = "not-taking"
    ASK = "ask"


class Intent(StrEnum):
    """MedTax: set by people only, never inferred."""

    INTENTIONAL_DOCUMENTED = "intentional-documented"
    INTENTIONAL_UNDOCUMENTED = "intentional-undocumented"
    UNINTENTIONAL = "unintentional"


class Decision(Struct, frozen=True, kw_only=True):
    """`as_on` names the entries that are continued: all parts of a dose of one list. `reason` is a code of
    mappings/discrepancies/reasons.yaml.

    `checked_by` is the account of the second person, where one checked it. `open` decisions (ask) do not count as
    decided.
    """

    row: str
    outcome: Outcome
    as_on: tuple[str, ...] = ()
    change_to: str | None = None
    restart: str | None = None
    intent: Intent | None = None
    reason: str | None = None
    note: str | None = None
    actor: str = ""
    role: str = ""
    at: str = ""
    checked_by: str | None = None
    checked_at: str | None = None

    @property
    def open(self) -> bool:
        return self.outcome is Outcome.ASK
