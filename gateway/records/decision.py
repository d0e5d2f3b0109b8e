"""What a person decided about one row, and the end of a review."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from gateway.records.dose import Dose
from gateway.records.product import Product


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


class Understood(Struct, frozen=True, kw_only=True):
    """How the gateway read what a person wrote, as it was shown to them before they saved it."""

    words: str
    product: Product
    dose: Dose


class Decision(Struct, frozen=True, kw_only=True):
    """`as_on` names the entries that are continued: all parts of a dose of one list. `reason` is a code of
    mappings/discrepancies/reasons.yaml.

    `change_to` is what the person wrote, always kept; `understood` how it was read, None where it was not: then the
    text alone stands. `question` is what the prescriber is asked. `checked_by` is the account of the second person,
    where one checked it. `open` decisions (ask) do not count as
    decided.
    """

    row: str
    outcome: Outcome
    as_on: tuple[str, ...] = ()
    change_to: str | None = None
    understood: Understood | None = None
    question: str | None = None
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
