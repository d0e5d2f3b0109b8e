"""The rows of records/dose in one shape: what a person or a sender says that a sentence means."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

from msgspec import Struct

_TIMES = (
    "frequency",
    "frequency_max",
    "period",
    "when",
    "day_of_week",
    "time_of_day",
    "as_needed",
    "as_needed_for",
    "count",
)
#: Words that send the reader elsewhere: a sentence with one, of which nobody states any times, must stay text.
_ELSEWHERE = re.compile(r"direct|accord|instruct|requirement|bath water|glucose|package|protocol|scale", re.IGNORECASE)
_WHEN = {"PC;": "PC", "AT_BREAKFAST": "CM", "AT_LUNCH": "CD", "AT_DINNER": "CV"}
_WORD = re.compile(r"[A-Za-z_]+")


class GoldStep(Struct, frozen=True):
    """Only what the row states; None and empty are not stated."""

    low: Decimal | None = None
    high: Decimal | None = None
    unit: str | None = None
    frequency: int | None = None
    frequency_max: int | None = None
    period: Decimal | None = None
    period_max: Decimal | None = None
    period_unit: str | None = None
    when: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    as_needed: bool = False
    maximum: tuple[Decimal, str | None, Decimal, str] | None = None
    duration: tuple[Decimal, str] | None = None
    once: bool = False


class GoldDose(Struct, frozen=True):
    """`comparable`: every field is a plain value. `must_stay`: nothing in it may be structured."""

    text: str
    source: str
    language: str
    steps: tuple[GoldStep, ...]
    weight: Decimal
    comparable: bool
    must_stay: bool


def gold_doses(path: Path) -> list[GoldDose]:
    """One dose for each text and meaning, in the order of the file. Fragments of a generator are left out."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["kind"] != "struct->text"]
    groups: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for n, row in enumerate(rows):
        groups.setdefault((row["source"], row["text"], _resource(row, n)), []).append(row)
    found: dict[tuple[str, tuple[GoldStep, ...]], GoldDose] = {}
    for (source, text, _), group in groups.items():
        dose = _dose(source, text, group)
        found.setdefault((dose.text, dose.steps), dose)
    return list(found.values())


def _resource(row: dict[str, str], n: int) -> str:
    """Rows of one dose share their id up to its last number; a dose without sequence stands alone."""
    if row["source"] in {"emis_original", "nhs_primary_v2"}:
        return row["id"]
    return re.sub(r"-\d+$", "", row["id"]) if row["seq"] else str(n)


def _dose(source: str, text: str, group: list[dict[str, str]]) -> GoldDose:
    steps = []
    comparable = True
    for row in group:
        try:
            steps.append(_step(row))
        except (InvalidOperation, ValueError, KeyError):
            comparable = False
    one = group[0]
    timed = any(row[k].strip() for row in group for k in _TIMES)
    return GoldDose(
        text=text,
        source=source,
        language=one["lang"],
        steps=tuple(_scheduled(steps)),
        weight=Decimal(one["weight"] or 0),
        comparable=comparable and timed,
        must_stay=not timed and bool(_ELSEWHERE.search(text)),
    )


def _scheduled(steps: list[GoldStep]) -> Iterator[GoldStep]:
    """A row that only says the amount a second time (10 mg, four tablets) is no step of its own."""
    for step in steps:
        bare = (
            step.frequency is None and step.period is None and not step.when and not step.times and not step.as_needed
        )
        if not (bare and not step.once and not step.duration and not step.days and len(steps) > 1):
            yield step


def _step(row: dict[str, str]) -> GoldStep:
    low, high = _number(row["dose_low"]), _number(row["dose_high"])
    most = _number(row["max_num"])
    bounds = _number(row["bounds_value"]) if not row["bounds_value"].startswith(("{", "P")) else None
    as_needed = row["as_needed"].lower() == "true" or bool(row["as_needed_for"])
    below = _number(row["max_den"])
    return GoldStep(
        low=low,
        high=high,
        unit=_unit(row["dose_unit"]),
        frequency=_whole(row["frequency"]),
        frequency_max=_whole(row["frequency_max"]),
        period=_number(row["period"]),
        period_max=_number(row["period_max"]),
        period_unit=row["period_unit"] or None,
        when=_sorted(_WHEN.get(w, w) for w in _WORD.findall(row["when"].upper())),
        days=_sorted(d[:3].lower() for d in _WORD.findall(row["day_of_week"])),
        times=_sorted(t.strip()[:5] for t in re.split("[,;|]", row["time_of_day"]) if t.strip()),
        as_needed=as_needed,
        maximum=(most, _unit(row["max_unit"]), below, row["max_den_unit"]) if most is not None and below else None,
        duration=(bounds, row["bounds_unit"]) if bounds is not None and row["bounds_unit"] else None,
        once=row["count"] == "1",
    )


def _sorted(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words)))


def _number(text: str) -> Decimal | None:
    return Decimal(text.strip()) if text.strip() else None


def _whole(text: str) -> int | None:
    return int(text) if text.strip() else None


def _unit(text: str) -> str | None:
    plain = re.sub(r"\(.*?\)|-\s*unit of.*", "", text).strip().strip("{}").lower()
    return plain or None
