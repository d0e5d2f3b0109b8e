"""Who may do what: the one table that every door asks. What is not in it is denied."""

from __future__ import annotations

from msgspec import Struct

from gateway.errors import NotAllowed

ROLES = ("pharmacist", "audit-clerk", "integrator", "manager", "administrator")

ROLE_WORDS = {
    "pharmacist": "pharmacist",
    "audit-clerk": "audit clerk",
    "integrator": "integrator",
    "manager": "manager",
    "administrator": "administrator",
}

_MAY: dict[str, frozenset[str]] = {
    "worklist.see": frozenset({"pharmacist"}),
    "review.see": frozenset({"pharmacist"}),
    "review.decide": frozenset({"pharmacist"}),
    "review.assign": frozenset({"pharmacist"}),
    "arrivals.take": frozenset({"pharmacist"}),
    "review.sign": frozenset({"pharmacist"}),
    "outcome.send": frozenset({"pharmacist"}),
    "follow-up.see": frozenset({"pharmacist"}),
    "follow-up.close": frozenset({"pharmacist"}),
    "outcome.see": frozenset({"pharmacist"}),
    "outcome.print": frozenset({"pharmacist"}),
    "outcome.export": frozenset({"pharmacist"}),
    # A clerk sees the entries that an audit answer cites, never a whole row.
    "evidence.row": frozenset({"pharmacist"}),
    "evidence.cited": frozenset({"pharmacist", "audit-clerk"}),
    "audit.see": frozenset({"audit-clerk", "pharmacist"}),
    "audit.answer": frozenset({"audit-clerk"}),
    "sources.see": frozenset({"integrator", "manager", "pharmacist"}),
    "sources.edit": frozenset({"integrator"}),
    "alias.see": frozenset({"pharmacist", "integrator"}),
    "alias.confirm": frozenset({"pharmacist"}),
    # Nothing of a patient but who was looked at, when, and by whom.
    "accounts.edit": frozenset({"administrator"}),
    "access-log.see": frozenset({"administrator"}),
    # Everybody tells and corrects their own work, and sees nobody else's.
    "work.tell": frozenset(ROLES),
    "realist.write": frozenset({"manager", "audit-clerk", "pharmacist"}),
    "labour.see": frozenset({"manager", "audit-clerk", "pharmacist", "integrator"}),
}


class Person(Struct, frozen=True, kw_only=True):
    """Who acts: an account as it is at this moment, kept with each step as a snapshot."""

    account: str
    name: str
    display_name: str
    role: str
    staff_group: str | None = None
    band: str | None = None


def may(role: str, what: str) -> bool:
    """Raises KeyError for an act that the table does not know: a slip in the code, not in the request."""
    return role in _MAY[what]


def require(person: Person, what: str) -> None:
    """Raises NotAllowed where the person's role may not do it."""
    if not may(person.role, what):
        raise NotAllowed(f"Your role ({ROLE_WORDS.get(person.role, 'unknown')}) does not include this page or action.")
