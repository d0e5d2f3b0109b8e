"""An opioid patch whose interval does not fit the product, patches changed at other intervals on other lists, or two
patch products at once."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from gateway.discrepancies.knowledge import OpioidPatches
from gateway.discrepancies.moments import moments
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_list, by_value, dose, number
from gateway.records.lists import MedicineEntry
from gateway.records.matching import Row
from gateway.terminology.vocabulary import normalise_words

Patch = tuple[Row, MedicineEntry]


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    known = pack.high_risk.opioid_patches
    patches = [
        (row, entry)
        for row in view.rows
        if known.medicine_class in view.classes_of(row)
        for entry in view.current_entries(row)
        if entry.written.status != "on-hold" and (entry.product.form in known.forms or entry.route == "transdermal")
    ]
    for row in dict.fromkeys(row.id for row, _ in patches):
        of_row = [(r, e) for r, e in patches if r.id == row and _interval(e, view)]
        wrong = [(r, e, days) for r, e in of_row if (days := _misfit(e, known, view))]
        if len({_interval(e, view) for _, e in of_row}) > 1 and len({e.list for _, e in of_row}) > 1:
            # One finding: which of the intervals does not fit is said with their difference.
            values = by_value((e.list, f"{e.text}, {dose(e, view)}") for _, e in of_row)
            fits = "".join(f"; {text} is changed every {days} days" for text, days in _fitting(wrong).items())
            yield _raised(of_row, f"The lists change the patch at different intervals. {values}{fits}", "between")
            continue
        for r, e, days in wrong:
            words = f"{e.text} on the {e.list} list is written {dose(e, view)}; this patch is changed every {days} days"
            yield _raised([(r, e)], words, "within")
    yield from _two_products(view, patches)


def _misfit(entry: MedicineEntry, known: OpioidPatches, view: RuleView) -> str | None:
    """The days that the product is made for, where the written interval is another."""
    expected, said = _expected(entry, known), _interval(entry, view)
    if not expected or not said or said in expected:
        return None
    return " or ".join(number(d) for d in expected)


def _fitting(wrong: list[tuple[Row, MedicineEntry, str]]) -> dict[str, str]:
    return {e.text: days for _, e, days in wrong}


def _two_products(view: RuleView, patches: list[Patch]) -> Iterator[Raised]:
    """Strengths of one product add up to a dose; another ingredient or brand is another product."""
    for lists in moments(view):
        here = [(r, e) for r, e in patches if e.list in {one.name for one in lists}]
        one_list = [(r, e) for r, e in here if len({_product(o) for _, o in here if o.list == e.list}) > 1]
        ingredients = {r.ingredients for r, _ in here}
        both = here if len(ingredients) > 1 else one_list
        if both:
            values = by_list((e.list, e.text) for _, e in both)
            yield _raised(both, f"Two opioid patch products are current. {values}", "within" if one_list else "between")


def _raised(patches: list[Patch], message: str, scope: str) -> Raised:
    return Raised(
        message=f"{message}.",
        rows=tuple(dict.fromkeys(row.id for row, _ in patches)),
        entries=tuple(e.id for _, e in patches),
        evidence=tuple(f"{e.id}#dose" for _, e in patches),
        settle="Confirm one product by brand, its strength and the days between changes.",
        scope=scope,
    )


def _product(entry: MedicineEntry) -> tuple[object, ...]:
    return (entry.product.ingredients, normalise_words(entry.product.brand or ""))


def _interval(entry: MedicineEntry, view: RuleView) -> Decimal | None:
    """Days between changes, where one number of times is said."""
    regimen = view.regimen(entry)
    often = regimen.times_a_day if regimen else None
    if often is None or often.low != often.high or not often.high:
        return None
    return round(1 / often.high, 2)


def _expected(entry: MedicineEntry, known: OpioidPatches) -> tuple[Decimal, ...]:
    """What the brand says, else the strength, else the ingredient where all its patches are alike."""
    lines = [line for line in known.intervals if line.ingredient in entry.product.ingredients]
    brand = normalise_words(entry.product.brand or "")
    for line in lines:
        if brand and brand in line.brands:
            return line.days
    strengths = {s.value for s in entry.product.strengths if s.unit == "microgram"}
    for line in lines:
        if strengths and strengths <= set(line.strengths):
            return line.days
    general = [line for line in lines if not line.brands and not line.strengths]
    return general[0].days if general else ()
