"""A dose that cannot be meant: a pack size as a single dose, too many times a day, or far over the usual maximum."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.amounts import Regimen
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.plausibility import cannot_be_meant
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import amount, dose, number, quoted
from gateway.records.lists import MedicineEntry
from gateway.records.matching import Row


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for row in view.rows:
        plausible: set[object] = set()
        for entry in view.current_entries(row):
            regimen = view.regimen(entry)
            if regimen is None or (id(regimen), entry.route) in plausible:
                continue
            what = _implausible(entry, regimen, row, pack)
            if what is None:
                plausible.add((id(regimen), entry.route))  # most lists repeat the dose of another
                continue
            yield Raised(
                message=f"{row.medicine} on the {entry.list} list is written {_as_written(entry, view)}: {what}.",
                rows=(row.id,),
                entries=(entry.id,),
                evidence=(f"{entry.id}#dose",),
                settle="Ask the organisation what is meant; the gateway compares no other dose with this one.",
            )


def _as_written(entry: MedicineEntry, view: RuleView) -> str:
    return quoted(entry) if entry.dose.text else dose(entry, view)


def _implausible(entry: MedicineEntry, regimen: Regimen, row: Row, pack: RulePack) -> str | None:
    known = pack.plausible
    if found := cannot_be_meant(regimen, known):
        return found
    most = known.maximum_mg_a_day.get(row.ingredients[0]) if len(row.ingredients) == 1 else None
    daily = regimen.average
    by_mouth = entry.route in {"oral", None}
    if most and daily and daily.unit == "mg" and by_mouth and daily.high[0] >= most * known.times_maximum:
        return f"that is over {number(known.times_maximum)} times the usual maximum of {amount(most, most, 'mg')} a day"
    return None
