"""Read FHIR elements tolerantly: a scalar where a list belongs, a string where a number belongs (XML), or nothing.

Nothing here raises; what has the wrong shape reads as absent, and the caller decides what absence means.
"""

from __future__ import annotations

import calendar
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from gateway.records.as_written import Coding, Concept, Quantity, Ratio

Tree = dict[str, Any]

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?")


_NO_CODING = Coding()
_NO_QUANTITY = Quantity()


def many(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def trees(value: Any) -> list[Tree]:
    return [] if value is None else [one for one in many(value) if isinstance(one, dict)]


def tree(value: Any) -> Tree:
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    return next(iter(trees(value)), {})


def text(value: Any) -> str | None:
    """A string that is not blank. Asked a hundred times for each resource, of which most elements are absent."""
    if value is None:
        return None
    one = value[0] if isinstance(value, list) and value else value
    return one if isinstance(one, str) and one and not one.isspace() else None


def flag(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None


def decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, Decimal)):
        return Decimal(value)
    if isinstance(value, str) and len(value) < 40:
        try:
            found = Decimal(value)
        except InvalidOperation:
            return None
        return found if found.is_finite() and abs(found.adjusted()) <= 30 else None
    return None


def whole(value: Any) -> int | None:
    found = decimal(value)
    return int(found) if found is not None and found == found.to_integral_value() else None


def coding(value: Tree) -> Coding:
    return Coding(system=text(value.get("system")), code=text(value.get("code")), display=text(value.get("display")))


def concept(value: Any) -> Concept | None:
    """A CodeableConcept, or None where it says nothing."""
    if not value:
        return None
    one = tree(value)
    found = Concept(
        text=text(one.get("text")), codings=tuple(c for c in map(coding, trees(one.get("coding"))) if c != _NO_CODING)
    )
    return found if found.text or found.codings else None


def concepts(value: Any) -> tuple[Concept, ...]:
    if not value:
        return ()
    return tuple(found for one in trees(value) if (found := concept(one)))


def quantity(value: Any) -> Quantity | None:
    if not value:
        return None
    one = tree(value)
    found = Quantity(
        value=decimal(one.get("value")),
        unit=text(one.get("unit")),
        code=text(one.get("code")),
        system=text(one.get("system")),
        comparator=text(one.get("comparator")),
    )
    return found if found != _NO_QUANTITY else None


def ratio(value: Any) -> Ratio | None:
    if not value:
        return None
    one = tree(value)
    found = Ratio(numerator=quantity(one.get("numerator")), denominator=quantity(one.get("denominator")))
    return found if found.numerator or found.denominator else None


def extension(one: Tree, ending: str) -> Tree:
    """The first extension whose url ends so; an empty tree where there is none."""
    if "extension" not in one:
        return {}
    return next((e for e in trees(one.get("extension")) if (text(e.get("url")) or "").endswith(ending)), {})


def is_date(value: str) -> bool:
    """Whether it is a FHIR date or dateTime that the calendar knows. Partial dates are dates."""
    found = _DATE.fullmatch(value)
    if not found:
        return False
    year, month, day, hour, minute, second = (int(g) if g else None for g in found.groups()[:6])
    if not year or (month is not None and not 1 <= month <= 12):
        return False
    if day is not None and not 1 <= day <= calendar.monthrange(year, month or 1)[1]:
        return False
    return (hour or 0) < 24 and (minute or 0) < 60 and (second or 0) < 60
