"""How a page says what records hold: dates, names of lists, states. NHS Common User Interface rules throughout."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

from gateway.records.by_hand import SUFFIX, Teller
from gateway.records.lists import ListRole, ListState, MedicineList
from gateway.records.matching import MatchLevel

LONDON = ZoneInfo("Europe/London")

#: How the absence of a medicine from a list is worded; only a complete list permits "not on this list".
ABSENCE = {
    ListState.COMPLETE: "Not on this list",
    ListState.PARTIAL: "Not in the part received",
    ListState.WITHHELD: "Withheld",
    ListState.FAILED: "No list received",
}

NOT_MENTIONED = "Not mentioned"

#: Of lists that people entered, by their name without "(by hand)"; another one stands in for an organisation's.
_BY_HAND = {
    Teller.PATIENT.value: "Told by the patient",
    Teller.CARER.value: "Told by a carer",
    Teller.CARE_HOME.value: "Told by the care home",
    Teller.OWN_DRUGS.value: "Own medicines seen",
    Teller.PAPER_LIST.value: "Paper list seen",
}

STATE = {
    ListState.COMPLETE: "Complete",
    ListState.PARTIAL: "Part of the list received",
    ListState.WITHHELD: "Withheld",
    ListState.FAILED: "Not received",
}

SEVERITY = {3: "High risk", 2: "Moderate", 1: "Low", 0: "Not graded"}

#: FHIR status -> what stands in the cell; an active medicine carries no word.
STATUS = {
    "on-hold": "Suspended",
    "stopped": "Stopped",
    "cancelled": "Cancelled",
    "completed": "Completed",
    "not-taken": "Not taken",
    "intended": "Intended",
    "unknown": "Status unknown",
    "draft": "Draft",
}

LEVEL = {
    MatchLevel.SAME_PRODUCT: "the same product on every list",
    MatchLevel.SAME_GENERIC: "the same medicine; brand, supplier or pack differs",
    MatchLevel.SAME_INGREDIENTS: "the same ingredients; strength, form or release differs or is missing",
    MatchLevel.SPELLING: "a misspelt name with exactly one safe reading",
    MatchLevel.CONFIRMED: "confirmed by a person",
    MatchLevel.SINGLE: "one entry",
}

_ROLE = {
    ListRole.PRE_ADMISSION: "Before admission",
    ListRole.SUPPLY: "Before admission",
    ListRole.INPATIENT: "This admission",
    ListRole.DISCHARGE: "This admission",
}

_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def title(one: MedicineList) -> str:
    """ "GP practice", "Community pharmacy", "Hospital discharge"; a list of no known kind goes by its name."""
    kind, role = one.written.kind, one.role
    if one.written.by_hand:
        whose = one.name.removesuffix(f" {SUFFIX}")
        return _BY_HAND.get(whose, f"{whose}, entered by hand")
    if kind == "gp":
        return "GP practice"
    if kind == "community-pharmacy":
        return "Community pharmacy"
    if kind == "hospital":
        return {ListRole.DISCHARGE: "Hospital discharge", ListRole.INPATIENT: "Hospital ward"}.get(role, "Hospital")
    return one.name


def absence(one: MedicineList) -> str:
    """Of what people entered by hand, that a medicine is not there says nothing but that nobody mentioned it."""
    return NOT_MENTIONED if one.written.by_hand else ABSENCE[one.state]


def incomplete_words(one: MedicineList) -> str:
    """ "Bridge Street Pharmacy: not received"."""
    return f"{one.written.organisation or one.name}: {STATE[one.state].lower()}"


def when_in_care(one: MedicineList) -> str:
    return _ROLE[one.role]


def date(text: str | None) -> str | None:
    """14-Mar-1941; a partial date stays partial ("Mar-1941"); a time is given in London."""
    if not text:
        return None
    found = _DATE.match(text)
    if found:
        year, month, day = found.groups()
        if not month or not 1 <= int(month) <= 12:
            return year
        named = _MONTHS[int(month) - 1]
        return f"{day}-{named}-{year}" if day else f"{named}-{year}"
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return day_of(moment)


def day_of(moment: dt.datetime) -> str:
    there = moment.astimezone(LONDON) if moment.tzinfo else moment
    return f"{there.day:02d}-{_MONTHS[there.month - 1]}-{there.year}"


def time(text: str | None) -> str | None:
    """ "25-Nov-2026 09:12" in London; a date without time stays a date."""
    if not text or _DATE.match(text):
        return date(text)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    there = moment.astimezone(LONDON) if moment.tzinfo else moment
    return f"{day_of(moment)} {there:%H:%M}"


def age(born: str | None, at: dt.date) -> int | None:
    """Whole years; None where the birth date is partial or not a date."""
    try:
        birth = dt.date.fromisoformat(born or "")
    except ValueError:
        return None
    return at.year - birth.year - ((at.month, at.day) < (birth.month, birth.day))


_NUMBER_AND_UNIT = re.compile(r"(\d) (?=[a-z%])")


def whole(text: str) -> str:
    """A number and its unit are never on two lines."""
    return _NUMBER_AND_UNIT.sub("\\1\u00a0", text)


def joined(names: list[str]) -> str:
    """ "GP practice and community pharmacy": names after the first begin lower-case, unless an acronym."""
    said = [names[0], *(n if n[:2].isupper() else n[:1].lower() + n[1:] for n in names[1:])]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
