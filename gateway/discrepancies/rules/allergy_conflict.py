"""A current medicine is, or is of the group of, a substance to which an active allergy is recorded."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.allergens import Allergen, read_allergen
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import listed, names, the_lists
from gateway.records.lists import Allergy, MedicineEntry
from gateway.records.matching import Row

_NO_MEDICINE = {"food", "environment"}


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    active = [a for a in view.allergies() if a.active and not a.none_known]
    read = [(a, read_allergen(a.concept, view.vocabulary, pack.allergies)) for a in active]
    unread = [
        a for a, allergen in read if allergen is None and not (set(a.category) and set(a.category) <= _NO_MEDICINE)
    ]
    if unread:
        count = f"{len(unread)} recorded {'allergy was' if len(unread) == 1 else 'allergies were'}"
        yield Cannot(f"{count} not understood as a medicine or group ({names(a.list for a in unread)}); check by eye")
    nameless = [
        e for row in view.rows for e in view.current_entries(row) if not row.ingredients and not e.product.appliance
    ]
    if active and nameless:
        yield Cannot(f"{len(nameless)} current medicines have names that are not understood; check them by eye")
    known = [(a, allergen) for a, allergen in read if allergen is not None]
    for row in view.rows:
        hits = [(a, x) for a, x in known if not x.members.isdisjoint(row.ingredients)]
        current = view.current_entries(row)
        if hits and current:
            yield _conflict(row, current, hits)
    for allergy, allergen in known:
        if allergen.look_alike:
            yield Raised(
                message=f"An allergy to {allergen.words} is recorded on the {allergy.list} list; "
                f"{allergen.look_alike}.",
                evidence=(f"{allergy.id}#concept",),
                settle="Ask the patient which medicine caused the reaction.",
                grade="look-alike",
            )


def _conflict(row: Row, entries: tuple[MedicineEntry, ...], hits: list[tuple[Allergy, Allergen]]) -> Raised:
    recorded = listed(sorted({x.words for _, x in hits}))
    reactions = sorted({r for a, _ in hits for r in a.reactions})
    said = f" ({', '.join(reactions)})" if reactions else ""
    group = next((x.group for _, x in hits if x.group and not {x.words} & set(row.ingredients)), None)
    medicine = f"{row.medicine}, one of the {group}," if group else row.medicine
    return Raised(
        message=f"{medicine} is current on {the_lists(e.list for e in entries)}, and an allergy to {recorded} is "
        f"recorded on {the_lists(a.list for a, _ in hits)}{said}.",
        rows=(row.id,),
        entries=tuple(e.id for e in entries),
        evidence=(*(f"{a.id}#concept" for a, _ in hits), *(f"{e.id}#ingredients" for e in entries)),
        settle="Check the nature of the reaction before it is given again.",
        scope="within" if {a.list for a, _ in hits} & {e.list for e in entries} else "between",
    )
