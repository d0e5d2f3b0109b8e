"""The part a list plays at this transition, and why it was given that part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import msgspec
import yaml

from gateway.errors import KnowledgeError
from gateway.records.as_written import EntryAsWritten
from gateway.records.dates import last_day
from gateway.records.lists import Encounter, ListAsWritten, ListRole
from gateway.settings import mappings_dir, read_once


class CodeRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    role: ListRole
    words: str


class KindRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`stays`: an inpatient stay in the record says more than the kind of organisation."""

    code: str
    role: ListRole
    words: str
    stays: bool = False


class StayRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    role: ListRole
    words: str


class Stays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an inpatient stay says. `ended_within_days` before the day of the reconciliation, else it is history."""

    classes: tuple[str, ...]
    under_way: tuple[str, ...]
    ended: tuple[str, ...]
    ended_within_days: int
    during: StayRole
    at_end: StayRole


class DefaultRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    role: ListRole
    words: str


class RoleKnowledge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    block: str
    source: str
    review: dict[str, str | None]
    list_codes: tuple[CodeRole, ...]
    categories: tuple[CodeRole, ...]
    kinds: tuple[KindRole, ...]
    stays: Stays
    default: DefaultRole


@read_once
def load_roles(mappings: Path | None = None) -> RoleKnowledge:
    """Raises KnowledgeError where mappings/sources/list_roles.yaml does not fit its schema."""
    path = (mappings or mappings_dir()) / "sources" / "list_roles.yaml"
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), RoleKnowledge)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise KnowledgeError(f"mappings/sources/list_roles.yaml: {error}") from None


def role_of(one: ListAsWritten, at: dt.date, knowledge: RoleKnowledge | None = None) -> tuple[ListRole, str]:
    """Role and the reason in words.

    In this order: dispenses only, what the requests say of themselves, the code of the list or document, a GP or a
    pharmacy, an inpatient stay and its dates, a hospital.
    """
    known = knowledge or load_roles()
    if one.entries and all(entry.kind == "MedicationDispense" for entry in one.entries):
        return ListRole.SUPPLY, "every entry is a dispense"
    for found in (_by_category(one, known), _by_list_code(one, known)):
        if found:
            return found
    kind = next((kind for kind in known.kinds if kind.code == one.kind), None)
    if kind is None or kind.stays:
        stay = _by_stay(one, at, known.stays)
        if stay:
            return stay.role, stay.words
    if kind:
        return kind.role, f"it comes from {kind.words}"
    return known.default.role, known.default.words


def _by_category(one: ListAsWritten, known: RoleKnowledge) -> tuple[ListRole, str] | None:
    """A discharge request outweighs inpatient ones: a hospital that sends both tells what the patient leaves on."""
    codes = {c.code for e in one.entries if e.kind == "MedicationRequest" for k in e.category for c in k.codings}
    return _first(role for role in known.categories if role.code in codes)


def _by_list_code(one: ListAsWritten, known: RoleKnowledge) -> tuple[ListRole, str] | None:
    codes = {c.code for c in one.list_codes}
    return _first(role for role in known.list_codes if role.code in codes)


def _first(said: Iterable[CodeRole]) -> tuple[ListRole, str] | None:
    """The first counts; what says another role is named, because the list is read as one."""
    given = list(said)
    if not given:
        return None
    first = given[0]
    others = list(dict.fromkeys(one.words for one in given if one.role is not first.role))
    also = f", and also {' and '.join(others)}; all are read as one list" if others else ""
    return first.role, f"it holds {first.words}{also}"


def _by_stay(one: ListAsWritten, at: dt.date, stays: Stays) -> StayRole | None:
    if not one.entries:
        return None
    stay = [e for e in one.encounters if (e.class_code or "").upper() in stays.classes]
    if any(e.status in stays.under_way and _begun(e, at) for e in stay):
        return stays.during
    for each in (e for e in stay if e.status in stays.ended):
        start, end = last_day(each.start), last_day(each.end)
        if start and end and end <= at <= end + dt.timedelta(days=stays.ended_within_days):
            days = [day for entry in one.entries if (day := _written_on(entry))]
            next_day = end + dt.timedelta(days=1)
            if days and all(start <= day <= next_day for day in days) and max(days) >= end:
                return stays.at_end
    return None


def _begun(one: Encounter, at: dt.date) -> bool:
    start = last_day(one.start)
    return start is None or start <= at


def _written_on(entry: EntryAsWritten) -> dt.date | None:
    """A request is written when it is authored, a statement when it is asserted; its start may lie long before."""
    return last_day(entry.asserted) or last_day(entry.start)
