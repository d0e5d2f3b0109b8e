"""What a rule hands over, before it is graded, joined with others and versioned."""

from __future__ import annotations

from msgspec import Struct


class Raised(Struct, frozen=True, kw_only=True):
    """`rows` are the rows it concerns, the first is the one it is shown on; none for a finding about a whole list.

    `grade` names a grade of the rule in rules.yaml; without one, base or critical severity applies. `scope` overrides
    the rule's own. `evidence` points to facts as `ENTRY-ID#field` or `LIST#state`.
    """

    message: str
    rows: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    settle: str = ""
    scope: str | None = None
    grade: str | None = None


class Cannot(Struct, frozen=True):
    """The rule, or a part of it, could not look: the cause in words."""

    cause: str
