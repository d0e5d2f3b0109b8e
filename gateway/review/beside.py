"""What stands beside the rows: kidney function, weight, height, with day and age, or from whom it did not come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import msgspec
import yaml
from msgspec import Struct

from gateway.errors import KnowledgeError
from gateway.records.lists import ListState, MedicineList, Observation
from gateway.review import words
from gateway.settings import mappings_dir, read_once

_NO_RESULT = frozenset({"entered-in-error", "cancelled", "registered"})


class ShownTest(Struct, frozen=True, forbid_unknown_fields=True):
    test: str
    title: str
    old_after_days: int
    codes: tuple[str, ...] = ()


class BesideKnowledge(Struct, frozen=True, forbid_unknown_fields=True):
    block: str
    source: str
    review: dict[str, str | None]
    shown: tuple[ShownTest, ...]
    units: dict[str, str]
    comparators: dict[str, str]


class Beside(Struct, frozen=True, kw_only=True):
    """`value` in words with its unit, None where none came; then `missing` says from whom. `old`: older than is
    reckoned to be of use, or of no known day."""

    title: str
    value: str | None = None
    day: str | None = None
    ago: str | None = None
    old: bool = False
    source: str | None = None
    missing: str | None = None


@read_once
def load_beside(mappings: Path | None = None) -> BesideKnowledge:
    """Raises KnowledgeError where a file does not fit its schema, or a test is not among those that are asked for."""
    folder = mappings or mappings_dir()
    try:
        read = msgspec.convert(
            yaml.safe_load((folder / "review" / "beside.yaml").read_text(encoding="utf-8")), BesideKnowledge
        )
        asked = yaml.safe_load((folder / "sources" / "observations.yaml").read_text(encoding="utf-8"))
        codes = {one["words"]: tuple(one["codes"]) for one in asked["codes"]}
        shown = tuple(msgspec.structs.replace(one, codes=codes[one.test]) for one in read.shown)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise KnowledgeError(f"mappings/review/beside.yaml: {error}") from None
    except (KeyError, TypeError) as error:
        raise KnowledgeError(f"mappings/review/beside.yaml: {error} is not in sources/observations.yaml") from None
    return msgspec.structs.replace(read, shown=shown)


def beside(lists: Sequence[MedicineList], at: dt.date, knowledge: BesideKnowledge) -> tuple[Beside, ...]:
    """The newest value of each test over all lists; two values of one moment are both said."""
    organisations = [one for one in lists if not one.written.by_hand]
    return tuple(_newest(test, organisations, at, knowledge) for test in knowledge.shown)


def _newest(test: ShownTest, lists: Sequence[MedicineList], at: dt.date, knowledge: BesideKnowledge) -> Beside:
    codes = set(test.codes)
    found = [
        (o, one)
        for one in lists
        for o in one.written.observations
        if o.value is not None and o.status not in _NO_RESULT and codes & {c.code for c in o.concept.codings}
    ]
    if not found:
        return Beside(title=test.title, missing=_from_whom(lists))
    newest = max(o.at or "" for o, _ in found)
    latest = [(o, one) for o, one in found if (o.at or "") == newest]
    day = _day(newest)
    days = (at - day).days if day else None
    return Beside(
        title=test.title,
        value=" or ".join(dict.fromkeys(_value(o, knowledge) for o, _ in latest)),
        day=words.date(newest) or "day not recorded",
        ago=_ago(days),
        old=days is None or days > test.old_after_days,
        source=words.joined(list(dict.fromkeys(words.title(one) for _, one in latest))),
    )


def _value(one: Observation, knowledge: BesideKnowledge) -> str:
    limit = knowledge.comparators.get(one.comparator or "", "")
    unit = knowledge.units.get(one.unit or "", one.unit or "unit not recorded")
    return " ".join(filter(None, (limit, one.value, unit)))


def _from_whom(lists: Sequence[MedicineList]) -> str:
    """Who answered without it, and who did not answer: the two are not the same."""
    came = [words.title(one) for one in lists if one.state in {ListState.COMPLETE, ListState.PARTIAL}]
    silent = [words.title(one) for one in lists if one.state not in {ListState.COMPLETE, ListState.PARTIAL}]
    said = [f"Not received from {words.joined(came)}"] if came else []
    said += (
        [f"{words.joined(silent)} did not answer" if said else f"Not received: {words.joined(silent)}"]
        if silent
        else []
    )
    return "; ".join(said) or "Not received"


def _day(text: str) -> dt.date | None:
    """The day of a full date or moment, in London; None where it is partial or none."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(words.LONDON).date() if moment.tzinfo else moment.date()


def _ago(days: int | None) -> str | None:
    if days is None:
        return None
    if days < 1:
        return "today"
    if days < 60:
        return f"{days} {'day' if days == 1 else 'days'} ago"
    months = days // 30
    return f"{months} months ago" if months < 24 else f"{days // 365} years ago"
