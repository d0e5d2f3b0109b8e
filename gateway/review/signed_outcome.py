"""What was signed, medicine by medicine, as it is to be looked for on the lists after discharge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from gateway.records.decision import Decision, Outcome
from gateway.records.dose import Dose, DoseStep
from gateway.records.lists import ListRole, MedicineEntry, MedicineList
from gateway.records.matching import Row
from gateway.records.product import Product
from gateway.records.reconciliation import Reconciliation
from gateway.terminology.vocabulary import normalise_words

_DAYS = {"d": 1, "wk": 7, "mo": 30}


class Medicine(Struct, frozen=True, kw_only=True):
    """A medicine as rows know it; `ingredients` is empty where its name is not understood."""

    name: str
    ingredients: tuple[str, ...]
    kind_of_route: str | None

    def same(self, other: Medicine) -> bool:
        """A route that is not known on one side does not part them."""
        if self.ingredients or other.ingredients:
            named = self.ingredients == other.ingredients
        else:
            named = normalise_words(self.name) == normalise_words(other.name)
        return named and (
            self.kind_of_route == other.kind_of_route or None in (self.kind_of_route, other.kind_of_route)
        )


def known_as(row: Row) -> Medicine:
    return Medicine(name=row.medicine, ingredients=row.ingredients, kind_of_route=row.kind_of_route)


class Part(Struct, frozen=True, kw_only=True):
    """One product with its dose, as it is to be taken."""

    product: Product
    dose: Dose


class Expected(Struct, frozen=True, kw_only=True):
    """`stopped` says how it was ended, None where it is to be taken. Then `wanted` are its parts, empty where the words
    of a change were not understood, and `said` those words. `lists_that_agreed` had that dose already; `new`: no list
    of the community had it. `on` are the entries that the decision rests on.
    """

    medicine: Medicine
    stopped: str | None = None
    wanted: tuple[Part, ...] = ()
    said: str = ""
    lists_that_agreed: frozenset[str] = frozenset()
    new: bool = False
    on: tuple[MedicineEntry, ...] = ()

    def changed_for(self, name: str) -> bool:
        return name not in self.lists_that_agreed

    def ends_by(self, start: dt.date, day: dt.date) -> bool:
        """A course that is over by then, or a supply that still lasts: no issue is to be expected."""
        if any(e.written.end and e.written.end[:10] <= day.isoformat() for e in self.on):
            return True
        supplied = [e.written.days_supply for e in self.on]
        lasts = [s.value for s in supplied if s and s.value and (s.code or s.unit or "d").lower().startswith("d")]
        if lasts and start + dt.timedelta(days=min(int(max(lasts)), 3650)) > day:
            return True
        return any(_course_over(part.dose, start, day) for part in self.wanted)


def in_the_community(one: MedicineList) -> bool:
    """A practice or pharmacy; a list of no known kind by the part it plays."""
    if one.written.kind in (None, "other"):
        return one.role in (ListRole.PRE_ADMISSION, ListRole.SUPPLY)
    return one.written.kind in ("gp", "community-pharmacy")


def expected_of(signed: Reconciliation, decisions: Mapping[str, Decision]) -> tuple[Expected, ...]:
    """By row; what was left undecided or open with the prescriber was not signed, and nothing follows from it."""
    return tuple(one for row in signed.rows if row.id in decisions for one in _of_row(signed, row, decisions[row.id]))


def _of_row(signed: Reconciliation, row: Row, decision: Decision) -> Iterator[Expected]:
    medicine, entries = known_as(row), signed.entries()
    here = [entries[e] for e in row.entries]
    how = _stopped(decision)
    if how is not None:
        yield Expected(medicine=medicine, stopped=how, on=tuple(here))
    elif decision.outcome is Outcome.CONTINUE:
        on = tuple(entries[e] for e in decision.as_on if e in entries)
        yield _taken(medicine, tuple(Part(product=e.product, dose=e.dose) for e in on), _said(on), signed, here, on)
    elif decision.outcome is Outcome.CHANGE:
        read = decision.understood
        wanted = (Part(product=read.product, dose=read.dose),) if read else ()
        said = f"“{decision.change_to}”"
        if read and row.ingredients and read.product.ingredients != row.ingredients:
            other = Medicine(
                name=" and ".join(read.product.ingredients), ingredients=read.product.ingredients, kind_of_route=None
            )
            yield Expected(medicine=medicine, stopped=f"was replaced by {other.name} at discharge", on=tuple(here))
            elsewhere = [e for e in entries.values() if e.product.ingredients == other.ingredients]
            yield _taken(other, wanted, said, signed, elsewhere, ())
        else:
            yield _taken(medicine, wanted, said, signed, here, tuple(here))


def _stopped(decision: Decision) -> str | None:
    if decision.outcome is Outcome.WITHHOLD:
        return f"was suspended at discharge (plan: {decision.restart})"
    return {
        Outcome.STOP: "was stopped at discharge",
        Outcome.NOT_TAKING: "was not to be continued (the patient was not taking it)",
    }.get(decision.outcome)


def _taken(
    medicine: Medicine,
    wanted: tuple[Part, ...],
    said: str,
    signed: Reconciliation,
    here: Sequence[MedicineEntry],
    on: tuple[MedicineEntry, ...],
) -> Expected:
    """`here` are all entries of the medicine at sign-off."""
    current = [e for e in here if e.current]
    agreed = {
        name
        for name in {e.list for e in current}
        if wanted and same_dose(wanted, [e for e in current if e.list == name]) is True
    }
    community = {one.name for one in signed.lists if in_the_community(one)}
    return Expected(
        medicine=medicine,
        wanted=wanted,
        said=said,
        lists_that_agreed=frozenset(agreed),
        new=all(e.list not in community for e in current),
        on=on,
    )


def _said(on: Sequence[MedicineEntry]) -> str:
    return " and ".join(f"“{e.dose.text or 'dose not recorded'}” ({e.text})" for e in on)


def same_dose(wanted: Sequence[Part], issued: Sequence[MedicineEntry]) -> bool | None:
    """Whether what was issued is the dose that was wanted: as much a day in as many doses, else step by step.

    The same issued twice counts once. None where it cannot be told: a dose that was not read, or strengths that differ
    where the amount a day is not a mass.
    """
    asked = {(p.product.strengths, p.dose.sequence): p.dose for p in wanted}
    given = {(e.product.strengths, e.dose.sequence): e.dose for e in issued}
    if not asked or not given or not all(dose.parsed for dose in (*asked.values(), *given.values())):
        return None
    amounts = _daily(asked.values()), _daily(given.values())
    if None not in amounts:
        return amounts[0] == amounts[1]
    if {strengths for strengths, _ in asked} == {strengths for strengths, _ in given}:
        return set(asked) == set(given)
    return None


def _daily(doses: Iterable[Dose]) -> tuple[Decimal, Decimal, int] | None:
    """Lowest and highest mg a day of all parts together, in how many doses; None where that is not certain."""
    low = high = Decimal(0)
    times = 0
    for dose in doses:
        if dose.daily is None or dose.daily.unit != "mg":
            return None
        low, high = low + dose.daily.low, high + dose.daily.high
        times += sum(step.frequency or 0 for step in dose.sequence)
    return low, high, times


def _course_over(dose: Dose, start: dt.date, day: dt.date) -> bool:
    """Whether the steps that were read end by that day; what has no end goes on."""
    if not dose.sequence or dose.repeats:
        return False
    days = [_length(step) for step in dose.sequence]
    if any(n is None for n in days):
        return any(step.once or step.count is not None or step.until for step in dose.sequence)
    return start + dt.timedelta(days=sum(n for n in days if n is not None)) <= day


def _length(step: DoseStep) -> int | None:
    bound = step.duration
    if bound is None or bound.unit not in _DAYS:
        return None
    return min(int(bound.value * _DAYS[bound.unit]) + 1, 3650)
